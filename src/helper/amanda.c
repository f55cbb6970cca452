/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Amanda's backup protocol: the answer "CONNECT DATA 50000 MESG 50001 INDEX 50002 STATE 50003" names the
 * TCP ports at which the host that is to be saved waits for the server.
 *
 * Who is asked may take long to estimate, so every answer keeps the conversation for five minutes.
 */
#include "helper/help.h"

#include <netinet/in.h>
#include <stdio.h>

#include "helper/text.h"

#define MASTER_TIMEOUT 300u
#define PORT_DIGITS    5u

/* Just another port: to whom it belongs was said by the datagram. */
static uint32_t write_port(const struct help *help, const struct announcement *what, uint16_t port,
			   uint8_t out[ANNOUNCEMENT_TEXT_MAX])
{
	(void)help;
	(void)what;
	return (uint32_t)snprintf((char *)out, ANNOUNCEMENT_TEXT_MAX, "%u", port);
}

static enum pktt_verdict announce(const struct help *help, uint16_t port, uint32_t offset,
				  uint32_t len)
{
	struct pktt_addr src = ct_tuple_src(&help->tuple[CT_ORIGINAL]);
	struct announcement what = {
		.protocol = IPPROTO_TCP,
		.src = &src,
		.dst = ct_tuple_dst(&help->tuple[CT_ORIGINAL]),
		.port = htons(port),
		.follows = true,
		.nat_dir = CT_ORIGINAL,
		.saved_port = htons(port),
		.offset = offset,
		.len = len,
		.write = write_port,
	};

	return help_announce(help, &what);
}

/*
 * The payload from start to stop, as it is now: ports that were looked at before may have become longer
 * or shorter, and with them the packet.
 */
static struct buf part_of(const struct help *help, uint32_t start, uint32_t stop)
{
	struct buf rest, part = { 0 };
	struct help now;

	if (!help_begin(&now, help->pkt, help->conn, help->info))
		return part;
	rest = now.payload;
	if (buf_skip(&rest, start))
		buf_get_buf(&rest, buf_left(&rest) < stop - start ? buf_left(&rest) : stop - start,
			    &part);
	return part;
}

/* The port at the cursor, of the room bytes that may hold it: five digits, whatever follows. */
static bool read_port(struct buf text, uint32_t room, uint16_t *ret, uint32_t *len)
{
	uint32_t take = room < PORT_DIGITS ? room : PORT_DIGITS;
	struct buf digits;

	if (!buf_get_buf(&text, take, &digits))
		return false;
	*ret = (uint16_t)text_decimal(&digits);
	*len = take - (uint32_t)buf_left(&digits);
	return *ret != 0;
}

/*
 * All four words are looked for between the same two places, whatever a rewritten port did to the line:
 * so does Linux. For the same reason a refused expectation drops the packet only if it was the last.
 */
static enum pktt_verdict read_line(const struct help *help, uint32_t start, uint32_t stop)
{
	static const char *const words[] = { "DATA ", "MESG ", "INDEX ", "STATE " };
	enum pktt_verdict verdict = PKTT_ACCEPT;

	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct buf text = part_of(help, start, stop);
		size_t before = buf_left(&text);
		uint32_t offset, len;
		uint16_t port;

		if (!text_find(&text, words[i]))
			continue;
		offset = start + (uint32_t)(before - buf_left(&text));
		if (!read_port(text, stop - offset, &port, &len))
			break;
		verdict = announce(help, port, offset, len);
	}
	return verdict;
}

static enum pktt_verdict amanda_help(struct pktt_packet *pkt, struct conn *conn,
				     enum pktt_ct_info info)
{
	struct help help;
	struct buf text, line;

	if (!help_begin(&help, pkt, conn, info) || help.dir == CT_ORIGINAL)
		return PKTT_ACCEPT;
	help_refresh(&help, MASTER_TIMEOUT);
	text = help.payload;
	if (!text_find(&text, "CONNECT "))
		return PKTT_ACCEPT;
	line = text;
	if (!text_skip_behind(&line, '\n'))
		return PKTT_ACCEPT;
	return read_line(&help, help_offset(&help, &text), help_offset(&help, &line) - 1);
}

static const struct ct_expect_policy amanda_classes[] = {
	{ .name = "default", .max = 4, .timeout = 180 },
};

PKTT_HELPER(amanda) = {
	.name = "amanda",
	.families = PKTT_FAM_V4 | PKTT_FAM_V6,
	.protocol = { IPPROTO_UDP },
	.ports = { 10080 },
	.classes = amanda_classes,
	.nclasses = 1,
	.help = amanda_help,
};
