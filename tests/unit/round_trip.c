/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "round_trip.h"

#include "base/json.h"
#include "base/str.h"
#include "core/ext.h"
#include "desc/catalog.h"
#include "desc/family.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct pktt_catalog *round_trip_catalog(void)
{
	static struct pktt_catalog *cat;
	struct pktt_error err = { 0 };

	if (!cat && (pktt_catalog_new(&cat) || pktt_ext_register_builtin(cat, &err))) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	return cat;
}

/* --- Writing ------------------------------------------------------------------------------ */

static void put_line(const struct pktt_command *cmd, struct str *out)
{
	str_putf(out, "-A %s ", cmd->chain);
	pktt_rule_spec_print(cmd->rule, out);
}

static void put_text(const struct pktt_command *cmd, struct str *out)
{
	str_putf(out, "*%s %s\n", cmd->table, pktt_family_name(cmd->family));
	put_line(cmd, out);
	str_puts(out, "\nCOMMIT\n");
}

static void put_document(const struct pktt_command *cmd, struct str *out)
{
	struct json json = json_to(out);

	pktt_json_begin("test", &json);
	pktt_command_json(cmd, &json);
	pktt_json_end(&json);
}

/* --- Reading again ------------------------------------------------------------------------ */

struct again {
	void (*put)(const struct pktt_command *cmd, struct str *out);
	struct str text;
	enum pktt_verb verb;
};

static int take(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct again *a = ctx;

	(void)err;
	if (cmd->verb == a->verb)
		a->put(cmd, &a->text);
	return 0;
}

typedef int read_fn(const struct pktt_source *src, const char *text, size_t len,
		    const struct pktt_receiver *to, struct pktt_errors *errs);

static bool check(const struct pktt_command *cmd, read_fn *read,
		  void (*put)(const struct pktt_command *cmd, struct str *out), struct str *why)
{
	const struct pktt_source src = { .catalog = round_trip_catalog(),
					 .name = "again",
					 .family = PKTT_IPV4,
					 .is_native = true };
	struct again again = { .put = put, .text = STR_INIT, .verb = cmd->verb };
	const struct pktt_receiver to = { take, &again };
	struct pktt_errors errs = { 0 };
	struct str text = STR_INIT;
	bool is_same;

	put(cmd, &text);
	read(&src, str_text(&text), text.len, &to, &errs);
	is_same = errs.count == 0 && strcmp(str_text(&text), str_text(&again.text)) == 0;
	if (!is_same)
		str_putf(why, "written as: %s\nread as:    %s\n%s\n", str_text(&text),
			 str_text(&again.text), errs.item[0].text);
	str_fini(&text);
	str_fini(&again.text);
	return is_same;
}

bool round_trip_check(const struct pktt_command *cmd, struct str *why)
{
	struct pktt_command plain = *cmd;
	bool is_rule = cmd->rule;

	if (is_rule)
		plain.verb = PKTT_RULE_APPEND;
	if (is_rule && !check(&plain, pktt_text_read, put_text, why))
		return false;
	if (is_rule || cmd->verb == PKTT_CHAIN_DECLARE || cmd->verb == PKTT_SET_CREATE ||
	    cmd->verb == PKTT_SET_ADD || cmd->verb == PKTT_TABLE_BEGIN)
		return check(&plain, pktt_json_read, put_document, why);
	return true;
}

static int receive(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct str why = STR_INIT;

	(void)ctx, (void)err;
	if (!round_trip_check(cmd, &why)) {
		fputs(str_text(&why), stderr);
		abort();
	}
	str_fini(&why);
	return 0;
}

const struct pktt_receiver round_trip_receiver = { receive, NULL };
