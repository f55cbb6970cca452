/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt queue: who listens to which queue, what waits in it and what was lost. */
#include "tools/cmd_queue.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnfnetlink/libnfnetlink.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "tools/live.h"

enum { LEGACY = LIVE_OPTION_COUNT, INTERVAL };

static const struct tool_option options[] = {
	LIVE_OPTIONS,
	[LEGACY] = { "legacy", 0, NULL, "ip_queue's, in the words of /proc/net/ip_queue", false },
	[INTERVAL] = { "interval", 'i', "SECONDS", "watch: between two looks; default 1", false },
};

struct entry {
	uint32_t number, protocol, port, mode, range, flags, length, max, pid, uid;
	uint64_t queued, dropped, user_dropped, lost, bypassed;
	char program[32];
};

struct listing {
	struct entry *entry;
	size_t count, room;
	bool is_short; /* without memory */
};

/* --- From messages --------------------------------------------------------------------------- */

static const struct field {
	uint16_t attr;
	size_t offset;
	bool is_wide;
} fields[] = {
	{ PKTTA_QUEUE_NUMBER, offsetof(struct entry, number), false },
	{ PKTTA_QUEUE_PROTOCOL, offsetof(struct entry, protocol), false },
	{ PKTTA_QUEUE_PORT, offsetof(struct entry, port), false },
	{ PKTTA_QUEUE_MODE, offsetof(struct entry, mode), false },
	{ PKTTA_QUEUE_RANGE, offsetof(struct entry, range), false },
	{ PKTTA_QUEUE_FLAGS, offsetof(struct entry, flags), false },
	{ PKTTA_QUEUE_LENGTH, offsetof(struct entry, length), false },
	{ PKTTA_QUEUE_MAX, offsetof(struct entry, max), false },
	{ PKTTA_QUEUE_QUEUED, offsetof(struct entry, queued), true },
	{ PKTTA_QUEUE_DROPPED, offsetof(struct entry, dropped), true },
	{ PKTTA_QUEUE_USER_DROPPED, offsetof(struct entry, user_dropped), true },
	{ PKTTA_QUEUE_LOST, offsetof(struct entry, lost), true },
	{ PKTTA_QUEUE_BYPASSED, offsetof(struct entry, bypassed), true },
};

static void read_field(struct entry *entry, const struct nlattr *attr)
{
	uint16_t len = mnl_attr_get_payload_len(attr);

	for (size_t i = 0; i < pktt_countof(fields); i++) {
		void *at = (char *)entry + fields[i].offset;

		if (fields[i].attr != mnl_attr_get_type(attr))
			continue;
		if (fields[i].is_wide && len >= 8)
			*(uint64_t *)at = be64toh(mnl_attr_get_u64(attr));
		else if (!fields[i].is_wide && len >= 4)
			*(uint32_t *)at = ntohl(mnl_attr_get_u32(attr));
	}
}

static void read_who(struct entry *entry, const struct nlattr *attr)
{
	uint16_t len = mnl_attr_get_payload_len(attr);

	switch (mnl_attr_get_type(attr)) {
	case PKTTA_WHO_PID:
		entry->pid = len >= 4 ? ntohl(mnl_attr_get_u32(attr)) : 0;
		break;
	case PKTTA_WHO_UID:
		entry->uid = len >= 4 ? ntohl(mnl_attr_get_u32(attr)) : 0;
		break;
	case PKTTA_WHO_PROGRAM:
		snprintf(entry->program, sizeof(entry->program), "%.*s", (int)len,
			 mnl_attr_get_str(attr));
		break;
	}
}

static int take(void *ctx, const struct nlmsghdr *nlh)
{
	struct listing *list = ctx;
	const struct nlattr *attr, *in;
	struct entry *entry;

	if (list->count == list->room) {
		entry = realloc(list->entry, (2 * list->room + 16) * sizeof(*entry));
		if (!entry)
			return -ENOMEM;
		list->entry = entry;
		list->room = 2 * list->room + 16;
	}
	entry = &list->entry[list->count++];
	memset(entry, 0, sizeof(*entry));
	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
	{
		mnl_attr_for_each_nested(in, attr)
		{
			if (mnl_attr_get_type(attr) == PKTTA_QUEUE)
				read_field(entry, in);
			else if (mnl_attr_get_type(attr) == PKTTA_WHO)
				read_who(entry, in);
		}
	}
	return 0;
}

static void again(void *ctx)
{
	((struct listing *)ctx)->count = 0;
}

/* --- As text ----------------------------------------------------------------------------------- */

static const char *mode_name(const struct entry *e)
{
	static const char *const names[] = { "none", "meta", "packet" };

	return e->port && e->mode < pktt_countof(names) ? names[e->mode] : "-";
}

static uint64_t all_dropped(const struct entry *e)
{
	return e->dropped + e->user_dropped + e->lost;
}

static const char *on_full(const struct entry *e)
{
	return e->flags & NFQA_CFG_F_FAIL_OPEN ? "accept" : "drop";
}

static void number_of(const struct entry *e, char *text, size_t room)
{
	if (e->protocol == NETLINK_NETFILTER)
		snprintf(text, room, "%u", e->number);
	else
		snprintf(text, room, "%s", e->protocol == 3 ? "ip" : "ip6");
}

static void print_entry(const struct entry *e, struct str *out)
{
	char number[16], who[64] = "none", length[32];

	number_of(e, number, sizeof(number));
	snprintf(length, sizeof(length), "%u/%u", e->length, e->max);
	if (e->port)
		snprintf(who, sizeof(who), "pid %u (%s)", e->pid, e->program);
	str_putf(out, "%5s  ", number);
	str_put_escaped(out, who, strlen(who));
	str_putf(out, "%*s  %-6s %11s %11llu %8llu  %s",
		 strlen(who) < 24 ? (int)(24 - strlen(who)) : 0, "", mode_name(e), length,
		 (unsigned long long)e->queued, (unsigned long long)all_dropped(e), on_full(e));
	if (e->lost)
		str_putf(out, "   <- %llu packets lost: no listener", (unsigned long long)e->lost);
	if (e->bypassed)
		str_putf(out, "   (%llu bypassed)", (unsigned long long)e->bypassed);
	str_puts(out, "\n");
}

static void print_list(const struct listing *list, struct str *out)
{
	str_putf(out, "%5s  %-24s  %-6s %11s %11s %8s  %s\n", "queue", "listener", "mode",
		 "len/max", "queued", "dropped", "on-full");
	for (size_t i = 0; i < list->count; i++)
		print_entry(&list->entry[i], out);
}

/* Line for line what the kernel's ip_queue had. Without a peer it was all zero. */
static void print_legacy(const struct listing *list, struct str *out)
{
	struct entry e = { .max = 1024 };

	for (size_t i = 0; i < list->count; i++)
		if (list->entry[i].protocol == 3)
			e = list->entry[i];
	str_putf(out,
		 "Peer PID          : %u\n"
		 "Copy mode         : %u\n"
		 "Copy range        : %u\n"
		 "Queue length      : %u\n"
		 "Queue max. length : %u\n"
		 "Queue dropped     : %llu\n"
		 "Netlink dropped   : %llu\n",
		 e.port, e.mode, e.range, e.length, e.max, (unsigned long long)(e.dropped + e.lost),
		 (unsigned long long)e.user_dropped);
}

static void entry_json(const struct entry *e, struct json *j)
{
	json_begin_object(j);
	json_put_uint(j, "queue", e->number);
	json_put_text(j, "protocol",
		      e->protocol == NETLINK_NETFILTER ? "nfqueue"
		      : e->protocol == 3	       ? "ip_queue"
						       : "ip6_queue");
	if (e->port) {
		json_key(j, "listener");
		json_begin_object(j);
		json_put_uint(j, "pid", e->pid);
		json_put_uint(j, "uid", e->uid);
		json_put_text(j, "program", e->program);
		json_put_uint(j, "port", e->port);
		json_end_object(j);
		json_put_text(j, "mode", mode_name(e));
		json_put_uint(j, "range", e->range);
	}
	json_put_uint(j, "length", e->length);
	json_put_uint(j, "max", e->max);
	json_put_uint(j, "queued", e->queued);
	json_put_uint(j, "dropped", e->dropped);
	json_put_uint(j, "user_dropped", e->user_dropped);
	json_put_uint(j, "lost", e->lost);
	json_put_uint(j, "bypassed", e->bypassed);
	json_put_text(j, "on_full", on_full(e));
	json_end_object(j);
}

static void print_json(const struct listing *list, struct str *out)
{
	struct json j = json_to(out);

	json_begin_object(&j);
	json_key(&j, "metainfo");
	json_begin_object(&j);
	json_put_uint(&j, "json_schema_version", 1);
	json_end_object(&j);
	json_key(&j, "queues");
	json_begin_array(&j);
	for (size_t i = 0; i < list->count; i++)
		entry_json(&list->entry[i], &j);
	json_end_array(&j);
	json_end_object(&j);
	str_puts(out, "\n");
}

/* --- The command ------------------------------------------------------------------------------- */

static int ask(const struct live *live, struct nfl *nl, struct listing *list)
{
	struct nfl_error err = { 0 };
	struct nlmsghdr *nlh = nfl_begin(nl, 0, PKTT_SUBSYS_RULES << 8 | PKTT_MSG_GETQUEUE, 0, 0);
	int rc = nlh ? nfl_dump(nl, nlh, take, again, 3, list, &err) : -ENOMEM;

	if (rc >= 0)
		return TOOL_OK;
	return live_refused(live, rc, err.text[0] ? err.text : strerror(-rc));
}

static int show(const struct live *live, struct nfl *nl, const struct tool_args *args, bool clears)
{
	PKTT_AUTO(str_fini) struct str out = STR_INIT;
	struct listing list = { 0 };
	int status = ask(live, nl, &list);

	if (clears)
		str_puts(&out, "\033[H\033[2J");
	if (live->json)
		print_json(&list, &out);
	else if (tool_args_has(args, LEGACY))
		print_legacy(&list, &out);
	else
		print_list(&list, &out);
	free(list.entry);
	if (status == TOOL_OK)
		fputs(str_text(&out), stdout);
	fflush(stdout);
	return status;
}

static int watch(const struct live *live, struct nfl *nl, const struct tool_args *args)
{
	const char *value = tool_args_value(args, INTERVAL);
	double seconds = value ? strtod(value, NULL) : 1;
	bool clears = isatty(STDOUT_FILENO) && !live->json;
	int status;

	if (!(seconds >= 0.01 && seconds <= 86400))
		return live_refused(live, -EINVAL, "--interval is 0.01 to 86400 seconds");
	while ((status = show(live, nl, args, clears)) == TOOL_OK && !ferror(stdout))
		usleep((useconds_t)(seconds * 1e6));
	return status;
}

static int run(const struct tool_args *args)
{
	const char *what = args->noperands ? args->operand[0] : "list";
	struct nfl_error err = { 0 };
	struct pktt_error usage;
	struct nfl *nl = NULL;
	struct live live;
	int status;

	if (strcmp(what, "list") && strcmp(what, "watch")) {
		(void)pktt_fail(&usage, -EINVAL, "%.40s: it is list or watch", what);
		return tool_usage_error(args->command, &usage);
	}
	status = live_begin(&live, args);
	if (status)
		return status;
	status = nfl_open(&nl, NULL, &err);
	if (status)
		return live_no_daemon(&live, status);
	status = strcmp(what, "list") ? watch(&live, nl, args) : show(&live, nl, args, false);
	nfl_close(&nl);
	return status;
}

const struct tool_command cmd_queue = {
	.name = "queue",
	.summary = "list queues of packets that wait for programs, and what was lost",
	.operands = "list|watch",
	.operands_max = 1,
	.text = "A queue is shown while a program listens to it, and where packets were sent to it and "
		"nobody did.",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run,
};
