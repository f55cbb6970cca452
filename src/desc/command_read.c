/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Overview: the command's own options (-A and its like, -t, -c, --name ...) are a table here; all
 * others are the rule's. They may come in any order, as getopt lets iptables take them.
 */
#include "desc/command_read.h"

#include "base/own.h"
#include "desc/family.h"
#include "desc/rule_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum takes {
	TAKES_CHAIN = 1 << 0,
	TAKES_CHAIN_IF_ANY = 1 << 1,
	TAKES_NUMBER = 1 << 2, /* if there is one */
	TAKES_NEW_NAME = 1 << 3,
	TAKES_POLICY = 1 << 4,
	TAKES_RULE = 1 << 5, /* conditions and targets */
	IS_NATIVE = 1 << 6,
};

struct verb {
	const char *name, *alias;
	char letter;
	enum pktt_verb verb;
	unsigned int takes;
};

static const struct verb verbs[] = {
	{ "append", "", 'A', PKTT_RULE_APPEND, TAKES_CHAIN | TAKES_RULE },
	{ "insert", "", 'I', PKTT_RULE_INSERT, TAKES_CHAIN | TAKES_NUMBER | TAKES_RULE },
	{ "delete", "", 'D', PKTT_RULE_DELETE, TAKES_CHAIN | TAKES_NUMBER | TAKES_RULE },
	{ "replace", "", 'R', PKTT_RULE_REPLACE, TAKES_CHAIN | TAKES_NUMBER | TAKES_RULE },
	{ "check", "", 'C', PKTT_RULE_CHECK, TAKES_CHAIN | TAKES_RULE },
	{ "list", "", 'L', PKTT_LIST, TAKES_CHAIN_IF_ANY | TAKES_NUMBER },
	{ "list-rules", "", 'S', PKTT_LIST_RULES, TAKES_CHAIN_IF_ANY | TAKES_NUMBER },
	{ "flush", "", 'F', PKTT_CHAIN_FLUSH, TAKES_CHAIN_IF_ANY },
	{ "zero", "", 'Z', PKTT_CHAIN_ZERO, TAKES_CHAIN_IF_ANY | TAKES_NUMBER },
	{ "new-chain", "new", 'N', PKTT_CHAIN_NEW, TAKES_CHAIN },
	{ "delete-chain", "", 'X', PKTT_CHAIN_DELETE, TAKES_CHAIN_IF_ANY },
	{ "rename-chain", "rename", 'E', PKTT_CHAIN_RENAME, TAKES_CHAIN | TAKES_NEW_NAME },
	{ "policy", "", 'P', PKTT_CHAIN_POLICY, TAKES_CHAIN | TAKES_POLICY },
	{ "move", "", 0, PKTT_RULE_MOVE, TAKES_CHAIN | TAKES_NUMBER | IS_NATIVE },
};

/* The command's other options. */
enum own_option {
	OWN_TABLE,
	OWN_COUNTERS,
	OWN_NAME,
	OWN_HANDLE, /* value: of the rule itself, or of the one that it shall stand beside */
	OWN_LISTING,
	OWN_FAMILY
};
enum { HANDLE_OWN, HANDLE_BEFORE, HANDLE_AFTER, HANDLE_TO };

static const struct own {
	const char *name, *alias;
	char letter;
	enum own_option option;
	uint32_t value; /* flag of listings, or the family */
} owns[] = {
	{ "table", "", 't', OWN_TABLE, 0 },
	{ "set-counters", "", 'c', OWN_COUNTERS, 0 },
	{ "name", "rule-name", 0, OWN_NAME, 0 },
	{ "handle", "", 0, OWN_HANDLE, HANDLE_OWN },
	{ "before", "", 0, OWN_HANDLE, HANDLE_BEFORE },
	{ "after", "", 0, OWN_HANDLE, HANDLE_AFTER },
	{ "to", "", 0, OWN_HANDLE, HANDLE_TO }, /* a number in the chain */
	{ "numeric", "", 'n', OWN_LISTING, PKTT_LIST_NUMERIC },
	{ "verbose", "", 'v', OWN_LISTING, PKTT_LIST_VERBOSE },
	{ "exact", "", 'x', OWN_LISTING, PKTT_LIST_EXACT },
	{ "line-numbers", "", 0, OWN_LISTING, PKTT_LIST_NUMBERS },
	{ "ipv4", "", '4', OWN_FAMILY, PKTT_IPV4 },
	{ "ipv6", "", '6', OWN_FAMILY, PKTT_IPV6 },
};

struct reading {
	const struct command_line *line;
	struct words *words;
	struct rule_read rule;
	struct pktt_command cmd;
	const struct verb *verb; /* NULL until it was read */
	struct option verb_option;
	struct pktt_place first; /* of the first option of the rule; no line: there is none */
	char name[PKTT_NAME_MAX];
	bool is_skipped; /* -4 or -6 says that the line is for another program */
};

/* --- Small things ------------------------------------------------------------------------- */

/* Most options of a line are none of these: the first letter tells. */
static inline bool is_long(const struct option *opt, const char *name)
{
	return opt->name[0] == name[0] && opt->len && strncmp(opt->name, name, opt->len) == 0 &&
	       name[opt->len] == '\0';
}

bool command_counters(const char *text, struct pktt_counters *ret)
{
	char copy[48];
	size_t len = strlen(text);
	char *colon;

	if (len < 5 || len >= sizeof(copy) || text[0] != '[' || text[len - 1] != ']')
		return false;
	memcpy(copy, text + 1, len - 2);
	copy[len - 2] = '\0';
	colon = strchr(copy, ':');
	if (!colon)
		return false;
	*colon = '\0';
	return words_number(copy, UINT64_MAX, &ret->packets) &&
	       words_number(colon + 1, UINT64_MAX, &ret->bytes);
}

int command_policy(const char *name, enum pktt_family family, enum pktt_verdict *ret,
		   struct pktt_error *err)
{
	static const struct pktt_symbol policies[] = { { "ACCEPT", PKTT_ACCEPT },
						       { "DROP", PKTT_DROP },
						       { "-", PKTT_CONTINUE },
						       { "RETURN", PKTT_RETURN } };
	size_t n = pktt_countof(policies) - (family != PKTT_BRIDGE);

	for (size_t i = 0; i < n; i++)
		if (strcmp(policies[i].name, name) == 0) {
			*ret = (enum pktt_verdict)policies[i].value;
			return 0;
		}
	return pktt_fail(err, -EINVAL, "a policy is ACCEPT or DROP, not \"%.60s\"", name);
}

int command_name(const char *what, const char *name, char field[PKTT_NAME_MAX],
		 struct pktt_error *err)
{
	int r = pktt_name_check(what, name, err);

	if (r == 0)
		memcpy(field, name, strlen(name) + 1);
	return r;
}

int command_send(const struct pktt_receiver *to, struct pktt_command *cmd, struct pktt_error *err)
{
	int r;

	err->place = (struct pktt_place){ 0 };
	r = to->command(to->ctx, cmd, err);
	if (r && err->place.line == 0)
		err->place = cmd->place;
	return r;
}

/* --- The verb ----------------------------------------------------------------------------- */

struct spelling {
	char text[24];
};

/* As most write it. */
static struct spelling spelled(const struct verb *verb)
{
	struct spelling s;

	if (verb->letter)
		snprintf(s.text, sizeof(s.text), "-%c", verb->letter);
	else
		snprintf(s.text, sizeof(s.text), "--%s", verb->name);
	return s;
}

/* Their letters are capitals; most letters of a line are not. */
static const struct verb *find_verb(const struct option *opt, bool is_native)
{
	const struct verb *found = NULL;

	if (opt->letter >= 'a')
		return NULL;
	for (size_t i = 0; !found && i < pktt_countof(verbs); i++)
		if (opt->letter ? opt->letter == verbs[i].letter
				: is_long(opt, verbs[i].name) || is_long(opt, verbs[i].alias))
			found = &verbs[i];
	return found && (is_native || !(found->takes & IS_NATIVE)) ? found : NULL;
}

static int take_number(struct reading *c, struct pktt_error *err)
{
	const struct lex_word *word = words_plain(c->words);
	uint64_t v;

	if (!word)
		return 0;
	err->place = lex_place(c->words->file, word);
	if (!words_number(word->text, UINT32_MAX, &v) || v == 0)
		return pktt_fail(err, -EINVAL,
				 "expected the number of a rule, from 1, not \"%.60s\"",
				 word->text);
	c->cmd.number = (uint32_t)v;
	return 0;
}

static int take_second(struct reading *c, struct pktt_error *err)
{
	bool is_policy = c->verb->takes & TAKES_POLICY;
	const struct lex_word *word = words_plain(c->words);

	err->place = word ? lex_place(c->words->file, word) : words_end(c->words);
	if (!word)
		return pktt_fail(err, -EINVAL, "expected %s here",
				 is_policy ? "ACCEPT or DROP" : "the new name of the chain");
	if (is_policy)
		return command_policy(word->text, c->cmd.family, &c->cmd.policy, err);
	return command_name("chain", word->text, c->cmd.other, err);
}

static bool has_plain(const struct reading *c, const struct option *opt)
{
	const struct words *w = c->words;

	return opt->attached || (w->at < w->n && !words_is_option(&w->word[w->at]));
}

static int take_verb(struct reading *c, const struct verb *verb, struct option *opt,
		     struct pktt_error *err)
{
	const char *chain = NULL;
	int r = 0;

	err->place = opt->place;
	if (c->verb)
		return pktt_fail(err, -EINVAL, "%s after %s: one command at a time",
				 spelled(verb).text, spelled(c->verb).text);
	c->verb = verb;
	c->verb_option = *opt;
	c->cmd.verb = verb->verb;
	c->cmd.place = opt->place;
	/* -L takes no chain from "-Lnv": these are letters of the listing */
	if (opt->letter && opt->attached && verb->takes & TAKES_CHAIN_IF_ANY)
		return 0;
	if (has_plain(c, opt))
		chain = words_value(c->words, opt, false, &c->cmd.chain_place);
	if (!chain && !(verb->takes & TAKES_CHAIN))
		return 0;
	err->place = chain ? c->cmd.chain_place : words_end(c->words);
	if (!chain)
		return pktt_fail(err, -EINVAL, "%s needs a chain after it", spelled(verb).text);
	r = command_name("chain", chain, c->cmd.chain, err);
	if (r == 0 && verb->takes & TAKES_NUMBER)
		r = take_number(c, err);
	if (r == 0 && verb->takes & (TAKES_NEW_NAME | TAKES_POLICY))
		r = take_second(c, err);
	return r;
}

/* --- The other options of the command ----------------------------------------------------- */

static const struct own *find_own(const struct option *opt)
{
	for (size_t i = 0; opt->letter && i < pktt_countof(owns); i++)
		if (opt->letter == owns[i].letter)
			return &owns[i];
	for (size_t i = 0; !opt->letter && i < pktt_countof(owns); i++)
		if (is_long(opt, owns[i].name) || is_long(opt, owns[i].alias))
			return &owns[i];
	return NULL;
}

/* "-c 1 2" or "-c 1,2" */
static int take_counters(struct reading *c, struct option *opt, struct pktt_error *err)
{
	struct pktt_place place = opt->place;
	const char *packets = words_value(c->words, opt, false, &place);
	const char *bytes = packets ? strchr(packets, ',') : NULL;
	char first[24] = "";

	if (bytes) {
		snprintf(first, sizeof(first), "%.*s", (int)(bytes - packets), packets);
		packets = first;
		bytes++;
	} else if (packets) {
		bytes = words_value(c->words, opt, true, &place);
	}
	err->place = place;
	if (!packets || !bytes || !words_number(packets, UINT64_MAX, &c->cmd.counters.packets) ||
	    !words_number(bytes, UINT64_MAX, &c->cmd.counters.bytes))
		return pktt_fail(err, -EINVAL, "-c needs numbers of packets and bytes after it");
	c->cmd.has_counters = true;
	return 0;
}

static int take_handle(const struct own *own, const char *text, struct pktt_command *cmd,
		       struct pktt_error *err)
{
	uint64_t *const to[] = { &cmd->handle, &cmd->before, &cmd->after, NULL };
	bool is_number = own->value == HANDLE_TO;
	uint64_t v;

	if (!words_number(text, is_number ? UINT32_MAX : UINT64_MAX, &v) || v == 0)
		return pktt_fail(err, -EINVAL, "%s is a number from 1, not \"%.60s\"",
				 is_number ? "a rule's place" : "a handle", text);
	if (is_number)
		cmd->to_number = (uint32_t)v;
	else
		*to[own->value] = v;
	return 0;
}

static int take_named(struct reading *c, const struct own *own, struct option *opt,
		      struct pktt_error *err)
{
	struct pktt_place place = opt->place;
	const char *value;

	err->place = opt->place;
	if (own->option == OWN_TABLE && c->line->is_line)
		return pktt_fail(err, -EINVAL,
				 "-t does not stand in a rule file: the *TABLE line says it");
	value = words_value(c->words, opt, false, &place);
	err->place = place;
	if (!value)
		return pktt_fail(err, -EINVAL, "--%s needs a value after it", own->name);
	if (own->option == OWN_TABLE)
		return command_name("table", value, c->cmd.table, err);
	if (own->option == OWN_NAME)
		return command_name("rule", value, c->name, err);
	return take_handle(own, value, &c->cmd, err);
}

/*
 * A file may serve iptables-restore and ip6tables-restore both; each passes over the other's
 * lines.
 */
static int take_family(struct reading *c, const struct own *own, const struct option *opt,
		       struct pktt_error *err)
{
	enum pktt_family other = own->value == PKTT_IPV4 ? PKTT_IPV6 : PKTT_IPV4;

	if (c->line->family == (enum pktt_family)own->value)
		return 0;
	err->place = opt->place;
	if (c->line->family != other || !c->line->is_line)
		return pktt_fail(err, -EINVAL, "-%c does not go with rules of family %s",
				 own->letter, pktt_family_name(c->line->family));
	c->is_skipped = true;
	return 0;
}

/* --before, --after and --to stand behind the verb that they are of: targets have a --to, too. */
static bool is_placing(const struct reading *c, const struct own *own)
{
	if (own->option != OWN_HANDLE || own->value == HANDLE_OWN)
		return true;
	if (!c->verb)
		return false;
	return c->verb->verb == PKTT_RULE_MOVE ||
	       (c->verb->verb == PKTT_RULE_INSERT && own->value != HANDLE_TO);
}

/* Whether the option is the command's here; --name may be a match's (recent has one). */
static bool is_own(const struct reading *c, const struct own *own, const struct option *opt)
{
	switch (own->option) {
	case OWN_TABLE:
	case OWN_COUNTERS:
		return true;
	case OWN_NAME:
	case OWN_HANDLE:
		if (!c->line->src->is_native || !is_placing(c, own))
			return false;
		return (own->alias[0] && is_long(opt, own->alias)) ||
		       !rule_read_owns_name(&c->rule, own->name);
	case OWN_LISTING:
		return !c->line->is_line;
	case OWN_FAMILY:
		return true;
	}
	return false;
}

/* 1 if the option was the command's, 0 if it is the rule's, or an error. */
static int take_own(struct reading *c, struct option *opt, struct pktt_error *err)
{
	const struct verb *verb = find_verb(opt, c->line->src->is_native);
	const struct own *own = verb ? NULL : find_own(opt);
	int r = 0;

	/* "-j CLUSTERIP --new": an option of the target's. */
	if (verb && !opt->letter && is_long(opt, verb->alias) &&
	    rule_read_owns_name(&c->rule, verb->alias))
		return 0;

	if (!verb && (!own || !is_own(c, own, opt)))
		return 0;
	if (c->rule.bang) {
		err->place = lex_place(c->words->file, c->rule.bang);
		return pktt_fail(err, -EINVAL, "\"!\" stands before a condition, not here");
	}
	if (verb)
		r = take_verb(c, verb, opt, err);
	else if (own->option == OWN_COUNTERS)
		r = take_counters(c, opt, err);
	else if (own->option == OWN_LISTING)
		c->cmd.list_flags |= own->value;
	else if (own->option == OWN_FAMILY)
		r = take_family(c, own, opt, err);
	else
		r = take_named(c, own, opt, err);
	return r ? r : 1;
}

/* --- The whole line ----------------------------------------------------------------------- */

static int take_option(struct reading *c, struct option *opt, struct pktt_error *err)
{
	int r = take_own(c, opt, err);

	if (r)
		return r < 0 ? r : 0;
	if (!c->first.line)
		c->first = opt->place;
	return rule_read_option(&c->rule, opt, err);
}

static int take_bang(struct reading *c, struct pktt_error *err)
{
	const struct lex_word *word = &c->words->word[c->words->at++];

	err->place = lex_place(c->words->file, word);
	if (c->rule.bang)
		return pktt_fail(err, -EINVAL, "\"!\" is given twice");
	if (c->words->at == c->words->n)
		return pktt_fail(err, -EINVAL, "\"!\" must be followed by an option");
	c->rule.bang = word;
	return 0;
}

static int read_words(struct reading *c, struct pktt_error *err)
{
	struct option opt;
	int r = 0;

	while (r == 0 && !c->is_skipped && c->words->at < c->words->n) {
		if (words_is_not(&c->words->word[c->words->at])) {
			r = take_bang(c, err);
			continue;
		}
		r = words_option(c->words, &opt, err);
		do {
			r = r ? r : take_option(c, &opt, err);
		} while (r == 0 && words_next_letter(&opt));
		if (r == 0 && opt.attached) {
			err->place = opt.place;
			r = pktt_fail(err, -EINVAL, "--%.*s takes no value",
				      opt.len < 60 ? (int)opt.len : 60, opt.name);
		}
	}
	return r;
}

static bool has_destination(const struct pktt_command *cmd)
{
	return cmd->before || cmd->after || cmd->to_number;
}

static int check_line(struct reading *c, struct pktt_error *err)
{
	bool is_by_number = c->cmd.number || c->cmd.handle || c->name[0];

	if (!c->verb) {
		err->place = lex_place(c->words->file, &c->words->word[0]);
		return pktt_fail(err, -EINVAL, "expected a command such as -A CHAIN");
	}
	if (c->first.line && (!(c->verb->takes & TAKES_RULE) ||
			      (c->verb->verb == PKTT_RULE_DELETE && c->cmd.number))) {
		err->place = c->first;
		return pktt_fail(err, -EINVAL, "%s takes no conditions or targets",
				 spelled(c->verb).text);
	}
	if (c->verb->verb == PKTT_RULE_MOVE && (!is_by_number || !has_destination(&c->cmd))) {
		err->place = c->cmd.chain_place;
		return pktt_fail(
			err, -EINVAL,
			"--move needs a rule, and --before, --after or --to to move it to");
	}
	if (c->verb->verb == PKTT_RULE_REPLACE && !is_by_number) {
		err->place = c->cmd.chain_place;
		return pktt_fail(err, -EINVAL, "-R needs the number of a rule after the chain");
	}
	if (c->verb->verb == PKTT_RULE_REPLACE && c->rule.nlists) {
		err->place = c->rule.list[0].place;
		return pktt_fail(err, -EINVAL, "-R replaces one rule by one: a single address");
	}
	return 0;
}

static int send_rule(void *ctx, struct pktt_rule_spec **rule, struct pktt_error *err)
{
	struct reading *c = ctx;
	struct pktt_command cmd = c->cmd;
	int r;

	cmd.rule = pktt_take(rule);
	cmd.rule->counters = cmd.counters;
	cmd.rule->has_counters = cmd.has_counters;
	if (cmd.verb == PKTT_RULE_REPLACE && cmd.number == 0)
		memcpy(cmd.other, c->name, sizeof(cmd.other));
	memcpy(cmd.rule->name, c->name, sizeof(cmd.rule->name));
	if (cmd.verb == PKTT_RULE_APPEND || cmd.verb == PKTT_RULE_INSERT)
		cmd.rule->handle = cmd.handle;
	r = command_send(c->line->to, &cmd, err);
	pktt_rule_spec_free(&cmd.rule);
	return r;
}

static int finish_line(struct reading *c, struct pktt_error *err)
{
	bool names_rule = c->cmd.number || c->cmd.handle || c->name[0];
	int r = check_line(c, err);

	if (r)
		return r;
	if (c->verb->verb == PKTT_RULE_DELETE && !c->first.line && names_rule) {
		c->cmd.verb = PKTT_RULE_DELETE_AT;
		memcpy(c->cmd.other, c->name, sizeof(c->cmd.other));
		return command_send(c->line->to, &c->cmd, err);
	}
	if (!(c->verb->takes & TAKES_RULE)) {
		if (c->name[0])
			memcpy(c->cmd.other, c->name, sizeof(c->cmd.other));
		return command_send(c->line->to, &c->cmd, err);
	}
	r = rule_read_start(&c->rule, err);
	if (r == 0)
		r = rule_read_each(&c->rule, send_rule, c, err);
	return r;
}

int command_read(const struct command_line *line, struct words *words, struct pktt_error *err)
{
	struct reading c = { .line = line, .words = words };
	int r;

	c.cmd.family = line->family;
	c.cmd.policy = PKTT_CONTINUE;
	c.cmd.counters = line->counters;
	c.cmd.has_counters = line->has_counters;
	memcpy(c.cmd.table, line->table, strlen(line->table) + 1);
	rule_read_init(&c.rule, line->src, line->family, words);
	r = read_words(&c, err);
	if (r == 0 && !c.is_skipped)
		r = finish_line(&c, err);
	rule_read_fini(&c.rule);
	return r;
}

int pktt_words_read(const struct pktt_source *src, int argc, const char *const *argv,
		    const struct pktt_receiver *to, struct pktt_error *err)
{
	struct command_line line = {
		.src = src, .to = to, .family = src->family, .table = "filter"
	};
	struct pktt_error unused = { 0 };
	struct lex lex = { 0 };
	struct words words;
	int r = lex_words(&lex, argc, argv);

	if (!err)
		err = &unused;
	words = (struct words){ lex.word, lex.nwords, 0, src->name };
	if (r)
		pktt_fail(err, r, "no memory for a command");
	else if (argc == 0)
		r = pktt_fail(err, -EINVAL, "expected a command such as -A CHAIN");
	else
		r = command_read(&line, &words, err);
	lex_fini(&lex);
	return r;
}
