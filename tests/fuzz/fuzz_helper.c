/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as payloads of a connection that has a helper, translated or not. The input: a byte that
 * chooses the helper, one that chooses how the connection is translated, then a row of packets: a byte of
 * flags (direction, state, sent by the router itself), two bytes of length, the payload.
 *
 * What holds for every packet: its lengths and checksum are right afterwards, no more is expected than
 * the helper's policy says, and nothing is left when the connection is gone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <urcu-qsbr.h>

#include "base/buf.h"
#include "base/own.h"
#include "unit/helper_bench.h"

#define PAYLOAD_MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool is_so, const char *what)
{
	if (is_so)
		return;
	fprintf(stderr, "fuzz_helper: %s\n", what);
	abort();
}

/* Numbers of the input; those of helpers that are not linked in choose nothing. */
static const char *const helpers[] = {
	"ftp",	"irc",	 "tftp", "amanda", "sane",  "snmp",  "snmp_trap", "netbios-ns",
	"talk", "ntalk", "sip",	 "RAS",	   "Q.931", "H.245", "pptp",
};

/* NONE = established, of the direction; what a client says may also come first. */
static enum pktt_ct_info info_of(uint8_t flags)
{
	static const enum pktt_ct_info info[4] = {
		PKTT_CT_NONE,
		PKTT_CT_NONE,
		PKTT_CT_NEW,
		PKTT_CT_RELATED,
	};

	return flags & 1 ? PKTT_CT_NONE : info[flags >> 1 & 3];
}

static void say(struct helper_bench *b, struct buf *input)
{
	uint8_t flags, *exact;
	const uint8_t *data;
	uint16_t len;

	if (!buf_get_u8(input, &flags) || !buf_get_be16(input, &len))
		return;
	if (len > buf_left(input))
		len = (uint16_t)buf_left(input);
	if (len > PAYLOAD_MAX)
		len = PAYLOAD_MAX;
	data = buf_get(input, len);
	exact = malloc(len ? len : 1);
	check(exact != NULL, "no memory");
	memcpy(exact, data, len);
	b->new = info_of(flags);
	b->is_local = flags & 8;
	helper_bench_say(b, flags & 1 ? CT_REPLY : CT_ORIGINAL, exact, len);
	free(exact);
}

static void check_limits(const struct helper_bench *b)
{
	const struct conn_ext *ext = b->conn->ext;

	for (unsigned int i = 0; i < b->helper->nclasses; i++)
		check(!b->helper->classes[i].max || ext->nexpects[i] <= b->helper->classes[i].max,
		      "more is expected than the policy says");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct helper_bench b;
	struct buf input = buf_of(data, size);
	uint8_t choice, kind, family;

	if (!b.engine) {
		rcu_register_thread();
		helper_bench_init(&b, NULL);
	}
	if (!buf_get_u8(&input, &choice) || !buf_get_u8(&input, &kind))
		return 0;
	choice %= pktt_countof(helpers);
	kind %= DNAT6 + 1;
	family = kind >= PLAIN6 ? PKTT_IPV6 : PKTT_IPV4;
	if (!ct_helper_find(helpers[choice], family, 0))
		return 0;
	helper_bench_open(&b, helpers[choice], (enum helper_bench_kind)kind);
	while (buf_left(&input) >= 3) {
		say(&b, &input);
		check_limits(&b);
	}
	helper_bench_close(&b);
	check(expect_count(b.ct) == 0, "something is expected still");
	rcu_quiescent_state();
	return 0;
}
