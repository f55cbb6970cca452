/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of buckets that rules of one name share. */
#ifndef PKTT_EXT_HASHLIMIT_H
#define PKTT_EXT_HASHLIMIT_H

#include <pktt/ext.h>

enum {
	HASHLIMIT_DSTIP = 1 << 0,
	HASHLIMIT_DSTPORT = 1 << 1,
	HASHLIMIT_SRCIP = 1 << 2,
	HASHLIMIT_SRCPORT = 1 << 3,
};

struct hashlimit_args {
	struct pktt_args head;
	struct pktt_rate rate;
	struct pktt_amount burst;
	uint32_t mode;
	char name[256];
	uint32_t size, max, gc_interval_ms, expire_ms;
	uint8_t srcmask4, srcmask6, dstmask4, dstmask6;
	bool rate_match;
	uint32_t interval_s;
};

/* What the first rule of a name says. */
struct hashlimit_config {
	struct hashlimit_args args;
	uint32_t hz;
	uint64_t seed;
	uint8_t srcmask, dstmask;
	bool has_burst;
	uint32_t expire_ms;
};

struct hashlimit_table;

int hashlimit_table_new(struct hashlimit_table **ret, const struct hashlimit_config *config,
			struct pktt_error *err);
void hashlimit_table_free(struct hashlimit_table **slot);
/*
 * HIT: the packet is within the rate, and paid for. BAD: it has no ports to be told by, or the
 * table is full.
 */
enum pktt_hit hashlimit_table_ask(struct hashlimit_table *table, const struct pktt_packet *pkt,
				  const struct hashlimit_args *args);
/* Bytes a second as Linux rounds them, to chunks of 16. */
uint64_t hashlimit_rate_bytes(const struct hashlimit_args *args);

#endif
