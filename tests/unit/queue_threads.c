/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Workers hand packets to queues and logs while the bus' thread sends them, takes verdicts and loses its
 * listeners: every packet comes back once, or was refused at once. TAP.
 */
#include <endian.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bus/sub.h"
#include "core/env.h"

enum { WORKERS = 3, PACKETS = 20000, LISTENERS = 12 };

static struct sub_queue *queues;
static struct sub_ulog *logs;
static unsigned long taken, refused, back;
static bool is_over;

static struct pktt_packet *packet(void)
{
	struct pktt_packet *pkt;

	if (pktt_packet_new(&pkt, 40))
		exit(2);
	pkt->l4 = pkt->l3 + 20;
	pkt->end = pkt->l4 + 20;
	pkt->family = pkt->l3_family = PKTT_IPV4;
	pkt->hook = PKTT_LOCAL_IN;
	pkt->buf[pkt->l3] = 0x45;
	return pkt;
}

static void *work(void *arg)
{
	unsigned int seed = *(unsigned int *)arg;

	for (unsigned int i = 0; i < PACKETS; i++) {
		struct pktt_packet *pkt = packet();
		const struct pktt_nflog log = { .pkt = pkt, .group = 1, .prefix = "t" };
		const struct pktt_log line = { .pkt = pkt, .level = 4, .text = "IN=" };
		bool go_on;

		sub_ulog_packet(logs, &log);
		sub_ulog_line(logs, &line);
		pkt->queue = (struct pktt_queue_to){ .number = (uint16_t)((i + seed) % 2) };
		if (sub_queue_packet(queues, pkt, &go_on)) {
			__atomic_add_fetch(&taken, 1, __ATOMIC_RELAXED);
			continue;
		}
		__atomic_add_fetch(&refused, 1, __ATOMIC_RELAXED);
		pktt_packet_free(&pkt);
	}
	return NULL;
}

static void resume(void *ctx, struct pktt_packet *pkt, const struct sub_queue_verdict *verdict)
{
	(void)ctx;
	(void)verdict;
	back++;
	pktt_packet_free(&pkt);
}

static size_t put(uint8_t *at, uint8_t subsys, uint8_t type, uint16_t number, uint16_t attr,
		  const void *data, size_t len)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(at);
	struct nfgenmsg *head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));

	nlh->nlmsg_type = (uint16_t)(subsys << 8 | type);
	nlh->nlmsg_flags = NLM_F_REQUEST;
	head->res_id = htobe16(number);
	mnl_attr_put(nlh, attr, len, data);
	return nlh->nlmsg_len;
}

static void listen_to_all(int fd)
{
	const struct nfqnl_msg_config_params params = { htobe32(0xffff), NFQNL_COPY_PACKET };
	const struct nfqnl_msg_config_cmd bind = { .command = NFQNL_CFG_CMD_BIND };
	_Alignas(8) uint8_t data[1024];
	size_t len = 0;

	for (uint16_t n = 0; n < 2; n++) {
		len += put(data + len, NFNL_SUBSYS_QUEUE, NFQNL_MSG_CONFIG, n, NFQA_CFG_CMD, &bind,
			   sizeof(bind));
		len += put(data + len, NFNL_SUBSYS_QUEUE, NFQNL_MSG_CONFIG, n, NFQA_CFG_PARAMS,
			   &params, sizeof(params));
	}
	len += put(data + len, NFNL_SUBSYS_ULOG, NFULNL_MSG_CONFIG, 1, NFULA_CFG_CMD, "\1", 1);
	if (send(fd, data, len, MSG_NOSIGNAL) < 0)
		exit(2);
}

/* Everything up to the newest of queue number is accepted. */
static void accept_up_to(int fd, uint16_t number, uint32_t id)
{
	const struct nfqnl_msg_verdict_hdr head = { htobe32(1), id };
	_Alignas(8) uint8_t data[256];
	size_t len = put(data, NFNL_SUBSYS_QUEUE, NFQNL_MSG_VERDICT_BATCH, number, NFQA_VERDICT_HDR,
			 &head, sizeof(head));

	(void)send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void answer(int fd, uint8_t *data, int len)
{
	struct nlmsghdr *nlh = (void *)data;
	const struct nfqnl_msg_packet_hdr *head;
	const struct nfgenmsg *nfg;

	for (; mnl_nlmsg_ok(nlh, len); nlh = mnl_nlmsg_next(nlh, &len)) {
		if (nlh->nlmsg_type != (NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET))
			continue;
		nfg = mnl_nlmsg_get_payload(nlh);
		head = mnl_attr_get_payload(mnl_nlmsg_get_payload_offset(nlh, sizeof(*nfg)));
		accept_up_to(fd, be16toh(nfg->res_id), head->packet_id);
	}
}

/* Programs that come, read for a while, and go in the midst of it. */
static void *listen_and_go(void *arg)
{
	static _Alignas(8) uint8_t data[1 << 17];
	const int *fd = arg;

	for (unsigned int i = 0; i < LISTENERS; i++) {
		listen_to_all(fd[i]);
		for (unsigned int n = 0; n < 200; n++) {
			struct pollfd p = { .fd = fd[i], .events = POLLIN };

			if (poll(&p, 1, 2) == 1)
				answer(fd[i], data, (int)recv(fd[i], data, sizeof(data), 0));
		}
		close(fd[i]);
	}
	__atomic_store_n(&is_over, true, __ATOMIC_RELEASE);
	return NULL;
}

int main(void)
{
	const struct nfnl_config config = { .event_room = 1 << 18 };
	const struct sub_queue_ops ops = { .resume = resume };
	unsigned int seed[WORKERS];
	pthread_t worker[WORKERS], listener;
	struct nfnl *bus = NULL;
	int pair[2], fd[LISTENERS];

	if (nfnl_new(&bus, &config, NULL) || sub_queue_new(&queues, bus, &ops, NULL) ||
	    sub_ulog_new(&logs, bus, NULL))
		return 2;
	for (unsigned int i = 0; i < LISTENERS; i++) {
		if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) ||
		    nfnl_adopt(bus, pair[1], PKTT_RIGHT_VIEW | PKTT_RIGHT_ALL))
			return 2;
		fd[i] = pair[0];
	}
	pthread_create(&listener, NULL, listen_and_go, fd);
	for (unsigned int i = 0; i < WORKERS; i++) {
		seed[i] = i;
		pthread_create(&worker[i], NULL, work, &seed[i]);
	}
	while (!__atomic_load_n(&is_over, __ATOMIC_ACQUIRE)) {
		struct pollfd p = { .fd = nfnl_fd(bus), .events = POLLIN };

		(void)poll(&p, 1, 1);
		if (nfnl_run(bus, 1000))
			return 2;
	}
	for (unsigned int i = 0; i < WORKERS; i++)
		pthread_join(worker[i], NULL);
	pthread_join(listener, NULL);
	nfnl_free(&bus);
	sub_queue_free(&queues);
	sub_ulog_free(&logs);
	printf("1..2\n%sok 1 - %lu packets were taken, %lu came back\n",
	       taken == back ? "" : "not ", taken, back);
	printf("%sok 2 - %lu were refused, all in all %u\n",
	       taken && taken + refused == WORKERS * PACKETS ? "" : "not ", refused,
	       WORKERS * PACKETS);
	return 0;
}
