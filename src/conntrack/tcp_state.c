/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The states of a TCP connection as seen from the middle of the path.
 *
 * A firewall sees what is sent, not what arrives: the states are those that the sender of the segment
 * may believe in. RFC 9293's are those of one end; the names are the same, their sense is: the last
 * thing that was seen. The table is Linux's, so that a connection that moves between the two keeps its
 * meaning.
 */
#include "conntrack/proto_tcp.h"

#include <netinet/in.h>

enum {
	NO = CT_TCP_NONE,
	SS = CT_TCP_SYN_SENT,
	SR = CT_TCP_SYN_RECV,
	ES = CT_TCP_ESTABLISHED,
	FW = CT_TCP_FIN_WAIT,
	CW = CT_TCP_CLOSE_WAIT,
	LA = CT_TCP_LAST_ACK,
	TW = CT_TCP_TIME_WAIT,
	CL = CT_TCP_CLOSE,
	S2 = CT_TCP_SYN_SENT2,
	NA = CT_TCP_REFUSE,
	IG = CT_TCP_IGNORE,
};

/*
 * next = table[direction][kind][state]. What is behind the entries that are not plain:
 * - A SYN into a living connection is let through and remembered (IG): if the other end answers it,
 *   we had lost track; if not, it answers with a reset or a challenge ACK (RFC 5961), seen later.
 * - TW, CL: a new SYN re-opens (RFC 9293, 3.10.7.4), only in the original direction: a server does not.
 * - SS, SYN back: simultaneous open, S2; a SYN/ACK of either side then leads to SR.
 * - SS, ACK back: the server may hold a half-open connection; the client will reset it.
 * - NO, ACK: a connection that was there before us, taken up in the middle.
 */
static const uint8_t table[2][CT_TCP_KIND_COUNT][CT_TCP_STATE_COUNT] = {
	[CT_ORIGINAL] = {
		/*                       NO  SS  SR  ES  FW  CW  LA  TW  CL  S2 */
		[CT_TCP_KIND_SYN]     = { SS, SS, IG, IG, IG, IG, IG, SS, SS, S2 },
		[CT_TCP_KIND_SYN_ACK] = { NA, NA, SR, NA, NA, NA, NA, NA, NA, SR },
		[CT_TCP_KIND_FIN]     = { NA, NA, FW, FW, LA, LA, LA, TW, CL, NA },
		[CT_TCP_KIND_ACK]     = { ES, NA, ES, ES, CW, CW, TW, TW, CL, NA },
		[CT_TCP_KIND_RST]     = { NA, CL, CL, CL, CL, CL, CL, CL, CL, CL },
		[CT_TCP_KIND_NONE]    = { NA, NA, NA, NA, NA, NA, NA, NA, NA, NA },
	},
	[CT_REPLY] = {
		[CT_TCP_KIND_SYN]     = { NA, S2, NA, NA, NA, NA, NA, SS, NA, S2 },
		[CT_TCP_KIND_SYN_ACK] = { NA, SR, IG, IG, IG, IG, IG, IG, IG, SR },
		[CT_TCP_KIND_FIN]     = { NA, NA, FW, FW, LA, LA, LA, TW, CL, NA },
		[CT_TCP_KIND_ACK]     = { NA, IG, SR, ES, CW, CW, TW, TW, CL, IG },
		[CT_TCP_KIND_RST]     = { NA, CL, CL, CL, CL, CL, CL, CL, CL, CL },
		[CT_TCP_KIND_NONE]    = { NA, NA, NA, NA, NA, NA, NA, NA, NA, NA },
	},
};

enum ct_tcp_kind ct_tcp_kind_of(uint8_t flags)
{
	if (flags & CT_TCP_RST)
		return CT_TCP_KIND_RST;
	if (flags & CT_TCP_SYN)
		return flags & CT_TCP_ACK ? CT_TCP_KIND_SYN_ACK : CT_TCP_KIND_SYN;
	if (flags & CT_TCP_FIN)
		return CT_TCP_KIND_FIN;
	return flags & CT_TCP_ACK ? CT_TCP_KIND_ACK : CT_TCP_KIND_NONE;
}

/* PSH and the two bits of ECN say nothing; URG goes with what carries data or opens. */
bool ct_tcp_flags_ok(uint8_t flags)
{
	switch (flags & (CT_TCP_FIN | CT_TCP_SYN | CT_TCP_RST | CT_TCP_ACK | CT_TCP_URG)) {
	case CT_TCP_SYN:
	case CT_TCP_SYN | CT_TCP_URG:
	case CT_TCP_SYN | CT_TCP_ACK:
	case CT_TCP_RST:
	case CT_TCP_RST | CT_TCP_ACK:
	case CT_TCP_FIN | CT_TCP_ACK:
	case CT_TCP_FIN | CT_TCP_ACK | CT_TCP_URG:
	case CT_TCP_ACK:
	case CT_TCP_ACK | CT_TCP_URG:
		return true;
	default:
		return false;
	}
}

enum ct_tcp_state ct_tcp_next(enum ct_dir dir, enum ct_tcp_kind kind, enum ct_tcp_state state)
{
	return table[dir][kind][state];
}

const char *ct_tcp_state_name(enum ct_tcp_state state)
{
	return ct_state_name(IPPROTO_TCP, (uint8_t)state);
}

bool ct_tcp_is_closing(enum ct_tcp_state state)
{
	return state >= CT_TCP_FIN_WAIT && state <= CT_TCP_CLOSE;
}
