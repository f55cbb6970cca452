/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The router of a replay: what is local, which way leads where, which address speaks. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/own.h"
#include "datapath/replay/router.h"

static struct router *build(const char *const *interface, const char *const *route)
{
	struct router *router = NULL;
	struct pktt_error err;

	assert_int_equal(router_new(&router, &err), 0);
	for (; *interface; interface++)
		assert_int_equal(router_add_interface(router, *interface, &err), 0);
	for (; route && *route; route++)
		assert_int_equal(router_add_route(router, *route, &err), 0);
	assert_int_equal(router_finish(router, &err), 0);
	return router;
}

static struct pktt_addr addr(const char *text)
{
	struct pktt_addr a;

	assert_int_equal(router_addr_parse(text, &a), 0);
	return a;
}

static void assert_way(const struct router *router, const char *dst, const char *out,
		       enum pktt_route_type type)
{
	struct pktt_addr to = addr(dst);
	struct pktt_route route;
	int r = router_lookup(router, &to, NULL, &route);

	if (!out) {
		assert_int_equal(r, -ENETUNREACH);
		return;
	}
	assert_int_equal(r, 0);
	assert_string_equal(route.out->name, out);
	assert_int_equal(route.type, type);
}

static void assert_source(const struct router *router, const char *dst, const char *dev,
			  const char *expected)
{
	struct pktt_addr to = addr(dst), want = addr(expected), found;

	assert_int_equal(router_source(router, &to, router_iface(router, dev), &found), 0);
	assert_memory_equal(found.byte, want.byte, want.len);
}

static void test_ways(void **state)
{
	static const char *const interface[] = {
		"a=10.0.0.1/24,10.1.0.1/31,10.2.0.1/32,2001:db8:1::1/64",
		"b=10.9.0.1/16",
		NULL,
	};
	static const char *const route[] = { "10.0.0.128/25=b", "10.9.0.0/16=a",
					     "0.0.0.0/0=b,via 10.9.0.9", NULL };
	PKTT_AUTO(router_free) struct router *router = build(interface, route);

	(void)state;
	assert_way(router, "10.0.0.1", "lo", PKTT_ROUTE_LOCAL);
	assert_way(router, "127.9.9.9", "lo", PKTT_ROUTE_LOCAL);
	assert_way(router, "127.255.255.255", "lo", PKTT_ROUTE_BROADCAST);
	assert_way(router, "10.0.0.255", "a", PKTT_ROUTE_BROADCAST);
	/* The lowest address of a subnet is a host's, since Linux 5.14. */
	assert_way(router, "10.0.0.0", "a", PKTT_ROUTE_UNICAST);
	assert_way(router, "10.0.0.5", "a", PKTT_ROUTE_UNICAST);
	assert_way(router, "10.0.0.200", "b", PKTT_ROUTE_UNICAST);
	assert_way(router, "10.1.0.0", "a", PKTT_ROUTE_UNICAST);
	/* Of equals the last wins, and routes come after subnets. */
	assert_way(router, "10.9.1.1", "a", PKTT_ROUTE_UNICAST);
	assert_way(router, "8.8.8.8", "b", PKTT_ROUTE_UNICAST);
	assert_way(router, "2001:db8:1::1", "lo", PKTT_ROUTE_LOCAL);
	assert_way(router, "2001:db8:1::", "lo", PKTT_ROUTE_ANYCAST);
	assert_way(router, "2001:db8:1::7", "a", PKTT_ROUTE_UNICAST);
	assert_way(router, "2001:db8:7::7", NULL, PKTT_ROUTE_UNSPEC);
}

static void test_types(void **state)
{
	static const char *const interface[] = { "a=10.0.0.1/24,fd00::1/64", "b=10.9.0.1/16",
						 NULL };
	PKTT_AUTO(router_free) struct router *router = build(interface, NULL);
	static const struct {
		const char *addr, *dev;
		enum pktt_route_type type;
	} row[] = {
		{ "10.0.0.1", NULL, PKTT_ROUTE_LOCAL },
		{ "10.0.0.1", "a", PKTT_ROUTE_LOCAL },
		{ "10.0.0.1", "b", PKTT_ROUTE_UNICAST },
		{ "10.0.0.255", NULL, PKTT_ROUTE_BROADCAST },
		{ "255.255.255.255", NULL, PKTT_ROUTE_BROADCAST },
		{ "0.1.2.3", NULL, PKTT_ROUTE_BROADCAST },
		{ "239.0.0.1", NULL, PKTT_ROUTE_MULTICAST },
		{ "9.9.9.9", NULL, PKTT_ROUTE_UNICAST },
		{ "ff02::1", NULL, PKTT_ROUTE_MULTICAST },
		{ "fd00::1", NULL, PKTT_ROUTE_LOCAL },
		{ "fd00::2", NULL, PKTT_ROUTE_UNICAST },
		{ "fd01::2", NULL, PKTT_ROUTE_UNREACHABLE },
	};

	(void)state;
	for (size_t i = 0; i < pktt_countof(row); i++) {
		struct pktt_addr a = addr(row[i].addr);
		const struct pktt_iface *dev = row[i].dev ? router_iface(router, row[i].dev) : NULL;

		assert_int_equal(router_addr_type(router, &a, dev), row[i].type);
	}
}

/* inet_select_addr() */
static void test_source_ipv4(void **state)
{
	static const char *const interface[] = {
		"a=10.0.0.1/24,10.0.0.2/24,172.16.0.1/24",
		"b=10.9.0.1/16",
		"c=",
		NULL,
	};
	PKTT_AUTO(router_free) struct router *router = build(interface, NULL);

	(void)state;
	assert_source(router, "10.0.0.77", "a", "10.0.0.1");
	assert_source(router, "172.16.0.9", "a", "172.16.0.1");
	assert_source(router, "8.8.8.8", "a", "10.0.0.1");
	assert_source(router, "8.8.8.8", "c", "10.0.0.1");
}

/* RFC 6724, 10.1, as far as a router without deprecated or mobile addresses has such choices. */
static void test_source_ipv6(void **state)
{
	static const char *const interface[] = {
		"a=2001:db8:1::1/64,fd00:1::1/64,2002:c633:6401::d5e3:0:0:1/64,mac=02:00:00:00:00:0a",
		"b=2001:db8:2::1/64,2001:db8:3::2/64,2001:db8:3::1/64,mac=02:00:00:00:00:0b",
		NULL,
	};
	PKTT_AUTO(router_free) struct router *router = build(interface, NULL);

	(void)state;
	/* Same address, appropriate scope, the interface, matching label, longest prefix. */
	assert_source(router, "2001:db8:2::1", "a", "2001:db8:2::1");
	assert_source(router, "fe80::1", "a", "fe80::ff:fe00:a");
	assert_source(router, "fe80::1", "b", "fe80::ff:fe00:b");
	assert_source(router, "ff02::1", "b", "fe80::ff:fe00:b");
	assert_source(router, "2001:db8:9::9", "a", "2001:db8:1::1");
	assert_source(router, "fd00:1::9", "a", "fd00:1::1");
	assert_source(router, "2002:836b:4179::9", "a", "2002:c633:6401::d5e3:0:0:1");
	assert_source(router, "2001:db8:2::9", "b", "2001:db8:2::1");
	/* Of equals Linux takes the newest. */
	assert_source(router, "2001:db8:3::99", "b", "2001:db8:3::1");
}

static void test_refusals(void **state)
{
	static const struct {
		int (*add)(struct router *router, const char *spec, struct pktt_error *err);
		const char *spec, *says;
	} row[] = {
		{ router_add_interface, "=10.0.0.1/24", "no interface name" },
		{ router_add_interface, "a-name-that-is-too-long=", "no interface name" },
		{ router_add_interface, "b=10.0.0.1/33", "0 to 32" },
		{ router_add_interface, "b2=10.0.0.1/-1", "0 to 32" },
		{ router_add_interface, "b3=::1/129", "0 to 128" },
		{ router_add_interface, "b4=224.0.0.1/8", "no interface can have" },
		{ router_add_interface, "b5=mtu=67", "68 to 65535" },
		{ router_add_interface, "b6=mac=01:00:00:00:00:00", "group's MAC" },
		{ router_add_interface, "b7=mac=2:0:0:0:0:0:0", "no MAC" },
		{ router_add_interface, "a=", "given twice" },
		{ router_add_route, "10.0.0.0/8=aa", "did you mean a?" },
		{ router_add_route, "10.0.0.0/8=a,10.0.0.1", "via ADDR" },
		{ router_add_route, "10.0.0.0/8=a,via ::1", "differ in family" },
		{ router_add_route, "10.0.0.1/8=a", "beyond its length" },
		{ router_add_bridge, "br=lo", "cannot be a port" },
		{ router_add_bridge, "lo=a", "cannot be a bridge" },
	};
	static const char *const interface[] = { "a=10.0.0.1/24", NULL };

	(void)state;
	for (size_t i = 0; i < pktt_countof(row); i++) {
		PKTT_AUTO(router_free) struct router *router = NULL;
		struct pktt_error err = { 0 };

		assert_int_equal(router_new(&router, &err), 0);
		assert_int_equal(router_add_interface(router, interface[0], &err), 0);
		assert_int_equal(row[i].add(router, row[i].spec, &err), -EINVAL);
		if (!strstr(err.text, row[i].says))
			fail_msg("%s: %s", row[i].spec, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways),	    cmocka_unit_test(test_types),
		cmocka_unit_test(test_source_ipv4), cmocka_unit_test(test_source_ipv6),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
