/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections and expectations as text and JSON: conntrack(8)'s formats, and ours. */
#ifndef PKTT_CT_TEXT_H
#define PKTT_CT_TEXT_H

#include "conntrack/conntrack.h"
#include "desc/ct_view.h"

struct expect;
struct json;
struct str;

/* flags: CT_TEXT_*; CT_TEXT_EVENT: as conntrack -E, no use=, no counters, a mark only if there is one. */
/* One line of `conntrack -L`, without a newline; byte for byte what conntrack(8) 1.4.7 prints. */
void conn_text(struct conntrack *ct, struct conn *conn, unsigned int flags, struct str *out);
/* As ct_view_json(). */
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
