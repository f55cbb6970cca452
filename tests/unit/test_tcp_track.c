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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_do_what_linux_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
