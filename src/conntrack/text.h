/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections and expectations as text and JSON: conntrack(8)'s formats, and ours. */
#ifndef PKTT_CT_TEXT_H
#define PKTT_CT_TEXT_H

#include "conntrack/conntrack.h"

struct expect;
struct json;
struct str;

enum {
	CT_TEXT_EXTENDED = 1 << 0,  /* -o extended: "ipv4     2 tcp      6 ..." */
	CT_TEXT_ID = 1 << 1,	    /* -o id */
	CT_TEXT_LABELS = 1 << 2,    /* -o labels; their numbers, as without connlabel.conf */
	CT_TEXT_TIMESTAMP = 1 << 3, /* -o ktimestamp */
	CT_TEXT_EVENT =
		1 << 4, /* as conntrack -E: no use=, no counters, a mark only if there is one */
};
/* One line of `conntrack -L`, without a newline; byte for byte what conntrack(8) 1.4.7 prints. */
void conn_text(struct conntrack *ct, struct conn *conn, unsigned int flags, struct str *out);
/*
 * {"id":..,"l4":"tcp","state":"ESTABLISHED","status":["seen-reply",..],"orig":{"src":..,"dst":..,"sport":..,
 * "dport":..,"packets":..,"bytes":..},"reply":{..},"mark":0,"timeout":..}; where there is one: protocol (a
 * number, with "l4":"unknown"), zone (and zone_direction), helper, labels, master, start. No state where
 * the protocol has none. ICMP has id, type, code for ports, GRE srckey, dstkey.
 */
void conn_json(struct conntrack *ct, struct conn *conn, struct json *j);
/* What stands between its braces. */
void conn_json_members(struct conntrack *ct, struct conn *conn, struct json *j);
/* A line of `conntrack -L expect`, without a newline. */
void expect_text(struct conntrack *ct, const struct expect *expect, struct str *out);
/* {"id":..,"l4":"tcp","timeout":..,"tuple":{..},"mask":{..},"master":{..},"flags":[..],"class":0,"helper":".."} */
void expect_json(struct conntrack *ct, const struct expect *expect, struct json *j);
/*
 * `conntrack -L -o extended` of the whole table, a line each, sorted by id; expired ones are not there. out
 * has failed without memory.
 */
void conntrack_save(struct conntrack *ct, struct str *out);

#endif
