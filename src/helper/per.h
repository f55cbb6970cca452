/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Aligned PER (ITU-T X.691), as far as H.323 needs it: messages are walked by tables of their types,
 * and what the tables mark is noted on the way. Nothing is built, nothing is copied.
 */
#ifndef PKTT_HELPER_PER_H
#define PKTT_HELPER_PER_H

#include "base/buf.h"

enum per_kind {
	PER_NULL,
	PER_BOOL,
	PER_INT,      /* min .. max */
	PER_OCTETS,   /* of min to max bytes; max 0 = any number */
	PER_ADDRESS,  /* of min bytes, and a port behind them: noted */
	PER_OID,      /* object identifier */
	PER_DIGITS,   /* four bits each, min to max of them */
	PER_BMP,      /* two bytes each */
	PER_SEQUENCE, /* fields: nroot of them, then extensions */
	PER_CHOICE,   /* the same, of which there is one */
	PER_LIST,     /* of field[0] */
	PER_INSIDE,   /* an octet string that holds field[0] in an encoding of its own */
	PER_STOP,     /* whatever follows is not looked at */
};

struct per_type;

struct per_field {
	const struct per_type *type; /* NULL: an extension that is passed over */
	bool is_optional;
	uint8_t tag;  /* addresses and numbers inside are noted with it; 0 = as outside */
	uint8_t mark; /* that it is there is noted */
};

struct per_type {
	enum per_kind kind;
	bool is_extensible;
	uint8_t nroot, nfields;
	uint32_t min, max;
	const struct per_field *field;
};

/* Something that was marked. */
struct per_note {
	uint8_t tag;
	uint8_t len;	/* an address's bytes; 0 = a mark or a number */
	uint32_t at;	/* of an address, from the start of the bytes */
	uint32_t value; /* of a number */
};

#define PER_NOTES_MAX 64

struct per_notes {
	struct per_note note[PER_NOTES_MAX];
	unsigned int count;
};

/*
 * Walk a message of a type that begins at byte `at`. false = it is not one, or there is more to note than
 * there is room; what was noted up to there does not count.
 */
bool per_read(struct buf bytes, uint32_t at, const struct per_type *type, struct per_notes *ret);

#endif
