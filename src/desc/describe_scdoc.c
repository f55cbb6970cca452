/* SPDX-License-Identifier: BSD-2-Clause */
/* The section of the manual page in scdoc(5): *bold*, _underlined_, a tab indents. */
#include "desc/describe.h"

#include "base/str.h"
#include "desc/args.h"
#include "desc/args_value.h"
#include "desc/describe_own.h"

#include <ctype.h>
#include <string.h>

enum { NAMES_IN_PAGE = 64 };

static void put_plain(struct str *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (strchr("\\*_#[]|~+", text[i]))
			str_putc(out, '\\');
		str_putc(out, text[i]);
	}
}

static void put_text(struct str *out, const char *text)
{
	put_plain(out, text, strlen(text));
}

/* The phrase of a table as a sentence begins. */
static void put_sentence(struct str *out, const char *phrase)
{
	str_putc(out, (char)toupper((unsigned char)phrase[0]));
	put_text(out, phrase + 1);
}

static void put_list(struct str *out, const char *label, uint32_t set,
		     const char *(*name)(unsigned int), unsigned int count)
{
	const char *sep = "";

	str_putf(out, "%s: ", label);
	for (unsigned int i = 0; i < count; i++) {
		if (!(set >> i & 1))
			continue;
		str_putf(out, "%s%s", sep, name(i));
		sep = ", ";
	}
	str_puts(out, ".\n");
}

static void put_protocols(const struct pktt_ext *ext, struct str *out)
{
	if (!ext->l4[0])
		return;
	str_puts(out, "Needs ");
	for (unsigned int i = 0; i < sizeof(ext->l4) && ext->l4[i]; i++) {
		str_puts(out, i ? " or *-p " : "*-p ");
		pktt_describe_protocol(ext->l4[i], out);
		str_putc(out, '*');
	}
	str_puts(out, ".\n");
}

static void put_overview(const struct pktt_ext *ext, struct str *out)
{
	struct str notes = STR_INIT;

	put_sentence(out, ext->summary);
	str_puts(out, ".\n\n");
	put_list(out, "Families", pktt_describe_ext_families(ext), pktt_describe_family,
		 PKTT_FAMILY_COUNT);
	if (ext->tables) {
		str_puts(out, "Tables: ");
		put_text(out, ext->tables);
		str_puts(out, ".\n");
	}
	if (ext->hooks)
		put_list(out, "Hooks", ext->hooks, pktt_describe_hook, PKTT_HOOK_COUNT);
	put_protocols(ext, out);
	pktt_describe_notes(ext, &notes);
	if (notes.len) {
		str_puts(out, "Note: ");
		put_text(out, str_text(&notes));
		str_puts(out, ".\n");
	}
	str_fini(&notes);
	str_putc(out, '\n');
}

static void put_option(const struct pktt_ext *ext, unsigned int n, struct str *out)
{
	const struct pktt_param *p = &ext->params[n];
	const struct pktt_type *type = pktt_describe_argument(ext, n);
	struct str facts = STR_INIT;

	if (p->flags & PKTT_NEGATABLE)
		str_puts(out, "\\[*!*\\] ");
	if (p->letter)
		str_putf(out, "*-%c*, ", p->letter);
	str_putf(out, "*%s", pktt_describe_dashes(ext));
	put_text(out, p->name);
	str_putc(out, '*');
	if (type) {
		str_puts(out, " _");
		put_text(out, type->syntax);
		str_putc(out, '_');
	}
	str_puts(out, "\n\t");
	put_sentence(out, p->help);
	pktt_describe_facts(ext, n, NAMES_IN_PAGE, &facts);
	if (facts.len) {
		str_puts(out, " (");
		put_text(out, str_text(&facts));
		str_putc(out, ')');
	}
	str_puts(out, ".\n\n");
	str_fini(&facts);
}

void pktt_describe_scdoc(const struct pktt_ext *ext, struct str *out)
{
	str_puts(out, "## ");
	put_text(out, ext->name);
	str_putf(out, " (%s)\n\n", pktt_describe_kind(ext));
	put_overview(ext, out);
	for (unsigned int n = 0; n < ext->nparams; n++)
		if (!(ext->params[n].flags & PKTT_HIDDEN))
			put_option(ext, n, out);
}
