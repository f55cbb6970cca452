/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What matches and targets show behind the columns of -L, in the words of iptables' extensions.
 *
 * Most are data: for each option that was given a text, in which "%" is the value, "!" and "~" are "!"
 * and "! " where the option is negated and nothing else; "&" is the value with its quotes, "-" at the end
 * the value with dashes for commas, and "+" in front shows the default, too. The few that ask for names of services or for
 * numbers are functions. An extension that is not known here, since it is newer or seldom, shows its
 * options as -S has them: more than enough to read, and nothing is left out.
 */
#include "tools/list.h"

#include "base/own.h"
#include "base/str.h"
#include "desc/args.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct piece {
	const char *option, *text;
};

struct words_of {
	enum pktt_ext_kind kind;
	const char *name;
	const char *first; /* stands there whatever was given */
	struct piece piece[12];
};

/* What a listing of one use works on. */
struct item {
	const struct pktt_rule_spec *rule;
	const struct pktt_use *use;
	bool numeric;
	struct str *out;
};

/* clang-format off */
static const struct words_of words[] = {
	{ PKTT_KIND_MATCH, "state", "", { { "state", " ~state %" } } },
	{ PKTT_KIND_MATCH, "conntrack", "",
	  { { "ctstate", " ~ctstate %" }, { "ctproto", " ~ctproto %" },
	    { "ctorigsrc", " ~ctorigsrc %" }, { "ctorigdst", " ~ctorigdst %" },
	    { "ctreplsrc", " ~ctreplsrc %" }, { "ctrepldst", " ~ctrepldst %" },
	    { "ctstatus", " ~ctstatus %" }, { "ctexpire", " ~ctexpire %" },
	    { "ctorigsrcport", " ~ctorigsrcport %" }, { "ctorigdstport", " ~ctorigdstport %" },
	    { "ctreplsrcport", " ~ctreplsrcport %" }, { "ctdir", " ctdir %" } } },
	{ PKTT_KIND_MATCH, "mac", "", { { "mac-source", " MAC ~%" } } },
	{ PKTT_KIND_MATCH, "iprange", "",
	  { { "src-range", " source IP range ~%" }, { "dst-range", " destination IP range ~%" } } },
	{ PKTT_KIND_MATCH, "addrtype", " ADDRTYPE match",
	  { { "src-type", " src-type !%" }, { "dst-type", " dst-type !%" },
	    { "limit-iface-in", " limit-in" }, { "limit-iface-out", " limit-out" } } },
	{ PKTT_KIND_MATCH, "length", "", { { "length", " length !%" } } },
	{ PKTT_KIND_MATCH, "pkttype", "", { { "pkt-type", " PKTTYPE != %" } } },
	{ PKTT_KIND_MATCH, "helper", "", { { "helper", " helper match ~\"%\"" } } },
	{ PKTT_KIND_MATCH, "mark", "", { { "mark", " mark match ~%" } } },
	{ PKTT_KIND_MATCH, "connmark", "", { { "mark", " connmark match ! %" } } },
	{ PKTT_KIND_MATCH, "ttl", "",
	  { { "ttl-eq", " TTL match TTL ?= %" }, { "ttl-lt", " TTL match TTL < %" },
	    { "ttl-gt", " TTL match TTL > %" } } },
	{ PKTT_KIND_MATCH, "hl", "",
	  { { "hl-eq", " HL match HL ?= %" }, { "hl-lt", " HL match HL < %" },
	    { "hl-gt", " HL match HL > %" } } },
	{ PKTT_KIND_MATCH, "dscp", "", { { "dscp", " DSCP match !%" } } },
	{ PKTT_KIND_MATCH, "tos", "", { { "tos", " tos match~%" } } },
	{ PKTT_KIND_MATCH, "comment", "", { { "comment", " /* % */" } } },
	{ PKTT_KIND_MATCH, "limit", " limit:", { { "limit", "+ avg %" }, { "limit-burst", "+ burst %" } } },
	{ PKTT_KIND_MATCH, "hashlimit", " limit:",
	  { { "hashlimit-upto", " up to %" }, { "hashlimit-above", " above %" },
	    { "hashlimit-burst", "+ burst %" }, { "hashlimit-mode", " mode -" },
	    { "hashlimit-htable-size", " htable-size %" },
	    { "hashlimit-htable-max", " htable-max %" },
	    { "hashlimit-htable-gcinterval", " htable-gcinterval %" },
	    { "hashlimit-htable-expire", " htable-expire %" },
	    { "hashlimit-srcmask", " srcmask %" }, { "hashlimit-dstmask", " dstmask %" },
	    { "hashlimit-rate-match", " rate-match" } } },
	{ PKTT_KIND_MATCH, "cpu", "", { { "cpu", " cpu ~%" } } },
	{ PKTT_KIND_MATCH, "cgroup", "", { { "cgroup", " cgroup ~%" } } },
	{ PKTT_KIND_MATCH, "connlabel", "", { { "label", " connlabel ~%" }, { "set", " set" } } },
	{ PKTT_KIND_MATCH, "connbytes", "",
	  { { "connbytes", " ~connbytes %" }, { "connbytes-mode", " connbytes mode %" },
	    { "connbytes-dir", " connbytes direction %" } } },
	{ PKTT_KIND_MATCH, "owner", "",
	  { { "socket-exists", " ~owner socket exists" }, { "uid-owner", " ~owner UID match %" },
	    { "gid-owner", " ~owner GID match %" } } },
	{ PKTT_KIND_MATCH, "physdev", " PHYSDEV match",
	  { { "physdev-is-in", " ~--physdev-is-in" }, { "physdev-in", " ~--physdev-in %" },
	    { "physdev-is-out", " ~--physdev-is-out" }, { "physdev-out", " ~--physdev-out %" },
	    { "physdev-is-bridged", " ~--physdev-is-bridged" } } },
	{ PKTT_KIND_MATCH, "recent", "",
	  { { "set", " ~recent: SET" }, { "rcheck", " ~recent: CHECK" },
	    { "update", " ~recent: UPDATE" }, { "remove", " ~recent: REMOVE" },
	    { "seconds", " seconds: %" }, { "reap", " reap" }, { "hitcount", " hit_count: %" },
	    { "rttl", " TTL-Match" }, { "name", "+ name: %" }, { "rsource", "+ side: source" },
	    { "rdest", " side: dest" }, { "mask", "+ mask: %" } } },
	{ PKTT_KIND_MATCH, "quota", "", { { "quota", " quota: ~% bytes" } } },
	{ PKTT_KIND_MATCH, "realm", "", { { "realm", " ~realm %" } } },
	{ PKTT_KIND_MATCH, "statistic", " statistic",
	  { { "mode", " mode %" }, { "probability", " ~probability %" }, { "every", " ~every %" },
	    { "packet", " packet %" } } },
	{ PKTT_KIND_MATCH, "tcpmss", "", { { "mss", " tcpmss match !%" } } },
	{ PKTT_KIND_TARGET, "TEE", "", { { "gateway", " TEE gw:%" }, { "oif", " oif=%" } } },
	{ PKTT_KIND_TARGET, "TCPOPTSTRIP", "", { { "strip-options", " TCPOPTSTRIP options %" } } },
	{ PKTT_KIND_TARGET, "CHECKSUM", " CHECKSUM", { { "checksum-fill", " fill" } } },
	{ PKTT_KIND_TARGET, "AUDIT", "", { { "type", " AUDIT %" } } },
	{ PKTT_KIND_TARGET, "REJECT", "", { { "reject-with", "+ reject-with %" } } },
	{ PKTT_KIND_TARGET, "SNAT", "",
	  { { "to-source", " to:%" }, { "random", " random" }, { "random-fully", " random-fully" },
	    { "persistent", " persistent" } } },
	{ PKTT_KIND_TARGET, "DNAT", "",
	  { { "to-destination", " to:%" }, { "random", " random" }, { "persistent", " persistent" } } },
	{ PKTT_KIND_TARGET, "MASQUERADE", "",
	  { { "to-ports", " masq ports: %" }, { "random", " random" },
	    { "random-fully", " random-fully" } } },
	{ PKTT_KIND_TARGET, "REDIRECT", "",
	  { { "to-ports", " redir ports %" }, { "random", " random" } } },
	{ PKTT_KIND_TARGET, "NETMAP", "", { { "to", " to:%" } } },
	{ PKTT_KIND_TARGET, "TCPMSS", "",
	  { { "set-mss", " TCPMSS set %" }, { "clamp-mss-to-pmtu", " TCPMSS clamp to PMTU" } } },
	{ PKTT_KIND_TARGET, "TTL", "",
	  { { "ttl-set", " TTL set to %" }, { "ttl-dec", " TTL decrement by %" },
	    { "ttl-inc", " TTL increment by %" } } },
	{ PKTT_KIND_TARGET, "HL", "",
	  { { "hl-set", " HL set to %" }, { "hl-dec", " HL decrement by %" },
	    { "hl-inc", " HL increment by %" } } },
	{ PKTT_KIND_TARGET, "CLASSIFY", "", { { "set-class", " CLASSIFY set %" } } },
	{ PKTT_KIND_TARGET, "DSCP", "", { { "set-dscp", " DSCP set %" } } },
	{ PKTT_KIND_TARGET, "TOS", "", { { "set-tos", " TOS set %" } } },
	{ PKTT_KIND_TARGET, "NFLOG", "",
	  { { "nflog-prefix", "  nflog-prefix &" }, { "nflog-group", " nflog-group %" },
	    { "nflog-range", " nflog-range %" }, { "nflog-size", " nflog-size %" },
	    { "nflog-threshold", " nflog-threshold %" } } },
	{ PKTT_KIND_TARGET, "NFQUEUE", " NFQUEUE",
	  { { "queue-num", " num %" }, { "queue-balance", " balance %" }, { "queue-bypass", " bypass" },
	    { "queue-cpu-fanout", " cpu-fanout" } } },
	{ PKTT_KIND_TARGET, "CT", " CT",
	  { { "notrack", " notrack" }, { "helper", " helper %" }, { "timeout", " timeout %" },
	    { "ctevents", " ctevents %" }, { "expevents", " expevents %" }, { "zone", " zone %" },
	    { "zone-orig", " zone-orig %" }, { "zone-reply", " zone-reply %" } } },
};
/* clang-format on */

/* --- Pieces --------------------------------------------------------------------------------------- */

/* A value without the quotes and backslashes that a command line needs. */
static void put_bare(const char *text, struct str *out)
{
	PKTT_AUTO(str_fini) struct str bare = STR_INIT;
	size_t len = strlen(text);

	if (len < 2 || text[0] != '"') {
		str_put_escaped(out, text, len);
		return;
	}
	for (size_t i = 1; i + 1 < len; i++) {
		if (text[i] == '\\' && i + 2 < len)
			i++;
		str_putc(&bare, text[i]);
	}
	str_put_escaped(out, str_text(&bare), bare.len);
}

/* "srcip,dstport" as "srcip-dstport" */
static void put_joined(const char *text, struct str *out)
{
	for (; *text; text++)
		str_putc(out, *text == ',' ? '-' : *text);
}

static void put_piece(const struct item *it, const struct piece *p)
{
	bool not = list_is_negated(it->rule, it->use, p->option);
	bool always = p->text[0] == '+';
	PKTT_AUTO(str_fini) struct str value = STR_INIT;

	if ((!always && !list_is_given(it->rule, it->use, p->option)) ||
	    !list_value(it->rule, it->use, p->option, &value))
		return;
	for (const char *c = p->text + always; *c; c++)
		if (*c == '%')
			put_bare(str_text(&value), it->out);
		else if (*c == '&')
			str_put_escaped(it->out, str_text(&value), value.len);
		else if (*c == '-' && c[1] == '\0')
			put_joined(str_text(&value), it->out);
		else if (*c == '?')
			str_putc(it->out, not ? '!' : '=');
		else if (*c == '!' || *c == '~')
			str_puts(it->out, !not ? "" : *c == '!' ? "!" : "! ");
		else
			str_putc(it->out, *c);
}

static bool put_words(const struct item *it)
{
	for (size_t i = 0; i < pktt_countof(words); i++) {
		const struct words_of *w = &words[i];

		if (w->kind != it->use->ext->kind || strcmp(w->name, it->use->ext->name) != 0)
			continue;
		str_puts(it->out, w->first);
		for (size_t p = 0; p < pktt_countof(w->piece) && w->piece[p].option; p++)
			put_piece(it, &w->piece[p]);
		return true;
	}
	return false;
}

/* --- Those that need more ------------------------------------------------------------------------- */

static void put_port(const struct item *it, uint64_t port)
{
	unsigned int number = (unsigned int)list_part(it->rule, &it->rule->head, "protocol", 0);
	const struct protoent *proto = it->numeric ? NULL : getprotobynumber((int)number);
	const struct servent *s =
		proto ? getservbyport(htons((uint16_t)port), proto->p_name) : NULL;

	if (s)
		str_put_escaped(it->out, s->s_name, strlen(s->s_name));
	else
		str_putf(it->out, "%" PRIu64, port);
}

static void put_port_range(const struct item *it, const char *option, const char *word)
{
	const char *not = list_is_negated(it->rule, it->use, option) ? "!" : "";
	uint64_t min = list_part(it->rule, it->use, option, 0);
	uint64_t max = list_part(it->rule, it->use, option, 1);

	if (!list_is_given(it->rule, it->use, option))
		return;
	str_putf(it->out, " %s%s:%s", word, min == max ? "" : "s", not );
	put_port(it, min);
	if (min != max) {
		str_putc(it->out, ':');
		put_port(it, max);
	}
}

static void put_tcp_flags(const struct item *it)
{
	PKTT_AUTO(str_fini) struct str value = STR_INIT;
	char *blank;

	if (!list_is_given(it->rule, it->use, "tcp-flags"))
		return;
	str_puts(it->out, " flags:");
	if (list_is_negated(it->rule, it->use, "tcp-flags"))
		str_putc(it->out, '!');
	list_value(it->rule, it->use, "tcp-flags", &value);
	blank = value.data ? strchr(value.data, ' ') : NULL;
	if (it->numeric)
		str_putf(it->out, "0x%02X/0x%02X",
			 (unsigned int)list_part(it->rule, it->use, "tcp-flags", 1),
			 (unsigned int)list_part(it->rule, it->use, "tcp-flags", 0));
	else if (blank)
		str_putf(it->out, "%.*s/%s", (int)(blank - value.data), value.data, blank + 1);
}

static void put_ports_match(const struct item *it)
{
	static const struct piece option = { "tcp-option", " option=!%" };

	str_putf(it->out, " %s", it->use->ext->name);
	put_port_range(it, "sport", "spt");
	put_port_range(it, "dport", "dpt");
	if (list_is_given(it->rule, it->use, "tcp-option"))
		put_piece(it, &option);
	if (strcmp(it->use->ext->name, "tcp") == 0)
		put_tcp_flags(it);
}

/* "icmptype 8 code 0", or the type's name. */
static void put_icmp(const struct item *it)
{
	bool is_v6 = strcmp(it->use->ext->name, "icmp6") == 0;
	const char *option = is_v6 ? "icmpv6-type" : "icmp-type";
	const char *word = is_v6 ? "ipv6-icmp" : "icmp";
	bool not = list_is_negated(it->rule, it->use, option);
	unsigned int type = (unsigned int)list_part(it->rule, it->use, option, 0);
	unsigned int min = (unsigned int)list_part(it->rule, it->use, option, 1);
	unsigned int max = (unsigned int)list_part(it->rule, it->use, option, 2);
	uint32_t value = PKTT_ICMP(type, min, max);
	unsigned int n = 0;

	str_putf(it->out, " %s", word);
	if (!it->numeric &&
	    pktt_args_lookup(it->use->ext, it->rule->family, option, strlen(option), &n) == 0)
		for (const struct pktt_symbol *s = it->use->ext->params[n].symbols; s && s->name;
		     s++)
			if (s->value == value) {
				str_putf(it->out, " %s%s", not ? "!" : "", s->name);
				return;
			}
	str_putf(it->out, "%stype %u", not ? " !" : "", type);
	if (min == max)
		str_putf(it->out, " code %u", min);
	else if (min != 0 || max != 255)
		str_putf(it->out, " codes %u-%u", min, max);
}

static void put_port_words(const struct item *it, char *list)
{
	char *save = NULL, *piece;
	const char *comma = "";

	for (piece = strtok_r(list, ",", &save); piece; piece = strtok_r(NULL, ",", &save)) {
		char *colon = strchr(piece, ':');

		str_puts(it->out, comma);
		comma = ",";
		put_port(it, strtoull(piece, NULL, 10));
		if (!colon)
			continue;
		str_putc(it->out, ':');
		put_port(it, strtoull(colon + 1, NULL, 10));
	}
}

static void put_multiport(const struct item *it)
{
	static const char *const options[] = { "sports", "dports", "ports" };

	str_puts(it->out, " multiport");
	for (size_t i = 0; i < pktt_countof(options); i++) {
		PKTT_AUTO(str_fini) struct str value = STR_INIT;

		if (!list_is_given(it->rule, it->use, options[i]) ||
		    !list_value(it->rule, it->use, options[i], &value) || !value.data)
			continue;
		str_putf(it->out, " %s ", options[i]);
		if (list_is_negated(it->rule, it->use, options[i]))
			str_puts(it->out, " !");
		put_port_words(it, value.data);
	}
}

static void put_log(const struct item *it)
{
	static const char *const level[] = { "emerg", "alert",	"crit", "error",
					     "warn",  "notice", "info", "debug" };
	static const struct {
		const char *option, *word;
		unsigned int bit;
	} flags[] = {
		{ "log-tcp-sequence", "tcp-sequence", 1 }, { "log-tcp-options", "tcp-options", 2 },
		{ "log-ip-options", "ip-options", 4 },	   { "log-uid", "uid", 8 },
		{ "log-macdecode", "macdecode", 32 },
	};
	static const struct piece prefix = { "log-prefix", " prefix \"%\"" };
	unsigned int number = (unsigned int)list_part(it->rule, it->use, "log-level", 0), bits = 0;

	str_puts(it->out, " LOG");
	for (size_t i = 0; i < pktt_countof(flags); i++)
		if (list_is_given(it->rule, it->use, flags[i].option))
			bits |= flags[i].bit;
	if (it->numeric) {
		str_putf(it->out, " flags %u level %u", bits, number);
	} else {
		str_putf(it->out, " level %s", level[number & 7]);
		for (size_t i = 0; i < pktt_countof(flags); i++)
			if (bits & flags[i].bit)
				str_putf(it->out, " %s", flags[i].word);
	}
	if (list_is_given(it->rule, it->use, "log-prefix"))
		put_piece(it, &prefix);
}

/* Which of set, and, or, xor a value under a mask is. */
static void put_mark_target(const struct item *it)
{
	uint32_t value = (uint32_t)list_part(it->rule, it->use, "set-xmark", 0);
	uint32_t mask = (uint32_t)list_part(it->rule, it->use, "set-xmark", 1);

	if (value == 0 && mask != UINT32_MAX)
		str_putf(it->out, " MARK and 0x%" PRIx32, ~mask);
	else if (value == mask && mask != UINT32_MAX)
		str_putf(it->out, " MARK or 0x%" PRIx32, value);
	else if (mask == 0)
		str_putf(it->out, " MARK xor 0x%" PRIx32, value);
	else if (mask == UINT32_MAX)
		str_putf(it->out, " MARK set 0x%" PRIx32, value);
	else
		str_putf(it->out, " MARK xset 0x%" PRIx32 "/0x%" PRIx32, value, mask);
}

static void put_connmark_target(const struct item *it)
{
	uint32_t value = (uint32_t)list_part(it->rule, it->use, "set-xmark", 0);
	uint32_t mask = (uint32_t)list_part(it->rule, it->use, "set-xmark", 1);
	uint32_t nf = (uint32_t)list_part(it->rule, it->use, "nfmask", 0);
	uint32_t ct = (uint32_t)list_part(it->rule, it->use, "ctmask", 0);
	bool is_save = list_is_given(it->rule, it->use, "save-mark");

	if (!is_save && !list_is_given(it->rule, it->use, "restore-mark")) {
		str_puts(it->out, " CONNMARK");
		if (value == 0 && mask != UINT32_MAX)
			str_putf(it->out, " and 0x%" PRIx32, ~mask);
		else if (value == mask && mask != UINT32_MAX)
			str_putf(it->out, " or 0x%" PRIx32, value);
		else if (mask == 0)
			str_putf(it->out, " xor 0x%" PRIx32, value);
		else if (mask == UINT32_MAX)
			str_putf(it->out, " set 0x%" PRIx32, value);
		else
			str_putf(it->out, " xset 0x%" PRIx32 "/0x%" PRIx32, value, mask);
		return;
	}
	str_putf(it->out, " CONNMARK %s", is_save ? "save" : "restore");
	if (nf == UINT32_MAX && ct == UINT32_MAX)
		return;
	if (nf == ct)
		str_putf(it->out, " mask 0x%" PRIx32, nf);
	else
		str_putf(it->out, " nfmask 0x%" PRIx32 " ctmask %s0x%" PRIx32, nf,
			 is_save ? "~" : "", ct);
}

static void put_set_match(const struct item *it)
{
	static const struct piece set = { "match-set", " ~match-set %" };

	put_piece(it, &set);
}

/* " esp spis:!5:10" */
static void put_spi(const struct item *it)
{
	const char *option = it->use->ext->name[0] == 'a' ? "ahspi" : "espspi";
	const char *not = list_is_negated(it->rule, it->use, option) ? "!" : "";
	uint64_t min = list_part(it->rule, it->use, option, 0);
	uint64_t max = list_part(it->rule, it->use, option, 1);

	str_putf(it->out, " %s", it->use->ext->name);
	if (!list_is_given(it->rule, it->use, option))
		return;
	str_putf(it->out, " spi%s:%s%" PRIu64, min == max ? "" : "s", not, min);
	if (min != max)
		str_putf(it->out, ":%" PRIu64, max);
}

/* " #conn src/32 > 5" */
static void put_connlimit(const struct item *it)
{
	bool above = list_is_given(it->rule, it->use, "connlimit-above");
	bool dst = list_is_given(it->rule, it->use, "connlimit-daddr");

	str_putf(it->out, " #conn %s/", dst ? "dst" : "src");
	list_value(it->rule, it->use, "connlimit-mask", it->out);
	str_puts(it->out, above ? " > " : " <= ");
	list_value(it->rule, it->use, above ? "connlimit-above" : "connlimit-upto", it->out);
}

static void put_string(const struct item *it)
{
	static const struct piece pieces[] = { { "string", " STRING match ! \"%\"" },
					       { "hex-string", " STRING match ! \"%\"" },
					       { "algo", " ALGO name %" },
					       { "from", " FROM %" },
					       { "to", " TO %" },
					       { "icase", " ICASE" } };

	for (size_t i = 0; i < pktt_countof(pieces); i++)
		put_piece(it, &pieces[i]);
}

static const struct {
	const char *name;
	void (*put)(const struct item *it);
} special[] = {
	{ "tcp", put_ports_match },
	{ "udp", put_ports_match },
	{ "icmp", put_icmp },
	{ "icmp6", put_icmp },
	{ "multiport", put_multiport },
	{ "LOG", put_log },
	{ "MARK", put_mark_target },
	{ "CONNMARK", put_connmark_target },
	{ "set", put_set_match },
	{ "ah", put_spi },
	{ "esp", put_spi },
	{ "connlimit", put_connlimit },
	{ "string", put_string },
};

/* ------------------------------------------------------------------------------------------------- */

static bool put_special(const struct item *it)
{
	for (size_t i = 0; i < pktt_countof(special); i++)
		if (strcmp(special[i].name, it->use->ext->name) == 0) {
			special[i].put(it);
			return true;
		}
	return false;
}

void list_use(const struct pktt_rule_spec *rule, const struct pktt_use *use, bool numeric,
	      struct str *out)
{
	struct item it = { rule, use, numeric, out };
	PKTT_AUTO(str_fini) struct str options = STR_INIT;

	if (use->ext->flags & (PKTT_EXT_JUMP | PKTT_EXT_VERDICT) || put_special(&it) ||
	    put_words(&it))
		return;
	pktt_args_print(use->ext, rule->family, use->args, &options);
	str_putf(out, " %s", use->ext->name);
	if (options.len)
		str_putf(out, " %s", str_text(&options));
}
