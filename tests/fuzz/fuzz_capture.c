/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a capture. Beyond the sanitizers' silence: what capture.h promises of every record,
 * and that what was read comes back the same when it is written and read again.
 */
#include "datapath/replay/capture.h"
#include "datapath/replay/capture_link.h"
#include "datapath/replay/capture_writer.h"

#include <inttypes.h>
#include <pktt/type.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Also in builds without assertions. */
static void must(bool claim)
{
	if (!claim)
		abort();
}

static void check_link(const struct capture_record *r)
{
	struct capture_link link;

	if (capture_link_parse(&link, r->linktype, r->data, r->caplen) < 0)
		return;
	must(link.l3_offset <= r->caplen);
	must(link.pkttype <= PKTT_PKT_OUTGOING);
}

static void check_record(const struct capture_record *r, uint64_t number)
{
	must(r->number == number);
	must(r->wirelen >= r->caplen);
	must(r->time_ns >= -(INT64_C(1) << 62) && r->time_ns <= INT64_C(1) << 62);
	must(r->direction <= CAPTURE_OUTBOUND);
	must(!r->interface || (r->interface[0] && strlen(r->interface) < 256));
	check_link(r);
}

/* A file of this record alone, and the record again. */
static void check_round_trip(const struct capture_record *r)
{
	const struct capture_packet packet = {
		.time_ns = r->time_ns,
		.data = r->data,
		.len = r->caplen,
		.wirelen = r->wirelen,
		.direction = r->direction,
	};
	struct capture_writer *w = NULL;
	struct capture_record again = { 0 };
	struct capture *c = NULL;
	char *text = NULL;
	uint32_t index;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	must(f && !capture_writer_open(&w, f, "again", NULL));
	must(!capture_writer_interface(w, r->interface ? r->interface : "", r->linktype & 0xffff,
				       &index, NULL));
	must(!capture_writer_packet(w, &packet, NULL));
	must(!capture_writer_close(&w, NULL));
	fclose(f);
	f = fmemopen(text, len, "r");
	must(f && !capture_open(&c, f, "again", NULL));
	must(capture_next(c, &again, NULL) == 1);
	must(again.time_ns == r->time_ns && again.direction == r->direction);
	must(again.caplen == r->caplen && again.wirelen == r->wirelen);
	must(!memcmp(again.data, r->data, r->caplen));
	must(again.linktype == (r->linktype & 0xffff));
	must(!r->interface == !again.interface);
	must(!r->interface || !strcmp(r->interface, again.interface));
	must(capture_next(c, &again, NULL) == 0);
	capture_close(&c);
	fclose(f);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pktt_error err = { 0 };
	struct capture_record r;
	struct capture *c = NULL;
	uint64_t count = 0;
	uint8_t *copy;
	FILE *in;
	int n;

	/* A stream in memory is opened on bytes that may be written, even for reading. */
	copy = malloc(size + 1);
	must(copy);
	memcpy(copy, data, size);
	in = fmemopen(copy, size, "r");
	must(in);
	n = capture_open(&c, in, "fuzz", &err);
	if (!n) {
		while ((n = capture_next(c, &r, &err)) == 1) {
			check_record(&r, count++);
			if (r.time_ns >= 0 && count <= 4)
				check_round_trip(&r);
		}
		must(capture_bytes_read(c) <= size);
		must(n < 0 || capture_bytes_read(c) == size);
	}
	must(n <= 0 && n == err.code);
	must(!n || err.text[0]);
	capture_close(&c);
	fclose(in);
	free(copy);
	return 0;
}
