/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A bus with queues and packet logs, a datapath that notes what comes back, packets from scratch. */
#ifndef TESTS_UNIT_QUEUE_BENCH_H
#define TESTS_UNIT_QUEUE_BENCH_H

#include "bus/sub.h"
#include "nfnl_bench.h"

enum { BENCH_BACK = 4096 };

struct bench {
	struct nfnl *bus;
	struct sub_queue *queue;
	struct sub_ulog *ulog;
	/* What came back, and with which verdict. */
	unsigned int nback;
	struct back {
		enum pktt_verdict verdict;
		uint16_t queue;
		bool has_mark;
		uint32_t mark, tag; /* tag: the packet's */
		uint8_t data[64];
		size_t len;
	} back[BENCH_BACK];
};

void bench_new(struct bench *bench, size_t event_room);
void bench_free(struct bench *bench);
void bench_run(struct bench *bench);
int bench_program(struct bench *bench, unsigned int rights);

/* An IPv4 packet of 20 + payload bytes that came in at eth0; tag stands behind its header. */
struct pktt_packet *bench_packet(uint32_t tag, uint32_t payload);
/* Give it to a queue as a worker does: what sub_queue_packet() said, and else go_on. */
bool bench_queue(struct bench *bench, struct pktt_packet *pkt, uint16_t number, bool bypass,
		 bool *go_on);

/* Configuration and verdicts as libnetfilter_queue writes them. */
void bench_bind(struct letter *letter, uint16_t number, uint32_t seq);
void bench_params(struct letter *letter, uint16_t number, uint8_t mode, uint32_t range,
		  uint32_t seq);
struct nlmsghdr *bench_verdict(struct letter *letter, bool is_batch, uint16_t number, uint32_t id,
			       uint32_t verdict, uint32_t seq);
/* An attribute of a message of nfnetlink, or NULL. */
const struct nlattr *bench_attr(const struct nlmsghdr *nlh, uint16_t type);
uint32_t bench_be32(const struct nlmsghdr *nlh, uint16_t type);

#endif
