/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every type of set against a model that looks at all elements in turn: random elements come and go in
 * transactions that are committed or aborted, packets change sets meanwhile, and random points are
 * looked up, in and outside of transactions. Values come from small ranges, so that they meet.
 */
#include "engine_bench.h"

#include "base/str.h"
#include "core/set.h"
#include "datapath/replay/craft.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <urcu-qsbr.h>

#define ROUNDS	 250
#define ELEMENTS 4096
#define DIMS	 3

enum part { NONE, IP, NET, PORT, MAC, MARK, IFACE };

static const struct kind {
	const char *name, *options;
	enum part part[DIMS];
} kinds[] = {
	{ "bitmap:ip", "range 10.0.0.0/26", { IP } },
	{ "bitmap:port", "range 0-7", { PORT } },
	{ "hash:ip", "", { IP } },
	{ "hash:ip", "family inet6", { IP } },
	{ "hash:mac", "", { MAC } },
	{ "hash:ip,mac", "", { IP, MAC } },
	{ "hash:ip,mark", "", { IP, MARK } },
	{ "hash:ip,port", "", { IP, PORT } },
	{ "hash:ip,port", "family inet6 counters", { IP, PORT } },
	{ "hash:ip,port,ip", "", { IP, PORT, IP } },
	{ "hash:ip,port,net", "comment", { IP, PORT, NET } },
	{ "hash:net", "", { NET } },
	{ "hash:net", "family inet6 timeout 0", { NET } },
	{ "hash:net,iface", "", { NET, IFACE } },
	{ "hash:net,net", "", { NET, NET } },
	{ "hash:net,port", "", { NET, PORT } },
	{ "hash:net,port,net", "family inet6", { NET, PORT, NET } },
};

/* value: of 0..63, an address' last bits; a port; ... bits: of a prefix, 0..6 of those six. */
struct point {
	uint8_t value[DIMS], bits[DIMS];
	bool nomatch, wildcard;
};

static const char *const ifaces[] = { "eth0", "eth1", "eth", "lo" };

struct model {
	struct point element[ELEMENTS];
	unsigned int n;
};

/* What a transaction has done so far: the last word on each element, over the model or over nothing. */
struct overlay {
	struct point element[ELEMENTS];
	bool is_there[ELEMENTS];
	unsigned int n;
	bool flushed;
};

struct world {
	struct engine_bench bench;
	const struct kind *kind;
	bool is_v6, is_bitmap;
	struct model now;
	struct overlay open;
	struct pktt_txn *txn;
};

static uint64_t state;

static uint32_t draw(uint32_t below)
{
	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(state >> 33) % below;
}

/* --- Elements -------------------------------------------------------------------------------- */

static unsigned int dims(const struct kind *kind)
{
	unsigned int n = 0;

	while (n < DIMS && kind->part[n])
		n++;
	return n;
}

static bool has(const struct kind *kind, enum part part)
{
	for (unsigned int d = 0; d < dims(kind); d++)
		if (kind->part[d] == part)
			return true;
	return false;
}

static uint8_t masked(uint8_t value, uint8_t bits)
{
	return bits ? (uint8_t)(value >> (6 - bits) << (6 - bits)) : 0;
}

static struct point draw_point(const struct world *w, bool is_host)
{
	struct point p = { 0 };

	for (unsigned int d = 0; d < dims(w->kind); d++) {
		bool is_net = w->kind->part[d] == NET;

		p.bits[d] = is_net && !is_host ? (uint8_t)draw(7) : 6;
		p.value[d] = (uint8_t)draw(w->kind->part[d] == IP || is_net ? 63 : 3) + 1;
		p.value[d] = is_net ? masked(p.value[d], p.bits[d]) : p.value[d];
		if (w->kind->part[d] == IFACE)
			p.value[d] = (uint8_t)draw(is_host ? 2 : 4);
	}
	if (!is_host) {
		p.nomatch = has(w->kind, NET) && draw(4) == 0;
		p.wildcard = has(w->kind, IFACE) && draw(4) == 0;
	}
	return p;
}

static void put_part(const struct world *w, const struct point *p, unsigned int d, struct str *out)
{
	unsigned int v = p->value[d];

	switch (w->kind->part[d]) {
	case NONE:
		break;
	case IP:
	case NET:
		str_putf(out, w->is_v6 ? "2001:db8::%x" : "10.0.0.%u", v);
		if (w->kind->part[d] == NET && p->bits[d] < 6)
			str_putf(out, "/%u", p->bits[d] + (w->is_v6 ? 122u : 26u));
		break;
	case PORT:
		str_putf(out, "%s%u", w->is_bitmap || v > 2 ? "" : "udp:", v);
		break;
	case MAC:
		str_putf(out, "02:00:00:00:00:%02x", v);
		break;
	case MARK:
		str_putf(out, "%u", v);
		break;
	case IFACE:
		str_puts(out, ifaces[v]);
		break;
	}
}

static void put_point(const struct world *w, const struct point *p, struct str *out)
{
	for (unsigned int d = 0; d < dims(w->kind); d++) {
		if (d)
			str_putc(out, ',');
		put_part(w, p, d, out);
	}
	str_puts(out, p->nomatch ? " nomatch" : "");
	str_puts(out, p->wildcard ? " wildcard" : "");
}

static bool is_iface(const struct point *have, const struct point *want, unsigned int d)
{
	const char *a = ifaces[have->value[d]], *b = ifaces[want->value[d]];

	return have->wildcard ? strncmp(a, b, strlen(a)) == 0 : strcmp(a, b) == 0;
}

/* Whether they are the same element; exact: by their own name, not by a wildcard's. */
static bool is_same(const struct world *w, const struct point *have, const struct point *want,
		    bool exact)
{
	for (unsigned int d = 0; d < dims(w->kind); d++) {
		if (w->kind->part[d] == IFACE && !exact) {
			if (!is_iface(have, want, d))
				return false;
		} else if (have->value[d] != want->value[d] || have->bits[d] != want->bits[d]) {
			return false;
		}
	}
	return true;
}

/* --- The model -------------------------------------------------------------------------------- */

static int overlay_find(const struct world *w, const struct point *p)
{
	for (unsigned int i = 0; i < w->open.n; i++)
		if (is_same(w, &w->open.element[i], p, true))
			return (int)i;
	return -1;
}

/* The elements that the open transaction sees. */
static void view(const struct world *w, struct model *ret)
{
	ret->n = 0;
	for (unsigned int i = 0; !w->open.flushed && i < w->now.n; i++)
		if (overlay_find(w, &w->now.element[i]) < 0)
			ret->element[ret->n++] = w->now.element[i];
	for (unsigned int i = 0; i < w->open.n; i++)
		if (w->open.is_there[i])
			ret->element[ret->n++] = w->open.element[i];
}

static const struct point *model_find(const struct world *w, const struct model *m,
				      const struct point *p)
{
	const struct point *found = NULL;

	for (unsigned int i = 0; i < m->n; i++) {
		if (is_same(w, &m->element[i], p, true))
			return &m->element[i];
		if (is_same(w, &m->element[i], p, false))
			found = &m->element[i];
	}
	return found;
}

static void overlay_put(struct world *w, const struct point *p, bool is_there)
{
	int i = overlay_find(w, p);

	if (i < 0)
		i = (int)w->open.n++;
	assert_true(w->open.n < ELEMENTS);
	w->open.element[i] = *p;
	w->open.is_there[i] = is_there;
}

/* Contained in all but the interface. */
static bool contains(const struct world *w, const struct point *have, const struct point *want)
{
	for (unsigned int d = 0; d < dims(w->kind); d++)
		if (w->kind->part[d] != IFACE &&
		    have->value[d] !=
			    masked(want->value[d], w->kind->part[d] == NET ? have->bits[d] : 6))
			return false;
	return true;
}

static int length(const struct world *w, const struct point *p)
{
	int len = 0;

	for (unsigned int d = 0; d < dims(w->kind); d++)
		if (w->kind->part[d] == NET)
			len = len * 8 + p->bits[d];
	return len;
}

/* Bit 1: yes is right, bit 0: no is; wildcards of one prefix may disagree. */
static unsigned int answers(const struct world *w, const struct model *m, const struct point *p)
{
	unsigned int d = dims(w->kind) - 1, found = 0;
	int best = -1;

	for (unsigned int i = 0; i < m->n; i++)
		if (contains(w, &m->element[i], p) && length(w, &m->element[i]) > best)
			best = length(w, &m->element[i]);
	for (unsigned int i = 0; i < m->n; i++) {
		const struct point *e = &m->element[i];

		if (!contains(w, e, p) || length(w, e) != best)
			continue;
		if (w->kind->part[d] != IFACE || is_iface(e, p, d))
			found |= e->nomatch ? 1 : 2;
	}
	return found ? found : 1;
}

/* --- Steps ------------------------------------------------------------------------------------- */

static void look(struct world *w, unsigned int times)
{
	struct pktt_set *set = pktt_set_lookup(w->bench.engine, "s");
	struct str text = STR_INIT;

	while (times-- > 0) {
		struct point p = draw_point(w, true);
		unsigned int want = answers(w, &w->now, &p);
		struct pktt_error err;
		int got;

		str_clear(&text);
		put_point(w, &p, &text);
		got = pktt_set_test(set, str_text(&text), 0, &err);
		if (!(want >> got & 1))
			print_error("%s %s: %s is %d\n", w->kind->name, w->kind->options,
				    str_text(&text), got);
		assert_true(got >= 0 && want >> got & 1);
	}
	str_fini(&text);
}

static void change(struct world *w)
{
	static struct model seen;
	struct point p = draw_point(w, false);
	struct str text = STR_INIT;
	const struct point *found;
	bool adds = draw(5) < 3, exist = draw(3) == 0;
	struct pktt_error err;
	int r, want;

	view(w, &seen);
	if (!adds && seen.n && draw(3))
		p = seen.element[draw(seen.n)];
	found = model_find(w, &seen, &p);
	put_point(w, &p, &text);
	str_puts(&text, exist ? " -exist" : "");
	r = adds ? pktt_set_element_add(w->txn, "s", str_text(&text), &err)
		 : pktt_set_element_delete(w->txn, "s", str_text(&text), &err);
	want = exist ? 0 : adds && found ? -EEXIST : !adds && !found ? -ENOENT : 0;
	if (r != want)
		print_error("%s: %s gives %d\n", w->kind->name, str_text(&text), r);
	assert_int_equal(r, want);
	str_fini(&text);
	if (r || (!adds && !found))
		return;
	if (found) {
		/* The element that is there keeps its name, and takes the new flags. */
		struct point kept = *found;

		kept.nomatch = p.nomatch;
		kept.wildcard = p.wildcard;
		p = kept;
	}
	overlay_put(w, &p, adds);
}

/* A packet's address, as the target SET puts it into a set of addresses or takes it out. */
static void change_by_packet(struct world *w)
{
	static const struct pktt_set_ref ref = { .name = "s", .dims = 1, .src = 1 };
	static const struct pktt_set_options opt = { .replace = true };
	struct pktt_set *set = pktt_set_lookup(w->bench.engine, "s");
	struct point p = draw_point(w, true);
	struct pktt_packet *pkt = NULL;
	const struct point *found = model_find(w, &w->now, &p);
	struct craft_where where;
	char line[80];

	snprintf(line, sizeof(line),
		 w->is_v6 ? "udp [2001:db8::%x]:1 > [2001:db8::1]:2"
			  : "udp 10.0.0.%u:1 > 10.0.0.1:2",
		 p.value[0]);
	assert_int_equal(craft_packet(&pkt, &where, line, NULL), 0);
	pkt->env = &w->bench.env;
	w->bench.env.generation = pktt_engine_generation(w->bench.engine);
	if (draw(2)) {
		assert_int_equal(pktt_set_add_packet(set, pkt, &ref, &opt), 0);
		if (!found)
			w->now.element[w->now.n++] = p;
	} else {
		assert_int_equal(pktt_set_delete_packet(set, pkt, &ref), found ? 0 : -ENOENT);
		if (found)
			w->now.element[found - w->now.element] = w->now.element[--w->now.n];
	}
	pktt_packet_free(&pkt);
}

static bool is_plain(const struct world *w)
{
	return w->kind->part[0] == IP && dims(w->kind) == 1;
}

static void transact(struct world *w)
{
	static struct model after;
	unsigned int steps = 1 + draw(draw(10) ? 8 : 60);

	w->open.n = 0;
	w->open.flushed = false;
	assert_int_equal(pktt_txn_begin(&w->txn, w->bench.engine, NULL), 0);
	while (steps-- > 0) {
		if (draw(60) == 0) {
			assert_int_equal(pktt_set_flush(w->txn, "s", NULL), 0);
			w->open.n = 0;
			w->open.flushed = true;
		}
		change(w);
		if (is_plain(w) && draw(3) == 0)
			change_by_packet(w);
		if (draw(4) == 0)
			look(w, 2);
	}
	if (draw(4) == 0) {
		pktt_txn_abort(&w->txn);
		return;
	}
	view(w, &after);
	w->now = after;
	assert_int_equal(pktt_txn_commit(&w->txn, &w->bench.errs), 0);
}

static void count_lines(struct world *w)
{
	struct str out = STR_INIT;
	unsigned int lines = 0;

	pktt_sets_save(w->bench.engine, &out);
	for (const char *at = str_text(&out); (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, w->now.n + 1);
	str_fini(&out);
}

static void run_kind(const struct kind *kind)
{
	static struct world w;
	char text[120];

	memset(&w, 0, sizeof(w));
	w.kind = kind;
	w.is_v6 = strstr(kind->options, "inet6");
	w.is_bitmap = strncmp(kind->name, "bitmap", 6) == 0;
	engine_bench_init(&w.bench);
	snprintf(text, sizeof(text), "create s %s %s\n", kind->name, kind->options);
	assert_int_equal(engine_bench_load(&w.bench, PKTT_IPV4, text, 0), 0);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		transact(&w);
		look(&w, 20);
		if (is_plain(&w) && draw(2))
			change_by_packet(&w);
		count_lines(&w);
	}
	engine_bench_fini(&w.bench);
}

static void test_model(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		state = 0x5e7 + i;
		run_kind(&kinds[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_model) };
	int r;

	rcu_register_thread();
	r = cmocka_run_group_tests(tests, NULL, NULL);
	rcu_unregister_thread();
	return r;
}
