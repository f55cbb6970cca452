/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A packet as nflog hands it over, for people and programs: ulogd's line and ulogd's JSON. */
#ifndef TOOLS_LOG_PACKET_H
#define TOOLS_LOG_PACKET_H

#include <linux/netlink.h>

#include "core/packet.h"

struct str;

struct log_packet {
	struct pktt_packet pkt; /* a view of the message's bytes, and of buf */
	struct pktt_iface in, out;
	const char *prefix; /* in the message, or "" */
	uint8_t buf[14 + 65536];
};

/* false = it is no packet of nflog. ret borrows from nlh. */
bool log_packet_read(struct log_packet *ret, const struct nlmsghdr *nlh);
/* "Nov 23 12:00:00 HOST PREFIX IN= OUT= ...", as ulogd's LOGEMU writes it. */
void log_packet_text(const struct log_packet *log, const char *host, struct str *out);
/* An object with ulogd's keys. */
void log_packet_json(const struct log_packet *log, const char *host, struct str *out);

#endif
