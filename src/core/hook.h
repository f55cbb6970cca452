/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands at a hook beside the chains: fragments put together, connections looked up and
 * confirmed, NAT. Core knows that such functions are there, and at which priority, but not what they do.
 */
#ifndef PKTT_CORE_HOOK_H
#define PKTT_CORE_HOOK_H

#include "core/engine.h"

struct pktt_hook_fn {
	const char *name; /* for explain */
	enum pktt_hook hook;
	int priority;	   /* among the chains of the hook; first at the same one */
	uint32_t families; /* PKTT_FAM_V4 ... */
	/* ACCEPT goes on; any other verdict ends the hook: decision.reason is set then. */
	enum pktt_verdict (*run)(struct pktt_packet *pkt, enum pktt_hook hook);
};

#define PKTT_PRIO_DEFRAG    (-400)
#define PKTT_PRIO_CONNTRACK (-200)
#define PKTT_PRIO_NAT_DST   (-100)
#define PKTT_PRIO_NAT_SRC   100
#define PKTT_PRIO_HELPER    300
#define PKTT_PRIO_CONFIRM   INT32_MAX

/* Put n functions into the hooks; they are constant and stay. Before the first packet. -ENOMEM. */
int pktt_engine_hook(struct pktt_engine *engine, const struct pktt_hook_fn *fn, unsigned int n);

/* Parts of an engine that core knows no more of: a place each, freed with the engine, last first. */
enum pktt_slot { PKTT_SLOT_CONNTRACK, PKTT_SLOT_NAT, PKTT_SLOT_COUNT };
void pktt_engine_set_slot(struct pktt_engine *engine, enum pktt_slot slot, void *object,
			  void (*free)(void *object));
void *pktt_engine_slot(const struct pktt_engine *engine, enum pktt_slot slot);

/*
 * Whether packets of a family are tracked: tracking was attached, and some rule of the family needs it
 * or stands in a nat table.
 */
bool pktt_engine_is_stateful(const struct pktt_engine *engine, enum pktt_family family);

/*
 * The nat chains of the packet's family at a hook, which pktt_hook_run() leaves out for a family that is
 * tracked: until one ends otherwise than by ACCEPT, or is_done says that no other is to be asked.
 */
enum pktt_verdict pktt_hook_run_nat(struct pktt_packet *pkt, enum pktt_hook hook,
				    bool (*is_done)(const struct pktt_packet *pkt));

/*
 * Go on with a packet that pktt_hook_run() ended for with QUEUE, at the hook where it was
 * (pkt->hook): ACCEPT
 * behind the chain that queued it, REPEAT with that chain again, as nf_reinject() does;
 * QUEUE ends again. The
 * result is what pktt_hook_run() would give. pkt->queue_at says which chain it was; if that
 * has gone meanwhile,
 * what stands behind its priority goes on.
 */
enum pktt_verdict pktt_hook_resume(struct pktt_engine *engine, struct pktt_packet *pkt,
				   enum pktt_verdict verdict);

/* A drop by the engine itself. */
static inline enum pktt_verdict pktt_packet_drop(struct pktt_packet *pkt, enum pktt_reason reason)
{
	pkt->decision = (struct pktt_decision){ .reason = reason };
	return PKTT_DROP;
}

#endif
