/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections and expectations as plain data (desc/ct_view.h): what messages, text and JSON are made of. */
#ifndef PKTT_CT_VIEW_H
#define PKTT_CT_VIEW_H

#include "conntrack/conntrack.h"
#include "desc/ct_view.h"

struct expect;

/*
 * All that there is to say of a connection that the caller holds a reference to. Counters are there where
 * they are kept; use is given as 1 plus the references beyond the table's and the caller's.
 */
void conn_view(struct conntrack *ct, struct conn *conn, struct ct_view *ret);
/* Of that, what Linux's event of these bits (CT_EVENT_*) tells. */
void conn_view_event(struct ct_view *v, uint32_t events);
void expect_view(struct conntrack *ct, const struct expect *expect, struct ct_expect_view *ret);

#endif
