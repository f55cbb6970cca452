/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libnfnetlink: netlink messages to and from pkttd.
 *
 * Overview
 *
 * A connection (struct nfl) is a local socket to pkttd over which messages go as linux/netlink.h
 * and <pktt/wire.h> have them. This library sends and receives them, matches answers with requests,
 * turns errors into sentences, and keeps the rules by which neither side can hang: it reads while
 * it writes, and waits no longer than it was told. What is in a message is the business of the
 * libraries above it (libpkttnetlink, libctnetlink); attributes are put and read with libmnl.
 *
 * It is not Debian's libnfnetlink, which speaks with the kernel: its names begin with nfl_, its
 * shared object is libpktt-nfnetlink.so, its pkg-config name pktt-nfnetlink. A program can use
 * both.
 *
 * Conventions
 *
 * int functions return 0, or what they say, or a negative errno. err may be NULL; where a function
 * fails, it is filled with a sentence. *ret is untouched on failure. nfl_close(&nl) and
 * nfl_txn_free(&txn) set their argument to NULL, and accept NULL. Nothing is printed and nothing
 * exits.
 *
 * A connection is for one thread at a time. Callbacks are called by the functions that receive:
 * every one that sends or waits. They must not call functions of the same connection, but for
 * nfl_stop().
 *
 * Everything that communicates may also fail with -ENOTCONN: pkttd has closed the connection;
 * -ETIMEDOUT: it does not answer in time; -EBADMSG: what it says makes no sense; -ENOMEM.
 */
#ifndef PKTT_LIBNFNETLINK_H
#define PKTT_LIBNFNETLINK_H

#include <pktt/wire.h>

#include <linux/netlink.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct nfl;
struct nfl_txn;

/* One failure: what an extended ack says. */
struct nfl_error {
	int code;		       /* negative errno */
	uint32_t seq;		       /* of the message that was refused; 0 = none */
	uint32_t offset;	       /* of the attribute in it that is to blame; 0 = not known */
	uint32_t line, column, length; /* in the text of that attribute; 0 = not known */
	char text[240];		       /* one sentence without a final stop */
};

enum nfl_open_flags {
	NFL_VIEW =
		1 << 0, /* without a path: the socket that answers questions and changes nothing */
};

/* All of it may be 0. */
struct nfl_options {
	const char *path; /* NULL = $PKTT_SOCKET, or else the usual one */
	const char *
		program; /* who calls, where the kernel has no word for it; NULL = the process' name */
	unsigned int flags;
	uint32_t room; /* bytes of events that may wait in pkttd; 0 = as it thinks */
};

/*
 * --- Connection
 * -----------------------------------------------------------------------------------
 */

/*
 * Connect and say hello. -ENOENT, -ECONNREFUSED: no pkttd is there. -EACCES: this user may not.
 * -EUSERS: too many programs are connected.
 */
int nfl_open(struct nfl **ret, const struct nfl_options *options, struct nfl_error *err);
/* The same over a connected SOCK_SEQPACKET socket, which it takes, whatever comes. */
int nfl_open_fd(struct nfl **ret, int fd, const struct nfl_options *options, struct nfl_error *err);
void nfl_close(struct nfl **nl);
/* The socket, for poll(2): when it is readable, nfl_receive(). */
int nfl_fd(const struct nfl *nl);
/* What pkttd lets this connection do: PKTT_RIGHT_*. */
unsigned int nfl_rights(const struct nfl *nl);
/* nlmsg_pid of answers; that of events is 0. */
uint32_t nfl_port(const struct nfl *nl);
/* How long to wait for pkttd, in milliseconds; 0 = without end. 30,000 to begin with. */
void nfl_set_timeout(struct nfl *nl, unsigned int timeout_ms);

/*
 * --- Messages
 * -------------------------------------------------------------------------------------
 */

/*
 * A message with headers, room for size bytes of attributes, and the connection's next sequence
 * number; type is subsystem << 8 | message. The connection's memory, valid until the next
 * nfl_begin(). NULL: no memory. NLM_F_REQUEST is set. Attributes: mnl_attr_put_*_check(nlh,
 * nfl_room(nl), ...).
 */
struct nlmsghdr *nfl_begin(struct nfl *nl, size_t size, uint16_t type, uint16_t flags,
			   uint8_t family);
/* Bytes of the buffer that nfl_begin() gave. */
size_t nfl_room(const struct nfl *nl);
/* A sequence number that the connection has not used. */
uint32_t nfl_sequence(struct nfl *nl);

/*
 * Send and wait for what pkttd says: 0 or the error. Each message of the answer goes to answer(),
 * which may be NULL; what it returns other than 0 is returned in the end, and further ones are not
 * shown to it. NLM_F_ACK is added.
 */
int nfl_call(struct nfl *nl, struct nlmsghdr *nlh,
	     int (*answer)(void *ctx, const struct nlmsghdr *nlh), void *ctx,
	     struct nfl_error *err);

/*
 * Send with NLM_F_DUMP and hand every message to answer(). When what is listed changed meanwhile
 * the listing may be no state that ever was: it is then started again, up to tries times, after
 * again(), which throws away what was shown. again NULL: no second try. Returns 1 where the last
 * try was interrupted too.
 */
int nfl_dump(struct nfl *nl, struct nlmsghdr *nlh,
	     int (*answer)(void *ctx, const struct nlmsghdr *nlh), void (*again)(void *ctx),
	     unsigned int tries, void *ctx, struct nfl_error *err);

/*
 * --- Events, and answers that nobody waits for
 * ----------------------------------------------------
 */

struct nfl_handler {
	/* A message to a group. */
	void (*event)(void *ctx, const struct nlmsghdr *nlh);
	/* lost events of group were not sent, because they were not read; events go on after it. */
	void (*gap)(void *ctx, uint32_t group, uint64_t lost);
	/* A message in answer to one that was only sent: nfl_send(). */
	void (*answer)(void *ctx, const struct nlmsghdr *nlh);
	/* The end of such an answer: acknowledged (err->code 0), or refused. */
	void (*done)(void *ctx, uint32_t seq, const struct nfl_error *err);
	void *ctx;
};

/* Copied; any of its members may be NULL. */
void nfl_set_handler(struct nfl *nl, const struct nfl_handler *handler);
/* PKTT_GROUP_*, NFNLGRP_*. */
int nfl_join(struct nfl *nl, uint32_t group, struct nfl_error *err);
int nfl_leave(struct nfl *nl, uint32_t group, struct nfl_error *err);
/*
 * Hand what has come to the handler; wait for timeout_ms (0: not at all, -1: without end) if
 * nothing has. How many messages; 0: none came.
 */
int nfl_receive(struct nfl *nl, int timeout_ms, struct nfl_error *err);
/*
 * In a callback: nfl_receive() returns after this message; the next call goes on with those after
 * it.
 */
void nfl_stop(struct nfl *nl);

/*
 * --- Many at once
 * ----------------------------------------------------------------------------------
 */

/*
 * Send without waiting for the answer, which goes to the handler's answer() and done(); done() is
 * called for what is refused, or has NLM_F_ACK. Messages leave together when there are enough of
 * them, or at nfl_flush(). When pkttd is slow, this reads while it waits for room.
 */
int nfl_send(struct nfl *nl, const struct nlmsghdr *nlh, struct nfl_error *err);
/* Whole messages in pieces of any size; their sequence numbers are the caller's. */
int nfl_sendv(struct nfl *nl, const struct iovec *iov, unsigned int count, struct nfl_error *err);
/* Everything leaves. */
int nfl_flush(struct nfl *nl, struct nfl_error *err);
/* Wait until everything that was sent has been done; answers go to the handler. */
int nfl_drain(struct nfl *nl, struct nfl_error *err);

/*
 * A transaction: any number of changes of one subsystem that become visible at one instant, or none
 * of them. They are sent while they are added, and take no memory here. begin is a message from
 * nfl_txn_message(), with attributes, or NULL. Only one may be open on a connection, and nothing
 * else may be called on it meanwhile.
 */
int nfl_txn_begin(struct nfl_txn **ret, struct nfl *nl, uint16_t subsys, struct nlmsghdr *begin,
		  struct nfl_error *err);
/*
 * The message that begins (or ends) a transaction, for attributes to be put into. NULL: no memory.
 */
struct nlmsghdr *nfl_txn_message(struct nfl *nl, uint16_t subsys, bool is_end);
/* One more change, from nfl_begin(): its sequence number names it in errors. */
int nfl_txn_add(struct nfl_txn *txn, const struct nlmsghdr *nlh, struct nfl_error *err);
/*
 * Apply it all. end as begin. 0: done. Else nothing was applied: err is the first change that was
 * refused, and refused(), which may be NULL, is told of each; -ECANCELED alone: pkttd did not say
 * which.
 */
int nfl_txn_commit(struct nfl_txn *txn, struct nlmsghdr *end,
		   void (*refused)(void *ctx, const struct nfl_error *err), void *ctx,
		   struct nfl_error *err);
/* Without nfl_txn_commit() before: nothing is applied. */
void nfl_txn_free(struct nfl_txn **txn);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
