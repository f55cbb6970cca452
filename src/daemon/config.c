/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading: a line is a parameter's name and its value, or "NAME {" ... "}". Values are read, checked
 * and printed by their types, as those of rules are; the tables are in config_params.c.
 */
#include "daemon/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/distance.h"
#include "base/own.h"
#include "base/str.h"
#include "daemon/config_params.h"
#include "desc/args_value.h"
#include "desc/command.h"
#include "desc/lex.h"
#include "desc/source.h"

/* The file that is read. */
struct reader {
	struct daemon_config *config;
	struct pktt_errors *errs;
	const char *file;
	const char *block; /* "" = outside of all */
	struct pktt_place block_place;
	struct lex lex;
};

static void *slot_of(struct daemon_config *config, const struct config_section *s,
		     const struct pktt_param *p)
{
	return (char *)config + s->at + p->offset;
}

static const void *value_of(const struct daemon_config *config, const struct config_section *s,
			    const struct pktt_param *p)
{
	return (const char *)config + s->at + p->offset;
}

/* Types speak of options of rules, which have dashes. */
static int without_dashes(int r, const struct pktt_error *why, struct pktt_error *err)
{
	return pktt_fail(err, r, "%.220s", strncmp(why->text, "--", 2) ? why->text : why->text + 2);
}

static int set(struct daemon_config *config, const struct config_section *s,
	       const struct pktt_param *p, const char *text, struct pktt_error *err)
{
	struct pktt_context ctx = { .param = p };
	struct pktt_error why = { 0 };
	_Alignas(8) char val[1024] = { 0 };
	const char *const word[] = { text };
	int r = p->type->parse(&ctx, word, val, &why);

	if (r == 0)
		r = pktt_args_value_check(&ctx, val, &why);
	if (r)
		return without_dashes(r, &why, err);
	memcpy(slot_of(config, s, p), val, p->size);
	return 0;
}

int daemon_config_add(struct daemon_words *words, const char *text, const struct pktt_place *place)
{
	struct daemon_word *more = realloc(words->word, (words->count + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	words->word = more;
	more[words->count].text = strdup(text);
	if (place)
		more[words->count].place = *place;
	else
		more[words->count].place = (struct pktt_place){ 0 };
	return more[words->count].text ? (int)(words->count++, 0) : -ENOMEM;
}

static void words_fini(struct daemon_words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->word[i].text);
	free(words->word);
	*words = (struct daemon_words){ 0 };
}

void daemon_config_init(struct daemon_config *config)
{
	*config = (struct daemon_config){ 0 };
	for (size_t n = 0; n < config_nsections; n++) {
		struct config_section s = config_section_at(n);

		for (unsigned int i = 0; !s.is_words && i < s.count; i++)
			set(config, &s, &s.param[i], s.param[i].def, NULL);
	}
	ct_settings_init(&config->router.settings.ct);
}

void daemon_config_fini(struct daemon_config *config)
{
	words_fini(&config->datapath.interface);
	words_fini(&config->router.interface);
	words_fini(&config->router.bridge);
	words_fini(&config->router.route);
}

/* --- Names ------------------------------------------------------------------------------------ */

static const struct pktt_param *lookup(const char *block, const char *name,
				       struct config_section *ret)
{
	for (size_t n = 0; n < config_nsections; n++) {
		*ret = config_section_at(n);
		if (strcmp(ret->name, block) != 0)
			continue;
		for (unsigned int i = 0; i < ret->count; i++)
			if (strcmp(ret->param[i].name, name) == 0)
				return &ret->param[i];
	}
	return NULL;
}

static bool is_block(const char *name)
{
	for (size_t n = 0; n < config_nsections; n++)
		if (name[0] && strcmp(config_sections[n].name, name) == 0)
			return true;
	return false;
}

struct nearest {
	const char *name;
	size_t dist;
};

static void consider(struct nearest *best, const char *name, const char *is)
{
	size_t d = distance(name, strlen(name), is, strlen(is));

	if (d < best->dist && distance_is_near(d, strlen(name)))
		*best = (struct nearest){ is, d };
}

/* The name that was meant: a parameter's of this block, or outside of all a block's. */
static const char *suggest(const char *block, const char *name)
{
	struct nearest best = { NULL, (size_t)-1 };

	for (size_t n = 0; n < config_nsections; n++) {
		struct config_section s = config_section_at(n);

		if (!*block && *s.name)
			consider(&best, name, s.name);
		for (unsigned int i = 0; strcmp(s.name, block) == 0 && i < s.count; i++)
			consider(&best, name, s.param[i].name);
	}
	return best.name;
}

static int unknown(const struct reader *r, const char *name, struct pktt_error *err)
{
	const char *near = suggest(r->block, name);

	if (near)
		return pktt_fail(err, -EINVAL, "unknown setting %.60s; did you mean %s?", name,
				 near);
	if (*r->block)
		return pktt_fail(err, -EINVAL, "unknown setting %.60s in block %s", name, r->block);
	return pktt_fail(err, -EINVAL, "unknown setting %.60s", name);
}

/* --- Lines ------------------------------------------------------------------------------------ */

static int begin_block(struct reader *r, const struct lex_word *word, struct pktt_error *err)
{
	if (*r->block)
		return pktt_fail(err, -EINVAL, "block %s is still open: } is missing before",
				 r->block);
	for (size_t n = 0; n < config_nsections; n++) {
		if (!is_block(word->text) || strcmp(config_sections[n].name, word->text) != 0)
			continue;
		r->block = config_sections[n].name;
		r->block_place = lex_place(r->file, word);
		return 0;
	}
	return unknown(r, word->text, err);
}

static int end_block(struct reader *r, struct pktt_error *err)
{
	if (!*r->block)
		return pktt_fail(err, -EINVAL, "there is no open block that this would close");
	r->block = "";
	return 0;
}

/* "via ADDR" of a route stands as words of its own; they are one value. */
static int add_words(struct daemon_words *words, const struct lex *lex,
		     const struct pktt_place *place)
{
	struct str text = STR_INIT;
	int r;

	for (unsigned int i = 1; i < lex->nwords; i++)
		str_putf(&text, "%s%s", i > 1 ? " " : "", lex->word[i].text);
	r = text.failed ? -ENOMEM : daemon_config_add(words, str_text(&text), place);
	str_fini(&text);
	return r;
}

static int setting(struct reader *r, struct pktt_error *err)
{
	const struct lex_word *word = r->lex.word;
	struct config_section s;
	const struct pktt_param *p = lookup(r->block, word[0].text, &s);

	if (!p && !*r->block && is_block(word[0].text))
		return pktt_fail(err, -EINVAL, "%s is a block: expected {", word[0].text);
	if (!p)
		return unknown(r, word[0].text, err);
	if (r->lex.nwords < 2)
		return pktt_fail(err, -EINVAL, "%s needs a value", p->name);
	err->place = lex_place(r->file, &word[1]);
	if (s.is_words)
		return add_words(slot_of(r->config, &s, p), &r->lex, &err->place);
	if (r->lex.nwords > 2) {
		err->place = lex_place(r->file, &word[2]);
		return pktt_fail(err, -EINVAL, "%s takes one value", p->name);
	}
	return set(r->config, &s, p, word[1].text, err);
}

/* A comment begins with # at the begin of a word. */
static void cut_comment(struct lex *lex)
{
	for (unsigned int i = 0; i < lex->nwords; i++)
		if (lex->word[i].text[0] == '#' && !lex->word[i].is_quoted)
			lex->nwords = i;
}

static int read_line(struct reader *r, const struct lex_line *line, struct pktt_error *err)
{
	int ret;

	err->place = (struct pktt_place){ r->file, line->number, 1, 1 };
	ret = lex_split(&r->lex, line, err);
	if (ret)
		return ret;
	cut_comment(&r->lex);
	if (r->lex.nwords == 0)
		return 0;
	err->place = lex_place(r->file, &r->lex.word[0]);
	if (r->lex.nwords == 1 && strcmp(r->lex.word[0].text, "}") == 0)
		return end_block(r, err);
	if (r->lex.nwords == 2 && strcmp(r->lex.word[1].text, "{") == 0)
		return begin_block(r, &r->lex.word[0], err);
	return setting(r, err);
}

static void read_lines(struct reader *r, const struct pktt_file *file)
{
	struct lex_text text = lex_text_of(file->text, file->len, true);
	struct lex_line line;

	while (lex_next_line(&text, &line)) {
		struct pktt_error err = { 0 };

		if (read_line(r, &line, &err))
			pktt_errors_add(r->errs, &err);
	}
	if (*r->block) {
		struct pktt_error err = { .place = r->block_place };

		pktt_fail(&err, -EINVAL, "block %s is not closed: } is missing", r->block);
		pktt_errors_add(r->errs, &err);
	}
}

int daemon_config_read(struct daemon_config *config, const char *path, struct pktt_sources *sources,
		       struct pktt_errors *errs)
{
	struct reader r = { .config = config, .errs = errs, .block = "" };
	const struct pktt_file *file;
	struct pktt_error err = { 0 };
	unsigned int before = errs->count;
	int ret;

	if (access(path, F_OK) < 0 && errno == ENOENT)
		return -ENOENT;
	ret = pktt_sources_read(sources, path, PKTT_OWN_FILES, &file, &err);
	if (ret) {
		pktt_errors_add(errs, &err);
		return ret;
	}
	r.file = file->name;
	read_lines(&r, file);
	lex_fini(&r.lex);
	return errs->count > before ? -EINVAL : 0;
}

/* --- Reload ----------------------------------------------------------------------------------- */

static bool words_differ(const struct daemon_words *a, const struct daemon_words *b)
{
	bool differ = a->count != b->count;

	for (size_t i = 0; !differ && i < a->count; i++)
		differ = strcmp(a->word[i].text, b->word[i].text) != 0;
	return differ;
}

static bool differs(const struct daemon_config *a, const struct daemon_config *b,
		    const struct config_section *s, const struct pktt_param *p)
{
	if (s->is_words)
		return words_differ(value_of(a, s, p), value_of(b, s, p));
	return memcmp(value_of(a, s, p), value_of(b, s, p), p->size) != 0;
}

void daemon_config_take(struct daemon_config *config, const struct daemon_config *next,
			struct str *rest)
{
	for (size_t n = 0; n < config_nsections; n++) {
		struct config_section s = config_section_at(n);

		for (unsigned int i = 0; i < s.count; i++) {
			const struct pktt_param *p = &s.param[i];

			if (!differs(config, next, &s, p))
				continue;
			if (s.live >> (i & 63) & 1)
				memcpy(slot_of(config, &s, p), value_of(next, &s, p), p->size);
			else
				str_putf(rest, "%s%s%s%s", rest->len ? ", " : "", s.name,
					 *s.name ? "." : "", p->name);
		}
	}
}

/* --- Manual page ------------------------------------------------------------------------------ */

static void put_plain(struct str *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\*_#[]<>|~+", *text))
			str_putc(out, '\\');
		str_putc(out, *text);
	}
}

static void put_choices(const struct pktt_param *p, struct str *out)
{
	str_puts(out, " (");
	for (const struct pktt_symbol *s = p->symbols; s->name; s++)
		str_putf(out, "%s*%s*", s == p->symbols ? "" : ", ", s->name);
	str_puts(out, ")");
}

static void put_param(const struct config_section *s, const struct pktt_param *p, bool is_live,
		      struct str *out)
{
	str_puts(out, "*");
	put_plain(out, p->name);
	str_puts(out, "* _VALUE_\n\t");
	put_plain(out, p->help);
	if (p->symbols)
		put_choices(p, out);
	if (s->is_words)
		str_puts(out, "; may be repeated");
	else if (p->def && *p->def) {
		str_puts(out, ". Default: ");
		put_plain(out, p->def);
	}
	str_puts(out, is_live ? ". A reload takes it over.\n\n" : ".\n\n");
}

void daemon_config_scdoc(struct str *out)
{
	for (size_t n = 0; n < config_nsections; n++) {
		struct config_section s = config_section_at(n);

		if (s.summary && *s.name)
			str_putf(out, "# BLOCK %s\n\n", s.name);
		else if (s.summary)
			str_puts(out, "# SETTINGS\n\n");
		if (s.summary) {
			put_plain(out, s.summary);
			str_puts(out, ".\n\n");
		}
		for (unsigned int i = 0; i < s.count; i++)
			put_param(&s, &s.param[i], s.live >> (i & 63) & 1, out);
	}
}
