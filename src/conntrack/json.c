/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections and expectations of the engine as JSON, by way of their views. */
#include "base/json.h"
#include "conntrack/text.h"
#include "conntrack/view.h"

void conn_json_members(struct conntrack *ct, struct conn *conn, struct json *j)
{
	struct ct_view v;

	conn_view(ct, conn, &v);
	ct_view_json_members(&v, j);
}

void conn_json(struct conntrack *ct, struct conn *conn, struct json *j)
{
	json_begin_object(j);
	conn_json_members(ct, conn, j);
	json_end_object(j);
}

void expect_json(struct conntrack *ct, const struct expect *expect, struct json *j)
{
	struct ct_expect_view v;

	expect_view(ct, expect, &v);
	ct_expect_view_json(&v, j);
}
