/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: the grammar as nested readers, each of which takes its element off the cursor. What is
 * accepted is exactly what the kernel's decoder makes of nf_nat_snmp_basic.asn1, the oddities included:
 * alternatives of a choice stand in one order, and those that are not marked "once" may follow upon
 * another that was there.
 *
 *	Message = { version INTEGER, community STRING, PDUs }
 *	PDU = { INTEGER, INTEGER, INTEGER, { Variable ... } }
 *	Variable = { name OID, value }
 */
#include "helper/snmp_ber.h"

#include <stddef.h>

enum { /* X.690, 8.1.2: class, 0x20 for constructed, number */
       BER_INTEGER = 0x02,
       BER_STRING = 0x04,
       BER_NULL = 0x05,
       BER_OID = 0x06,
       BER_SEQUENCE = 0x30,
       BER_CONSTRUCTED = 0x20,
       SNMP_IP_ADDRESS = 0x40,
       SNMP_COUNTER32 = 0x41,
       SNMP_UNSIGNED32 = 0x42,
       SNMP_TIME_TICKS = 0x43,
       SNMP_OPAQUE = 0x44,
       SNMP_COUNTER64 = 0x46,
};

enum ber_result { BER_BAD, BER_OTHER, BER_READ };

struct snmp_reader {
	struct buf message;
	void (*see)(void *ctx, uint32_t at);
	void *ctx;
};

struct ber_head {
	size_t len;
	bool is_indefinite; /* two bytes of zero end it instead */
};

/* X.690, 8.1.3: one byte; or how many follow, here two at most; or 0x80. */
static bool read_length(struct buf *b, bool is_constructed, struct ber_head *head)
{
	uint8_t first, byte;

	if (!buf_get_u8(b, &first))
		return false;
	*head = (struct ber_head){ .len = first };
	if (first == 0x80) {
		head->is_indefinite = true;
		return is_constructed && buf_left(b) >= 2;
	}
	if (first > 0x82)
		return false;
	if (first > 0x80) {
		head->len = 0;
		for (unsigned int n = first - 0x80u; n > 0; n--) {
			if (!buf_get_u8(b, &byte))
				return false;
			head->len = head->len << 8 | byte;
		}
	}
	return head->len <= buf_left(b);
}

/* The head of an element. OTHER: its tag is not want; nothing is taken. */
static enum ber_result read_head(struct buf *b, uint8_t want, struct ber_head *head)
{
	struct buf probe = *b;
	uint8_t tag;

	/* Where a constructed element is wanted, the bit is not looked at. */
	if (buf_left(b) < 2 || !buf_get_u8(&probe, &tag) || (tag & 0x1f) == 0x1f)
		return BER_BAD;
	if ((want ^ tag) & ~(want & BER_CONSTRUCTED) & 0xff)
		return BER_OTHER;
	if (!read_length(&probe, tag & BER_CONSTRUCTED, head))
		return BER_BAD;
	*b = probe;
	return BER_READ;
}

/* An element that holds no others; body is what it holds. */
static enum ber_result read_leaf(struct buf *b, uint8_t want, struct buf *body)
{
	struct ber_head head;
	enum ber_result r = read_head(b, want, &head);

	if (r == BER_READ)
		buf_get_buf(b, head.len, body);
	return r;
}

static bool need_leaf(struct buf *b, uint8_t want)
{
	struct buf body;

	return read_leaf(b, want, &body) == BER_READ;
}

/* An element that holds others: its inside as a cursor, to be given back by leave(). */
struct ber_inside {
	struct buf at;
	bool is_indefinite;
};

static enum ber_result enter(struct buf *b, uint8_t want, struct ber_inside *in)
{
	struct ber_head head;
	enum ber_result r = read_head(b, want, &head);

	if (r != BER_READ)
		return r;
	in->is_indefinite = head.is_indefinite;
	if (head.is_indefinite)
		in->at = *b;
	else
		buf_get_buf(b, head.len, &in->at);
	return BER_READ;
}

static bool leave(struct buf *b, struct ber_inside *in)
{
	uint16_t end;

	if (!in->is_indefinite)
		return buf_left(&in->at) == 0;
	if (!buf_get_be16(&in->at, &end) || end != 0)
		return false;
	*b = in->at;
	return true;
}

/* Whether another element of a list follows; *bad: neither that nor the list's end. */
static bool has_more(const struct ber_inside *in, bool *bad)
{
	struct buf probe = in->at;
	uint8_t byte;

	if (!in->is_indefinite)
		return buf_left(&probe) > 0;
	*bad = buf_left(&probe) < 2;
	return buf_get_u8(&probe, &byte) && !*bad && byte != 0;
}

/* --- The grammar ------------------------------------------------------------------------------ */

struct choice {
	uint8_t tag;
	bool once; /* not behind another that was there */
};

typedef enum ber_result choice_read(const struct snmp_reader *reader, struct buf *b, uint8_t tag);

/*
 * Alternatives in their order. At the end of what surrounds it nothing has to be there; else the last
 * one that was tried must have been.
 */
static bool read_choice(const struct snmp_reader *reader, struct buf *b,
			const struct choice *choice, unsigned int n, choice_read *read)
{
	bool is_there = true;

	for (unsigned int i = 0; i < n; i++) {
		if ((choice[i].once && is_there) || !buf_left(b))
			continue;
		switch (read(reader, b, choice[i].tag)) {
		case BER_BAD:
			return false;
		case BER_OTHER:
			is_there = false;
			break;
		case BER_READ:
			is_there = true;
			break;
		}
	}
	return is_there;
}

static enum ber_result read_value(const struct snmp_reader *reader, struct buf *b, uint8_t tag)
{
	struct buf body;
	enum ber_result r = read_leaf(b, tag, &body);

	if (r != BER_READ || tag != SNMP_IP_ADDRESS)
		return r;
	if (buf_left(&body) != 4)
		return BER_BAD;
	reader->see(reader->ctx, (uint32_t)buf_offset(&reader->message, &body));
	return BER_READ;
}

static bool read_variable(const struct snmp_reader *reader, struct buf *b)
{
	static const struct choice values[] = {
		{ BER_INTEGER, false },
		{ BER_STRING, true },
		{ BER_OID, true },
		{ SNMP_IP_ADDRESS, false },
		{ SNMP_COUNTER32, false },
		{ SNMP_TIME_TICKS, false },
		{ SNMP_OPAQUE, false },
		{ SNMP_COUNTER64, false },
		{ SNMP_UNSIGNED32, false },
		{ BER_NULL, true },
		{ 0x80, true }, /* noSuchObject */
		{ 0x81, true }, /* noSuchInstance */
		{ 0x82, true }, /* endOfMibView */
	};
	struct ber_inside in;

	return enter(b, BER_SEQUENCE, &in) == BER_READ && need_leaf(&in.at, BER_OID) &&
	       read_choice(reader, &in.at, values, sizeof(values) / sizeof(values[0]),
			   read_value) &&
	       leave(b, &in);
}

/* At least one. */
static bool read_variables(const struct snmp_reader *reader, struct buf *b)
{
	struct ber_inside in;
	bool bad = false;

	if (enter(b, BER_SEQUENCE, &in) != BER_READ)
		return false;
	do {
		if (!read_variable(reader, &in.at))
			return false;
	} while (has_more(&in, &bad));
	return !bad && leave(b, &in);
}

static enum ber_result read_pdu(const struct snmp_reader *reader, struct buf *b, uint8_t tag)
{
	struct ber_inside in;
	enum ber_result r = enter(b, tag, &in);

	if (r != BER_READ)
		return r;
	/* request-id, error-status, error-index */
	if (!need_leaf(&in.at, BER_INTEGER) || !need_leaf(&in.at, BER_INTEGER) ||
	    !need_leaf(&in.at, BER_INTEGER) || !read_variables(reader, &in.at) || !leave(b, &in))
		return BER_BAD;
	return BER_READ;
}

static bool read_version(struct buf *b)
{
	struct buf body;
	uint8_t version;

	return read_leaf(b, BER_INTEGER, &body) == BER_READ && buf_left(&body) == 1 &&
	       buf_get_u8(&body, &version) && version <= 1;
}

bool snmp_each_addr(struct buf message, void (*see)(void *ctx, uint32_t at), void *ctx)
{
	static const struct choice pdus[] = {
		{ 0xa0, false }, /* GetRequest */
		{ 0xa1, false }, /* GetNextRequest */
		{ 0xa5, false }, /* GetBulkRequest */
		{ 0xa2, false }, /* Response */
		{ 0xa3, false }, /* SetRequest */
		{ 0xa6, false }, /* InformRequest */
		{ 0xa7, false }, /* SNMPv2-Trap */
		{ 0xa8, false }, /* Report */
	};
	struct snmp_reader reader = { message, see, ctx };
	struct buf b = message;
	struct ber_inside in;

	return enter(&b, BER_SEQUENCE, &in) == BER_READ && read_version(&in.at) &&
	       need_leaf(&in.at, BER_STRING) &&
	       read_choice(&reader, &in.at, pdus, sizeof(pdus) / sizeof(pdus[0]), read_pdu) &&
	       leave(&b, &in);
}
