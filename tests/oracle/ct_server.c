/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections on the bus and nothing else: an engine with tracking and NAT behind a socket, for programs
 * that speak ctnetlink. Ends with its standard input.
 *
 *	ct_server PATH [COUNT [SETTING...]]	COUNT TCP connections are there from the start
 *
 * Settings: acct, timestamp, view (the socket grants looking only). Time is the clock's.
 */
#include "bus/sub.h"
#include "conntrack/query.h"
#include "core/engine.h"
#include "nat/nat.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void populate(struct conntrack *ct, uint32_t count)
{
	struct ct_change change = { .has = CT_HAS_TIMEOUT | CT_HAS_PROTOINFO | CT_HAS_STATUS,
				    .timeout = 432000,
				    .status = CT_CONFIRMED | CT_SEEN_REPLY | CT_ASSURED,
				    .l4_has = CT_L4_STATE };

	change.l4.tcp.state = 3;
	for (uint32_t i = 0; i < count; i++) {
		struct ct_tuple t = { .family = PKTT_IPV4, .protocol = 6, .dport = htons(443) };
		uint32_t src = htonl(0x0a000000 + i / 50000), dst = htonl(0xc0000201);

		memcpy(t.src, &src, 4);
		memcpy(t.dst, &dst, 4);
		t.sport = htons((uint16_t)(1024 + i % 50000));
		if (ct_query_create(ct, &t, NULL, &change, NULL, NULL))
			abort();
	}
}

static void serve(struct nfnl *bus, struct conntrack *ct, struct sub_ct *sub)
{
	struct pollfd fds[2] = { { .fd = nfnl_fd(bus), .events = POLLIN },
				 { .fd = STDIN_FILENO, .events = POLLIN } };

	while (!fds[1].revents) {
		poll(fds, 2, 20);
		conntrack_advance(ct, now_ns());
		sub_ct_drain(sub);
		if (nfnl_run(bus, 0))
			abort();
	}
}

int main(int argc, char **argv)
{
	struct pktt_engine_config config = { .workers = 2, .seed = now_ns() };
	struct nfnl_config bus_config = { .event_room = 1 << 20, .event_room_max = 1 << 26 };
	unsigned int rights = PKTT_RIGHT_VIEW | PKTT_RIGHT_ELEMENTS | PKTT_RIGHT_ALL;
	struct pktt_error err = { 0 };
	struct ct_settings settings;
	struct pktt_engine *engine;
	struct conntrack *ct;
	struct sub_ct *sub;
	struct nfnl *bus;

	ct_settings_init(&settings);
	settings.acct = settings.timestamp = false;
	settings.max = 8 << 20;
	for (int i = 3; i < argc; i++) {
		settings.acct |= strcmp(argv[i], "acct") == 0;
		settings.timestamp |= strcmp(argv[i], "timestamp") == 0;
		if (strcmp(argv[i], "view") == 0)
			rights = PKTT_RIGHT_VIEW;
	}
	if (argc < 2 || pktt_engine_new(&engine, &config, &err) ||
	    conntrack_attach(engine, &settings, &err) || nat_attach(engine, &err))
		return 1;
	ct = conntrack_of(engine);
	conntrack_advance(ct, now_ns());
	populate(ct, argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 0) : 0);
	if (nfnl_new(&bus, &bus_config, &err) || sub_ct_new(&sub, bus, ct, 0, &err) ||
	    nfnl_listen(bus, argv[1], 0600, (gid_t)-1, rights, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	serve(bus, ct, sub);
	nfnl_free(&bus);
	sub_ct_free(&sub);
	pktt_engine_free(&engine);
	return 0;
}
