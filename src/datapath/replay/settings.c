/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "settings.h"

#include <errno.h>
#include <string.h>

#include "base/distance.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/args_value.h"

static const struct pktt_symbol switches[] = {
	{ "off", 0 }, { "on", 1 }, { "0", 0 }, { "1", 1 }, { "no", 0 }, { "yes", 1 }, { NULL, 0 },
};

/* An on/off setting is an enum of one byte, which a bool is. */
_Static_assert(sizeof(bool) == 1, "settings are stored as enum8");

const struct pktt_param replay_setting_params[] = {
	{
		.name = "hz",
		.help = "rate credit is rounded to jiffies as a kernel with this HZ does; 0 is exact",
		PKTT_STORE(struct replay_settings, hz, u32),
		.def = "0",
		.max = 1000,
	},
	{
		.name = "forwarding",
		.help = "whether the router forwards packets",
		.type = &pktt_type_enum8,
		.offset = offsetof(struct replay_settings, forwarding),
		.size = 1,
		.symbols = switches,
		.def = "on",
	},
	{
		.name = "accept-source-route",
		.help = "whether packets with a source route are taken at all",
		.type = &pktt_type_enum8,
		.offset = offsetof(struct replay_settings, accept_source_route),
		.size = 1,
		.symbols = switches,
		.def = "off",
	},
	{
		.name = "bridge-nf",
		.help = "whether bridged IP and ARP meet iptables' and arptables' rules too (br_netfilter)",
		.type = &pktt_type_enum8,
		.offset = offsetof(struct replay_settings, bridge_nf),
		.size = 1,
		.symbols = switches,
		.def = "off",
	},
	{
		.name = "icmp-ratelimit",
		.help = "milliseconds between two ICMP errors to the same host, six saved up; 0 is no limit",
		PKTT_STORE(struct replay_settings, icmp_ratelimit_ms, u32),
		.def = "0",
		.max = 3600000,
	},
};

const unsigned int replay_setting_count = pktt_countof(replay_setting_params);

/* A table of settings, and where its values stand in struct replay_settings. */
struct group {
	const struct pktt_param *param;
	unsigned int count;
	size_t at;
};

enum { GROUPS = 2 };

static struct group group_of(unsigned int n)
{
	if (n == 0)
		return (struct group){ replay_setting_params, replay_setting_count, 0 };
	return (struct group){ ct_setting_params, ct_setting_count,
			       offsetof(struct replay_settings, ct) };
}

static int set(struct replay_settings *settings, const struct group *g, const struct pktt_param *p,
	       const char *text, struct pktt_error *err)
{
	struct pktt_context ctx = { .param = p };
	struct pktt_error why = { 0 };
	uint8_t *at = (uint8_t *)settings + g->at + p->offset;
	uint8_t val[8] = { 0 };
	int r = pktt_args_value_parse(&ctx, text, val, &why);

	if (r == 0)
		r = pktt_args_value_check(&ctx, val, &why);
	if (r)
		return pktt_fail(err, r, "--set %s: %.180s", p->name, why.text);
	memcpy(at, val, p->size);
	return 0;
}

void replay_settings_init(struct replay_settings *settings)
{
	struct group g = group_of(0);

	*settings = (struct replay_settings){ 0 };
	for (size_t i = 0; i < g.count; i++)
		set(settings, &g, &g.param[i], g.param[i].def, NULL);
	ct_settings_init(&settings->ct);
}

static const char *nearest(const char *name, size_t len)
{
	size_t best = (size_t)-1;
	const char *ret = NULL;

	for (unsigned int n = 0; n < GROUPS; n++) {
		struct group g = group_of(n);

		for (size_t i = 0; i < g.count; i++) {
			const char *is = g.param[i].name;
			size_t d = distance(name, len, is, strlen(is));

			if (d >= best || !distance_is_near(d, len))
				continue;
			best = d;
			ret = is;
		}
	}
	return ret;
}

static const struct pktt_param *lookup(const struct group *g, const char *name, size_t len)
{
	for (size_t i = 0; i < g->count; i++)
		if (strlen(g->param[i].name) == len && memcmp(g->param[i].name, name, len) == 0)
			return &g->param[i];
	return NULL;
}

int replay_settings_set(struct replay_settings *settings, const char *word, struct pktt_error *err)
{
	size_t len = strcspn(word, "=");
	const char *near;

	if (word[len] != '=')
		return pktt_fail(err, -EINVAL, "--set: expected KEY=VALUE, not \"%.80s\"", word);
	for (unsigned int n = 0; n < GROUPS; n++) {
		struct group g = group_of(n);
		const struct pktt_param *p = lookup(&g, word, len);

		if (p)
			return set(settings, &g, p, word + len + 1, err);
	}
	near = nearest(word, len);
	if (near)
		return pktt_fail(err, -EINVAL, "--set: unknown key %.*s; did you mean %s?",
				 (int)(len > 40 ? 40 : len), word, near);
	return pktt_fail(err, -EINVAL, "--set: unknown key %.*s", (int)(len > 40 ? 40 : len), word);
}

void replay_settings_help(struct str *out)
{
	for (unsigned int n = 0; n < GROUPS; n++) {
		struct group g = group_of(n);

		for (size_t i = 0; i < g.count; i++)
			str_putf(out, "%s (default %s): %s\n", g.param[i].name, g.param[i].def,
				 g.param[i].help);
	}
}
