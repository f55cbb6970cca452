/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules' subsystem on a real bus with a real engine: changes, transactions, listings, events. */
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

/* --- Tests ---------------------------------------- */

#define ACK NLM_F_ACK

static void changes_one_by_one(void **state)
{
	struct bench b;
	struct client *c;

	(void)state;
	bench_new(&b, NULL);
	c = client_new(&b, PKTT_RIGHT_ALL);
	ask(c, "*filter\n:INPUT DROP [1:2]\nCOMMIT\n", ACK, "ack 0\nack 0\n");
	ask(c, "*mangle\n-A INPUT -s 10.0.0.1 -j ACCEPT --name one\nCOMMIT\n", ACK | NLM_F_ECHO,
	    "table mangle gen=3\nack 0\n"
	    "rule mangle INPUT handle=1 one number=1 -s 10.0.0.1/32 -j ACCEPT --name one gen=4\nack 0\n");
	assert_string_equal(b.phrase, "+1 rule");
	ask(c, "*mangle\n-D INPUT --name two\nCOMMIT\n", ACK,
	    "ack 0\nack -2 chain INPUT has no rule named two\n");
	/* the section's begin flushed the table: it has restore semantics here */
	list(c, PKTT_MSG_GETRULE, PKTT_IPV4, "mangle", NULL, "done\n");
	list(c, PKTT_MSG_GETTABLE, WIRE_ANY_FAMILY, NULL, NULL,
	     "table mangle gen=5\ntable filter gen=5\ndone\n");
	client_free(c);
	bench_free(&b);
}

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

static void lists_and_moves(void **state)
{
	struct pktt_command move = { .verb = PKTT_RULE_MOVE, .table = "filter", .chain = "INPUT" };
	struct wire_object obj;
	struct bench b;
	struct client *c;

	(void)state;
	bench_new(&b, NULL);
	c = client_new(&b, PKTT_RIGHT_ALL);
	rule(c, "-A INPUT -s 10.0.0.1 -j ACCEPT", "ack 0\n");
	rule(c, "-A INPUT -s 10.0.0.2 -j ACCEPT", "ack 0\n");
	rule(c, "-I INPUT -s 10.0.0.3 -j ACCEPT", "ack 0\n");
	rule(c, "-C INPUT -s 10.0.0.2 -j ACCEPT",
	     "rule filter INPUT handle=2 number=3 -s 10.0.0.2/32 -j ACCEPT gen=3\nack 0\n");
	rule(c, "-C INPUT -s 10.0.0.9 -j ACCEPT", "ack -2 chain INPUT has no such rule\n");
	move.handle = 3;
	move.after = 2;
	assert_true(wire_command_object(&move, 0, &obj));
	put(c, &obj, ACK);
	flush(c);
	assert_string_equal(hear(c), "ack 0\n");
	list(c, PKTT_MSG_GETRULE, PKTT_IPV4, "filter", "INPUT",
	     "rule filter INPUT handle=1 number=1 -s 10.0.0.1/32 -j ACCEPT gen=4\n"
	     "rule filter INPUT handle=2 number=2 -s 10.0.0.2/32 -j ACCEPT gen=4\n"
	     "rule filter INPUT handle=3 number=3 -s 10.0.0.3/32 -j ACCEPT gen=4\ndone\n");
	rule(c, "-D INPUT --handle 2", "ack 0\n");
	rule(c, "-P INPUT DROP", "ack 0\n");
	list(c, PKTT_MSG_GETCHAIN, PKTT_IPV4, "filter", "INPUT",
	     "chain filter INPUT policy=2 gen=6\ndone\n");
	list(c, PKTT_MSG_GETRULE, PKTT_IPV6, "filter", "INPUT", "done\n");
	client_free(c);
	bench_free(&b);
}

static void all_or_nothing(void **state)
{
	struct bench b;
	struct client *c;
	uint64_t gen;

	(void)state;
	bench_new(&b, NULL);
	c = client_new(&b, PKTT_RIGHT_ALL);
	put_batch(c, NFNL_MSG_BATCH_BEGIN, 0, 0);
	put_text(c,
		 "*filter\n:own - [0:0]\n-A INPUT -j own\nCOMMIT\n*nat ipv6\n-A PREROUTING -j "
		 "ACCEPT\nCOMMIT\n",
		 0);
	put_batch(c, NFNL_MSG_BATCH_END, PKTTA_SECONDS, 60);
	flush(c);
	assert_non_null(strstr(hear(c), "ack 0\n"));
	assert_int_equal(b.commits, 1);
	assert_int_equal(b.seconds, 60);
	assert_string_equal(b.phrase, "+2 rules, +1 chain");
	gen = pktt_engine_generation(b.engine.engine);
	/* the last change cannot be made */
	put_batch(c, NFNL_MSG_BATCH_BEGIN, 0, 0);
	put_text(c, "*filter\n-A INPUT -j own\nCOMMIT\n", 0);
	put_batch(c, NFNL_MSG_BATCH_END, 0, 0);
	flush(c);
	assert_non_null(strstr(hear(c), "ack -2"));
	assert_int_equal(pktt_engine_generation(b.engine.engine), gen);
	/* somebody was faster */
	put_batch(c, NFNL_MSG_BATCH_BEGIN, PKTTA_IF_GENERATION, gen - 1);
	put_rule(c, "filter", "-F INPUT", 0);
	put_batch(c, NFNL_MSG_BATCH_END, 0, 0);
	flush(c);
	assert_non_null(
		strstr(hear(c), "ack -116 the rules have changed: this is generation 1, not 0"));
	put_batch(c, NFNL_MSG_BATCH_BEGIN, PKTTA_IF_GENERATION, gen);
	put_rule(c, "filter", "-F INPUT", 0);
	put_batch(c, NFNL_MSG_BATCH_END, 0, 0);
	flush(c);
	assert_non_null(strstr(hear(c), "ack 0"));
	assert_int_equal(pktt_engine_generation(b.engine.engine), gen + 1);
	/* gone in the middle */
	put_batch(c, NFNL_MSG_BATCH_BEGIN, 0, 0);
	put_rule(c, "filter", "-X own", 0);
	flush(c);
	client_free(c);
	assert_int_equal(pktt_engine_generation(b.engine.engine), gen + 1);
	c = client_new(&b, PKTT_RIGHT_ALL);
	rule(c, "-X own", "ack 0\n");
	client_free(c);
	bench_free(&b);
}

static void tells_what_changed(void **state)
{
	struct bench b;
	struct client *c, *l;

	(void)state;
	bench_new(&b, NULL);
	c = client_new(&b, PKTT_RIGHT_ALL);
	l = client_new(&b, PKTT_RIGHT_VIEW);
	join(l, PKTT_GROUP_RULES);
	join(l, PKTT_GROUP_ELEMENTS);
	rule(c, "-A INPUT -j ACCEPT --name a", "ack 0\n");
	assert_string_equal(hear(l),
			    "table filter gen=1\n"
			    "rule filter INPUT handle=1 a after=0 -j ACCEPT --name a gen=1\n"
			    "generation count=2 gen=1\n");
	rule(c, "-R INPUT 1 -j DROP", "ack 0\n");
	assert_string_equal(hear(l), "rule filter INPUT handle=1 after=0 -j DROP gen=2\n"
				     "generation count=1 gen=2\n");
	rule(c, "-A INPUT -j DROP", "ack 0\n");
	rule(c, "-D INPUT 1", "ack 0\n");
	rule(c, "-N own", "ack 0\n");
	rule(c, "-E own mine", "ack 0\n");
	rule(c, "-X mine", "ack 0\n");
	assert_string_equal(hear(l), "rule filter INPUT handle=2 after=1 -j DROP gen=3\n"
				     "generation count=1 gen=3\n"
				     "del-rule filter INPUT handle=1 gen=4\n"
				     "generation count=1 gen=4\n"
				     "chain filter own gen=5\ngeneration count=1 gen=5\n"
				     "chain filter own mine gen=6\ngeneration count=1 gen=6\n"
				     "del-chain filter mine gen=7\ngeneration count=1 gen=7\n");
	ask(c, "create s hash:ip\nadd s 192.0.2.1\n", ACK, "ack 0\nack 0\n");
	assert_non_null(strstr(hear(l), "set s hash:ip gen=8\n"));
	assert_non_null(strstr(str_text(&l->said), "element s 192.0.2.1 gen=9\n"));
	/* what is refused is not told */
	rule(c, "-A INPUT -j nowhere",
	     "ack -2 chain nowhere is not defined (defined: INPUT, FORWARD, OUTPUT)\n");
	assert_string_equal(hear(l), "");
	client_free(c);
	client_free(l);
	bench_free(&b);
}

static void asks_for_rights(void **state)
{
	struct bench b;
	struct client *viewer, *elements, *all;

	(void)state;
	bench_new(&b, NULL);
	all = client_new(&b, PKTT_RIGHT_ALL);
	viewer = client_new(&b, PKTT_RIGHT_VIEW);
	elements = client_new(&b, PKTT_RIGHT_VIEW | PKTT_RIGHT_ELEMENTS);
	ask(all, "create s hash:ip\n", ACK, "ack 0\n");
	ask(elements, "add s 192.0.2.1\nflush s\nadd s 192.0.2.2\n", ACK, "ack 0\nack 0\nack 0\n");
	put_rule(elements, "filter", "-F INPUT", ACK);
	flush(elements);
	assert_non_null(strstr(hear(elements), "ack -1 "));
	put_rule(elements, "filter", "-A INPUT -j DROP", ACK);
	flush(elements);
	assert_non_null(strstr(hear(elements), "ack -1 "));
	put_text(viewer, "add s 192.0.2.3\n", ACK);
	flush(viewer);
	assert_non_null(strstr(hear(viewer), "ack -1 "));
	list(viewer, PKTT_MSG_GETSET, WIRE_ANY_FAMILY, NULL, NULL, "set s hash:ip count=1\ndone\n");
	put_batch(viewer, NFNL_MSG_BATCH_BEGIN, 0, 0);
	put_batch(viewer, NFNL_MSG_BATCH_END, 0, 0);
	flush(viewer);
	assert_non_null(strstr(hear(viewer), "ack -1 "));
	client_free(viewer);
	client_free(elements);
	client_free(all);
	bench_free(&b);
}

static void keeps_limits(void **state)
{
	const struct sub_pktt_limits limits = { .rules = 3, .peer_elements = 2, .chains = 1 };
	struct bench b;
	struct client *c;

	(void)state;
	bench_new(&b, &limits);
	c = client_new(&b, PKTT_RIGHT_ALL);
	for (int i = 0; i < 3; i++)
		rule(c, "-A INPUT -j DROP", "ack 0\n");
	rule(c, "-A INPUT -j DROP", "ack -28 there may be 3 rules in all, and not more\n");
	rule(c, "-D INPUT 1", "ack 0\n");
	rule(c, "-A INPUT -j DROP", "ack 0\n");
	rule(c, "-N one", "ack 0\n");
	rule(c, "-N two", "ack -28 there may be 1 chains in all, and not more\n");
	ask(c, "create s hash:ip\nadd s 192.0.2.1\nadd s 192.0.2.2\n", ACK,
	    "ack 0\nack 0\nack 0\n");
	put_text(c, "add s 192.0.2.3\n", ACK);
	flush(c);
	assert_non_null(strstr(hear(c), "may have 2 elements, and not more"));
	ask(c, "del s 192.0.2.1\nadd s 192.0.2.3\n", ACK, "ack 0\nack 0\n");
	rule(c, "-F INPUT", "ack 0\n");
	for (int i = 0; i < 3; i++)
		rule(c, "-A INPUT -j DROP", "ack 0\n");
	client_free(c);
	bench_free(&b);
}

/* A listing in the middle of which everything goes is still one state. */
static void lists_one_state(void **state)
{
	struct wire_object obj;
	struct bench b;
	struct client *c, *other;
	struct str text = STR_INIT;
	unsigned int n = 0;

	(void)state;
	bench_new(&b, NULL);
	c = client_new(&b, PKTT_RIGHT_ALL);
	other = client_new(&b, PKTT_RIGHT_ALL);
	str_puts(&text, "*filter\n");
	for (int i = 0; i < 20000; i++)
		str_putf(&text, "-A INPUT -s 10.1.%d.%d -j ACCEPT\n", i / 250, i % 250);
	str_puts(&text, "COMMIT\n");
	put_batch(c, NFNL_MSG_BATCH_BEGIN, 0, 0);
	put_text(c, str_text(&text), 0);
	put_batch(c, NFNL_MSG_BATCH_END, 0, 0);
	flush(c);
	assert_non_null(strstr(hear(c), "ack 0\n"));
	assert_string_equal(b.phrase, "+20000 rules");
	wire_object_init(&obj, PKTT_MSG_GETRULE, PKTT_IPV4);
	put(c, &obj, NLM_F_DUMP);
	flush(c); /* as much as its socket takes */
	rule(other, "-F INPUT", "ack 0\n");
	hear(c);
	for (const char *at = str_text(&c->said); (at = strstr(at, "rule filter")); at++)
		n++;
	assert_int_equal(n, 20000);
	assert_null(strstr(str_text(&c->said), "gen=2"));
	assert_non_null(strstr(str_text(&c->said), "number=20000 "));
	assert_non_null(strstr(str_text(&c->said), "done\n"));
	list(c, PKTT_MSG_GETRULE, PKTT_IPV4, NULL, NULL, "done\n");
	str_fini(&text);
	client_free(c);
	client_free(other);
	bench_free(&b);
}

static void describes_extensions(void **state)
{
	struct wire_catalog *cat;
	struct pktt_error err = { 0 };
	struct wire_object obj;
	struct bench b;
	struct client *c;
	unsigned int n = 0;
	ssize_t got;

	(void)state;
	bench_new(&b, NULL);
	c = client_new(&b, PKTT_RIGHT_VIEW);
	assert_int_equal(wire_catalog_new(&cat), 0);
	wire_object_init(&obj, PKTT_MSG_GETEXT, WIRE_ANY_FAMILY);
	put(c, &obj, NLM_F_DUMP);
	flush(c);
	while ((got = recv(c->fd, c->in, sizeof(c->in), MSG_DONTWAIT)) > 0) {
		void *at = c->in;
		const struct nlmsghdr *nlh = at;
		int left = (int)got;

		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_type == NLMSG_DONE)
				continue;
			assert_int_equal(wire_object_decode(&obj, nlh, NULL, &err), 0);
			if (wire_catalog_add(cat, obj.value[PKTTA_EXT].data,
					     obj.value[PKTTA_EXT].len, &err))
				fail_msg("%s", err.text);
			n++;
		}
		nfnl_run(b.bus, 0);
	}
	assert_true(n > 100);
	assert_null(pktt_catalog_at(pktt_engine_catalog(b.engine.engine), n));
	assert_non_null(
		pktt_catalog_lookup(wire_catalog_desc(cat), PKTT_KIND_MATCH, "tcp", PKTT_IPV4));
	wire_catalog_free(&cat);
	client_free(c);
	bench_free(&b);
}

static void lists_elements(void **state)
{
	struct wire_object obj;
	struct bench b;
	struct client *c;

	(void)state;
	bench_new(&b, NULL);
	c = client_new(&b, PKTT_RIGHT_ALL);
	ask(c, "create s hash:ip timeout 0\nadd s 192.0.2.1 timeout 60\nadd s 192.0.2.2\n", ACK,
	    "ack 0\nack 0\nack 0\n");
	wire_object_init(&obj, PKTT_MSG_GETELEM, WIRE_ANY_FAMILY);
	wire_set_text(&obj, PKTTA_SET, "s");
	wire_set_text(&obj, PKTTA_ELEMENT, "192.0.2.2");
	put(c, &obj, ACK);
	wire_set_text(&obj, PKTTA_ELEMENT, "192.0.2.3");
	put(c, &obj, ACK);
	flush(c);
	assert_string_equal(
		hear(c),
		"element s 192.0.2.2 timeout 0\nack 0\nack -2 192.0.2.3 is not in set s\n");
	wire_object_init(&obj, PKTT_MSG_GETELEM, WIRE_ANY_FAMILY);
	wire_set_text(&obj, PKTTA_SET, "s");
	put(c, &obj, NLM_F_DUMP);
	flush(c);
	assert_non_null(strstr(hear(c), "done\n"));
	assert_non_null(strstr(str_text(&c->said), "element s 192.0.2."));
	client_free(c);
	bench_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_one_by_one), cmocka_unit_test(lists_and_moves),
		cmocka_unit_test(all_or_nothing),     cmocka_unit_test(tells_what_changed),
		cmocka_unit_test(asks_for_rights),    cmocka_unit_test(keeps_limits),
		cmocka_unit_test(lists_one_state),    cmocka_unit_test(describes_extensions),
		cmocka_unit_test(lists_elements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
