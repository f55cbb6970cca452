/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bus with queues and packet logs for one program, which is run with PKTT_SOCKET set: packets are fed to
 * it until it ends, and what it said of them must be what it should. usage: serve queue|log PROGRAM. TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "bus/sub.h"
#include "core/env.h"

enum { PAYLOAD = 8 };

static struct pktt_iface eth0 = { .name = "eth0", .index = 2, .arphrd = 1 };
static unsigned int wrong, verdicts;

static struct pktt_packet *packet(uint32_t tag)
{
	struct pktt_packet *pkt;

	if (pktt_packet_new(&pkt, 14 + 20 + PAYLOAD))
		exit(2);
	pkt->l2 = pkt->l3;
	pkt->l2_len = 14;
	pkt->l3 += 14;
	pkt->l4 = pkt->l3 + 20;
	pkt->end = pkt->l4 + PAYLOAD;
	pkt->family = pkt->l3_family = PKTT_IPV4;
	pkt->in = &eth0;
	pkt->hook = PKTT_LOCAL_IN;
	pkt->time_ns = 1;
	pkt->buf[pkt->l3] = 0x45;
	put_be16(pkt->buf + pkt->l3 + 2, 20 + PAYLOAD);
	put_be32(pkt->buf + pkt->l3 + 20, tag);
	return pkt;
}

/* What passer.c does with a packet of that tag. */
static bool is_right(uint32_t tag, const struct sub_queue_verdict *verdict)
{
	static const enum pktt_verdict expected[] = { PKTT_ACCEPT, PKTT_DROP, PKTT_ACCEPT,
						      PKTT_REPEAT };

	if (verdict->verdict != expected[tag % 9 % 4])
		return false;
	if (tag != 2)
		return !verdict->data;
	return verdict->data && verdict->len == 20 + PAYLOAD + 4 &&
	       verdict->data[3] == 20 + PAYLOAD + 4 && verdict->data[verdict->len - 1] == 'x';
}

static void resume(void *ctx, struct pktt_packet *pkt, const struct sub_queue_verdict *verdict)
{
	uint32_t tag = get_be32(pkt->buf + pkt->l3 + 20);

	(void)ctx;
	verdicts++;
	if (!is_right(tag, verdict)) {
		printf("# packet %u: verdict %d, %zu bytes\n", tag, (int)verdict->verdict,
		       verdict->len);
		wrong++;
	}
	pktt_packet_free(&pkt);
}

static uint32_t feed_queue(struct sub_queue *queue, uint32_t tag)
{
	struct pktt_packet *pkt;
	bool go_on;

	if (tag > 9)
		return tag;
	pkt = packet(tag > 4 ? 9 : tag);
	pkt->queue = (struct pktt_queue_to){ .is_legacy = true };
	if (sub_queue_packet(queue, pkt, &go_on))
		return tag > 4 ? 10 : tag + 1;
	pktt_packet_free(&pkt);
	return tag;
}

static void feed_log(struct sub_ulog *ulog)
{
	struct pktt_packet *pkt = packet(0);

	sub_ulog_packet(ulog, &(struct pktt_nflog){
				      .pkt = pkt,
				      .is_ulog = true,
				      .group = 3,
				      .threshold = 4,
				      .prefix = "old",
			      });
	pktt_packet_free(&pkt);
}

static pid_t start(const char *program, const char *path)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	setenv(PKTT_SOCKET_ENV, path, 1);
	execl(program, program, NULL);
	_exit(126);
}

static int serve(struct nfnl *bus, struct sub_queue *queue, struct sub_ulog *ulog, bool is_log,
		 pid_t pid)
{
	struct pollfd p = { .fd = nfnl_fd(bus), .events = POLLIN };
	int status = -1;
	uint32_t tag = 0;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		(void)poll(&p, 1, 1);
		if (nfnl_run(bus, 0))
			return -1;
		if (is_log)
			feed_log(ulog);
		else
			tag = feed_queue(queue, tag);
	}
	return status;
}

int main(int argc, char **argv)
{
	const struct nfnl_config config = { 0 };
	const struct sub_queue_ops ops = { .resume = resume };
	char folder[] = "/tmp/pktt-old-XXXXXX", path[64];
	struct sub_queue *queue = NULL;
	struct sub_ulog *ulog = NULL;
	struct pktt_error err = { 0 };
	struct nfnl *bus = NULL;
	bool is_log;
	int status;

	if (argc != 3 || !mkdtemp(folder))
		return 2;
	is_log = strcmp(argv[1], "log") == 0;
	snprintf(path, sizeof(path), "%s/sock", folder);
	if (nfnl_new(&bus, &config, &err) || sub_queue_new(&queue, bus, &ops, &err) ||
	    sub_ulog_new(&ulog, bus, &err) ||
	    nfnl_listen(bus, path, 0600, (gid_t)-1, PKTT_RIGHT_VIEW | PKTT_RIGHT_ALL, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	status = serve(bus, queue, ulog, is_log, start(argv[2], path));
	printf("1..2\n%sok 1 - the program ended well (%d)\n", status ? "not " : "", status);
	printf("%sok 2 - %u verdicts, %u of them wrong\n",
	       wrong || (!is_log && verdicts != 6) ? "not " : "", verdicts, wrong);
	nfnl_free(&bus);
	sub_queue_free(&queue);
	sub_ulog_free(&ulog);
	unlink(path);
	rmdir(folder);
	return 0;
}
