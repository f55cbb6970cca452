/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands as messages: every verb comes back as it went, and what is no message is refused. */
#include "wire/command.h"

#include "base/str.h"
#include "round_trip.h"

#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static union {
	struct nlmsghdr nlh;
	char bytes[65536];
} room;

/* --- There and back ----------------------------------------------------------------------------- */

static void check_rule(const struct pktt_rule_spec *a, const struct pktt_rule_spec *b)
{
	struct str one = STR_INIT, two = STR_INIT;

	assert_int_equal(a == NULL, b == NULL);
	if (!a)
		return;
	assert_true(pktt_rule_spec_equal(a, b));
	pktt_rule_spec_print(a, &one);
	pktt_rule_spec_print(b, &two);
	assert_string_equal(str_text(&one), str_text(&two));
	assert_string_equal(a->name, b->name);
	assert_int_equal(a->handle, b->handle);
	assert_int_equal(a->has_counters, b->has_counters);
	assert_memory_equal(&a->counters, &b->counters, sizeof(a->counters));
	assert_int_equal(a->place.line, b->place.line);
	assert_int_equal(a->place.column, b->place.column);
	str_fini(&one);
	str_fini(&two);
}

static void check_same(const struct pktt_command *a, const struct pktt_command *b)
{
	assert_int_equal(a->verb, b->verb);
	assert_int_equal(a->family, b->family);
	assert_string_equal(a->table, b->table);
	assert_string_equal(a->chain, b->chain);
	assert_string_equal(a->other, b->other);
	assert_int_equal(a->policy, b->policy);
	assert_int_equal(a->number, b->number);
	assert_int_equal(a->before, b->before);
	assert_int_equal(a->after, b->after);
	assert_int_equal(a->to_number, b->to_number);
	assert_string_equal(a->element ? a->element : "", b->element ? b->element : "");
	assert_int_equal(a->place.line, b->place.line);
	check_rule(a->rule, b->rule);
}

static long encode(const struct pktt_command *cmd, unsigned int flags)
{
	long len = wire_command_encode(cmd, flags, room.bytes, sizeof(room));
	char *tight;

	assert_true(len >= 0);
	if (len == 0)
		return 0;
	assert_int_equal(len, room.nlh.nlmsg_len);
	assert_int_equal(len % 4, 0);
	tight = malloc((size_t)len);
	assert_non_null(tight);
	assert_int_equal(wire_command_encode(cmd, flags, tight, (size_t)len), len);
	assert_memory_equal(tight, room.bytes, len);
	assert_int_equal(wire_command_encode(cmd, flags, tight, (size_t)len - 1), -EMSGSIZE);
	free(tight);
	return len;
}

static int there_and_back(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	unsigned int *seen = ctx, flags = 0;
	struct pktt_command again;
	struct wire_object obj;

	if (encode(cmd, WIRE_RESTORE | WIRE_COUNTERS) == 0) {
		assert_false(wire_command_travels(cmd->verb));
		return 0;
	}
	if (wire_command_decode(&again, &flags, &obj, &room.nlh, round_trip_catalog(), err))
		fail_msg("%s", err->text);
	check_same(cmd, &again);
	assert_int_equal(!!(flags & WIRE_RESTORE),
			 cmd->verb == PKTT_TABLE_BEGIN || cmd->verb == PKTT_SET_CREATE);
	seen[cmd->verb]++;
	wire_object_fini(&obj);
	return 0;
}

static const char text[] =
	"create s hash:ip family inet hashsize 1024 maxelem 65536\n"
	"add s 192.0.2.1 timeout 60\n"
	"del s 192.0.2.1\nflush s\ndestroy s\n"
	"*filter\n:INPUT DROP [3:4]\n:own - [0:0]\n-N other\n-X other\n-X\n-E own theirs\n-F\n"
	"-F INPUT\n-Z\n-Z INPUT\n-Z INPUT 3\n-P INPUT ACCEPT\n"
	"[7:8] -A INPUT -p tcp -m tcp --dport 22 -m comment --comment \"a b\" -j ACCEPT --name ssh\n"
	"-A INPUT -s 10.0.0.0/8 -m limit --limit 3/min -j LOG --log-prefix x -j DROP --handle 77\n"
	"-I INPUT 3 ! -s 192.0.2.1 -g own\n-I INPUT -j RETURN\n"
	"-R INPUT 2 -p udp -m multiport --dports 1,2,3:4 -j REJECT\n"
	"-R INPUT --name ssh -j DROP\n-R INPUT --handle 5 -j DROP\n"
	"-D INPUT -p tcp -j ACCEPT\n-D INPUT 4\n-D INPUT --handle 9\n-D INPUT --name ssh\n"
	"-C INPUT -j ACCEPT\nCOMMIT\n"
	"*nat inet\n-A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080\nCOMMIT\n"
	"*filter bridge\n-A FORWARD -p IPv4 --ip-src 10.0.0.1 -j DROP\nCOMMIT\n"
	"*filter arp\n-A INPUT --opcode Request -j ACCEPT\nCOMMIT\n"
	"*filter ipv6\n-A INPUT -s 2001:db8::/32 -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j DROP\n"
	"COMMIT\n";

static void each_verb_comes_back(void **state)
{
	unsigned int seen[PKTT_RULE_MOVE + 1] = { 0 };
	const struct pktt_source src = {
		.catalog = round_trip_catalog(), .name = "f", .family = PKTT_IPV4, .is_native = true
	};
	const struct pktt_receiver to = { there_and_back, seen };
	struct pktt_errors errs = { 0 };
	struct pktt_error err = { 0 };
	struct pktt_command cmd = { .verb = PKTT_SET_SWAP, .chain = "a", .other = "b" };

	(void)state;
	pktt_text_read(&src, text, sizeof(text) - 1, &to, &errs);
	if (errs.count)
		fail_msg("%u: %s", errs.item[0].place.line, errs.item[0].text);
	there_and_back(seen, &cmd, &err);
	cmd = (struct pktt_command){
		.verb = PKTT_RULE_MOVE, .table = "raw", .chain = "OUTPUT", .number = 3, .before = 9
	};
	there_and_back(seen, &cmd, &err);
	cmd.before = 0;
	cmd.after = 8;
	there_and_back(seen, &cmd, &err);
	cmd.after = 0;
	cmd.to_number = 8;
	cmd.number = 0;
	cmd.handle = 1;
	cmd.chain[0] = '\0';
	there_and_back(seen, &cmd, &err);
	for (int verb = 0; verb <= PKTT_RULE_MOVE; verb++)
		if (wire_command_travels((enum pktt_verb)verb) && !seen[verb])
			fail_msg("verb %d was not tried", verb);
}

/* --- What is refused ---------------------------------------------------------------------------- */

static void begin(enum pktt_rules_msg msg, uint16_t flags, uint8_t family)
{
	struct nfgenmsg head = { .nfgen_family = family };

	mnl_nlmsg_put_header(room.bytes);
	room.nlh.nlmsg_type = (uint16_t)(PKTT_SUBSYS_RULES << 8 | msg);
	room.nlh.nlmsg_flags = flags;
	memcpy(mnl_nlmsg_put_extra_header(&room.nlh, sizeof(head)), &head, sizeof(head));
}

static void refused(int code, const char *sentence)
{
	struct pktt_error err = { 0 };
	struct pktt_command cmd;
	struct wire_object obj;
	unsigned int flags;
	int r = wire_command_decode(&cmd, &flags, &obj, &room.nlh, round_trip_catalog(), &err);

	assert_string_equal(err.text, sentence);
	assert_int_equal(r, code);
}

static void begin_rule(const char *match)
{
	struct nlattr *nest;

	begin(PKTT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, NFPROTO_IPV4);
	mnl_attr_put_strz(&room.nlh, PKTTA_TABLE, "filter");
	mnl_attr_put_strz(&room.nlh, PKTTA_CHAIN, "INPUT");
	mnl_attr_put_strz(&room.nlh, PKTTA_FILE, "rules");
	mnl_attr_put_u32(&room.nlh, PKTTA_LINE, htobe32(12));
	mnl_attr_put(&room.nlh, PKTTA_HEAD, 0, NULL);
	nest = mnl_attr_nest_start(&room.nlh, PKTTA_MATCH);
	if (match)
		mnl_attr_put_strz(&room.nlh, PKTTA_USE_NAME, match);
	mnl_attr_nest_end(&room.nlh, nest);
}

static void says_where_an_extension_is_unknown(void **state)
{
	struct pktt_error err = { 0 };
	struct wire_object obj;

	(void)state;
	begin_rule("lenght");
	assert_int_equal(wire_object_decode(&obj, &room.nlh, round_trip_catalog(), &err), -ENOENT);
	assert_string_equal(err.text, "there is no match lenght for ipv4; did you mean length?");
	assert_string_equal(err.place.file, "rules");
	assert_int_equal(err.place.line, 12);
	begin_rule("of-tomorrow");
	refused(-ENOENT, "there is no match of-tomorrow for ipv4");
	begin_rule(NULL);
	refused(-EBADMSG, "a match or target without a name");
	begin_rule("tcp");
	refused(-EINVAL, "match tcp needs -p tcp, without !");
}

static void refuses_nonsense(void **state)
{
	(void)state;
	begin(PKTT_MSG_NEWCHAIN, 0, NFPROTO_IPV4);
	refused(-EINVAL,
		"NEWCHAIN without NLM_F_CREATE changes a chain: it needs POLICY or NEW_NAME, "
		"and not both");
	begin(PKTT_MSG_NEWCHAIN, NLM_F_CREATE, NFPROTO_IPV4);
	refused(-EINVAL, "the message needs CHAIN");
	mnl_attr_put_strz(&room.nlh, PKTTA_CHAIN, "a b");
	refused(-EINVAL, "the name of a chain has no blanks, quotes or backslashes");
	begin(PKTT_MSG_NEWCHAIN, NLM_F_CREATE, NFPROTO_UNSPEC);
	refused(-EAFNOSUPPORT, "the message needs a family");
	begin(PKTT_MSG_NEWCHAIN, NLM_F_CREATE, 99);
	refused(-EAFNOSUPPORT, "there is no family 99");
	begin(PKTT_MSG_DELRULE, 0, NFPROTO_IPV4);
	refused(-EINVAL, "which rule: the message needs NUMBER, HANDLE or NAME");
	begin(PKTT_MSG_GETTABLE, 0, NFPROTO_IPV4);
	refused(-EINVAL, "message 1 asks for no change");
	begin(PKTT_MSG_COUNT, 0, NFPROTO_IPV4);
	refused(-EBADMSG, "message 0x4023 is not about rules");
	begin(PKTT_MSG_MOVERULE, 0, NFPROTO_IPV4);
	mnl_attr_put_u64(&room.nlh, PKTTA_HANDLE, htobe64(1));
	refused(-EINVAL, "the place of a rule is one of TO_NUMBER, BEFORE, AFTER, each from 1");
}

static void refuses_broken_attributes(void **state)
{
	(void)state;
	begin(PKTT_MSG_DELCHAIN, 0, NFPROTO_IPV4);
	mnl_attr_put_strz(&room.nlh, PKTTA_TABLE, "filter");
	mnl_attr_put_strz(&room.nlh, PKTTA_TABLE, "nat");
	refused(-EBADMSG, "attribute TABLE is given twice");
	begin(PKTT_MSG_DELCHAIN, 0, NFPROTO_IPV4);
	mnl_attr_put(&room.nlh, PKTTA_TABLE, 6, "filter");
	refused(-EBADMSG, "attribute TABLE does not have a value of its type");
	begin(PKTT_MSG_DELCHAIN, 0, NFPROTO_IPV4);
	mnl_attr_put_u64(&room.nlh, PKTTA_NUMBER, 1);
	refused(-EBADMSG, "attribute NUMBER does not have a value of its type");
	begin(PKTT_MSG_DELCHAIN, 0, NFPROTO_IPV4);
	mnl_attr_put_u32(&room.nlh, 333 | PKTTA_MUST, 1);
	refused(-EOPNOTSUPP,
		"attribute 333 is newer than this program, and the message has no meaning "
		"without it");
	begin(PKTT_MSG_DELCHAIN, 0, NFPROTO_IPV4);
	mnl_attr_put_strz(&room.nlh, PKTTA_TABLE, "filter");
	room.nlh.nlmsg_len -= 4;
	refused(-EBADMSG, "the message ends within an attribute");
	room.nlh.nlmsg_len -= 2;
	refused(-EBADMSG, "the message's length is not a multiple of 4");
	room.nlh.nlmsg_len = MNL_NLMSG_HDRLEN + 2;
	refused(-EBADMSG, "the message ends within its header");
}

static void skips_what_is_newer(void **state)
{
	struct pktt_error err = { 0 };
	struct pktt_command cmd;
	struct wire_object obj;
	unsigned int flags;

	(void)state;
	begin(PKTT_MSG_DELCHAIN, 0, NFPROTO_IPV6);
	mnl_attr_put_u32(&room.nlh, 333, 1);
	mnl_attr_put_strz(&room.nlh, PKTTA_TABLE | PKTTA_MUST, "raw");
	assert_int_equal(
		wire_command_decode(&cmd, &flags, &obj, &room.nlh, round_trip_catalog(), &err), 0);
	assert_int_equal(cmd.verb, PKTT_CHAIN_DELETE);
	assert_int_equal(cmd.family, PKTT_IPV6);
	assert_string_equal(cmd.table, "raw");
	wire_object_fini(&obj);
}

/* --- Several elements, descriptions ------------------------------------------------------------- */

static void carries_several_elements(void **state)
{
	struct pktt_command cmd = { .verb = PKTT_SET_ADD, .chain = "s", .element = "1.2.3.4" };
	const struct nlattr *at = NULL;
	struct pktt_error err = { 0 };
	struct wire_object obj;

	(void)state;
	assert_true(wire_command_encode(&cmd, 0, room.bytes, sizeof(room)) > 0);
	assert_int_equal(wire_put_element(&room.nlh, sizeof(room), "1.2.3.5 timeout 3"), 0);
	assert_int_equal(wire_put_element(&room.nlh, room.nlh.nlmsg_len + 12, "1.2.3.6 timeout 3"),
			 -EMSGSIZE);
	assert_int_equal(wire_object_decode(&obj, &room.nlh, NULL, &err), 0);
	assert_string_equal(wire_text(&obj, PKTTA_ELEMENT), "1.2.3.4");
	assert_string_equal(wire_next_element(&room.nlh, &at), "1.2.3.4");
	assert_string_equal(wire_next_element(&room.nlh, &at), "1.2.3.5 timeout 3");
	assert_null(wire_next_element(&room.nlh, &at));
	wire_object_fini(&obj);
}

static void describes_a_chain(void **state)
{
	const struct wire_who who = { 1000, 4711, "ansible" };
	struct pktt_error err = { 0 };
	struct wire_object obj;

	(void)state;
	wire_object_init(&obj, PKTT_MSG_NEWCHAIN, PKTT_ARP);
	wire_set_text(&obj, PKTTA_CHAIN, "INPUT");
	wire_set_u64(&obj, PKTTA_PRIORITY, (uint64_t)(int64_t)-300);
	wire_set_u64(&obj, PKTTA_GENERATION, UINT64_MAX);
	wire_set_who(&obj, &who);
	assert_true(wire_object_encode(&obj, room.bytes, sizeof(room)) > 0);
	assert_int_equal(wire_object_decode(&obj, &room.nlh, NULL, &err), 0);
	assert_int_equal(obj.family, PKTT_ARP);
	assert_int_equal((int64_t)wire_u64(&obj, PKTTA_PRIORITY), -300);
	assert_true(wire_u64(&obj, PKTTA_GENERATION) == UINT64_MAX);
	assert_true(wire_has(&obj, PKTTA_WHO));
	assert_int_equal(obj.who.uid, 1000);
	assert_int_equal(obj.who.pid, 4711);
	assert_string_equal(obj.who.program, "ansible");
	assert_null(wire_text(&obj, PKTTA_TABLE));
	wire_object_fini(&obj);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_verb_comes_back),
		cmocka_unit_test(says_where_an_extension_is_unknown),
		cmocka_unit_test(refuses_nonsense),
		cmocka_unit_test(refuses_broken_attributes),
		cmocka_unit_test(skips_what_is_newer),
		cmocka_unit_test(carries_several_elements),
		cmocka_unit_test(describes_a_chain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
