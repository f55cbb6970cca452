/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/datapath_common.h"

#include <string.h>

#include "base/jhash.h"
#include "bus/sub.h"

struct replay_live datapath_live(const struct datapath_upcalls *up)
{
	return (struct replay_live){
		.queue = up->queue,
		.done = up->done,
		.advance = up->advance,
		.wants_trace = up->wants_trace,
		.step = up->step,
		.log = up->log,
		.nflog = up->nflog,
		.ctx = up->ctx,
	};
}

struct capture_record datapath_record(const struct datapath_frame *frame)
{
	return (struct capture_record){
		.number = frame->number,
		.time_ns = frame->time_ns > INT64_MAX / 2 ? INT64_MAX / 2 : (int64_t)frame->time_ns,
		.data = frame->data,
		.caplen = frame->len,
		.wirelen = frame->wire_len > frame->len ? frame->wire_len : frame->len,
		.linktype = frame->linktype,
		.interface = frame->interface,
	};
}

unsigned int datapath_spread(const struct datapath_frame *frame, unsigned int workers)
{
	uint32_t at = frame->linktype == CAPTURE_LINKTYPE_ETHERNET ? 14 + 12 : 12, sum = 0;

	if (workers == 1)
		return 0;
	for (uint32_t i = 0; i + at + 4 <= frame->len && i < 8; i += 4) {
		uint32_t word;

		memcpy(&word, frame->data + at + i, sizeof(word));
		sum ^= word;
	}
	return jhash_scale(sum * UINT32_C(0x9e3779b9), workers);
}

void datapath_resume(struct replay *replay, struct pktt_packet *pkt,
		     const struct sub_queue_verdict *verdict)
{
	const struct replay_verdict v = {
		.verdict = verdict->verdict,
		.queue = verdict->queue,
		.has_mark = verdict->has_mark,
		.mark = verdict->mark,
		.data = verdict->data,
		.len = verdict->len,
	};

	replay_resume(replay, pkt, &v);
}
