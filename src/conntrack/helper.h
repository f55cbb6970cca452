/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Helpers: protocols that announce connections in what they say. A helper is data - name, protocol,
 * ports, the policy of its expectations - and one function that reads a packet. Files of src/helper.
 */
#ifndef PKTT_CT_HELPER_H
#define PKTT_CT_HELPER_H

#include "conntrack/expect.h"

struct ct_helper {
	const char *name;    /* as CT --helper has it: "ftp" */
	uint32_t families;   /* PKTT_FAM_V4 | PKTT_FAM_V6 */
	uint8_t protocol[2]; /* layer 4; a second one or 0 */
	uint16_t ports[4];   /* host order; for automatic assignment, 0 ends */
	const struct ct_expect_policy *classes;
	uint8_t nclasses;   /* at most CT_EXPECT_CLASSES */
	uint16_t data_size; /* of conn_ext.data, at most CT_HELPER_DATA */
	/*
	 * Reads a packet of a connection that it was given to, at priority 300 of LOCAL_IN and
	 * POST_ROUTING, behind NAT of the source. ACCEPT, or DROP where Linux's helper drops.
	 */
	enum pktt_verdict (*help)(struct pktt_packet *pkt, struct conn *conn,
				  enum pktt_ct_info info);
	/*
	 * A program made the connection, or says its helper again (a failover): what was said before is
	 * not known. NULL = it does not matter.
	 */
	void (*resume)(struct conn *conn);
	/*
	 * The connection left the table, or the helper: what data holds beyond its bytes, and what else
	 * goes with it. It may come twice. NULL = nothing.
	 */
	void (*destroy)(struct conntrack *ct, struct conn *conn);
};

/* Registered like extensions, by linker section: PKTT_HELPER(ftp) = { .name = "ftp", ... }; */
#define PKTT_HELPER(var)                                                                          \
	static const struct ct_helper helper_##var;                                               \
	__attribute__((                                                                           \
		used,                                                                             \
		section("ct_helpers"))) static const struct ct_helper *const helper_##var##_ref = \
		&helper_##var;                                                                    \
	static const struct ct_helper helper_##var

/* The helper of that name for a family and layer-4 protocol (0 = any), or NULL. */
const struct ct_helper *ct_helper_find(const char *name, uint8_t family, uint8_t protocol);
/* All of them: NULL ends. */
const struct ct_helper *ct_helper_at(unsigned int n);
/* Automatic assignment: the helper whose port the reply's source is. */
const struct ct_helper *ct_helper_by_port(const struct ct_tuple *reply);
/* Give a connection a helper (or NULL: take it away); -ENOMEM. An event, once it is confirmed. */
int conn_set_helper(struct conntrack *ct, struct conn *conn, const struct ct_helper *helper);
const struct ct_helper *conn_helper(const struct conn *conn);
/* Zeroed when given; NULL without one. */
void *conn_helper_data(struct conn *conn);

#endif
