/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libctnetlink: connections and expectations of pkttd, or of the kernel, for programs.
 *
 * Overview
 *
 * A connection to whoever tracks (struct ctnl) carries requests; what they are about are objects
 * (struct ctnl_conn, struct ctnl_expect): a set of attributes, each given or not. The same object is what
 * is to be made or changed, what is asked for, what an answer or an event tells, and a filter: then those
 * of its attributes that are given must be equal.
 *
 * Conventions
 *
 * int functions return 0, or what they say, or a negative errno, the one that ctnetlink gives; err may be
 * NULL, and is filled with a sentence where a function fails. *ret is untouched on failure. Functions that
 * free set their argument to NULL, and accept NULL. Nothing is printed and nothing exits. A connection is
 * for one thread at a time; callbacks must not use the connection that calls them.
 *
 * Everything that communicates may also fail with -ENOTCONN: the other side has gone; -ETIMEDOUT;
 * -EBADMSG: what it says makes no sense; -ENOMEM.
 */
#ifndef PKTT_LIBCTNETLINK_H
#define PKTT_LIBCTNETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct ctnl;
struct ctnl_conn;
struct ctnl_expect;

struct ctnl_error {
	int code;	/* negative errno */
	char text[240]; /* one sentence without a final stop */
};

/* --- Connection to the tracker ---------------------------------------------------------------- */

enum ctnl_open_flags {
	CTNL_VIEW = 1 << 0,   /* pkttd's socket that answers questions and changes nothing */
	CTNL_KERNEL = 1 << 1, /* the kernel's NETLINK_NETFILTER of this network namespace */
};

/* All of it may be 0. */
struct ctnl_options {
	const char *path;    /* of pkttd; NULL = $PKTT_SOCKET, or else the usual one */
	const char *program; /* who calls; NULL = the process' name */
	unsigned int flags;  /* CTNL_* */
	uint32_t room;	     /* bytes of events that may wait; 0 = as the other side thinks */
};

/* -ENOENT, -ECONNREFUSED: nobody is there. -EACCES: this user may not. options may be NULL. */
int ctnl_open(struct ctnl **ret, const struct ctnl_options *options, struct ctnl_error *err);
/* Over a connected SOCK_SEQPACKET socket to pkttd, which it takes, whatever comes. */
int ctnl_open_fd(struct ctnl **ret, int fd, struct ctnl_error *err);
void ctnl_close(struct ctnl **nl);
/* For poll(2): when it is readable, ctnl_receive(). */
int ctnl_fd(const struct ctnl *nl);

/* --- Attributes -------------------------------------------------------------------------------- */

/*
 * Numbers are in host order. A family is AF_INET or AF_INET6; setting an address sets it. ICMP has an id,
 * a type and a code instead of ports, GRE has its keys for ports.
 */
enum ctnl_attr {
	CTNL_FAMILY,
	CTNL_PROTOCOL,
	CTNL_ORIG_SRC, /* address */
	CTNL_ORIG_DST, /* address */
	CTNL_ORIG_SPORT,
	CTNL_ORIG_DPORT,
	CTNL_REPLY_SRC, /* address */
	CTNL_REPLY_DST, /* address */
	CTNL_REPLY_SPORT,
	CTNL_REPLY_DPORT,
	CTNL_ICMP_ID,
	CTNL_ICMP_TYPE,
	CTNL_ICMP_CODE,
	CTNL_ZONE,	/* of both directions */
	CTNL_ORIG_ZONE, /* of one */
	CTNL_REPLY_ZONE,
	CTNL_STATUS, /* IPS_* of linux/netfilter/nf_conntrack_common.h */
	CTNL_STATUS_MASK,
	CTNL_TIMEOUT, /* seconds */
	CTNL_MARK,
	CTNL_MARK_MASK,
	CTNL_ID,
	CTNL_USE,
	CTNL_STATE, /* of TCP, SCTP, DCCP */
	CTNL_TCP_ORIG_FLAGS,
	CTNL_TCP_REPLY_FLAGS,
	CTNL_TCP_ORIG_MASK,
	CTNL_TCP_REPLY_MASK,
	CTNL_TCP_ORIG_SCALE,
	CTNL_TCP_REPLY_SCALE,
	CTNL_SCTP_ORIG_VTAG,
	CTNL_SCTP_REPLY_VTAG,
	CTNL_ORIG_PACKETS,
	CTNL_ORIG_BYTES,
	CTNL_REPLY_PACKETS,
	CTNL_REPLY_BYTES,
	CTNL_START, /* ns since the epoch */
	CTNL_STOP,
	CTNL_EVENT_TIME,
	CTNL_HELPER,	 /* text; "" takes it away */
	CTNL_SECCTX,	 /* text */
	CTNL_LABELS_LOW, /* labels 0 to 63, a bit each */
	CTNL_LABELS_HIGH,
	CTNL_LABELS_MASK_LOW,
	CTNL_LABELS_MASK_HIGH,
	CTNL_SNAT_ADDR, /* of a new connection: address */
	CTNL_SNAT_PORT,
	CTNL_DNAT_ADDR, /* address */
	CTNL_DNAT_PORT,
	CTNL_MASTER_SRC, /* its original tuple: address */
	CTNL_MASTER_DST, /* address */
	CTNL_MASTER_SPORT,
	CTNL_MASTER_DPORT,
	CTNL_MASTER_PROTOCOL,
	CTNL_SEQADJ_ORIG_POS,
	CTNL_SEQADJ_ORIG_BEFORE,
	CTNL_SEQADJ_ORIG_AFTER,
	CTNL_SEQADJ_REPLY_POS,
	CTNL_SEQADJ_REPLY_BEFORE,
	CTNL_SEQADJ_REPLY_AFTER,
	CTNL_SYNPROXY_ISN,
	CTNL_SYNPROXY_ITS,
	CTNL_SYNPROXY_TSOFF,
	CTNL_ATTR_COUNT
};

enum ctnl_expect_attr {
	CTNL_EXP_FAMILY,
	CTNL_EXP_PROTOCOL,
	CTNL_EXP_SRC, /* address */
	CTNL_EXP_DST, /* address */
	CTNL_EXP_SPORT,
	CTNL_EXP_DPORT,
	CTNL_EXP_MASK_SRC, /* address */
	CTNL_EXP_MASK_DST, /* address */
	CTNL_EXP_MASK_SPORT,
	CTNL_EXP_MASK_DPORT,
	CTNL_EXP_MASTER_SRC, /* address */
	CTNL_EXP_MASTER_DST, /* address */
	CTNL_EXP_MASTER_SPORT,
	CTNL_EXP_MASTER_DPORT,
	CTNL_EXP_MASTER_PROTOCOL,
	CTNL_EXP_TIMEOUT, /* seconds */
	CTNL_EXP_ID,
	CTNL_EXP_ZONE,
	CTNL_EXP_FLAGS, /* NF_CT_EXPECT_* */
	CTNL_EXP_CLASS,
	CTNL_EXP_HELPER,   /* text */
	CTNL_EXP_FUNCTION, /* text */
	CTNL_EXP_ATTR_COUNT
};

/* --- Objects ------------------------------------------------------------------------------------- */

struct ctnl_conn *ctnl_conn_new(void); /* nothing is given; NULL without memory */
struct ctnl_conn *ctnl_conn_copy(const struct ctnl_conn *conn);
void ctnl_conn_free(struct ctnl_conn **conn);
bool ctnl_conn_has(const struct ctnl_conn *conn, enum ctnl_attr attr);
/* 0 where it is not given; of an address or text always. */
uint64_t ctnl_conn_get(const struct ctnl_conn *conn, enum ctnl_attr attr);
/* -EINVAL: it is no number; -ERANGE: it does not fit. */
int ctnl_conn_set(struct ctnl_conn *conn, enum ctnl_attr attr, uint64_t value);
/* 4 or 16 bytes into ret, and how many; 0 = not given. */
unsigned int ctnl_conn_get_addr(const struct ctnl_conn *conn, enum ctnl_attr attr, uint8_t ret[16]);
/* len 4 or 16. -EINVAL: it is no address, or addresses of the other family are given. */
int ctnl_conn_set_addr(struct ctnl_conn *conn, enum ctnl_attr attr, const uint8_t *addr,
		       unsigned int len);
/* The object's; NULL = not given. */
const char *ctnl_conn_get_text(const struct ctnl_conn *conn, enum ctnl_attr attr);
/* -EINVAL: it is no text; -ENAMETOOLONG. */
int ctnl_conn_set_text(struct ctnl_conn *conn, enum ctnl_attr attr, const char *text);
/* What answers the original direction, where the reply is not given: addresses and ports the other way. */
void ctnl_conn_complete(struct ctnl_conn *conn);
/* Whether all that filter gives is the same in conn; STATUS and MARK under their masks. */
bool ctnl_conn_fits(const struct ctnl_conn *conn, const struct ctnl_conn *filter);

struct ctnl_expect *ctnl_expect_new(void);
struct ctnl_expect *ctnl_expect_copy(const struct ctnl_expect *expect);
void ctnl_expect_free(struct ctnl_expect **expect);
bool ctnl_expect_has(const struct ctnl_expect *expect, enum ctnl_expect_attr attr);
uint64_t ctnl_expect_get(const struct ctnl_expect *expect, enum ctnl_expect_attr attr);
int ctnl_expect_set(struct ctnl_expect *expect, enum ctnl_expect_attr attr, uint64_t value);
unsigned int ctnl_expect_get_addr(const struct ctnl_expect *expect, enum ctnl_expect_attr attr,
				  uint8_t ret[16]);
int ctnl_expect_set_addr(struct ctnl_expect *expect, enum ctnl_expect_attr attr,
			 const uint8_t *addr, unsigned int len);
const char *ctnl_expect_get_text(const struct ctnl_expect *expect, enum ctnl_expect_attr attr);
int ctnl_expect_set_text(struct ctnl_expect *expect, enum ctnl_expect_attr attr, const char *text);

/* --- Text ------------------------------------------------------------------------------------------ */

enum ctnl_form {
	CTNL_FORM_LINE, /* as conntrack(8) */
	CTNL_FORM_XML,	/* <flow>..</flow> */
	CTNL_FORM_SAVE, /* options of conntrack(8) that make it again; connections only */
	CTNL_FORM_JSON,
};
enum ctnl_kind { CTNL_LISTED, CTNL_NEW, CTNL_UPDATE, CTNL_DESTROY };

enum { /* flags: conntrack's -o */
       CTNL_EXTENDED = 1 << 0,
       CTNL_SHOW_ID = 1 << 1,
       CTNL_LABELS = 1 << 2,
       CTNL_KTIMESTAMP = 1 << 3,
       CTNL_TIMESTAMP = 1 << 5, /* of events: when */
};

/*
 * As snprintf(3): what it is long, of which what fits is in buf. An event of a kind has its word in front,
 * or in it.
 */
size_t ctnl_conn_print(const struct ctnl_conn *conn, enum ctnl_form form, enum ctnl_kind kind,
		       unsigned int flags, char *buf, size_t size);
size_t ctnl_expect_print(const struct ctnl_expect *expect, enum ctnl_form form, enum ctnl_kind kind,
			 unsigned int flags, char *buf, size_t size);
/* "tcp", "ESTABLISHED"; NULL = there is none. Numbers of names: -1 = there is none. */
const char *ctnl_protocol_name(unsigned int protocol);
int ctnl_protocol_number(const char *name);
const char *ctnl_state_name(unsigned int protocol, unsigned int state);
int ctnl_state_number(unsigned int protocol, const char *name);

/* --- Requests --------------------------------------------------------------------------------------- */

/* What it returns other than 0 ends the listing, and is returned. The object is the library's. */
typedef int ctnl_conn_fn(void *ctx, const struct ctnl_conn *conn);
typedef int ctnl_expect_fn(void *ctx, const struct ctnl_expect *expect);

/* Both tuples and a timeout are needed. -EEXIST; -EINVAL; -EPERM: it is not allowed ... */
int ctnl_conn_create(struct ctnl *nl, const struct ctnl_conn *conn, struct ctnl_error *err);
/* The one that has its tuple becomes what else is given. -ENOENT. */
int ctnl_conn_update(struct ctnl *nl, const struct ctnl_conn *conn, struct ctnl_error *err);
/* The one that has its tuple, to fn. -ENOENT. */
int ctnl_conn_find(struct ctnl *nl, const struct ctnl_conn *conn, ctnl_conn_fn *fn, void *ctx,
		   struct ctnl_error *err);
/* The one that has its tuple, and its id where that is given. -ENOENT. */
int ctnl_conn_delete(struct ctnl *nl, const struct ctnl_conn *conn, struct ctnl_error *err);

enum {			   /* of ctnl_conn_dump() */
       CTNL_ZERO = 1 << 0, /* take the counters and leave zeroes */
};
/* All that fit filter (NULL: all). */
int ctnl_conn_dump(struct ctnl *nl, const struct ctnl_conn *filter, unsigned int flags,
		   ctnl_conn_fn *fn, void *ctx, struct ctnl_error *err);
/*
 * All that fit filter (NULL: all) go, without being looked at here. -EOPNOTSUPP: the filter gives what the
 * tracker does not compare; list and delete then.
 */
int ctnl_conn_flush(struct ctnl *nl, const struct ctnl_conn *filter, struct ctnl_error *err);
/* How many there are, and may be. max may be NULL. */
int ctnl_conn_count(struct ctnl *nl, uint32_t *count, uint32_t *max, struct ctnl_error *err);

/* Tuple, mask and master are needed. */
int ctnl_expect_create(struct ctnl *nl, const struct ctnl_expect *expect, struct ctnl_error *err);
int ctnl_expect_find(struct ctnl *nl, const struct ctnl_expect *expect, ctnl_expect_fn *fn,
		     void *ctx, struct ctnl_error *err);
int ctnl_expect_delete(struct ctnl *nl, const struct ctnl_expect *expect, struct ctnl_error *err);
/* NULL: all; else of the master that is given, or of the family. */
int ctnl_expect_dump(struct ctnl *nl, const struct ctnl_expect *filter, ctnl_expect_fn *fn,
		     void *ctx, struct ctnl_error *err);
/* All of them, or those of a helper. */
int ctnl_expect_flush(struct ctnl *nl, const char *helper, struct ctnl_error *err);

/* Counters, each with its name, of a worker (the kernel: a processor). */
typedef int ctnl_stat_fn(void *ctx, unsigned int worker, const char *name, uint32_t value);
int ctnl_conn_stats(struct ctnl *nl, ctnl_stat_fn *fn, void *ctx, struct ctnl_error *err);
int ctnl_expect_stats(struct ctnl *nl, ctnl_stat_fn *fn, void *ctx, struct ctnl_error *err);

/* --- Events ------------------------------------------------------------------------------------------ */

enum {
	CTNL_EVENT_NEW = 1 << 0,
	CTNL_EVENT_UPDATE = 1 << 1,
	CTNL_EVENT_DESTROY = 1 << 2,
	CTNL_EVENT_EXP_NEW = 1 << 3,
	CTNL_EVENT_EXP_UPDATE = 1 << 4,
	CTNL_EVENT_EXP_DESTROY = 1 << 5,
	CTNL_EVENT_CONNS = 7,
	CTNL_EVENT_ALL = 63,
};

struct ctnl_handler {
	/* port: of the program that did it; 0 = the traffic did. */
	void (*conn)(void *ctx, enum ctnl_kind kind, const struct ctnl_conn *conn, uint32_t port);
	void (*expect)(void *ctx, enum ctnl_kind kind, const struct ctnl_expect *expect);
	/* Events were lost, for they were not read in time; 0 = nobody knows how many. List anew. */
	void (*gap)(void *ctx, uint64_t lost);
	void *ctx;
};

/* From now on; any of the handler's members may be NULL. events: CTNL_EVENT_*. */
int ctnl_listen(struct ctnl *nl, unsigned int events, const struct ctnl_handler *handler,
		struct ctnl_error *err);
/* Hand what has come to the handler; wait for timeout_ms (0: not at all, -1: without end). How many. */
int ctnl_receive(struct ctnl *nl, int timeout_ms, struct ctnl_error *err);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
