/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules' subsystem on a real bus with a real engine: changes, transactions, listings, events. */
#include "sub_pktt_bench.h"

/* --- Tests ---------------------------------------- */

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
	rule(c, "-N two", "ack -28 there may be 1 chain in all, and not more\n");
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
