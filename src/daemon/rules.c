/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/rules.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/own.h"
#include "base/str.h"
#include "core/change.h"
#include "core/set.h"
#include "desc/source.h"
#include "ext/stateful.h"

struct load {
	struct pktt_engine *engine;
	struct pktt_txn *txn;
	struct pktt_sources *sources;
	struct pktt_errors errs;
};

/* --- What is there goes ----------------------------------------------------------------------- */

static int apply(struct load *l, enum pktt_verb verb, const struct pktt_table *table,
		 const struct pktt_chain *chain, struct pktt_error *err)
{
	struct pktt_command cmd = { .verb = verb, .policy = PKTT_ACCEPT };

	cmd.family = pktt_table_family(table);
	snprintf(cmd.table, sizeof(cmd.table), "%s", pktt_table_name(table));
	if (chain)
		snprintf(cmd.chain, sizeof(cmd.chain), "%s", pktt_chain_name(chain));
	return pktt_txn_apply(l->txn, &cmd, PKTT_APPLY_RESTORE, err);
}

static int clear_table(struct load *l, const struct pktt_table *table, struct pktt_error *err)
{
	int r = apply(l, PKTT_TABLE_BEGIN, table, NULL, err);

	for (struct pktt_chain *c = NULL; r == 0 && (c = pktt_chain_next(table, c));)
		if (pktt_chain_is_base(c) && pktt_chain_policy(c) != PKTT_ACCEPT)
			r = apply(l, PKTT_CHAIN_POLICY, table, c, err);
	return r;
}

/* Lists first: a set that is in one cannot go. */
static int clear_sets(struct load *l, bool lists, struct pktt_error *err)
{
	int r = 0;

	for (struct pktt_set *s = NULL; r == 0 && (s = pktt_set_next(l->engine, s));)
		if (pktt_set_is_list(s) == lists)
			r = pktt_set_destroy(l->txn, pktt_set_name(s), err);
	return r;
}

static int clear(struct load *l, struct pktt_error *err)
{
	int r = 0;

	for (struct pktt_table *t = NULL; r == 0 && (t = pktt_table_next(l->engine, t));)
		r = clear_table(l, t, err);
	if (r == 0)
		r = clear_sets(l, true, err);
	return r ? r : clear_sets(l, false, err);
}

/* --- What is to be comes ---------------------------------------------------------------------- */

static int receive(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct load *l = ctx;

	return pktt_txn_apply(l->txn, cmd, PKTT_APPLY_RESTORE | PKTT_APPLY_COUNTERS, err);
}

static bool is_json(const struct pktt_file *file)
{
	const char *t = file->text + strspn(file->text, " \t\r\n");

	return *t == '{' || *t == '[';
}

static void read_file(struct load *l, const struct pktt_file *file)
{
	struct pktt_receiver to = { receive, l };
	struct pktt_source src = {
		.catalog = pktt_engine_catalog(l->engine),
		.name = file->name,
		.family = PKTT_IPV4,
		.is_native = true,
		.may_include = true,
		.files = l->sources,
	};

	if (is_json(file))
		(void)!pktt_json_read(&src, file->text, file->len, &to, &l->errs);
	else
		(void)!pktt_text_read(&src, file->text, file->len, &to, &l->errs);
}

/* What pkttd wrote as the user that it became: when it starts again it is root. */
static bool is_owners(const char *path, uid_t owner)
{
	struct stat st;

	return owner && lstat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == owner &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static int open_source(struct load *l, const struct rules_source *source,
		       const struct pktt_file **ret, struct pktt_error *err)
{
	int r = pktt_sources_new(&l->sources);

	if (r)
		return pktt_fail(err, r, "no memory");
	if (!source->text)
		return pktt_sources_read(l->sources, source->path,
					 is_owners(source->path, source->owner) ? PKTT_ANYBODY
										: PKTT_OWN_FILES,
					 ret, err);
	r = pktt_sources_add(l->sources, source->path, source->text, source->len, ret);
	return r ? pktt_fail(err, r, "no memory") : 0;
}

/* An error without a place of its own is one of the whole file. */
static void add_error(struct load *l, const struct pktt_error *err)
{
	pktt_errors_add(&l->errs, err);
}

static int commit(struct load *l)
{
	int r = l->errs.count ? -EINVAL : 0;

	if (r == 0)
		r = pktt_txn_commit(&l->txn, &l->errs);
	else
		pktt_txn_abort(&l->txn);
	return r;
}

static int load(struct load *l, const struct rules_source *source, struct pktt_error *err)
{
	const struct pktt_file *file;
	int r = open_source(l, source, &file, err);

	if (r == 0)
		r = pktt_txn_begin(&l->txn, l->engine, err);
	if (r)
		return r;
	pktt_txn_set_user(l->txn, source->user);
	r = clear(l, err);
	if (r) {
		pktt_txn_abort(&l->txn);
		return r;
	}
	read_file(l, file);
	return commit(l);
}

/*
 * Rules say where they stood by the names of their files, which the sources own. What was loaded before
 * is dying when something new has been loaded, and gone a few loads later.
 */
static struct pktt_sources *kept[4];

static void keep(struct pktt_sources *sources)
{
	pktt_sources_free(&kept[pktt_countof(kept) - 1]);
	memmove(&kept[1], &kept[0], sizeof(kept) - sizeof(kept[0]));
	kept[0] = sources;
}

void rules_forget(void)
{
	for (size_t i = 0; i < pktt_countof(kept); i++)
		pktt_sources_free(&kept[i]);
}

int rules_load(struct pktt_engine *engine, const struct rules_source *source, struct str *why)
{
	struct load l = { .engine = engine };
	struct pktt_error err = { 0 };
	int r;

	if (!source->text && access(source->path, F_OK) < 0 && errno == ENOENT)
		return -ENOENT;
	r = load(&l, source, &err);
	if (r && !l.errs.count)
		add_error(&l, &err);
	if (r)
		pktt_errors_print(&l.errs, pktt_sources_line, l.sources, why);
	/* What a refused load made goes by itself, and says no names any more. */
	keep(l.sources);
	return r;
}

int rules_check(const struct pktt_engine_config *config, const char *path, struct str *why)
{
	struct rules_source source = { .path = path };
	struct pktt_engine *engine = NULL;
	struct pktt_error err = { 0 };
	int r = pktt_engine_new(&engine, config, &err);

	if (r == 0)
		r = stateful_attach(engine, NULL, &err);
	if (r)
		str_putf(why, "%s\n", err.text);
	else
		r = rules_load(engine, &source, why);
	pktt_engine_free(&engine);
	rules_forget();
	return r;
}

static int set_policy(struct load *l, enum pktt_family family, const char *chain,
		      enum pktt_verdict policy, struct pktt_error *err)
{
	struct pktt_command cmd = {
		.verb = PKTT_CHAIN_POLICY,
		.family = family,
		.table = "filter",
		.policy = policy,
	};

	snprintf(cmd.chain, sizeof(cmd.chain), "%s", chain);
	return pktt_txn_apply(l->txn, &cmd, 0, err);
}

int rules_clear(struct pktt_engine *engine, enum pktt_verdict policy, struct pktt_error *err)
{
	static const char *const chains[] = { "INPUT", "FORWARD", "OUTPUT" };
	struct load l = { .engine = engine };
	int r = pktt_txn_begin(&l.txn, engine, err);

	if (r)
		return r;
	r = clear(&l, err);
	for (size_t i = 0; r == 0 && i < pktt_countof(chains); i++) {
		r = set_policy(&l, PKTT_IPV4, chains[i], policy, err);
		if (r == 0)
			r = set_policy(&l, PKTT_IPV6, chains[i], policy, err);
	}
	if (r) {
		pktt_txn_abort(&l.txn);
		return r;
	}
	r = pktt_txn_commit(&l.txn, &l.errs);
	return r ? pktt_fail(err, r, "%.200s", l.errs.item[0].text) : 0;
}

int rules_save(struct pktt_engine *engine, struct str *out)
{
	struct pktt_errors errs = { 0 };

	return pktt_save_text(engine, PKTT_INET, PKTT_SAVE_NATIVE, out, &errs);
}
