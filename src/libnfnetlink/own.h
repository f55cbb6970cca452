/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of libnfnetlink share. */
#ifndef LIBNFNETLINK_OWN_H
#define LIBNFNETLINK_OWN_H

#include <libnfnetlink/libnfnetlink.h>

enum {
	NFL_DATAGRAM_BYTES =
		32 * 1024, /* messages leave together in datagrams of up to this size */
	NFL_RECEIVE_BYTES = 512 * 1024,
	NFL_PATIENTLY = -2, /* nfl_read(): for as long as nfl_set_timeout() said */
};

/* A request whose answer somebody waits for. */
struct nfl_wait {
	uint32_t seq;
	int (*answer)(void *ctx, const struct nlmsghdr *nlh);
	void *ctx;
	int stopped;	     /* what answer() returned */
	bool is_done;	     /* acknowledged, refused, or the end of a dump */
	bool is_interrupted; /* NLM_F_DUMP_INTR */
	struct nfl_error err;
};

struct nfl {
	int fd;
	uint32_t port, seq;
	unsigned int rights, timeout_ms;
	struct nfl_handler handler;
	struct nfl_wait *wait; /* NULL = nobody waits */
	struct nfl_txn *txn;   /* that is open */
	bool is_stopped;
	int broken; /* why nothing goes any more; 0 = it does */
	/* out */
	uint8_t *out;
	size_t out_len;
	uint8_t *message; /* nfl_begin() */
	size_t message_room;
	/* in: what of a datagram has not been handed over yet */
	uint8_t *in;
	size_t in_room, in_at, in_len;
};

struct nfl_txn {
	struct nfl *nl;
	uint16_t subsys;
	uint32_t first_seq, end_seq; /* of BATCH_BEGIN and BATCH_END */
	bool is_sent;		     /* BATCH_END */
	struct nfl_error first;	     /* that was refused */
	void (*refused)(void *ctx, const struct nfl_error *err);
	void *ctx;
	bool is_done;
};

/* connection.c */
int nfl_fail(struct nfl_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* send.c */
int nfl_out(struct nfl *nl, const void *data, size_t len, struct nfl_error *err);
/* receive.c */
int nfl_broken(struct nfl *nl, int code, struct nfl_error *err);
/* Read what is there, waiting up to timeout_ms for it (-1 = without end); 0 = nothing came. */
int nfl_read(struct nfl *nl, int timeout_ms, struct nfl_error *err);
/* Hand over what has been read; how many messages. */
int nfl_hand_over(struct nfl *nl, struct nfl_error *err);
/* Until wait has its end. */
int nfl_wait_for(struct nfl *nl, struct nfl_wait *wait, struct nfl_error *err);
/* error.c */
void nfl_error_read(struct nfl_error *err, const struct nlmsghdr *nlh);
/* txn.c */
bool nfl_txn_takes(struct nfl_txn *txn, const struct nlmsghdr *nlh);

#endif
