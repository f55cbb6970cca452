/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The settings of tracking, as parameters: names are Linux's sysctls without "nf_conntrack_". */
#include "conntrack/settings.h"

#include "base/own.h"
#include "desc/args_value.h"

#include <string.h>

static const struct pktt_symbol switches[] = {
	{ "off", 0 }, { "on", 1 }, { "0", 0 }, { "1", 1 }, { "no", 0 }, { "yes", 1 }, { NULL, 0 },
};

/* An on/off setting is an enum of one byte, which a bool is. */
_Static_assert(sizeof(bool) == 1, "settings are stored as enum8");

/* clang-format off */
#define NUMBER(id, what, preset, most)                                                  \
	{ .name = #id, .help = (what), PKTT_STORE(struct ct_settings, id, u32),         \
	  .def = (preset), .max = (most) },
#define SMALL(id, what, preset, most)                                                   \
	{ .name = #id, .help = (what), PKTT_STORE(struct ct_settings, id, u8),          \
	  .def = (preset), .max = (most) },
#define SWITCH(id, what, preset)                                                        \
	{ .name = #id, .help = (what), .type = &pktt_type_enum8,                        \
	  .offset = offsetof(struct ct_settings, id), .size = 1, .symbols = switches,   \
	  .def = (preset) },
#define SECONDS(title, field, index, what, preset)                                      \
	{ .name = (title), .help = (what), .type = &pktt_type_u32, .size = 4,           \
	  .offset = offsetof(struct ct_settings, field) + 4 * (index),                  \
	  .def = (preset), .min = 1, .max = 2147483 },

#define TCP(id, name, s)  SECONDS("tcp_timeout_" name, tcp, CT_TCP_##id##_TIMEOUT,      \
				  "seconds that a TCP connection stays in " #id, #s)
#define SCTP(id, name, s) SECONDS("sctp_timeout_" name, sctp, CT_SCTP_##id##_TIMEOUT,   \
				  "seconds that an association stays in " #id, #s)
#define DCCP(id, name, s) SECONDS("dccp_timeout_" name, dccp, CT_DCCP_##id##_TIMEOUT,   \
				  "seconds that a DCCP connection stays in " #id, #s)
/* The first of two timeouts has the protocol's name alone. */
#define UNREPLIED "seconds after packets one way"
#define STREAM	  "seconds after packets both ways"

const struct pktt_param ct_setting_params[] = {
	NUMBER(max, "connections at most", "262144", 16777216)
	NUMBER(expect_max, "expectations at most", "4096", 1048576)
	NUMBER(source_max, "connections that one source address may open; 0 is no limit", "0", 0)
	SWITCH(acct, "whether packets and bytes are counted", "on")
	SWITCH(checksum, "whether packets with a wrong checksum are invalid", "on")
	SWITCH(timestamp, "whether connections remember when they began and ended", "off")
	SWITCH(events, "whether listeners hear of changes", "on")
	SWITCH(helper, "whether helpers are assigned by port, without a rule", "off")
	SWITCH(tcp_loose, "whether TCP connections that are under way already are picked up", "on")
	SWITCH(tcp_be_liberal, "whether only resets outside of the window are invalid", "off")
	SWITCH(tcp_ignore_invalid_rst, "whether resets outside of the window are let through", "off")
	SWITCH(ftp_loose, "whether FTP may announce connections to other hosts than who speaks", "off")
	SMALL(tcp_max_retrans, "retransmissions without an answer before the timeout is cut", "3", 255)
	SMALL(log_invalid, "protocol whose invalid packets are logged; 255 is all, 0 is none", "0", 255)
	CT_TCP_TIMEOUTS(TCP)
	SECONDS("udp_timeout", udp, CT_UDP_UNREPLIED_TIMEOUT, UNREPLIED, "30")
	SECONDS("udp_timeout_stream", udp, CT_UDP_STREAM_TIMEOUT, STREAM, "120")
	SECONDS("icmp_timeout", icmp, 0, "seconds after an ICMP packet", "30")
	SECONDS("icmpv6_timeout", icmpv6, 0, "seconds after an ICMPv6 packet", "30")
	SECONDS("generic_timeout", generic, 0, "seconds after a packet of any other protocol", "600")
	SECONDS("gre_timeout", gre, CT_GRE_UNREPLIED_TIMEOUT, UNREPLIED, "30")
	SECONDS("gre_timeout_stream", gre, CT_GRE_STREAM_TIMEOUT, STREAM, "180")
	CT_SCTP_TIMEOUTS(SCTP)
	CT_DCCP_TIMEOUTS(DCCP)
	SECONDS("frag_timeout", frag_timeout, 0, "seconds for an IPv4 datagram to get whole", "30")
	SECONDS("frag6_timeout", frag6_timeout, 0, "seconds for an IPv6 datagram to get whole", "60")
	NUMBER(frag_high_thresh, "bytes of IPv4 fragments held at most", "4194304", 0)
	NUMBER(frag6_high_thresh, "bytes of IPv6 fragments held at most", "4194304", 0)
};
/* clang-format on */
const unsigned int ct_setting_count = pktt_countof(ct_setting_params);

void ct_settings_init(struct ct_settings *settings)
{
	*settings = (struct ct_settings){ 0 };
	for (unsigned int i = 0; i < ct_setting_count; i++) {
		const struct pktt_param *p = &ct_setting_params[i];
		struct pktt_context ctx = { .param = p };
		uint8_t val[8] = { 0 };

		if (pktt_args_value_parse(&ctx, p->def, val, NULL) == 0)
			memcpy((uint8_t *)settings + p->offset, val, p->size);
	}
}
