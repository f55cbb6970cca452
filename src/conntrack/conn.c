/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection's parts: where they stand, and its clock. */
#include "conntrack/conndb_private.h"

#include <stdlib.h>
#include <string.h>

/* The words of struct ct_tuple that are kept, in memory order. */
static const uint8_t ipv4_words[3] = { 0, 4, 8 };
static const uint8_t ipv6_words[9] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };

static const uint8_t *words_of(bool is_ipv6)
{
	return is_ipv6 ? ipv6_words : ipv4_words;
}

void conn_tuple(const struct conn *conn, enum ct_dir dir, struct ct_tuple *ret)
{
	bool is_ipv6 = conn_is_ipv6(conn);
	const uint32_t *from = conn_words(conn, dir);
	const uint8_t *at = words_of(is_ipv6);

	*ret = (struct ct_tuple){ .family = conn->family,
				  .protocol = conn->protocol,
				  .zone = conn_zone(conn, dir) };
	for (uint32_t i = 0; i < tuple_words(is_ipv6); i++) {
		uint32_t word = load_relaxed(&from[i]);

		memcpy((char *)ret + 4 * (size_t)at[i], &word, sizeof(word));
	}
}

/* Word by word: while NAT tries reply tuples, others compare with the one that is reserved. */
void conn_write_tuple(struct conn *conn, enum ct_dir dir, const struct ct_tuple *tuple)
{
	bool is_ipv6 = conn_is_ipv6(conn);
	uint32_t *to = conn_words(conn, dir);
	const uint8_t *at = words_of(is_ipv6);

	for (uint32_t i = 0; i < tuple_words(is_ipv6); i++)
		store_relaxed(&to[i], tuple_word(tuple, at[i]));
}

void conn_set_reply(struct conn *conn, const struct ct_tuple *reply)
{
	conn_write_tuple(conn, CT_REPLY, reply);
}

union ct_l4 *conn_l4(struct conn *conn)
{
	size_t room = conn->index >> CLASS_SHIFT & CLASS_LARGE ? L4_LARGE : L4_SMALL;

	return (union ct_l4 *)(void *)((char *)conn_words(conn, CT_ORIGINAL) - room);
}
_Static_assert(sizeof(union ct_l4) <= L4_LARGE, "the large classes hold every state");

struct conn_ext *conn_extend(struct conn *conn)
{
	if (!conn->ext) {
		conn->ext = calloc(1, sizeof(*conn->ext));
		if (conn->ext)
			list_init(&conn->ext->expects);
	}
	return conn->ext;
}

void conn_ext_free(struct conn_ext **ext)
{
	free(*ext);
	*ext = NULL;
}

bool conn_get(struct conn *conn)
{
	return conn_try_get(conn);
}

/* --- Time ------------------------------------------------------------------------------------- */

void conn_set_timeout(struct conn *conn, uint32_t now_ms, uint32_t timeout_ms)
{
	if (timeout_ms > CONN_TIMEOUT_MAX)
		timeout_ms = CONN_TIMEOUT_MAX;
	store_relaxed(&conn->expires, timeout_ms + (conn_is_confirmed(conn) ? now_ms : 0));
}

uint32_t conn_timeout_left(const struct conn *conn, uint32_t now_ms)
{
	uint32_t expires = load_relaxed(&conn->expires);

	if (!conn_is_confirmed(conn))
		return expires;
	return conndb_is_past(expires, now_ms) ? 0 : expires - now_ms;
}
