/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How fast rule files load, and whether the load is linear: files of 10,000 and 100,000 lines are
 * read, loaded into an engine, saved, and read again as JSON. Prints lines a second of processor
 * time; fails where a tenfold file takes more than twenty times as long.
 */
#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "core/engine.h"
#include "desc/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <urcu-qsbr.h>

struct bench {
	unsigned int lines;
	struct pktt_engine *engine;
	struct pktt_txn *txn;
	struct str text, saved, document;
	struct json json;
};

enum step { STEP_READ, STEP_LOAD, STEP_SAVE, STEP_JSON, STEP_COUNT };
static const char *const step_name[] = { "read text", "load text", "save text", "read JSON" };

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void put_rule(struct str *out, unsigned int i)
{
	unsigned int a = i >> 16 & 255, b = i >> 8 & 255, c = i & 255;

	if (i % 4 == 0)
		str_putf(out, "-A FORWARD -s 10.%u.%u.%u/32 -p tcp -m tcp --dport %u -j ACCEPT\n",
			 a, b, c, i % 65535 + 1);
	else if (i % 4 == 1)
		str_putf(out,
			 "-A FORWARD -d 10.%u.%u.%u/32 -i eth0 -o eth1 -p udp -m udp "
			 "--sport 53 --dport 1024:65535 -j WEB\n",
			 a, b, c);
	else if (i % 4 == 2)
		str_putf(out,
			 "-A FORWARD -s 10.%u.%u.%u/32 -d 192.168.0.0/16 -p tcp -m multiport "
			 "--dports 80,443,8080 -m comment --comment \"rule %u\" -j ACCEPT\n",
			 a, b, c, i);
	else
		str_putf(out,
			 "[%u:%u] -A FORWARD ! -s 10.%u.%u.%u/32 -m limit --limit 5/sec "
			 "-j LOG --log-prefix \"drop: \"\n",
			 i, i * 60, a, b, c);
}

static void write_file(struct bench *b)
{
	str_clear(&b->text);
	str_puts(&b->text, "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n"
			   ":OUTPUT ACCEPT [0:0]\n:WEB - [0:0]\n");
	for (unsigned int i = 0; i < b->lines; i++)
		put_rule(&b->text, i);
	str_puts(&b->text, "COMMIT\n");
}

static int look(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	(void)ctx, (void)cmd, (void)err;
	return 0;
}

static int to_json(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct bench *b = ctx;

	(void)err;
	pktt_command_json(cmd, &b->json);
	return 0;
}

static int apply(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct bench *b = ctx;

	return pktt_txn_apply(b->txn, cmd, PKTT_APPLY_RESTORE | PKTT_APPLY_COUNTERS, err);
}

static int load(struct bench *b, const struct pktt_source *src, struct pktt_errors *errs)
{
	struct pktt_receiver to = { apply, b };

	if (pktt_txn_begin(&b->txn, b->engine, &errs->item[0]))
		return -1;
	if (pktt_text_read(src, b->text.data, b->text.len, &to, errs)) {
		pktt_txn_abort(&b->txn);
		return -1;
	}
	return pktt_txn_commit(&b->txn, errs);
}

static int run_step(struct bench *b, enum step step, const struct pktt_source *src,
		    struct pktt_errors *errs)
{
	struct pktt_receiver to = { look, b };

	switch (step) {
	case STEP_READ:
		return pktt_text_read(src, b->text.data, b->text.len, &to, errs);
	case STEP_LOAD:
		return load(b, src, errs);
	case STEP_SAVE:
		str_clear(&b->saved);
		return pktt_save_text(b->engine, PKTT_IPV4, PKTT_SAVE_COUNTERS, &b->saved, errs);
	case STEP_JSON:
		return pktt_json_read(src, b->document.data, b->document.len, &to, errs);
	case STEP_COUNT:
		break;
	}
	return -1;
}

static int write_document(struct bench *b, const struct pktt_source *src, struct pktt_errors *errs)
{
	struct pktt_receiver to = { to_json, b };
	int r;

	str_clear(&b->document);
	b->json = json_to(&b->document);
	pktt_json_begin("bench", &b->json);
	r = pktt_text_read(src, b->text.data, b->text.len, &to, errs);
	pktt_json_end(&b->json);
	return r;
}

static int run_size(unsigned int lines, double seconds[STEP_COUNT])
{
	static const struct pktt_engine_config config = { .workers = 1 };
	struct bench b = { .lines = lines };
	struct pktt_source src = { .name = "bench", .family = PKTT_IPV4 };
	struct pktt_errors errs = { 0 };
	int r = pktt_engine_new(&b.engine, &config, &errs.item[0]);

	write_file(&b);
	src.catalog = r ? NULL : pktt_engine_catalog(b.engine);
	if (r == 0)
		r = write_document(&b, &src, &errs);
	for (int s = 0; r == 0 && s < STEP_COUNT; s++) {
		double start = now_s();

		r = run_step(&b, (enum step)s, &src, &errs);
		seconds[s] = now_s() - start;
	}
	if (r)
		fprintf(stderr, "load: %s (line %" PRIu32 ")\n", errs.item[0].text,
			errs.item[0].place.line);
	str_fini(&b.text);
	str_fini(&b.saved);
	str_fini(&b.document);
	pktt_engine_free(&b.engine);
	return r;
}

int main(void)
{
	double small[STEP_COUNT] = { 0 }, large[STEP_COUNT] = { 0 };
	int ret = 0;

	urcu_qsbr_register_thread();
	if (run_size(10000, small) || run_size(100000, large))
		return 1;
	printf("%-10s %12s %12s  (processor time)\n", "", "10k lines/s", "100k lines/s");
	for (int s = 0; s < STEP_COUNT; s++) {
		printf("%-10s %12.0f %12.0f\n", step_name[s], 10000 / small[s], 100000 / large[s]);
		if (large[s] > 20 * small[s] + 0.05) {
			printf("load: %s is not linear\n", step_name[s]);
			ret = 1;
		}
	}
	urcu_qsbr_unregister_thread();
	return ret;
}
