/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bus with a small subsystem of the tests' own, and programs that talk to it over real sockets. */
#ifndef TESTS_UNIT_NFNL_BENCH_H
#define TESTS_UNIT_NFNL_BENCH_H

#include "bus/nfnl.h"

enum {
	TOY = 70,	    /* the subsystem: numbers in a row */
	TOY_LEGACY = 3,	    /* and an older protocol, whose messages are echoed */
	TOY_GROUP = 100,    /* every number added is told here */
	TOY_NUMBERS = 4096, /* that it can hold */
};

enum toy_msg {
	TOY_ADD,   /* NUMBER: refused where it is there already, or is 13 */
	TOY_GET,   /* how many there are; with NLM_F_DUMP all */
	TOY_LATER, /* answered when toy_answer() is called */
	TOY_FILL,  /* SIZE: an answer of that many bytes */
	TOY_MSG_COUNT,
};

enum toy_attr {
	TOYA_UNSPEC,
	TOYA_NUMBER, /* u32 */
	TOYA_NAME,   /* string of at most 8 */
	TOYA_NEST,   /* nested */
	TOYA_FLAG,
	TOYA_TEXT, /* string that need not be ended */
	TOYA_COUNT,
};

struct toy {
	struct nfnl *bus;
	bool has[TOY_NUMBERS], staged[TOY_NUMBERS];
	unsigned int count, begun, committed, aborted, forgotten, heard, unheard;
	unsigned int changes; /* the dump's version */
	struct nfnl_peer *later_peer;
	struct nlmsghdr later;
	bool is_open, refuses_begin, refuses_commit;
	uint32_t spin_us;     /* how long an addition takes */
	bool is_silent;	      /* no events */
	bool is_restless;     /* something changes in each dump */
	uint32_t event_bytes; /* that each event has besides */
};

int toy_new(struct toy *toy, const struct nfnl_config *config);
void toy_free(struct toy *toy);
void toy_answer(struct toy *toy, int code);

/* A program: one end of a pair of sockets, the bus has the other. */
int program_new(struct toy *toy, unsigned int rights);

/* Messages are put one behind the other into a buffer. */
struct letter {
	size_t len;
	_Alignas(8) uint8_t data[64 * 1024];
};
struct nlmsghdr *letter_put(struct letter *letter, uint16_t type, uint16_t flags, uint32_t seq);
void letter_attr(struct letter *letter, struct nlmsghdr *nlh, uint16_t type, const void *data,
		 uint16_t len);
void letter_u32(struct letter *letter, struct nlmsghdr *nlh, uint16_t type, uint32_t value);
/* NEW of number, with NLM_F_REQUEST and flags. */
void letter_add(struct letter *letter, uint16_t flags, uint32_t seq, uint32_t number);
void letter_batch(struct letter *letter, uint16_t type, uint16_t flags, uint32_t seq,
		  uint16_t subsys);
void letter_send(struct letter *letter, int fd);

/* The next message that waits at fd, within the letter; NULL: none. Datagrams are read as they come. */
const struct nlmsghdr *letter_next(struct letter *letter, int fd);
/* The next one must be an acknowledgement of seq with code; its sentence, or "". */
const char *expect_ack(struct letter *letter, int fd, uint32_t seq, int code);
void expect_nothing(struct letter *letter, int fd);

#endif
