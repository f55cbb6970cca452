/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What datapaths that run on the code of datapath/replay have in common: one's words in the other's. */
#ifndef DAEMON_DATAPATH_COMMON_H
#define DAEMON_DATAPATH_COMMON_H

#include "daemon/datapath.h"
#include "datapath/replay/capture.h"
#include "datapath/replay/replay.h"

struct replay_live datapath_live(const struct datapath_upcalls *up);
struct capture_record datapath_record(const struct datapath_frame *frame);
/* A flow stays with one worker: by the addresses' bytes of either family, in either direction. */
unsigned int datapath_spread(const struct datapath_frame *frame, unsigned int workers);
void datapath_resume(struct replay *replay, struct pktt_packet *pkt,
		     const struct sub_queue_verdict *verdict);

#endif
