/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IRC: a client's "PRIVMSG nick :\1DCC SEND file 3232235777 4001 1234\1" announces that it waits for a
 * TCP connection, whose address it says as one decimal number. IPv4 only.
 *
 * Only the beginning of the message is looked at (after " :"), so that nobody can make a client say
 * the words by being quoted. An address that is not the client's own, or a port of 0, is forged and
 * ignored.
 */
#include "helper/help.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "helper/text.h"

#define SEARCH_MAX 4095u
/* " :\1DCC SEND t AAAAAAAA P\1\n": less cannot hold a command. */
#define COMMAND_MIN 26u
/* "PRIVMSG x " */
#define PRIVMSG_MIN 10u
/* "AAAAAAAA P\1\n" */
#define PLACE_MIN 12u

struct irc_place {
	uint32_t addr;
	uint16_t port;
	uint32_t offset, len; /* of the payload */
};

/* Behind the word: an argument, a blank, address and port; a newline must follow somewhere. */
static bool read_place(const struct help *help, struct buf text, struct irc_place *place)
{
	struct buf line;
	int c;

	do {
		c = text_peek(&text);
		if (!buf_skip(&text, 1) || (c != ' ' && buf_left(&text) < PLACE_MIN))
			return false;
	} while (c != ' ');
	line = text;
	if (!text_skip_behind(&line, '\n'))
		return false;
	place->offset = help_offset(help, &text);
	place->addr = (uint32_t)text_decimal(&text);
	while (text_take(&text, " "))
		;
	place->port = (uint16_t)text_decimal(&text);
	place->len = help_offset(help, &text) - place->offset;
	return true;
}

/* dcc_ip can be the internal or the translated address. */
static bool is_own(const struct help *help, const struct irc_place *place)
{
	return place->port != 0 && (get_be32(help->tuple[CT_ORIGINAL].src) == place->addr ||
				    get_be32(help->tuple[CT_REPLY].dst) == place->addr);
}

static uint32_t write_place(const struct help *help, const struct announcement *what, uint16_t port,
			    uint8_t out[ANNOUNCEMENT_TEXT_MAX])
{
	(void)what;
	return (uint32_t)snprintf((char *)out, ANNOUNCEMENT_TEXT_MAX, "%u %u",
				  get_be32(help->tuple[CT_REPLY].dst), port);
}

/* Anybody may come: the peer's address is known to nobody but the peer. */
static enum pktt_verdict announce(const struct help *help, const struct irc_place *place)
{
	struct announcement what = {
		.protocol = IPPROTO_TCP,
		.dst = ct_tuple_dst(&help->tuple[CT_REPLY]),
		.port = htons(place->port),
		.follows = true,
		.nat_dir = CT_REPLY,
		.saved_port = htons(place->port),
		.offset = place->offset,
		.len = place->len,
		.write = write_place,
	};

	return help_announce(help, &what);
}

/* Behind "\1DCC ": one of the words that announce a connection. */
static bool take_word(struct buf *text)
{
	static const char *const words[] = { "SEND ", "CHAT ", "MOVE ", "TSEND ", "SCHAT " };

	for (unsigned int i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (text_take(text, words[i]))
			return true;
	return false;
}

static enum pktt_verdict read_message(const struct help *help, struct buf text)
{
	struct irc_place place;

	while (buf_left(&text) > PRIVMSG_MIN && strchr(" \r\n", text_peek(&text)) &&
	       text_peek(&text) != 0)
		buf_skip(&text, 1);
	if (buf_left(&text) > PRIVMSG_MIN && !text_take_nocase(&text, "PRIVMSG "))
		return PKTT_ACCEPT;
	while (buf_left(&text) > COMMAND_MIN) {
		if (!text_take(&text, " :")) {
			buf_skip(&text, 1);
			continue;
		}
		if (!text_take(&text, "\1DCC "))
			return PKTT_ACCEPT;
		if (!take_word(&text))
			continue;
		/* Another offer behind one that is of no use is not looked for. */
		if (!read_place(help, text, &place) || !is_own(help, &place))
			return PKTT_ACCEPT;
		return announce(help, &place);
	}
	return PKTT_ACCEPT;
}

static enum pktt_verdict irc_help(struct pktt_packet *pkt, struct conn *conn,
				  enum pktt_ct_info info)
{
	struct help help;
	struct buf text;

	if (info != PKTT_CT_ESTABLISHED || !help_begin(&help, pkt, conn, info))
		return PKTT_ACCEPT;
	help_linearize(pkt);
	text = help.payload;
	if (buf_left(&help.payload) > SEARCH_MAX)
		text = buf_of(text.at, SEARCH_MAX);
	return read_message(&help, text);
}

static const struct ct_expect_policy irc_classes[] = {
	{ .name = "default", .max = 8, .timeout = 300 },
};

PKTT_HELPER(irc) = {
	.name = "irc",
	.families = PKTT_FAM_V4,
	.protocol = { IPPROTO_TCP },
	.ports = { 6667 },
	.classes = irc_classes,
	.nclasses = 1,
	.help = irc_help,
};
