/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/match.h"

#include <errno.h>

struct owner_args {
	struct pktt_args head;
	struct pktt_range32 uid, gid;
	bool exists, supplementary;
};

enum { EXISTS, UID, GID, SUPPLEMENTARY };
#define BIT(n) (UINT64_C(1) << (n))

static const struct pktt_param owner_params[] = {
	[EXISTS] = {
		.name = "socket-exists",
		.help = "the packet has a socket",
		PKTT_STORE(struct owner_args, exists, flag),
		.flags = PKTT_NEGATABLE,
	},
	[UID] = {
		.name = "uid-owner",
		.help = "user that the socket belongs to, or a range of their numbers",
		PKTT_STORE(struct owner_args, uid, uid_range),
		.flags = PKTT_NEGATABLE,
	},
	[GID] = {
		.name = "gid-owner",
		.help = "group that the socket belongs to, or a range of their numbers",
		PKTT_STORE(struct owner_args, gid, gid_range),
		.flags = PKTT_NEGATABLE,
	},
	[SUPPLEMENTARY] = {
		.name = "suppl-groups",
		.help = "other groups of the owner count for --gid-owner too",
		PKTT_STORE(struct owner_args, supplementary, flag),
		.needs = BIT(GID),
	},
};

static int owner_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct owner_args *args = vargs;

	(void)ctx;
	if (args->head.given == 0)
		return pktt_fail(err, -EINVAL,
				 "owner needs --uid-owner, --gid-owner or --socket-exists");
	return 0;
}

/* No packet of ours has a socket; Linux then says that a condition holds if it is negated. */
static enum pktt_hit owner_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct pktt_args *args = vargs;

	(void)pkt, (void)state;
	return hit_if((args->given & ~BIT(SUPPLEMENTARY) & ~args->negated) == 0);
}

PKTT_REGISTER(pktt_match, owner) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "owner",
		.summary = "owner of the socket that sent the packet",
		.why = "packets of a capture have no sockets",
		.families = PKTT_FAM_IP,
		.hooks = PKTT_HOOK(PKTT_LOCAL_OUT) | PKTT_HOOK(PKTT_POST_ROUTING),
		.reads = PKTT_READS_HOST,
		.flags = PKTT_EXT_LIVE_ONLY,
		PKTT_PARAMS(owner_params, struct owner_args),
		.check = owner_check,
	},
	.match = owner_match,
};
