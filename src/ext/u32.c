/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests of any 32 bits of the packet. */
#include "base/buf.h"
#include "ext/match.h"

struct u32_args {
	struct pktt_args head;
	struct pktt_u32 tests;
};

enum { TESTS };

static const struct pktt_param u32_params[] = {
	[TESTS] = {
		.name = "u32",
		.help = "tests of 32 bits of the packet, joined by &&",
		PKTT_STORE(struct u32_args, tests, u32_tests),
		.flags = PKTT_NEGATABLE | PKTT_REQUIRED,
	},
};

/*
 * The word at an offset. MISS beyond the packet's end, BAD where the packet goes on but what was
 * captured of it does not.
 */
static enum pktt_hit read_word(const struct pktt_packet *pkt, uint64_t at, uint32_t *ret)
{
	uint32_t wire = pktt_packet_wire_len(pkt);
	const uint8_t *p;

	if (wire < 4 || at > wire - 4)
		return PKTT_MISS;
	p = pktt_packet_read(pkt, PKTT_L3, (uint32_t)at, 4);
	if (!p)
		return PKTT_BAD;
	*ret = get_be32(p);
	return PKTT_HIT;
}

static enum pktt_hit run_steps(const struct pktt_packet *pkt, const struct pktt_u32_test *test,
			       uint32_t *value)
{
	uint32_t base = 0;
	enum pktt_hit hit = read_word(pkt, test->step[0].value, value);

	for (unsigned int i = 1; hit == PKTT_HIT && i < test->nsteps; i++) {
		uint32_t n = test->step[i].value;

		if (test->step[i].op == '&')
			*value &= n;
		else if (test->step[i].op == '<')
			*value <<= n & 31;
		else if (test->step[i].op == '>')
			*value >>= n & 31;
		else if (base + *value < base)
			return PKTT_MISS;
		else
			hit = read_word(pkt, (uint64_t)(base += *value) + n, value);
	}
	return hit;
}

static enum pktt_hit run_test(const struct pktt_packet *pkt, const struct pktt_u32_test *test)
{
	uint32_t value;
	enum pktt_hit hit = run_steps(pkt, test, &value);

	if (hit != PKTT_HIT)
		return hit;
	for (unsigned int i = 0; i < test->nranges; i++)
		if (in_range32(&test->range[i], value))
			return PKTT_HIT;
	return PKTT_MISS;
}

static enum pktt_hit u32_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct u32_args *args = vargs;
	enum pktt_hit hit = PKTT_HIT;

	(void)state;
	for (unsigned int i = 0; hit == PKTT_HIT && i < args->tests.count; i++)
		hit = run_test(pkt, &args->tests.test[i]);
	return pktt_negate(args, TESTS, hit);
}

PKTT_REGISTER(pktt_match, u32) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "u32",
		.summary = "tests of any 32 bits of the packet",
		.families = PKTT_FAM_IP | PKTT_FAM_ARP,
		.reads = PKTT_READS_HEADER | PKTT_READS_PAYLOAD,
		PKTT_PARAMS(u32_params, struct u32_args),
	},
	.match = u32_match,
};
