/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a command line of pktt ct asks for, and what carries it out. */
#ifndef TOOLS_CT_REQUEST_H
#define TOOLS_CT_REQUEST_H

#include "tools/live.h"

#include <libctnetlink/libctnetlink.h>

#include <stdio.h>

struct refused;

#define CT_OPTIONS(X)                                                                             \
	X(SRC, "src", 's', "ADDR[/LEN]", "source of the original direction")                      \
	X(DST, "dst", 'd', "ADDR[/LEN]", "destination of the original direction")                 \
	X(REPLY_SRC, "reply-src", 'r', "ADDR[/LEN]", "source of the reply")                       \
	X(REPLY_DST, "reply-dst", 'q', "ADDR[/LEN]", "destination of the reply")                  \
	X(PROTO, "proto", 'p', "PROTOCOL", "layer-4 protocol, name or number")                    \
	X(SPORT, "sport", 0, "PORT", "source port of the original direction")                     \
	X(DPORT, "dport", 0, "PORT", "destination port of the original direction")                \
	X(REPLY_SPORT, "reply-port-src", 0, "PORT", "source port of the reply")                   \
	X(REPLY_DPORT, "reply-port-dst", 0, "PORT", "destination port of the reply")              \
	X(SRCKEY, "srckey", 0, "KEY", "GRE: key of the source")                                   \
	X(DSTKEY, "dstkey", 0, "KEY", "GRE: key of the destination")                              \
	X(ICMP_TYPE, "icmp-type", 0, "TYPE", "ICMP and ICMPv6: type")                             \
	X(ICMP_CODE, "icmp-code", 0, "CODE", "ICMP and ICMPv6: code")                             \
	X(ICMP_ID, "icmp-id", 0, "ID", "ICMP and ICMPv6: id")                                     \
	X(STATE, "state", 0, "STATE", "of TCP, SCTP, DCCP: ESTABLISHED ...")                      \
	X(TIMEOUT, "timeout", 't', "SECONDS", "time that is left")                                \
	X(STATUS, "status", 'u', "WORD,...", "ASSURED, SEEN_REPLY, FIXED_TIMEOUT ...")            \
	X(MARK, "mark", 'm', "MARK[/MASK]", "mark of the connection")                             \
	X(LABEL, "label", 'l', "NUMBER,...", "labels")                                            \
	X(ZONE, "zone", 'w', "ZONE", "zone of both directions")                                   \
	X(ORIG_ZONE, "orig-zone", 0, "ZONE", "zone of the original direction")                    \
	X(REPLY_ZONE, "reply-zone", 0, "ZONE", "zone of the reply")                               \
	X(ID, "id", 'i', "ID", "id of the connection")                                            \
	X(HELPER, "helper", 0, "NAME", "helper of the connection")                                \
	X(ORIG_VTAG, "orig-vtag", 0, "TAG", "SCTP: tag of the original direction")                \
	X(REPLY_VTAG, "reply-vtag", 0, "TAG", "SCTP: tag of the reply")                           \
	X(SRC_NAT, "src-nat", 'n', "ADDR[:PORT]", "add: translate the source to")                 \
	X(DST_NAT, "dst-nat", 'g', "ADDR[:PORT]", "add: translate the destination to")            \
	X(OUTPUT, "output", 'o', "FORM,...",                                                      \
	  "extended, id, xml, save, timestamp, ktimestamp, labels")                               \
	X(EVENTS, "event-mask", 'e', "NEW,...", "watch: NEW, UPDATES, DESTROY or ALL")            \
	X(BUFFER, "buffer-size", 'b', "BYTES", "watch: of events that may wait")                  \
	X(ZERO, "zero", 'z', NULL, "list: take the counters and leave zeroes")                    \
	X(SNATTED, "snat", 0, NULL, "only where the source is translated")                        \
	X(DNATTED, "dnat", 0, NULL, "only where the destination is translated")                   \
	X(REFUSED, "refused", 0, NULL, "only those that the rules would refuse if they came now") \
	X(KERNEL, "kernel", 0, NULL, "those that the kernel tracks, not pkttd")
enum {
	CT_OPTION_FIRST = LIVE_OPTION_COUNT - 1,
#define X(id, name, letter, value, help) CT_OPTION_##id,
	CT_OPTIONS(X)
#undef X
};

enum { CT_SIDES = 4 };
struct ct_request {
	struct live live;
	struct ctnl *nl;
	struct ctnl_conn *conn;	  /* all that was given */
	struct ctnl_conn *filter; /* of that, what is compared */
	struct pktt_prefix
		side[CT_SIDES]; /* src, dst, reply src, reply dst; addr.len 0 = not given */
	enum ctnl_form form;
	unsigned int flags, events, buffer;
	bool is_expect, zero, snat, dnat, kernel, any_nat;
	struct refused *refused; /* --refused: who says which; else NULL */
	unsigned int shown;	 /* how many */
	FILE *to;
};

/* ct_options.c: TOOL_OK, or TOOL_USAGE with the reason told. For a listing, or for add and update. */
int ct_request_read(struct ct_request *req, const struct tool_args *args);
void ct_request_fini(struct ct_request *req);
/* Does the connection fit the request? */
bool ct_request_fits(const struct ct_request *req, const struct ctnl_conn *conn);

/* ct_list.c, ct_watch.c: exit statuses */
int ct_run_list(struct ct_request *req);
int ct_run_watch(struct ct_request *req);
int ct_run_delete(struct ct_request *req);
int ct_run_flush(struct ct_request *req);
int ct_run_count(struct ct_request *req);
int ct_run_stats(struct ct_request *req);
int ct_run_add(struct ct_request *req);
int ct_run_update(struct ct_request *req);
int ct_run_get(struct ct_request *req);
/* A connection, as the request wants it shown, with a newline. */
void ct_show(struct ct_request *req, const struct ctnl_conn *conn, enum ctnl_kind kind);
void ct_show_expect(struct ct_request *req, const struct ctnl_expect *expect, enum ctnl_kind kind);
int ct_failed(const struct ct_request *req, int code, const struct ctnl_error *err);

#endif
