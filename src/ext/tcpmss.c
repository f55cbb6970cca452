/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"
#include "ext/match.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

struct tcpmss_args {
	struct pktt_args head;
	struct pktt_range16 mss;
};

enum { MSS };

static const struct pktt_param tcpmss_params[] = {
	[MSS] = {
		.name = "mss",
		.help = "maximum segment size announced, or a range; without the option no match",
		PKTT_STORE(struct tcpmss_args, mss, range16),
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED | PKTT_ASCENDING,
	},
};

static bool find_mss(const uint8_t *opt, uint32_t len, uint16_t *ret)
{
	for (uint32_t i = 0; i < len; i = next_option(opt, len, i)) {
		if (opt[i] != TCPOPT_MAXSEG || len - i < TCPOLEN_MAXSEG ||
		    opt[i + 1] != TCPOLEN_MAXSEG)
			continue;
		*ret = get_be16(opt + i + 2);
		return true;
	}
	return false;
}

/* No l4_min: Linux does not ask whether the packet is a later fragment, which has no header. */
static enum pktt_hit tcpmss_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct tcpmss_args *args = vargs;
	enum pktt_layer layer = unasked_l4(pkt);
	const uint8_t *h = pktt_packet_read(pkt, layer, 0, sizeof(struct tcphdr));
	uint32_t len = h ? (uint32_t)h[12] >> 4 << 2 : 0;
	const uint8_t *opt;
	uint16_t mss;

	(void)state;
	if (len < sizeof(struct tcphdr))
		return PKTT_BAD;
	len -= (uint32_t)sizeof(struct tcphdr);
	opt = pktt_packet_read(pkt, layer, sizeof(struct tcphdr), len);
	if (!opt)
		return PKTT_BAD;
	return pktt_test(args, MSS, find_mss(opt, len, &mss) && in_range16(&args->mss, mss));
}

PKTT_REGISTER(pktt_match, tcpmss) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "tcpmss",
		.summary = "maximum segment size option of the TCP header",
		.families = PKTT_FAM_IP,
		.l4 = { IPPROTO_TCP },
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(tcpmss_params, struct tcpmss_args),
	},
	.match = tcpmss_match,
};
