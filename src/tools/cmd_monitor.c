/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt monitor: changes of rules, sets and connections as they happen; as text, JSON lines or a capture. */
#include "tools/cmd_monitor.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/ct_view.h"
#include "desc/family.h"
#include "tools/live_rules.h"
#include "wire/ct.h"
#include "wire/object.h"

#include <libnfnetlink/libnfnetlink.h>

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { WRITE = LIVE_OPTION_COUNT, LIMIT };

static const struct tool_option options[] = {
	LIVE_OPTIONS,
	[WRITE] = { "write", 'w', "FILE",
		    "the messages themselves as a capture that Wireshark reads; - is standard output",
		    false },
	[LIMIT] = { "limit", 'c', "N", "end after so many events", false },
};

struct monitor {
	struct live *live;
	struct session *session;
	FILE *pcap;    /* NULL: text or JSON */
	uint64_t left; /* events until the end; 0 = no limit */
	bool is_over;
};

/* --- A capture: LINKTYPE_NETLINK, of which tshark knows protocol 12 --------------------------------- */

enum { LINKTYPE_NETLINK = 253, ARPHRD_NETLINK_NUMBER = 824, NETLINK_OUTGOING = 4 };

static void put_pcap_header(FILE *f)
{
	struct {
		uint32_t magic;
		uint16_t major, minor;
		uint32_t zone, sigfigs, snaplen, linktype;
	} head = { 0xa1b23c4d, 2, 4, 0, 0, 262144, LINKTYPE_NETLINK };

	fwrite(&head, sizeof(head), 1, f);
	fflush(f);
}

static void put_pcap(FILE *f, const void *data, uint32_t len)
{
	struct {
		uint16_t type, hardware, unused[5], protocol;
	} cooked = { htons(NETLINK_OUTGOING),
		     htons(ARPHRD_NETLINK_NUMBER),
		     { 0 },
		     htons(NETLINK_NETFILTER) };
	uint64_t now = live_now_ns();
	uint32_t record[4] = { (uint32_t)(now / 1000000000), (uint32_t)(now % 1000000000),
			       len + (uint32_t)sizeof(cooked), len + (uint32_t)sizeof(cooked) };

	fwrite(record, sizeof(record), 1, f);
	fwrite(&cooked, sizeof(cooked), 1, f);
	fwrite(data, len, 1, f);
	fflush(f);
}

/* --- Rules and sets --------------------------------------------------------------------------------- */

static const struct {
	unsigned int msg;
	const char *text, *word;
} kinds[] = {
	{ PKTT_MSG_NEWTABLE, "add table", "new-table" },
	{ PKTT_MSG_DELTABLE, "flush table", "delete-table" },
	{ PKTT_MSG_NEWCHAIN, "chain", "new-chain" },
	{ PKTT_MSG_DELCHAIN, "delete chain", "delete-chain" },
	{ PKTT_MSG_NEWRULE, "add rule", "new-rule" },
	{ PKTT_MSG_DELRULE, "delete rule", "delete-rule" },
	{ PKTT_MSG_MOVERULE, "move rule", "move-rule" },
	{ PKTT_MSG_FLUSH, "flush", "flush" },
	{ PKTT_MSG_ZERO, "zero counters of", "zero" },
	{ PKTT_MSG_NEWSET, "add set", "new-set" },
	{ PKTT_MSG_DELSET, "delete set", "delete-set" },
	{ PKTT_MSG_NEWELEM, "add set element", "new-element" },
	{ PKTT_MSG_DELELEM, "delete set element", "delete-element" },
	{ PKTT_MSG_SWAPSET, "swap set", "swap-set" },
	{ PKTT_MSG_NEWGEN, "committed", "generation" },
	{ PKTT_MSG_LOG, "log", "log" },
};

static int find_kind(const struct wire_object *obj)
{
	for (size_t i = 0; i < pktt_countof(kinds); i++)
		if (kinds[i].msg == (unsigned int)obj->msg)
			return (int)i;
	return -1;
}

static void put_escaped(struct str *out, const char *before, const char *text)
{
	if (!text)
		return;
	str_puts(out, before);
	str_put_escaped(out, text, strlen(text));
}

static void put_who(const struct wire_object *obj, struct str *out)
{
	if (!wire_has(obj, PKTTA_WHO))
		return;
	str_putf(out, "   by pid %" PRIu32, obj->who.pid);
	if (obj->who.program) {
		str_puts(out, " (");
		put_escaped(out, "", obj->who.program);
		str_putc(out, ')');
	}
	str_putf(out, " uid %" PRIu32, obj->who.uid);
}

/* "gen 6  add rule filter/INPUT #14 handle 58 name web   by pid 4711 (ansible) uid 0" */
static void put_change(const struct wire_object *obj, const char *word, const char *element,
		       bool verbose, struct str *out)
{
	if (wire_has(obj, PKTTA_GENERATION))
		str_putf(out, "gen %" PRIu64 "  ", wire_u64(obj, PKTTA_GENERATION));
	str_puts(out, word);
	put_escaped(out, " ", wire_text(obj, PKTTA_TABLE));
	put_escaped(out, "/", wire_text(obj, PKTTA_CHAIN));
	put_escaped(out, " ", wire_text(obj, PKTTA_SET));
	put_escaped(out, " ", element);
	put_escaped(out, " ", wire_text(obj, PKTTA_SET_TYPE));
	if (wire_has(obj, PKTTA_NUMBER))
		str_putf(out, " #%" PRIu64, wire_u64(obj, PKTTA_NUMBER));
	if (wire_has(obj, PKTTA_HANDLE))
		str_putf(out, " handle %" PRIu64, wire_u64(obj, PKTTA_HANDLE));
	if (obj->rule && obj->rule->name[0])
		str_putf(out, " name %s", obj->rule->name);
	else
		put_escaped(out, " name ", wire_text(obj, PKTTA_NAME));
	if (wire_has(obj, PKTTA_POLICY) && obj->msg == PKTT_MSG_NEWCHAIN)
		str_puts(out, wire_u64(obj, PKTTA_POLICY) == PKTT_DROP ? " policy DROP"
								       : " policy ACCEPT");
	put_escaped(out, " to ", wire_text(obj, PKTTA_NEW_NAME));
	if (wire_has(obj, PKTTA_COUNT))
		str_putf(out, " %" PRIu64 " changes", wire_u64(obj, PKTTA_COUNT));
	put_escaped(out, " ", wire_text(obj, PKTTA_TEXT));
	if (obj->family != PKTT_IPV4 && obj->family < PKTT_FAMILY_COUNT &&
	    wire_has(obj, PKTTA_TABLE))
		str_putf(out, " (%s)", pktt_family_name((enum pktt_family)obj->family));
	if (verbose && obj->rule) {
		PKTT_AUTO(str_fini) struct str rule = STR_INIT;

		pktt_rule_spec_print(obj->rule, &rule);
		put_escaped(out, "  ", str_text(&rule));
	}
	put_who(obj, out);
	str_putc(out, '\n');
}

static void json_text_of(struct json *j, const char *key, const struct wire_object *obj,
			 enum pktt_attr attr)
{
	if (wire_text(obj, attr))
		json_put_text(j, key, wire_text(obj, attr));
}

static void json_number_of(struct json *j, const char *key, const struct wire_object *obj,
			   enum pktt_attr attr)
{
	if (wire_has(obj, attr))
		json_put_uint(j, key, wire_u64(obj, attr));
}

static void json_change(const struct wire_object *obj, const char *word, const char *element,
			struct str *out)
{
	struct json j = json_to(out);

	json_begin_object(&j);
	json_put_text(&j, "event", word);
	json_number_of(&j, "generation", obj, PKTTA_GENERATION);
	if (obj->family < PKTT_FAMILY_COUNT && wire_has(obj, PKTTA_TABLE))
		json_put_text(&j, "family", pktt_family_name((enum pktt_family)obj->family));
	json_text_of(&j, "table", obj, PKTTA_TABLE);
	json_text_of(&j, "chain", obj, PKTTA_CHAIN);
	json_text_of(&j, "set", obj, PKTTA_SET);
	json_text_of(&j, "type", obj, PKTTA_SET_TYPE);
	json_text_of(&j, "new_name", obj, PKTTA_NEW_NAME);
	if (element)
		json_put_text(&j, "element", element);
	json_number_of(&j, "number", obj, PKTTA_NUMBER);
	json_number_of(&j, "handle", obj, PKTTA_HANDLE);
	json_number_of(&j, "changes", obj, PKTTA_COUNT);
	json_text_of(&j, "text", obj, PKTTA_TEXT);
	if (obj->rule)
		pktt_rule_spec_json(obj->rule, &j);
	if (wire_has(obj, PKTTA_WHO)) {
		json_put_uint(&j, "pid", obj->who.pid);
		json_put_uint(&j, "uid", obj->who.uid);
		if (obj->who.program)
			json_put_text(&j, "program", obj->who.program);
	}
	json_end_object(&j);
	str_putc(out, '\n');
}

static void put_rules_event(struct monitor *m, const struct nlmsghdr *nlh, struct str *out)
{
	const struct nlattr *at = NULL;
	struct wire_object obj;
	struct pktt_error err = { 0 };
	const char *element;
	int kind;

	if (wire_object_decode(&obj, nlh, m->session->catalog, &err)) {
		fprintf(stderr, "pktt monitor: an event that cannot be read: %s\n", err.text);
		return;
	}
	kind = find_kind(&obj);
	element = wire_next_element(nlh, &at);
	do {
		if (kind < 0)
			break;
		if (m->live->json)
			json_change(&obj, kinds[kind].word, element, out);
		else if (obj.msg != PKTT_MSG_NEWGEN || m->live->verbose)
			put_change(&obj, kinds[kind].text, element, m->live->verbose, out);
		element = element ? wire_next_element(nlh, &at) : NULL;
	} while (element);
	wire_object_fini(&obj);
}

/* --- Connections ------------------------------------------------------------------------------------ */

static enum ct_event_kind kind_of(const struct nlmsghdr *nlh)
{
	if (NFNL_MSG_TYPE(nlh->nlmsg_type) == IPCTNL_MSG_CT_DELETE)
		return CT_KIND_DESTROY;
	return nlh->nlmsg_flags & (NLM_F_CREATE | NLM_F_EXCL) ? CT_KIND_NEW : CT_KIND_UPDATE;
}

static void put_ct_event(struct monitor *m, const struct nlmsghdr *nlh, struct str *out)
{
	struct json j = json_to(out);
	struct ct_view view;

	if (ct_decode(nlh, &view, NULL))
		return;
	if (m->live->json) {
		json_begin_object(&j);
		json_put_text(&j, "event", ct_event_kind_name(kind_of(nlh)));
		ct_view_json_members(&view, &j);
		json_end_object(&j);
	} else {
		ct_event_prefix(kind_of(nlh), 0, live_now_ns(), out);
		ct_view_text(&view, 0, live_now_ns(), out);
	}
	str_putc(out, '\n');
}

/* ------------------------------------------------------------------------------------------------- */

static void flush_out(struct monitor *m, struct str *out)
{
	fwrite(str_text(out), 1, out->len, stdout);
	if (fflush(stdout))
		m->is_over = true;
	str_fini(out);
}

static void event(void *ctx, const struct nlmsghdr *nlh)
{
	unsigned int subsys = NFNL_SUBSYS_ID(nlh->nlmsg_type);
	struct monitor *m = ctx;
	struct str out = STR_INIT;

	if (m->pcap)
		put_pcap(m->pcap, nlh, nlh->nlmsg_len);
	else if (subsys == PKTT_SUBSYS_RULES)
		put_rules_event(m, nlh, &out);
	else if (subsys == NFNL_SUBSYS_CTNETLINK)
		put_ct_event(m, nlh, &out);
	flush_out(m, &out);
	if (m->left && --m->left == 0)
		m->is_over = true;
}

static const char *advice(uint32_t group)
{
	return group < PKTT_GROUP_RULES ? "resync: pktt ct list" : "resync: pktt save";
}

static void gap(void *ctx, uint32_t group, uint64_t lost)
{
	const struct nlmsghdr overrun = { .nlmsg_len = sizeof(overrun),
					  .nlmsg_type = NLMSG_OVERRUN };
	struct monitor *m = ctx;

	if (m->pcap)
		put_pcap(m->pcap, &overrun, sizeof(overrun));
	else if (m->live->json)
		printf("{\"event\":\"gap\",\"lost\":%" PRIu64 ",\"advice\":\"%s\"}\n", lost,
		       advice(group));
	else
		printf("gap: %" PRIu64 " events were lost; %s\n", lost, advice(group));
	fflush(stdout);
}

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static int fail(struct monitor *m, const struct nfl_error *err)
{
	if (err->code == -ENOTCONN || err->code == -ENOENT || err->code == -ECONNREFUSED)
		return live_no_daemon(m->live, err->code);
	return live_refused(m->live, err->code, err->text);
}

static int run_loop(struct monitor *m, struct nfl *nl)
{
	struct nfl_handler handler = { .event = event, .gap = gap, .ctx = m };
	struct sigaction action = { .sa_handler = stop };
	struct nfl_error err = { 0 };
	int r = 0;

	nfl_set_handler(nl, &handler);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (m->pcap)
		put_pcap_header(m->pcap);
	while (r >= 0 && !stopped && !m->is_over) {
		r = nfl_receive(nl, 500, &err);
		if (r == -EINTR || r == -ETIMEDOUT)
			r = 0;
	}
	return r < 0 ? fail(m, &err) : TOOL_OK;
}

static const struct {
	const char *word;
	uint32_t group[5];
} topics[] = {
	{ "rules", { PKTT_GROUP_RULES, PKTT_GROUP_ELEMENTS } },
	{ "ct", { 1, 2, 3 } },
	{ "log", { PKTT_GROUP_LOG } },
	{ "all", { PKTT_GROUP_RULES, PKTT_GROUP_ELEMENTS, 1, 2, 3 } },
};

static int find_topic(const struct tool_args *args, size_t *ret)
{
	const char *word = args->noperands ? args->operand[0] : "all";
	struct pktt_error err = { 0 };

	for (size_t i = 0; i < pktt_countof(topics); i++)
		if (strcmp(topics[i].word, word) == 0) {
			*ret = i;
			return TOOL_OK;
		}
	pktt_fail(&err, -EINVAL, "%.40s is none of rules, ct, log, all", word);
	return tool_usage_error(args->command, &err);
}

static int listen_and_run(struct monitor *m, size_t topic)
{
	struct nfl_options o = { .program = "pktt", .room = 4u << 20 };
	struct nfl_error err = { 0 };
	struct nfl *nl = NULL;
	int status, r = nfl_open(&nl, &o, &err);

	for (size_t i = 0; r == 0 && i < 5 && topics[topic].group[i]; i++)
		r = nfl_join(nl, topics[topic].group[i], &err);
	status = r ? fail(m, &err) : run_loop(m, nl);
	nfl_close(&nl);
	return status;
}

static int open_file(struct monitor *m, const char *path)
{
	char text[600];

	if (!path)
		return TOOL_OK;
	m->pcap = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
	if (m->pcap)
		return TOOL_OK;
	snprintf(text, sizeof(text), "%.500s: %s", path, strerror(errno));
	return live_refused(m->live, 0, text);
}

static int run(const struct tool_args *args)
{
	const char *limit = tool_args_value(args, LIMIT);
	struct monitor m = { 0 };
	struct session session;
	struct live live;
	size_t topic = 0;
	int status = find_topic(args, &topic);

	status = status ? status : live_begin(&live, args);
	status = status ? status : session_open(&session, &live);
	if (status)
		return status;
	m.live = &live;
	m.session = &session;
	m.left = limit ? strtoull(limit, NULL, 10) : 0;
	status = session_catalog(&session) ? session_refused(&session) : TOOL_OK;
	status = status ? status : open_file(&m, tool_args_value(args, WRITE));
	status = status ? status : listen_and_run(&m, topic);
	if (m.pcap && m.pcap != stdout)
		fclose(m.pcap);
	session_close(&session);
	return status;
}

const struct tool_command cmd_monitor = {
	.name = "monitor",
	.summary = "tell of every change of rules and connections as it happens",
	.operands = "rules|ct|log|all",
	.operands_max = 1,
	.text = "Where this program reads too slowly, pkttd goes on without it and a line says how many "
		"events it missed.",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run,
};
