/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A server that counts what it gets, and a client that asks whether it was all. */
#include "tools/demo.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Of less a speed says nothing. */
enum { FAST = 1000000 };
enum { PIECE = 1 << 18, TIMEOUT_S = 3 };

static uint8_t piece[PIECE];

static socklen_t address_of(const struct demo_talk *talk, struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;

	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, talk->address, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(talk->port);
		return sizeof(*v4);
	}
	inet_pton(AF_INET6, talk->address, &v6->sin6_addr);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(talk->port);
	return sizeof(*v6);
}

static uint64_t read_all(int s)
{
	uint64_t total = 0;
	ssize_t n;

	while ((n = read(s, piece, sizeof(piece))) > 0)
		total += (uint64_t)n;
	return total;
}

int demo_serve(void *ctx)
{
	const struct demo_talk *talk = ctx;
	struct sockaddr_storage at;
	socklen_t len = address_of(talk, &at);
	int s = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1, peer;

	if (s < 0 || setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(s, (struct sockaddr *)&at, len) < 0 || listen(s, 16) < 0)
		return -errno;
	while ((peer = accept(s, NULL, NULL)) >= 0) {
		uint64_t total = read_all(peer);

		(void)!write(peer, &total, sizeof(total));
		close(peer);
	}
	close(s);
	return 0;
}

/* The server may not be there yet, in the first moments. */
static int connect_patiently(const struct sockaddr_storage *at, socklen_t len)
{
	const struct timeval limit = { TIMEOUT_S, 0 };
	int s = -1;

	for (unsigned int i = 0; i < 50; i++) {
		s = socket(at->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (s < 0)
			return -errno;
		setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		if (connect(s, (const struct sockaddr *)at, len) == 0)
			return s;
		close(s);
		if (errno != ECONNREFUSED)
			break;
		usleep(20000);
	}
	return errno == EINPROGRESS ? -ETIMEDOUT : -errno;
}

static int send_all(int s, uint64_t bytes)
{
	while (bytes) {
		ssize_t n = send(s, piece, bytes < PIECE ? bytes : PIECE, MSG_NOSIGNAL);

		if (n < 0)
			return -errno;
		bytes -= (uint64_t)n;
	}
	return shutdown(s, SHUT_WR) < 0 ? -errno : 0;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int demo_send(void *ctx)
{
	const struct demo_talk *talk = ctx;
	struct sockaddr_storage at;
	socklen_t len = address_of(talk, &at);
	uint64_t got = 0;
	double began = now();
	int s = connect_patiently(&at, len), r = s;

	if (s >= 0)
		r = send_all(s, talk->bytes);
	if (r == 0 && (read(s, &got, sizeof(got)) != sizeof(got) || got != talk->bytes))
		r = -EIO;
	if (s >= 0)
		close(s);
	if (r < 0)
		printf("%s\n", strerror(-r));
	else if (got < FAST)
		printf("%" PRIu64 " bytes got there\n", got);
	else
		printf("%" PRIu64 " bytes got there in %.0f ms, %.1f Gb/s\n", got,
		       (now() - began) * 1e3, (double)got * 8 / (now() - began) / 1e9);
	return r;
}
