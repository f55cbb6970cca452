/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SCTP, DCCP and GRE tracking, by the sequences of sctp.track, dccp.track and gre.track.
 *
 * SCTP: "VTAG CHUNK ...", a chunk is a name, "/F" its flags, ":TAG" what an INIT announces, "=N" another
 * length than it has. DCCP: "TYPE seq=N ack=N". GRE: "v0", "v1 call=N", "raw HEX".
 */
#include "sequence_bench.h"

#include "base/buf.h"
#include "base/crc32c.h"
#include "base/own.h"
#include "conntrack/proto_gre.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool no_conversation;

static void put_ports(struct sequence_packet *p)
{
	put_be16(p->l4, p->dir ? 90 : 40000);
	put_be16(p->l4 + 2, p->dir ? 40000 : 90);
}

static int find(const char *const *names, const char *name, size_t len)
{
	for (int i = 0; i < 256 && names[i]; i++)
		if (strlen(names[i]) == len && !strncmp(names[i], name, len))
			return i;
	return -1;
}

/* --- SCTP ------------------------------------------------------------------------------------- */

static const char *const chunk_names[] = { "data",  "init", "initack",	"sack",	 "hb",	  "hback",
					   "abort", "shut", "shutack",	"error", "cecho", "cack",
					   "ecne",  "cwr",  "shutcomp", "auth",	 NULL };

static bool put_chunk(const char *word, struct sequence_packet *p)
{
	uint8_t *at = p->l4 + p->len;
	size_t name_len = strcspn(word, "/:=");
	int type = find(chunk_names, word, name_len);
	uint32_t len = 4;
	const char *rest = word + name_len;

	if (type < 0)
		return false;
	memset(at, 0, 64);
	at[0] = (uint8_t)type;
	if (*rest == '/')
		at[1] = (uint8_t)strtoul(rest + 1, (char **)(uintptr_t)&rest, 0);
	if (*rest == ':') {
		put_be32(at + 4, (uint32_t)strtoul(rest + 1, (char **)(uintptr_t)&rest, 0));
		len = 20;
	}
	p->len += len;
	if (*rest == '=')
		len = (uint32_t)strtoul(rest + 1, NULL, 0);
	put_be16(at + 2, (uint16_t)len);
	return true;
}

static void put_crc(struct sequence_packet *p)
{
	uint32_t crc;

	memset(p->l4 + 8, 0, 4);
	crc = ~crc32c_add(CRC32C_INIT, p->l4, p->len);
	put_be32(p->l4 + 8, __builtin_bswap32(crc));
}

static bool read_sctp(const char *text, struct sequence_packet *p, void *conversation)
{
	char copy[128], *save = NULL, *word;
	bool is_bad = false;

	(void)conversation;
	memset(p->l4, 0, sizeof(p->l4));
	put_ports(p);
	p->len = 12;
	snprintf(copy, sizeof(copy), "%s", text);
	word = strtok_r(copy, " ", &save);
	if (!word)
		return false;
	put_be32(p->l4 + 4, (uint32_t)strtoul(word, NULL, 0));
	while ((word = strtok_r(NULL, " ", &save))) {
		if (!strcmp(word, "bad"))
			is_bad = true;
		else if (!strcmp(word, "short"))
			p->len = 10;
		else if (!put_chunk(word, p))
			return false;
	}
	if (p->len >= 12)
		put_crc(p);
	if (is_bad)
		p->l4[8] ^= 1;
	return true;
}

static void show_sctp(const struct sequence_seen *seen, char *out, size_t size)
{
	snprintf(out, size, " tags=%u/%u", ntohl(seen->l4.sctp.vtag[0]),
		 ntohl(seen->l4.sctp.vtag[1]));
}

/* --- DCCP ------------------------------------------------------------------------------------- */

static const char *const dccp_names[] = { "request", "response", "data",  "ack",
					  "dataack", "closereq", "close", "reset",
					  "sync",    "syncack",	 "odd",	  NULL };

static bool read_dccp(const char *text, struct sequence_packet *p, void *conversation)
{
	char name[16];
	unsigned int seq, ack = 0;
	bool is_short = strstr(text, "short");
	const char *at = strstr(text, "ack=");
	uint32_t basic = is_short ? 12 : 16;
	int type;

	(void)conversation;
	if (sscanf(text, " %15s seq=%u", name, &seq) != 2)
		return false;
	if (at)
		ack = (unsigned int)strtoul(at + 4, NULL, 0);
	type = find(dccp_names, name, strlen(name));
	if (type < 0)
		return false;
	memset(p->l4, 0, sizeof(p->l4));
	put_ports(p);
	p->len = basic + (strstr(text, "cut") ? 0u : 12u);
	p->l4[4] = strstr(text, "doff") ? 2 : (uint8_t)((basic + 12) / 4);
	p->l4[5] = strstr(text, "cover") ? 1 : 0;
	p->l4[8] = (uint8_t)(type << 1 | (is_short ? 0 : 1));
	if (is_short)
		put_be32(p->l4 + 8, get_be32(p->l4 + 8) | seq);
	else
		put_be32(p->l4 + 12, seq);
	put_be32(p->l4 + basic + 4, ack);
	if (strstr(text, "payload")) {
		memset(p->l4 + p->len, 'x', 9);
		p->len += 9;
	}
	sequence_checksum(p, 6, strstr(text, "cover") ? basic + 12 : p->len);
	if (strstr(text, "bad"))
		p->l4[6] ^= 1;
	return true;
}

/* --- GRE --------------------------------------------------------------------------------------- */

static bool read_gre(const char *text, struct sequence_packet *p, void *conversation)
{
	unsigned int call, byte;

	(void)conversation;
	memset(p->l4, 0, sizeof(p->l4));
	p->len = 12;
	if (!strcmp(text, " v0")) {
		p->l4[2] = 0x08;
		return true;
	}
	if (sscanf(text, " v1 call=%u", &call) == 1) {
		put_be32(p->l4, 0x3001880b);
		put_be16(p->l4 + 6, (uint16_t)call);
		return true;
	}
	if (strncmp(text, " raw ", 5))
		return false;
	p->len = 0;
	for (text += 5; sscanf(text, "%2x", &byte) == 1; text += 2)
		p->l4[p->len++] = (uint8_t)byte;
	return true;
}

/* --- Tests -------------------------------------------------------------------------------------- */

static void chunks_do_what_linux_says(void **state)
{
	static const struct sequence_language language = {
		IPPROTO_SCTP, read_sctp, show_sctp, &no_conversation, sizeof(no_conversation),
	};

	(void)state;
	assert_int_equal(sequence_run(&language, TRACK_LINES "/sctp.track"), 0);
}

static void dccp_does_what_linux_did(void **state)
{
	static const struct sequence_language language = {
		IPPROTO_DCCP, read_dccp, NULL, &no_conversation, sizeof(no_conversation),
	};

	(void)state;
	assert_int_equal(sequence_run(&language, TRACK_LINES "/dccp.track"), 0);
}

static void gre_has_two_versions(void **state)
{
	static const struct sequence_language language = {
		IPPROTO_GRE, read_gre, NULL, &no_conversation, sizeof(no_conversation),
	};

	(void)state;
	assert_int_equal(sequence_run(&language, TRACK_LINES "/gre.track"), 0);
}

/* Packets of both call ids are one connection, once the helper has said that they belong together. */
static void keys_join_the_directions_of_pptp(void **state)
{
	static const uint8_t client[4] = { 10, 0, 0, 1 }, server[4] = { 10, 0, 1, 1 };
	struct ct_tuple there = { .family = PKTT_IPV4, .protocol = IPPROTO_GRE }, back, other;
	struct ct_gre_key *slot[2] = { NULL, NULL };
	struct sequence_packet p = { .protocol = IPPROTO_GRE };
	struct sequence_seen seen;
	struct sequence_bench t;

	(void)state;
	sequence_init(&t, NULL);
	memcpy(there.src, client, 4);
	memcpy(there.dst, server, 4);
	there.sport = htons(7); /* the client's call id: what the server's packets carry */
	there.dport = htons(9);
	assert_true(ct_tuple_invert(&back, &there));
	assert_int_equal(ct_gre_key_add(t.ct, &slot[0], &there), 0);
	assert_int_equal(ct_gre_key_add(t.ct, &slot[1], &back), 0);
	assert_int_equal(ct_gre_key_add(t.ct, &slot[1], &back), 0);
	assert_int_equal(ct_gre_key_add(t.ct, &slot[1], &there), -EEXIST);
	other = there;
	other.sport = 0;
	ct_gre_complete(t.ct, &other);
	assert_int_equal(other.sport, htons(7));

	assert_true(read_gre(" v1 call=9", &p, NULL));
	sequence_send(&t, &p, &seen);
	assert_int_equal(seen.info, PKTT_CT_NEW);
	assert_int_equal(seen.seconds, 30);
	p.dir = 1;
	assert_true(read_gre(" v1 call=7", &p, NULL));
	sequence_send(&t, &p, &seen);
	assert_int_equal(seen.info, PKTT_CT_ESTABLISHED_REPLY);
	assert_true(read_gre(" v1 call=8", &p, NULL));
	sequence_send(&t, &p, &seen);
	assert_int_equal(seen.info, PKTT_CT_NEW);

	ct_gre_key_free(&slot[0]);
	ct_gre_key_free(&slot[1]);
	ct_gre_key_free(&slot[1]);
	other.sport = 0;
	ct_gre_complete(t.ct, &other);
	assert_int_equal(other.sport, 0);
	sequence_fini(&t);
}

/* No stranger's chatter fills the memory. */
static void keys_are_bounded(void **state)
{
	struct ct_tuple tuple = { .family = PKTT_IPV4, .protocol = IPPROTO_GRE };
	struct ct_gre_key **slot = calloc(CT_GRE_KEYS_MAX + 1, sizeof(struct ct_gre_key *));
	struct sequence_bench t;

	(void)state;
	assert_non_null(slot);
	sequence_init(&t, NULL);
	for (uint32_t i = 0; i <= CT_GRE_KEYS_MAX; i++) {
		tuple.dport = (uint16_t)i;
		memcpy(tuple.src, &i, sizeof(i));
		assert_int_equal(ct_gre_key_add(t.ct, &slot[i], &tuple),
				 i < CT_GRE_KEYS_MAX ? 0 : -ENOSPC);
	}
	for (uint32_t i = 0; i <= CT_GRE_KEYS_MAX; i++)
		ct_gre_key_free(&slot[i]);
	sequence_fini(&t);
	free(slot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chunks_do_what_linux_says),
		cmocka_unit_test(dccp_does_what_linux_did),
		cmocka_unit_test(gre_has_two_versions),
		cmocka_unit_test(keys_join_the_directions_of_pptp),
		cmocka_unit_test(keys_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
