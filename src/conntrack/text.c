/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections and expectations of the engine as conntrack(8)'s lines, by way of their views. */
#include "conntrack/text.h"

#include "base/str.h"
#include "conntrack/own.h"
#include "conntrack/view.h"

#include <stdlib.h>

void conn_text(struct conntrack *ct, struct conn *conn, unsigned int flags, struct str *out)
{
	struct ct_view v;

	conn_view(ct, conn, &v);
	v.use = 1;
	if (flags & CT_TEXT_EVENT) {
		v.has &= ~(uint64_t)(CTV_USE | CTV_COUNTER_0 | CTV_COUNTER_1);
		v.has &= ~(uint64_t)(v.mark ? 0 : CTV_MARK);
	}
	ct_view_text(&v, flags, conntrack_time_ns(ct), out);
}

void expect_text(struct conntrack *ct, const struct expect *expect, struct str *out)
{
	struct ct_expect_view v;

	expect_view(ct, expect, &v);
	ct_expect_view_text(&v, out);
}

/* --- The table -------------------------------------------------------------------------------- */

struct all {
	struct conn **conn;
	size_t count, room;
};

static bool all_grow(struct all *all, size_t more)
{
	size_t room = all->room ? all->room : 1024;
	struct conn **conn;

	if (all->count + more <= all->room)
		return true;
	while (room < all->count + more)
		room *= 2;
	conn = realloc(all->conn, room * sizeof(struct conn *));
	if (!conn)
		return false;
	all->conn = conn;
	all->room = room;
	return true;
}

static int by_id(const void *a, const void *b)
{
	const struct conn *x = *(struct conn *const *)a, *y = *(struct conn *const *)b;

	return x->id < y->id ? -1 : x->id > y->id;
}

void conntrack_save(struct conntrack *ct, struct str *out)
{
	struct all all = { 0 };
	uint64_t cursor = 0;

	do {
		if (!all_grow(&all, 64)) {
			out->failed = true;
			break;
		}
		all.count += conndb_next(ct->db, &cursor, all.conn + all.count, 64);
	} while (cursor);
	if (all.count)
		qsort(all.conn, all.count, sizeof(struct conn *), by_id);
	for (size_t i = 0; i < all.count; i++) {
		if (!conn_is_expired(all.conn[i], ct_ms(conntrack_time_ns(ct)))) {
			conn_text(ct, all.conn[i], CT_TEXT_EXTENDED, out);
			str_putc(out, '\n');
		}
		conn_put(ct->db, &all.conn[i]);
	}
	free(all.conn);
}
