/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FTP (RFC 959, 2428): PORT and EPRT of the client, the answers 227 and 229 of the server announce
 * where the data connection will go.
 *
 * Overview: a command counts only where a line begins. The stream is not put together; remembered are,
 * per direction, the sequence numbers that follow the last two segments which ended in a newline, and
 * a segment that begins at neither is not read. A segment that breaks off inside such a command is
 * dropped, so that its sender repeats it together with the rest.
 *
 * An address other than that of the host which says it (a bounce, or a server behind a second NAT) is
 * not expected, unless the setting ftp_loose allows it.
 *
 * Synchronization: what is remembered is read and written under conn_lock(), but not held in between:
 * two workers with segments of one connection may lose a line's end to each other, no more. Who takes
 * the helper away meanwhile leaves the memory of what it remembered.
 */
#include "helper/help.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "helper/text.h"

#define LINE_ENDS 2

struct ftp_state {
	uint32_t line_end[2][LINE_ENDS]; /* of each direction: sequence numbers behind a newline */
	uint8_t count[2];
	bool is_resumed[2]; /* the next segment of the direction counts as a line's beginning */
};

enum ftp_kind { FTP_PORT, FTP_EPRT, FTP_PASV, FTP_EPSV };
enum ftp_found { FTP_NONE, FTP_PARTIAL, FTP_WHOLE };

/* What a command names, and where in the payload. */
struct ftp_place {
	uint8_t family;
	uint8_t addr[16];
	uint16_t port;
	uint32_t offset, len;
};

/* Takes what it names off the text and returns whether it is whole; skips what comes before it. */
typedef bool ftp_read(struct buf *text, struct buf *begin, struct ftp_place *place);

/* Six numbers, up to term (-1 = anything): h1,h2,h3,h4,p1,p2 */
static bool read_numbers(struct buf *text, int term, struct ftp_place *place)
{
	uint32_t n[6];

	if (!text_numbers(text, n, 6, ',', term))
		return false;
	text_ipv4_of(n, place->addr);
	place->port = (uint16_t)(n[4] << 8 | n[5]);
	return true;
}

static bool read_port(struct buf *text, struct buf *begin, struct ftp_place *place)
{
	*begin = *text;
	return read_numbers(text, '\r', place);
}

/* RFC 1123, 4.1.2.6: the parentheses may be missing; the first digit begins the numbers. */
static bool read_pasv(struct buf *text, struct buf *begin, struct ftp_place *place)
{
	while (text_peek(text) >= 0 && !text_is_digit(text_peek(text)))
		buf_skip(text, 1);
	*begin = *text;
	return read_numbers(text, -1, place);
}

static bool is_delimiter(int c)
{
	return c > ' ' && c < 0x7f && !text_is_digit(c);
}

/* A port up to the delimiter, which is taken too; it wraps, and 0 is none. */
static bool read_delimited_port(struct buf *text, char delimiter, struct ftp_place *place)
{
	const char end[] = { delimiter, 0 };

	place->port = (uint16_t)text_decimal(text);
	return place->port && text_take(text, end);
}

/* |1|132.235.1.2|6275| or |2|3ffe::1|6275| */
static bool read_eprt(struct buf *text, struct buf *begin, struct ftp_place *place)
{
	char delimiter = (char)text_peek(text);
	const char head[] = { delimiter, place->family == PKTT_IPV6 ? '2' : '1', delimiter, 0 };
	uint32_t n[4];

	*begin = *text;
	if (!is_delimiter(text_peek(text)) || !text_take(text, head))
		return false;
	if (place->family == PKTT_IPV6) {
		if (!text_ipv6(text, delimiter, place->addr))
			return false;
	} else {
		if (!text_numbers(text, n, 4, '.', delimiter))
			return false;
		text_ipv4_of(n, place->addr);
	}
	return buf_skip(text, 1) && read_delimited_port(text, delimiter, place);
}

/* |||6446| */
static bool read_epsv(struct buf *text, struct buf *begin, struct ftp_place *place)
{
	char delimiter = (char)text_peek(text);
	const char head[] = { delimiter, delimiter, delimiter, 0 };

	*begin = *text;
	return is_delimiter(text_peek(text)) && text_take(text, head) &&
	       read_delimited_port(text, delimiter, place);
}

/* What stands at the beginning of a line, of each direction. */
static const struct ftp_command {
	const char *word;
	char skip; /* the place begins behind this character; 0 = at once */
	enum ftp_kind kind;
	ftp_read *read;
} commands[2][2] = {
	[CT_ORIGINAL] = {
		{ "PORT", ' ', FTP_PORT, read_port },
		{ "EPRT", ' ', FTP_EPRT, read_eprt },
	},
	[CT_REPLY] = {
		{ "227 ", 0, FTP_PASV, read_pasv },
		{ "229 ", '(', FTP_EPSV, read_epsv },
	},
};

static enum ftp_found find_command(const struct ftp_command *command, const struct help *help,
				   struct ftp_place *place)
{
	struct buf rest = help->payload, begin;

	if (buf_left(&rest) <= strlen(command->word))
		return text_is_begun(rest, command->word) ? FTP_PARTIAL : FTP_NONE;
	if (!text_take_nocase(&rest, command->word))
		return FTP_NONE;
	if (command->skip && !text_skip_behind(&rest, command->skip))
		return FTP_PARTIAL;
	if (!command->read(&rest, &begin, place))
		return FTP_PARTIAL;
	place->offset = help_offset(help, &begin);
	place->len = help_offset(help, &rest) - place->offset;
	return FTP_WHOLE;
}

/* --- Lines ------------------------------------------------------------------------------------ */

static bool is_noted(const struct ftp_state *state, enum ct_dir dir, uint32_t seq)
{
	for (unsigned int i = 0; i < state->count[dir]; i++)
		if (state->line_end[dir][i] == seq)
			return true;
	return false;
}

static bool is_line_begin(struct conn *conn, struct ftp_state *state, enum ct_dir dir, uint32_t seq)
{
	bool found;

	conn_lock(conn);
	found = is_noted(state, dir, seq);
	if (!found && state->is_resumed[dir]) {
		state->is_resumed[dir] = false;
		found = true;
	}
	conn_unlock(conn);
	return found;
}

/* Else the first command behind a failover would not be read. */
static void ftp_resume(struct conn *conn)
{
	struct ftp_state *state = conn_helper_data(conn);

	conn_lock(conn);
	state->is_resumed[CT_ORIGINAL] = state->is_resumed[CT_REPLY] = true;
	conn_unlock(conn);
}

/* Two ends are kept: a segment that was sent again may come behind a later one. */
static void note_line_end(struct conn *conn, struct ftp_state *state, enum ct_dir dir, uint32_t seq)
{
	uint32_t *end = state->line_end[dir];
	unsigned int older;

	conn_lock(conn);
	if (is_noted(state, dir, seq)) {
		/* a segment that was sent again */
	} else if (state->count[dir] < LINE_ENDS) {
		end[state->count[dir]++] = seq;
	} else {
		older = (int32_t)(end[0] - end[1]) < 0 ? 0 : 1;
		if ((int32_t)(seq - end[older]) > 0)
			end[older] = seq;
	}
	conn_unlock(conn);
}

/* --- Announcing ------------------------------------------------------------------------------- */

/* The same place as the other side is to see it: at the address that the answering packets go to. */
static uint32_t write_place(const struct help *help, const struct announcement *what, uint16_t port,
			    uint8_t out[ANNOUNCEMENT_TEXT_MAX])
{
	const struct ct_tuple *tuple = &help->tuple[!help->dir];
	char *text = (char *)out, ipv6[TEXT_IPV6_SIZE];
	const uint8_t *a = tuple->dst;
	int len = 0;

	switch ((enum ftp_kind)what->kind) {
	case FTP_PORT:
	case FTP_PASV:
		len = snprintf(text, ANNOUNCEMENT_TEXT_MAX, "%u,%u,%u,%u,%u,%u", a[0], a[1], a[2],
			       a[3], port >> 8, port & 0xff);
		break;
	case FTP_EPRT:
		if (tuple->family == PKTT_IPV6) {
			text_put_ipv6(ipv6, a);
			len = snprintf(text, ANNOUNCEMENT_TEXT_MAX, "|2|%s|%u|", ipv6, port);
		} else {
			len = snprintf(text, ANNOUNCEMENT_TEXT_MAX, "|1|%u.%u.%u.%u|%u|", a[0],
				       a[1], a[2], a[3], port);
		}
		break;
	case FTP_EPSV:
		len = snprintf(text, ANNOUNCEMENT_TEXT_MAX, "|||%u|", port);
		break;
	}
	return (uint32_t)len;
}

/* The data connection comes from the other side, to the host that spoke. */
static enum pktt_verdict announce(const struct help *help, enum ftp_kind kind,
				  const struct ftp_place *place)
{
	const struct ct_tuple *self = &help->tuple[help->dir], *other = &help->tuple[!help->dir];
	struct pktt_addr src = ct_tuple_src(other);
	struct announcement what = {
		.protocol = IPPROTO_TCP,
		.src = &src,
		.dst = ct_tuple_dst(other),
		.port = htons(place->port),
		.follows = true,
		.nat_dir = !help->dir,
		.saved_port = htons(place->port),
		.offset = place->offset,
		.len = place->len,
		.write = write_place,
		.kind = kind,
	};

	if (memcmp(place->addr, self->src, sizeof(place->addr)) != 0) {
		if (!conntrack_settings(help->ct)->ftp_loose)
			return PKTT_ACCEPT;
		memcpy(what.dst.byte, place->addr, what.dst.len);
	}
	return help_announce(help, &what);
}

static enum pktt_verdict read_line(const struct help *help, bool *is_broken)
{
	struct ftp_place place = { .family = help->tuple[CT_ORIGINAL].family };

	/* 229 does not say the address. */
	memcpy(place.addr, help->tuple[help->dir].src, sizeof(place.addr));
	for (unsigned int i = 0; i < 2; i++) {
		const struct ftp_command *command = &commands[help->dir][i];

		switch (find_command(command, help, &place)) {
		case FTP_NONE:
			break;
		case FTP_PARTIAL:
			*is_broken = true;
			return help_drop(help);
		case FTP_WHOLE:
			return announce(help, command->kind, &place);
		}
	}
	return PKTT_ACCEPT;
}

static enum pktt_verdict ftp_help(struct pktt_packet *pkt, struct conn *conn,
				  enum pktt_ct_info info)
{
	struct ftp_state *state = conn_helper_data(conn);
	enum pktt_verdict verdict = PKTT_ACCEPT;
	bool is_broken = false, is_line;
	struct help help;
	uint32_t seq, end;

	if (!state || !help_is_established(info) || !help_begin(&help, pkt, conn, info) ||
	    !buf_left(&help.payload))
		return PKTT_ACCEPT;
	help_linearize(pkt);
	seq = get_be32(pktt_packet_read(pkt, PKTT_L4, 4, 4));
	end = seq + (uint32_t)buf_left(&help.payload);
	/* Before the payload is rewritten: numbers are the sender's. */
	is_line = *pktt_packet_read(pkt, PKTT_L4, packet_len(pkt, PKTT_L4) - 1, 1) == '\n';
	if (is_line_begin(conn, state, help.dir, seq))
		verdict = read_line(&help, &is_broken);
	if (is_line && !is_broken)
		note_line_end(conn, state, help.dir, end);
	return verdict;
}

static const struct ct_expect_policy ftp_classes[] = {
	{ .name = "default", .max = 1, .timeout = 5 * 60 },
};

PKTT_HELPER(ftp) = {
	.name = "ftp",
	.families = PKTT_FAM_V4 | PKTT_FAM_V6,
	.protocol = { IPPROTO_TCP },
	.ports = { 21 },
	.classes = ftp_classes,
	.nclasses = 1,
	.data_size = sizeof(struct ftp_state),
	.help = ftp_help,
	.resume = ftp_resume,
};
