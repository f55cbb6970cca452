/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traces: programs say which packets they want to see, and are told every step of these.
 *
 * Overview: a worker asks of each packet that arrives whether somebody's filter wants it, and remembers
 * who (seen); a step of a traced packet is copied and posted to the bus' thread, which sends it. What is
 * copied is bounded: when the bus' thread does not keep up, steps are counted as lost.
 *
 * Synchronization: active is read without a lock, so that nobody pays while nothing is traced; all else
 * of what workers touch is under the lock.
 */
#include "bus/sub_pktt_filter.h"
#include "bus/sub_pktt_own.h"

#include "base/own.h"
#include "base/str.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { TRACERS = 32, SEEN = 256, POSTED_MAX = 16384, DATA_MAX = 256 };

struct tracer {
	struct nfnl_peer *peer; /* NULL = free; the bus' thread's alone */
	bool is_on;
	struct sub_filter filter;
	uint64_t left; /* packets */
};

struct sub_trace {
	struct sub_pktt *sub;
	pthread_mutex_t lock;
	unsigned int active; /* tracers */
	struct tracer tracer[TRACERS];
	uint64_t serial; /* of packets */
	struct seen {
		const struct pktt_packet *pkt;
		uint64_t serial;
		uint32_t tracers; /* bits */
	} seen[SEEN];
	unsigned int posted;
	uint64_t lost;
};

/* A step as the bus' thread gets it. */
struct step {
	struct sub_trace *trace;
	uint32_t tracers, length, data_len;
	uint64_t serial, handle, time_ns, lost;
	enum pktt_step_kind kind;
	enum pktt_family family;
	enum pktt_verdict verdict;
	enum pktt_hook hook;
	int priority;
	char table[PKTT_NAME_MAX], chain[PKTT_NAME_MAX], name[PKTT_NAME_MAX], in[16], out[16];
	uint8_t data[DATA_MAX];
};

int sub_trace_new(struct sub_trace **ret, struct sub_pktt *sub)
{
	struct sub_trace *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->sub = sub;
	pthread_mutex_init(&t->lock, NULL);
	*ret = t;
	return 0;
}

void sub_trace_free(struct sub_trace **trace)
{
	if (!*trace)
		return;
	pthread_mutex_destroy(&(*trace)->lock);
	free(*trace);
	*trace = NULL;
}

/* --- Who traces ---------------------------------------- */

static struct tracer *tracer_of(struct sub_trace *t, const struct nfnl_peer *peer)
{
	for (unsigned int i = 0; i < TRACERS; i++)
		if (t->tracer[i].peer == peer)
			return &t->tracer[i];
	return NULL;
}

static void stop(struct sub_trace *t, struct tracer *tracer)
{
	pthread_mutex_lock(&t->lock);
	if (tracer->is_on)
		__atomic_sub_fetch(&t->active, 1, __ATOMIC_RELAXED);
	*tracer = (struct tracer){ 0 };
	for (unsigned int i = 0; i < SEEN; i++)
		t->seen[i].tracers &= ~(1u << (unsigned int)(tracer - t->tracer));
	pthread_mutex_unlock(&t->lock);
}

void sub_trace_forget(struct sub_pktt *sub, struct nfnl_peer *peer)
{
	struct tracer *tracer = tracer_of(sub->trace, peer);

	if (tracer)
		stop(sub->trace, tracer);
}

int sub_trace_start(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_pktt *sub = ctx;
	struct sub_trace *t = sub->trace;
	struct sub_filter filter;
	struct wire_object obj;
	struct tracer *tracer;
	const char *text;
	int r = wire_object_decode(&obj, req->nlh, NULL, err);

	if (r)
		return r;
	text = wire_text(&obj, PKTTA_TEXT);
	r = sub_filter_parse(&filter, text ? text : "", err);
	if (r)
		return r;
	sub_trace_forget(sub, req->peer);
	tracer = tracer_of(t, NULL);
	if (!tracer)
		return pktt_fail(err, -EBUSY, "%d programs trace already", TRACERS);
	nfnl_peer_set(req->peer, PKTT_SUBSYS_RULES, t);
	pthread_mutex_lock(&t->lock);
	*tracer = (struct tracer){ req->peer, true, filter, UINT64_MAX };
	if (wire_has(&obj, PKTTA_NUMBER) && wire_u64(&obj, PKTTA_NUMBER))
		tracer->left = wire_u64(&obj, PKTTA_NUMBER);
	__atomic_add_fetch(&t->active, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&t->lock);
	return 0;
}

int sub_trace_stop(void *ctx, struct nfnl_request *req, struct pktt_error *err)
{
	struct sub_pktt *sub = ctx;

	if (!tracer_of(sub->trace, req->peer))
		return pktt_fail(err, -ENOENT, "no trace was asked for");
	sub_trace_forget(sub, req->peer);
	return 0;
}

/* --- Workers ---------------------------------------- */

static struct seen *seen_of(struct sub_trace *t, const struct pktt_packet *pkt)
{
	uintptr_t at = (uintptr_t)pkt;

	return &t->seen[(at >> 6 ^ at >> 14) % SEEN];
}

static uint32_t who_wants(struct sub_trace *t, const struct pktt_packet *pkt, bool takes)
{
	uint32_t bits = 0;

	for (unsigned int i = 0; i < TRACERS; i++) {
		struct tracer *tracer = &t->tracer[i];

		if (!tracer->is_on || (takes && !tracer->left) ||
		    !sub_filter_fits(&tracer->filter, pkt))
			continue;
		if (takes && tracer->left != UINT64_MAX)
			tracer->left--;
		bits |= 1u << i;
	}
	return bits;
}

bool sub_pktt_wants_trace(struct sub_pktt *sub, const struct pktt_packet *pkt)
{
	struct sub_trace *t = sub->trace;
	uint32_t bits;

	if (!__atomic_load_n(&t->active, __ATOMIC_RELAXED))
		return false;
	pthread_mutex_lock(&t->lock);
	bits = who_wants(t, pkt, true);
	*seen_of(t, pkt) = (struct seen){ pkt, ++t->serial, bits };
	pthread_mutex_unlock(&t->lock);
	return bits != 0;
}

static void copy_text(char *to, size_t room, const char *from)
{
	size_t len = strnlen(from, room - 1);

	memcpy(to, from, len);
	to[len] = '\0';
}

static void copy_step(struct step *to, const struct pktt_step *from)
{
	const struct pktt_table *table = pktt_chain_table(from->chain);
	const uint8_t *data;

	to->kind = from->kind;
	to->family = pktt_table_family(table);
	to->verdict = from->verdict;
	to->hook = pktt_chain_hook(from->base);
	to->priority = pktt_chain_priority(from->base);
	to->time_ns = pktt_packet_time_ns(from->pkt);
	copy_text(to->table, sizeof(to->table), pktt_table_name(table));
	copy_text(to->chain, sizeof(to->chain), pktt_chain_name(from->chain));
	copy_text(to->in, sizeof(to->in), pktt_packet_in(from->pkt));
	copy_text(to->out, sizeof(to->out), pktt_packet_out(from->pkt));
	if (from->rule) {
		to->handle = from->rule->handle;
		copy_text(to->name, sizeof(to->name), from->rule->spec->name);
	}
	to->length = pktt_packet_length(from->pkt, PKTT_L3);
	to->data_len = to->length < DATA_MAX ? to->length : DATA_MAX;
	data = pktt_packet_read(from->pkt, PKTT_L3, 0, to->data_len);
	if (data)
		memcpy(to->data, data, to->data_len);
	else
		to->data_len = 0;
}

static void send_step(void *ctx);

/* Who is to be told, and the packet's number; 0 = nobody. */
static uint32_t listeners(struct sub_trace *t, const struct pktt_packet *pkt, uint64_t *serial,
			  uint64_t *lost)
{
	struct seen *seen = seen_of(t, pkt);
	uint32_t bits = 0;

	pthread_mutex_lock(&t->lock);
	if (seen->pkt != pkt) /* a TRACE rule's, which no filter asked for */
		*seen = (struct seen){ pkt, ++t->serial, who_wants(t, pkt, false) };
	if (t->posted < POSTED_MAX)
		bits = seen->tracers;
	else if (seen->tracers)
		t->lost++;
	t->posted += bits != 0;
	*serial = seen->serial;
	*lost = t->lost;
	pthread_mutex_unlock(&t->lock);
	return bits;
}

static void unpost(struct sub_trace *t)
{
	pthread_mutex_lock(&t->lock);
	t->posted--;
	pthread_mutex_unlock(&t->lock);
}

void sub_pktt_step(struct sub_pktt *sub, const struct pktt_step *from)
{
	struct sub_trace *t = sub->trace;
	uint64_t serial, lost;
	struct step *step;
	uint32_t bits;

	if (!__atomic_load_n(&t->active, __ATOMIC_RELAXED))
		return;
	bits = listeners(t, from->pkt, &serial, &lost);
	if (!bits)
		return;
	step = calloc(1, sizeof(*step));
	if (step) {
		step->trace = t;
		step->tracers = bits;
		step->serial = serial;
		step->lost = lost;
		copy_step(step, from);
	}
	if (step && nfnl_post(sub->bus, send_step, step) == 0)
		return;
	free(step);
	unpost(t);
}

/* --- The bus' thread ---------------------------------------- */

/* A rule is told of when it hits, before its targets have run: its text says what it does. */
static void describe(struct sub_pktt *sub, const struct step *s, struct wire_object *obj,
		     struct str *text)
{
	const struct pktt_rule *rule =
		s->handle ? pktt_rule_by_handle(sub->engine, s->handle) : NULL;

	wire_object_init(obj, PKTT_MSG_NEWTRACE, s->family);
	wire_set_text(obj, PKTTA_TABLE, s->table);
	wire_set_text(obj, PKTTA_CHAIN, s->chain);
	wire_set_u64(obj, PKTTA_KIND, s->kind);
	if (s->verdict != PKTT_CONTINUE)
		wire_set_u64(obj, PKTTA_VERDICT, s->verdict);
	wire_set_u64(obj, PKTTA_HOOK, s->hook);
	wire_set_u64(obj, PKTTA_PRIORITY, (uint64_t)(int64_t)s->priority);
	wire_set_u64(obj, PKTTA_COUNT, s->serial);
	wire_set_u64(obj, PKTTA_TIME, s->time_ns);
	wire_set_u64(obj, PKTTA_LENGTH, s->length);
	wire_set_data(obj, PKTTA_DATA, s->data, s->data_len);
	if (s->in[0])
		wire_set_text(obj, PKTTA_IFACE, s->in);
	if (s->out[0])
		wire_set_text(obj, PKTTA_OUT_IFACE, s->out);
	if (s->handle)
		wire_set_u64(obj, PKTTA_HANDLE, s->handle);
	if (s->name[0])
		wire_set_text(obj, PKTTA_NAME, s->name);
	if (!rule)
		return;
	obj->rule = rule->spec;
	pktt_rule_spec_print(rule->spec, text);
	wire_set_text(obj, PKTTA_TEXT, str_text(text));
	wire_set_u64(obj, PKTTA_NUMBER, pktt_rule_position(rule));
}

static void send_step(void *ctx)
{
	PKTT_AUTO_FREE struct step *s = ctx;
	struct sub_trace *t = s->trace;
	struct str text = STR_INIT;
	struct wire_object obj;

	unpost(t);
	describe(t->sub, s, &obj, &text);
	for (unsigned int i = 0; i < TRACERS; i++) {
		struct nlmsghdr *nlh;

		if (!(s->tracers >> i & 1) || !t->tracer[i].peer)
			continue;
		nlh = sub_message(t->sub->bus, &obj);
		if (nlh)
			nfnl_send_event(t->tracer[i].peer, PKTT_GROUP_TRACE, nlh);
	}
	str_fini(&text);
}
