/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that logs what ULOG hands over, for each age of libipulog: as ulogd 1.00 it makes its handle
 * before it becomes a daemon, as ulog_test it reads and walks, as ulogd 2 it waits on the descriptor. Ends
 * well after 20 packets that are as they should be.
 */
#include <libipulog/libipulog.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define MYBUFSIZ 65536
#define GROUP	 3

static void check(const ulog_packet_msg_t *pkt)
{
	if (strcmp(pkt->prefix, "old") || strcmp(pkt->indev_name, "eth0") || pkt->hook != 1 ||
	    pkt->mac_len != 14 || pkt->data_len != 28 || pkt->payload[0] != 0x45) {
		fprintf(stderr, "another packet than was sent: %s %s %u\n", pkt->prefix,
			pkt->indev_name, pkt->hook);
		exit(3);
	}
}

static void die(void)
{
	ipulog_perror("logger");
	exit(1);
}

static ssize_t next(struct ipulog_handle *h, unsigned char *buf)
{
#if LIBIPULOG_API == 3
	struct pollfd p;

	p.fd = ipulog_get_fd(h);
	p.events = POLLIN;
	if (poll(&p, 1, 10000) != 1)
		die();
	return ipulog_read(h, buf, MYBUFSIZ);
#else
	return ipulog_read(h, buf, MYBUFSIZ, 1);
#endif
}

static int work(struct ipulog_handle *h)
{
	unsigned char *buf = malloc(MYBUFSIZ);
	ulog_packet_msg_t *upkt;
	ssize_t len;
	int n = 0;

	while (buf && n < 20) {
		len = next(h, buf);
		if (len <= 0)
			die();
		while ((upkt = ipulog_get_packet(h, buf, (size_t)len))) {
			check(upkt);
			n++;
		}
	}
	free(buf);
	ipulog_destroy_handle(h);
	return 0;
}

int main(void)
{
	struct ipulog_handle *h;

	if (ipulog_group2gmask(33) || ipulog_errno != IPULOG_ERR_INVGR)
		return 2;
#if LIBIPULOG_API == 1
	h = ipulog_create_handle(ipulog_group2gmask(GROUP));
#else
	h = ipulog_create_handle(ipulog_group2gmask(GROUP), 65535);
#endif
	if (!h)
		die();
#if LIBIPULOG_API == 1
	int status;
	pid_t child = fork();

	if (child == 0)
		exit(work(h));
	ipulog_destroy_handle(h);
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : 4;
#else
	return work(h);
#endif
}
