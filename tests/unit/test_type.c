/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each type of value makes of its texts. Where iptables has the option, the canonical form is
 * the one that iptables-legacy-save 1.8.9 prints, and what is refused is what it refuses, unless a
 * comment says otherwise.
 */
#include "type_cases.h"

static const struct pktt_symbol kinds[] = {
	{ "one", 1 }, { "uno", 1 }, { "two", 2 }, { "twelve", 12 }, { "none", 0 }, { 0 },
};

static const struct pktt_symbol tcp_flags[] = {
	{ "FIN", 0x01 }, { "SYN", 0x02 }, { "RST", 0x04 }, { "PSH", 0x08 }, { "ACK", 0x10 },
	{ "URG", 0x20 }, { "ALL", 0x3f }, { "NONE", 0 },   { 0 },
};

static const struct pktt_symbol places[] = {
	{ "UNSPEC", 1 }, { "UNICAST", 2 }, { "LOCAL", 4 }, { "BROADCAST", 8 }, { 0 },
};

/* --- Numbers ---------------------------------------------------------------------------------- */

static void numbers(void **state)
{
	static const struct type_case cases[] = {
		SAME("0"),
		SAME("255"),
		SHOWS("0x10", "16"),
		SHOWS("0XfF", "255"),
		SHOWS("010", "8"),
		SHOWS("00", "0"),
		REFUSES("256", "256 is outside 0 to 255"),
		REFUSES("99999999999999999999999", "outside 0 to 255"),
		REFUSES("08", "not a number"),
		REFUSES("", "not a number"),
		REFUSES("0x", "not a number"),
		REFUSES("-1", "not a number"),
		REFUSES("+1", "not a number"),
		REFUSES(" 1", "not a number"),
		REFUSES("1 ", "not a number"),
		REFUSES("1a", "not a number"),
		REFUSES("0xg", "not a number"),
		REFUSES("\x1b[31m", "'\\x1b[31m' is not a number"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_u8 }, cases);
}

static void wide_numbers(void **state)
{
	static const struct type_case u16_cases[] = { SAME("65535"),
						      REFUSES("65536", "65535"),
						      { 0 } };
	static const struct type_case u32_cases[] = { SAME("4294967295"),
						      REFUSES("4294967296", "4294967295"),
						      { 0 } };
	static const struct type_case u64_cases[] = {
		SAME("18446744073709551615"),
		SHOWS("0xffffffffffffffff", "18446744073709551615"),
		REFUSES("18446744073709551616", "18446744073709551615"),
		{ 0 },
	};
	static const struct type_case hex_cases[] = { SHOWS("10", "0xa"),
						      SAME("0xffffffff"),
						      { 0 } };

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_u16 }, u16_cases);
	run_cases(&(struct setting){ .type = &pktt_type_u32 }, u32_cases);
	run_cases(&(struct setting){ .type = &pktt_type_u64 }, u64_cases);
	run_cases(&(struct setting){ .type = &pktt_type_hex32 }, hex_cases);
	run_cases(&(struct setting){ .type = &pktt_type_u32, .flags = PKTT_SHOW_HEX }, hex_cases);
}

static void bounds_act(void **state)
{
	static const struct type_case cases[] = { SAME("1"),
						  SAME("63"),
						  REFUSES("0", "0 is outside 1 to 63"),
						  REFUSES("64", "64 is outside 1 to 63"),
						  REFUSES("300", "300 is outside 1 to 63"),
						  { 0 } };
	static const struct type_case dscp[] = { SHOWS("10", "0x0a"), { 0 } };

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_u8, .min = 1, .max = 63 }, cases);
	run_cases(&(struct setting){ .type = &pktt_type_u8, .flags = PKTT_SHOW_HEX }, dscp);
}

static void ranges(void **state)
{
	static const struct type_case cases[] = {
		SAME("7"),
		SAME("100:200"),
		SHOWS("100:", "100:65535"),
		SHOWS(":100", "0:100"),
		SHOWS(":", "0:65535"),
		SHOWS("5:5", "5"),
		SAME("100:10"), /* backwards is taken, and matches nothing */
		REFUSES("1:2:3", "not a number"),
		REFUSES("65536", "65535"),
		REFUSES("1:65536", "65535"),
		REFUSES("a:b", "not a number"),
		{ 0 },
	};
	static const struct type_case ordered[] = {
		SAME("1:2"), SAME("2"), REFUSES("2:1", "backwards"), { 0 }
	};
	static const struct type_case spi[] = { SHOWS("5:", "5:4294967295"), { 0 } };
	static const struct type_case octet[] = { SHOWS("1:", "1:255"),
						  REFUSES("256", "255"),
						  { 0 } };
	static const struct type_case huge[] = { SHOWS("1:", "1:18446744073709551615"), { 0 } };

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_range16 }, cases);
	run_cases(&(struct setting){ .type = &pktt_type_range64, .flags = PKTT_ASCENDING },
		  ordered);
	run_cases(&(struct setting){ .type = &pktt_type_range32 }, spi);
	run_cases(&(struct setting){ .type = &pktt_type_range8 }, octet);
	run_cases(&(struct setting){ .type = &pktt_type_range64 }, huge);
}

static void marks(void **state)
{
	static const struct type_case cases[] = {
		SHOWS("5", "0x5"),
		SHOWS("5/0xff", "0x5/0xff"),
		SAME("0x105/0xff"),
		SHOWS("0x1/0xffffffff", "0x1"),
		SHOWS("1/4294967295", "0x1"),
		REFUSES("1/", "not a number"),
		REFUSES("/1", "not a number"),
		REFUSES("4294967296", "outside"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_mark }, cases);
}

/* --- Names ------------------------------------------------------------------------------------ */

static void names(void **state)
{
	static const struct type_case exact[] = {
		SAME("one"),
		SHOWS("uno", "one"),
		REFUSES("ONE", "one of one, uno, two, twelve, none"),
		REFUSES("tw", "did you mean two?"),
		REFUSES("1", "one of"),
		REFUSES("", "one of"),
		{ 0 },
	};
	static const struct type_case caseless[] = {
		SHOWS("ONE", "one"),
		SHOWS("Twel", "twelve"),
		SHOWS("o", "one"),
		SHOWS("U", "one"),
		REFUSES("tw", "two or twelve"),
		REFUSES("twx", "did you mean two?"),
		REFUSES("", "one of"),
		{ 0 },
	};
	static const struct type_case numeric[] = {
		SHOWS("1", "one"),	   SHOWS("0x0c", "twelve"), SAME("77"),
		REFUSES("256", "outside"), REFUSES("7x", "one of"), { 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_enum8, .symbols = kinds }, exact);
	run_cases(&(struct setting){ .type = &pktt_type_enum16, .symbols = kinds }, exact);
	run_cases(&(struct setting){ .type = &pktt_type_enum32, .symbols = kinds }, exact);
	run_cases(&(struct setting){ .type = &pktt_type_enum8,
				     .symbols = kinds,
				     .flags = PKTT_CASELESS | PKTT_PREFIX },
		  caseless);
	run_cases(&(struct setting){ .type = &pktt_type_enum8,
				     .symbols = kinds,
				     .flags = PKTT_NUMERIC },
		  numeric);
}

static void sets_of_names(void **state)
{
	static const struct type_case cases[] = {
		SAME("LOCAL"),
		SHOWS("BROADCAST,LOCAL", "LOCAL,BROADCAST"),
		SHOWS("LOCAL,LOCAL", "LOCAL"),
		REFUSES("LOCAL,", "one of"),
		REFUSES("", "one of"),
		REFUSES("LOCAL BROADCAST", "one of"),
		REFUSES("4", "one of"),
		{ 0 },
	};
	static const struct type_case numeric[] = { SHOWS("4,BROADCAST", "LOCAL,BROADCAST"),
						    SHOWS("0x100,LOCAL", "LOCAL,0x100"),
						    { 0 } };
	static const struct type_case flags[] = {
		SHOWS("SYN,ACK,FIN SYN", "FIN,SYN,ACK SYN"),
		SHOWS("ALL NONE", "FIN,SYN,RST,PSH,ACK,URG NONE"),
		SHOWS("ALL SYN,FIN", "FIN,SYN,RST,PSH,ACK,URG FIN,SYN"),
		SHOWS("SYN SYN,FIN", "SYN FIN,SYN"), /* never matches, but iptables takes it */
		REFUSES("SYN", "MASK COMP"),
		REFUSES("SYN ECE", "one of"),
		REFUSES("SYN FIN ACK", "MASK COMP"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_bits32, .symbols = places }, cases);
	run_cases(&(struct setting){ .type = &pktt_type_bits32,
				     .symbols = places,
				     .flags = PKTT_NUMERIC },
		  numeric);
	run_cases(&(struct setting){ .type = &pktt_type_flags8, .symbols = tcp_flags }, flags);
}

static void bitmaps(void **state)
{
	static const struct type_case cases[] = {
		SHOWS("255,0,two", "none,two,255"),
		SAME("5,7"),
		SHOWS("12", "twelve"),
		REFUSES("256", "0 to 255"),
		REFUSES("", "one of"),
		REFUSES("1,,2", "one of"),
		{ 0 },
	};
	static const struct type_case bounded[] = { SHOWS("2,3", "two,3"),
						    REFUSES("1,3", "1 is outside 2 to 255"),
						    { 0 } };

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_bitmap256, .symbols = kinds }, cases);
	run_cases(&(struct setting){ .type = &pktt_type_bitmap256, .symbols = kinds, .min = 2 },
		  bounded);
}

/* --- Ports ------------------------------------------------------------------------------------ */

static void ports(void **state)
{
	static const struct type_case one[] = {
		SAME("0"),
		SAME("65535"),
		SHOWS("ssh", "22"),
		SHOWS("domain", "53"),
		REFUSES("65536", "port"),
		REFUSES("nosuchservice", "port"),
		REFUSES("", "port"),
		{ 0 },
	};
	static const struct type_case range[] = {
		SAME("80"),
		SAME("1:1023"),
		SHOWS("1024:", "1024:65535"),
		SHOWS(":1024", "0:1024"),
		SHOWS(":", "0:65535"),
		SHOWS("ssh:http", "22:80"),
		SHOWS("http-alt", "8080"),
		REFUSES("10:1", "backwards"),
		REFUSES("1-10", "port"),
		REFUSES("1:2:3", "port"),
		{ 0 },
	};
	static const struct type_case nat[] = {
		SAME("80-90"),
		SAME("80"),
		SAME("0"),
		SHOWS("http", "80"),
		SHOWS("http-alt", "8080"),
		REFUSES("90-80", "backwards"),
		REFUSES("80-", "port"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_port }, one);
	run_cases(&(struct setting){ .type = &pktt_type_port_range }, range);
	run_cases(&(struct setting){ .type = &pktt_type_nat_ports }, nat);
}

static void lists_of_ports(void **state)
{
	static const struct type_case cases[] = {
		SHOWS("ssh,80", "22,80"),
		SAME("80,80"),
		SAME("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"),
		SAME("1:2,3,4,5,6,7,8,9,10,11,12,13,14,15"),
		REFUSES("1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", "15 ports"),
		REFUSES("1:2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", "15 ports"),
		REFUSES("5:2", "backwards"),
		REFUSES("1:", "port"),
		REFUSES("80,", "port"),
		REFUSES("", "port"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_port_list }, cases);
}

/* --- Rates and times -------------------------------------------------------------------------- */

static void rates(void **state)
{
	static const struct type_case cases[] = {
		SAME("7/sec"),
		SAME("3/hour"),
		SAME("3/min"),
		SAME("25/day"),
		SAME("100/min"),
		SAME("7777/hour"),
		SHOWS("7", "7/sec"),
		SHOWS("3/m", "3/min"),
		SHOWS("3/minute", "3/min"),
		SHOWS("5/SEC", "5/sec"),
		SHOWS("120/minute", "2/sec"),
		SHOWS("60/hour", "1/min"),
		SAME("90/hour"),
		SHOWS("3000/hour", "50/min"),
		SHOWS("1440/day", "1/min"),
		SHOWS("24/day", "1/hour"),
		SHOWS("6000/min", "100/sec"),
		SAME("10000/sec"),
		SAME("9999/sec"), /* iptables shows 10000/sec: exact here */
		SAME("512kb/s"),
		SAME("1mb/s"),
		SHOWS("1048576b/s", "1mb/s"),
		SAME("1536kb/s"),
		REFUSES("0/day", "rate of 0"),
		REFUSES("0b/s", "rate of 0"),
		REFUSES("7/hours", "a rate"),
		REFUSES("1/fortnight", "a rate"),
		REFUSES("5/", "a rate"),
		REFUSES("/s", "a rate"),
		REFUSES("1000001/sec", "too fast"),
		REFUSES("5.5/sec", "a rate"),
		REFUSES("1500kb/m", "a rate"), /* iptables silently reads 1500/minute */
		REFUSES("4096mb/s", "a rate"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_rate }, cases);
}

static void durations(void **state)
{
	static const struct type_case cases[] = {
		SAME("0"),
		SAME("90"),
		SHOWS("1h30m", "5400"),
		SHOWS("1d2h3m4s", "93784"),
		SHOWS("2H", "7200"),
		SAME("4294967295"),
		REFUSES("4294967296", "duration"),
		REFUSES("49711d", "duration"),
		REFUSES("99999999999999999999999s", "duration"),
		REFUSES("", "duration"),
		REFUSES("1x", "duration"),
		REFUSES("h", "duration"),
		REFUSES("1h30", "duration"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_duration }, cases);
}

static void times_of_day(void **state)
{
	static const struct type_case cases[] = {
		SHOWS("8:00", "08:00:00"),
		SHOWS("17:30", "17:30:00"),
		SHOWS("8:5", "08:05:00"),
		SAME("23:59:59"),
		SAME("08:05:59"),
		REFUSES("24:00", "time of day"),
		REFUSES("8", "time of day"),
		REFUSES("8:60", "time of day"),
		REFUSES("8:5:60", "time of day"),
		REFUSES("8:5:6:7", "time of day"),
		REFUSES("", "time of day"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_time_of_day }, cases);
}

static void timestamps(void **state)
{
	static const struct type_case cases[] = {
		SHOWS("2020", "2020-01-01T00:00:00"),
		SHOWS("2020-05", "2020-05-01T00:00:00"),
		SHOWS("2020-1-2", "2020-01-02T00:00:00"),
		SHOWS("2020-05-06T07", "2020-05-06T07:00:00"),
		SHOWS("2020-02-03T4:5:6", "2020-02-03T04:05:06"),
		SAME("2030-05-06T07:08:09"),
		SAME("2020-02-29T00:00:00"),
		SAME("2106-02-07T06:28:15"),
		SHOWS("1970", "1970-01-01T00:00:00"),
		REFUSES("2106-02-07T06:28:16", "2106"),
		REFUSES("2020-13", "date"),
		REFUSES("2020-05-06T24:00", "date"),
		REFUSES("2020-02-03T04:05:60", "date"),
		REFUSES("1969-05-06", "date"),
		REFUSES("2020T07", "date"),
		REFUSES("2020-05T07", "date"),
		REFUSES("2021-02-29", "date"), /* iptables turns it into March the 1st */
		REFUSES("", "date"),
		REFUSES("20", "date"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_timestamp }, cases);
}

static void days(void **state)
{
	static const struct type_case week[] = {
		SHOWS("Mon,Tue,7", "Mon,Tue,Sun"),
		SHOWS("Mo,Tu", "Mon,Tue"),
		SHOWS("Monday", "Mon"),
		SHOWS("1,2,3,4,5,6,7", "Mon,Tue,Wed,Thu,Fri,Sat,Sun"),
		SHOWS("sun,MON", "Mon,Sun"),
		REFUSES("0", "day"),
		REFUSES("8", "day"),
		REFUSES("M", "day"),
		REFUSES("Mondays", "day"),
		REFUSES("", "day"),
		REFUSES("Mon,", "day"),
		{ 0 },
	};
	static const struct type_case month[] = {
		SHOWS("1,15,31st", "1,15,31"),	   SHOWS("2nd,3rd,4th,1st", "1,2,3,4"),
		SHOWS("21,12th", "12,21"),	   REFUSES("0", "day of the month"),
		REFUSES("32", "day of the month"), REFUSES("st", "day of the month"),
		REFUSES("", "day of the month"),   { 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_weekdays }, week);
	run_cases(&(struct setting){ .type = &pktt_type_monthdays }, month);
}

/* --- Text ------------------------------------------------------------------------------------- */

static void texts(void **state)
{
	static const struct type_case cases[] = {
		SAME("plain-word_1"),
		SHOWS("two words", "\"two words\""),
		SHOWS("ab.c", "\"ab.c\""),
		SHOWS("", "\"\""),
		SHOWS("a\"b\\c'd", "\"a\\\"b\\\\c\\'d\""),
		SAME("exactly-15-long"),
		SHOWS("caf\xc3\xa9", "\"caf\xc3\xa9\""),
		SHOWS("tab\t\x1b", "\"tab\t\x1b\""),
		REFUSES("exactly-16-longs", "16 characters, at most 15"),
		REFUSES("a\nb", "line"),
		REFUSES("a\r", "line"),
		{ 0 },
	};
	static const struct type_case least[] = {
		SAME("ab"), REFUSES("a", "at least 2"), REFUSES("", "0 characters"), { 0 }
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_text, .size = 16 }, cases);
	run_cases(&(struct setting){ .type = &pktt_type_text, .size = 16, .min = 2 }, least);
}

static void interfaces(void **state)
{
	static const struct type_case cases[] = {
		SAME("eth0"),
		SAME("eth+"),
		SAME("+"),
		SAME("eth0:1"),
		SAME("br-lan.5"),
		SAME("abcdefghijklmno"),
		SHOWS("a'b", "\"a\\'b\""),
		REFUSES("abcdefghijklmnop", "15 characters"),
		REFUSES("", "interface name"),
		REFUSES("a b",
			"interface name"), /* iptables warns, and saves what it cannot load */
		REFUSES("a/b", "interface name"),
		REFUSES("a\x07", "\\x07"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_ifname }, cases);
}

static void patterns(void **state)
{
	static const struct type_case text[] = {
		SHOWS("abc", "\"abc\""),
		SHOWS("a\"b c", "\"a\\\"b c\""),
		SHOWS("a'b|c\\d", "\"a'b|c\\\\d\""),
		REFUSES("", "pattern"),
		{ 0 },
	};
	static const struct type_case hex[] = {
		SHOWS("|0d 0a|abc", "\"|0d0a616263|\""),
		SHOWS("|0D0a|abc|00|", "\"|0d0a61626300|\""),
		SHOWS("abc def", "\"|61626320646566|\""),
		SHOWS("a\\|b", "\"|617c62|\""),
		SHOWS("a\\\\b", "\"|615c62|\""),
		SHOWS("a\\b", "\"|6162|\""),
		REFUSES("|5|", "hexadecimal"),
		REFUSES("|50", "second '|'"),
		REFUSES("|5g|", "hexadecimal"),
		REFUSES("||", "nothing between"),
		REFUSES("", "pattern"),
		{ 0 },
	};
	char longest[130];
	const struct type_case edge[] = { REFUSES(longest, "longer than 128"), { 0 } };

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_pattern }, text);
	run_cases(&(struct setting){ .type = &pktt_type_hex_pattern }, hex);
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	run_cases(&(struct setting){ .type = &pktt_type_pattern }, edge);
	run_cases(&(struct setting){ .type = &pktt_type_hex_pattern }, edge);
}

static void references_to_sets(void **state)
{
	static const struct type_case cases[] = {
		SAME("blocklist src"),
		SAME("s src,dst,dst"),
		SAME("a.b:c src,src,src,src,src,src"),
		REFUSES("s", "SET src|dst"),
		REFUSES("s srcs", "src or dst"),
		REFUSES("s src,", "src or dst"),
		REFUSES("s src,src,src,src,src,src,src", "at most 6"),
		REFUSES("abcdefghijklmnopqrstuvwxyz012345 src", "31 characters"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_set_ref }, cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(wide_numbers),
		cmocka_unit_test(bounds_act),
		cmocka_unit_test(ranges),
		cmocka_unit_test(marks),
		cmocka_unit_test(names),
		cmocka_unit_test(sets_of_names),
		cmocka_unit_test(bitmaps),
		cmocka_unit_test(ports),
		cmocka_unit_test(lists_of_ports),
		cmocka_unit_test(rates),
		cmocka_unit_test(durations),
		cmocka_unit_test(times_of_day),
		cmocka_unit_test(timestamps),
		cmocka_unit_test(days),
		cmocka_unit_test(texts),
		cmocka_unit_test(interfaces),
		cmocka_unit_test(patterns),
		cmocka_unit_test(references_to_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
