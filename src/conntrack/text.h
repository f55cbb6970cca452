/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections and expectations as text and JSON: conntrack(8)'s formats, and ours. */
#ifndef PKTT_CT_TEXT_H
#define PKTT_CT_TEXT_H

#include "conntrack/conntrack.h"

struct expect;
struct json;
struct str;

enum {
	CT_TEXT_EXTENDED = 1 << 0, /* -o extended: "ipv4     2 tcp      6 ..." */
	CT_TEXT_ID = 1 << 1,	   /* -o id */
	CT_TEXT_LABELS = 1 << 2,
	CT_TEXT_TIMESTAMP = 1 << 3,
	CT_TEXT_EVENT = 1 << 4, /* as conntrack -E: no use=, no counters */
};
/* One line of `conntrack -L`, without a newline; byte for byte what conntrack(8) 1.4.7 prints. */
void conn_text(struct conntrack *ct, struct conn *conn, unsigned int flags, struct str *out);
/* {"id":..,"l4":"tcp","state":"ESTABLISHED","status":[..],"orig":{..},"reply":{..},"mark":0,"timeout":..} */
void conn_json(struct conntrack *ct, struct conn *conn, struct json *j);
void expect_text(struct conntrack *ct, const struct expect *expect, struct str *out);
void expect_json(struct conntrack *ct, const struct expect *expect, struct json *j);
/* `conntrack -L -o extended` of the whole table, sorted by id; expired ones are not there. */
void conntrack_save(struct conntrack *ct, struct str *out);

#endif
