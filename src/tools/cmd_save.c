/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt save: a ruleset in its canonical form, as text of iptables, native text or JSON. */
#include "tools/cmd_save.h"

#include "base/own.h"
#include "base/str.h"
#include "desc/family.h"
#include "tools/options.h"
#include "tools/rule_files.h"

#include <pktt/type.h>

#include <stdio.h>
#include <string.h>

enum { FORMAT = TOOL_RULE_OPTION_COUNT, FAMILY, COUNTERS, JSON };

static const struct tool_option options[] = {
	TOOL_RULE_OPTIONS,
	[FORMAT] = { "format", 0, "FORMAT", "native (default), iptables or json", false },
	[FAMILY] = { "family", 0, "FAMILY",
		     "with iptables: ipv4 (default), ipv6 or arp; the tables of that family",
		     false },
	[COUNTERS] = { "counters", 'c', NULL, "packet and byte counters too", false },
	[JSON] = { "json", 0, NULL, "the same as --format json", false },
};

enum format { NATIVE, IPTABLES, AS_JSON, UNKNOWN };

static enum format format_wanted(const struct tool_args *args)
{
	static const char *const name[] = { "native", "iptables", "json" };
	const char *want = tool_args_value(args, FORMAT);

	if (!want)
		return tool_args_has(args, JSON) ? AS_JSON : NATIVE;
	for (size_t i = 0; i < pktt_countof(name); i++)
		if (strcmp(name[i], want) == 0)
			return (enum format)i;
	return UNKNOWN;
}

static int put(struct tool_rules *rules, enum format format, enum pktt_family family,
	       unsigned int flags)
{
	struct pktt_errors errs = { 0 };
	struct str out = STR_INIT, why = STR_INIT;
	int r = 0;

	if (format == AS_JSON) {
		pktt_save_json(rules->engine, PKTT_VERSION, &out);
		str_putc(&out, '\n');
	} else {
		flags |= format == NATIVE ? PKTT_SAVE_NATIVE : 0;
		r = pktt_save_text(rules->engine, family, flags, &out, &errs);
	}
	if (r == 0)
		fputs(str_text(&out), stdout);
	pktt_errors_print(&errs, tool_rules_line, rules, &why);
	fputs(str_text(&why), stderr);
	str_fini(&out);
	str_fini(&why);
	return r ? TOOL_REFUSED : TOOL_OK;
}

static int run(const struct tool_args *args)
{
	struct pktt_engine_config config = {
		.workers = 1,
		.plugin_folder = tool_args_value(args, TOOL_PLUGINS),
		.osf_file = tool_args_value(args, TOOL_OSF),
	};
	const char *family_name = tool_args_value(args, FAMILY);
	enum format format = format_wanted(args);
	enum pktt_family family = PKTT_IPV4;
	struct pktt_error err = { 0 };
	struct tool_rules rules;
	int ret = TOOL_REFUSED;

	if (format == UNKNOWN)
		pktt_fail(&err, -1, "--format is native, iptables or json");
	else if (family_name && pktt_family_parse(family_name, &family))
		pktt_fail(&err, -1, "there is no family %s", family_name);
	if (err.code)
		return tool_usage_error(args->command, &err);
	if (tool_rules_init(&rules, &config) == 0) {
		tool_rules_read_all(&rules, args);
		if (tool_rules_commit(&rules) == 0)
			ret = put(&rules, format, family,
				  tool_args_has(args, COUNTERS) ? PKTT_SAVE_COUNTERS : 0);
	}
	tool_rules_fini(&rules);
	return ret;
}

const struct tool_command cmd_save = {
	.name = "save",
	.summary = "print rules in canonical form, or in another one",
	.text = "Reads the rule files and prints the ruleset: what is saved loads again and gives "
		"the same. What iptables cannot express is refused by handle and reason.",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run,
};
