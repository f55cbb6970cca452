/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses of all layers and the names of what packets carry; see test_type.c. */
#include "type_cases.h"

static void addresses(void **state)
{
	static const struct type_case v4[] = {
		SAME("10.0.0.1"),
		SAME("255.255.255.255"),
		REFUSES("10.0.0", "an IPv4 address"),
		REFUSES("10.0.0.256", "an IPv4 address"),
		REFUSES("10.0.0.1.2", "an IPv4 address"),
		REFUSES("10.0.0.01", "an IPv4 address"), /* octal to iptables, decimal to others */
		REFUSES("::1", "an IPv4 address"),
		REFUSES("www.example.com", "host name"),
		REFUSES("", "an IPv4 address"),
		{ 0 },
	};
	static const struct type_case v6[] = {
		SAME("2001:db8::1"),
		SHOWS("2001:DB8:0:0::1", "2001:db8::1"),
		SAME("::"),
		SAME("::ffff:1.2.3.4"),
		REFUSES("10.0.0.1", "an IPv6 address"),
		REFUSES("2001:db8", "an IPv6 address"),
		REFUSES("fe80::1%eth0", "an IPv6 address"),
		REFUSES("localhost", "host name"),
		{ 0 },
	};
	static const struct type_case both[] = {
		SAME("10.0.0.1"), SAME("::1"), REFUSES("x", "IPv4 or IPv6"), { 0 }
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_addr, .family = PKTT_IPV4 }, v4);
	run_cases(&(struct setting){ .type = &pktt_type_addr, .family = PKTT_ARP }, v4);
	run_cases(&(struct setting){ .type = &pktt_type_addr, .family = PKTT_IPV6 }, v6);
	run_cases(&(struct setting){ .type = &pktt_type_addr, .family = PKTT_INET }, both);
	run_cases(&(struct setting){ .type = &pktt_type_addr, .family = PKTT_BRIDGE }, both);
	run_cases(&(struct setting){ .type = &pktt_type_addr,
				     .family = PKTT_BRIDGE,
				     .flags = PKTT_ONLY_V4 },
		  v4);
	run_cases(&(struct setting){ .type = &pktt_type_addr,
				     .family = PKTT_BRIDGE,
				     .flags = PKTT_ONLY_V6 },
		  v6);
}

static void prefixes(void **state)
{
	static const struct pktt_ext head = { .kind = PKTT_KIND_HEAD, .name = "ip" };
	static const struct type_case partial[] = { SHOWS("0/0", "0.0.0.0/0"),
						    SHOWS("10/8", "10.0.0.0/8"),
						    SHOWS("10.1", "10.1.0.0/32"),
						    { 0 } };
	static const struct type_case whole[] = { REFUSES("10/8", "an IPv4 address"),
						  REFUSES("10.1", "an IPv4 address"),
						  { 0 } };
	static const struct type_case v4[] = {
		SAME("10.0.0.0/8"),
		SHOWS("10.1.2.3/8", "10.0.0.0/8"),
		SHOWS("10.0.0.1", "10.0.0.1/32"),
		SHOWS("10.0.0.1/255.0.255.0", "10.0.0.0/255.0.255.0"),
		SHOWS("10.0.0.0/255.255.0.0", "10.0.0.0/16"),
		SHOWS("10.0.0.1/0", "0.0.0.0/0"),
		SAME("0.0.0.1/0.0.0.1"),
		REFUSES("10.0.0.0/33", "0 to 32"),
		REFUSES("10.0.0.0/-1", "0 to 32"),
		REFUSES("10.0.0.0/", "0 to 32"),
		REFUSES("10.0.0.0/8/8", "0 to 32"),
		REFUSES("10.0.0.0/255.255", "0 to 32"),
		REFUSES("example.com/24", "host name"),
		REFUSES("10.0.0.1,10.0.0.2", "an IPv4 address"),
		REFUSES("/8", "an IPv4 address"),
		{ 0 },
	};
	static const struct type_case v6[] = {
		SHOWS("2001:db8::1/32", "2001:db8::/32"),
		SHOWS("fe80::1", "fe80::1/128"),
		SAME("::/0"),
		SHOWS("2001:db8::1/ffff:0:ffff::", "2001::/ffff:0:ffff::"),
		SHOWS("2001:db8::1/ffff:ffff::", "2001:db8::/32"),
		SAME("::1/::ffff"),
		REFUSES("::/129", "0 to 128"),
		REFUSES("::/255.0.0.0", "0 to 128"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_prefix, .family = PKTT_IPV4 }, v4);
	run_cases(&(struct setting){ .type = &pktt_type_prefix, .family = PKTT_IPV4, .ext = &head },
		  v4);
	run_cases(&(struct setting){ .type = &pktt_type_prefix, .family = PKTT_IPV4 }, whole);
	run_cases(&(struct setting){ .type = &pktt_type_prefix, .family = PKTT_IPV4, .ext = &head },
		  partial);
	run_cases(&(struct setting){ .type = &pktt_type_prefix, .family = PKTT_IPV6 }, v6);
}

static void ranges_of_addresses(void **state)
{
	static const struct type_case cases[] = {
		SAME("10.0.0.1-10.0.0.5"),
		SHOWS("10.0.0.5", "10.0.0.5-10.0.0.5"),
		SAME("10.0.0.5-10.0.0.1"), /* iptables warns, takes and saves it */
		REFUSES("10.0.0.5-", "an IPv4 address"),
		REFUSES("10.0.0.1-10.0.0.2-10.0.0.3", "an IPv4 address"),
		REFUSES("my-host", "'my-host' is a host name"),
		{ 0 },
	};
	static const struct type_case mixed[] = { REFUSES("10.0.0.1-::1", "different families"),
						  { 0 } };
	static const struct type_case list[] = {
		SAME("::1,::2"),
		REFUSES("::1,", "address"),
		REFUSES("::,::,::,::,::,::,::,::,::,::,::,::,::,::,::,::,::", "at most 16"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_addr_range, .family = PKTT_IPV4 }, cases);
	run_cases(&(struct setting){ .type = &pktt_type_addr_range, .family = PKTT_INET }, mixed);
	run_cases(&(struct setting){ .type = &pktt_type_addr_list, .family = PKTT_IPV6 }, list);
}

static void translations(void **state)
{
	static const struct type_case v4[] = {
		SAME("1.2.3.4"),
		SAME(":80"),
		SAME("1.2.3.4-1.2.3.9:80-90"),
		SAME("1.2.3.4:80-90/5"),
		SHOWS("1.2.3.9-1.2.3.9", "1.2.3.9"),
		SHOWS("1.2.3.9:http", "1.2.3.9:80"),
		REFUSES("1.2.3.4:90-80", "lower"),
		REFUSES("1.2.3.4:", "port"),
		REFUSES("1.2.3.9-1.2.3.4",
			"backwards"), /* iptables takes it; what it would do is undefined */
		REFUSES("1.2.3.4/5", "IPv4"),
		REFUSES("", "ADDRESS"),
		REFUSES("host.example", "host name"),
		{ 0 },
	};
	static const struct type_case v6[] = {
		SAME("[2001:db8::1]:80"),
		SHOWS("[2001:db8::1]", "2001:db8::1"),
		SAME("2001:db8::1-2001:db8::5"),
		SAME("[2001:db8::1-2001:db8::5]:80-90"),
		SHOWS("[2001:db8::1-2001:db8::5]", "2001:db8::1-2001:db8::5"),
		SAME(":80"),
		REFUSES("[2001:db8::1", "ADDRESS"),
		REFUSES("[2001:db8::1]80", "ADDRESS"),
		REFUSES("[2001:db8::1]-[2001:db8::5]:80", "ADDRESS"),
		REFUSES("1.2.3.4:80", "IPv6"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_nat_range, .family = PKTT_IPV4 }, v4);
	run_cases(&(struct setting){ .type = &pktt_type_nat_range, .family = PKTT_IPV6 }, v6);
}

static void hardware_addresses(void **state)
{
	static const struct type_case plain[] = {
		SAME("00:11:22:aa:bb:cc"),
		SHOWS("0:11:22:AA:BB:C", "00:11:22:aa:bb:0c"),
		REFUSES("00:11:22:aa:bb", "hardware address"),
		REFUSES("00:11:22:aa:bb:cc:dd", "hardware address"),
		REFUSES("00:11:22:aa:bb:100", "hardware address"),
		REFUSES("00-11-22-aa-bb-cc", "hardware address"),
		REFUSES("00:11:22:aa:bb:", "hardware address"),
		REFUSES("00:11:22:aa:bb:0g", "hardware address"),
		{ 0 },
	};
	static const struct type_case bridge[] = {
		SHOWS("multicast", "Multicast"),
		SAME("Unicast"),
		SAME("BGA"),
		SHOWS("ff:ff:ff:ff:ff:ff", "Broadcast"),
		SHOWS("01:00:00:00:00:00/01:00:00:00:00:00", "Multicast"),
		SHOWS("00:11:22:33:44:55/ff:ff:ff:00:00:00", "00:11:22:00:00:00/ff:ff:ff:00:00:00"),
		SAME("00:11:22:33:44:55"),
		REFUSES("00:11:22:33:44:55/8", "hardware address"),
		{ 0 },
	};
	static const struct type_case arp[] = {
		SHOWS("Broadcast", "ff:ff:ff:ff:ff:ff"),
		SHOWS("Unicast", "00:00:00:00:00:00/01:00:00:00:00:00"),
		{ 0 },
	};
	static const struct type_case list[] = {
		SHOWS("00:11:22:33:44:55", "0:11:22:33:44:55"),
		SHOWS("0:1:2:3:4:6,0:1:2:3:4:5,", "0:1:2:3:4:5,0:1:2:3:4:6"),
		SHOWS("0:0:0:0:0:2=1.2.3.4,0:0:0:0:0:2=1.2.3.4", "0:0:0:0:0:2=1.2.3.4"),
		SHOWS("0:0:0:0:0:2=1.2.3.4,0:0:0:0:0:2", "0:0:0:0:0:2,0:0:0:0:0:2=1.2.3.4"),
		REFUSES("", "hardware address"),
		REFUSES(",", "hardware address"),
		REFUSES("00:11:22:33:44:55,,00:11:22:33:44:66", "hardware address"),
		REFUSES("00:11:22:33:44:55=", "address"),
		REFUSES("00:11:22:33:44:55=host", "host name"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_mac, .family = PKTT_IPV4 }, plain);
	run_cases(&(struct setting){ .type = &pktt_type_mac_mask, .family = PKTT_BRIDGE }, bridge);
	run_cases(&(struct setting){ .type = &pktt_type_mac_mask, .family = PKTT_ARP }, arp);
	run_cases(&(struct setting){ .type = &pktt_type_mac_list, .family = PKTT_BRIDGE }, list);
}

/* A list owns its memory: a copy lives on when the original is gone. */
static void a_list_owns(void **state)
{
	static const struct pktt_param param = { .name = "among",
						 .type = &pktt_type_mac_list,
						 .size = sizeof(struct pktt_mac_list) };
	static const struct pktt_context ctx = { &param, NULL, PKTT_BRIDGE };
	struct pktt_mac_list a = { 0, NULL }, b = { 0, NULL };
	PKTT_AUTO(str_fini) struct str out = STR_INIT;
	const char *text = "0:0:0:0:0:1=10.0.0.1,0:0:0:0:0:2";

	(void)state;
	assert_int_equal(param.type->copy(&b, &a), 0);
	assert_null(b.item);
	assert_int_equal(param.type->parse(&ctx, &text, &a, NULL), 0);
	assert_int_equal(a.count, 2);
	assert_int_equal(param.type->copy(&b, &a), 0);
	param.type->fini(&a);
	assert_null(a.item);
	assert_int_equal(a.count, 0);
	param.type->print(&ctx, &b, &out);
	assert_string_equal(str_text(&out), text);
	param.type->fini(&b);
	param.type->fini(&b);
}

/* --- What packets carry ----------------------------------------------------------------------- */

static void icmp_types(void **state)
{
	static const struct pktt_symbol icmp[] = {
		{ "any", PKTT_ICMP(255, 0, 255) },
		{ "echo-reply", PKTT_ICMP(0, 0, 255) },
		{ "pong", PKTT_ICMP(0, 0, 255) },
		{ "destination-unreachable", PKTT_ICMP(3, 0, 255) },
		{ "host-unreachable", PKTT_ICMP(3, 1, 1) },
		{ "fragmentation-needed", PKTT_ICMP(3, 4, 4) },
		{ "echo-request", PKTT_ICMP(8, 0, 255) },
		{ 0 },
	};
	static const struct type_case v4[] = {
		SAME("any"),
		SAME("8"),
		SHOWS("echo-request", "8"),
		SHOWS("Echo-Request", "8"),
		SHOWS("pong", "0"),
		SAME("3/4"),
		SHOWS("3/0x1", "3/1"),
		SHOWS("host-unreachable", "3/1"),
		SHOWS("fragmentation", "3/4"),
		SHOWS("destination-unreachable", "3"),
		SHOWS("255", "any"),
		SHOWS("255/3", "any"),
		REFUSES("echo", "echo-reply or echo-request"),
		REFUSES("256", "0 to 255"),
		REFUSES("3/256", "0 to 255"),
		REFUSES("3/", "0 to 255"),
		REFUSES("host-unreachable/1", "did you mean host-unreachable?"),
		REFUSES("", "one of"),
		{ 0 },
	};
	static const struct type_case v6[] = {
		SAME("255"), SAME("255/3"), SAME("1/3"), SHOWS("echo-request", "8"), { 0 }
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_icmp,
				     .symbols = icmp,
				     .flags = PKTT_CASELESS | PKTT_PREFIX,
				     .family = PKTT_IPV4 },
		  v4);
	run_cases(&(struct setting){ .type = &pktt_type_icmp,
				     .symbols = icmp,
				     .flags = PKTT_CASELESS | PKTT_PREFIX,
				     .family = PKTT_IPV6 },
		  v6);
}

static void protocols(void **state)
{
	static const struct type_case cases[] = {
		SAME("tcp"),
		SHOWS("17", "udp"),
		SHOWS("ICMP", "icmp"),
		SHOWS("icmpv6", "ipv6-icmp"),
		SHOWS("58", "ipv6-icmp"),
		SHOWS("47", "gre"),
		SHOWS("50", "esp"),
		SHOWS("51", "ah"),
		SHOWS("132", "sctp"),
		SHOWS("136", "udplite"),
		SHOWS("33", "dccp"),
		SHOWS("4", "ipencap"),
		SHOWS("135", "mobility-header"),
		SHOWS("mh", "mobility-header"),
		SHOWS("0", "all"),
		SAME("99"),
		SAME("255"),
		REFUSES("256", "a protocol"),
		REFUSES("nosuch", "a protocol"),
		REFUSES("", "a protocol"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_proto }, cases);
}

static void frame_types(void **state)
{
	static const struct type_case cases[] = {
		SAME("IPv4"),
		SHOWS("ip", "IPv4"),
		SHOWS("0800", "IPv4"),
		SHOWS("0x0806", "ARP"),
		SHOWS("86DD", "IPv6"),
		SHOWS("ipv6", "IPv6"),
		SHOWS("802.1q", "802_1Q"),
		SHOWS("0x1234", "0x1234"),
		SHOWS("1234", "0x1234"),
		REFUSES("12345", "type of frame"),
		REFUSES("", "type of frame"),
		REFUSES("0x", "type of frame"),
		REFUSES("IPv5", "type of frame"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_ethertype, .family = PKTT_BRIDGE }, cases);
}

static void types_of_service(void **state)
{
	static const struct type_case cases[] = {
		SHOWS("0x10", "0x10/0xff"),
		SHOWS("Minimize-Delay", "0x10/0x3f"),
		SHOWS("normal-service", "0x00/0x3f"),
		SHOWS("16/0", "0x10/0x00"),
		SAME("0x10/0x3f"),
		REFUSES("256", "a TOS"),
		REFUSES("1/256", "a TOS"),
		REFUSES("Minimize", "a TOS"),
		REFUSES("", "a TOS"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_tos }, cases);
}

static void lists_of_options(void **state)
{
	static const struct type_case cases[] = {
		SAME("1:2,3,4:0"),
		SHOWS("0x20:255", "32"),
		SAME("5:254"),
		REFUSES("1:", "TYPE[:LENGTH]"),
		REFUSES("256", "TYPE[:LENGTH]"),
		REFUSES("1:256", "TYPE[:LENGTH]"),
		REFUSES("", "TYPE[:LENGTH]"),
		REFUSES("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "at most 16"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_opt_list, .family = PKTT_IPV6 }, cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),	       cmocka_unit_test(prefixes),
		cmocka_unit_test(ranges_of_addresses), cmocka_unit_test(translations),
		cmocka_unit_test(hardware_addresses),  cmocka_unit_test(a_list_owns),
		cmocka_unit_test(icmp_types),	       cmocka_unit_test(protocols),
		cmocka_unit_test(frame_types),	       cmocka_unit_test(types_of_service),
		cmocka_unit_test(lists_of_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
