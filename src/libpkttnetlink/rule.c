/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules: made, read, printed, compared. What one option is set to is use.c's. */
#include "libpkttnetlink/private.h"

#include "base/json.h"
#include "base/own.h"
#include "desc/catalog.h"
#include "desc/command_read.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* What stands before a rule's own words while they are read as a line. */
static const char BEFORE[] = "-A X ";

int pkttnl_rule_from_spec(struct pkttnl_rule **ret, struct pkttnl_catalog *cat,
			  struct pktt_rule_spec **spec)
{
	struct pkttnl_rule *rule = calloc(1, sizeof(*rule));

	if (!rule) {
		pktt_rule_spec_free(spec);
		return -ENOMEM;
	}
	rule->cat = pkttnl_catalog_hold(cat);
	rule->spec = pktt_take(spec);
	*ret = rule;
	return 0;
}

int pkttnl_rule_new(struct pkttnl_rule **ret, struct pkttnl_catalog *cat, enum pkttnl_family family,
		    struct pkttnl_error *err)
{
	struct pktt_rule_spec *spec = NULL;
	int r;

	if (!pkttnl_family_name((int)family))
		return pkttnl_fail(err, -EINVAL, "there is no family %d", (int)family);
	r = pktt_rule_spec_new(&spec, cat->desc, (enum pktt_family)family);
	if (r == -EAFNOSUPPORT)
		return pkttnl_fail(err, r, "pkttd has no rules for family %s",
				   pkttnl_family_name((int)family));
	if (r == 0)
		r = pkttnl_rule_from_spec(ret, cat, &spec);
	return r ? pkttnl_no_memory(err) : 0;
}

void pkttnl_rule_free(struct pkttnl_rule **rule)
{
	struct pkttnl_rule *r = pktt_take(rule);

	if (!r)
		return;
	while (r->uses) {
		struct pkttnl_use *use = r->uses;

		r->uses = use->next;
		free(use);
	}
	pktt_rule_spec_free(&r->spec);
	pkttnl_catalog_put(&r->cat);
	free(r->file);
	free(r);
}

static void point_to(struct pktt_place *place, const char *file)
{
	if (place->file)
		place->file = file;
}

int pkttnl_rule_own_file(struct pkttnl_rule *rule)
{
	struct pktt_rule_spec *spec = rule->spec;
	char *file = spec->place.file ? strdup(spec->place.file) : NULL;

	if (spec->place.file && !file)
		return -ENOMEM;
	point_to(&spec->place, file);
	point_to(&spec->head.place, file);
	for (unsigned int i = 0; i < spec->nmatches; i++)
		point_to(&spec->match[i].place, file);
	for (unsigned int i = 0; i < spec->ntargets; i++)
		point_to(&spec->target[i].place, file);
	free(rule->file);
	rule->file = file;
	return 0;
}

int pkttnl_rule_clone(struct pkttnl_rule **ret, const struct pkttnl_rule *rule)
{
	PKTT_AUTO(pkttnl_rule_free) struct pkttnl_rule *copy = NULL;
	struct pktt_rule_spec *spec = NULL;

	if (pktt_rule_spec_copy(&spec, rule->spec) ||
	    pkttnl_rule_from_spec(&copy, rule->cat, &spec) || pkttnl_rule_own_file(copy))
		return -ENOMEM;
	*ret = pktt_take(&copy);
	return 0;
}

/* --- Reading ---------------------------------------------------------------------------------- */

/* Takes the one rule that a text describes. */
struct taker {
	struct pktt_rule_spec *spec;
};

static int take_rule(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct taker *taker = ctx;

	if (cmd->verb == PKTT_TABLE_BEGIN || cmd->verb == PKTT_TABLE_COMMIT)
		return 0;
	if (cmd->verb != PKTT_RULE_APPEND || !cmd->rule)
		return pktt_fail(err, -EINVAL, "this is no rule");
	if (taker->spec)
		return pktt_fail(err, -EINVAL, "these are several rules, not one");
	taker->spec = pktt_take(&cmd->rule);
	return 0;
}

/* Columns count from the caller's text. */
static void shift(struct pktt_place *place)
{
	uint32_t before = sizeof(BEFORE) - 1;

	place->column = place->column > before ? place->column - before : place->column ? 1 : 0;
}

static void shift_all(struct pktt_rule_spec *spec)
{
	shift(&spec->place);
	shift(&spec->head.place);
	for (unsigned int i = 0; i < spec->nmatches; i++)
		shift(&spec->match[i].place);
	for (unsigned int i = 0; i < spec->ntargets; i++)
		shift(&spec->target[i].place);
}

static int read_line(const struct pktt_source *src, const struct str *line, struct taker *taker,
		     struct pktt_error *err)
{
	const struct lex_line whole = { str_text(line), line->len, 1, false };
	const struct pktt_receiver to = { take_rule, taker };
	struct command_line how = {
		.src = src, .to = &to, .family = src->family, .table = "filter", .is_line = true
	};
	struct lex lex = { 0 };
	int r = lex_split(&lex, &whole, err);

	if (r == 0) {
		struct words words = { lex.word, lex.nwords, 0, NULL };

		r = command_read(&how, &words, err);
	}
	lex_fini(&lex);
	return r;
}

static int parse_text(const struct pktt_catalog *cat, enum pktt_family family, const char *text,
		      struct pktt_rule_spec **ret, struct pktt_error *err)
{
	const struct pktt_source src = { .catalog = cat, .family = family, .is_native = true };
	struct taker taker = { NULL };
	struct str line = STR_INIT;
	int r = -ENOMEM;

	if (strpbrk(text, "\r\n"))
		return pktt_fail(err, -EINVAL, "a rule is one line");
	str_puts(&line, BEFORE);
	str_puts(&line, text);
	if (line.failed)
		pktt_fail(err, r, "no memory for a rule");
	else
		r = read_line(&src, &line, &taker, err);
	if (r == 0 && !taker.spec)
		r = pktt_fail(err, -EINVAL, "this rule is for another family");
	if (r)
		pktt_rule_spec_free(&taker.spec);
	else
		shift_all(taker.spec);
	shift(&err->place);
	str_fini(&line);
	*ret = taker.spec;
	return r;
}

int pkttnl_rule_parse(struct pkttnl_rule **ret, struct pkttnl_catalog *cat,
		      enum pkttnl_family family, const char *text, struct pkttnl_error *err)
{
	struct pktt_rule_spec *spec = NULL;
	struct pktt_error e = { 0 };
	int r;

	if (!pkttnl_family_name((int)family))
		return pkttnl_fail(err, -EINVAL, "there is no family %d", (int)family);
	r = parse_text(cat->desc, (enum pktt_family)family, text, &spec, &e);
	if (r)
		return pkttnl_told(err, &e, r);
	return pkttnl_rule_from_spec(ret, cat, &spec) ? pkttnl_no_memory(err) : 0;
}

static int set_if_missing(json_t *object, const char *key, const char *value)
{
	return json_object_get(object, key) ? 0
					    : json_object_set_new(object, key, json_string(value));
}

/* The document around one rule's object, which it takes. */
static char *document(json_t *rule)
{
	json_t *root;
	char *text = NULL;

	if (set_if_missing(rule, "table", "filter") || set_if_missing(rule, "chain", "X")) {
		json_decref(rule);
		return NULL;
	}
	root = json_pack("{s:[{s:o}]}", "pkttables", "rule", rule);
	if (root)
		text = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	return text;
}

static int parse_json(const struct pktt_catalog *cat, const char *text, struct pktt_rule_spec **ret,
		      struct pktt_error *err)
{
	const struct pktt_source src = { .catalog = cat, .family = PKTT_IPV4, .is_native = true };
	struct pktt_errors *errs = calloc(1, sizeof(*errs));
	struct taker taker = { NULL };
	const struct pktt_receiver to = { take_rule, &taker };
	int r = -ENOMEM;

	if (!errs)
		return pktt_fail(err, r, "no memory for a rule");
	r = pktt_json_read(&src, text, strlen(text), &to, errs);
	if (r && errs->kept) {
		*err = errs->item[0];
		err->place = (struct pktt_place){ 0 };
	}
	free(errs);
	if (r)
		pktt_rule_spec_free(&taker.spec);
	else
		taker.spec->place = taker.spec->head.place = (struct pktt_place){ 0 };
	*ret = taker.spec;
	return r;
}

int pkttnl_rule_parse_json(struct pkttnl_rule **ret, struct pkttnl_catalog *cat, const char *text,
			   size_t len, struct pkttnl_error *err)
{
	struct pktt_rule_spec *spec = NULL;
	struct pktt_error e = { 0 };
	PKTT_AUTO_FREE char *whole = NULL;
	json_error_t syntax;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &syntax);
	json_t *rule = json_object_get(root, "rule");
	int r;

	if (!json_is_object(root)) {
		r = pkttnl_fail(err, -EINVAL, "%s", root ? "a rule is a JSON object" : syntax.text);
		json_decref(root);
		return r;
	}
	whole = document(json_incref(json_is_object(rule) ? rule : root));
	json_decref(root);
	if (!whole)
		return pkttnl_no_memory(err);
	r = parse_json(cat->desc, whole, &spec, &e);
	if (r)
		return pkttnl_told(err, &e, r);
	return pkttnl_rule_from_spec(ret, cat, &spec) ? pkttnl_no_memory(err) : 0;
}

/* --- The rule as a whole ---------------------------------------------------------------------- */

int pkttnl_rule_check(struct pkttnl_rule *rule, struct pkttnl_error *err)
{
	struct pktt_error e = { 0 };

	return pkttnl_told(err, &e, pktt_rule_spec_finish(rule->spec, &e));
}

int pkttnl_rule_print(const struct pkttnl_rule *rule, char *buf, size_t room)
{
	struct str text = STR_INIT;

	pktt_rule_spec_print(rule->spec, &text);
	return pkttnl_text_out(&text, buf, room);
}

int pkttnl_rule_json(const struct pkttnl_rule *rule, char *buf, size_t room)
{
	struct str text = STR_INIT;
	struct json out = json_to(&text);

	json_begin_object(&out);
	json_put_text(&out, "family", pkttnl_family_name((int)rule->spec->family));
	if (rule->spec->handle)
		json_put_uint(&out, "handle", rule->spec->handle);
	if (rule->spec->has_counters) {
		json_put_uint(&out, "packets", rule->spec->counters.packets);
		json_put_uint(&out, "bytes", rule->spec->counters.bytes);
	}
	pktt_rule_spec_json(rule->spec, &out);
	json_end_object(&out);
	return pkttnl_text_out(&text, buf, room);
}

/* Of two catalogs, as after a restart of pkttd: what the rules say decides. */
static bool is_same_text(const struct pkttnl_rule *a, const struct pkttnl_rule *b)
{
	struct str x = STR_INIT, y = STR_INIT;
	char name[PKTT_NAME_MAX];
	bool same;

	memcpy(name, b->spec->name, sizeof(name));
	pktt_rule_spec_print(a->spec, &x);
	memcpy(b->spec->name, a->spec->name, sizeof(name));
	pktt_rule_spec_print(b->spec, &y);
	memcpy(b->spec->name, name, sizeof(name));
	same = !x.failed && !y.failed && a->spec->family == b->spec->family &&
	       strcmp(str_text(&x), str_text(&y)) == 0;
	str_fini(&x);
	str_fini(&y);
	return same;
}

bool pkttnl_rule_equal(const struct pkttnl_rule *a, const struct pkttnl_rule *b)
{
	if (a->cat != b->cat)
		return is_same_text(a, b);
	return pktt_rule_spec_equal(a->spec, b->spec);
}

int pkttnl_rule_is_iptables(const struct pkttnl_rule *rule, struct pkttnl_error *err)
{
	struct pktt_error e = { 0 };

	return pkttnl_told(err, &e, pktt_rule_spec_is_iptables(rule->spec, &e));
}

const struct pktt_rule_spec *pkttnl_rule_spec(const struct pkttnl_rule *rule)
{
	return rule->spec;
}

struct pktt_rule_spec *pkttnl_rule_take_spec(struct pkttnl_rule *rule)
{
	return pktt_take(&rule->spec);
}

enum pkttnl_family pkttnl_rule_family(const struct pkttnl_rule *rule)
{
	return (enum pkttnl_family)rule->spec->family;
}

const char *pkttnl_rule_name(const struct pkttnl_rule *rule)
{
	return rule->spec->name;
}

int pkttnl_rule_set_name(struct pkttnl_rule *rule, const char *name, struct pkttnl_error *err)
{
	struct pktt_error e = { 0 };

	if (!name || !*name) {
		rule->spec->name[0] = '\0';
		return 0;
	}
	return pkttnl_told(err, &e, command_name("rule", name, rule->spec->name, &e));
}

uint64_t pkttnl_rule_handle(const struct pkttnl_rule *rule)
{
	return rule->spec->handle;
}

bool pkttnl_rule_counters(const struct pkttnl_rule *rule, uint64_t *packets, uint64_t *bytes)
{
	*packets = rule->spec->counters.packets;
	*bytes = rule->spec->counters.bytes;
	return rule->spec->has_counters;
}

void pkttnl_rule_set_counters(struct pkttnl_rule *rule, uint64_t packets, uint64_t bytes)
{
	rule->spec->counters = (struct pktt_counters){ packets, bytes };
	rule->spec->has_counters = true;
}

bool pkttnl_rule_place(const struct pkttnl_rule *rule, const char **file, uint32_t *line,
		       uint32_t *column)
{
	const struct pktt_place *place = &rule->spec->place;

	*file = place->file ? place->file : "";
	*line = place->line;
	*column = place->column;
	return place->line != 0;
}
