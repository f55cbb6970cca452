/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/expect.h"

#include "base/own.h"
#include "base/str.h"
#include "core/ext.h"
#include "desc/family.h"
#include "desc/lex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	uint32_t verdicts;
} words[] = {
	{ "accept", 1u << PKTT_ACCEPT }, { "drop", 1u << PKTT_DROP },
	{ "reject", 1u << PKTT_REJECT }, { "refuse", 1u << PKTT_DROP | 1u << PKTT_REJECT },
	{ "queue", 1u << PKTT_QUEUE },	 { "stolen", 1u << PKTT_STOLEN },
};

static uint32_t verdicts_of(const char *word)
{
	for (size_t i = 0; i < pktt_countof(words); i++)
		if (strcmp(words[i].name, word) == 0)
			return words[i].verdicts;
	return 0;
}

static int take_rule(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct pktt_rule_spec **rule = ctx;

	(void)err;
	if (cmd->verb == PKTT_RULE_APPEND && !*rule)
		*rule = pktt_take(&cmd->rule);
	return 0;
}

/* A question that can be asked of one packet alone, and twice. */
static int check_conditions(const struct pktt_rule_spec *rule, struct pktt_error *err)
{
	if (rule->ntargets)
		return pktt_fail(err, -EINVAL, "an expectation has conditions, no target");
	for (unsigned int i = 0; i < rule->nmatches; i++) {
		const struct pktt_ext *ext = rule->match[i].ext;

		if (ext->state_size || ext->setup || ext->flags & PKTT_EXT_NEEDS_CT)
			return pktt_fail(
				err, -EINVAL,
				"%s depends on more than the packet: not in an expectation",
				ext->name);
	}
	return 0;
}

struct reader {
	const struct pktt_catalog *cat;
	const char *name;
	struct expectations *ret;
	struct pktt_errors *errs;
};

/* Errors of the rule text made for the conditions are moved to where those stand in our line. */
#define RULE_PREFIX "-A INPUT "

static void move_errors(const struct reader *r, const struct pktt_errors *from,
			const struct lex_line *line, uint32_t column)
{
	for (unsigned int i = 0; i < from->kept; i++) {
		struct pktt_error err = from->item[i];
		uint32_t at = err.place.column ? err.place.column : 1;

		err.place.file = r->name;
		err.place.line = line->number;
		err.place.column =
			column +
			(at > sizeof(RULE_PREFIX) - 1 ? at - (uint32_t)sizeof(RULE_PREFIX) : 0);
		pktt_errors_add(r->errs, &err);
	}
}

static struct pktt_rule_spec *read_conditions(const struct reader *r, enum pktt_family family,
					      const struct lex_line *line, uint32_t column)
{
	struct pktt_rule_spec *rule = NULL;
	struct pktt_receiver to = { take_rule, &rule };
	struct pktt_source src = { .catalog = r->cat, .name = "conditions", .family = family };
	struct pktt_errors errs = { 0 };
	struct str text = STR_INIT;

	str_puts(&text, "*filter\n" RULE_PREFIX);
	if (column <= line->len)
		str_putn(&text, line->start + column - 1, line->len - column + 1);
	str_puts(&text, "\nCOMMIT\n");
	if (pktt_text_read(&src, str_text(&text), text.len, &to, &errs))
		move_errors(r, &errs, line, column);
	str_fini(&text);
	return rule;
}

static struct expectation *add(struct expectations *e)
{
	size_t room = e->room ? e->room * 2 : 16;
	struct expectation *more = e->item;

	if (e->n == e->room) {
		more = realloc(e->item, room * sizeof(*more));
		if (!more)
			return NULL;
		e->item = more;
		e->room = room;
	}
	e->item[e->n] = (struct expectation){ 0 };
	return &e->item[e->n++];
}

static int read_line(const struct reader *r, const struct lex *lex, const struct lex_line *line,
		     struct pktt_error *err)
{
	enum pktt_family family = PKTT_INET;
	unsigned int at = pktt_family_parse(lex->word[0].text, &family) == 0;
	uint32_t verdicts = at < lex->nwords ? verdicts_of(lex->word[at].text) : 0;
	struct expectation *e;
	const struct lex_word *name;
	uint32_t column;

	err->place = lex_place(r->name, &lex->word[at < lex->nwords ? at : 0]);
	if (!verdicts)
		return pktt_fail(err, -EINVAL,
				 "expected accept, drop, reject, refuse, queue or stolen");
	if (at + 1 >= lex->nwords)
		return pktt_fail(err, -EINVAL, "expected VERDICT \"NAME\" CONDITIONS");
	name = &lex->word[at + 1];
	column = at + 2 < lex->nwords ? lex->word[at + 2].column : (uint32_t)line->len + 1;
	e = add(r->ret);
	if (!e)
		return pktt_fail(err, -ENOMEM, "no memory for expectations");
	e->verdicts = verdicts;
	e->name = strdup(name->text);
	e->rule = read_conditions(r, family, line, column);
	return e->rule ? check_conditions(e->rule, err) : 0;
}

int expectations_read(struct expectations *ret, const struct pktt_catalog *cat, const char *name,
		      const char *text, size_t len, struct pktt_errors *errs)
{
	struct reader r = { cat, name, ret, errs };
	struct lex_text lines = lex_text_of(text, len, false);
	struct lex_line line;
	struct lex lex = { 0 };

	while (lex_next_line(&lines, &line)) {
		struct pktt_error err = { .place = { name, line.number, 1, 1 } };
		int ret_line = lex_split(&lex, &line, &err);

		if (ret_line == 0 && lex.nwords && lex.word[0].text[0] != '#')
			ret_line = read_line(&r, &lex, &line, &err);
		if (ret_line)
			pktt_errors_add(errs, &err);
	}
	lex_fini(&lex);
	return errs->count ? -EINVAL : 0;
}

void expectations_fini(struct expectations *e)
{
	for (size_t i = 0; i < e->n; i++) {
		free(e->item[i].name);
		free(e->item[i].culprit);
		pktt_rule_spec_free(&e->item[i].rule);
	}
	free(e->item);
	*e = (struct expectations){ 0 };
}

static bool fits(const struct pktt_rule_spec *rule, struct pktt_packet *pkt)
{
	bool is_family = rule->family == pkt->family ||
			 (rule->family == PKTT_INET &&
			  (pkt->family == PKTT_IPV4 || pkt->family == PKTT_IPV6));

	if (!is_family || pktt_match_run(rule->head.ext, pkt, rule->head.args, NULL) != PKTT_HIT)
		return false;
	for (unsigned int i = 0; i < rule->nmatches; i++)
		if (pktt_match_run(rule->match[i].ext, pkt, rule->match[i].args, NULL) != PKTT_HIT)
			return false;
	return true;
}

void expectations_meet(struct expectations *e, struct pktt_packet *pkt)
{
	for (size_t i = 0; i < e->n; i++)
		e->item[i].is_met = fits(e->item[i].rule, pkt);
}
