/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPLAY_CAPTURE_H
#define REPLAY_CAPTURE_H

#include <stdint.h>
#include <stdio.h>

struct capture;
struct pktt_error;

/* Whole packets of more than this are refused: it bounds the one buffer that a reader holds. */
#define CAPTURE_BLOCK_MAX (16U << 20)

/* LINKTYPE_ values of the tcpdump.org registry; DLT_RAW is what old files hold for RAW. */
enum capture_linktype {
	CAPTURE_LINKTYPE_ETHERNET = 1,
	CAPTURE_LINKTYPE_DLT_RAW = 12,
	CAPTURE_LINKTYPE_RAW = 101,
	CAPTURE_LINKTYPE_LINUX_SLL = 113,
	CAPTURE_LINKTYPE_IPV4 = 228,
	CAPTURE_LINKTYPE_IPV6 = 229,
	CAPTURE_LINKTYPE_LINUX_SLL2 = 276,
};

/* The numbers are those of bits 0 and 1 of pcapng's epb_flags. */
enum capture_direction {
	CAPTURE_UNKNOWN = 0,
	CAPTURE_INBOUND = 1,
	CAPTURE_OUTBOUND = 2,
};

struct capture_record {
	uint64_t number; /* from 0, over all sections and interfaces of the file */
	/*
	 * Nanoseconds since the epoch, never beyond 2^62 either way (the years 1823 to 2116):
	 * adding a timeout cannot overflow. A record without a time has that of its predecessor,
	 * the first 0.
	 */
	int64_t time_ns;
	const uint8_t *data; /* caplen bytes, borrowed until the next call */
	uint32_t caplen;
	uint32_t wirelen;  /* on the wire; never less than caplen */
	uint32_t linktype; /* enum capture_linktype, or one that we do not know */
	const char
		*interface; /* if_name as the file has it, or NULL; borrowed until the next call */
	enum capture_direction direction;
};

/*
 * Begins to read the pcap or pcapng file (or pipe) @in, which stays the caller's and must outlive
 * the capture; nothing is ever sought. @name is for error sentences. Errors: -ENODATA (ends within
 * its first header), -EPROTONOSUPPORT (neither pcap nor pcapng, or a version of them that is
 * unknown), -EBADMSG (its first header contradicts itself), -EMSGSIZE, -ENOMEM, or what reading @in
 * gave.
 */
int capture_open(struct capture **ret, FILE *in, const char *name, struct pktt_error *err)
	__attribute__((warn_unused_result));

/*
 * The next record: 1 and *ret filled, 0 at the clean end of the file, or an error: -ENODATA (the
 * file is cut off), -EBADMSG (a block or record contradicts itself), -EMSGSIZE (one of more than
 * CAPTURE_BLOCK_MAX bytes, or too many interfaces), -ERANGE (a time beyond the range above),
 * -EPROTONOSUPPORT (a section of an unknown version), -ENOMEM, or what reading gave. An error is
 * final: the place of the next record is not known, every later call gives it again.
 */
int capture_next(struct capture *c, struct capture_record *ret, struct pktt_error *err)
	__attribute__((warn_unused_result));

/* Bytes taken from the file so far, for a progress bar. */
uint64_t capture_bytes_read(const struct capture *c);

/* Ends reading; the stream stays open. NULL and a pointer to NULL are accepted. */
void capture_close(struct capture **c);

#endif
