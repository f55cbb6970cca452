/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The end of a connection: taken out, timed out, freed with what hangs on it. */
#include "conntrack/event.h"
#include "conntrack/expect.h"
#include "conntrack/helper.h"
#include "conntrack/own.h"

#include <stdlib.h>

/* It left the table, whoever did that: nf_ct_delete(). */
static void leave(struct conntrack *ct, unsigned int worker, struct conn *conn)
{
	if (conn_is(conn, CT_DOOMED))
		__atomic_fetch_sub(&ct->doomed, 1, __ATOMIC_RELAXED);
	if (conn->ext) {
		if (ct->settings.timestamp && !conn->ext->stop_ns)
			conn->ext->stop_ns = conntrack_time_ns(ct);
		expect_remove_all(ct, conn);
		if (conn->ext->helper && conn->ext->helper->destroy)
			conn->ext->helper->destroy(ct, conn);
	}
	/* Its port is free from now on, however long somebody holds what is left of it. */
	if (ct->nat.forget)
		ct->nat.forget(ct, conn);
	ct_event(ct, worker, conn, CT_EVENT_DESTROY);
}

bool conntrack_kill(struct conntrack *ct, unsigned int worker, struct conn *conn)
{
	if (!conndb_remove(ct->db, conn))
		return false;
	leave(ct, worker, conn);
	return true;
}

void ct_conn_expired(void *ctx, struct conn *conn)
{
	leave(ctx, 0, conn);
}

static void free_ext(struct conntrack *ct, struct conn *conn)
{
	struct conn_ext *ext = conn->ext;

	/* One that never came into the table may have announced something all the same. */
	expect_remove_all(ct, conn);
	if (ext->helper && ext->helper->destroy)
		ext->helper->destroy(ct, conn);
	if (ext->master)
		conn_put(ct->db, &ext->master);
	conn->ext = NULL;
	free(ext);
}

void ct_conn_release(void *ctx, struct conn *conn)
{
	struct conntrack *ct = ctx;

	if (ct->nat.forget)
		ct->nat.forget(ct, conn);
	if (conn->ext)
		free_ext(ct, conn);
	if (conn->is_counted) {
		struct ct_tuple t;

		conn_tuple(conn, CT_ORIGINAL, &t);
		ct_source_give(ct, &t);
	}
}
