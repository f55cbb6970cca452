/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bus: netlink messages between the engine and programs, over local sockets.
 *
 * Overview: programs (peers) connect to a listening socket; datagrams of netlink messages come in,
 * each is checked and dispatched to the subsystem of its type, answers, acknowledgements, dumps and
 * events go out. Subsystems are tables of calls. What a group's events are is written once and
 * shared by all who listen; each listener has a bounded amount waiting, beyond which events are
 * counted instead of kept and a gap message says how many, so that nobody slows the engine or
 * another program.
 *
 * Batches (NFNL_MSG_BATCH_BEGIN .. _END) are collected, over any number of datagrams, until their
 * end is there, then handed over as one transaction; a peer that goes before its BATCH_END changed
 * nothing.
 *
 * Synchronization: one thread runs the bus. Others hand it work by nfnl_post(), which wakes it.
 */
#ifndef BUS_NFNL_H
#define BUS_NFNL_H

#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <pktt/type.h>
#include <pktt/wire.h>

#include <sys/types.h>

struct nfnl;
struct nfnl_peer;

/* Who a peer is: the kernel's word (SO_PEERCRED, /proc/PID/comm at connection). */
struct nfnl_who {
	uid_t uid;
	gid_t gid;
	pid_t pid;
	char program[32]; /* control bytes are '?' */
};

struct nfnl_config {
	/* bytes of events that may wait for a peer that did not ask for another amount */
	size_t event_room;
	size_t event_room_max;	/* that it may ask for */
	size_t batch_max;	/* bytes of one peer's open batch; 0 = no limit */
	unsigned int peers_max; /* 0 = no limit; the last tenth of them is root's */
	size_t receive_room;	/* bytes of a datagram in; 0 = more than the kernel lets through */
	/*
	 * What a peer may do, of what the socket grants. NULL = all that the socket grants; 0: it is
	 * greeted with an error. fd is its connection, for nfnl_is_member().
	 */
	unsigned int (*rights)(void *ctx, const struct nfnl_who *who, int fd, unsigned int granted);
	void *ctx;
};

/* Whether who connected was of the group then: the kernel's word (SO_PEERCRED, SO_PEERGROUPS). */
bool nfnl_is_member(const struct nfnl_who *who, int fd, gid_t gid);

int nfnl_new(struct nfnl **ret, const struct nfnl_config *config, struct pktt_error *err);
/* Closes all peers; subsystems hear of it as if the peers had gone. */
void nfnl_free(struct nfnl **bus);
/* Nobody is listened for any more, and every peer goes as if it had closed its connection. */
void nfnl_disconnect(struct nfnl *bus);
/*
 * Listen at path (an old socket there is replaced if nobody answers at it), mode and group set;
 * peers are granted rights (PKTT_RIGHT_*). gid -1 = leave. -EADDRINUSE with a sentence where
 * somebody answers.
 */
int nfnl_listen(struct nfnl *bus, const char *path, mode_t mode, gid_t gid, unsigned int rights,
		struct pktt_error *err);
/*
 * The same on a local SOCK_SEQPACKET socket that listens already (systemd's ListenSequentialPacket=);
 * takes fd. -EPROTOTYPE: it is another kind, -EINVAL: it does not listen.
 */
int nfnl_listen_fd(struct nfnl *bus, int fd, unsigned int rights);
/* A connected SOCK_SEQPACKET socket becomes a peer; takes fd. For tests. */
int nfnl_adopt(struct nfnl *bus, int fd, unsigned int rights);
/* An epoll descriptor that is readable when nfnl_run() has something to do. */
int nfnl_fd(const struct nfnl *bus);
/*
 * Do what there is to do, for at most budget_us microseconds; -errno is a fault of the bus itself.
 * 0 = all, until nothing is left; then events leave at once, which otherwise may wait a millisecond
 * for others.
 */
int nfnl_run(struct nfnl *bus, unsigned int budget_us);
/* From any thread: fn(ctx) is called by nfnl_run() soon, in order of posting. -ENOMEM. */
int nfnl_post(struct nfnl *bus, void (*fn)(void *ctx), void *ctx);
/*
 * In the bus' thread: fn(ctx) as soon as no peer's transaction is open in the subsystem, which may
 * be now. For writes of the daemon's own. -ENOMEM.
 */
int nfnl_when_idle(struct nfnl *bus, uint8_t subsys, void (*fn)(void *ctx), void *ctx);
/* In the bus' thread. One shot; may be freed after the bus, and then does nothing. */
struct nfnl_timer;
int nfnl_timer_new(struct nfnl_timer **ret, struct nfnl *bus, void (*fn)(void *ctx), void *ctx);
void nfnl_timer_set(struct nfnl_timer *timer, uint64_t after_us); /* 0 = off */
void nfnl_timer_free(struct nfnl_timer **timer);

/*
 * --- Peers
 * ----------------------------------------------------------------------------------------
 */

const struct nfnl_who *nfnl_peer_who(const struct nfnl_peer *peer);
unsigned int nfnl_peer_rights(const struct nfnl_peer *peer);
uint32_t nfnl_peer_port(const struct nfnl_peer *peer);
unsigned int nfnl_peer_protocol(const struct nfnl_peer *peer); /* NETLINK_NETFILTER ... */
struct nfnl_peer *nfnl_peer_next(const struct nfnl *bus, const struct nfnl_peer *after);
/* The subsystem's own state of a peer; freed by its forget(). At most 8 subsystems have one. */
void nfnl_peer_set(struct nfnl_peer *peer, uint8_t subsys, void *state);
void *nfnl_peer_get(const struct nfnl_peer *peer, uint8_t subsys);
/* Bytes waiting to be sent to it. */
size_t nfnl_peer_waiting(const struct nfnl_peer *peer);

/*
 * --- Messages out
 * ---------------------------------------------------------------------------------
 */

/*
 * Room for a message of at most size bytes (64 KiB and more are fine), with its headers written;
 * the bus' scratch memory, valid until the next nfnl_begin(). NULL without memory. Attributes are
 * put with libmnl's mnl_attr_put_*_check(nlh, nfnl_room(bus), ...).
 */
struct nlmsghdr *nfnl_begin(struct nfnl *bus, size_t size, uint16_t type, uint16_t flags,
			    uint8_t family, uint16_t res_id);
/* The same without struct nfgenmsg: of legacy protocols. */
struct nlmsghdr *nfnl_begin_plain(struct nfnl *bus, size_t size, uint16_t type, uint16_t flags);
size_t nfnl_room(const struct nfnl *bus); /* as mnl_attr_put_check() wants it */
/*
 * To one peer, with sequence number seq. Answers wait without bound; the peer is not read
 * meanwhile.
 */
void nfnl_send(struct nfnl_peer *peer, struct nlmsghdr *nlh, uint32_t seq);
/*
 * The same, as an event, seq and pid as they stand in nlh (0): dropped and counted where the peer's
 * room is used up. false = dropped.
 */
bool nfnl_send_event(struct nfnl_peer *peer, uint32_t group, struct nlmsghdr *nlh);
/* The same of several whole messages that are one event: they leave in one datagram. */
bool nfnl_send_block(struct nfnl_peer *peer, uint32_t group, const void *data, size_t len);
/* Is anybody in the group? Then, to all who are. */
bool nfnl_group_is_heard(const struct nfnl *bus, uint32_t group);
/* How many they are. */
uint32_t nfnl_group_count(const struct nfnl *bus, uint32_t group);
void nfnl_multicast(struct nfnl *bus, uint32_t group, struct nlmsghdr *nlh);

/*
 * --- Messages in
 * ----------------------------------------------------------------------------------
 */

struct nfnl_request {
	struct nfnl *bus;
	struct nfnl_peer *peer;
	const struct nlmsghdr *nlh;
	uint8_t family;		    /* nfgenmsg */
	uint16_t res_id;	    /* host order */
	bool is_batched;	    /* part of a transaction */
	const struct nlattr **attr; /* by type, up to the call's attrs; NULL = not there */
	const struct nlattr
		*bad;	/* run() may set it: which one err is about (NLMSGERR_ATTR_OFFS) */
	bool is_dumped; /* the bus' */
};

/* What an attribute must be; checked before the call runs. */
struct nfnl_policy {
	const char *name;	      /* for sentences: "PKTTA_CHAIN" */
	enum mnl_attr_data_type type; /* sizes are least ones; NESTED is whole to its end */
	uint16_t max;		      /* bytes of payload, strings without their NUL; 0 = any */
};

/* A dump under way: fill() is called whenever the peer can take more. */
struct nfnl_dump {
	/*
	 * Send some messages (nfnl_dump_send()) and return 1, or 0 at the end, or -errno
	 * which ends the dump
	 * with that error. Stop when nfnl_dump_send() says false.
	 */
	int (*fill)(struct nfnl_dump *dump, void *state);
	/*
	 * What is dumped, as a number that changes with it: NLM_F_DUMP_INTR is set where
	 * it did. NULL = never.
	 */
	uint64_t (*version)(void *state);
	void (*free)(void *state);
	void *state;
	struct nfnl_peer *peer; /* the bus' from here on */
	struct nfnl *bus;
	uint32_t seq, port;
	uint64_t first_version;
	bool is_full;
};
/*
 * Takes state, whatever comes. In a call with NLM_F_DUMP; the bus adds NLM_F_MULTI and NLMSG_DONE.
 */
int nfnl_dump_start(struct nfnl_request *req, const struct nfnl_dump *dump);
/* false: full for now (this message was still taken). */
bool nfnl_dump_send(struct nfnl_dump *dump, struct nlmsghdr *nlh);

struct nfnl_call {
	const char *name; /* "NEWRULE"; NULL = there is no such message */
	/*
	 * PKTT_RIGHT_* of which one is needed (ALL always does); 0 = anybody connected. Without
	 * VIEW it is a write: where the subsystem has transactions it waits until none is open.
	 */
	unsigned int right;
	const struct nfnl_policy *policy; /* by attribute type */
	uint16_t attrs;			  /* entries of policy */
	/*
	 * 0: acknowledged if NLM_F_ACK asks for it, and answered by nfnl_send() before. -errno: an
	 * error message with err's text as extended ack; err->place, if it has a line or column,
	 * goes with it as NLMSGERR_ATTR_COOKIE: be32 line, column, length. 1: the answer comes
	 * later, by nfnl_answer(); not in transactions.
	 */
	int (*run)(void *ctx, struct nfnl_request *req, struct pktt_error *err);
};

struct nfnl_subsys {
	const char *name;
	uint8_t id;
	uint8_t ncalls;
	const struct nfnl_call *call; /* by message number */
	void *ctx;
	/*
	 * Transactions, where the subsystem has them (all or none). begin: nlh is BATCH_BEGIN; an
	 * error refuses the batch. Then run() of each message; an error of one is told and aborts
	 * the batch in the end. commit: nlh is BATCH_END.
	 */
	int (*begin)(void *ctx, struct nfnl_request *req, struct pktt_error *err);
	int (*commit)(void *ctx, struct nfnl_request *req, struct pktt_error *err);
	void (*abort)(void *ctx, struct nfnl_peer *peer);
	/*
	 * Somebody listens to a group now, or nobody any more. Called of every group, whose ever it
	 * is. May be NULL.
	 */
	void (*heard)(void *ctx, uint32_t group, bool is_heard);
	/*
	 * The peer has gone; called for every peer. state: nfnl_peer_get(), NULL where none was
	 * set.
	 */
	void (*forget)(void *ctx, struct nfnl_peer *peer, void *state);
};
/* Borrowed. -EEXIST. */
int nfnl_register(struct nfnl *bus, const struct nfnl_subsys *subsys);

/*
 * Netlink protocols older than nfnetlink (3: ip_queue, 5: ULOG): messages of a peer that said so in
 * its HELLO go to message(). Errors are acknowledged as netlink does.
 */
struct nfnl_legacy {
	unsigned int protocol;
	int (*message)(void *ctx, struct nfnl_peer *peer, const struct nlmsghdr *nlh,
		       struct pktt_error *err);
	void (*forget)(void *ctx, struct nfnl_peer *peer);
	void *ctx;
};
int nfnl_register_legacy(struct nfnl *bus, const struct nfnl_legacy *legacy);
/* The groups of a legacy protocol are its own: this is how bus groups name them. */
#define NFNL_LEGACY_GROUP(protocol, group) ((protocol) << 16 | (group))

/* Acknowledge (err NULL or code 0) or refuse a message that run() answered with 1. */
void nfnl_answer(struct nfnl_peer *peer, const struct nlmsghdr *nlh, const struct pktt_error *err);

#endif
