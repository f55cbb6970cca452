/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program of 2002, in the idiom of libipq(3): it reads packets, and accepts, drops, rewrites or steals by
 * their fifth word. Ends well when it saw a packet that says so.
 */
#include <libipq.h>
#include <linux/netfilter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>

#define BUFSIZE 2048

static void die(struct ipq_handle *h)
{
	ipq_perror("passer");
	ipq_destroy_handle(h);
	exit(1);
}

static int judge(struct ipq_handle *h, ipq_packet_msg_t *m)
{
	unsigned char changed[BUFSIZE];

	if (m->data_len < 24 || strcmp(m->indev_name, "eth0") || m->hook != 1)
		return -1;
	switch (m->payload[23]) {
	case 1:
		return ipq_set_verdict(h, m->packet_id, NF_DROP, 0, NULL);
	case 2:
		memcpy(changed, m->payload, m->data_len);
		memset(changed + m->data_len, 'x', 4);
		changed[3] += 4;
		return ipq_set_verdict(h, m->packet_id, NF_ACCEPT, m->data_len + 4, changed);
	case 3:
		return ipq_set_verdict(h, m->packet_id, NF_REPEAT, 0, NULL);
	}
	return ipq_set_verdict(h, m->packet_id, NF_ACCEPT, 0, NULL);
}

/* h->fd is public, and programs select on it. */
static void wait_by_select(struct ipq_handle *h)
{
	fd_set fds;

	FD_ZERO(&fds);
	FD_SET(h->fd, &fds);
	if (select(h->fd + 1, &fds, NULL, NULL, NULL) < 0)
		die(h);
}

int main(void)
{
	int status, last = 0;
	unsigned char buf[BUFSIZE];
	struct ipq_handle *h;

	h = ipq_create_handle(0, PF_INET);
	if (!h)
		die(h);
	status = ipq_read(h, buf, BUFSIZE, -1);
	if (status != 0 || strcmp(ipq_errstr(), "Timeout"))
		return 2;
	status = ipq_set_mode(h, IPQ_COPY_PACKET, BUFSIZE);
	if (status < 0)
		die(h);
	while (!last) {
		wait_by_select(h);
		status = ipq_read(h, buf, BUFSIZE, 5000000);
		if (status <= 0)
			die(h);
		switch (ipq_message_type(buf)) {
		case NLMSG_ERROR:
			fprintf(stderr, "Received error message %d\n", ipq_get_msgerr(buf));
			return 3;
		case IPQM_PACKET:
			last = ipq_get_packet(buf)->payload[23] == 9;
			status = judge(h, ipq_get_packet(buf));
			if (status < 0)
				die(h);
			break;
		default:
			fprintf(stderr, "Unknown message type!\n");
			return 4;
		}
	}
	/* A verdict on what is not there is answered by an error. */
	if (ipq_set_verdict(h, 4711, NF_ACCEPT, 0, NULL) < 0 ||
	    ipq_read(h, buf, BUFSIZE, 5000000) <= 0 || ipq_message_type(buf) != NLMSG_ERROR ||
	    ipq_get_msgerr(buf) != ENOENT)
		return 5;
	return ipq_destroy_handle(h);
}
