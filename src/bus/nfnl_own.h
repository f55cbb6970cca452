/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the bus share among themselves. Everything here belongs to the bus' thread. */
#ifndef BUS_NFNL_OWN_H
#define BUS_NFNL_OWN_H

#include "base/list.h"
#include "bus/nfnl.h"

#include <pthread.h>

enum {
	NFNL_BLOCK_BYTES = 16 * 1024, /* messages out are written to blocks of this size */
	NFNL_DATAGRAM_BYTES =
		32 * 1024,	    /* that leave together, at most; a bigger message goes alone */
	NFNL_DATAGRAM_LEAST = 1024, /* that a peer can ask for */
	NFNL_ANSWERS_MAX = 256 * 1024,	  /* waiting for a peer: beyond, it is not read */
	NFNL_DUMP_ROOM = 128 * 1024,	  /* waiting for a peer: beyond, its dump is full */
	NFNL_RECEIVE_BYTES = 2048 * 1024, /* more than AF_UNIX can carry in a datagram */
	NFNL_RECEIVE_COUNT = 8,		  /* datagrams at a time */
	NFNL_SLICE_US = 500,		  /* a peer's turn */
	NFNL_EVENT_DELAY_US = 1000,	  /* events wait for company, at least so long */
	NFNL_EVENT_DELAY_EACH_US = 5,	  /* and longer by this for each listener who waits */
	NFNL_FLUSHES = 64,		  /* listeners served in a round */
	NFNL_GROUPS = 128,		  /* of nfnetlink */
	NFNL_LEGACY_GROUPS = 33,	  /* of an older protocol: 1 to 32 */
	NFNL_GAPS = 16,			  /* groups of which a peer's losses are told apart */
	NFNL_STATES = 8,		  /* subsystems with a state in one peer */
	NFNL_ATTRS = 256,
};

/* What epoll hands back begins with this. */
enum nfnl_source {
	NFNL_SOURCE_LISTENER,
	NFNL_SOURCE_PEER,
	NFNL_SOURCE_WAKE,
	NFNL_SOURCE_CLOCK,
};

struct nfnl_block {
	struct nfnl_block *next; /* free ones */
	uint32_t refs, size, used;
	_Alignas(8) uint8_t data[];
};

/* Whole messages, in a block, that wait for a peer. */
struct nfnl_seg {
	struct nfnl_block *block;
	uint32_t at, len;
	bool is_event;
	bool joins; /* may leave in one datagram with what is before it */
};

struct nfnl_gap {
	uint32_t group;
	uint64_t lost;
};

/* What has been received, and waits for its turn: the rest of one datagram. */
struct nfnl_saved {
	struct nfnl_saved *next;
	size_t at, len;
	_Alignas(8) uint8_t data[];
};

/* Messages of a transaction; none is in two chunks. */
struct nfnl_chunk {
	struct nfnl_chunk *next;
	const uint8_t *bytes; /* own, or where they lie in a datagram */
	size_t used, size;
	_Alignas(8) uint8_t own[];
};

enum nfnl_phase {
	NFNL_BATCH_COLLECT,
	NFNL_BATCH_WAIT, /* is whole, others are before it */
	NFNL_BATCH_RUN,
	NFNL_BATCH_ACK, /* done; what asked for an acknowledgement gets it */
};

struct nfnl_batch {
	enum nfnl_phase phase;
	struct nfnl_slot *slot; /* NULL: it was refused, the rest is skipped */
	struct nfnl_chunk *first, *last;
	struct nfnl_chunk *chunk; /* at which chunk, and byte in it, the batch is run */
	size_t at, bytes;
	struct nlmsghdr begin_head; /* of BATCH_BEGIN, for errors */
	const struct nlmsghdr *end; /* BATCH_END, when it is whole */
	unsigned int errors;
	bool is_begun; /* begin() said yes: abort() or commit() must follow */
	bool is_in_place;
	bool wants_acks;
};

struct nfnl_state {
	uint8_t subsys;
	void *state;
};

struct nfnl_peer {
	enum nfnl_source source;
	struct nfnl *bus;
	struct list link, ready, dirty, turn; /* each on itself where it is in no list */
	int fd;
	uint32_t protocol, port;
	unsigned int rights;
	struct nfnl_who who;
	bool is_known;	  /* the kernel said what program it is */
	bool is_legacy;	  /* errors come with the whole message, gaps as ENOBUFS */
	bool is_single;	  /* an event is a datagram */
	bool is_readable; /* as far as is known */
	bool is_ended;	  /* nothing more comes from it; what is saved is still done */
	bool is_deaf;	  /* nothing can be sent to it; what it sent is still done */
	bool is_stuck;	  /* its socket is full */
	bool is_dead;
	bool is_urgent;	   /* something waits that must not wait for company: in the bus' dirty */
	bool is_delayed;   /* in the bus' delayed */
	bool last_is_part; /* the last message queued had NLM_F_MULTI */
	uint32_t interest; /* what epoll was told */
	uint64_t flushed_us, due_us;
	uint64_t joined[NFNL_GROUPS / 64];
	/* out */
	struct nfnl_seg *seg; /* a ring of seg_room places */
	uint32_t seg_room, seg_first, seg_count;
	struct nfnl_block *block; /* its own messages go here */
	size_t waiting, events;	  /* bytes in all; of these, events */
	size_t room;		  /* of events */
	uint32_t datagram;	  /* no larger one, but for a message that is alone larger */
	struct nfnl_gap gap[NFNL_GAPS];
	unsigned int ngaps;
	struct nfnl_dump *dump;
	/* in */
	struct nfnl_saved *saved, **saved_end;
	struct nfnl_batch *batch; /* own_batch, or NULL */
	struct nfnl_batch own_batch;
	struct nfnl_slot *waits_for; /* it stands in this subsystem's queue */
	struct nfnl_slot *holds;     /* it is its turn there */
	struct nfnl_state state[NFNL_STATES];
	unsigned int nstates;
};

struct nfnl_group {
	uint32_t id;
	struct nfnl_peer **member;
	uint32_t count, room;
	struct nfnl_block *block; /* its events go here, once for all */
};

struct nfnl_idle {
	struct nfnl_idle *next;
	void (*fn)(void *ctx);
	void *ctx;
};

/* A subsystem on the bus, and whose turn it is to write. */
struct nfnl_slot {
	const struct nfnl_subsys *sub;
	struct nfnl_peer *owner; /* whose transaction runs, or whose turn has come */
	struct list turns;	 /* peers, in order of arrival */
	struct nfnl_idle *idle, **idle_end;
};

struct nfnl_old {
	const struct nfnl_legacy *legacy;
	struct nfnl_group group[NFNL_LEGACY_GROUPS];
};

struct nfnl_listener {
	enum nfnl_source source;
	struct list link;
	int fd;
	unsigned int rights;
	char *path; /* unlinked in the end; NULL = not ours */
	uint64_t dev, ino;
};

struct nfnl_posted {
	struct nfnl_posted *next;
	void (*fn)(void *ctx);
	void *ctx;
};

struct nfnl_wake {
	enum nfnl_source source;
	int fd;
	pthread_mutex_t lock; /* of what follows */
	struct nfnl_posted *first, **end;
};

struct nfnl_timer {
	struct nfnl *bus; /* NULL: the bus has gone */
	struct nfnl_timer *next_of_bus;
	uint64_t due_us; /* 0 = off */
	size_t place;	 /* in the heap, where it is on */
	void (*fn)(void *ctx);
	void *ctx;
};

struct nfnl_clock {
	enum nfnl_source source;
	int fd;
	uint64_t armed_us; /* when the descriptor becomes readable; 0 = never */
	struct nfnl_timer **heap, *all;
	size_t count, room;
};

struct nfnl {
	struct nfnl_config config;
	int epoll;
	struct nfnl_wake wake;
	struct nfnl_clock clock;
	struct nfnl_timer *flush_timer; /* events that wait for company */
	struct list listeners, peers, ready;
	struct list dirty, delayed; /* peers for whom something waits: to leave now, and later */
	unsigned int npeers, ndead, ndelayed;
	bool wake_is_set;
	bool is_full; /* no descriptor was left for a new peer */
	struct nfnl_slot *slot[256];
	struct nfnl_old *old[4];
	struct nfnl_group group[NFNL_GROUPS];
	struct nfnl_block *free_block;
	unsigned int nfree;
	uint32_t next_port;
	uint64_t now_us, slice_end_us, run_end_us;
	unsigned int until_look; /* at the clock */
	uint8_t *scratch;
	size_t scratch_room, message_room;
	uint8_t *receive;
	size_t receive_room, receive_wanted;
	const struct nlattr *attr[NFNL_ATTRS];
};

/* nfnl.c */
uint64_t nfnl_now_us(void);
bool nfnl_slice_is_over(struct nfnl *bus);
void nfnl_peer_ready(struct nfnl_peer *peer);

/* nfnl_timer.c */
int nfnl_clock_init(struct nfnl *bus);
void nfnl_clock_fini(struct nfnl *bus);
void nfnl_clock_run(struct nfnl *bus);
int nfnl_wake_init(struct nfnl *bus);
void nfnl_wake_fini(struct nfnl *bus);
void nfnl_wake_run(struct nfnl *bus);
void nfnl_wake_up(struct nfnl *bus);

/* nfnl_listen.c */
void nfnl_listener_accept(struct nfnl *bus, struct nfnl_listener *listener);
void nfnl_listeners_resume(struct nfnl *bus);
void nfnl_listeners_free(struct nfnl *bus);

/* nfnl_peer.c */
int nfnl_peer_new(struct nfnl *bus, int fd, unsigned int rights);
void nfnl_peer_free(struct nfnl_peer *peer);
void nfnl_peer_turn(struct nfnl_peer *peer);
bool nfnl_peer_can_run(const struct nfnl_peer *peer);
void nfnl_peer_watch(struct nfnl_peer *peer);
bool nfnl_peer_must_wait(const struct nfnl_peer *peer);
void nfnl_peer_deafen(struct nfnl_peer *peer);

/* nfnl_out.c */
void *nfnl_out_room(struct nfnl_peer *peer, size_t len, bool is_event);
bool nfnl_out_event(struct nfnl_peer *peer, uint32_t group, struct nfnl_block *block, uint32_t at,
		    uint32_t len);
bool nfnl_out_put(struct nfnl_peer *peer, struct nfnl_block *block, uint32_t at, uint32_t len,
		  bool is_event);
struct nfnl_block *nfnl_block_room(struct nfnl *bus, struct nfnl_block **slot, size_t len);
void nfnl_block_put(struct nfnl *bus, struct nfnl_block **block);
struct nfnl_seg *nfnl_seg_at(const struct nfnl_peer *peer, uint32_t n);
void nfnl_out_drop(struct nfnl_peer *peer);
void nfnl_out_urgent(struct nfnl_peer *peer);
void nfnl_out_clean(struct nfnl_peer *peer);
void nfnl_out_pop(struct nfnl_peer *peer, uint32_t segs);
size_t nfnl_out_answers(const struct nfnl_peer *peer);

/* nfnl_flush.c */
void nfnl_flush(struct nfnl_peer *peer);
void nfnl_flush_all(struct nfnl *bus, bool is_forced);

/* nfnl_gap.c */
void nfnl_gap_count(struct nfnl_peer *peer, uint32_t group);
bool nfnl_gap_tell(struct nfnl_peer *peer);

/* nfnl_group.c */
struct nfnl_group *nfnl_group_find(const struct nfnl *bus, uint32_t id);
uint32_t nfnl_group_of(const struct nfnl_peer *peer, uint32_t number);
int nfnl_group_join(struct nfnl_peer *peer, uint32_t number, struct pktt_error *err);
int nfnl_group_leave(struct nfnl_peer *peer, uint32_t number, struct pktt_error *err);
void nfnl_group_leave_all(struct nfnl_peer *peer);
void nfnl_groups_free(struct nfnl *bus);

/* nfnl_in.c */
size_t nfnl_feed(struct nfnl_peer *peer, const uint8_t *data, size_t len);
int nfnl_message_run(struct nfnl_request *req, struct pktt_error *err);
void nfnl_result(struct nfnl_peer *peer, const struct nfnl_request *req, int rc,
		 struct pktt_error *err);
struct nfnl_slot *nfnl_slot_of(const struct nfnl *bus, const struct nlmsghdr *nlh);
/* The message at the cursor, or NULL where there is none that is whole. */
const struct nlmsghdr *nfnl_message_at(const uint8_t *data, size_t len, size_t at);

/* nfnl_attr.c */
int nfnl_attrs_read(struct nfnl_request *req, const struct nfnl_call *call, struct pktt_error *err);

/* nfnl_ack.c */
void nfnl_ack(struct nfnl_peer *peer, const struct nlmsghdr *nlh, const struct pktt_error *err,
	      const struct nlattr *bad);

/* nfnl_batch.c */
size_t nfnl_batch_begin(struct nfnl_peer *peer, const struct nlmsghdr *nlh, size_t rest);
void nfnl_batch_add(struct nfnl_peer *peer, const struct nlmsghdr *nlh);
void nfnl_batch_spoil(struct nfnl_peer *peer);
void nfnl_batch_go_on(struct nfnl_peer *peer);
void nfnl_batch_free(struct nfnl_peer *peer);

/* nfnl_turn.c */
bool nfnl_turn_take(struct nfnl_slot *slot, struct nfnl_peer *peer);
void nfnl_turn_done(struct nfnl_slot *slot, struct nfnl_peer *peer);
void nfnl_turn_forget(struct nfnl_peer *peer);

/* nfnl_dump.c */
void nfnl_dump_go_on(struct nfnl_peer *peer);
void nfnl_dump_free(struct nfnl_peer *peer);

/* nfnl_hello.c */
extern const struct nfnl_subsys nfnl_bus_subsys;
uint32_t nfnl_port_free(struct nfnl *bus, uint32_t protocol, uint32_t wanted);
void nfnl_who_read(struct nfnl_who *who, int fd, bool *is_known);

#endif
