/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SCTP: states of a connection and the chunks that change them. */
#ifndef PKTT_CT_SCTP_STATE_H
#define PKTT_CT_SCTP_STATE_H

#include "conntrack/l4proto.h"

/* Numbers of linux/netfilter/nf_conntrack_sctp.h, enum sctp_conntrack. */
enum ct_sctp_state {
	CT_SCTP_NONE = 0,
	CT_SCTP_CLOSED = 1, /* also: an INIT, not answered yet */
	CT_SCTP_COOKIE_WAIT = 2,
	CT_SCTP_COOKIE_ECHOED = 3,
	CT_SCTP_ESTABLISHED = 4,
	CT_SCTP_SHUTDOWN_SENT = 5, /* by the original direction */
	CT_SCTP_SHUTDOWN_RECD = 6, /* by the reply */
	CT_SCTP_SHUTDOWN_ACK_SENT = 7,
	CT_SCTP_HEARTBEAT_SENT = 8, /* a path of a connection that was opened over another */
	CT_SCTP_STATE_COUNT = 9,
	CT_SCTP_REFUSE = 9, /* a chunk that belongs to no connection */
};

enum { /* types of chunks: RFC 9260, 3.2 */
       CT_SCTP_DATA = 0,
       CT_SCTP_INIT = 1,
       CT_SCTP_INIT_ACK = 2,
       CT_SCTP_HEARTBEAT = 4,
       CT_SCTP_HEARTBEAT_ACK = 5,
       CT_SCTP_ABORT = 6,
       CT_SCTP_SHUTDOWN = 7,
       CT_SCTP_SHUTDOWN_ACK = 8,
       CT_SCTP_ERROR = 9,
       CT_SCTP_COOKIE_ECHO = 10,
       CT_SCTP_COOKIE_ACK = 11,
       CT_SCTP_SHUTDOWN_COMPLETE = 14,
};

/* Where a chunk of that type leads. DATA, SACK and the like lead nowhere. */
enum ct_sctp_state ct_sctp_next(enum ct_dir dir, uint8_t type, enum ct_sctp_state state);
const char *ct_sctp_state_name(enum ct_sctp_state state);

#endif
