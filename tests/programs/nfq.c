/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program written for libnetfilter_queue, as its manual has it: UDP packets to port 1 are
 * accepted, to port
 * 2 dropped, to port 3 accepted with a mark and their data in capitals. Prints a line a packet; ends after
 * COUNT of them. usage: nfq QUEUE COUNT
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IP_LEN	   20
#define UDP_LEN	   8
#define NEW_MARK   0x51
#define PACKET_MAX 65536

static unsigned int seen;

static void capitalise(unsigned char *packet, int len)
{
	for (int i = IP_LEN + UDP_LEN; i < len; i++)
		packet[i] = (unsigned char)toupper(packet[i]);
	/* "no checksum" is a right checksum of UDP over IPv4 */
	packet[IP_LEN + 6] = packet[IP_LEN + 7] = 0;
}

static int decide(struct nfq_q_handle *q, uint32_t id, unsigned char *packet, int len)
{
	unsigned int port = 0;

	if (len >= IP_LEN + UDP_LEN)
		port = (unsigned int)packet[IP_LEN + 2] << 8 | packet[IP_LEN + 3];
	if (port == 2)
		return nfq_set_verdict(q, id, NF_DROP, 0, NULL);
	if (port != 3)
		return nfq_set_verdict(q, id, NF_ACCEPT, 0, NULL);
	capitalise(packet, len);
	return nfq_set_verdict2(q, id, NF_ACCEPT, NEW_MARK, (uint32_t)len, packet);
}

static int packet_came(struct nfq_q_handle *q, struct nfgenmsg *msg, struct nfq_data *data,
		       void *ctx)
{
	struct nfqnl_msg_packet_hdr *hdr = nfq_get_msg_packet_hdr(data);
	unsigned char *packet = NULL;
	int len = nfq_get_payload(data, &packet);

	(void)msg;
	(void)ctx;
	if (!hdr || len < 0)
		return -1;
	printf("packet hook=%u proto=%04x mark=%u len=%d\n", hdr->hook, ntohs(hdr->hw_protocol),
	       nfq_get_nfmark(data), len);
	fflush(stdout);
	seen++;
	return decide(q, ntohl(hdr->packet_id), packet, len);
}

int main(int argc, char **argv)
{
	char buf[PACKET_MAX] __attribute__((aligned));
	struct nfq_q_handle *q;
	struct nfq_handle *h;
	unsigned int count;

	if (argc != 3) {
		fputs("usage: nfq QUEUE COUNT\n", stderr);
		return 2;
	}
	count = (unsigned int)atoi(argv[2]);
	h = nfq_open();
	if (!h || nfq_unbind_pf(h, AF_INET) < 0 || nfq_bind_pf(h, AF_INET) < 0) {
		perror("nfq_open");
		return 1;
	}
	q = nfq_create_queue(h, (uint16_t)atoi(argv[1]), packet_came, NULL);
	if (!q || nfq_set_mode(q, NFQNL_COPY_PACKET, 0xffff) < 0) {
		perror("nfq_create_queue");
		return 1;
	}
	puts("listening");
	fflush(stdout);
	while (seen < count) {
		ssize_t n = recv(nfq_fd(h), buf, sizeof(buf), 0);

		if (n < 0) {
			perror("recv");
			return 1;
		}
		nfq_handle_packet(h, buf, (int)n);
	}
	nfq_destroy_queue(q);
	nfq_close(h);
	return 0;
}
