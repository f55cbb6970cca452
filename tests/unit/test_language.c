/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rule text, command lines and JSON: what they say, how they print, what errors look like. */
#include "desc/command.h"

#include "base/json.h"
#include "base/str.h"
#include "desc/family.h"
#include "desc/source.h"
#include "round_trip.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* --- Commands as lines, to compare ----------------------------------------------------------- */

static void show_rule(const struct pktt_command *cmd, struct str *out)
{
	str_putc(out, ' ');
	pktt_rule_spec_print(cmd->rule, out);
	if (cmd->rule->handle)
		str_putf(out, " handle %" PRIu64, cmd->rule->handle);
}

static const char *verb_name(enum pktt_verb verb)
{
	static const char *const names[] = { "begin",	   "commit",	"declare", "new",
					     "delete",	   "rename",	"flush",   "zero",
					     "policy",	   "append",	"insert",  "replace",
					     "remove",	   "remove-at", "check",   "list",
					     "list-rules", "create",	"destroy", "flush-set",
					     "add",	   "del" };

	return names[verb];
}

static int show(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	static const char *const policy[] = { "-", "ACCEPT", "DROP", "", "", "", "", "RETURN" };
	struct str *out = ctx, why = STR_INIT;

	if (!round_trip_check(cmd, &why))
		fail_msg("%s", str_text(&why));
	if (strcmp(cmd->chain, "refuse") == 0 || strcmp(cmd->table, "refuse") == 0)
		return pktt_fail(err, -EINVAL, "refused");
	str_puts(out, verb_name(cmd->verb));
	if (cmd->family != PKTT_IPV4)
		str_putf(out, " %s", pktt_family_name(cmd->family));
	if (cmd->table[0] && strcmp(cmd->table, "filter") != 0)
		str_putf(out, " %s", cmd->table);
	if (cmd->chain[0])
		str_putf(out, " %s", cmd->chain);
	if (cmd->other[0])
		str_putf(out, " %s", cmd->other);
	if (cmd->verb == PKTT_CHAIN_DECLARE || cmd->verb == PKTT_CHAIN_POLICY)
		str_putf(out, " %s", policy[cmd->policy]);
	if (cmd->number)
		str_putf(out, " #%u", cmd->number);
	if (cmd->handle && !cmd->rule)
		str_putf(out, " handle %" PRIu64, cmd->handle);
	if (cmd->has_counters)
		str_putf(out, " [%" PRIu64 ":%" PRIu64 "]", cmd->counters.packets,
			 cmd->counters.bytes);
	if (cmd->element)
		str_putf(out, " {%s}", cmd->element);
	if (cmd->rule)
		show_rule(cmd, out);
	str_putc(out, '\n');
	return 0;
}

typedef int read_fn(const struct pktt_source *src, const char *text, size_t len,
		    const struct pktt_receiver *to, struct pktt_errors *errs);

static void check_read(read_fn *read, struct pktt_source src, const char *text,
		       const char *expected, const char *errors)
{
	struct str out = STR_INIT, said = STR_INIT;
	struct pktt_receiver to = { show, &out };
	struct pktt_errors errs = { 0 };
	struct pktt_sources *files = NULL;
	const struct pktt_file *file;

	src.catalog = round_trip_catalog();
	src.name = src.name ? src.name : "f";
	assert_int_equal(pktt_sources_new(&files), 0);
	assert_int_equal(pktt_sources_add(files, src.name, text, strlen(text), &file), 0);
	src.files = src.may_include ? files : NULL;
	read(&src, text, strlen(text), &to, &errs);
	pktt_errors_print(&errs, pktt_sources_line, files, &said);
	assert_string_equal(str_text(&said), errors);
	assert_string_equal(str_text(&out), expected);
	str_fini(&out);
	str_fini(&said);
	pktt_sources_free(&files);
}

static const struct pktt_source v4 = { .family = PKTT_IPV4 };
static const struct pktt_source v6 = { .family = PKTT_IPV6 };
static const struct pktt_source bridge = { .family = PKTT_BRIDGE };
static const struct pktt_source native = { .family = PKTT_IPV4, .is_native = true };

/* One line of section *filter. */
static void check_line(struct pktt_source src, const char *line, const char *expected)
{
	struct str text = STR_INIT, want = STR_INIT;
	const char *family = src.family ? pktt_family_name(src.family) : "";
	const char *blank = src.family ? " " : "";

	str_putf(&text, "*filter\n%s\nCOMMIT\n", line);
	str_putf(&want, "begin%s%s\n%s%scommit%s%s\n", blank, family, expected,
		 expected[0] ? "\n" : "", blank, family);
	check_read(pktt_text_read, src, str_text(&text), str_text(&want), "");
	str_fini(&text);
	str_fini(&want);
}

/* The sentence and the column of the one error of a line. */
static void check_error(struct pktt_source src, const char *line, unsigned int column,
			const char *sentence)
{
	struct str text = STR_INIT, out = STR_INIT;
	struct pktt_receiver to = { show, &out };
	struct pktt_errors errs = { 0 };

	src.catalog = round_trip_catalog();
	src.name = "f";
	str_putf(&text, "*filter\n%s\nCOMMIT\n", line);
	assert_int_not_equal(pktt_text_read(&src, str_text(&text), text.len, &to, &errs), 0);
	assert_string_equal(errs.item[0].text, sentence);
	assert_int_equal(errs.count, 1);
	assert_int_equal(errs.item[0].place.line, 2);
	assert_int_equal(errs.item[0].place.column, column);
	str_fini(&text);
	str_fini(&out);
}

/* --- Rules ------------------------------------------------------------------------------------ */

static void rules_print_as_iptables_save(void **state)
{
	(void)state;
	check_line(v4, "-A INPUT -j ACCEPT", "append INPUT -j ACCEPT");
	check_line(v4, "-A INPUT", "append INPUT ");
	check_line(v4, "-A INPUT -p tcp --dport 22 -j ACCEPT",
		   "append INPUT -p tcp -m tcp --dport 22 -j ACCEPT");
	check_line(v4, "-A INPUT -j ACCEPT -f -p 6 -o e+ -i eth0 -d 1.2.3.4 -s 10.0.0.0/255.0.0.0",
		   "append INPUT -s 10.0.0.0/8 -d 1.2.3.4/32 -i eth0 -o e+ -p tcp -f -j ACCEPT");
	check_line(v4, "--append INPUT --protocol=tcp --match=tcp --syn --jump=DROP",
		   "append INPUT -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP");
	check_line(v4, "-A INPUT --proto tcp --in lo --dest 1.2.3.4 --tcp-fl SYN SYN",
		   "append INPUT -d 1.2.3.4/32 -i lo -p tcp -m tcp --tcp-flags SYN SYN");
	check_error(v4, "-A INPUT -p tcp -m tcp --dest 1", 24,
		    "unknown option --dest; did you mean --destination?");
	check_line(v4, "-AINPUT -ptcp -jDROP", "append INPUT -p tcp -j DROP");
	check_line(v4, "-A INPUT -m comment --comment \"it's \\\"a\\\" #1\" -j DROP",
		   "append INPUT -m comment --comment \"it\\'s \\\"a\\\" #1\" -j DROP");
	check_line(v4, "-A INPUT -g web", "append INPUT -g web");
	check_line(v4, "-A INPUT -j web", "append INPUT -j web");
	check_line(v6, "-A INPUT -p icmpv6 --icmpv6-type 128 -j DROP",
		   "append ipv6 INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j DROP");
}

/* Matches without -m, as ebtables-save of nf_tables 1.8.9 prints them. */
static void ebtables_text_is_read(void **state)
{
	(void)state;
	check_line(bridge,
		   "-A INPUT -p IPv4 --ip-src 10.0.0.1 --ip-proto tcp --ip-dport 80 -j ACCEPT",
		   "append bridge INPUT -p IPv4 --ip-src 10.0.0.1 --ip-proto tcp --ip-dport 80 "
		   "-j ACCEPT");
	check_line(bridge, "-A INPUT -p ARP --arp-op Request --arp-ip-src 10.0.0.0/8 -j DROP",
		   "append bridge INPUT -p ARP --arp-op Request --arp-ip-src 10.0.0.0/8 -j DROP");
	check_line(bridge,
		   "-A F -s ! 00:11:22:33:44:55 -i eth0 --limit 5/sec --limit-burst 10 -j mark "
		   "--mark-set 0x5 --mark-target ACCEPT",
		   "append bridge F ! -s 00:11:22:33:44:55 -i eth0 --limit 5/sec --limit-burst 10 "
		   "-j mark --mark-set 0x5 --mark-target ACCEPT");
	check_line(bridge, "-A F -p 802_1Q --vlan-id 5 -j foo -c 1 2",
		   "append bridge F [1:2] -p 802_1Q --vlan-id 5 -j foo");
	check_line(bridge, "-A F -d Broadcast -o eth1 --pkttype-type broadcast -j RETURN",
		   "append bridge F -d Broadcast -o eth1 --pkttype-type broadcast -j RETURN");
	check_line(bridge, "-A F -m limit --limit 1/sec -m limit --limit 2/sec -j DROP",
		   "append bridge F --limit 1/sec --limit-burst 5 -m limit --limit 2/sec "
		   "--limit-burst 5 -j DROP");
}

static void negation_stands_before_or_after(void **state)
{
	(void)state;
	check_line(v4, "-A INPUT ! -s 10.0.0.0/8 -p tcp ! --dport 80 -j DROP",
		   "append INPUT ! -s 10.0.0.0/8 -p tcp -m tcp ! --dport 80 -j DROP");
	check_line(v4, "-A INPUT -s ! 10.0.0.0/8 -i ! lo -p tcp --dport ! 80 -j DROP",
		   "append INPUT ! -s 10.0.0.0/8 ! -i lo -p tcp -m tcp ! --dport 80 -j DROP");
	check_line(v4, "-A INPUT -m comment --comment \"!\" -j DROP",
		   "append INPUT -m comment --comment \"!\" -j DROP");
	check_error(v4, "-A INPUT ! ! -s 1.2.3.4", 12, "\"!\" is given twice");
	check_error(v4, "-A INPUT ! -s ! 1.2.3.4", 15, "\"!\" is given twice");
	check_error(v4, "-A INPUT ! -j DROP", 10,
		    "\"!\" stands before an option of a match, not here");
	check_error(v4, "-A INPUT !", 10, "\"!\" must be followed by an option");
	check_error(v4, "-A INPUT -m limit ! --limit 1/s", 19, "\"!\" does not apply to --limit");
}

static void addresses_expand_to_rules(void **state)
{
	(void)state;
	check_line(v4, "-A INPUT -d 3.0.0.1,3.0.0.2 -s 1.0.0.1,2.0.0.0/8 -j DROP",
		   "append INPUT -s 1.0.0.1/32 -d 3.0.0.1/32 -j DROP\n"
		   "append INPUT -s 1.0.0.1/32 -d 3.0.0.2/32 -j DROP\n"
		   "append INPUT -s 2.0.0.0/8 -d 3.0.0.1/32 -j DROP\n"
		   "append INPUT -s 2.0.0.0/8 -d 3.0.0.2/32 -j DROP");
	check_error(v4, "-A INPUT ! -s 1.0.0.1,2.0.0.1", 15,
		    "\"!\" does not go with several addresses: none would match all");
	check_error(v4, "-A INPUT -s 1.0.0.1,,2.0.0.1", 13, "an address of the list is empty");
	check_error(v4, "-R INPUT 1 -s 1.0.0.1,2.0.0.1", 15,
		    "-R replaces one rule by one: a single address");
}

static void counters_stand_before_or_in_the_rule(void **state)
{
	(void)state;
	check_line(v4, "[1:18446744073709551615] -A INPUT -j DROP",
		   "append INPUT [1:18446744073709551615] -j DROP");
	check_line(v4, "-A INPUT -c 5 6 -j DROP", "append INPUT [5:6] -j DROP");
	check_line(v4, "-A INPUT -j DROP --set-counters 5,6", "append INPUT [5:6] -j DROP");
	check_error(v4, "[1:2 -A INPUT", 1, "expected [packets:bytes]");
	check_error(v4, "[1:18446744073709551616] -A INPUT", 1, "expected [packets:bytes]");
	check_error(v4, "-A INPUT -c 5", 15, "-c needs numbers of packets and bytes after it");
	check_error(v4, "[1:2]", 7, "expected a command such as -A CHAIN");
}

static void commands_are_those_of_iptables(void **state)
{
	(void)state;
	check_line(v4, "-I INPUT 3 -j DROP", "insert INPUT #3 -j DROP");
	check_line(v4, "-I INPUT -j DROP", "insert INPUT -j DROP");
	check_line(v4, "-D INPUT 3", "remove-at INPUT #3");
	check_line(v4, "-D INPUT -j DROP", "remove INPUT -j DROP");
	check_line(v4, "-R INPUT 3 -j DROP", "replace INPUT #3 -j DROP");
	check_line(v4, "-C INPUT -j DROP", "check INPUT -j DROP");
	check_line(v4, "-F", "flush");
	check_line(v4, "-F INPUT", "flush INPUT");
	check_line(v4, "-Z INPUT 2", "zero INPUT #2");
	check_line(v4, "-N web", "new web");
	check_line(v4, "--new web", "new web");
	check_line(v4, "-X web", "delete web");
	check_line(v4, "-X", "delete");
	check_line(v4, "-E web www", "rename web www");
	check_line(v4, "-P INPUT DROP", "policy INPUT DROP");
	check_line(v4, "-L INPUT", "list INPUT");
	check_line(v4, "-S", "list-rules");
	check_error(v4, "-A", 4, "-A needs a chain after it");
	check_error(v4, "-E web", 8, "expected the new name of the chain here");
	check_error(v4, "-P INPUT REJECT", 10, "a policy is ACCEPT or DROP, not \"REJECT\"");
	check_error(v4, "-R INPUT -j DROP", 4, "-R needs the number of a rule after the chain");
	check_error(v4, "-D INPUT 0", 10, "expected the number of a rule, from 1, not \"0\"");
	check_error(v4, "-F INPUT -j DROP", 10, "-F takes no conditions or targets");
	check_error(v4, "-A INPUT -F", 10, "-F after -A: one command at a time");
	check_error(v4, "-t nat -A INPUT", 1,
		    "-t does not stand in a rule file: the *TABLE line says it");
	check_error(v4, "-j DROP", 1, "expected a command such as -A CHAIN");
	check_error(v4, "-A INPUT DROP", 10, "expected an option here, not \"DROP\"");
	check_error(v4, "-A INPUT -j", 13, "-j needs a target or a chain after it");
	check_error(v4, "-A !x", 4, "the name of a chain must not begin with !");
}

static void lines_of_the_other_program_are_passed_over(void **state)
{
	(void)state;
	check_line(v4, "-A INPUT -6 -s ::1 -j DROP", "");
	check_line(v4, "-4 -A INPUT -j DROP", "append INPUT -j DROP");
	check_line(v6, "-A INPUT --ipv4 -s 1.2.3.4 -j DROP", "");
}

static void unknown_options_are_explained(void **state)
{
	(void)state;
	check_error(v4, "-A INPUT -p tcp --dportt 443 -j ACCEPT", 17,
		    "unknown option --dportt for match tcp; did you mean --dport?");
	check_error(v4, "-A INPUT --sorce 1.2.3.4", 10,
		    "unknown option --sorce; did you mean --source?");
	check_error(v4, "-A INPUT -j LOG --log-prefx x", 17,
		    "unknown option --log-prefx for target LOG; did you mean --log-prefix?");
	check_error(v4, "-A INPUT -j LOGG --log-prefix x", 18,
		    "unknown option --log-prefix: LOGG is no target, but LOG is one");
	check_error(v4, "-A INPUT -m limt --limit 1/s", 13,
		    "there is no match limt; did you mean limit?");
	check_error(v4, "-A INPUT -m icmp6", 13, "match icmp6 is not for family ipv4");
	check_error(v4, "-A INPUT -Q", 10, "unknown option -Q");
	check_error(v4, "-A INPUT -m comment --log-level 3", 21,
		    "unknown option --log-level for match comment; it belongs to target LOG");
	check_error(v4, "-A INPUT -m tcp --dport 1", 13,
		    "match tcp needs -p tcp, without !");
	check_error(v4, "-A INPUT -p tcp --dport 1 --dport 2", 35, "--dport is given twice");
	check_error(v4, "-A INPUT -s", 13, "--source needs ADDRESS[/LENGTH|/MASK] after it");
}

/* --- Files ------------------------------------------------------------------------------------ */

static void sections_have_a_beginning_and_an_end(void **state)
{
	(void)state;
	check_read(pktt_text_read, v4,
		   "# remark\n\n  \n*nat\r\n:PREROUTING ACCEPT [1:2]\r\n:user - [0:0]\r\n"
		   ":OUTPUT DROP\r\nCOMMIT\r\n",
		   "begin nat\ndeclare nat PREROUTING ACCEPT [1:2]\ndeclare nat user -\n"
		   "declare nat OUTPUT DROP\ncommit nat\n",
		   "");
	check_read(pktt_text_read, v4, "*nat\n*filter\n", "begin nat\nbegin\n",
		   "f:2: error: COMMIT is missing: the section *filter of line 2 is still open\n"
		   "    2 | *filter\n"
		   "f:2:1: error: COMMIT is missing: the section *nat of line 1 is still open\n"
		   "    2 | *filter\n      | ^^^^^^^\n"
		   "2 errors, nothing changed\n");
}

static void arp_and_bridge_need_no_commit(void **state)
{
	(void)state;
	check_read(pktt_text_read, bridge, "*filter\n:FORWARD ACCEPT\n:u RETURN\n*nat\n-F\n",
		   "begin bridge\ndeclare bridge FORWARD ACCEPT\ndeclare bridge u RETURN\n"
		   "commit bridge\nbegin bridge nat\nflush bridge nat\ncommit bridge nat\n",
		   "");
}

static void a_refused_table_is_told_once(void **state)
{
	(void)state;
	check_read(pktt_text_read, v4, "*refuse\n-A INPUT -j DROP\nCOMMIT\n*filter\nCOMMIT\n",
		   "begin\ncommit\n",
		   "f:1:1: error: refused\n    1 | *refuse\n      | ^^^^^^^\n"
		   "1 error, nothing changed\n");
}

static void several_errors_are_shown_as_they_stand(void **state)
{
	(void)state;
	check_read(pktt_text_read, v4,
		   "*filter\n-A INPUT -p tcp --dportt 443 -j ACCEPT\n-F INPUT\n-A refuse -j DROP\n"
		   "\t-A INPUT \x1b[1m\nCOMMIT\n",
		   "begin\nflush INPUT\ncommit\n",
		   "f:2:17: error: unknown option --dportt for match tcp; did you mean --dport?\n"
		   "    2 | -A INPUT -p tcp --dportt 443 -j ACCEPT\n"
		   "      |                 ^^^^^^^^\n"
		   "f:4:1: error: refused\n"
		   "    4 | -A refuse -j DROP\n"
		   "      | ^^\n"
		   "f:5:11: error: expected an option here, not \"\\x1b[1m\"\n"
		   "    5 |  -A INPUT \\x1b[1m\n"
		   "      |           ^^^^^^^\n"
		   "3 errors, nothing changed\n");
}

static void sets_are_lines_of_ipset(void **state)
{
	(void)state;
	check_read(pktt_text_read, v4,
		   "create s hash:ip family inet timeout 60 \nadd s 192.0.2.1 comment \"a b\"\r\n"
		   "del s 192.0.2.1\nflush s\ndestroy s\nCOMMIT\n",
		   "create s hash:ip {family inet timeout 60}\n"
		   "add s {192.0.2.1 comment \"a b\"}\ndel s {192.0.2.1}\nflush-set s {}\n"
		   "destroy s {}\n",
		   "");
	check_read(pktt_text_read, v4, "add s\n", "",
		   "f:1:1: error: expected add SET ELEMENT, in one line\n"
		   "    1 | add s\n      | ^^^\n1 error, nothing changed\n");
}

static void the_native_form_is_a_superset(void **state)
{
	(void)state;
	check_line(native, "-A INPUT -j LOG --log-prefix \"x \" -j ACCEPT --name web",
		   "append INPUT -j LOG --log-prefix \"x \" -j ACCEPT --name web");
	check_line(native, "-A INPUT \\\n  -p tcp \\\n  -j DROP --handle 7",
		   "append INPUT -p tcp -j DROP handle 7");
	check_line(native, "-D INPUT --name web", "remove-at INPUT web");
	check_line(native, "-D INPUT --handle 7", "remove-at INPUT handle 7");
	check_line(native, "add s 1.2.3.4", "add s {1.2.3.4}");
	check_read(pktt_text_read, native, "*raw inet\n-A OUTPUT -s ::1 -j DROP\nCOMMIT\n",
		   "begin inet raw\nappend inet raw OUTPUT -s ::1/128 -j DROP\ncommit inet raw\n",
		   "");
	check_error(v4, "-A INPUT -j LOG -j ACCEPT", 17,
		    "a rule of iptables has one target; several need the native form");
	check_error(v4, "-A INPUT -j ACCEPT --name x", 20,
		    "unknown option --name for target ACCEPT; it belongs to match recent");
	check_error(v4, "add s 1.2.3.4", 1, "expected an option here, not \"add\"");
	check_read(pktt_text_read, v4, "*filter inet\nCOMMIT\n", "",
		   "f:1:9: error: only the native form has *TABLE FAMILY\n"
		   "    1 | *filter inet\n      |         ^^^^\n1 error, nothing changed\n");
}

/* --- include ---------------------------------------------------------------------------------- */

static char folder[] = "/tmp/pktt-language-XXXXXX";

static void put_file(const char *name, const char *text, mode_t mode)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static void check_include(const char *text, const char *expected, const char *errors)
{
	char name[64];
	struct pktt_source src = native;

	snprintf(name, sizeof(name), "%s/main.rules", folder);
	src.name = name;
	src.may_include = true;
	check_read(pktt_text_read, src, text, expected, errors);
}

static void files_are_included(void **state)
{
	(void)state;
	put_file("a.part", "-A INPUT -j DROP\n", 0600);
	put_file("b.part", "-A INPUT -j ACCEPT\n", 0600);
	put_file("v6.save", "*filter\n-A INPUT -s ::1 -j DROP\nCOMMIT\n", 0644);
	check_include("*filter\ninclude *.part\nCOMMIT\ninclude v6.save ipv6\ninclude none*\n",
		      "begin\nappend INPUT -j DROP\nappend INPUT -j ACCEPT\ncommit\n"
		      "begin ipv6\nappend ipv6 INPUT -s ::1/128 -j DROP\ncommit ipv6\n",
		      "");
}

static void bad_files_are_not_included(void **state)
{
	char errors[256];

	(void)state;
	put_file("open", "", 0666);
	put_file("loop", "include loop\n", 0600);
	put_file("half", "*filter\n", 0600);
	snprintf(errors, sizeof(errors),
		 "%s/main.rules:1:9: error: %s/open is refused: others than its owner may write it (mode 666)\n"
		 "    1 | include open\n      |         ^^^^\n1 error, nothing changed\n",
		 folder, folder);
	check_include("include open\n", "", errors);
	check_read(pktt_text_read, v4, "include x\n", "",
		   "f:1:1: error: expected *TABLE here: no section is open\n"
		   "    1 | include x\n      | ^^^^^^^\n1 error, nothing changed\n");
	check_read(pktt_text_read, native, "include x\n", "",
		   "f:1:9: error: files cannot be included here\n"
		   "    1 | include x\n      |         ^\n1 error, nothing changed\n");
}

static void loops_of_includes_end(void **state)
{
	struct pktt_source src = native;
	struct str out = STR_INIT;
	struct pktt_receiver to = { show, &out };
	struct pktt_errors errs = { 0 };
	char name[64];

	(void)state;
	snprintf(name, sizeof(name), "%s/main.rules", folder);
	assert_int_equal(pktt_sources_new(&src.files), 0);
	src.catalog = round_trip_catalog();
	src.name = name;
	src.may_include = true;
	assert_int_not_equal(pktt_text_read(&src, "include loop\n", 13, &to, &errs), 0);
	assert_int_equal(errs.count, 1);
	assert_non_null(strstr(errs.item[0].text, "loop includes itself"));
	assert_int_equal(errs.item[0].place.line, 1);
	assert_int_not_equal(pktt_text_read(&src, "include half\n", 13, &to, &errs), 0);
	assert_int_equal(errs.count, 2);
	assert_non_null(strstr(errs.item[1].text, "COMMIT is missing"));
	pktt_sources_free(&src.files);
	str_fini(&out);
}

/* --- Command lines ---------------------------------------------------------------------------- */

static void check_words(const char *line, const char *expected, unsigned int column)
{
	struct pktt_source src = native;
	struct str out = STR_INIT;
	struct pktt_receiver to = { show, &out };
	struct pktt_error err = { 0 };
	const char *word[32];
	char copy[256];
	int n = 0, r;

	src.catalog = round_trip_catalog();
	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
		word[n++] = w;
	r = pktt_words_read(&src, n, word, &to, &err);
	if (r)
		assert_non_null(strstr(err.text, expected));
	else
		assert_string_equal(str_text(&out), expected);
	assert_int_equal(r ? err.place.column : 0, column);
	str_fini(&out);
}

static void command_lines_are_read(void **state)
{
	(void)state;
	check_words("-t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080",
		    "append nat PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080\n",
		    0);
	check_words("-nvL INPUT --line-numbers", "list INPUT\n", 0);
	check_words("-s 10.0.0.1 -j DROP -A INPUT", "append INPUT -s 10.0.0.1/32 -j DROP\n", 0);
	check_words("-A INPUT -p tcp --dport 99999 -j DROP", "99999", 25);
	check_words("-s 1.2.3.4", "expected a command such as -A CHAIN", 1);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void documents_are_commands(void **state)
{
	(void)state;
	check_read(
		pktt_json_read, v4,
		"{\"pkttables\":[{\"metainfo\":{\"version\":\"x\",\"json_schema_version\":1}},"
		"{\"table\":{\"family\":\"ipv6\",\"name\":\"raw\"}},"
		"{\"chain\":{\"family\":\"ipv6\",\"table\":\"raw\",\"name\":\"OUTPUT\","
		"\"policy\":\"DROP\",\"packets\":1,\"bytes\":2}},"
		"{\"rule\":{\"table\":\"filter\",\"chain\":\"INPUT\",\"handle\":9,\"name\":\"n\","
		"\"head\":{\"protocol\":\"tcp\"},\"matches\":[{\"tcp\":{\"dport\":\"22\"}}],"
		"\"targets\":[{\"LOG\":{}},{\"jump\":{\"chain\":\"web\"}}]}},"
		"{\"set\":{\"name\":\"s\",\"type\":\"hash:ip\",\"options\":\"family inet\"}},"
		"{\"element\":{\"set\":\"s\",\"value\":\"192.0.2.1\"}}]}",
		"begin ipv6 raw\ndeclare ipv6 raw OUTPUT DROP [1:2]\nbegin\n"
		"append INPUT -p tcp -m tcp --dport 22 -j LOG -j web --name n handle 9\n"
		"create s hash:ip {family inet}\nadd s {192.0.2.1}\ncommit ipv6 raw\ncommit\n",
		"");
}

static void errors_of_documents_have_paths(void **state)
{
	(void)state;
	check_read(
		pktt_json_read, v4,
		"{\"pkttables\":[\n{\"table\":{\"name\":\"filter\"}},\n"
		"  {\"rule\":{\"table\":\"filter\",\"chain\":\"c\",\"matches\":[{\"limt\":{}}]}},\n"
		"{\"rool\":{}}, {\"chain\":{\"nam\":1}}]}",
		"begin\ncommit\n",
		"f:3:3: error: pkttables[1].rule.matches[0]: there is no match limt; did you mean "
		"limit?\n"
		"    3 |   {\"rule\":{\"table\":\"filter\",\"chain\":\"c\","
		"\"matches\":[{\"limt\":{}}]}},\n"
		"      |   ^\n"
		"f:4:1: error: pkttables[2]: expected an object with a metainfo, table, chain, "
		"rule, set or element\n"
		"    4 | {\"rool\":{}}, {\"chain\":{\"nam\":1}}]}\n"
		"      | ^\n"
		"f:4:14: error: pkttables[3].chain: unknown key \"nam\" (known: family table name "
		"policy packets bytes)\n"
		"    4 | {\"rool\":{}}, {\"chain\":{\"nam\":1}}]}\n"
		"      |              ^\n"
		"3 errors, nothing changed\n");
	check_read(pktt_json_read, v4, "{\"pkttables\":[\n}", "",
		   "f:2:1: error: unexpected token near '}'\n"
		   "    2 | }\n      | ^\n1 error, nothing changed\n");
	check_read(pktt_json_read, v4, "{}", "",
		   "f:1:1: error: expected {\"pkttables\":[...]}\n"
		   "    1 | {}\n      | ^\n1 error, nothing changed\n");
}

/* The path of a value that the arguments' reader refuses. */
static void paths_reach_into_values(void **state)
{
	static const char text[] =
		"{\"pkttables\":[{\"rule\":{\"table\":\"filter\",\"chain\":\"c\","
		"\"matches\":[{\"limit\":{\"limit\":[]}}]}}]}";
	struct pktt_source src = v4;
	struct str out = STR_INIT;
	struct pktt_receiver to = { show, &out };
	struct pktt_errors errs = { 0 };
	const char *path = "pkttables[0].rule.matches[0].limit.limit: ";

	(void)state;
	src.catalog = round_trip_catalog();
	assert_int_not_equal(pktt_json_read(&src, text, strlen(text), &to, &errs), 0);
	assert_memory_equal(errs.item[0].text, path, strlen(path));
	str_fini(&out);
}

/* --- The rest --------------------------------------------------------------------------------- */

/* The reason why iptables cannot have the rule, or "". */
static int show_reason(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct pktt_error why = { 0 };

	(void)err;
	if (cmd->rule)
		pktt_rule_spec_is_iptables(cmd->rule, &why);
	if (cmd->rule)
		str_putf(ctx, "%s\n", why.text);
	return 0;
}

static void what_iptables_lacks_is_named(void **state)
{
	static const char text[] = "*filter\n-A a -j LOG -j DROP\n-A b --name x\n-A c -j DROP\n"
				   "-A d -j a-chain-with-a-very-long-name\nCOMMIT\n";
	struct pktt_source src = native;
	struct str out = STR_INIT;
	struct pktt_receiver to = { show_reason, &out };
	struct pktt_errors errs = { 0 };

	(void)state;
	src.catalog = round_trip_catalog();
	assert_int_equal(pktt_text_read(&src, text, strlen(text), &to, &errs), 0);
	assert_string_equal(str_text(&out),
			    "iptables has one target a rule, not 2\n"
			    "iptables has no names for rules (x)\n\n"
			    "iptables has no chain names longer than 28 characters: "
			    "a-chain-with-a-very-long-name\n");
	str_fini(&out);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_print_as_iptables_save),
		cmocka_unit_test(ebtables_text_is_read),
		cmocka_unit_test(negation_stands_before_or_after),
		cmocka_unit_test(addresses_expand_to_rules),
		cmocka_unit_test(counters_stand_before_or_in_the_rule),
		cmocka_unit_test(commands_are_those_of_iptables),
		cmocka_unit_test(lines_of_the_other_program_are_passed_over),
		cmocka_unit_test(unknown_options_are_explained),
		cmocka_unit_test(sections_have_a_beginning_and_an_end),
		cmocka_unit_test(arp_and_bridge_need_no_commit),
		cmocka_unit_test(a_refused_table_is_told_once),
		cmocka_unit_test(several_errors_are_shown_as_they_stand),
		cmocka_unit_test(sets_are_lines_of_ipset),
		cmocka_unit_test(the_native_form_is_a_superset),
		cmocka_unit_test(files_are_included),
		cmocka_unit_test(bad_files_are_not_included),
		cmocka_unit_test(loops_of_includes_end),
		cmocka_unit_test(command_lines_are_read),
		cmocka_unit_test(documents_are_commands),
		cmocka_unit_test(errors_of_documents_have_paths),
		cmocka_unit_test(paths_reach_into_values),
		cmocka_unit_test(what_iptables_lacks_is_named),
	};

	return cmocka_run_group_tests(tests, make_folder, NULL);
}
