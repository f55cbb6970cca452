/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The settings of connection tracking. Declared once, as parameters (settings.c): names and units are
 * those of Linux's sysctls without "nf_conntrack_", so that `--set tcp_loose=0` and a configuration
 * file say what an administrator knows.
 */
#ifndef PKTT_CT_SETTINGS_H
#define PKTT_CT_SETTINGS_H

#include <pktt/type.h>

/* Timeouts of the protocols, seconds: an index each, for settings and timeout policies alike. */
#define CT_TCP_TIMEOUTS(X)                    \
	X(SYN_SENT, "syn_sent", 120)          \
	X(SYN_RECV, "syn_recv", 60)           \
	X(ESTABLISHED, "established", 432000) \
	X(FIN_WAIT, "fin_wait", 120)          \
	X(CLOSE_WAIT, "close_wait", 60)       \
	X(LAST_ACK, "last_ack", 30)           \
	X(TIME_WAIT, "time_wait", 120)        \
	X(CLOSE, "close", 10)                 \
	X(SYN_SENT2, "syn_sent2", 120)        \
	X(MAX_RETRANS, "max_retrans", 300)    \
	X(UNACKNOWLEDGED, "unacknowledged", 300)
#define CT_UDP_TIMEOUTS(X)     X(UNREPLIED, "unreplied", 30) X(STREAM, "stream", 120)
#define CT_ICMP_TIMEOUTS(X)    X(TIMEOUT, "timeout", 30)
#define CT_GENERIC_TIMEOUTS(X) X(TIMEOUT, "timeout", 600)
#define CT_GRE_TIMEOUTS(X)     X(UNREPLIED, "unreplied", 30) X(STREAM, "stream", 180)
#define CT_SCTP_TIMEOUTS(X)                          \
	X(CLOSED, "closed", 10)                      \
	X(COOKIE_WAIT, "cookie_wait", 3)             \
	X(COOKIE_ECHOED, "cookie_echoed", 3)         \
	X(ESTABLISHED, "established", 210)           \
	X(SHUTDOWN_SENT, "shutdown_sent", 3)         \
	X(SHUTDOWN_RECD, "shutdown_recd", 3)         \
	X(SHUTDOWN_ACK_SENT, "shutdown_ack_sent", 3) \
	X(HEARTBEAT_SENT, "heartbeat_sent", 30)
#define CT_DCCP_TIMEOUTS(X)          \
	X(REQUEST, "request", 240)   \
	X(RESPOND, "respond", 480)   \
	X(PARTOPEN, "partopen", 480) \
	X(OPEN, "open", 43200)       \
	X(CLOSEREQ, "closereq", 64)  \
	X(CLOSING, "closing", 64)    \
	X(TIMEWAIT, "timewait", 240)

#define CT_TIMEOUT_ENUM(PROTO) \
	enum { CT_##PROTO##_TIMEOUTS(CT_TIMEOUT_ONE_##PROTO) CT_##PROTO##_TIMEOUT_COUNT };
#define CT_TIMEOUT_ONE_TCP(id, n, s)	 CT_TCP_##id##_TIMEOUT,
#define CT_TIMEOUT_ONE_UDP(id, n, s)	 CT_UDP_##id##_TIMEOUT,
#define CT_TIMEOUT_ONE_ICMP(id, n, s)	 CT_ICMP_##id##_TIMEOUT,
#define CT_TIMEOUT_ONE_GENERIC(id, n, s) CT_GENERIC_##id##_TIMEOUT,
#define CT_TIMEOUT_ONE_GRE(id, n, s)	 CT_GRE_##id##_TIMEOUT,
#define CT_TIMEOUT_ONE_SCTP(id, n, s)	 CT_SCTP_##id##_TIMEOUT,
#define CT_TIMEOUT_ONE_DCCP(id, n, s)	 CT_DCCP_##id##_TIMEOUT,
CT_TIMEOUT_ENUM(TCP)
CT_TIMEOUT_ENUM(UDP)
CT_TIMEOUT_ENUM(ICMP)
CT_TIMEOUT_ENUM(GENERIC)
CT_TIMEOUT_ENUM(GRE)
CT_TIMEOUT_ENUM(SCTP)
CT_TIMEOUT_ENUM(DCCP)
#define CT_TIMEOUTS_MAX 11

struct ct_settings {
	uint32_t max;	     /* connections */
	uint32_t expect_max; /* expectations */
	uint32_t source_max; /* connections that one source address may open; 0 = no limit */
	bool acct, checksum, timestamp, events;
	bool helper; /* helpers are assigned by port, without a rule */
	bool tcp_loose, tcp_be_liberal, tcp_ignore_invalid_rst;
	bool ftp_loose; /* FTP may announce connections to a host other than who speaks */
	uint8_t tcp_max_retrans;
	uint8_t log_invalid; /* protocol whose invalid packets are logged, 255 = all, 0 = none */
	uint32_t tcp[CT_TIMEOUTS_MAX], udp[CT_TIMEOUTS_MAX], icmp[CT_TIMEOUTS_MAX],
		icmpv6[CT_TIMEOUTS_MAX], generic[CT_TIMEOUTS_MAX], gre[CT_TIMEOUTS_MAX],
		sctp[CT_TIMEOUTS_MAX], dccp[CT_TIMEOUTS_MAX];
	uint32_t frag_timeout, frag6_timeout;	      /* seconds */
	uint32_t frag_high_thresh, frag6_high_thresh; /* bytes of held fragments, at most */
};

/* Every setting: offset and size are into struct ct_settings; def is Linux's default. */
extern const struct pktt_param ct_setting_params[];
extern const unsigned int ct_setting_count;

void ct_settings_init(struct ct_settings *settings); /* the defaults */

#endif
