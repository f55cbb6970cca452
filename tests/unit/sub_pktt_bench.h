/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules' subsystem on a real bus with a real engine, and programs that talk to it over real sockets;
 * for the tests of it, each of which uses a part.
 */
#ifndef TESTS_UNIT_SUB_PKTT_BENCH_H
#define TESTS_UNIT_SUB_PKTT_BENCH_H

#pragma GCC diagnostic ignored "-Wunused-function"

#include "bus/sub.h"

#include "base/own.h"
#include "base/str.h"
#include "core/change.h"
#include "desc/catalog.h"
#include "engine_bench.h"
#include "round_trip.h"
#include "wire/command.h"
#include "wire/ext.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct bench {
	struct engine_bench engine;
	struct nfnl *bus;
	struct sub_pktt *sub;
	char phrase[160];
	uint32_t seconds;
	unsigned int commits;
};

struct client {
	struct bench *b;
	int fd;
	uint32_t seq;
	size_t len;
	_Alignas(8) char out[200 * 1024];
	_Alignas(8) char in[512 * 1024];
	struct str said; /* what came, a line for each message */
};

static void committed(void *ctx, const struct nfnl_who *who, uint64_t generation, const char *text,
		      uint32_t seconds)
{
	struct bench *b = ctx;

	(void)generation;
	assert_true(!who || who->pid == getpid());
	snprintf(b->phrase, sizeof(b->phrase), "%s", text);
	b->seconds = seconds;
	b->commits++;
}

static void bench_new(struct bench *b, const struct sub_pktt_limits *limits)
{
	const struct nfnl_config config = { .event_room = 1 << 24, .event_room_max = 1 << 24 };
	struct sub_pktt_config sub = { .version = "test", .committed = committed, .ctx = b };
	struct pktt_error err = { 0 };

	memset(b, 0, sizeof(*b));
	engine_bench_init(&b->engine);
	sub.engine = b->engine.engine;
	if (limits)
		sub.limits = *limits;
	assert_int_equal(nfnl_new(&b->bus, &config, &err), 0);
	if (sub_pktt_new(&b->sub, b->bus, &sub, &err))
		fail_msg("%s", err.text);
}

static void bench_free(struct bench *b)
{
	nfnl_free(&b->bus);
	sub_pktt_free(&b->sub);
	engine_bench_fini(&b->engine);
}

/* --- A program ---------------------------------------- */

static struct client *client_new(struct bench *b, unsigned int rights)
{
	struct client *c = calloc(1, sizeof(*c));
	int fd[2], size = 1 << 22;

	assert_non_null(c);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
	setsockopt(fd[0], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	c->b = b;
	c->fd = fd[0];
	assert_int_equal(nfnl_adopt(b->bus, fd[1], rights), 0);
	return c;
}

static void client_free(struct client *c)
{
	close(c->fd);
	nfnl_run(c->b->bus, 0);
	str_fini(&c->said);
	free(c);
}

static void flush(struct client *c)
{
	if (c->len)
		assert_int_equal(send(c->fd, c->out, c->len, 0), (ssize_t)c->len);
	c->len = 0;
	assert_int_equal(nfnl_run(c->b->bus, 0), 0);
}

static struct nlmsghdr *put(struct client *c, const struct wire_object *obj, uint16_t flags)
{
	void *at = c->out + c->len;
	struct nlmsghdr *nlh = at;
	long len = wire_object_encode(obj, at, sizeof(c->out) - c->len);

	assert_true(len > 0);
	nlh->nlmsg_seq = ++c->seq;
	nlh->nlmsg_flags |= NLM_F_REQUEST | flags;
	c->len += (size_t)len;
	return nlh;
}

static void put_batch(struct client *c, uint16_t type, uint16_t attr, uint64_t value)
{
	struct nfgenmsg head = { .res_id = htons(PKTT_SUBSYS_RULES) };
	struct nlmsghdr *nlh;
	void *at = c->out + c->len;

	nlh = mnl_nlmsg_put_header(at);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = ++c->seq;
	memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof(head)), &head, sizeof(head));
	if (attr == PKTTA_SECONDS)
		mnl_attr_put_u32(nlh, attr, htobe32((uint32_t)value));
	else if (attr)
		mnl_attr_put_u64(nlh, attr, htobe64(value));
	c->len += nlh->nlmsg_len;
}

struct sending {
	struct client *c;
	uint16_t flags;
};

static int send_command(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct sending *s = ctx;
	struct wire_object obj;

	(void)err;
	if (s->c->len > sizeof(s->c->out) - 70000)
		flush(s->c);
	if (wire_command_object(cmd, WIRE_RESTORE | WIRE_COUNTERS, &obj))
		put(s->c, &obj, s->flags);
	return 0;
}

/* Rule text as messages, each with flags. */
static void put_text(struct client *c, const char *text, uint16_t flags)
{
	const struct pktt_source src = { .catalog = round_trip_catalog(),
					 .name = "f",
					 .is_native = true };
	struct sending s = { c, flags };
	const struct pktt_receiver to = { send_command, &s };
	struct pktt_errors errs = { 0 };

	pktt_text_read(&src, text, strlen(text), &to, &errs);
	if (errs.count)
		fail_msg("%s: %s", text, errs.item[0].text);
}

static const char *const names[PKTT_MSG_COUNT] = {
	[PKTT_MSG_NEWTABLE] = "table",	    [PKTT_MSG_DELTABLE] = "empty-table",
	[PKTT_MSG_NEWCHAIN] = "chain",	    [PKTT_MSG_DELCHAIN] = "del-chain",
	[PKTT_MSG_NEWRULE] = "rule",	    [PKTT_MSG_DELRULE] = "del-rule",
	[PKTT_MSG_MOVERULE] = "move",	    [PKTT_MSG_FLUSH] = "flush",
	[PKTT_MSG_ZERO] = "zero",	    [PKTT_MSG_NEWSET] = "set",
	[PKTT_MSG_DELSET] = "del-set",	    [PKTT_MSG_NEWELEM] = "element",
	[PKTT_MSG_DELELEM] = "del-element", [PKTT_MSG_SWAPSET] = "swap",
	[PKTT_MSG_NEWGEN] = "generation",
};

static void say_error(struct client *c, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;

	str_putf(&c->said, "ack %d", e->error);
	if (nlh->nlmsg_flags & NLM_F_ACK_TLVS)
		mnl_attr_for_each(attr, nlh,
				  sizeof(*e)) if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			str_putf(&c->said, " %s", mnl_attr_get_str(attr));
	str_putc(&c->said, '\n');
}

static void say_number(struct client *c, const struct wire_object *obj, enum pktt_attr attr,
		       const char *name)
{
	if (wire_has(obj, attr))
		str_putf(&c->said, " %s=%llu", name, (unsigned long long)wire_u64(obj, attr));
}

static void say_text(struct client *c, const struct wire_object *obj, enum pktt_attr attr)
{
	if (wire_has(obj, attr))
		str_putf(&c->said, " %s", wire_text(obj, attr));
}

static void say(struct client *c, const struct nlmsghdr *nlh)
{
	struct pktt_error err = { 0 };
	struct wire_object obj;

	if (nlh->nlmsg_type == NLMSG_ERROR) {
		say_error(c, nlh);
		return;
	}
	if (nlh->nlmsg_type == NLMSG_DONE) {
		str_putf(&c->said, "done%s\n",
			 nlh->nlmsg_flags & NLM_F_DUMP_INTR ? " interrupted" : "");
		return;
	}
	if (nlh->nlmsg_type >> 8 != PKTT_SUBSYS_RULES)
		return;
	if (wire_object_decode(&obj, nlh, round_trip_catalog(), &err))
		fail_msg("%s", err.text);
	str_puts(&c->said, names[obj.msg] ? names[obj.msg] : "other");
	say_text(c, &obj, PKTTA_TABLE);
	say_text(c, &obj, PKTTA_CHAIN);
	say_text(c, &obj, PKTTA_SET);
	say_text(c, &obj, PKTTA_SET_TYPE);
	say_text(c, &obj, PKTTA_NEW_NAME);
	say_text(c, &obj, PKTTA_ELEMENT);
	say_number(c, &obj, PKTTA_HANDLE, "handle");
	say_text(c, &obj, PKTTA_NAME);
	say_number(c, &obj, PKTTA_NUMBER, "number");
	say_number(c, &obj, PKTTA_AFTER, "after");
	say_number(c, &obj, PKTTA_POLICY, "policy");
	if (obj.rule) {
		str_putc(&c->said, ' ');
		pktt_rule_spec_print(obj.rule, &c->said);
	}
	say_number(c, &obj, PKTTA_COUNT, "count");
	say_number(c, &obj, PKTTA_GENERATION, "gen");
	str_putc(&c->said, '\n');
	wire_object_fini(&obj);
}

static const char *hear(struct client *c)
{
	str_clear(&c->said);
	for (;;) {
		ssize_t n = recv(c->fd, c->in, sizeof(c->in), MSG_DONTWAIT);
		void *at = c->in;
		const struct nlmsghdr *nlh = at;
		int left = (int)n;

		if (n <= 0) {
			if (nfnl_run(c->b->bus, 0) == 0 &&
			    recv(c->fd, c->in, 1, MSG_DONTWAIT | MSG_PEEK) <= 0)
				return str_text(&c->said);
			continue;
		}
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			say(c, nlh);
	}
}

static void ask(struct client *c, const char *text, uint16_t flags, const char *answer)
{
	put_text(c, text, flags);
	flush(c);
	assert_string_equal(hear(c), answer);
}

static void list(struct client *c, enum pktt_rules_msg msg, unsigned int family, const char *table,
		 const char *chain, const char *answer)
{
	struct wire_object obj;

	wire_object_init(&obj, msg, family);
	wire_set_text(&obj, PKTTA_TABLE, table);
	wire_set_text(&obj, PKTTA_CHAIN, chain);
	put(c, &obj, NLM_F_DUMP);
	flush(c);
	assert_string_equal(hear(c), answer);
}

static void join(struct client *c, uint32_t group)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(c->out);
	struct nfgenmsg head = { 0 };

	nlh->nlmsg_type = PKTT_SUBSYS_BUS << 8 | PKTT_BUS_JOIN;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof(head)), &head, sizeof(head));
	mnl_attr_put_u32(nlh, PKTTB_GROUP, htobe32(group));
	c->len = nlh->nlmsg_len;
	flush(c);
	assert_string_equal(hear(c), "ack 0\n");
}

#define ACK NLM_F_ACK

static void put_rule(struct client *c, const char *table, const char *line, uint16_t flags)
{
	struct str text = STR_INIT;
	const struct pktt_source src = { .catalog = round_trip_catalog(), .is_native = true };
	struct sending s = { c, flags };
	const struct pktt_receiver to = { send_command, &s };
	const char *word[32];
	int n = 2;
	struct pktt_error err = { 0 };

	word[0] = "-t";
	word[1] = table;
	str_puts(&text, line);
	for (char *rest = NULL, *w = strtok_r(text.data, " ", &rest); w;
	     w = strtok_r(NULL, " ", &rest))
		word[n++] = w;
	if (pktt_words_read(&src, n, word, &to, &err))
		fail_msg("%s: %s", line, err.text);
	str_fini(&text);
}

static void rule(struct client *c, const char *line, const char *answer)
{
	put_rule(c, "filter", line, ACK);
	flush(c);
	assert_string_equal(hear(c), answer);
}

#endif
