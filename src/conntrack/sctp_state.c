/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conntrack/sctp_state.h"

#include <netinet/in.h>

enum {
	NO = CT_SCTP_NONE,
	CL = CT_SCTP_CLOSED,
	CW = CT_SCTP_COOKIE_WAIT,
	CE = CT_SCTP_COOKIE_ECHOED,
	ES = CT_SCTP_ESTABLISHED,
	SS = CT_SCTP_SHUTDOWN_SENT,
	SR = CT_SCTP_SHUTDOWN_RECD,
	SA = CT_SCTP_SHUTDOWN_ACK_SENT,
	HS = CT_SCTP_HEARTBEAT_SENT,
	NA = CT_SCTP_REFUSE,
};

#define TYPES (CT_SCTP_SHUTDOWN_COMPLETE + 1)

/*
 * next = table[direction][type][state], for types that have a row. INIT, COOKIE ECHO and COOKIE ACK move
 * on in both directions: in a collision of INITs the handshake of either side may win.
 */
static const uint8_t table[2][TYPES][CT_SCTP_STATE_COUNT] = {
	[CT_ORIGINAL] = {
		/*                              NO  CL  CW  CE  ES  SS  SR  SA  HS */
		[CT_SCTP_INIT]              = { CL, CL, CW, CE, ES, CL, CL, SA, CW },
		[CT_SCTP_INIT_ACK]          = { CL, CL, CW, CE, ES, SS, SR, SA, CL },
		[CT_SCTP_ABORT]             = { CL, CL, CL, CL, CL, CL, CL, CL, CL },
		[CT_SCTP_SHUTDOWN]          = { CL, CL, CW, CE, SS, SS, SR, SA, CL },
		[CT_SCTP_SHUTDOWN_ACK]      = { SA, CL, CW, CE, ES, SA, SA, SA, SA },
		[CT_SCTP_ERROR]             = { CL, CL, CW, CE, ES, SS, SR, SA, CL },
		[CT_SCTP_COOKIE_ECHO]       = { CL, CL, CE, CE, ES, SS, SR, SA, CL },
		[CT_SCTP_COOKIE_ACK]        = { CL, CL, CW, ES, ES, SS, SR, SA, CL },
		[CT_SCTP_SHUTDOWN_COMPLETE] = { CL, CL, CW, CE, ES, SS, SR, CL, CL },
		[CT_SCTP_HEARTBEAT]         = { HS, CL, CW, CE, ES, SS, SR, SA, HS },
		[CT_SCTP_HEARTBEAT_ACK]     = { CL, CL, CW, CE, ES, SS, SR, SA, HS },
	},
	[CT_REPLY] = {
		[CT_SCTP_INIT]              = { NA, CL, CW, CE, ES, SS, SR, SA, NA },
		[CT_SCTP_INIT_ACK]          = { NA, CW, CW, CE, ES, SS, SR, SA, NA },
		[CT_SCTP_ABORT]             = { NA, CL, CL, CL, CL, CL, CL, CL, NA },
		[CT_SCTP_SHUTDOWN]          = { NA, CL, CW, CE, SR, SS, SR, SA, NA },
		[CT_SCTP_SHUTDOWN_ACK]      = { NA, CL, CW, CE, ES, SA, SA, SA, NA },
		[CT_SCTP_ERROR]             = { NA, CL, CW, CL, ES, SS, SR, SA, NA },
		[CT_SCTP_COOKIE_ECHO]       = { NA, CL, CE, CE, ES, SS, SR, SA, NA },
		[CT_SCTP_COOKIE_ACK]        = { NA, CL, CW, ES, ES, SS, SR, SA, NA },
		[CT_SCTP_SHUTDOWN_COMPLETE] = { NA, CL, CW, CE, ES, SS, SR, CL, NA },
		[CT_SCTP_HEARTBEAT]         = { NA, CL, CW, CE, ES, SS, SR, SA, HS },
		[CT_SCTP_HEARTBEAT_ACK]     = { NA, CL, CW, CE, ES, SS, SR, SA, ES },
	},
};

static bool has_row(uint8_t type)
{
	/* No row is all NONE: that is what a type without one has. */
	return type < TYPES && table[CT_ORIGINAL][type][CT_SCTP_ESTABLISHED] != CT_SCTP_NONE;
}

enum ct_sctp_state ct_sctp_next(enum ct_dir dir, uint8_t type, enum ct_sctp_state state)
{
	return has_row(type) ? table[dir][type][state] : state;
}

const char *ct_sctp_state_name(enum ct_sctp_state state)
{
	return ct_state_name(IPPROTO_SCTP, (uint8_t)state);
}
