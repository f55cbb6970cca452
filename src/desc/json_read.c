/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The JSON document into commands.
 *
 * Overview: each object of the array becomes the command that the same line of rule text would be.
 * A table begins at its object (or at the first chain or rule that names it), and all tables end at
 * the end of the document, so that objects of several tables may be mixed.
 *
 * Errors: syntax is located by jansson. What is wrong with a value is told by its path; the place
 * is that of the object in the array, found by a second look at the text, since jansson forgets
 * where values stood.
 */
#include "desc/command.h"

#include "base/own.h"
#include "base/str.h"
#include "desc/args.h"
#include "desc/catalog.h"
#include "desc/command_read.h"
#include "desc/family.h"
#include "desc/json_place.h"
#include "desc/option_hint.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

struct section {
	enum pktt_family family;
	char table[PKTT_NAME_MAX];
	bool is_refused;
};

struct reader {
	const struct pktt_source *src;
	const struct pktt_receiver *to;
	struct pktt_errors *errs;
	struct json_place place; /* of the object that is being read */
	char path[160];		 /* of the value that is being read */
	struct section *section;
	size_t nsections;
	struct str text; /* the last one that was read */
};

static int fail_memory(struct pktt_error *err)
{
	return pktt_fail(err, -ENOMEM, "no memory for a document");
}

/* --- Fields ------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* {"hex":"e4"}: text that is not UTF-8 (base/json.h). */
static bool put_hex(const json_t *value, struct str *out)
{
	const char *hex = json_string_value(json_object_get(value, "hex"));
	size_t len = hex ? strlen(hex) : 0;

	if (!hex || json_object_size(value) != 1 || len % 2)
		return false;
	for (size_t i = 0; i < len; i += 2) {
		int high = hex_digit(hex[i]), low = hex_digit(hex[i + 1]);

		if (high < 0 || low < 0 || (high == 0 && low == 0))
			return false;
		str_putc(out, (char)(high << 4 | low));
	}
	return true;
}

/* The text under a key into the reader's scratch memory; "" where the key is missing. */
static int get_text(struct reader *r, const json_t *object, const char *key, struct pktt_error *err)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	str_clear(&r->text);
	if (text)
		str_puts(&r->text, text);
	else if (value && !put_hex(value, &r->text))
		return pktt_fail(err, -EINVAL, "\"%s\": expected a string", key);
	return r->text.failed ? fail_memory(err) : 0;
}

static int get_name(struct reader *r, const json_t *object, const char *key, const char *what,
		    char field[PKTT_NAME_MAX], struct pktt_error *err)
{
	int ret = get_text(r, object, key, err);

	if (ret)
		return ret;
	if (!json_object_get(object, key))
		return pktt_fail(err, -EINVAL, "\"%s\" is missing", key);
	return command_name(what, str_text(&r->text), field, err);
}

/* Text of a set, which is one line of ipset's language; lives until the next text is read. */
static int get_line(struct reader *r, const json_t *object, const char *key, const char **ret,
		    struct pktt_error *err)
{
	int error = get_text(r, object, key, err);

	if (error)
		return error;
	if (strpbrk(str_text(&r->text), "\r\n"))
		return pktt_fail(err, -EINVAL, "\"%s\" has a line break", key);
	*ret = str_text(&r->text);
	return 0;
}

static int get_uint(const json_t *object, const char *key, uint64_t *field, bool *is_there,
		    struct pktt_error *err)
{
	const json_t *value = json_object_get(object, key);

	if (!value)
		return 0;
	*is_there = true;
	if (json_is_string(value) && words_number(json_string_value(value), UINT64_MAX, field))
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return pktt_fail(err, -EINVAL, "\"%s\": expected a whole number from 0", key);
	*field = (uint64_t)json_integer_value(value);
	return 0;
}

static int get_counters(const json_t *object, struct pktt_command *cmd, struct pktt_error *err)
{
	int r = get_uint(object, "packets", &cmd->counters.packets, &cmd->has_counters, err);

	return r ? r : get_uint(object, "bytes", &cmd->counters.bytes, &cmd->has_counters, err);
}

static int get_family(const struct reader *r, const json_t *object, enum pktt_family *ret,
		      struct pktt_error *err)
{
	const json_t *value = json_object_get(object, "family");
	const char *name = json_string_value(value);

	*ret = r->src->family;
	if (!value || (name && pktt_family_parse(name, ret) == 0))
		return 0;
	return pktt_fail(err, -EINVAL, "\"family\": expected ipv4, ipv6, inet, arp or bridge");
}

/* Keys that nobody reads would be lost: they are refused. known: separated by blanks. */
static int check_keys(json_t *object, const char *known, struct pktt_error *err)
{
	const char *key;
	json_t *value;

	json_object_foreach (object, key, value) {
		const char *at = strstr(known, key);
		size_t len = strlen(key);

		while (at && len && ((at > known && at[-1] != ' ') || (at[len] && at[len] != ' ')))
			at = strstr(at + 1, key);
		if (!at || len == 0)
			return pktt_fail(err, -EINVAL, "unknown key \"%.60s\" (known: %s)", key,
					 known);
	}
	return 0;
}

/* --- Sections ----------------------------------------------------------------------------- */

static struct section *find_section(struct reader *r, const struct pktt_command *cmd)
{
	for (size_t i = r->nsections; i > 0; i--)
		if (r->section[i - 1].family == cmd->family &&
		    strcmp(r->section[i - 1].table, cmd->table) == 0)
			return &r->section[i - 1];
	return NULL;
}

static struct section *add_section(struct reader *r, const struct pktt_command *cmd)
{
	size_t n = r->nsections + 1;
	struct section *section = reallocarray(r->section, n, sizeof(*section));

	if (!section)
		return NULL;
	r->section = section;
	section += r->nsections++;
	*section = (struct section){ .family = cmd->family };
	memcpy(section->table, cmd->table, sizeof(section->table));
	return section;
}

/* Begin the command's table unless it has begun. 1: it was refused, and so is all in it. */
static int begin_section(struct reader *r, const struct pktt_command *cmd, struct pktt_error *err)
{
	struct pktt_command begin = { .verb = PKTT_TABLE_BEGIN,
				      .family = cmd->family,
				      .policy = PKTT_CONTINUE,
				      .place = cmd->place };
	struct section *section = find_section(r, cmd);
	int ret;

	if (section)
		return section->is_refused;
	section = add_section(r, cmd);
	if (!section)
		return fail_memory(err);
	memcpy(begin.table, cmd->table, sizeof(begin.table));
	ret = command_send(r->to, &begin, err);
	section->is_refused = ret != 0;
	return ret;
}

static int send_in_section(struct reader *r, struct pktt_command *cmd, struct pktt_error *err)
{
	int ret = begin_section(r, cmd, err);

	if (ret)
		return ret < 0 ? ret : 0;
	return command_send(r->to, cmd, err);
}

static void end_sections(struct reader *r)
{
	for (size_t i = 0; i < r->nsections; i++) {
		struct pktt_command cmd = { .verb = PKTT_TABLE_COMMIT,
					    .family = r->section[i].family,
					    .policy = PKTT_CONTINUE,
					    .place = { .file = r->src->name } };
		struct pktt_error err = { 0 };

		memcpy(cmd.table, r->section[i].table, sizeof(cmd.table));
		if (!r->section[i].is_refused && command_send(r->to, &cmd, &err))
			pktt_errors_add(r->errs, &err);
	}
}

/* --- Rules -------------------------------------------------------------------------------- */

/* The sentence of a value, with the path before it: "dport.min": goes on the path. */
static void put_path(const struct reader *r, struct pktt_error *err)
{
	char text[sizeof(err->text)];
	size_t len = err->text[0] == '"' ? strcspn(err->text + 1, "\"") : 0;

	memcpy(text, err->text, sizeof(text));
	if (len && strncmp(text + 1 + len, "\": ", 3) == 0)
		pktt_fail(err, err->code, "%s.%.*s: %s", r->path, (int)len, text + 1,
			  text + len + 4);
	else
		pktt_fail(err, err->code, "%s: %s", r->path, text);
}

static void set_path(struct reader *r, const char *kind, const char *list, size_t i,
		     const char *name)
{
	int n = snprintf(r->path, sizeof(r->path), "pkttables[%zu].%s", r->place.index, kind);
	size_t len = (size_t)n < sizeof(r->path) ? (size_t)n : sizeof(r->path) - 1;

	if (list && name)
		snprintf(r->path + len, sizeof(r->path) - len, ".%s[%zu].%.40s", list, i, name);
	else if (list)
		snprintf(r->path + len, sizeof(r->path) - len, ".%s[%zu]", list, i);
}

static int read_args(struct pktt_use *use, enum pktt_family family, const json_t *value,
		     struct pktt_place place, struct pktt_error *err)
{
	use->place = place;
	if (!json_is_object(value))
		return pktt_fail(err, -EINVAL, "expected an object of options");
	return pktt_args_from_json(use->ext, family, value, use->args, err);
}

static int fail_lookup(const struct reader *r, enum pktt_ext_kind kind, const char *name,
		       enum pktt_family family, struct pktt_error *err)
{
	const char *meant = pktt_catalog_suggest(r->src->catalog, kind, name, family);

	if (kind == PKTT_KIND_MATCH)
		return option_hint_match(r->src->catalog, name, family, err);
	if (meant)
		return pktt_fail(err, -ENOENT, "there is no target %.60s; did you mean %s?", name,
				 meant);
	return pktt_fail(err, -ENOENT, "there is no target %.60s (a chain is {\"jump\":{..}})",
			 name);
}

static int read_use(struct reader *r, struct pktt_rule_spec *rule, enum pktt_ext_kind kind,
		    json_t *item, struct pktt_error *err)
{
	void *iter = json_object_iter(item);
	const char *name = iter ? json_object_iter_key(iter) : NULL;
	const struct pktt_ext *ext;
	struct pktt_use *use;

	if (!name || json_object_size(item) != 1)
		return pktt_fail(err, -EINVAL, "expected an object like {\"%s\":{}}",
				 kind == PKTT_KIND_MATCH ? "tcp" : "ACCEPT");
	ext = pktt_catalog_lookup(r->src->catalog, kind, name, rule->family);
	if (!ext)
		return fail_lookup(r, kind, name, rule->family, err);
	set_path(r, "rule", kind == PKTT_KIND_MATCH ? "matches" : "targets",
		 kind == PKTT_KIND_MATCH ? rule->nmatches : rule->ntargets, ext->name);
	use = pktt_rule_spec_add(rule, ext);
	if (!use)
		return fail_memory(err);
	return read_args(use, rule->family, json_object_iter_value(iter), rule->place, err);
}

static int read_uses(struct reader *r, struct pktt_rule_spec *rule, enum pktt_ext_kind kind,
		     json_t *object, struct pktt_error *err)
{
	const char *key = kind == PKTT_KIND_MATCH ? "matches" : "targets";
	json_t *list = json_object_get(object, key), *item;
	size_t i;
	int ret;

	if (list && !json_is_array(list))
		return pktt_fail(err, -EINVAL, "\"%s\": expected an array", key);
	json_array_foreach (list, i, item) {
		set_path(r, "rule", key, i, NULL);
		ret = read_use(r, rule, kind, item, err);
		if (ret)
			return ret;
	}
	set_path(r, "rule", NULL, 0, NULL);
	return 0;
}

static int read_spec(struct reader *r, struct pktt_rule_spec *rule, json_t *object,
		     struct pktt_error *err)
{
	const json_t *head = json_object_get(object, "head");
	int ret = 0;

	if (json_object_get(object, "name"))
		ret = get_name(r, object, "name", "rule", rule->name, err);
	if (ret == 0 && head) {
		snprintf(r->path, sizeof(r->path), "pkttables[%zu].rule.head", r->place.index);
		ret = read_args(&rule->head, rule->family, head, rule->place, err);
	}
	if (ret == 0)
		ret = read_uses(r, rule, PKTT_KIND_MATCH, object, err);
	if (ret == 0)
		ret = read_uses(r, rule, PKTT_KIND_TARGET, object, err);
	return ret ? ret : pktt_rule_spec_finish(rule, err);
}

static int read_rule(struct reader *r, json_t *object, struct pktt_command *cmd,
		     struct pktt_error *err)
{
	PKTT_AUTO(pktt_rule_spec_free) struct pktt_rule_spec *rule = NULL;
	bool has_handle = false;
	int ret = get_name(r, object, "table", "table", cmd->table, err);

	cmd->verb = PKTT_RULE_APPEND;
	if (ret == 0)
		ret = get_name(r, object, "chain", "chain", cmd->chain, err);
	if (ret == 0)
		ret = get_counters(object, cmd, err);
	if (ret == 0)
		ret = get_uint(object, "handle", &cmd->handle, &has_handle, err);
	if (ret)
		return ret;
	if (pktt_rule_spec_new(&rule, r->src->catalog, cmd->family))
		return pktt_fail(err, -EINVAL, "a rule of this family cannot be made");
	rule->place = rule->head.place = cmd->place;
	rule->counters = cmd->counters;
	rule->has_counters = cmd->has_counters;
	rule->handle = cmd->handle;
	ret = read_spec(r, rule, object, err);
	if (ret)
		return ret;
	cmd->rule = pktt_take(&rule);
	ret = send_in_section(r, cmd, err);
	pktt_rule_spec_free(&cmd->rule);
	return ret;
}

/* --- The other objects -------------------------------------------------------------------- */

static int read_metainfo(struct reader *r, json_t *object, struct pktt_command *cmd,
			 struct pktt_error *err)
{
	uint64_t version = PKTT_JSON_SCHEMA_VERSION;
	bool is_there = false;
	int ret = get_uint(object, "json_schema_version", &version, &is_there, err);

	(void)r;
	(void)cmd;
	if (ret || version == PKTT_JSON_SCHEMA_VERSION)
		return ret;
	return pktt_fail(err, -EINVAL, "\"json_schema_version\" is not %d",
			 PKTT_JSON_SCHEMA_VERSION);
}

static int read_table(struct reader *r, json_t *object, struct pktt_command *cmd,
		      struct pktt_error *err)
{
	int ret = get_name(r, object, "name", "table", cmd->table, err);

	if (ret)
		return ret;
	if (find_section(r, cmd))
		return pktt_fail(err, -EEXIST, "table %s of %s is there twice", cmd->table,
				 pktt_family_name(cmd->family));
	ret = begin_section(r, cmd, err);
	return ret < 0 ? ret : 0;
}

static int read_chain(struct reader *r, json_t *object, struct pktt_command *cmd,
		      struct pktt_error *err)
{
	const json_t *policy = json_object_get(object, "policy");
	const char *name = json_string_value(policy);
	int ret = get_name(r, object, "table", "table", cmd->table, err);

	cmd->verb = PKTT_CHAIN_DECLARE;
	if (ret == 0)
		ret = get_name(r, object, "name", "chain", cmd->chain, err);
	if (ret == 0 && policy)
		ret = command_policy(name ? name : "", cmd->family, &cmd->policy, err);
	if (ret == 0)
		ret = get_counters(object, cmd, err);
	return ret ? ret : send_in_section(r, cmd, err);
}

static int read_set(struct reader *r, json_t *object, struct pktt_command *cmd,
		    struct pktt_error *err)
{
	int ret = get_name(r, object, "name", "set", cmd->chain, err);

	cmd->verb = PKTT_SET_CREATE;
	if (ret == 0)
		ret = get_name(r, object, "type", "type", cmd->other, err);
	if (ret == 0)
		ret = get_line(r, object, "options", &cmd->element, err);
	return ret ? ret : command_send(r->to, cmd, err);
}

static int read_element(struct reader *r, json_t *object, struct pktt_command *cmd,
			struct pktt_error *err)
{
	int ret = get_name(r, object, "set", "set", cmd->chain, err);

	cmd->verb = PKTT_SET_ADD;
	if (ret == 0)
		ret = get_line(r, object, "value", &cmd->element, err);
	if (ret == 0 && cmd->element[0] == '\0')
		ret = pktt_fail(err, -EINVAL, "\"value\" is missing");
	return ret ? ret : command_send(r->to, cmd, err);
}

static const struct object_kind {
	const char *name, *keys;
	int (*read)(struct reader *r, json_t *object, struct pktt_command *cmd,
		    struct pktt_error *err);
} kinds[] = {
	{ "metainfo", "version json_schema_version", read_metainfo },
	{ "table", "family name", read_table },
	{ "chain", "family table name policy packets bytes", read_chain },
	{ "rule", "family table chain handle name packets bytes head matches targets", read_rule },
	{ "set", "name type options", read_set },
	{ "element", "set value", read_element },
};

static int read_kind(struct reader *r, const struct object_kind *kind, json_t *object,
		     struct pktt_error *err)
{
	struct pktt_command cmd = { .policy = PKTT_CONTINUE, .place = { .file = r->src->name } };
	int ret;

	set_path(r, kind->name, NULL, 0, NULL);
	if (!json_is_object(object))
		return pktt_fail(err, -EINVAL, "expected an object");
	ret = check_keys(object, kind->keys, err);
	if (ret == 0)
		ret = get_family(r, object, &cmd.family, err);
	return ret ? ret : kind->read(r, object, &cmd, err);
}

static int read_item(struct reader *r, json_t *item, struct pktt_error *err)
{
	void *iter = json_object_iter(item);
	const char *name = iter ? json_object_iter_key(iter) : "";

	snprintf(r->path, sizeof(r->path), "pkttables[%zu]", r->place.index);
	for (size_t i = 0; i < pktt_countof(kinds) && json_object_size(item) == 1; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return read_kind(r, &kinds[i], json_object_iter_value(iter), err);
	return pktt_fail(err, -EINVAL,
			 "expected an object with a metainfo, table, chain, rule, set or element");
}

/* --- The document ------------------------------------------------------------------------- */

static void read_items(struct reader *r, json_t *list)
{
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		struct pktt_error err = { 0 };

		r->place.index = i;
		if (read_item(r, item, &err) == 0)
			continue;
		put_path(r, &err);
		err.place = json_place_find(&r->place, r->src->name);
		pktt_errors_add(r->errs, &err);
	}
	end_sections(r);
}

static int fail_document(const struct reader *r, uint32_t line, uint32_t column, const char *text)
{
	struct pktt_error err = { .place = { r->src->name, line, column, 1 } };

	pktt_fail(&err, -EINVAL, "%s", text);
	pktt_errors_add(r->errs, &err);
	return -EINVAL;
}

int pktt_json_read(const struct pktt_source *src, const char *text, size_t len,
		   const struct pktt_receiver *to, struct pktt_errors *errs)
{
	struct reader r = { .src = src, .to = to, .errs = errs, .place = { text, len, 0, 0, 0 } };
	unsigned int before = errs->count;
	json_error_t syntax;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &syntax);
	json_t *list = json_object_get(root, "pkttables");

	if (!root)
		return fail_document(&r, syntax.line > 0 ? (uint32_t)syntax.line : 1,
				     syntax.column > 0 ? (uint32_t)syntax.column : 1, syntax.text);
	if (!json_is_array(list) || json_object_size(root) != 1)
		fail_document(&r, 1, 1, "expected {\"pkttables\":[...]}");
	else
		read_items(&r, list);
	free(r.section);
	str_fini(&r.text);
	json_decref(root);
	return errs->count == before ? 0 : -EINVAL;
}
