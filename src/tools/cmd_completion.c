/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pktt completion: scripts for bash, zsh and fish, and what they ask.
 *
 * The scripts are short and the same for all times: they hand the words of the line back to `pktt
 * completion words`, which answers from the tables of commands and extensions, and with the names of
 * tables, chains, sets and rules that a running pkttd has.
 */
#include "tools/cmd_completion.h"

#include "base/own.h"
#include "base/str.h"
#include "desc/args.h"
#include "desc/catalog.h"
#include "tools/live_rules.h"
#include "tools/verbs.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const struct tool_option options[] = { LIVE_OPTIONS };

static const char bash_script[] =
	"# bash completion of pktt and the names under which programs call it\n"
	"_pktt()\n"
	"{\n"
	"\tlocal cur=\"${COMP_WORDS[COMP_CWORD]}\"\n"
	"\tlocal -a found\n"
	"\tmapfile -t found < <(pktt completion words -- \"$COMP_CWORD\" \"${COMP_WORDS[@]}\" "
	"2>/dev/null)\n"
	"\tCOMPREPLY=()\n"
	"\tlocal w\n"
	"\tfor w in \"${found[@]}\"; do\n"
	"\t\tif [ \"$w\" = '<file>' ]; then\n"
	"\t\t\tCOMPREPLY+=($(compgen -f -- \"$cur\"))\n"
	"\t\telse\n"
	"\t\t\tCOMPREPLY+=(\"$w\")\n"
	"\t\tfi\n"
	"\tdone\n"
	"}\n"
	"complete -o filenames -F _pktt pktt\n";

static const char zsh_script[] =
	"#compdef pktt\n"
	"# zsh completion of pktt\n"
	"_pktt()\n"
	"{\n"
	"\tlocal -a found\n"
	"\tfound=(\"${(@f)$(pktt completion words -- $((CURRENT - 1)) \"${words[@]}\" "
	"2>/dev/null)}\")\n"
	"\tif (( ${found[(Ie)<file>]} )); then\n"
	"\t\t_files\n"
	"\tfi\n"
	"\tfound=(\"${(@)found:#<file>}\")\n"
	"\tcompadd -- \"${found[@]}\"\n"
	"}\n"
	"compdef _pktt pktt\n";

static const char fish_script[] =
	"# fish completion of pktt\n"
	"function __pktt_words\n"
	"\tset -l words (commandline -opc) (commandline -ct)\n"
	"\tset -l at (math (count $words) - 1)\n"
	"\tpktt completion words -- $at $words 2>/dev/null | string match -v '<file>'\n"
	"end\n"
	"complete -c pktt -a '(__pktt_words)'\n";

/* --- Answers ---------------------------------------------------------------------------------------- */

struct answers {
	const char *beginning; /* of the word that is being typed */
	struct live *live;
	struct pktt_engine *engine;
	enum pktt_family family;
	const char *const *word;
	size_t n, at; /* words of the line, which of them is being typed */
	char last[256];
};

/* Nothing but the beginning's continuation, and nothing twice in a row. */
static void offer(struct answers *a, const char *before, const char *word)
{
	PKTT_AUTO(str_fini) struct str text = STR_INIT;

	str_putf(&text, "%s%s", before, word);
	if (strncmp(str_text(&text), a->beginning, strlen(a->beginning)) != 0 ||
	    strcmp(str_text(&text), a->last) == 0)
		return;
	snprintf(a->last, sizeof(a->last), "%s", str_text(&text));
	puts(str_text(&text));
}

/* Words of a text, "a|b|c" or "a b c". */
static void offer_words(struct answers *a, const char *text, const char *separators)
{
	char copy[256], *save = NULL;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *w = strtok_r(copy, separators, &save); w; w = strtok_r(NULL, separators, &save))
		offer(a, "", w);
}

static void offer_exts(struct answers *a, enum pktt_ext_kind kind)
{
	const struct pktt_ext *ext;

	for (size_t i = 0; (ext = pktt_catalog_at(pktt_engine_catalog(a->engine), i)); i++)
		if (ext->kind == kind && ext->families >> a->family & 1 &&
		    !(ext->flags & PKTT_EXT_JUMP))
			offer(a, "", ext->name);
}

static void offer_params(struct answers *a, const struct pktt_ext *ext)
{
	for (unsigned int n = 0; ext && n < ext->nparams; n++)
		if (!(ext->params[n].flags & PKTT_HIDDEN) &&
		    (!ext->params[n].families || ext->params[n].families >> a->family & 1))
			offer(a, "--", ext->params[n].name);
}

/* --- Names that pkttd has ---------------------------------------------------------------------------- */

enum live_kind { LIVE_CHAINS, LIVE_SETS, LIVE_RULE_NAMES };

struct asked {
	struct answers *a;
	enum live_kind kind;
};

static int take_name(void *ctx, const struct pkttnl_object *obj)
{
	struct asked *q = ctx;
	const struct pkttnl_rule *rule;
	const char *name = NULL;

	switch (q->kind) {
	case LIVE_CHAINS:
		name = pkttnl_object_text(obj, PKTTA_CHAIN);
		break;
	case LIVE_SETS:
		name = pkttnl_object_text(obj, PKTTA_SET);
		break;
	case LIVE_RULE_NAMES:
		rule = pkttnl_object_rule(obj);
		name = rule ? pkttnl_rule_name(rule) : NULL;
		break;
	}
	if (name && name[0])
		offer(q->a, "", name);
	return 0;
}

static const char *value_behind(const struct answers *a, const char *option, const char *otherwise)
{
	for (size_t i = 0; i + 1 < a->n; i++)
		if (strcmp(a->word[i], option) == 0 && i + 1 != a->at)
			return a->word[i + 1];
	return otherwise;
}

static void offer_live(struct answers *a, enum live_kind kind)
{
	struct asked q = { a, kind };
	struct pkttnl *nl = NULL;
	const char *table = value_behind(a, "-t", "filter");

	if (pkttnl_open(&nl, NULL, "pktt", PKTTNL_VIEW, NULL) &&
	    pkttnl_open(&nl, NULL, "pktt", 0, NULL))
		return;
	pkttnl_set_timeout(nl, 500);
	if (kind == LIVE_CHAINS)
		(void)!pkttnl_list_chains(nl, (enum pkttnl_family)a->family, table, take_name, &q,
					  NULL);
	else if (kind == LIVE_SETS)
		(void)!pkttnl_list_sets(nl, take_name, &q, NULL);
	else
		(void)!pkttnl_list_rules(nl, (enum pkttnl_family)a->family, table, NULL, take_name,
					 &q, NULL);
	pkttnl_close(&nl);
}

/* --- Which ------------------------------------------------------------------------------------------- */

static void offer_chains(struct answers *a)
{
	offer_words(a, "INPUT FORWARD OUTPUT PREROUTING POSTROUTING", " ");
	offer_live(a, LIVE_CHAINS);
}

static void offer_tables(struct answers *a)
{
	if (a->family == PKTT_ARP)
		offer_words(a, "filter", " ");
	else if (a->family == PKTT_BRIDGE)
		offer_words(a, "filter nat broute", " ");
	else
		offer_words(a, "filter nat mangle raw security", " ");
}

/* What a verb's line can have next, by the word before. */
static void complete_verb(struct answers *a)
{
	static const char *const chain_behind[] = { "-A", "-I", "-D", "-R", "-C", "-L", "-S",
						    "-F", "-Z", "-X", "-P", "-E", "-g" };
	const char *before = a->at ? a->word[a->at - 1] : "";
	const struct pktt_catalog *cat = pktt_engine_catalog(a->engine);

	for (size_t i = 0; i < pktt_countof(chain_behind); i++)
		if (strcmp(before, chain_behind[i]) == 0) {
			offer_chains(a);
			return;
		}
	if (strcmp(before, "-t") == 0 || strcmp(before, "--table") == 0) {
		offer_tables(a);
	} else if (strcmp(before, "-m") == 0) {
		offer_exts(a, PKTT_KIND_MATCH);
	} else if (strcmp(before, "-j") == 0) {
		offer_exts(a, PKTT_KIND_TARGET);
		offer_live(a, LIVE_CHAINS);
	} else if (strcmp(before, "-p") == 0) {
		offer_words(a, "tcp udp icmp icmpv6 sctp gre esp ah udplite all", " ");
	} else if (strcmp(before, "--match-set") == 0) {
		offer_live(a, LIVE_SETS);
	} else if (strcmp(before, "--name") == 0) {
		offer_live(a, LIVE_RULE_NAMES);
	} else if (a->at > 1 && strcmp(a->word[a->at - 2], "-P") == 0) {
		offer_words(a, "ACCEPT DROP", " ");
	} else {
		for (size_t i = 0; i + 1 < a->n; i++) {
			bool is_match =
				strcmp(a->word[i], "-m") == 0 || strcmp(a->word[i], "-p") == 0;

			if (is_match || strcmp(a->word[i], "-j") == 0)
				offer_params(a, pktt_catalog_lookup(cat,
								    is_match ? PKTT_KIND_MATCH
									     : PKTT_KIND_TARGET,
								    a->word[i + 1], a->family));
		}
		offer_params(a, pktt_catalog_head(cat, a->family));
		offer_words(a,
			    "-A -I -D -R -C -L -S -F -N -X -P -E -Z -t -v -n -x -p -s -d -i -o -m "
			    "-j --line-numbers --name --handle --before --after --json --family",
			    " ");
	}
}

/* "add|del|test NAME [ELEMENT...]": the words of the first operand. */
static bool offer_operand_words(struct answers *a, const struct tool_command *c)
{
	char copy[200];

	if (!c->operands || !strchr(c->operands, '|'))
		return false;
	snprintf(copy, sizeof(copy), "%.*s", (int)strcspn(c->operands, " "), c->operands);
	offer_words(a, copy, "|");
	return true;
}

static void complete_operand(struct answers *a, const struct tool_command *c, size_t command_at)
{
	const char *operands = c->operands ? c->operands : "";
	const struct pktt_ext *ext;

	if (strncmp(operands, "MODULE", 6) == 0) {
		for (size_t i = 0; (ext = pktt_catalog_at(pktt_engine_catalog(a->engine), i)); i++)
			offer(a, "", ext->name);
		return;
	}
	if (strcmp(c->name, "set") == 0 && a->at == command_at + 2) {
		offer_live(a, LIVE_SETS);
		return;
	}
	if (a->at == command_at + 1 && offer_operand_words(a, c))
		return;
	if (strncmp(operands, "FILE", 4) == 0)
		puts("<file>");
}

static void complete_command(struct answers *a, const struct tool_command *c, size_t command_at)
{
	const char *before = a->word[a->at - 1];

	for (size_t i = 0; i < c->noptions; i++) {
		const struct tool_option *o = &c->options[i];

		if (!o->value || strncmp(before, "--", 2) != 0 || strcmp(before + 2, o->name) != 0)
			continue;
		if (strcmp(o->name, "family") == 0)
			offer_words(a, "ipv4 ipv6 inet arp bridge", " ");
		else if (strcmp(o->name, "color") == 0)
			offer_words(a, "auto always never", " ");
		else if (strcmp(o->name, "format") == 0)
			offer_words(a, "native iptables json", " ");
		else
			puts("<file>");
		return;
	}
	if (a->beginning[0] == '-')
		for (size_t i = 0; i < c->noptions; i++)
			offer(a, "--", c->options[i].name);
	else
		complete_operand(a, c, command_at);
}

static void complete_first(struct answers *a)
{
	if (a->beginning[0] == '-') {
		complete_verb(a);
		offer_words(a,
			    "--socket --netns --json --quiet --verbose --color --family --version "
			    "--help",
			    " ");
		return;
	}
	for (size_t i = 0; tool_commands[i]; i++)
		offer(a, "", tool_commands[i]->name);
	offer_words(a, "-A -I -D -L -S", " ");
}

static void complete(struct answers *a)
{
	for (size_t i = 1; i < a->at && i < a->n; i++) {
		const struct tool_command *c = tool_command_lookup(a->word[i]);

		if (c && a->word[i][0] != '-') {
			complete_command(a, c, i);
			return;
		}
		if (verbs_are_there(1, &a->word[i])) {
			complete_verb(a);
			return;
		}
	}
	if (a->at > 1 && strcmp(a->word[a->at - 1], "--family") == 0)
		offer_words(a, "ipv4 ipv6 inet arp bridge", " ");
	else if (a->at > 1 && strcmp(a->word[a->at - 1], "-t") == 0)
		offer_tables(a);
	else
		complete_first(a);
}

static enum pktt_family family_of(const struct answers *a)
{
	static const char *const names[] = { "ipv4", "ipv6", "inet", "arp", "bridge" };
	const char *name = value_behind(a, "--family", "ipv4");

	for (size_t i = 0; i < pktt_countof(names); i++)
		if (strcmp(names[i], name) == 0)
			return (enum pktt_family)i;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->word[i], "-6") == 0)
			return PKTT_IPV6;
	return PKTT_IPV4;
}

/* pktt completion words -- NUMBER WORD...: the words of the line, and which of them is being typed. */
static int run_words(const struct tool_args *args, struct live *live)
{
	struct pktt_engine_config config = { .workers = 1 };
	struct answers a = { .live = live };

	if (args->noperands < 3)
		return TOOL_USAGE;
	a.at = strtoul(args->operand[1], NULL, 10);
	a.word = args->operand + 2;
	a.n = args->noperands - 2;
	if (a.at == 0 || a.at > a.n)
		return TOOL_USAGE;
	a.beginning = a.at < a.n ? a.word[a.at] : "";
	a.family = family_of(&a);
	if (pktt_engine_new(&a.engine, &config, NULL))
		return TOOL_REFUSED;
	complete(&a);
	pktt_engine_free(&a.engine);
	return TOOL_OK;
}

static int run(const struct tool_args *args)
{
	const char *shell = args->operand[0];
	struct pktt_error err = { 0 };
	struct live live;

	if (strcmp(shell, "bash") == 0)
		fputs(bash_script, stdout);
	else if (strcmp(shell, "zsh") == 0)
		fputs(zsh_script, stdout);
	else if (strcmp(shell, "fish") == 0)
		fputs(fish_script, stdout);
	else if (strcmp(shell, "words") == 0)
		return live_begin(&live, args) ? TOOL_REFUSED : run_words(args, &live);
	else
		return pktt_fail(&err, -1,
				 "there are scripts for bash, zsh and fish, not for %.40s", shell),
		       tool_usage_error(args->command, &err);
	return TOOL_OK;
}

const struct tool_command cmd_completion = {
	.name = "completion",
	.summary = "print what a shell needs to complete pktt's commands",
	.operands = "bash|zsh|fish",
	.operands_min = 1,
	.operands_max = (size_t)-1,
	.text = "For bash: pktt completion bash >/usr/share/bash-completion/completions/pktt. Names of "
		"tables, chains, sets and rules are those that a running pkttd has.",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run,
};
