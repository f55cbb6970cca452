/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a packet, for every head, match and target: each rule of the .t files is asked, its
 * matches whatever the others said, its targets on a copy. Nothing may be read or written that is
 * not there, and a match must leave the packet as it was.
 *
 * The first byte is the family, the second the hook and what the capture cut off; the rest is layer
 * 3, for a bridge the frame.
 */
#include "base/own.h"
#include "base/str.h"
#include "core/engine.h"
#include "core/env.h"
#include "core/ext.h"
#include "core/l3.h"
#include "desc/args.h"
#include "desc/source.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <urcu-qsbr.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RULES_MAX = 2000, HEADROOM = 64, TAILROOM = 64, ETHER = 14 };

struct rule {
	struct pktt_rule_spec *spec;
	void **state; /* of the matches, then of the targets */
};

static struct pktt_engine *engine;
static struct rule rules[RULES_MAX];
static unsigned int nrules;

/* --- Rules ------------------------------------------------------------------------------------ */

/* NULL where a rule needs what is not there, such as a set. */
static void *new_state(const struct pktt_use *use)
{
	void *state = calloc(1, use->ext->state_size + 1u);

	if (!state)
		abort();
	if (use->ext->setup && use->ext->setup(engine, use->args, state, NULL)) {
		free(state);
		return NULL;
	}
	return state;
}

static int keep(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct rule *rule = &rules[nrules];
	struct pktt_rule_spec *spec = cmd->rule;

	(void)ctx, (void)err;
	if (cmd->verb != PKTT_RULE_APPEND || nrules == RULES_MAX)
		return 0;
	cmd->rule = NULL;
	rule->spec = spec;
	rule->state = calloc(spec->nmatches + spec->ntargets + 1, sizeof(*rule->state));
	if (!rule->state)
		abort();
	for (unsigned int i = 0; i < spec->nmatches; i++)
		rule->state[i] = new_state(&spec->match[i]);
	for (unsigned int i = 0; i < spec->ntargets; i++)
		if (!(spec->target[i].ext->flags & PKTT_EXT_JUMP))
			rule->state[spec->nmatches + i] = new_state(&spec->target[i]);
	nrules++;
	return 0;
}

static void read_rule(enum pktt_family family, const char *rule)
{
	static const struct pktt_receiver to = { keep, NULL };
	struct pktt_source src = { .name = "rules", .family = family, .is_native = true };
	struct pktt_errors errs = { 0 };
	struct str text = STR_INIT;

	src.catalog = pktt_engine_catalog(engine);
	str_putf(&text, "*filter\n-A FORWARD %s\nCOMMIT\n", rule);
	pktt_text_read(&src, text.data, text.len, &to, &errs);
	str_fini(&text);
}

/* Rules about packets, in the first family of their place. */
static void read_file(const char *path)
{
	FILE *f = fopen(path, "re");
	enum pktt_family family = PKTT_IPV4;
	char line[8192], *bar;

	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, ": ", 2) == 0) {
			line[2 + strcspn(line + 2, " ,")] = '\0';
			if (pktt_family_parse(line + 2, &family))
				abort();
		} else if (*line != '#' && (bar = strstr(line, " | ")) != NULL) {
			*bar = '\0';
			read_rule(family, line);
		}
	}
	if (f)
		fclose(f);
}

static void read_rules(void)
{
	static const struct pktt_engine_config config = { .workers = 1 };
	DIR *folder = opendir(PKTT_T_FOLDER);
	struct dirent *entry;

	rcu_register_thread();
	if (!folder || pktt_engine_new(&engine, &config, NULL))
		abort();
	while ((entry = readdir(folder))) {
		char path[4096];

		snprintf(path, sizeof(path), "%s/%s", PKTT_T_FOLDER, entry->d_name);
		if (strstr(entry->d_name, ".t"))
			read_file(path);
	}
	closedir(folder);
	if (nrules < 500)
		abort();
}

/* --- The world -------------------------------------------------------------------------------- */

static uint32_t chance(struct pktt_env *env)
{
	(void)env;
	return 0x12345678;
}

static void take(struct pktt_env *env, struct pktt_packet **pkt, const struct pktt_packet *cause)
{
	(void)env, (void)cause;
	pktt_packet_free(pkt);
}

static void take_copy(struct pktt_env *env, struct pktt_packet **pkt,
		      const struct pktt_addr *gateway, const char *oif)
{
	(void)env, (void)gateway, (void)oif;
	pktt_packet_free(pkt);
}

static void take_frame(struct pktt_env *env, struct pktt_packet **pkt, const struct pktt_iface *out)
{
	(void)env, (void)out;
	pktt_packet_free(pkt);
}

static const struct pktt_env_ops ops = {
	.random = chance,
	.emit = take,
	.tee = take_copy,
	.emit_frame = take_frame,
};

static const struct pktt_iface in = { .name = "eth0", .index = 1, .arphrd = 1, .has_mac = true };
static const struct pktt_iface out = { .name = "eth1", .index = 2, .arphrd = 1 };

/* --- Packets ---------------------------------------------------------------------------------- */

static void be_there(struct pktt_packet *pkt, struct pktt_env *env, uint8_t how)
{
	pkt->env = env;
	pkt->engine = engine;
	pkt->hook = (enum pktt_hook)(how % PKTT_HOOK_COUNT);
	pkt->in = how & 0x10 ? &in : NULL;
	pkt->out = how & 0x20 ? &out : NULL;
	pkt->wire_len += how & 0x80 ? 100 : 0;
}

/* A frame on a bridge; else the bytes stand behind an Ethernet header. */
static bool parse(struct pktt_packet *pkt, enum pktt_family family)
{
	static const uint16_t type[] = { 0x0800, 0x86dd, 0x0800, 0x0806 };

	if (family == PKTT_BRIDGE) {
		if (pktt_packet_parse_ethernet(pkt))
			return false;
		pkt->family = PKTT_BRIDGE;
		pkt->wire_len = pkt->end - pkt->l3;
		return pktt_l3_of(PKTT_BRIDGE)->parse(pkt) == 0;
	}
	pkt->l2_len = ETHER;
	pkt->l3 = pkt->l2 + ETHER;
	pkt->ethertype = type[family];
	pkt->wire_len = pkt->end > pkt->l3 ? pkt->end - pkt->l3 : 0;
	/* Malformed ones never come to a hook; here they do all the same. */
	if (pktt_packet_parse_ip(pkt))
		pkt->has_l4 = false;
	return pkt->end >= pkt->l3;
}

static void ask(const struct rule *rule, struct pktt_packet *pkt)
{
	const struct pktt_rule_spec *spec = rule->spec;
	struct pktt_packet *copy = NULL;

	pktt_match_run(spec->head.ext, pkt, spec->head.args, NULL);
	for (unsigned int i = 0; i < spec->nmatches; i++)
		if (rule->state[i])
			pktt_match_run(spec->match[i].ext, pkt, spec->match[i].args,
				       rule->state[i]);
	for (unsigned int i = 0; i < spec->ntargets; i++) {
		if (!rule->state[spec->nmatches + i] || pktt_packet_copy(&copy, pkt))
			continue;
		pktt_target_run(spec->target[i].ext, copy, spec->target[i].args,
				rule->state[spec->nmatches + i]);
		pktt_packet_free(&copy);
	}
}

static bool serves(const struct rule *rule, enum pktt_family family)
{
	return rule->spec->family == family ||
	       (rule->spec->family == PKTT_INET && family <= PKTT_IPV6);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pktt_env env = { .ops = &ops };
	struct pktt_packet pkt = { 0 };
	uint8_t *was;

	if (!engine)
		read_rules();
	if (size < 3 || size > 4096)
		return 0;
	pkt.room = (uint32_t)(HEADROOM + size + TAILROOM);
	pkt.buf = calloc(2, pkt.room);
	if (!pkt.buf)
		return 0;
	was = pkt.buf + pkt.room;
	pkt.l2 = pkt.l3 = HEADROOM;
	pkt.end = (uint32_t)(HEADROOM + size - 2);
	memcpy(pkt.buf + HEADROOM, data + 2, size - 2);
	memcpy(was, pkt.buf, pkt.room);
	if (parse(&pkt, (enum pktt_family)(data[0] % PKTT_FAMILY_COUNT))) {
		be_there(&pkt, &env, data[1]);
		for (unsigned int i = 0; i < nrules; i++)
			if (serves(&rules[i], pkt.family))
				ask(&rules[i], &pkt);
		if (memcmp(was, pkt.buf, pkt.room) != 0)
			abort();
	}
	free(pkt.buf);
	return 0;
}
