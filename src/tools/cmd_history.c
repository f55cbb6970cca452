/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt confirm, rollback, history, commit-confirm: what pkttd keeps of generations. */
#include "tools/cmd_history.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "tools/guard.h"
#include "tools/live_rules.h"
#include "tools/refused.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct tool_option options[] = { LIVE_OPTIONS };

enum { YES = LIVE_OPTION_COUNT };
static const struct tool_option rollback_options[] = {
	LIVE_OPTIONS,
	[YES] = { "yes", 'y', NULL, "even if it cuts the connection that this is typed over",
		  false },
};

static int open_session(const struct tool_args *args, struct live *live, struct session *s)
{
	int status = live_begin(live, args);

	return status ? status : session_open(s, live);
}

static void tell_generation(struct session *s, const char *before, const char *behind)
{
	struct str out = STR_INIT;
	struct json j = json_to(&out);
	uint64_t generation = 0;

	if (pkttnl_generation(s->nl, &generation, &s->err) || s->live->quiet)
		return;
	if (s->live->json) {
		json_begin_object(&j);
		json_put_bool(&j, "ok", true);
		json_put_uint(&j, "generation", generation);
		json_end_object(&j);
		puts(str_text(&out));
	} else {
		printf("generation %" PRIu64 "%s%s\n", generation, before, behind);
	}
	str_fini(&out);
}

/* --- confirm --------------------------------------------------------------------------------------- */

static int run_confirm(const struct tool_args *args)
{
	struct session s;
	struct live live;
	int status = open_session(args, &live, &s);

	if (status)
		return status;
	if (pkttnl_confirm(s.nl, &s.err))
		status = session_refused(&s);
	else
		tell_generation(&s, " kept", "");
	session_close(&s);
	return status;
}

/* --- rollback -------------------------------------------------------------------------------------- */

/* With what it means to the connections that are there. */
static void tell_rollback(struct session *s, const char *text)
{
	struct refused_tally tally = { 0 };
	struct str words = STR_INIT;

	if (refused_tally(s, REFUSED_COUNT, &tally) == 0 && tally.is_known &&
	    tally.kept + tally.refused) {
		str_puts(&words, "; ");
		refused_words(&tally, &words);
	}
	tell_generation(s, text, str_text(&words));
	str_fini(&words);
}

/*
 * What a generation held is pkttd's to know, so it is looked at once it is in force. If it cuts the
 * administrator's connection, it is taken back milliseconds later, and only then is anything asked.
 */
static int ask_guard(struct session *s, struct guard *guard, bool yes)
{
	int status;

	if (!guard || !guard_running(guard) || !guard_cuts(guard) || yes)
		return TOOL_OK;
	if (pkttnl_rollback(s->nl, 0, &s->err))
		return session_refused(s);
	status = guard_ask();
	return status || pkttnl_rollback(s->nl, 0, &s->err) == 0 ? status : session_refused(s);
}

static int run_rollback(const struct tool_args *args)
{
	const char *to = args->noperands ? args->operand[0] : "0";
	struct pktt_error err = { 0 };
	char text[48] = " = what was before the last change";
	struct session s;
	struct live live;
	struct guard guard;
	bool has_guard;
	int status;

	if (strspn(to, "0123456789") != strlen(to) || strlen(to) > 18) {
		pktt_fail(&err, -EINVAL, "a generation is a number, not \"%.40s\"", to);
		return tool_usage_error(args->command, &err);
	}
	status = open_session(args, &live, &s);
	if (status)
		return status;
	has_guard = guard_begin(&guard, &s);
	if (args->noperands)
		snprintf(text, sizeof(text), " = content of %s", to);
	if (pkttnl_rollback(s.nl, strtoull(to, NULL, 10), &s.err))
		status = session_refused(&s);
	else
		status = ask_guard(&s, has_guard ? &guard : NULL, tool_args_has(args, YES));
	if (has_guard)
		guard_end(&guard);
	if (status == TOOL_OK)
		tell_rollback(&s, text);
	session_close(&s);
	return status;
}

/* --- history --------------------------------------------------------------------------------------- */

struct entries {
	struct live *live;
	struct str out;
	struct json json;
	uint64_t current;
};

static void put_user(uint32_t uid, struct str *out)
{
	const struct passwd *p = getpwuid(uid);

	if (p)
		str_put_escaped(out, p->pw_name, strlen(p->pw_name));
	else
		str_putf(out, "uid %" PRIu32, uid);
}

static int take_entry(void *ctx, const struct pkttnl_object *obj)
{
	struct entries *e = ctx;
	uint64_t generation = pkttnl_object_u64(obj, PKTTA_GENERATION);
	time_t t = (time_t)(pkttnl_object_u64(obj, PKTTA_TIME) / 1000000000);
	const char *text = pkttnl_object_text(obj, PKTTA_TEXT), *program = NULL;
	uint32_t uid = 0, pid = 0;
	bool has_who = pkttnl_object_who(obj, &uid, &pid, &program);
	struct str who = STR_INIT;
	struct tm tm;
	char when[32];

	localtime_r(&t, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm);
	if (has_who)
		put_user(uid, &who);
	else
		str_puts(&who, "pkttd");
	if (e->live->json) {
		json_begin_object(&e->json);
		json_put_uint(&e->json, "generation", generation);
		json_put_uint(&e->json, "time", (uint64_t)t);
		json_put_text(&e->json, "user", str_text(&who));
		if (has_who)
			json_put_uint(&e->json, "pid", pid);
		if (program)
			json_put_text(&e->json, "program", program);
		json_put_text(&e->json, "change", text ? text : "");
		json_put_uint(&e->json, "flags", pkttnl_object_u64(obj, PKTTA_FLAGS));
		json_end_object(&e->json);
	} else {
		str_putf(&e->out, " %c%-6" PRIu64 " %s  %-8s ",
			 generation == e->current ? '*' : ' ', generation, when, str_text(&who));
		if (text)
			str_put_escaped(&e->out, text, strlen(text));
		if (pkttnl_object_u64(obj, PKTTA_FLAGS) & PKTT_HISTORY_PENDING)
			str_puts(&e->out, "  waits for pktt confirm");
		str_putc(&e->out, '\n');
	}
	str_fini(&who);
	return 0;
}

static int run_history(const struct tool_args *args)
{
	struct entries e = { .out = STR_INIT };
	struct pkttnl_object *request = NULL;
	struct session s;
	struct live live;
	int status = open_session(args, &live, &s), r;

	if (status)
		return status;
	e.live = &live;
	e.json = json_to(&e.out);
	if (live.json)
		json_begin_array(&e.json);
	r = pkttnl_generation(s.nl, &e.current, &s.err);
	if (r == 0)
		r = pkttnl_object_new(&request, PKTT_MSG_GETHISTORY, PKTTNL_ANY_FAMILY);
	if (r == 0)
		r = pkttnl_dump(s.nl, request, take_entry, &e, &s.err);
	if (live.json) {
		json_end_array(&e.json);
		str_putc(&e.out, '\n');
	}
	if (r)
		status = session_refused(&s);
	else
		fputs(str_text(&e.out), stdout);
	pkttnl_object_free(&request);
	str_fini(&e.out);
	session_close(&s);
	return status;
}

const struct tool_command cmd_confirm = {
	.name = "confirm",
	.summary = "keep what was loaded with --confirm",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run_confirm,
};

const struct tool_command cmd_rollback = {
	.name = "rollback",
	.summary = "go back to an earlier generation's rules, or before the last change",
	.operands = "GENERATION",
	.operands_max = 1,
	.text = "pktt history lists the generations that are kept.",
	.options = rollback_options,
	.noptions = pktt_countof(rollback_options),
	.run = run_rollback,
};

const struct tool_command cmd_history = {
	.name = "history",
	.summary = "list generations: when, who, what",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run_history,
};
