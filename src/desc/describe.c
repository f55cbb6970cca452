/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptions for people. The language of all of them is that of the table: summary and help are
 * phrases without a final stop, and facts are joined by semicolons, so that no sentence is written
 * twice.
 */
#include "desc/describe.h"

#include "base/str.h"
#include "desc/args.h"
#include "desc/args_value.h"
#include "desc/describe_own.h"

#include <inttypes.h>
#include <string.h>

enum {
	WIDTH = 80,
	HELP_COLUMN = 34, /* of the phrase beside an option */
	LABEL_COLUMN = 13,
	NAMES_IN_HELP = 32,
};

/* --- Wrapping ------------------------------------------------------------------------------ */

static void pad(struct str *out, size_t from, size_t to)
{
	for (; from < to; from++)
		str_putc(out, ' ');
}

/* text in lines of WIDTH, all but the first indented; *col is where the first one begins. */
static void put_wrapped(struct str *out, const char *text, size_t col, size_t indent)
{
	while (*text) {
		size_t len = strcspn(text, " ");

		if (col + len > WIDTH && col > indent) {
			while (out->len && out->data[out->len - 1] == ' ')
				out->data[--out->len] = '\0';
			str_putc(out, '\n');
			pad(out, 0, indent);
			col = indent;
		}
		str_putn(out, text, len);
		text += len;
		col += len;
		if (*text == ' ') {
			str_putc(out, ' ');
			col++;
			text++;
		}
	}
	str_putc(out, '\n');
}

/* --- What is true of the whole extension --------------------------------------------------- */

static void put_labelled(struct str *out, const char *label, const struct str *text)
{
	if (!text->len)
		return;
	str_putf(out, "  %-*s", LABEL_COLUMN - 2, label);
	put_wrapped(out, str_text(text), LABEL_COLUMN, LABEL_COLUMN);
}

static void put_bits(struct str *out, uint32_t set, const char *(*name)(unsigned int),
		     unsigned int count)
{
	size_t start = out->len;

	for (unsigned int i = 0; i < count; i++)
		if (set >> i & 1)
			str_putf(out, "%s%s", out->len > start ? " " : "", name(i));
}

static void put_use(const struct pktt_ext *ext, struct str *out)
{
	switch (ext->kind) {
	case PKTT_KIND_HEAD:
		str_puts(out, "without -m, in every rule of the family");
		break;
	case PKTT_KIND_MATCH:
		str_putf(out,
			 ext->flags & PKTT_EXT_IMPLICIT ? "by its options alone, or -m %s"
							: "-m %s",
			 ext->name);
		break;
	case PKTT_KIND_TARGET:
		str_putf(out, ext->flags & PKTT_EXT_JUMP ? "-j CHAIN or -g CHAIN" : "-j %s",
			 ext->name);
		break;
	case PKTT_KIND_SET:
		str_putf(out, "create NAME %s", ext->name);
		break;
	}
	if (ext->aliases)
		str_putf(out, " (also %s)", ext->aliases);
}

static void put_protocols(const struct pktt_ext *ext, struct str *out)
{
	for (unsigned int i = 0; i < sizeof(ext->l4) && ext->l4[i]; i++) {
		str_puts(out, i ? " or " : "-p ");
		pktt_describe_protocol(ext->l4[i], out);
	}
}

static void put_overview(const struct pktt_ext *ext, struct str *out)
{
	struct str text = STR_INIT;

	put_use(ext, &text);
	put_labelled(out, "use", &text);
	str_clear(&text);
	put_bits(&text, pktt_describe_ext_families(ext), pktt_describe_family, PKTT_FAMILY_COUNT);
	put_labelled(out, "families", &text);
	str_clear(&text);
	if (ext->tables)
		str_puts(&text, ext->tables);
	put_labelled(out, "tables", &text);
	str_clear(&text);
	put_bits(&text, ext->hooks, pktt_describe_hook, PKTT_HOOK_COUNT);
	put_labelled(out, "hooks", &text);
	str_clear(&text);
	put_protocols(ext, &text);
	put_labelled(out, "needs", &text);
	str_clear(&text);
	pktt_describe_notes(ext, &text);
	put_labelled(out, "note", &text);
	str_fini(&text);
}

/* --- Options ------------------------------------------------------------------------------- */

static void put_option(const struct pktt_ext *ext, unsigned int n, struct str *out)
{
	const struct pktt_type *type = pktt_describe_argument(ext, n);

	if (ext->params[n].flags & PKTT_NEGATABLE)
		str_puts(out, "[!] ");
	if (ext->params[n].letter)
		str_putf(out, "-%c, ", ext->params[n].letter);
	str_putf(out, "%s%s", pktt_describe_dashes(ext), ext->params[n].name);
	if (type)
		str_putf(out, " %s", type->syntax);
}

static void put_help(const struct pktt_ext *ext, unsigned int n, struct str *out)
{
	size_t indent = 2 + (ext->params[n].flags & PKTT_NEGATABLE ? 0 : 4), start = out->len;
	struct str text = STR_INIT, facts = STR_INIT;

	pad(out, 0, indent);
	put_option(ext, n, out);
	if (out->len - start + 2 > HELP_COLUMN) {
		str_putc(out, '\n');
		start = out->len;
	}
	pad(out, out->len - start, HELP_COLUMN);
	str_puts(&text, ext->params[n].help);
	pktt_describe_facts(ext, n, NAMES_IN_HELP, &facts);
	if (facts.len)
		str_putf(&text, " (%s)", str_text(&facts));
	put_wrapped(out, str_text(&text), HELP_COLUMN, HELP_COLUMN);
	str_fini(&text);
	str_fini(&facts);
}

void pktt_describe_help(const struct pktt_ext *ext, struct str *out)
{
	struct str title = STR_INIT;
	bool is_first = true;

	str_putf(&title, "%s: %s", ext->name, ext->summary);
	put_wrapped(out, str_text(&title), 0, 2);
	str_fini(&title);
	put_overview(ext, out);
	for (unsigned int n = 0; n < ext->nparams; n++) {
		if (ext->params[n].flags & PKTT_HIDDEN)
			continue;
		if (is_first)
			str_puts(out, "\nOptions:\n");
		is_first = false;
		put_help(ext, n, out);
	}
}

/* --- One line, one parameter --------------------------------------------------------------- */

static void put_short(const struct pktt_ext *ext, unsigned int n, struct str *out)
{
	const struct pktt_param *p = &ext->params[n];
	uint64_t min, max;

	put_option(ext, n, out);
	if (pktt_describe_bounds(p, &min, &max))
		str_putf(out, " %" PRIu64 "..%" PRIu64, min, max);
	if (p->def)
		str_putf(out, " [%s]", p->def);
}

/*
 * limit (match, any family): max average rate      params: --limit RATE [3/hour]   --limit-burst
 * ..
 */
void pktt_describe_line(const struct pktt_ext *ext, struct str *out)
{
	uint32_t families = pktt_describe_ext_families(ext);
	const char *sep = "      params: ";

	str_putf(out, "%s (%s, ", ext->name, pktt_describe_kind(ext));
	if (families == PKTT_FAM_ALL)
		str_puts(out, "any family");
	else
		put_bits(out, families, pktt_describe_family, PKTT_FAMILY_COUNT);
	str_putf(out, "): %s", ext->summary);
	for (unsigned int n = 0; n < ext->nparams; n++) {
		if (ext->params[n].flags & PKTT_HIDDEN || ext->params[n].same_as)
			continue;
		str_puts(out, sep);
		put_short(ext, n, out);
		sep = "   ";
	}
	str_putc(out, '\n');
}

static void put_symbols(const struct pktt_symbol *s, struct str *out)
{
	for (; s && s->name; s++)
		str_putf(out, "  %-28s 0x%02x  %u\n", s->name, s->value, s->value);
}

void pktt_describe_param(const struct pktt_ext *ext, unsigned int n, struct str *out)
{
	const struct pktt_type *type = pktt_describe_argument(ext, n);
	struct str text = STR_INIT;

	str_putf(out, "%s.%s: ", ext->name, ext->params[n].name);
	put_option(ext, n, out);
	str_putc(out, '\n');
	str_puts(&text, ext->params[n].help);
	str_puts(out, "  ");
	put_wrapped(out, str_text(&text), 2, 2);
	str_clear(&text);
	if (type)
		str_putf(&text, "%s", type->name);
	put_labelled(out, "type", &text);
	str_clear(&text);
	pktt_describe_facts(ext, n, 0, &text);
	put_labelled(out, "facts", &text);
	str_fini(&text);
	put_symbols(pktt_describe_symbols(ext, n), out);
}
