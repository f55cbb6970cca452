/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sequence_bench.h"

#include "base/buf.h"
#include "conntrack/proto_gre.h"
#include "core/l3.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND UINT64_C(1000000000)
#define START  (UINT64_C(1700000000) * SECOND)

enum { IP_LEN = 20 };

static const uint8_t host[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 1, 1 } };

void sequence_init(struct sequence_bench *t, const struct ct_settings *settings)
{
	/* Packets are tracked where a rule wants to know. */
	static const char rule[] =
		"*filter\n-A FORWARD -m conntrack --ctstate INVALID -j ACCEPT\nCOMMIT\n";

	memset(t, 0, sizeof(*t));
	engine_bench_init(&t->engine);
	if (conntrack_attach(t->engine.engine, settings, NULL))
		abort();
	if (engine_bench_load(&t->engine, PKTT_IPV4, rule, 0))
		abort();
	t->ct = conntrack_of(t->engine.engine);
	t->now_ns = START;
	conntrack_advance(t->ct, t->now_ns);
}

void sequence_fini(struct sequence_bench *t)
{
	engine_bench_fini(&t->engine);
}

void sequence_pass(struct sequence_bench *t, uint64_t ns)
{
	t->now_ns += ns;
	conntrack_advance(t->ct, t->now_ns);
}

static void put_ip(uint8_t *ip, const struct sequence_packet *p)
{
	memset(ip, 0, IP_LEN);
	ip[0] = 0x45;
	put_be16(ip + 2, (uint16_t)(IP_LEN + p->len));
	put_be16(ip + 6, 0x4000);
	ip[8] = 64;
	ip[9] = p->protocol;
	memcpy(ip + 12, host[p->dir], 4);
	memcpy(ip + 16, host[!p->dir], 4);
	put_be16(ip + 10, pktt_csum_fold(pktt_csum_add(0, ip, IP_LEN)));
}

void sequence_checksum(struct sequence_packet *p, uint32_t at, uint32_t cover)
{
	uint32_t sum = p->protocol + p->len;

	sum = pktt_csum_add(sum, host[0], 4);
	sum = pktt_csum_add(sum, host[1], 4);
	put_be16(p->l4 + at, 0);
	put_be16(p->l4 + at, pktt_csum_fold(pktt_csum_add(sum, p->l4, cover)));
}

static void describe(struct sequence_bench *t, const struct ct_tuple *tuple,
		     struct sequence_seen *ret)
{
	struct conndb *db = conntrack_db(t->ct);
	const struct ct_l4proto *proto = ct_l4proto_of(tuple->family, tuple->protocol);
	enum ct_dir dir;
	struct conn *conn = conndb_find(db, tuple, ct_ms(t->now_ns), &dir);
	struct ct_tuple original;

	if (!conn)
		return;
	conn_tuple(conn, CT_ORIGINAL, &original);
	ret->is_there = true;
	ret->base = memcmp(original.src, host[0], 4) != 0;
	ret->state = proto->state ? proto->state(conn) : "-";
	ret->status = conn_status(conn);
	ret->seconds = conn_timeout_left(conn, ct_ms(t->now_ns)) / 1000;
	memcpy(ret->counter, conn->counter, sizeof(ret->counter));
	memcpy(&ret->l4, conn_l4(conn), proto->state_size);
	conn_put(db, &conn);
}

void sequence_send(struct sequence_bench *t, const struct sequence_packet *p,
		   struct sequence_seen *ret)
{
	struct pktt_packet *pkt = NULL;
	struct ct_tuple tuple;
	bool has_tuple;

	memset(ret, 0, sizeof(*ret));
	ret->protocol = p->protocol;
	if (pktt_packet_new(&pkt, IP_LEN + p->len))
		abort();
	put_ip(pkt->buf + pkt->l3, p);
	memcpy(pkt->buf + pkt->l3 + IP_LEN, p->l4, p->len);
	pkt->ethertype = 0x0800;
	pkt->wire_len = IP_LEN + p->len;
	if (pktt_packet_parse_ip(pkt))
		abort();
	t->engine.env.generation = pktt_engine_generation(t->engine.engine);
	pkt->env = &t->engine.env;
	pkt->in = &t->engine.in;
	pkt->out = &t->engine.out;
	pkt->time_ns = t->now_ns;
	has_tuple = ct_tuple_of_packet(pkt, &tuple);
	if (has_tuple)
		ct_gre_complete(t->ct, &tuple);
	ret->verdict = pktt_hook_run(t->engine.engine, pkt, PKTT_PRE_ROUTING);
	ret->info = pkt->ct_info;
	if (ret->verdict == PKTT_ACCEPT)
		ret->verdict = pktt_hook_run(t->engine.engine, pkt, PKTT_POST_ROUTING);
	conntrack_packet_done(pkt);
	pktt_packet_free(&pkt);
	if (has_tuple)
		describe(t, &tuple, ret);
}

/* --- Sequences as text ------------------------------------------------------------------------- */

static const char *const info_names[] = {
	[PKTT_CT_NONE] = "none",
	[PKTT_CT_NEW] = "new",
	[PKTT_CT_ESTABLISHED] = "est",
	[PKTT_CT_RELATED] = "related",
	[PKTT_CT_ESTABLISHED_REPLY] = "reply",
	[PKTT_CT_RELATED_REPLY] = "related-reply",
	[PKTT_CT_INVALID] = "invalid",
	[PKTT_CT_UNTRACKED] = "untracked",
};

void sequence_outcome(const struct sequence_language *language, const struct sequence_seen *seen,
		      char *out, size_t size)
{
	char detail[64] = "";

	if (language->detail && seen->is_there)
		language->detail(seen, detail, sizeof(detail));
	if (!seen->is_there)
		snprintf(out, size, "%s gone",
			 seen->verdict == PKTT_DROP ? "drop" : info_names[seen->info]);
	else
		snprintf(out, size, "%s %s %u%s%s n=%" PRIu64 "/%" PRIu64 "%s",
			 seen->verdict == PKTT_DROP ? "drop" : info_names[seen->info], seen->state,
			 seen->seconds, seen->status & CT_ASSURED ? " assured" : "",
			 seen->base ? " turned" : "", seen->counter[0].packets,
			 seen->counter[1].packets, detail);
}

bool sequence_set(struct ct_settings *settings, const char *text)
{
	char name[64];
	unsigned int value;

	if (sscanf(text, "set %63[a-z_]=%u", name, &value) != 2)
		return false;
	for (unsigned int i = 0; i < ct_setting_count; i++) {
		const struct pktt_param *param = &ct_setting_params[i];
		uint8_t *at = (uint8_t *)settings + param->offset;

		if (strcmp(param->name, name))
			continue;
		if (param->size == sizeof(uint32_t))
			memcpy(at, &value, sizeof(value));
		else
			*at = (uint8_t)value;
		return true;
	}
	return false;
}

struct run {
	const struct sequence_language *language;
	struct sequence_bench bench;
	bool has_bench;
	struct ct_settings settings;
	unsigned int number, faults; /* lines */
	const char *show;
};

static void fault(struct run *run, const char *line, const char *why)
{
	run->faults++;
	fprintf(stderr, "line %u: %s\n\t%s\n", run->number, line, why);
}

static void end_sequence(struct run *run)
{
	if (run->has_bench)
		sequence_fini(&run->bench);
	run->has_bench = false;
	ct_settings_init(&run->settings);
	memset(run->language->conversation, 0, run->language->conversation_size);
}

static struct sequence_bench *bench_of(struct run *run)
{
	if (!run->has_bench)
		sequence_init(&run->bench, &run->settings);
	run->has_bench = true;
	return &run->bench;
}

static void show_hex(const struct sequence_packet *p, const char *expected)
{
	uint8_t ip[IP_LEN];

	put_ip(ip, p);
	printf("%c ", p->dir ? '<' : '>');
	for (uint32_t i = 0; i < IP_LEN; i++)
		printf("%02x", ip[i]);
	for (uint32_t i = 0; i < p->len; i++)
		printf("%02x", p->l4[i]);
	printf(" %s\n", expected ? expected : ";");
}

static void run_packet(struct run *run, const char *line)
{
	struct sequence_packet p = { .protocol = run->language->protocol, .dir = line[0] == '<' };
	const char *expected = strchr(line, ';');
	size_t len = expected ? (size_t)(expected - line - 1) : strlen(line);
	struct sequence_seen seen;
	char text[128], came[160];

	snprintf(text, sizeof(text), "%.*s", (int)len - 1, line + 1);
	if (!run->language->read(text, &p, run->language->conversation)) {
		fault(run, line, "cannot be read");
		return;
	}
	if (run->show && !strcmp(run->show, "hex")) {
		show_hex(&p, expected);
		return;
	}
	sequence_send(bench_of(run), &p, &seen);
	sequence_outcome(run->language, &seen, came, sizeof(came));
	if (run->show)
		printf("%.*s ; %s\n", (int)len, line, came);
	else if (!expected || strcmp(came, expected + 1 + strspn(expected + 1, " ")))
		fault(run, line, came);
}

static void run_line(struct run *run, const char *line)
{
	run->number++;
	if (line[0] == '>' || line[0] == '<') {
		run_packet(run, line);
		return;
	}
	if (run->show)
		puts(line);
	if (line[0] == '=')
		end_sequence(run);
	else if (line[0] == '+')
		sequence_pass(bench_of(run), strtoull(line + 1, NULL, 10) * SECOND);
	else if (line[0] == 's' && (run->has_bench || !sequence_set(&run->settings, line)))
		fault(run, line, "no setting");
	else if (line[0] && line[0] != '#' && line[0] != 's')
		fault(run, line, "what is this?");
}

unsigned int sequence_run(const struct sequence_language *language, const char *path)
{
	struct run run = { .language = language, .show = getenv("SEQUENCE_SHOW") };
	FILE *f = fopen(path, "re");
	char line[256];

	if (!f)
		abort();
	end_sequence(&run);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		run_line(&run, line);
	}
	end_sequence(&run);
	fclose(f);
	return run.faults;
}
