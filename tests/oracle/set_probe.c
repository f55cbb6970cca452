/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of ipset's language on standard input, each a transaction of its own; "test SET ELEMENT" and
 * "save" besides. Answers "ok", "no" (test), "error: SENTENCE", or the saved text and "ok".
 */
#include "base/str.h"
#include "core/set.h"

#include <stdio.h>
#include <string.h>
#include <urcu-qsbr.h>

static int apply(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	return pktt_txn_apply(ctx, cmd, 0, err);
}

static void change(struct pktt_engine *engine, const char *line, struct pktt_errors *errs)
{
	struct pktt_source src = { .name = "-", .is_native = true };
	struct pktt_receiver to = { apply, NULL };
	struct pktt_txn *txn;

	src.catalog = pktt_engine_catalog(engine);
	if (pktt_txn_begin(&txn, engine, NULL))
		return;
	to.ctx = txn;
	if (pktt_text_read(&src, line, strlen(line), &to, errs))
		pktt_txn_abort(&txn);
	else
		(void)!pktt_txn_commit(&txn, errs);
}

static void test(struct pktt_engine *engine, char *rest, struct pktt_errors *errs)
{
	char *element = rest + strcspn(rest, " ");
	struct pktt_error err = { 0 };
	struct pktt_set *set;
	int r = -1;

	if (*element)
		*element++ = '\0';
	set = pktt_set_lookup(engine, rest);
	if (!set)
		pktt_fail(&err, -1, "there is no set %s", rest);
	else
		r = pktt_set_test(set, element, 0, &err);
	if (r < 0)
		pktt_errors_add(errs, &err);
	else
		puts(r ? "ok" : "no");
}

static void answer(struct pktt_engine *engine, char *line)
{
	struct pktt_errors errs = { 0 };
	struct str out = STR_INIT;

	if (strncmp(line, "test ", 5) == 0) {
		test(engine, line + 5, &errs);
	} else {
		if (strcmp(line, "save") == 0)
			pktt_sets_save(engine, &out);
		else
			change(engine, line, &errs);
		if (errs.count == 0)
			printf("%sok\n", str_text(&out));
	}
	if (errs.count)
		printf("error: %s\n", errs.item[0].text);
	fflush(stdout);
	str_fini(&out);
}

int main(void)
{
	static const struct pktt_engine_config config = { .workers = 1 };
	struct pktt_engine *engine = NULL;
	struct pktt_error err;
	char line[4096];

	rcu_register_thread();
	if (pktt_engine_new(&engine, &config, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		answer(engine, line);
	}
	pktt_engine_free(&engine);
	rcu_unregister_thread();
	return 0;
}
