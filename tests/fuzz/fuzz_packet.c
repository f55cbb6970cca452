/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as packets of any link type, at any interface of a router with a bridge, through rules
 * of every extension (packet.rules) or with state (state.rules). The input is a row of records: a byte
 * that chooses link type and interface, two bytes of length, the packet. Rules keep what they remember
 * from one input to the next, as they do in a daemon; connections begin anew, so that an input says all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <urcu-qsbr.h>

#include "base/buf.h"
#include "base/own.h"
#include "datapath/replay/capture.h"
#include "datapath/replay/report.h"
#include "datapath/replay/router.h"
#include "ext/stateful.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pktt_engine *engine;
static struct router *router;
static struct replay_settings settings;

static void need(bool is_so, const char *what)
{
	if (is_so)
		return;
	fprintf(stderr, "fuzz_packet: %s\n", what);
	abort();
}

static int apply(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	return pktt_txn_apply(ctx, cmd, PKTT_APPLY_RESTORE, err);
}

static void load_rules(void)
{
	struct pktt_engine_config config = { .workers = 1 };
	struct pktt_source src = { .name = FUZZ_RULES, .family = PKTT_IPV4, .is_native = true };
	struct pktt_txn *txn = NULL;
	struct pktt_errors errs = { 0 };
	struct pktt_receiver to = { .command = apply };
	static char text[1 << 17];
	FILE *f = fopen(FUZZ_RULES, "re");
	size_t len = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	need(len > 0 && len < sizeof(text) - 1, "no rules in " FUZZ_RULES);
	fclose(f);
	need(pktt_engine_new(&engine, &config, NULL) == 0, "no engine");
	need(stateful_attach(engine, NULL, NULL) == 0, "no tracking");
	need(pktt_txn_begin(&txn, engine, NULL) == 0, "no transaction");
	to.ctx = txn;
	src.catalog = pktt_engine_catalog(engine);
	need(pktt_text_read(&src, text, len, &to, &errs) == 0, errs.item[0].text);
	need(pktt_txn_commit(&txn, &errs) == 0, errs.item[0].text);
}

static void build_router(void)
{
	static const char *const interface[] = {
		"in0=10.0.0.1/24,2001:db8:1::1/64,mac=02:00:00:00:01:01",
		"out0=192.0.2.1/24,2001:db8:2::1/64,mac=02:00:00:00:02:01,mtu=1280",
		"br0=10.7.0.1/24,mac=02:00:00:00:03:01",
	};

	need(router_new(&router, NULL) == 0, "no router");
	for (size_t i = 0; i < pktt_countof(interface); i++)
		need(router_add_interface(router, interface[i], NULL) == 0, interface[i]);
	need(router_add_bridge(router, "br0=p0,p1", NULL) == 0, "no bridge");
	need(router_add_route(router, "0.0.0.0/0=out0,via 192.0.2.80", NULL) == 0, "no route");
	need(router_add_route(router, "::/0=out0,via 2001:db8:2::80", NULL) == 0, "no route");
	need(router_finish(router, NULL) == 0, "no tables");
}

static void set_up(void)
{
	if (!router) {
		rcu_register_thread();
		replay_settings_init(&settings);
		settings.bridge_nf = true;
		build_router();
	}
	if (!engine)
		load_rules();
}

/* What holds for every result. */
static void check(const struct replay_result *r)
{
	struct str out = STR_INIT;

	need(!r->failed && !r->bytes.failed, "out of memory");
	need(r->has_verdict || r->decision.reason != PKTT_REASON_NONE, "skipped without a reason");
	for (size_t i = 0; i < r->nemitted; i++) {
		const struct replay_emitted *e = &r->emitted[i];

		need(e->out && e->at + e->len <= r->bytes.len && e->l3 <= e->len, "emitted bytes");
		need(e->is_frame || e->len >= 20, "emitted less than a header");
	}
	report_json(r, &out);
	report_text(r, &out);
	report_logs(r, &out);
	need(!out.failed, "out of memory");
	str_fini(&out);
}

static bool next_record(struct buf *b, struct capture_record *record)
{
	static const uint32_t link[8] = {
		CAPTURE_LINKTYPE_ETHERNET,  CAPTURE_LINKTYPE_RAW,
		CAPTURE_LINKTYPE_LINUX_SLL, CAPTURE_LINKTYPE_LINUX_SLL2,
		CAPTURE_LINKTYPE_IPV4,	    CAPTURE_LINKTYPE_IPV6,
		CAPTURE_LINKTYPE_ETHERNET,  9999,
	};
	static const char *const name[8] = {
		"in0", "out0", "lo", "p0", "p1", "br0", "nobody", "in0",
	};
	uint8_t choice;
	uint16_t len;

	if (!buf_get_u8(b, &choice) || !buf_get_be16(b, &len))
		return false;
	record->linktype = link[choice & 7];
	record->interface = name[choice >> 3 & 7];
	/* The highest bits: how much the capture cut off. */
	record->caplen = len < buf_left(b) ? len : (uint32_t)buf_left(b);
	record->wirelen = record->caplen + (choice >> 6) * 40u;
	record->data = buf_get(b, record->caplen);
	record->number++;
	record->time_ns += 7000000;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct capture_record record = { .time_ns = INT64_C(1795448093000000000) };
	struct buf b = buf_of(data, size);
	struct replay_config config = { .settings = &settings, .seed = 1, .describes = true };
	struct replay *replay = NULL;

	set_up();
	config.engine = engine;
	config.router = router;
	need(replay_new(&replay, &config, NULL) == 0, "no replay");
	while (next_record(&b, &record))
		check(replay_packet(replay, &record));
	rcu_quiescent_state();
	replay_free(&replay);
	/* What connections and counters remember must not reach the next input. */
	if (FUZZ_STATE)
		pktt_engine_free(&engine);
	return 0;
}
