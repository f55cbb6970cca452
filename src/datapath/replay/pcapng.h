/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPLAY_PCAPNG_H
#define REPLAY_PCAPNG_H

#include <stdbool.h>
#include <stdint.h>

struct capture_record;
struct capture_source;
struct pcapng_interface;
struct pktt_error;

/* draft-ietf-opsawg-pcapng: what reader and writer know of it. */
enum pcapng_block {
	PCAPNG_IDB = 1,		 /* interface description */
	PCAPNG_PB = 2,		 /* packet, obsolete */
	PCAPNG_SPB = 3,		 /* simple packet */
	PCAPNG_EPB = 6,		 /* enhanced packet */
	PCAPNG_SHB = 0x0a0d0d0a, /* section header: the same in either byte order */
};

enum pcapng_option {
	PCAPNG_END = 0,
	PCAPNG_COMMENT = 1,
	PCAPNG_SHB_USERAPPL = 4,
	PCAPNG_IF_NAME = 2,
	PCAPNG_IF_TSRESOL = 9,
	PCAPNG_IF_TSOFFSET = 14,
	PCAPNG_PACKET_FLAGS = 2, /* epb_flags, and pack_flags of the obsolete block */
};

#define PCAPNG_BYTE_ORDER 0x1a2b3c4dU

/* Reader state: the section in hand. */
struct pcapng {
	bool is_little;
	uint32_t count, room;
	struct pcapng_interface *interfaces; /* count of them; owned */
};

void pcapng_fini(struct pcapng *p);

/* Reads a section header, behind the four bytes of its block type. */
int pcapng_section(struct pcapng *p, struct capture_source *s, struct pktt_error *err);

/* As capture_next(). */
int pcapng_next(struct pcapng *p, struct capture_source *s, struct capture_record *ret,
		struct pktt_error *err);

#endif
