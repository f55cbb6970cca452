/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP tracking, by the sequences of tcp.track. Numbers that a line leaves out are those that the sender
 * would have by the lines before (the client begins at 1000, the server at 5000): "seq=N" says another
 * one, "seq+N" and "seq-N" one that is off. tests/oracle/l4_oracle.py holds the file against the kernel.
 */
#include "sequence_bench.h"

#include "base/buf.h"
#include "conntrack/proto_tcp.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HEADER_LEN = 20, CHECKSUM_AT = 16 };

struct conversation {
	bool has_begun;
	uint32_t next[2];
};

struct words {
	uint32_t seq, ack, win, len, doff;
	uint8_t flags;
	bool own_seq, is_bad;
	uint8_t options[40];
	uint32_t options_len;
};

static bool read_flags(const char *word, uint8_t *flags)
{
	static const char letters[] = "FSRPAU";

	*flags = 0;
	for (; *word; word++) {
		const char *at = strchr(letters, *word);

		if (!at && *word != '-')
			return false;
		if (at)
			*flags |= (uint8_t)(1 << (at - letters));
	}
	return true;
}

static void add_option(struct words *w, const void *option, uint32_t len)
{
	if (w->options_len + len > sizeof(w->options))
		abort();
	memcpy(w->options + w->options_len, option, len);
	w->options_len += len;
}

static bool read_number(const char *word, const char *name, uint32_t *ret, bool *own)
{
	size_t len = strlen(name);
	uint32_t n;

	if (strncmp(word, name, len) || !strchr("=+-", word[len]) || !word[len])
		return false;
	n = (uint32_t)strtoul(word + len + 1, NULL, 0);
	*ret = word[len] == '=' ? n : word[len] == '+' ? *ret + n : *ret - n;
	if (own)
		*own = true;
	return true;
}

static bool read_option(const char *word, struct words *w)
{
	uint8_t block[12] = { 1, 1, 5, 10 };
	uint32_t n, byte;

	if (sscanf(word, "scale=%u", &n) == 1) {
		add_option(w, (uint8_t[]){ 3, 3, (uint8_t)n }, 3);
		return true;
	}
	if (!strcmp(word, "sackok")) {
		add_option(w, (uint8_t[]){ 4, 2 }, 2);
		return true;
	}
	if (sscanf(word, "sack=%u", &n) == 1) { /* a block that ends there */
		put_be32(block + 4, n - 1);
		put_be32(block + 8, n);
		add_option(w, block, sizeof(block));
		return true;
	}
	if (strncmp(word, "opts=", 5))
		return false;
	for (word += 5; sscanf(word, "%2x", &byte) == 1; word += 2)
		add_option(w, (uint8_t[]){ (uint8_t)byte }, 1);
	return true;
}

static bool read_word(const char *word, struct words *w)
{
	if (!strcmp(word, "bad"))
		return w->is_bad = true;
	return read_number(word, "seq", &w->seq, &w->own_seq) ||
	       read_number(word, "ack", &w->ack, NULL) || read_number(word, "win", &w->win, NULL) ||
	       read_number(word, "len", &w->len, NULL) ||
	       read_number(word, "doff", &w->doff, NULL) || read_option(word, w);
}

static void build(struct sequence_packet *p, const struct words *w)
{
	uint32_t options_len = (w->options_len + 3) & ~3u;

	memset(p->l4, 0, sizeof(p->l4));
	p->len = HEADER_LEN + options_len + w->len;
	if (p->len > sizeof(p->l4))
		abort();
	put_be16(p->l4, p->dir ? 80 : 40000);
	put_be16(p->l4 + 2, p->dir ? 40000 : 80);
	put_be32(p->l4 + 4, w->seq);
	put_be32(p->l4 + 8, w->flags & CT_TCP_ACK ? w->ack : 0);
	p->l4[12] = (uint8_t)((w->doff ? w->doff - 1 : (HEADER_LEN + options_len) / 4) << 4);
	p->l4[13] = w->flags;
	put_be16(p->l4 + 14, (uint16_t)w->win);
	memcpy(p->l4 + HEADER_LEN, w->options, w->options_len);
	sequence_checksum(p, CHECKSUM_AT, p->len);
	if (w->is_bad)
		p->l4[CHECKSUM_AT] ^= 1;
}

static bool read_segment(const char *text, struct sequence_packet *p, void *arg)
{
	struct conversation *c = arg;
	struct words w = { .win = 1000 };
	char copy[128], *save = NULL, *word;

	if (!c->has_begun)
		*c = (struct conversation){ true, { 1000, 5000 } };
	w.seq = c->next[p->dir];
	w.ack = c->next[!p->dir];
	snprintf(copy, sizeof(copy), "%s", text);
	word = strtok_r(copy, " ", &save);
	if (!word || !read_flags(word, &w.flags))
		return false;
	while ((word = strtok_r(NULL, " ", &save)))
		if (!read_word(word, &w))
			return false;
	build(p, &w);
	if (!w.own_seq)
		c->next[p->dir] = w.seq + w.len + (w.flags & CT_TCP_SYN ? 1 : 0) +
				  (w.flags & CT_TCP_FIN ? 1 : 0);
	return true;
}

static void segments_do_what_linux_says(void **state)
{
	static struct conversation conversation;
	static const struct sequence_language language = {
		.protocol = IPPROTO_TCP,
		.read = read_segment,
		.conversation = &conversation,
		.conversation_size = sizeof(conversation),
	};

	(void)state;
	assert_int_equal(sequence_run(&language, TRACK_LINES "/tcp.track"), 0);
}

/* --- What others set on a connection ------------------------------------------------------------ */

struct talk {
	struct sequence_bench bench;
	struct conversation conversation;
	struct conn *conn; /* after the first packet; with a reference */
};

static void talk_init(struct talk *t)
{
	memset(t, 0, sizeof(*t));
	sequence_init(&t->bench, NULL);
}

static void talk_fini(struct talk *t)
{
	if (t->conn)
		conn_put(conntrack_db(t->bench.ct), &t->conn);
	sequence_fini(&t->bench);
}

static enum pktt_ct_info say(struct talk *t, const char *line)
{
	struct sequence_packet p = { .protocol = IPPROTO_TCP, .dir = line[0] == '<' };
	struct sequence_seen seen;
	uint64_t cursor = 0;

	assert_true(read_segment(line + 1, &p, &t->conversation));
	sequence_send(&t->bench, &p, &seen);
	if (!t->conn)
		conndb_next(conntrack_db(t->bench.ct), &cursor, &t->conn, 1);
	return seen.info;
}

static const char *state_of(const struct talk *t)
{
	return ct_proto_tcp.state(t->conn);
}

static uint32_t seconds_of(const struct talk *t)
{
	return conn_timeout_left(t->conn, ct_ms(t->bench.now_ns)) / 1000;
}

static void establish(struct talk *t)
{
	assert_int_equal(say(t, "> S"), PKTT_CT_NEW);
	assert_int_equal(say(t, "< SA"), PKTT_CT_ESTABLISHED_REPLY);
	assert_int_equal(say(t, "> A"), PKTT_CT_ESTABLISHED);
	assert_string_equal(state_of(t), "ESTABLISHED");
}

/* The proxy has lost the server's SYN/ACK; the client's keepalive makes it begin again. */
static void a_keepalive_reaches_the_syn_proxy(void **state)
{
	struct talk t;
	struct conn_ext *ext;

	(void)state;
	talk_init(&t);
	assert_int_equal(say(&t, "> S"), PKTT_CT_NEW);
	assert_int_equal(say(&t, "> A seq-1"), PKTT_CT_INVALID);
	ext = conn_extend(t.conn);
	assert_non_null(ext);
	ext->has_synproxy = true;
	assert_int_equal(say(&t, "> A seq-1"), PKTT_CT_NEW);
	assert_int_equal(say(&t, "> A"), PKTT_CT_INVALID);
	assert_string_equal(state_of(&t), "SYN_SENT");
	talk_fini(&t);
}

/* A helper has made the client's first ten bytes longer by five; the server acknowledges fifteen. */
static void acknowledgements_count_what_a_helper_added(void **state)
{
	struct talk t;
	struct conn_ext *ext;

	(void)state;
	talk_init(&t);
	establish(&t);
	assert_int_equal(say(&t, "> A len=10"), PKTT_CT_ESTABLISHED);
	assert_int_equal(say(&t, "< A ack+5"), PKTT_CT_INVALID);
	ext = conn_extend(t.conn);
	assert_non_null(ext);
	ext->has_seqadj = true;
	ext->seqadj[CT_ORIGINAL] = (struct ct_seqadj){ .correction_pos = 1001, .offset_after = 5 };
	assert_int_equal(say(&t, "< A ack+5"), PKTT_CT_ESTABLISHED_REPLY);
	assert_int_equal(seconds_of(&t), 432000); /* all of it is acknowledged */
	assert_int_equal(say(&t, "< A ack+6"), PKTT_CT_INVALID);
	/* What was before the place is not shifted. */
	assert_int_equal(say(&t, "< A ack=1001"), PKTT_CT_ESTABLISHED_REPLY);
	talk_fini(&t);
}

static void a_reset_of_ours_closes(void **state)
{
	struct talk t;

	(void)state;
	talk_init(&t);
	establish(&t);
	ct_tcp_set_closing(t.bench.ct, 0, t.conn);
	assert_string_equal(state_of(&t), "CLOSE");
	assert_int_equal(seconds_of(&t), 10);
	/* Once: it does not live longer by being closed again. */
	sequence_pass(&t.bench, UINT64_C(4000000000));
	ct_tcp_set_closing(t.bench.ct, 0, t.conn);
	assert_int_equal(seconds_of(&t), 6);
	talk_fini(&t);
}

/* A time that somebody fixed is not touched by anything. */
static void a_fixed_time_stays(void **state)
{
	struct talk t;

	(void)state;
	talk_init(&t);
	establish(&t);
	conn_set_status(t.conn, CT_FIXED_TIMEOUT);
	conn_set_timeout(t.conn, ct_ms(t.bench.now_ns), 7000000);
	assert_int_equal(say(&t, "> PA len=10"), PKTT_CT_ESTABLISHED);
	assert_int_equal(say(&t, "> FA seq+100000"), PKTT_CT_INVALID);
	assert_int_equal(say(&t, "< FA seq+100000"), PKTT_CT_INVALID);
	ct_tcp_set_closing(t.bench.ct, 0, t.conn);
	assert_string_equal(state_of(&t), "CLOSE");
	assert_int_equal(seconds_of(&t), 7000);
	talk_fini(&t);
}

static void what_ends_may_go_early(void **state)
{
	static const char *const lines[] = { "> FA", "< A", "< FA", "> A" };
	struct talk t;

	(void)state;
	talk_init(&t);
	establish(&t);
	assert_false(ct_proto_tcp.may_drop_early(t.conn));
	for (unsigned int i = 0; i < 4; i++) {
		say(&t, lines[i]);
		assert_true(ct_proto_tcp.may_drop_early(t.conn));
	}
	talk_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_do_what_linux_says),
		cmocka_unit_test(a_keepalive_reaches_the_syn_proxy),
		cmocka_unit_test(acknowledgements_count_what_a_helper_added),
		cmocka_unit_test(a_reset_of_ours_closes),
		cmocka_unit_test(a_fixed_time_stays),
		cmocka_unit_test(what_ends_may_go_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
