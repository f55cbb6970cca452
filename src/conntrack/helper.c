/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The helpers that are linked in, and which of them a connection has.
 *
 * Synchronization: the list is constant. ext->helper is written by who makes a connection, before it is
 * confirmed, and by the manipulation interface; readers see the one or the other.
 */
#include "conntrack/helper.h"

#include "conntrack/event.h"
#include "conntrack/own.h"

#include <errno.h>
#include <string.h>

/* Of the linker section; both NULL in a program that has no helper. */
extern const struct ct_helper *const __start_ct_helpers[] __attribute__((weak));
extern const struct ct_helper *const __stop_ct_helpers[] __attribute__((weak));

const struct ct_helper *ct_helper_at(unsigned int n)
{
	uintptr_t start = (uintptr_t)__start_ct_helpers, stop = (uintptr_t)__stop_ct_helpers;

	return n < (stop - start) / sizeof(__start_ct_helpers[0]) ? __start_ct_helpers[n] : NULL;
}

static bool serves(const struct ct_helper *helper, uint8_t family, uint8_t protocol)
{
	return helper->families & PKTT_FAM(family) &&
	       (protocol == 0 || helper->protocol[0] == protocol ||
		helper->protocol[1] == protocol);
}

const struct ct_helper *ct_helper_find(const char *name, uint8_t family, uint8_t protocol)
{
	const struct ct_helper *helper;

	for (unsigned int i = 0; (helper = ct_helper_at(i)); i++)
		if (strcmp(helper->name, name) == 0 && serves(helper, family, protocol))
			return helper;
	return NULL;
}

const struct ct_helper *ct_helper_by_port(const struct ct_tuple *reply)
{
	const struct ct_helper *helper;
	uint16_t port = get_be16((const uint8_t *)&reply->sport);

	for (unsigned int i = 0; (helper = ct_helper_at(i)); i++) {
		if (!serves(helper, reply->family, reply->protocol))
			continue;
		for (unsigned int k = 0; k < 4 && helper->ports[k]; k++)
			if (helper->ports[k] == port)
				return helper;
	}
	return NULL;
}

const struct ct_helper *conn_helper(const struct conn *conn)
{
	return conn->ext ? __atomic_load_n(&conn->ext->helper, __ATOMIC_ACQUIRE) : NULL;
}

int conn_set_helper(struct conntrack *ct, struct conn *conn, const struct ct_helper *helper)
{
	const struct ct_helper *old = conn_helper(conn);
	struct conn_ext *ext;

	if (old == helper)
		return 0;
	ext = conn_extend(conn);
	if (!ext)
		return -ENOMEM;
	/* What was announced counts by the old one's classes. */
	expect_remove_all(ct, conn);
	if (old && old->destroy)
		old->destroy(ct, conn);
	conn_lock(conn);
	memset(&ext->data, 0, sizeof(ext->data));
	__atomic_store_n(&ext->helper, helper, __ATOMIC_RELEASE);
	conn_unlock(conn);
	ct_event(ct, 0, conn, CT_EVENT_HELPER);
	return 0;
}

void *conn_helper_data(struct conn *conn)
{
	return conn_helper(conn) ? &conn->ext->data : NULL;
}
