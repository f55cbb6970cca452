/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef REPLAY_CAPTURE_PCAP_H
#define REPLAY_CAPTURE_PCAP_H

#include <stdbool.h>
#include <stdint.h>

struct capture_record;
struct capture_source;
struct pktt_error;

/* What the file header of a classic pcap file fixes for all of its records. */
struct capture_pcap {
	bool is_little;
	bool may_be_swapped; /* lengths, in files of versions before 2.4 */
	uint32_t unit_ns;    /* of the second word of a timestamp */
	uint32_t linktype;
};

/*
 * True if @magic, the first four bytes read as big-endian, opens a pcap file: *ret knows its kind.
 */
bool capture_pcap_probe(struct capture_pcap *ret, uint32_t magic);

/* Reads the file header behind the magic. */
int capture_pcap_open(struct capture_pcap *p, struct capture_source *s, struct pktt_error *err);

/* As capture_next(). */
int capture_pcap_next(struct capture_pcap *p, struct capture_source *s, struct capture_record *ret,
		      struct pktt_error *err);

#endif
