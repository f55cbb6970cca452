/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Passive fingerprinting of the operating system that opens a TCP connection, after p0f.
 *
 * Fingerprints come from a file (osf_finger.c); without one no packet matches, as on a Linux into
 * which none were loaded. Linux takes "!" and does nothing with it, and with --log it matches every
 * known system; a ruleset means what it does there, so both are followed.
 */
#include "ext/osf.h"
#include "base/buf.h"
#include "base/own.h"
#include "base/str.h"
#include "core/engine.h"
#include "core/log_text.h"
#include "core/named.h"
#include "ext/match.h"

#include <errno.h>
#include <netinet/in.h>

struct osf_args {
	struct pktt_args head;
	char genre[32];
	uint8_t ttl, log;
};

enum { GENRE, TTL, LOG };
enum { TTL_TRUE = 0, TTL_LESS = 1, TTL_ANY = 2 };
enum { LOG_ALL = 0, LOG_FIRST = 1, LOG_KNOWN = 2, LOG_LEVEL = 5 };

static const struct pktt_param osf_params[] = {
	[GENRE] = {
		.name = "genre",
		.help = "name of the system; ! is taken and has no effect, as on Linux",
		PKTT_STORE_TEXT(struct osf_args, genre),
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED,
	},
	[TTL] = {
		.name = "ttl",
		.help = "0: the time to live is the system's; 1: it is that or less; 2: any",
		PKTT_STORE(struct osf_args, ttl, u8),
		.max = TTL_ANY,
	},
	[LOG] = {
		.name = "log",
		.help = "log 0 all, 1 the first, 2 the known systems; then any known one matches",
		PKTT_STORE(struct osf_args, log, u8),
		.max = LOG_KNOWN,
	},
};

static const struct pktt_named finger_files = { "osf", osf_fingers_new, osf_fingers_free };

static const char *file_of(struct pktt_engine *engine)
{
	const char *file = pktt_engine_config(engine)->osf_file;

	return file ? file : "";
}

static int osf_setup(struct pktt_engine *engine, const void *args, void *state,
		     struct pktt_error *err)
{
	return pktt_named_get(state, engine, &finger_files, file_of(engine), args, err);
}

static void osf_teardown(struct pktt_engine *engine, const void *args, void *state)
{
	(void)args, (void)state;
	pktt_named_put(engine, &finger_files, file_of(engine));
}

/* --- What of a packet is compared ------------------------------------------------------------- */

struct seen {
	uint16_t total, window, sport, dport;
	uint8_t ttl;
	bool dont_fragment;
	const uint8_t *opt;
	uint32_t opt_len;
};

static bool look_at(const struct pktt_packet *pkt, struct seen *seen)
{
	const uint8_t *ip = pktt_packet_read(pkt, PKTT_L3, 0, 20);
	const uint8_t *tcp = pktt_packet_read(pkt, PKTT_L4, 0, 20);

	if (!ip || !tcp || !(tcp[13] & 0x02))
		return false;
	seen->total = get_be16(ip + 2);
	seen->dont_fragment = ip[6] & 0x40;
	seen->ttl = ip[8];
	seen->sport = get_be16(tcp);
	seen->dport = get_be16(tcp + 2);
	seen->window = get_be16(tcp + 14);
	seen->opt_len = (uint32_t)(tcp[12] >> 4) * 4;
	seen->opt_len = seen->opt_len > 20 ? seen->opt_len - 20 : 0;
	seen->opt = pktt_packet_read(pkt, PKTT_L4, 20, seen->opt_len);
	return seen->opt;
}

static bool ttl_fits(uint8_t ttl, uint8_t want, uint8_t how)
{
	return how == TTL_ANY || (how == TTL_LESS ? ttl <= want : ttl == want);
}

/* The options are of the listed kinds, in their usual lengths and nothing else. */
static bool options_fit(const struct seen *seen, const struct osf_finger *f, uint32_t *mss)
{
	uint32_t at = 0;

	*mss = 0;
	if (f->opt_len != seen->opt_len)
		return false;
	for (unsigned int i = 0; i < f->nopts; at += f->opt[i++].len) {
		if (seen->opt[at] != f->opt[i].kind)
			return false;
		if (f->opt[i].kind == OSF_OPT_MSS)
			*mss = get_be16(seen->opt + at + 2);
	}
	return true;
}

/* Some modems lower the segment size, so that the window may be a multiple of the usual one. */
static bool is_multiple(uint16_t window, uint32_t factor, uint32_t mss, uint32_t extra)
{
	return window == factor * (mss + extra) || window == factor * (1460 + extra) ||
	       window == factor * (1448 + extra);
}

static bool window_fits(uint16_t window, const struct osf_finger *f, uint32_t mss)
{
	switch (f->window_kind) {
	case OSF_WINDOW_PLAIN:
		return f->window == 0 || window == f->window;
	case OSF_WINDOW_MSS:
		return is_multiple(window, f->window, mss, 0);
	case OSF_WINDOW_MTU:
		return is_multiple(window, f->window, mss, 40);
	case OSF_WINDOW_MODULO:
		return window % f->window == 0;
	}
	return false;
}

static bool is_finger(const struct seen *seen, const struct osf_finger *f, uint8_t ttl)
{
	uint32_t mss;

	return f->dont_fragment == seen->dont_fragment && f->total == seen->total &&
	       ttl_fits(seen->ttl, f->ttl, ttl) && options_fit(seen, f, &mss) &&
	       window_fits(seen->window, f, mss);
}

/* --- Log -------------------------------------------------------------------------------------- */

static void put_ends(struct str *out, const struct pktt_packet *pkt, const struct seen *seen)
{
	struct pktt_addr src = pktt_packet_src(pkt), dst = pktt_packet_dst(pkt);

	pktt_log_put_ipv4(out, src.byte);
	str_putf(out, ":%u -> ", seen->sport);
	pktt_log_put_ipv4(out, dst.byte);
	str_putf(out, ":%u", seen->dport);
}

static void say(const struct pktt_packet *pkt, const struct seen *seen, const struct osf_finger *f)
{
	PKTT_AUTO(str_fini) struct str prefix = STR_INIT;
	PKTT_AUTO(str_fini) struct str text = STR_INIT;
	struct pktt_log log = { .pkt = pkt, .level = LOG_LEVEL };

	if (!pkt->env->ops->log)
		return;
	if (f)
		str_putf(&prefix, "%s [%s:%s] : ", f->genre, f->version, f->subtype);
	else
		str_puts(&prefix, "Remote OS is not known: ");
	put_ends(&prefix, pkt, seen);
	if (f)
		str_putf(&prefix, " hops=%d", f->ttl - seen->ttl);
	str_putc(&prefix, ' ');
	pktt_log_text(pkt, str_text(&prefix), 0, &text);
	log.text = str_text(&text);
	pkt->env->ops->log(pkt->env, &log);
}

static enum pktt_hit osf_match(struct pktt_packet *pkt, const void *vargs, void *vstate)
{
	const struct osf_args *args = vargs;
	const struct osf_fingers *fingers = *(struct osf_fingers **)vstate;
	bool logs = pktt_given(args, LOG), found = false;
	struct seen seen;

	if (!look_at(pkt, &seen))
		return PKTT_MISS;
	for (const struct osf_finger *f = fingers->first; f; f = f->next) {
		if ((!logs && strcmp(args->genre, f->genre) != 0) ||
		    !is_finger(&seen, f, args->ttl))
			continue;
		found = true;
		if (logs)
			say(pkt, &seen, f);
		if (!logs || args->log == LOG_FIRST)
			break;
	}
	if (logs && !found)
		say(pkt, &seen, NULL);
	return hit_if(found);
}

PKTT_REGISTER(pktt_match, osf) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "osf",
		.summary = "operating system that opens the TCP connection, by its fingerprint",
		.families = PKTT_FAM_V4,
		.hooks = PKTT_HOOK(PKTT_PRE_ROUTING) | PKTT_HOOK(PKTT_LOCAL_IN) |
			 PKTT_HOOK(PKTT_FORWARD),
		.l4 = { IPPROTO_TCP },
		.reads = PKTT_READS_HEADER,
		.flags = PKTT_EXT_FIXED_STATE,
		PKTT_PARAMS(osf_params, struct osf_args),
		.state_size = sizeof(struct osf_fingers *),
		.setup = osf_setup,
		.teardown = osf_teardown,
	},
	.match = osf_match,
};
