/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/match.h"

struct realm_args {
	struct pktt_args head;
	struct pktt_mask32 realm;
};

enum { REALM };

static const struct pktt_param realm_params[] = {
	[REALM] = {
		.name = "realm",
		.help = "realm of the route, of which the bits in MASK are looked at",
		PKTT_STORE(struct realm_args, realm, mark),
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED,
	},
};

static enum pktt_hit realm_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct realm_args *args = vargs;

	(void)state;
	return pktt_test(args, REALM, (pkt->realm & args->realm.mask) == args->realm.value);
}

PKTT_REGISTER(pktt_match, realm) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "realm",
		.summary = "routing realm",
		.families = PKTT_FAM_V4,
		.hooks = PKTT_HOOK(PKTT_LOCAL_IN) | PKTT_HOOK(PKTT_FORWARD) |
			 PKTT_HOOK(PKTT_LOCAL_OUT) | PKTT_HOOK(PKTT_POST_ROUTING),
		.reads = PKTT_READS_HOST,
		PKTT_PARAMS(realm_params, struct realm_args),
	},
	.match = realm_match,
};
