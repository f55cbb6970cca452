/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding things in SIP messages (RFC 3261) and session descriptions (RFC 8866).
 *
 * Overview: nothing is taken apart as a whole; what is asked for is searched from a place on, by the
 * very rules of Linux's nf_conntrack_sip.c, so that the two read the same message in the same way:
 * headers by their long or compact name at the beginning of a line, continuation lines, lists with
 * commas. Places are numbers from the message's start, because NAT moves the message.
 */
#include "helper/sip.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "base/own.h"
#include "helper/text.h"

enum { SIP_PORT = 5060, PORT_MIN = 1024, PORT_MAX = 65535 };

#define NOWHERE UINT32_MAX

/* The rest of a message from a place on, up to a limit. */
static struct buf span(const struct sip *m, uint32_t at, uint32_t limit)
{
	struct buf b = m->help->payload, rest;

	if (at > limit || limit > m->len || !buf_skip(&b, m->start) || !buf_skip(&b, at) ||
	    !buf_get_buf(&b, limit - at, &rest))
		return buf_of(NULL, 0);
	return rest;
}

int sip_at(const struct sip *m, uint32_t at)
{
	struct buf b = m->help->payload;

	if (at >= m->len || !buf_skip(&b, m->start) || !buf_skip(&b, at))
		return -1;
	return text_peek(&b);
}

/* Up to a limit before the message's end. */
static int at_before(const struct sip *m, uint32_t at, uint32_t limit)
{
	return at < limit ? sip_at(m, at) : -1;
}

bool sip_has(const struct sip *m, uint32_t at, const char *word)
{
	struct buf b = span(m, at, m->len);

	return text_take_nocase(&b, word);
}

bool sip_has_exactly(const struct sip *m, uint32_t at, const char *word)
{
	struct buf b = span(m, at, m->len);

	return text_take(&b, word);
}

uint32_t sip_number(const struct sip *m, uint32_t at, uint32_t *end)
{
	uint64_t value = 0;
	bool is_over = false;

	for (; isdigit(sip_at(m, at)); at++) {
		value = value * 10 + (uint64_t)(sip_at(m, at) - '0');
		is_over = is_over || value > UINT32_MAX;
		value = is_over ? 0 : value;
	}
	*end = at;
	return is_over ? 0 : (uint32_t)value;
}

/* --- Lines ------------------------------------------------------------------------------------ */

static bool is_newline(int c)
{
	return c == '\r' || c == '\n';
}

static bool is_blank(int c)
{
	return c == ' ' || c == '\t';
}

/* Behind the end of line at a place; NOWHERE = nothing follows it. */
static uint32_t next_line(const struct sip *m, uint32_t at, uint32_t limit)
{
	uint32_t to = at + 1;

	if (at_before(m, at, limit) == '\r' && at_before(m, to, limit) == '\n')
		to++;
	return to < limit ? to : NOWHERE;
}

/* The same, if the next line continues this one: behind its blanks. */
static uint32_t follow(const struct sip *m, uint32_t at, uint32_t limit)
{
	uint32_t to = next_line(m, at, limit);

	if (to == NOWHERE || !is_blank(at_before(m, to, limit)))
		return NOWHERE;
	while (is_blank(at_before(m, to, limit)))
		to++;
	return to;
}

static uint32_t skip_blanks(const struct sip *m, uint32_t at, uint32_t limit)
{
	while (is_blank(at_before(m, at, limit)))
		at++;
	if (at < limit && is_newline(sip_at(m, at)))
		return follow(m, at, limit);
	return at;
}

/* needle from a place to the end of the header, over continuation lines; NOWHERE = it is not there. */
static uint32_t search(const struct sip *m, uint32_t at, uint32_t limit, const char *needle)
{
	uint32_t len = (uint32_t)strlen(needle);

	if (limit < len)
		return NOWHERE;
	limit -= len;
	while (at < limit) {
		if (is_newline(sip_at(m, at))) {
			at = follow(m, at, limit);
			if (at == NOWHERE)
				return NOWHERE;
		} else if (sip_has(m, at, needle)) {
			return at;
		}
		at++;
	}
	return NOWHERE;
}

/* --- Addresses -------------------------------------------------------------------------------- */

/* The kernel's in4_pton() without a delimiter: the place behind it, or NOWHERE. */
static uint32_t read_ipv4(const struct sip *m, uint32_t at, uint32_t limit, uint8_t ret[16])
{
	unsigned int value = 0, digits = 0, n = 0;

	for (;; at++) {
		int c = at_before(m, at, limit);

		if (isdigit(c)) {
			value = value * 10 + (unsigned int)(c - '0');
			digits++;
			if (value > 255)
				return NOWHERE;
			continue;
		}
		if (isxdigit(c) || digits == 0)
			return NOWHERE;
		ret[n++] = (uint8_t)value;
		if (n == 4)
			return c == '.' ? NOWHERE : at;
		if (c != '.')
			return NOWHERE;
		value = digits = 0;
	}
}

/* in6_pton(): up to whatever no address has. */
static uint32_t read_ipv6(const struct sip *m, uint32_t at, uint32_t limit, uint8_t ret[16])
{
	uint32_t end = at;
	struct buf text;
	size_t left;

	while (isxdigit(at_before(m, end, limit)) || at_before(m, end, limit) == ':' ||
	       at_before(m, end, limit) == '.')
		end++;
	text = span(m, at, end);
	left = buf_left(&text);
	if (!left || !text_ipv6(&text, 0, ret))
		return NOWHERE;
	return at + (uint32_t)(left - buf_left(&text));
}

static uint32_t read_address(const struct sip *m, uint32_t at, uint32_t limit, bool has_brackets,
			     uint8_t ret[16])
{
	memset(ret, 0, 16);
	if (m->help->tuple[0].family == PKTT_IPV4)
		return read_ipv4(m, at, limit, ret);
	if (at_before(m, at, limit) == '[')
		at++;
	else if (has_brackets)
		return NOWHERE;
	at = read_ipv6(m, at, limit, ret);
	if (at != NOWHERE && at_before(m, at, limit) == ']')
		return at + 1;
	return has_brackets ? NOWHERE : at;
}

/* A session description has no brackets. */
static uint32_t read_sdp_address(const struct sip *m, uint32_t at, uint32_t limit, uint8_t ret[16])
{
	memset(ret, 0, 16);
	if (m->help->tuple[0].family == PKTT_IPV4)
		return read_ipv4(m, at, limit, ret);
	return read_ipv6(m, at, limit, ret);
}

/* :port behind an address; the standard one where there is none. */
static bool read_port(const struct sip *m, uint32_t *at, uint16_t *port)
{
	uint32_t n;

	*port = htons(SIP_PORT);
	if (sip_at(m, *at) != ':')
		return true;
	n = sip_number(m, *at + 1, at);
	if (n < PORT_MIN || n > PORT_MAX)
		return false;
	*port = htons((uint16_t)n);
	return true;
}

/* --- How long a value is: 0 = it is none. skip: what stands before it ----------------------------- */

typedef uint32_t sip_measure(const struct sip *m, uint32_t at, uint32_t *skip);

static uint32_t digits(const struct sip *m, uint32_t at, uint32_t *skip)
{
	uint32_t end;

	(void)skip;
	sip_number(m, at, &end);
	return end - at;
}

static uint32_t letters(const struct sip *m, uint32_t at)
{
	uint32_t end = at;

	while (isalpha(sip_at(m, end)))
		end++;
	return end - at;
}

/* "audio 49170" */
static uint32_t media(const struct sip *m, uint32_t at, uint32_t *skip)
{
	uint32_t len = letters(m, at);

	if (sip_at(m, at + len) != ' ')
		return 0;
	return len + 1 + digits(m, at + len + 1, skip);
}

/* An address and its port. */
static uint32_t host(const struct sip *m, uint32_t at, uint32_t *skip)
{
	uint8_t ignored[16];
	uint32_t end = read_address(m, at, m->len, true, ignored);

	if (end == NOWHERE)
		return 0;
	if (sip_at(m, end) == ':')
		end += 1 + digits(m, end + 1, skip);
	return end - at;
}

/* The same behind "user@"; there are no continuation lines in a URI. */
static uint32_t user_host(const struct sip *m, uint32_t at, uint32_t *skip)
{
	uint32_t end = at;

	while (end < m->len && sip_at(m, end) != '@' && !is_newline(sip_at(m, end)))
		end++;
	if (sip_at(m, end) == '@') {
		*skip = end + 1 - at;
		at = end + 1;
	}
	return host(m, at, skip);
}

static uint32_t sdp_address(const struct sip *m, uint32_t at, uint32_t *skip)
{
	uint8_t ignored[16];
	uint32_t end = read_sdp_address(m, at, m->len, ignored);

	(void)skip;
	return end == NOWHERE ? 0 : end - at;
}

/* --- Headers ---------------------------------------------------------------------------------- */

struct header {
	const char *name, *compact;
	const char *search; /* what the value stands behind */
	sip_measure *measure;
};

static const struct header headers[] = {
	[SIP_CSEQ] = { "CSeq", NULL, NULL, digits },
	[SIP_FROM] = { "From", "f", "sip:", user_host },
	[SIP_TO] = { "To", "t", "sip:", user_host },
	[SIP_CONTACT] = { "Contact", "m", "sip:", user_host },
	[SIP_VIA_UDP] = { "Via", "v", "UDP ", host },
	[SIP_VIA_TCP] = { "Via", "v", "TCP ", host },
	[SIP_EXPIRES] = { "Expires", NULL, NULL, digits },
	[SIP_CONTENT_LENGTH] = { "Content-Length", "l", NULL, digits },
};

/* Behind the header's name and its colon, if it stands at a place; NOWHERE = another does. */
static uint32_t behind_name(const struct sip *m, uint32_t at, const struct header *h,
			    bool *is_named)
{
	*is_named = true;
	if (sip_has(m, at, h->name))
		at += (uint32_t)strlen(h->name);
	else if (h->compact && sip_has(m, at, h->compact) &&
		 !isalpha(sip_at(m, at + (uint32_t)strlen(h->compact))))
		at += (uint32_t)strlen(h->compact);
	else
		*is_named = false;
	if (!*is_named)
		return NOWHERE;
	at = skip_blanks(m, at, m->len);
	if (at == NOWHERE || sip_at(m, at) != ':' || at + 1 >= m->len)
		return NOWHERE;
	return skip_blanks(m, at + 1, m->len);
}

/* What counts of a value that begins at a place. */
static int take_value(const struct sip *m, uint32_t at, const struct header *h,
		      struct sip_match *ret)
{
	uint32_t skip = 0;

	ret->at = at;
	if (h->search) {
		at = search(m, at, m->len, h->search);
		if (at == NOWHERE)
			return -1;
		at += (uint32_t)strlen(h->search);
	}
	ret->len = h->measure(m, at, &skip);
	if (!ret->len)
		return -1;
	ret->at = at + skip;
	return 1;
}

int sip_find_header(const struct sip *m, uint32_t from, enum sip_header header,
		    struct sip_match *ret)
{
	const struct header *h = &headers[header];

	for (uint32_t at = from; at < m->len; at++) {
		bool is_named;
		uint32_t value;

		if (!is_newline(sip_at(m, at)))
			continue;
		at = next_line(m, at, m->len);
		if (at == NOWHERE)
			break;
		if (is_blank(sip_at(m, at)))
			continue;
		value = behind_name(m, at, h, &is_named);
		if (!is_named)
			continue;
		return value == NOWHERE ? 0 : take_value(m, value, h, ret);
	}
	return 0;
}

/* Behind the next comma of a list. */
static int find_in_list(const struct sip *m, uint32_t from, enum sip_header header,
			struct sip_match *ret)
{
	const struct header *h = &headers[header];
	uint32_t at = search(m, from, m->len, ","), skip = 0;

	if (at != NOWHERE)
		at = search(m, at, m->len, h->search);
	if (at == NOWHERE)
		return 0;
	at += (uint32_t)strlen(h->search);
	ret->at = at;
	ret->len = h->measure(m, at, &skip);
	if (!ret->len)
		return -1;
	ret->at += skip;
	return 1;
}

/* The next value, in the list that the walk stands in or in a further header. */
static int find_next(const struct sip *m, enum sip_header header, struct sip_walk *walk,
		     struct sip_match *ret)
{
	uint32_t from = walk->at;
	int r;

	while (walk->in_header) {
		r = find_in_list(m, from, header, ret);
		if (r > 0)
			return r;
		if (r == 0)
			walk->in_header = false;
		else
			from = ret->at;
	}
	while ((r = sip_find_header(m, from, header, ret)) < 0)
		from = ret->at;
	walk->in_header = r > 0;
	return r;
}

int sip_find_uri(const struct sip *m, enum sip_header header, struct sip_walk *walk,
		 struct sip_match *ret)
{
	struct sip_walk first = { 0 };
	uint32_t end;
	int r = find_next(m, header, walk ? walk : &first, ret);

	if (r <= 0)
		return r;
	end = read_address(m, ret->at, m->len, true, ret->addr);
	if (end == NOWHERE)
		return -1;
	/* With a port that is none it is as if the header were not there: so does Linux. */
	if (!read_port(m, &end, &ret->port))
		return 0;
	if (walk)
		walk->at = end;
	return 1;
}

int sip_find_request_uri(const struct sip *m, struct sip_match *ret)
{
	static const char sip[] = "sip:";
	uint32_t at = letters(m, 0), limit = m->len < 4 ? 0 : m->len - 4, skip = 0, end;

	if (!at || ++at >= m->len)
		return 0;
	for (; at < limit; at++) {
		if (is_newline(sip_at(m, at)))
			return -1;
		if (sip_has(m, at, sip)) {
			at += 4;
			break;
		}
	}
	if (!user_host(m, at, &skip))
		return 0;
	at += skip;
	end = read_address(m, at, m->len, true, ret->addr);
	if (end == NOWHERE || !read_port(m, &end, &ret->port))
		return -1;
	ret->at = at;
	ret->len = end - at;
	return end > at;
}

/* --- Parameters ------------------------------------------------------------------------------- */

/* Behind name, before the next value of the list; NOWHERE = it is not there. */
static uint32_t behind_parameter(const struct sip *m, uint32_t from, const char *name,
				 uint32_t *limit)
{
	uint32_t comma = search(m, from, m->len, ","), at;

	*limit = comma == NOWHERE ? m->len : comma;
	at = search(m, from, *limit, name);
	return at == NOWHERE ? NOWHERE : at + (uint32_t)strlen(name);
}

int sip_find_address(const struct sip *m, uint32_t from, const char *name, bool has_brackets,
		     struct sip_match *ret)
{
	uint32_t limit, at = behind_parameter(m, from, name, &limit), end;

	if (at == NOWHERE)
		return 0;
	end = read_address(m, at, limit, has_brackets, ret->addr);
	if (end == NOWHERE)
		return 0;
	ret->at = at;
	ret->len = end - at;
	return 1;
}

int sip_find_number(const struct sip *m, uint32_t from, const char *name, struct sip_match *ret,
		    uint32_t *value)
{
	uint32_t limit, at = behind_parameter(m, from, name, &limit), end, n;

	if (at == NOWHERE)
		return 0;
	n = sip_number(m, at, &end);
	if (end == at)
		return -1;
	*value = n;
	ret->at = at;
	ret->len = end - at;
	return 1;
}

bool sip_find_transport(const struct sip *m, uint32_t from, uint8_t *protocol)
{
	uint8_t own = m->help->tuple[0].protocol;
	uint32_t limit, at = behind_parameter(m, from, "transport=", &limit);

	*protocol = own;
	if (at == NOWHERE)
		return true;
	if (sip_has(m, at, "TCP"))
		*protocol = IPPROTO_TCP;
	else if (sip_has(m, at, "UDP"))
		*protocol = IPPROTO_UDP;
	else
		return false;
	return *protocol == own;
}

/* --- Session descriptions --------------------------------------------------------------------- */

static const struct sdp_header {
	const char *name;
	bool has_address;
	sip_measure *measure;
} sdp_headers[] = {
	[SDP_NONE] = { "", false, NULL },	   [SDP_VERSION] = { "v=", false, digits },
	[SDP_OWNER] = { "o=", true, sdp_address }, [SDP_CONNECTION] = { "c=", true, sdp_address },
	[SDP_MEDIA] = { "m=", false, media },
};

/* Letters count here, and a line ends where it ends. */
static uint32_t search_line(const struct sip *m, uint32_t at, const char *needle)
{
	uint32_t len = (uint32_t)strlen(needle);

	for (; at + len < m->len && !is_newline(sip_at(m, at)); at++) {
		struct buf b = span(m, at, m->len);

		if (text_take(&b, needle))
			return at + len;
	}
	return NOWHERE;
}

static int take_line(const struct sip *m, uint32_t at, const struct sdp_header *h,
		     struct sip_match *ret)
{
	bool is_v4 = m->help->tuple[0].family == PKTT_IPV4;
	uint32_t skip = 0;

	ret->at = at;
	if (h->has_address) {
		at = search_line(m, at, is_v4 ? "IN IP4 " : "IN IP6 ");
		if (at == NOWHERE)
			return -1;
	}
	ret->len = h->measure(m, at, &skip);
	if (!ret->len)
		return -1;
	ret->at = at;
	return 1;
}

int sdp_find(const struct sip *m, uint32_t from, enum sdp_line line, enum sdp_line term,
	     struct sip_match *ret)
{
	const struct sdp_header *h = &sdp_headers[line];

	for (uint32_t at = from; at < m->len; at++) {
		if (!is_newline(sip_at(m, at)))
			continue;
		at = next_line(m, at, m->len);
		if (at == NOWHERE || (term != SDP_NONE && sip_has(m, at, sdp_headers[term].name)))
			break;
		if (sip_has(m, at, h->name))
			return take_line(m, at + (uint32_t)strlen(h->name), h, ret);
	}
	return 0;
}

int sdp_find_address(const struct sip *m, uint32_t from, enum sdp_line line, enum sdp_line term,
		     struct sip_match *ret)
{
	int r = sdp_find(m, from, line, term, ret);

	if (r <= 0)
		return r;
	return read_sdp_address(m, ret->at, ret->at + ret->len, ret->addr) == NOWHERE ? -1 : 1;
}
