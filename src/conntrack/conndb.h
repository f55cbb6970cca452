/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connection table: memory for connections, a hash table with two nodes an entry, a wheel of
 * timeouts. It knows tuples and times, nothing of protocols.
 *
 * A bucket is one cache line of short tags and indices; a tag is compared before a connection's
 * memory is touched. The hash is keyed. The table grows and shrinks while in use, a few buckets with
 * every insertion. Timeouts: a packet only stores when its connection expires; the wheel visits every
 * entry now and then and takes out what has expired.
 *
 * Synchronization: readers take no lock. Writers lock the bucket(s) they change. Every thread that uses
 * the table is a worker 0 .. workers - 1 and calls conndb_quiescent() between batches, when it holds no
 * pointer that it has no reference to: that frees replaced memory.
 *
 *   conn_set_reply(), conndb_reserve_reply(), conndb_insert(), conndb_insert_reply():
 *       one thread for one unconfirmed connection; otherwise beside anything
 *   conndb_quiescent(): each worker for itself, beside anything
 *   conndb_new(), conndb_free(): alone
 *   everything else: beside anything
 */
#ifndef PKTT_CT_CONNDB_H
#define PKTT_CT_CONNDB_H

#include "base/siphash.h"
#include "conntrack/conn.h"

struct conndb;

struct conndb_config {
	unsigned int workers;
	struct siphash_key key;
	uint32_t max; /* connections, unconfirmed ones included, dying ones not; 0 = 262,144 */
	/* Bytes of union ct_l4 that a protocol keeps; NULL = all of it, for each. */
	uint8_t (*state_size)(uint8_t family, uint8_t protocol);
	/* The last reference of a connection is gone: free what hangs on it. Its memory is the table's. */
	void (*release)(void *ctx, struct conn *conn);
	/*
	 * A connection was taken out because it had timed out: by the wheel, or by the insertion of
	 * one with its tuple. CT_DYING is set; the table's reference is dropped after.
	 */
	void (*expired)(void *ctx, struct conn *conn);
	void *ctx;
};

int conndb_new(struct conndb **ret, const struct conndb_config *config);
/* All connections go, without a word to anybody. */
void conndb_free(struct conndb **db);
void conndb_quiescent(struct conndb *db, unsigned int worker);
void conndb_set_max(struct conndb *db, uint32_t max);

/*
 * A connection of these tuples (which hold family, protocol, zone), zeroed otherwise but for the id,
 * with one reference; NULL at the limit or without memory (errno ENOSPC, ENOMEM). zone_dirs: CT_ZONE_*.
 */
struct conn *conndb_alloc(struct conndb *db, const struct ct_tuple *original,
			  const struct ct_tuple *reply, uint8_t zone_dirs);
/* One more reference; false if it is being freed. */
bool conn_get(struct conn *conn);
void conn_put(struct conndb *db, struct conn **conn);

/*
 * The confirmed connection with this tuple, in *dir the direction that has it; with a reference. NULL =
 * none, or only one that has expired by now_ms.
 */
struct conn *conndb_find(struct conndb *db, const struct ct_tuple *tuple, uint32_t now_ms,
			 enum ct_dir *dir);
/* The same for many at once, their memory fetched ahead; n <= 64. */
void conndb_find_batch(struct conndb *db, const struct ct_tuple *tuple, unsigned int n,
		       uint32_t now_ms, struct conn **ret, enum ct_dir *dir);
/*
 * Whether a connection other than self, confirmed or with its reply reserved, has this tuple in a
 * direction. What has expired does not count; neither does one of the same flow, as in Linux: packets
 * that waited for a program together are no others' when the first of them has been confirmed.
 */
bool conndb_is_taken(struct conndb *db, const struct ct_tuple *tuple, const struct conn *self,
		     uint32_t now_ms);
/*
 * Put the reply tuple of an unconfirmed connection into the table, in one step with the test that no
 * other has it: -EEXIST. Packets do not find it before it is confirmed; conndb_is_taken() does. A
 * connection that had another one reserved gives that up.
 */
int conndb_reserve_reply(struct conndb *db, struct conn *conn, uint32_t now_ms);
/*
 * Into the table, both tuples in one step, with a reference of the table's, CT_CONFIRMED set, expires
 * counted from now on. -EEXIST: another has one of the tuples (*other, with a reference, if not NULL);
 * it may be an unconfirmed one that has reserved it. -EINVAL: confirmed or dying already. -ENOMEM.
 */
int conndb_insert(struct conndb *db, struct conn *conn, uint32_t now_ms, struct conn **other);
/*
 * Into the table by its reply alone, for one whose original tuple another has: answers find it, walks do
 * not. CT_NAT_CLASH is set. -EEXIST: its reply is another's, too.
 */
int conndb_insert_reply(struct conndb *db, struct conn *conn, uint32_t now_ms);
/* Out of the table: CT_DYING is set, the table's reference dropped. false = somebody else did. */
bool conndb_remove(struct conndb *db, struct conn *conn);

/* --- Time: ms of a clock that only goes forward and may wrap -------------------------------------- */

static inline bool conndb_is_past(uint32_t when_ms, uint32_t now_ms)
{
	return (int32_t)(when_ms - now_ms) <= 0;
}

static inline bool conn_is_expired(const struct conn *conn, uint32_t now_ms)
{
	return conndb_is_past(__atomic_load_n(&conn->expires, __ATOMIC_RELAXED), now_ms);
}

/* Nearly half of the clock, 24 days in whole seconds: workers' clocks may differ by what is left of it. */
#define CONN_TIMEOUT_MAX UINT32_C(2147483000)
/* Confirmed: expires timeout_ms from now. Unconfirmed: so it will. No more than CONN_TIMEOUT_MAX. */
void conn_set_timeout(struct conn *conn, uint32_t now_ms, uint32_t timeout_ms);
/* What is left, in ms; 0 = expired. Unconfirmed: all of it. */
uint32_t conn_timeout_left(const struct conn *conn, uint32_t now_ms);
/* Take out what has expired; at most budget visits (0 = no bound). true = all was visited. */
bool conndb_advance(struct conndb *db, uint32_t now_ms, uint32_t budget);

/* --- All of them ----------------------------------------------------------------------------------- */

/*
 * In steps: *cursor starts at 0; up to n live confirmed connections are put into ret, each with a
 * reference. Returns how many; 0 with *cursor 0 again = the end. Who lives through the whole walk is
 * seen exactly once, whatever the table does meanwhile.
 */
unsigned int conndb_next(struct conndb *db, uint64_t *cursor, struct conn **ret, unsigned int n);
/*
 * All that are in the table have expired from now on, and have CT_DOOMED; how many. What works on one at
 * this moment may yet give it a time again: the mark stays.
 */
uint32_t conndb_doom(struct conndb *db, uint32_t now_ms);
struct conn *conndb_by_id(struct conndb *db, uint32_t id); /* with a reference, or NULL */
/* Up to n neighbours of a tuple, for early drop: with references. */
unsigned int conndb_near(struct conndb *db, const struct ct_tuple *tuple, struct conn **ret,
			 unsigned int n);

struct conndb_stats {
	uint32_t connections, unconfirmed; /* together at most the limit */
	uint32_t dying; /* out of the table, and somebody has a reference still */
	uint32_t buckets;
	uint64_t memory;	   /* bytes: connections in use and the index, without extensions */
	uint64_t resizes, longest; /* most nodes that hang on one bucket */
};
uint32_t conndb_count(const struct conndb *db); /* connections, at once */
void conndb_stats(struct conndb *db, struct conndb_stats *ret);
/* The place of a connection, for queues of indices; 0 is none. */
static inline uint32_t conn_index(const struct conn *conn)
{
	return conn->index;
}
struct conn *conndb_at(struct conndb *db, uint32_t index);

#endif
