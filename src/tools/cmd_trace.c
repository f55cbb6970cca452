/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt trace: the way of live packets through the rules, without a change of any rule. */
#include "tools/cmd_trace.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/family.h"
#include "tools/live_rules.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { LIMIT = LIVE_OPTION_COUNT, SECONDS };

static const struct tool_option options[] = {
	LIVE_OPTIONS,
	[LIMIT] = { "limit", 0, "N", "end after so many packets; default: go on", false },
	[SECONDS] = { "seconds", 0, "N", "end after so long", false },
};

struct trace {
	struct live *live;
	uint64_t limit, packets, last;
	bool is_over;
};

static void put_json(const struct pkttnl_object *obj, struct str *out)
{
	struct json j = json_to(out);
	static const struct {
		enum pktt_attr attr;
		const char *key;
	} texts[] = {
		{ PKTTA_TABLE, "table" },   { PKTTA_CHAIN, "chain" }, { PKTTA_IFACE, "in" },
		{ PKTTA_OUT_IFACE, "out" }, { PKTTA_TEXT, "text" },   { PKTTA_NAME, "name" }
	};
	static const struct {
		enum pktt_attr attr;
		const char *key;
	} numbers[] = { { PKTTA_NUMBER, "number" },
			{ PKTTA_HANDLE, "handle" },
			{ PKTTA_GENERATION, "generation" },
			{ PKTTA_TIME, "time_ns" },
			{ PKTTA_COUNT, "packet" } };

	json_begin_object(&j);
	json_put_text(&j, "event", "trace");
	json_put_text(&j, "family", pktt_family_name((enum pktt_family)pkttnl_object_family(obj)));
	for (size_t i = 0; i < pktt_countof(texts); i++)
		if (pkttnl_object_text(obj, texts[i].attr))
			json_put_text(&j, texts[i].key, pkttnl_object_text(obj, texts[i].attr));
	for (size_t i = 0; i < pktt_countof(numbers); i++)
		if (pkttnl_object_has(obj, numbers[i].attr))
			json_put_uint(&j, numbers[i].key, pkttnl_object_u64(obj, numbers[i].attr));
	if (pkttnl_object_has(obj, PKTTA_VERDICT)) {
		const char *verdict =
			pkttnl_verdict_name((uint32_t)pkttnl_object_u64(obj, PKTTA_VERDICT));

		json_put_text(&j, "verdict", verdict ? verdict : "?");
	}
	json_end_object(&j);
	str_putc(out, '\n');
}

static void put_safe(struct str *out, const char *before, const char *text)
{
	if (!text)
		return;
	str_puts(out, before);
	str_put_escaped(out, text, strlen(text));
}

static void put_text(const struct pkttnl_object *obj, bool is_new, struct str *out)
{
	if (is_new) {
		put_safe(out, "packet   in ", pkttnl_object_text(obj, PKTTA_IFACE));
		put_safe(out, " out ", pkttnl_object_text(obj, PKTTA_OUT_IFACE));
		str_putc(out, '\n');
	}
	str_putc(out, ' ');
	put_safe(out, "", pkttnl_object_text(obj, PKTTA_TABLE));
	put_safe(out, "/", pkttnl_object_text(obj, PKTTA_CHAIN));
	if (pkttnl_object_has(obj, PKTTA_NUMBER))
		str_putf(out, "  #%" PRIu64, pkttnl_object_u64(obj, PKTTA_NUMBER));
	if (pkttnl_object_has(obj, PKTTA_HANDLE))
		str_putf(out, "  handle %" PRIu64, pkttnl_object_u64(obj, PKTTA_HANDLE));
	put_safe(out, "  ", pkttnl_object_text(obj, PKTTA_NAME));
	put_safe(out, "  ", pkttnl_object_text(obj, PKTTA_TEXT));
	if (pkttnl_object_has(obj, PKTTA_VERDICT)) {
		const char *verdict =
			pkttnl_verdict_name((uint32_t)pkttnl_object_u64(obj, PKTTA_VERDICT));

		str_putf(out, "  %s", verdict ? verdict : "?");
	}
	str_putc(out, '\n');
}

static int take(void *ctx, const struct pkttnl_object *obj)
{
	struct trace *t = ctx;
	uint64_t packet = pkttnl_object_u64(obj, PKTTA_COUNT);
	struct str out = STR_INIT;
	bool is_new;

	if ((unsigned int)pkttnl_object_message(obj) != PKTT_MSG_NEWTRACE)
		return 0;
	is_new = t->packets == 0 || packet != t->last;
	t->last = packet;
	if (is_new && t->limit && t->packets == t->limit) {
		t->is_over = true;
		return 0;
	}
	t->packets += is_new;
	if (t->live->json)
		put_json(obj, &out);
	else
		put_text(obj, is_new, &out);
	fputs(str_text(&out), stdout);
	fflush(stdout);
	str_fini(&out);
	return 0;
}

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

/* After the last packet that was asked for its steps may still come: a moment of silence ends it. */
static int run_loop(struct trace *t, struct pkttnl_events *events, uint64_t end_ns,
		    struct session *s)
{
	struct sigaction action = { .sa_handler = stop };
	int r = 0;

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	while (!stopped && !t->is_over && (!end_ns || live_now_ns() < end_ns)) {
		r = pkttnl_events_run(events, 200, &s->err);
		if (r < 0 && r != -EINTR && r != -ETIMEDOUT)
			return session_refused(s);
		if (r <= 0 && t->limit && t->packets >= t->limit)
			break;
	}
	return TOOL_OK;
}

static int run_session(const struct tool_args *args, struct session *s)
{
	const char *limit = tool_args_value(args, LIMIT), *seconds = tool_args_value(args, SECONDS);
	struct trace t = { .live = s->live, .limit = limit ? strtoull(limit, NULL, 10) : 0 };
	struct pkttnl_events *events = NULL;
	struct str filter = STR_INIT;
	uint64_t end_ns = 0;
	int status;

	if (seconds)
		end_ns = live_now_ns() + (uint64_t)(strtod(seconds, NULL) * 1e9);
	for (size_t i = 0; i < args->noperands; i++)
		str_putf(&filter, "%s%s", i ? " " : "", args->operand[i]);
	if (pkttnl_events_new(&events, s->nl, PKTTNL_EVENTS_TRACE, take, &t, &s->err) ||
	    pkttnl_events_trace(events, str_text(&filter), (uint32_t)t.limit, &s->err))
		status = session_refused(s);
	else
		status = run_loop(&t, events, end_ns, s);
	pkttnl_events_free(&events);
	str_fini(&filter);
	return status;
}

static int run(const struct tool_args *args)
{
	struct session session;
	struct live live;
	int status = live_begin(&live, args);

	status = status ? status : session_open(&session, &live);
	if (status)
		return status;
	status = run_session(args, &session);
	session_close(&session);
	return status;
}

const struct tool_command cmd_trace = {
	.name = "trace",
	.summary = "follow live packets through the rules, no rule edited",
	.operands = "FILTER",
	.operands_max = (size_t)-1,
	.text = "FILTER is what pcap-filter(7) and the conditions of rules have in common: 'tcp dport 22 "
		"and src 198.51.100.7'. What explain says of a packet that was thought of, trace says "
		"of those that come.",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run,
};
