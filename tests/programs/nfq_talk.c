/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program written for libnetfilter_queue that tells every packet and is told what to do with it, so that
 * a test sees what waits and decides when it goes on.
 *
 * usage: nfq_talk [-o] QUEUE[:LENGTH]...      -o = fail-open
 *
 * It says "listening", then of each packet: packet QUEUE ID HOOK MARK HEX. It reads, a line each:
 * "verdict QUEUE ID VERDICT MARK HEX", "batch QUEUE ID VERDICT MARK" (MARK and HEX may be -), "end".
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { QUEUES = 16, BYTES = 0xffff };

struct talk {
	struct nfq_handle *handle;
	struct nfq_q_handle *queue[QUEUES];
	unsigned int number[QUEUES];
	unsigned int nqueues;
};

static int on_packet(struct nfq_q_handle *q, struct nfgenmsg *nfmsg, struct nfq_data *nfa,
		     void *data)
{
	const struct nfqnl_msg_packet_hdr *head = nfq_get_msg_packet_hdr(nfa);
	const unsigned int *number = data;
	unsigned char *payload = NULL;
	int len = nfq_get_payload(nfa, &payload);

	(void)q;
	(void)nfmsg;
	printf("packet %u %u %u %u ", *number, head ? ntohl(head->packet_id) : 0,
	       head ? head->hook : 0, nfq_get_nfmark(nfa));
	for (int i = 0; i < len; i++)
		printf("%02x", payload[i]);
	puts("");
	fflush(stdout);
	return 0;
}

static int add_queue(struct talk *t, const char *word, int is_open)
{
	unsigned int number = 0, length = 0, n;

	if (t->nqueues == QUEUES || sscanf(word, "%u:%u", &number, &length) < 1)
		return -1;
	n = t->nqueues++;
	t->number[n] = number;
	t->queue[n] = nfq_create_queue(t->handle, (uint16_t)number, on_packet, &t->number[n]);
	if (!t->queue[n] || nfq_set_mode(t->queue[n], NFQNL_COPY_PACKET, BYTES) < 0)
		return -1;
	if (length && nfq_set_queue_maxlen(t->queue[n], length) < 0)
		return -1;
	return is_open && nfq_set_queue_flags(t->queue[n], NFQA_CFG_F_FAIL_OPEN,
					      NFQA_CFG_F_FAIL_OPEN) < 0
		       ? -1
		       : 0;
}

static struct nfq_q_handle *queue_of(const struct talk *t, unsigned int number)
{
	for (unsigned int i = 0; i < t->nqueues; i++)
		if (t->number[i] == number)
			return t->queue[i];
	return NULL;
}

/* The bytes that are written in hexadecimal; "-" is none. */
static uint32_t read_hex(const char *text, unsigned char *bytes)
{
	uint32_t n = 0;
	unsigned int byte;

	while (n < BYTES && sscanf(text + 2 * n, "%2x", &byte) == 1)
		bytes[n++] = (unsigned char)byte;
	return n;
}

static int obey(const struct talk *t, const char *line)
{
	static char hex[2 * BYTES + 1];
	static unsigned char bytes[BYTES];
	char what[16] = "", mark[16] = "-";
	unsigned int number = 0, id = 0, verdict = 0;
	struct nfq_q_handle *q;
	uint32_t len, m;

	strcpy(hex, "-");
	if (sscanf(line, "%15s %u %u %u %15s %131070s", what, &number, &id, &verdict, mark, hex) <
	    4)
		return -1;
	q = queue_of(t, number);
	if (!q)
		return -1;
	m = (uint32_t)strtoul(mark, NULL, 0);
	len = read_hex(hex, bytes);
	if (strcmp(what, "batch") == 0)
		return mark[0] == '-' ? nfq_set_verdict_batch(q, id, verdict)
				      : nfq_set_verdict_batch2(q, id, verdict, m);
	return mark[0] == '-' ? nfq_set_verdict(q, id, verdict, len, len ? bytes : NULL)
			      : nfq_set_verdict2(q, id, verdict, m, len, len ? bytes : NULL);
}

static int listen_and_obey(const struct talk *t)
{
	static char line[2 * BYTES + 200], buf[2 * BYTES] __attribute__((aligned));
	struct pollfd at[2] = { { .fd = STDIN_FILENO, .events = POLLIN },
				{ .fd = nfq_fd(t->handle), .events = POLLIN } };

	while (poll(at, 2, -1) > 0 || errno == EINTR) {
		if (at[1].revents) {
			ssize_t n = recv(at[1].fd, buf, sizeof(buf), 0);

			if (n <= 0)
				return -1;
			nfq_handle_packet(t->handle, buf, (int)n);
		}
		if (!at[0].revents)
			continue;
		if (!fgets(line, sizeof(line), stdin) || strcmp(line, "end\n") == 0)
			return 0;
		if (obey(t, line) < 0)
			return -1;
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct talk t = { .handle = nfq_open() };
	int is_open = argc > 1 && strcmp(argv[1], "-o") == 0;

	/* a line that is read ahead is a line that poll() does not see */
	setvbuf(stdin, NULL, _IONBF, 0);
	if (!t.handle) {
		perror("nfq_open");
		return 1;
	}
	for (int i = 1 + is_open; i < argc; i++)
		if (add_queue(&t, argv[i], is_open) < 0) {
			perror(argv[i]);
			return 1;
		}
	puts("listening");
	fflush(stdout);
	if (listen_and_obey(&t) < 0) {
		perror("nfq_talk");
		return 1;
	}
	for (unsigned int i = 0; i < t.nqueues; i++)
		nfq_destroy_queue(t.queue[i]);
	nfq_close(t.handle);
	return 0;
}
