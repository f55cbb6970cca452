/* SPDX-License-Identifier: BSD-2-Clause */
/* Whole texts, and command lines, as changes of a transaction. */
#include "libpkttnetlink/txn.h"

#include "base/own.h"
#include "desc/source.h"
#include "wire/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct feeding {
	struct pkttnl_txn *txn;
	unsigned int flags; /* PKTTNL_* of texts */
};

static int take_command(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	const struct feeding *f = ctx;

	return pkttnl_txn_command(f->txn, cmd, f->flags, err);
}

static void note_all(struct pkttnl_txn *txn, const struct pktt_errors *errs)
{
	struct pkttnl_error one;

	for (unsigned int i = 0; i < errs->kept; i++) {
		pkttnl_error_from(&one, &errs->item[i]);
		pkttnl_txn_note(txn, &one);
	}
	txn->errors += errs->count - errs->kept;
}

static int need_sources(struct pkttnl_txn *txn, struct pkttnl_error *err)
{
	if (txn->is_over)
		return pkttnl_fail(err, -EALREADY, "the transaction was ended before");
	if (!txn->sources && pktt_sources_new(&txn->sources))
		return pkttnl_no_memory(err);
	return 0;
}

static int feed(struct pkttnl_txn *txn, const struct pktt_file *file, const struct pktt_source *src,
		unsigned int flags, struct pkttnl_error *err)
{
	PKTT_AUTO_FREE struct pktt_errors *errs = calloc(1, sizeof(*errs));
	struct feeding f = { txn, flags };
	const struct pktt_receiver to = { take_command, &f };
	unsigned int before = txn->errors;
	int r;

	if (!errs)
		return pkttnl_no_memory(err);
	if (flags & PKTTNL_JSON)
		r = pktt_json_read(src, file->text, file->len, &to, errs);
	else
		r = pktt_text_read(src, file->text, file->len, &to, errs);
	note_all(txn, errs);
	if (err && txn->errors > before && before < PKTTNL_ERRORS_KEPT)
		*err = txn->error[before];
	return r;
}

static struct pktt_source source_of(const struct pkttnl_txn *txn, const struct pktt_file *file,
				    enum pkttnl_family family, unsigned int flags)
{
	return (struct pktt_source){
		.catalog = txn->nl->cat->desc,
		.name = file->name,
		.family = (enum pktt_family)family,
		.is_native = flags & PKTTNL_NATIVE,
		.files = txn->sources,
	};
}

static int check_family(enum pkttnl_family family, struct pkttnl_error *err)
{
	if (pkttnl_family_name((int)family))
		return 0;
	return pkttnl_fail(err, -EINVAL, "there is no family %d", (int)family);
}

int pkttnl_txn_text(struct pkttnl_txn *txn, const char *name, const char *text, size_t len,
		    enum pkttnl_family family, unsigned int flags, struct pkttnl_error *err)
{
	const struct pktt_file *file = NULL;
	struct pktt_source src;
	int r = check_family(family, err);

	if (r == 0)
		r = need_sources(txn, err);
	if (r)
		return r;
	if (pktt_sources_add(txn->sources, name, text, len, &file))
		return pkttnl_no_memory(err);
	src = source_of(txn, file, family, flags);
	return feed(txn, file, &src, flags, err);
}

int pkttnl_txn_file(struct pkttnl_txn *txn, const char *path, enum pkttnl_family family,
		    unsigned int flags, struct pkttnl_error *err)
{
	const struct pktt_file *file = NULL;
	struct pktt_error e = { 0 };
	struct pktt_source src;
	int r = check_family(family, err);

	if (r == 0)
		r = need_sources(txn, err);
	if (r)
		return r;
	r = pktt_sources_read(txn->sources, path, PKTT_ANYBODY, &file, &e);
	if (r)
		return pkttnl_told(err, &e, r);
	src = source_of(txn, file, family, flags);
	src.may_include = flags & PKTTNL_NATIVE;
	return feed(txn, file, &src, flags, err);
}

/* --- Command lines ---------------------------------------------------------------------------- */

static int take_words(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	if (cmd->verb == PKTT_RULE_CHECK || !wire_command_travels(cmd->verb))
		return pktt_fail(err, -EINVAL, "this asks for something and changes nothing");
	return take_command(ctx, cmd, err);
}

int pkttnl_txn_words(struct pkttnl_txn *txn, enum pkttnl_family family, int argc,
		     const char *const *argv, struct pkttnl_error *err)
{
	struct feeding f = { txn, PKTTNL_NOFLUSH | PKTTNL_COUNTERS };
	const struct pktt_receiver to = { take_words, &f };
	struct pkttnl_error said = { 0 };
	struct pktt_error e = { 0 };
	struct pktt_source src;
	int r = check_family(family, err);

	if (r)
		return r;
	src = (struct pktt_source){ .catalog = txn->nl->cat->desc,
				    .family = (enum pktt_family)family,
				    .is_native = true };
	r = pktt_words_read(&src, argc, argv, &to, &e);
	if (r == 0)
		return 0;
	pkttnl_told(&said, &e, r);
	said.command = txn->changes + 1;
	pkttnl_txn_note(txn, &said);
	if (err)
		*err = said;
	return r;
}
