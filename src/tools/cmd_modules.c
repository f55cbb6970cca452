/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt modules, describe and help: what extensions there are, all from their tables. */
#include "tools/cmd_modules.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "core/engine.h"
#include "desc/args.h"
#include "desc/catalog.h"
#include "desc/describe.h"
#include "desc/family.h"
#include "libpkttnetlink/own.h"
#include "tools/options.h"

#include <stdio.h>
#include <string.h>

enum { PLUGINS, JSON, FAMILY };

static const struct tool_option options[] = {
	[PLUGINS] = { "plugins", 0, "FOLDER", "load extensions from the shared objects there too",
		      false },
	[JSON] = { "json", 0, NULL, "the descriptions as JSON", false },
	[FAMILY] = { "family", 0, "FAMILY", "only what serves it: ipv4, ipv6, arp or bridge",
		     false },
};

static const char *const kind_name[] = {
	[PKTT_KIND_HEAD] = "head",
	[PKTT_KIND_MATCH] = "match",
	[PKTT_KIND_TARGET] = "target",
	[PKTT_KIND_SET] = "set",
};

/* Whose extensions are told of: a running pkttd's, or else this program's own. */
struct known {
	struct pktt_engine *engine;
	struct pkttnl_catalog *live;
	const struct pktt_catalog *cat;
};

/* pkttd may have extensions that this program was built without; --plugins asks for its own. */
static bool ask_pkttd(const struct tool_args *args, struct known *ret)
{
	struct pkttnl *nl = NULL;

	if (tool_args_value(args, PLUGINS) || pkttnl_open(&nl, NULL, NULL, 0, NULL))
		return false;
	if (pkttnl_catalog_get(&ret->live, nl, NULL) == 0)
		ret->cat = pkttnl_catalog_desc(ret->live);
	pkttnl_close(&nl);
	return ret->cat;
}

static bool known_open(const struct tool_args *args, struct known *ret)
{
	struct pktt_engine_config config = {
		.workers = 1,
		.plugin_folder = tool_args_value(args, PLUGINS),
	};
	struct pktt_error err = { 0 };

	*ret = (struct known){ 0 };
	if (ask_pkttd(args, ret))
		return true;
	if (pktt_engine_new(&ret->engine, &config, &err)) {
		fprintf(stderr, "pktt %s: %s\n", args->command->name, err.text);
		return false;
	}
	ret->cat = pktt_engine_catalog(ret->engine);
	return true;
}

static void known_close(struct known *known)
{
	pktt_engine_free(&known->engine);
	pkttnl_catalog_put(&known->live);
}

static void put_family_letters(const struct pktt_ext *ext, struct str *out)
{
	static const struct {
		uint32_t family;
		char letter;
	} letters[] = {
		{ PKTT_FAM_V4, '4' },
		{ PKTT_FAM_V6, '6' },
		{ PKTT_FAM_ARP, 'a' },
		{ PKTT_FAM_BR, 'b' },
	};

	for (size_t i = 0; i < pktt_countof(letters); i++)
		str_putc(out, ext->families & letters[i].family ? letters[i].letter : '-');
}

static const char *state_of(const struct pktt_ext *ext)
{
	if (ext->flags & PKTT_EXT_NEEDS_CT)
		return "stateful";
	if (ext->flags & PKTT_EXT_INERT)
		return "inert";
	return ext->flags & PKTT_EXT_LIVE_ONLY ? "live" : "";
}

static void put_row(const struct pktt_ext *ext, struct str *out)
{
	str_putf(out, "%-14s %-7s ", ext->name, kind_name[ext->kind]);
	put_family_letters(ext, out);
	str_putf(out, "  %-9s %s\n", state_of(ext), ext->summary);
}

/* Those that the command line asks for: of a family, or named. */
static bool is_wanted(const struct tool_args *args, const struct pktt_ext *ext, uint32_t families)
{
	return ext->families & families &&
	       (args->noperands == 0 || strcmp(ext->name, args->operand[0]) == 0);
}

static void put_all(const struct tool_args *args, const struct pktt_catalog *cat, uint32_t families,
		    struct str *out)
{
	bool json = tool_args_has(args, JSON);
	struct json j = json_to(out);
	const struct pktt_ext *ext;

	if (json)
		json_begin_array(&j);
	else
		str_puts(out, "NAME           KIND    FAMILY STATE    WHAT\n");
	for (size_t i = 0; (ext = pktt_catalog_at(cat, i)); i++) {
		if (!is_wanted(args, ext, families))
			continue;
		if (json)
			pktt_describe_json(ext, &j);
		else
			put_row(ext, out);
	}
	if (json) {
		json_end_array(&j);
		str_putc(out, '\n');
	}
}

static int families_wanted(const struct tool_args *args, uint32_t *ret)
{
	const char *name = tool_args_value(args, FAMILY);
	enum pktt_family family;
	struct pktt_error err = { 0 };

	*ret = PKTT_FAM_ALL;
	if (!name)
		return 0;
	if (pktt_family_parse(name, &family)) {
		pktt_fail(&err, -1, "there is no family %s", name);
		return tool_usage_error(args->command, &err);
	}
	*ret = PKTT_FAM(family);
	return 0;
}

static int run_modules(const struct tool_args *args)
{
	struct str out = STR_INIT;
	struct known known;
	uint32_t families;
	int r = families_wanted(args, &families);

	if (r)
		return r;
	if (!known_open(args, &known))
		return TOOL_REFUSED;
	put_all(args, known.cat, families, &out);
	fputs(str_text(&out), stdout);
	str_fini(&out);
	known_close(&known);
	return TOOL_OK;
}

/* --- One extension -------------------------------------------------------------------------- */

typedef void describe_fn(const struct pktt_ext *ext, struct str *out);

/* Every extension of that name: a match and a target may share it, families may differ. */
static unsigned int for_name(const struct pktt_catalog *cat, const char *name, describe_fn *fn,
			     struct str *out)
{
	const struct pktt_ext *ext;
	unsigned int n = 0;

	for (size_t i = 0; (ext = pktt_catalog_at(cat, i)); i++) {
		if (strcasecmp(ext->name, name) != 0)
			continue;
		if (n++ > 0)
			str_putc(out, '\n');
		fn(ext, out);
	}
	return n;
}

static unsigned int for_param(const struct pktt_catalog *cat, const char *name, const char *param,
			      struct str *out)
{
	size_t len = (size_t)(param - name) - 1;
	const struct pktt_ext *ext;
	unsigned int found = 0, n;

	param += strspn(param, "-");
	for (size_t i = 0; (ext = pktt_catalog_at(cat, i)); i++)
		if (strlen(ext->name) == len && strncasecmp(ext->name, name, len) == 0 &&
		    pktt_args_lookup(ext, PKTT_INET, param, strlen(param), &n) == 0) {
			pktt_describe_param(ext, n, out);
			found++;
		}
	return found;
}

static int nothing_found(const struct tool_args *args, const struct pktt_catalog *cat)
{
	const char *name = args->operand[0], *near = NULL;
	size_t dist = (size_t)-1;
	const struct pktt_ext *ext;

	for (size_t i = 0; (ext = pktt_catalog_at(cat, i)); i++)
		tool_suggest(name, ext->name, &near, &dist);
	fprintf(stderr, "pktt %s: there is no extension %.80s%s%s%s\n", args->command->name, name,
		near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
	return TOOL_REFUSED;
}

static int describe_with(const struct tool_args *args, describe_fn *fn)
{
	const char *name = args->operand[0], *dot = strchr(name, '.');
	const struct tool_command *command;
	struct str out = STR_INIT;
	struct known known;
	unsigned int n;
	int ret = TOOL_OK;

	if (!known_open(args, &known))
		return TOOL_REFUSED;
	command = fn == pktt_describe_help ? tool_command_lookup(name) : NULL;
	n = dot ? for_param(known.cat, name, dot + 1, &out) : for_name(known.cat, name, fn, &out);
	/* A match may be named like a command; then help is the match's. */
	if (n == 0 && command)
		tool_command_help(command, &out);
	else if (n == 0)
		ret = nothing_found(args, known.cat);
	fputs(str_text(&out), stdout);
	str_fini(&out);
	known_close(&known);
	return ret;
}

static int run_describe(const struct tool_args *args)
{
	return tool_args_has(args, JSON) ? run_modules(args)
					 : describe_with(args, pktt_describe_line);
}

static int run_help(const struct tool_args *args)
{
	return describe_with(args, pktt_describe_help);
}

const struct tool_command cmd_modules = {
	.name = "modules",
	.summary = "list the matches and targets that there are",
	.text = "FAMILY: 4 IPv4, 6 IPv6, a ARP, b bridge. STATE: stateful needs connection "
		"tracking, inert never does anything here, live needs a live host.",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run_modules,
};

const struct tool_command cmd_describe = {
	.name = "describe",
	.summary = "say what an extension is and takes, in a line",
	.operands = "MODULE[.OPTION]",
	.operands_min = 1,
	.operands_max = 1,
	.options = options,
	.noptions = FAMILY,
	.run = run_describe,
};

const struct tool_command cmd_help = {
	.name = "help",
	.summary =
		"say all about an extension, or a command: options, where it works, what it needs",
	.operands = "MODULE[.OPTION]|COMMAND",
	.operands_min = 1,
	.operands_max = 1,
	.options = options,
	.noptions = JSON,
	.run = run_help,
};
