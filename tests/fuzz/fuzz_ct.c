/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a program's datagrams to the connections' subsystems, over a real socket: the first byte
 * says how long a datagram is, the next what of its header is made right, so that more than the gate is
 * seen. What was made goes again at the end of each input. The decoders of clients read them, too.
 */
#include "bus/sub.h"
#include "conntrack/query.h"
#include "core/engine.h"
#include "desc/ct_view.h"
#include "nat/nat.h"
#include "wire/ct.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct nfnl *bus;
static struct conntrack *ct;
static struct sub_ct *sub;

static void start(void)
{
	struct pktt_engine_config config = { .workers = 1, .seed = 1 };
	struct nfnl_config bus_config = { .event_room = 1 << 20, .event_room_max = 1 << 20 };
	static struct pktt_engine *engine;

	if (pktt_engine_new(&engine, &config, NULL) || conntrack_attach(engine, NULL, NULL) ||
	    nat_attach(engine, NULL) || nfnl_new(&bus, &bus_config, NULL))
		abort();
	ct = conntrack_of(engine);
	conntrack_advance(ct, UINT64_C(1700000000) * 1000000000);
	if (sub_ct_new(&sub, bus, ct, 0, NULL))
		abort();
}

/* As a client reads it: decoded, printed, encoded again. */
static void read_back(const struct nlmsghdr *nlh)
{
	uint64_t room[CT_WIRE_ROOM / 8];
	struct nlmsghdr *again = (void *)room;
	struct str text = STR_INIT;
	struct ct_expect_view expect;
	struct ct_view v;

	memset(room, 0, sizeof(room));
	again->nlmsg_len = NLMSG_LENGTH(sizeof(struct nfgenmsg));
	if (ct_decode(nlh, &v, NULL) == 0) {
		ct_view_text(&v, UINT8_MAX & ~CT_TEXT_EVENT, 1, &text);
		ct_view_xml(&v, CT_KIND_NEW, UINT8_MAX, 1, &text);
		ct_view_save(&v, &text);
		(void)ct_encode(again, CT_WIRE_ROOM, &v, CT_ORDER_DUMP);
	}
	again->nlmsg_len = NLMSG_LENGTH(sizeof(struct nfgenmsg));
	if (ct_expect_decode(nlh, &expect, NULL) == 0) {
		ct_expect_view_text(&expect, &text);
		ct_expect_view_xml(&expect, CT_KIND_NONE, 0, 1, &text);
		(void)ct_expect_encode(again, CT_WIRE_ROOM, &expect);
	}
	str_fini(&text);
}

/* A datagram of one message, its header as how says. */
static void say(int fd, const uint8_t *data, size_t len, uint8_t how)
{
	uint64_t room[64] = { 0 };
	struct nlmsghdr *nlh = (void *)room;

	if (len > sizeof(room))
		len = sizeof(room);
	memcpy(room, data, len);
	if (len >= NLMSG_HDRLEN && how & 1) {
		nlh->nlmsg_len = (uint32_t)len;
		nlh->nlmsg_type = (uint16_t)((how & 2 ? 2 : 1) << 8 | (how >> 2 & 7));
		nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | (how & 32 ? NLM_F_DUMP : 0) |
				   (how & 64 ? NLM_F_CREATE : 0);
	}
	if (len >= NLMSG_HDRLEN && nlh->nlmsg_len == len)
		read_back(nlh);
	(void)send(fd, room, len, MSG_DONTWAIT);
}

static void listen_once(int fd)
{
	for (uint32_t group = 1; group <= 6; group++) {
		uint32_t join[7] = { 28,
				     PKTT_SUBSYS_BUS << 8 | PKTT_BUS_JOIN | NLM_F_REQUEST << 16,
				     group,
				     0,
				     0,
				     8 | PKTTB_GROUP << 16,
				     __builtin_bswap32(group) };

		(void)send(fd, join, sizeof(join), MSG_DONTWAIT);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char answer[1 << 20];
	int fd[2];

	if (!bus)
		start();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd) ||
	    nfnl_adopt(bus, fd[0], PKTT_RIGHT_VIEW | PKTT_RIGHT_ALL))
		abort();
	listen_once(fd[1]);
	while (size > 2) {
		size_t len = data[0] < size - 2 ? data[0] : size - 2;

		say(fd[1], data + 2, len, data[1]);
		data += 2 + len;
		size -= 2 + len;
		if (nfnl_run(bus, 0))
			abort();
		sub_ct_drain(sub);
		while (recv(fd[1], answer, sizeof(answer), MSG_DONTWAIT) > 0)
			;
	}
	close(fd[1]);
	(void)nfnl_run(bus, 0);
	ct_query_expect_flush(ct, NULL);
	for (bool done = false; !done;) {
		static const struct ct_filter all;
		static uint64_t cursor;

		ct_query_flush(ct, &all, &cursor, 64, &done);
	}
	return 0;
}
