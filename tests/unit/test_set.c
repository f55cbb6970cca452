/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets as ipset has them: text in and out, what is refused and where, transactions, time. */
#include "engine_bench.h"

#include "base/json.h"
#include "base/str.h"
#include "core/set.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <urcu-qsbr.h>

#define SECOND UINT64_C(1000000000)
#define START  (UINT64_C(1795435200) * SECOND)

static struct engine_bench bench;

static int start(void **unused)
{
	(void)unused;
	engine_bench_init(&bench);
	return 0;
}

static int stop(void **unused)
{
	(void)unused;
	engine_bench_fini(&bench);
	return 0;
}

static int load(const char *text)
{
	return engine_bench_load(&bench, PKTT_IPV4, text, 0);
}

static void good(const char *text)
{
	int r = load(text);

	if (r)
		print_error("%s", bench.errs.item[0].text);
	assert_int_equal(r, 0);
}

static int is_in(const char *set, const char *element)
{
	struct pktt_set *s = pktt_set_lookup(bench.engine, set);
	struct pktt_error err;

	assert_non_null(s);
	return pktt_set_test(s, element, pktt_engine_time(bench.engine), &err);
}

static void assert_saved(const char *want)
{
	struct str out = STR_INIT;

	pktt_sets_save(bench.engine, &out);
	assert_string_equal(str_text(&out), want);
	str_fini(&out);
}

/* --- Text ------------------------------------------------------------------------------------ */

/* What goes in, and what comes out of the set; NULL = the same. */
static const struct {
	const char *in, *out;
} texts[] = {
	{ "create s hash:ip family inet hashsize 1024 maxelem 65536\nadd s 10.0.0.1\n", NULL },
	{ "create s hash:ip hashsize 4096 bucketsize 12 initval 0x1d2137e8\n",
	  "create s hash:ip family inet hashsize 4096 maxelem 65536 bucketsize 12 initval 0x1d2137e8\n" },
	{ "create s hash:ip netmask 24\nadd s 10.0.0.77\nadd s 10.0.1.3-10.0.2.9\n",
	  "create s hash:ip family inet hashsize 1024 maxelem 65536 netmask 24\n"
	  "add s 10.0.0.0\nadd s 10.0.1.0\nadd s 10.0.2.0\n" },
	{ "create s hash:ip bitmask 255.0.255.0\nadd s 10.2.3.4\n",
	  "create s hash:ip family inet hashsize 1024 maxelem 65536 bitmask 255.0.255.0\n"
	  "add s 10.0.3.0\n" },
	{ "create s hash:ip family inet6 netmask 64\nadd s 2001:db8::5\n",
	  "create s hash:ip family inet6 hashsize 1024 maxelem 65536 netmask 64\n"
	  "add s 2001:db8::\n" },
	{ "create s hash:ip\nadd s 10.0.0.6/31\nadd s 10.0.0.10-10.0.0.8 -exist\n",
	  "create s hash:ip family inet hashsize 1024 maxelem 65536\n"
	  "add s 10.0.0.6\nadd s 10.0.0.7\nadd s 10.0.0.8\nadd s 10.0.0.9\nadd s 10.0.0.10\n" },
	{ "create s hash:net\nadd s 10.0.1.0-10.0.2.100\nadd s 10.0.0.7/25\nadd s 0.0.0.0/1 nomatch\n",
	  "create s hash:net family inet hashsize 1024 maxelem 65536\n"
	  "add s 0.0.0.0/1 nomatch\nadd s 10.0.0.0/25\nadd s 10.0.1.0/24\nadd s 10.0.2.0/26\n"
	  "add s 10.0.2.64/27\nadd s 10.0.2.96/30\nadd s 10.0.2.100\n" },
	{ "create s hash:net family inet6\nadd s 2001:db8::/32\nadd s 2001:db8::1\n",
	  "create s hash:net family inet6 hashsize 1024 maxelem 65536\n"
	  "add s 2001:db8::/32\nadd s 2001:db8::1\n" },
	{ "create s hash:ip,port\nadd s 10.0.0.1,80\nadd s 10.0.0.1,udp:54-53\n"
	  "add s 10.0.0.1,icmp:ping\nadd s 10.0.0.1,icmp:3/9\nadd s 10.0.0.1,icmp:77/3\n"
	  "add s 10.0.0.1,gre:0\nadd s 10.0.0.1,132:5\nadd s 10.0.0.1,udplite:5\n"
	  "add s 10.0.0.1,253:0\nadd s 10.0.0.2-10.0.0.3,tcp:[http]\n",
	  "create s hash:ip,port family inet hashsize 1024 maxelem 65536\n"
	  "add s 10.0.0.1,gre:0\nadd s 10.0.0.1,253:0\nadd s 10.0.0.1,sctp:5\n"
	  "add s 10.0.0.1,udplite:5\nadd s 10.0.0.1,udp:53\nadd s 10.0.0.1,udp:54\n"
	  "add s 10.0.0.1,tcp:80\nadd s 10.0.0.1,icmp:network-prohibited\n"
	  "add s 10.0.0.1,icmp:echo-request\nadd s 10.0.0.1,icmp:77/3\n"
	  "add s 10.0.0.2,tcp:80\nadd s 10.0.0.3,tcp:80\n" },
	{ "create s hash:ip,port family inet6\nadd s fe80::1,icmpv6:135/0\nadd s fe80::1,ipv6-icmp:ping\n",
	  "create s hash:ip,port family inet6 hashsize 1024 maxelem 65536\n"
	  "add s fe80::1,ipv6-icmp:echo-request\n"
	  "add s fe80::1,ipv6-icmp:neighbour-solicitation\n" },
	{ "create s hash:ip,port,ip\nadd s 10.0.0.1,80,10.1.0.1\n",
	  "create s hash:ip,port,ip family inet hashsize 1024 maxelem 65536\n"
	  "add s 10.0.0.1,tcp:80,10.1.0.1\n" },
	{ "create s hash:ip,port,net\nadd s 10.0.0.1,80,10.1.0.1/8 nomatch\n",
	  "create s hash:ip,port,net family inet hashsize 1024 maxelem 65536\n"
	  "add s 10.0.0.1,tcp:80,10.0.0.0/8 nomatch\n" },
	{ "create s hash:net,port\nadd s 10.0.0.0-10.0.0.5,[http]\n",
	  "create s hash:net,port family inet hashsize 1024 maxelem 65536\n"
	  "add s 10.0.0.0/30,tcp:80\nadd s 10.0.0.4/31,tcp:80\n" },
	{ "create s hash:net,net\nadd s 10.0.0.0/8,192.0.2.0-192.0.2.2\n",
	  "create s hash:net,net family inet hashsize 1024 maxelem 65536\n"
	  "add s 10.0.0.0/8,192.0.2.0/31\nadd s 10.0.0.0/8,192.0.2.2\n" },
	{ "create s hash:net,port,net\nadd s 0/0,tcp:80,10.1.0.0/16\n",
	  "create s hash:net,port,net family inet hashsize 1024 maxelem 65536\n"
	  "add s 0.0.0.0/0,tcp:80,10.1.0.0/16\n" },
	{ "create s hash:mac\nadd s 2:aB:0:0:0:1\n",
	  "create s hash:mac hashsize 1024 maxelem 65536\nadd s 02:AB:00:00:00:01\n" },
	{ "create s hash:ip,mac\nadd s 10.0.0.1,02:ab:00:00:00:01\n",
	  "create s hash:ip,mac family inet hashsize 1024 maxelem 65536\n"
	  "add s 10.0.0.1,02:AB:00:00:00:01\n" },
	{ "create s hash:ip,mark markmask 0xffff\nadd s 10.0.0.0/31,0x12345\n",
	  "create s hash:ip,mark family inet markmask 0xffff hashsize 1024 maxelem 65536\n"
	  "add s 10.0.0.0,0x00002345\nadd s 10.0.0.1,0x00002345\n" },
	{ "create s hash:net,iface\nadd s 0/0,eth0\nadd s 10.0.0.0/8,physdev:eth0\n"
	  "add s 10.0.0.0/8,eth wildcard\n",
	  "create s hash:net,iface family inet hashsize 1024 maxelem 65536\n"
	  "add s 0.0.0.0/0,eth0\nadd s 10.0.0.0/8,eth wildcard\nadd s 10.0.0.0/8,physdev:eth0\n" },
	{ "create s bitmap:port range 20-10\nadd s tcp:12\nadd s 17-15\n",
	  "create s bitmap:port range 10-20\nadd s 12\nadd s 15\nadd s 16\nadd s 17\n" },
	{ "create s bitmap:ip range 10.0.0.5-10.0.3.9 netmask 24\nadd s 10.0.1.7\n",
	  "create s bitmap:ip range 10.0.0.0-10.0.3.255 netmask 24\nadd s 10.0.1.0\n" },
	{ "create s bitmap:ip range 10.0.0.0/24\nadd s 10.0.0.7/31\n",
	  "create s bitmap:ip range 10.0.0.0-10.0.0.255\nadd s 10.0.0.6\nadd s 10.0.0.7\n" },
	{ "create s bitmap:ip,mac range 10.0.0.0/28 timeout 30\nadd s 10.0.0.1 timeout 9\n"
	  "add s 10.0.0.2,02:ab:00:00:00:01\n",
	  "create s bitmap:ip,mac range 10.0.0.0-10.0.0.15 timeout 30\nadd s 10.0.0.1 timeout 9\n"
	  "add s 10.0.0.2,02:AB:00:00:00:01 timeout 30\n" },
	{ "create a hash:ip\ncreate b hash:net\ncreate s list:set size 2 counters\nadd s a\n"
	  "add s b before a packets 3 bytes 4\n",
	  "create a hash:ip family inet hashsize 1024 maxelem 65536\n"
	  "create b hash:net family inet hashsize 1024 maxelem 65536\n"
	  "create s list:set size 4 counters\nadd s b packets 3 bytes 4\nadd s a packets 0 bytes 0\n" },
	{ "create s hash:ip timeout 60 counters comment skbinfo forceadd\n"
	  "add s 10.0.0.1 skbqueue 3 skbprio 1:10 skbmark 0x1/0xff comment \"a b\" bytes 7 packets 3\n"
	  "add s 10.0.0.2 timeout 0 skbmark 0x5\nadd s 10.0.0.3 timeout 5 skbmark 0x5/0x0\n",
	  "create s hash:ip family inet hashsize 1024 maxelem 65536 timeout 60 counters comment skbinfo "
	  "forceadd\n"
	  "add s 10.0.0.1 timeout 60 packets 3 bytes 7 comment \"a b\" skbmark 0x1/0xff skbprio 1:10 "
	  "skbqueue 3\n"
	  "add s 10.0.0.2 timeout 0 packets 0 bytes 0 skbmark 0x5\n"
	  "add s 10.0.0.3 timeout 5 packets 0 bytes 0 skbmark 0x5/0x0\n" },
	/* Again with -exist: counters stay, the rest is new. */
	{ "create s hash:net timeout 100 counters comment\n"
	  "add s 10.0.0.0/8 packets 5 bytes 6 comment x timeout 50\nadd s 10.0.0.0/8 -exist\n",
	  "create s hash:net family inet hashsize 1024 maxelem 65536 timeout 100 counters comment\n"
	  "add s 10.0.0.0/8 timeout 100 packets 5 bytes 6\n" },
	{ "create s hash:ip maxelem 1 forceadd\nadd s 10.0.0.1\nadd s 10.0.0.2\n",
	  "create s hash:ip family inet hashsize 1024 maxelem 1 forceadd\nadd s 10.0.0.2\n" },
	{ "create s hash:ip\ncreate s hash:ip family inet hashsize 64 -exist\nadd s 10.0.0.1\n"
	  "del s 10.0.0.1\ndel s 10.0.0.1 -exist\n",
	  "create s hash:ip family inet hashsize 1024 maxelem 65536\n" },
};

static void test_text(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *out = texts[i].out ? texts[i].out : texts[i].in;

		engine_bench_fini(&bench);
		engine_bench_init(&bench);
		good(texts[i].in);
		assert_saved(out);
		engine_bench_fini(&bench);
		engine_bench_init(&bench);
		good(out);
		assert_saved(out);
	}
}

static int apply(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	return pktt_txn_apply(ctx, cmd, 0, err);
}

static void read_json(const char *text)
{
	struct pktt_txn *txn;
	struct pktt_source src = { .name = "json", .is_native = true };
	struct pktt_receiver to;

	src.catalog = pktt_engine_catalog(bench.engine);
	assert_int_equal(pktt_txn_begin(&txn, bench.engine, NULL), 0);
	to = (struct pktt_receiver){ apply, txn };
	assert_int_equal(pktt_json_read(&src, text, strlen(text), &to, &bench.errs), 0);
	assert_int_equal(pktt_txn_commit(&txn, &bench.errs), 0);
}

static void test_json(void **unused)
{
	struct str document = STR_INIT, text = STR_INIT;

	(void)unused;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		engine_bench_fini(&bench);
		engine_bench_init(&bench);
		good(texts[i].in);
		str_clear(&document);
		str_clear(&text);
		pktt_save_json(bench.engine, "1", &document);
		pktt_sets_save(bench.engine, &text);
		engine_bench_fini(&bench);
		engine_bench_init(&bench);
		read_json(str_text(&document));
		assert_saved(str_text(&text));
	}
	str_fini(&document);
	str_fini(&text);
}

/* --- What is refused ------------------------------------------------------------------------- */

#define HASH "create s hash:ip\n"

static const struct {
	const char *text, *sentence;
	unsigned int line, column;
} errors[] = {
	{ "create s hash:foo\n", "there is no type of set hash:foo", 1, 8 },
	{ "create s hash:ipport\n", "did you mean hash:ip,port?", 1, 8 },
	{ "create s bitmap:ip\n", "range", 1, 8 },
	{ "create s bitmap:ip range 10.0.0.0/8\n", "more than 65536", 1, 8 },
	{ "create s hash:ip netmask 33\n", "netmask 33 is outside 1 to 32", 1, 18 },
	{ "create s hash:ip netmask 0\n", "outside", 1, 18 },
	{ "create s hash:net netmask 24\n", "expected an option", 1, 19 },
	{ "create s hash:ip timeuot 5\n", "did you mean timeout?", 1, 18 },
	{ "create s hash:ip timeout\n", "timeout needs a value", 1, 18 },
	{ "create s hash:ip timeout 2147484\n", "timeout: 2147484 is outside", 1, 18 },
	{ "create s hash:ip family inet7\n", "family", 1, 25 },
	{ "create abcdefghijabcdefghijabcdefghijab hash:ip\n", "1 to 31 characters", 1, 8 },
	{ HASH HASH, "set s is already there", 2, 8 },
	{ HASH "create s hash:net -exist\n", "not the same", 2, 8 },
	{ "add s 10.0.0.1\n", "there is no set s", 1, 5 },
	{ HASH "add s 1.1.1.300\n", "expected an IPv4 address", 2, 7 },
	{ HASH "add s 10.1\n", "expected an IPv4 address", 2, 7 },
	{ HASH "add s host.example\n", "names are not resolved", 2, 7 },
	{ HASH "add s fe80::1\n", "expected an IPv4 address", 2, 7 },
	{ HASH "add s 0.0.0.0\n", "address 0 cannot be", 2, 7 },
	{ HASH "add s 10.0.0.1\nadd s 10.0.0.1\n", "10.0.0.1 is already in set s", 3, 7 },
	{ HASH "del s 10.0.0.1\n", "10.0.0.1 is not in set s", 2, 7 },
	{ HASH "add s 10.0.0.1,80\n", "an element of hash:ip has 1 part", 2, 16 },
	{ HASH "add s 10.0.0.1 timeout 5\n", "set s was created without timeout", 2, 16 },
	{ HASH "add s 10.0.0.1 packets 5\n", "created without counters", 2, 16 },
	{ HASH "add s 10.0.0.1 nomatch\n", "nomatch is for types with prefixes", 2, 16 },
	{ HASH "add s 10.0.0.1 bogus 4\n", "expected an option", 2, 16 },
	{ HASH "add s 10.0.0.0/8\n", "holds at most 65536", 2, 7 },
	{ "create s hash:ip maxelem 2\nadd s 10.0.0.0/30\n", "set s is full: maxelem is 2", 2, 7 },
	{ "create s hash:net\nadd s 0/0\n", "a prefix of length 0", 2, 7 },
	{ "create s hash:net\nadd s 10.0.0.0/33\n", "a prefix length of 0 to 32", 2, 16 },
	{ "create s hash:net family inet6\nadd s ::1-::5\n", "an IPv6 address or prefix", 2, 7 },
	{ "create s hash:ip family inet6\nadd s fe80::/64\n", "one IPv6 address", 2, 7 },
	{ "create s hash:ip,port\nadd s 10.0.0.1\n", "has 2 parts", 2, 7 },
	{ "create s hash:ip,port\nadd s 10.0.0.1,gre:5\n", "expected port 0", 2, 20 },
	{ "create s hash:ip,port\nadd s 10.0.0.1,0:5\n", "not 0", 2, 16 },
	{ "create s hash:ip,port\nadd s 10.0.0.1,icmpv6:1/1\n", "family inet6", 2, 23 },
	{ "create s hash:ip,port\nadd s 10.0.0.1,icmp:nosuch\n", "an ICMP name", 2, 21 },
	{ "create s hash:ip,port\nadd s 10.0.0.1,no-such-port\n", "a port", 2, 16 },
	{ "create s hash:ip,port,ip\nadd s 1.1.1.1,1,1.1.1.0/24\n", "one IPv4 address", 2, 17 },
	{ "create s hash:mac\nadd s 0:0:0:0:0:0\n", "not zero", 2, 7 },
	{ "create s hash:ip,mark\nadd s 1.1.1.1,x\n", "a mark of 32 bits", 2, 15 },
	{ "create s hash:net,iface\nadd s 1.1.1.1,abcdefghijklmnop\n", "1 to 15", 2, 15 },
	{ "create s bitmap:port range 1-5\nadd s 6\n", "outside the range", 2, 7 },
	{ "create l list:set\nadd l l\n", "lists hold no lists", 2, 5 },
	{ "create l list:set\nadd l x\n", "there is no set x", 2, 5 },
	{ HASH "create l list:set\nadd l s\nadd l s\n", "already in list l", 4, 7 },
	{ HASH "create l list:set\nadd l s after s\n", "set s is not in list l", 3, 5 },
	{ HASH "create l list:set\nadd l s\ndestroy s\n", "set s is in the list l", 4, 9 },
	{ HASH "*filter\n-A INPUT -m set --match-set s src\nCOMMIT\ndestroy s\n",
	  "set s is used by a rule of chain INPUT, table filter", 5, 9 },
	{ "create s hash:ip,port\n*filter\n-A INPUT -m set --match-set s src\nCOMMIT\n",
	  "needs 2 of src and dst", 3, 13 },
	{ "*filter\n-A INPUT -j SET --add-set s src\nCOMMIT\n", "there is no set s", 2, 13 },
};

static void test_errors(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		const struct pktt_error *err = &bench.errs.item[0];
		bool as_wanted;

		assert_int_not_equal(load(errors[i].text), 0);
		as_wanted = strstr(err->text, errors[i].sentence) &&
			    err->place.line == errors[i].line &&
			    err->place.column == errors[i].column;
		if (!as_wanted)
			print_error("%s%u:%u: %s\n", errors[i].text, err->place.line,
				    err->place.column, err->text);
		assert_true(as_wanted);
		assert_saved("");
	}
}

/* --- Transactions ---------------------------------------------------------------------------- */

static void test_abort(void **unused)
{
	static const char was[] =
		"create s hash:net family inet hashsize 1024 maxelem 65536 counters\n"
		"add s 10.0.0.0/8 packets 1 bytes 2\n"
		"add s 11.0.0.0/16 packets 0 bytes 0\n"
		"create l list:set size 8\nadd l s\n";

	(void)unused;
	good(was);
	assert_int_not_equal(load("add s 12.0.0.0/24\ndel s 10.0.0.0/8\n"
				  "add s 11.0.0.0/16 packets 9 -exist\ncreate x hash:ip\n"
				  "add x 10.0.0.1\ndel l s\nadd l x\nadd nosuch 1\n"),
			     0);
	assert_saved(was);
	assert_int_not_equal(load("flush s\nadd s 12.0.0.0/24\nflush l\nflush s\nadd s 1\n"), 0);
	assert_saved(was);
	assert_int_not_equal(load("destroy l\ndestroy s\ncreate s hash:ip\nadd s 1\n"), 0);
	assert_saved(was);
	assert_int_equal(is_in("s", "10.1.2.3"), 1);
	assert_int_equal(is_in("s", "12.0.0.1"), 0);
	assert_int_equal(is_in("l", "s"), 1);
	good("destroy l\ndestroy s\ncreate s hash:ip\nadd s 10.0.0.1\n");
	assert_saved("create s hash:ip family inet hashsize 1024 maxelem 65536\nadd s 10.0.0.1\n");
}

/* What an open transaction does is not to be seen before commit. */
static void test_visible(void **unused)
{
	struct pktt_error err = { 0 };
	struct pktt_txn *txn;

	(void)unused;
	good("create s hash:ip\nadd s 10.0.0.1\nadd s 10.0.0.2\n");
	assert_int_equal(pktt_txn_begin(&txn, bench.engine, &err), 0);
	assert_int_equal(pktt_set_element_add(txn, "s", "10.0.0.3", &err), 0);
	assert_int_equal(pktt_set_element_delete(txn, "s", "10.0.0.1", &err), 0);
	assert_int_equal(pktt_set_create(txn, "t", "hash:ip", "", &err), 0);
	assert_int_equal(is_in("s", "10.0.0.1"), 1);
	assert_int_equal(is_in("s", "10.0.0.3"), 0);
	assert_null(pktt_set_lookup(bench.engine, "t"));
	/* It sees what it did itself. */
	assert_int_equal(pktt_set_element_add(txn, "s", "10.0.0.3", &err), -EEXIST);
	assert_int_equal(pktt_set_element_delete(txn, "s", "10.0.0.1", &err), -ENOENT);
	assert_int_equal(pktt_txn_commit(&txn, &bench.errs), 0);
	assert_int_equal(is_in("s", "10.0.0.1"), 0);
	assert_int_equal(is_in("s", "10.0.0.3"), 1);
	assert_non_null(pktt_set_lookup(bench.engine, "t"));
}

/* Deltas are folded into the table after many changes, one transaction each. */
static void test_fold(void **unused)
{
	struct str text = STR_INIT;

	(void)unused;
	good("create s hash:net counters\nadd s 10.0.0.0/8 packets 7 bytes 8\n");
	for (unsigned int round = 0; round < 3; round++) {
		str_clear(&text);
		for (unsigned int i = 0; i < 3000; i++)
			str_putf(&text, "%s s 11.%u.%u.0/24\n", round == 1 ? "del" : "add", i >> 8,
				 i & 255);
		good(str_text(&text));
		good("add s 12.0.0.0/8\n");
		good("del s 12.0.0.0/8\n");
		assert_int_equal(is_in("s", "11.0.5.6"), round != 1);
		assert_int_equal(is_in("s", "12.0.5.6"), 0);
		assert_int_equal(is_in("s", "10.0.5.6"), 1);
	}
	good("flush s\nadd s 10.0.0.0/9\n");
	assert_saved("create s hash:net family inet hashsize 1024 maxelem 65536 counters\n"
		     "add s 10.0.0.0/9 packets 0 bytes 0\n");
	str_fini(&text);
}

/* --- Time ------------------------------------------------------------------------------------ */

static void test_time(void **unused)
{
	(void)unused;
	/* Nobody has told the time yet: timeouts begin when somebody does. */
	good("create s hash:ip timeout 10 maxelem 2\nadd s 10.0.0.1\nadd s 10.0.0.2 timeout 0\n");
	pktt_engine_set_time(bench.engine, START);
	assert_int_equal(is_in("s", "10.0.0.1"), 1);
	pktt_engine_set_time(bench.engine, START + 4 * SECOND);
	assert_saved("create s hash:ip family inet hashsize 1024 maxelem 2 timeout 10\n"
		     "add s 10.0.0.1 timeout 6\nadd s 10.0.0.2 timeout 0\n");
	assert_int_not_equal(load("add s 10.0.0.3\n"), 0);
	pktt_engine_set_time(bench.engine, START + 11 * SECOND);
	assert_int_equal(is_in("s", "10.0.0.1"), 0);
	assert_int_equal(is_in("s", "10.0.0.2"), 1);
	/* What has expired makes room, and is no obstacle. */
	good("add s 10.0.0.3\n");
	pktt_engine_set_time(bench.engine, START + 30 * SECOND);
	good("add s 10.0.0.3\n");
	assert_saved("create s hash:ip family inet hashsize 1024 maxelem 2 timeout 10\n"
		     "add s 10.0.0.2 timeout 0\nadd s 10.0.0.3 timeout 10\n");
}

/* --- Packets --------------------------------------------------------------------------------- */

static void run(const char *line)
{
	engine_bench_run(&bench, line, PKTT_FORWARD, NULL);
}

#define RULE(what) "*filter\n-A FORWARD " what "\nCOMMIT\n"

static void test_target(void **unused)
{
	(void)unused;
	good("create s hash:ip counters timeout 60 maxelem 2\ncreate n hash:net\n"
	     "add n 192.0.2.0/24\nadd n 10.0.0.0/8\n" RULE("-j SET --add-set s src --timeout 5")
		     RULE("-j SET --add-set n dst"));
	run("tcp 10.0.0.1:1 > 10.0.0.2:2");
	run("tcp 10.0.0.1:1 > 10.0.0.2:2"); /* there already: nothing changes */
	/* A packet adds by the longest prefix that is there. */
	assert_saved("create n hash:net family inet hashsize 1024 maxelem 65536\n"
		     "add n 10.0.0.0/8\nadd n 10.0.0.0/24\nadd n 192.0.2.0/24\n"
		     "create s hash:ip family inet hashsize 1024 maxelem 2 timeout 60 counters\n"
		     "add s 10.0.0.1 timeout 5 packets 1 bytes 40\n");
	run("tcp 10.0.0.2:1 > 10.0.0.2:2");
	run("tcp 10.0.0.3:1 > 10.0.0.2:2");
	assert_int_equal(pktt_set_full(pktt_set_lookup(bench.engine, "s")), 1);
	good(RULE("-j SET --del-set s src"));
	run("tcp 10.0.0.1:1 > 10.0.0.2:2");
	assert_int_equal(is_in("s", "10.0.0.1"), 0);
}

static void test_map(void **unused)
{
	uint32_t mark = 0;

	(void)unused;
	good("create s hash:ip skbinfo\nadd s 10.0.0.1 skbmark 0x21/0xf0\n"
	     "*mangle\n-A FORWARD -j MARK --set-mark 0x5f\n"
	     "-A FORWARD -j SET --map-set s src --map-mark\nCOMMIT\n");
	engine_bench_run(&bench, "tcp 10.0.0.1:1 > 10.0.0.2:2", PKTT_FORWARD, &mark);
	assert_int_equal(mark, (0x5f & ~0xf0) ^ 0x21);
	engine_bench_run(&bench, "tcp 10.0.0.2:1 > 10.0.0.2:2", PKTT_FORWARD, &mark);
	assert_int_equal(mark, 0x5f);
}

/* bitmap:ip,mac learns the address from the packet, which also starts the time. */
static void test_learn(void **unused)
{
	(void)unused;
	good("create s bitmap:ip,mac range 10.0.0.0/28 counters timeout 9\nadd s 10.0.0.1\n" RULE(
		"-m set --match-set s src,src"));
	run("tcp 10.0.0.1:1 > 10.0.0.2:2");
	run("tcp 10.0.0.1:1 > 10.0.0.2:2");
	assert_saved("create s bitmap:ip,mac range 10.0.0.0-10.0.0.15 timeout 9 counters\n"
		     "add s 10.0.0.1,02:00:00:00:00:01 timeout 9 packets 2 bytes 80\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_text, start, stop),
		cmocka_unit_test_setup_teardown(test_json, start, stop),
		cmocka_unit_test_setup_teardown(test_errors, start, stop),
		cmocka_unit_test_setup_teardown(test_abort, start, stop),
		cmocka_unit_test_setup_teardown(test_visible, start, stop),
		cmocka_unit_test_setup_teardown(test_fold, start, stop),
		cmocka_unit_test_setup_teardown(test_time, start, stop),
		cmocka_unit_test_setup_teardown(test_target, start, stop),
		cmocka_unit_test_setup_teardown(test_map, start, stop),
		cmocka_unit_test_setup_teardown(test_learn, start, stop),
	};
	int r;

	rcu_register_thread();
	r = cmocka_run_group_tests(tests, NULL, NULL);
	rcu_unregister_thread();
	return r;
}
