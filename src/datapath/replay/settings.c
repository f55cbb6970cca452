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

static const struct pktt_param params[] = {
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

static int set(struct replay_settings *settings, const struct pktt_param *p, const char *text,
	       struct pktt_error *err)
{
	struct pktt_context ctx = { .param = p };
	struct pktt_error why = { 0 };
	uint8_t *at = (uint8_t *)settings + p->offset;
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
	*settings = (struct replay_settings){ 0 };
	for (size_t i = 0; i < pktt_countof(params); i++)
		set(settings, &params[i], params[i].def, NULL);
}

static const char *nearest(const char *name, size_t len)
{
	size_t best = (size_t)-1;
	const char *ret = NULL;

	for (size_t i = 0; i < pktt_countof(params); i++) {
		size_t d = distance(name, len, params[i].name, strlen(params[i].name));

		if (d >= best || !distance_is_near(d, len))
			continue;
		best = d;
		ret = params[i].name;
	}
	return ret;
}

int replay_settings_set(struct replay_settings *settings, const char *word, struct pktt_error *err)
{
	size_t len = strcspn(word, "=");
	const char *near;

	if (word[len] != '=')
		return pktt_fail(err, -EINVAL, "--set: expected KEY=VALUE, not \"%.80s\"", word);
	for (size_t i = 0; i < pktt_countof(params); i++)
		if (strlen(params[i].name) == len && memcmp(params[i].name, word, len) == 0)
			return set(settings, &params[i], word + len + 1, err);
	near = nearest(word, len);
	if (near)
		return pktt_fail(err, -EINVAL, "--set: unknown key %.*s; did you mean %s?",
				 (int)(len > 40 ? 40 : len), word, near);
	return pktt_fail(err, -EINVAL, "--set: unknown key %.*s", (int)(len > 40 ? 40 : len), word);
}

void replay_settings_help(struct str *out)
{
	for (size_t i = 0; i < pktt_countof(params); i++)
		str_putf(out, "%s (default %s): %s\n", params[i].name, params[i].def,
			 params[i].help);
}
