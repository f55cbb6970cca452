/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration and verdicts of queues and packet logs, from a program that means no good: the input is a
 * sequence of datagrams, each behind its length (16 bits, low byte first); a packet goes to queue and log
 * before each. The first byte chooses the protocol: 12, 3 or 13.
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "bus/sub.h"
#include "core/env.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pktt_iface eth0 = { .name = "eth0", .index = 2, .arphrd = 1 };
static unsigned int waiting;

static void resume(void *ctx, struct pktt_packet *pkt, const struct sub_queue_verdict *verdict)
{
	uint8_t sum = 0;

	(void)ctx;
	for (size_t i = 0; verdict->data && i < verdict->len; i++)
		sum ^= verdict->data[i];
	/* every byte was read, and so could be */
	*(volatile uint8_t *)&sum = sum;
	waiting--;
	pktt_packet_free(&pkt);
}

static struct pktt_packet *packet(void)
{
	struct pktt_packet *pkt;

	if (pktt_packet_new(&pkt, 14 + 40))
		abort();
	pkt->l2 = pkt->l3;
	pkt->l2_len = 14;
	pkt->l3 += 14;
	pkt->l4 = pkt->l3 + 20;
	pkt->end = pkt->l4 + 20;
	pkt->family = pkt->l3_family = PKTT_IPV4;
	pkt->in = &eth0;
	pkt->hook = PKTT_LOCAL_IN;
	pkt->time_ns = 1;
	pkt->buf[pkt->l3] = 0x45;
	return pkt;
}

static void feed(struct sub_queue *queue, struct sub_ulog *ulog, bool is_legacy)
{
	struct pktt_packet *pkt = packet();
	struct pktt_nflog log = { .pkt = pkt, .group = 1, .threshold = 2, .prefix = "fuzz" };
	bool go_on;

	sub_ulog_packet(ulog, &log);
	log.is_ulog = true;
	sub_ulog_packet(ulog, &log);
	pkt->queue = (struct pktt_queue_to){ .number = 1, .is_legacy = is_legacy };
	waiting++;
	if (sub_queue_packet(queue, pkt, &go_on))
		return;
	waiting--;
	pktt_packet_free(&pkt);
}

static void hello(int fd, uint32_t protocol)
{
	uint8_t note[28] = { 28, 0, 0, 0, PKTT_BUS_HELLO, PKTT_SUBSYS_BUS, 1, 0 };

	note[17] = 1;
	note[20] = 8;
	note[22] = PKTTB_PROTOCOL;
	put_be32(note + 24, protocol);
	if (send(fd, note, sizeof(note), MSG_NOSIGNAL) < 0)
		abort();
}

static void drain(int fd)
{
	static uint8_t buf[1 << 18];

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
}

static void play(struct nfnl *bus, struct sub_queue *queue, struct sub_ulog *ulog, int fd,
		 const uint8_t *data, size_t size)
{
	static const uint32_t protocols[] = { 12, 3, 13, 5 };
	uint32_t protocol = protocols[size ? data[0] & 3 : 0];
	size_t at = 1, len;

	hello(fd, protocol);
	while (at + 2 <= size) {
		len = data[at] | (size_t)data[at + 1] << 8;
		at += 2;
		len = len < size - at ? len : size - at;
		(void)nfnl_run(bus, 0);
		feed(queue, ulog, protocol != 12);
		(void)nfnl_run(bus, 0);
		(void)send(fd, data + at, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		(void)nfnl_run(bus, 0);
		drain(fd);
		at += len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct nfnl_config config = { .event_room = 65536 };
	const struct sub_queue_ops ops = { .resume = resume };
	struct sub_queue *queue = NULL;
	struct sub_ulog *ulog = NULL;
	struct nfnl *bus = NULL;
	int pair[2];

	waiting = 0;
	if (nfnl_new(&bus, &config, NULL) || sub_queue_new(&queue, bus, &ops, NULL) ||
	    sub_ulog_new(&ulog, bus, NULL) ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) ||
	    nfnl_adopt(bus, pair[1], PKTT_RIGHT_VIEW | PKTT_RIGHT_ALL))
		abort();
	play(bus, queue, ulog, pair[0], data, size);
	close(pair[0]);
	nfnl_free(&bus);
	/* Whatever was said, no packet is left behind. */
	if (waiting)
		abort();
	sub_queue_free(&queue);
	sub_ulog_free(&ulog);
	return 0;
}
