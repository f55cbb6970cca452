/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transactions: changes become messages as they are added, and libnfnetlink lets them leave together;
 * nothing of them is kept.
 *
 * A change's sequence number is the first one's plus its place in the transaction, so that an error of
 * pkttd's names its command without a table of them. Which text a command came from is noted where it
 * differs from the command before.
 */
#include "libpkttnetlink/txn.h"

#include "base/own.h"
#include "desc/source.h"
#include "wire/command.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- Errors ----------------------------------------------------------------------------------- */

void pkttnl_txn_note(struct pkttnl_txn *txn, const struct pkttnl_error *err)
{
	if (txn->errors < PKTTNL_ERRORS_KEPT)
		txn->error[txn->errors] = *err;
	txn->errors++;
}

int pkttnl_txn_set_file(struct pkttnl_txn *txn, const char *name)
{
	struct pkttnl_txn_file *more;
	const char *last = txn->nfiles ? txn->file[txn->nfiles - 1].name : NULL;

	if (name == last)
		return 0;
	more = reallocarray(txn->file, txn->nfiles + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	more[txn->nfiles++] = (struct pkttnl_txn_file){ txn->changes + 1, name };
	txn->file = more;
	return 0;
}

static const char *file_of(const struct pkttnl_txn *txn, uint64_t command)
{
	for (size_t i = txn->nfiles; i-- > 0;)
		if (txn->file[i].first <= command)
			return txn->file[i].name;
	return NULL;
}

unsigned int pkttnl_txn_errors(const struct pkttnl_txn *txn)
{
	return txn->errors;
}

const struct pkttnl_error *pkttnl_txn_error(const struct pkttnl_txn *txn, unsigned int index)
{
	return index < txn->errors && index < PKTTNL_ERRORS_KEPT ? &txn->error[index] : NULL;
}

uint64_t pkttnl_txn_changes(const struct pkttnl_txn *txn)
{
	return txn->changes;
}

static void put_error(const struct pkttnl_error *from, struct pktt_errors *errs)
{
	struct pktt_error e = { .code = from->code };

	memcpy(e.text, from->text, sizeof(e.text));
	e.place = (struct pktt_place){ from->file[0] ? from->file : NULL, from->line, from->column,
				       from->length };
	pktt_errors_add(errs, &e);
}

int pkttnl_txn_report(const struct pkttnl_txn *txn, char *buf, size_t room)
{
	PKTT_AUTO_FREE struct pktt_errors *errs = calloc(1, sizeof(*errs));
	struct str text = STR_INIT;

	if (!errs)
		return -ENOMEM;
	for (unsigned int i = 0; i < txn->errors && i < PKTTNL_ERRORS_KEPT; i++)
		put_error(&txn->error[i], errs);
	errs->count = txn->errors;
	pktt_errors_print(errs, txn->sources ? pktt_sources_line : NULL, txn->sources, &text);
	return pkttnl_text_out(&text, buf, room);
}

/* --- What pkttd says -------------------------------------------------------------------------- */

static uint64_t command_of(const struct pkttnl_txn *txn, uint32_t seq)
{
	uint32_t n = seq - txn->first_seq;

	return n <= txn->changes ? n : 0;
}

/* An error of the transaction as a whole has a line, but no command: there may be one text only. */
static const char *only_file(const struct pkttnl_txn *txn)
{
	const char *found = NULL;

	for (size_t i = 0; i < txn->nfiles; i++) {
		if (found && txn->file[i].name && txn->file[i].name != found)
			return NULL;
		found = txn->file[i].name ? txn->file[i].name : found;
	}
	return found;
}

static void refused(void *ctx, const struct nfl_error *err)
{
	struct pkttnl_txn *txn = ctx;
	struct pkttnl_error said = { 0 };
	const char *file;

	pkttnl_said(&said, err, err->code);
	said.command = command_of(txn, err->seq);
	file = said.command ? file_of(txn, said.command) : said.line ? only_file(txn) : NULL;
	if (file)
		strncat(said.file, file, sizeof(said.file) - 1);
	pkttnl_txn_note(txn, &said);
}

/* Changes that were sent each by itself. */
static void done(void *ctx, uint32_t seq, const struct nfl_error *err)
{
	struct nfl_error e = *err;

	e.seq = seq;
	if (err->code)
		refused(ctx, &e);
}

static void take_object(struct pkttnl_txn *txn, const struct pkttnl_object *obj)
{
	if (pkttnl_object_has(obj, PKTTA_GENERATION))
		txn->generation = pkttnl_object_u64(obj, PKTTA_GENERATION);
	if (txn->take && !txn->stopped && obj->wire.msg != PKTT_MSG_NEWGEN)
		txn->stopped = txn->take(txn->ctx, obj);
}

/* What PKTTNL_ECHO asked for. */
static void take_answer(void *ctx, const struct nlmsghdr *nlh)
{
	struct pkttnl_txn *txn = ctx;
	struct pkttnl_object *lent = &txn->nl->lent;

	if (nlh->nlmsg_type >> 8 != PKTT_SUBSYS_RULES)
		return;
	if (pkttnl_object_decode(lent, txn->take ? txn->nl->cat : NULL, nlh, NULL) == 0)
		take_object(txn, lent);
	pkttnl_object_clear(lent);
}

/* --- Messages out ----------------------------------------------------------------------------- */

static int send_message(struct pkttnl_txn *txn, struct nlmsghdr *nlh, struct pkttnl_error *err)
{
	struct nfl_error e = { 0 };
	int r;

	nlh->nlmsg_flags |= NLM_F_REQUEST | (txn->flags & PKTTNL_ECHO ? NLM_F_ECHO : 0);
	nlh->nlmsg_seq = nfl_sequence(txn->nl->nfl);
	txn->changes++;
	if (txn->nfl)
		r = nfl_txn_add(txn->nfl, nlh, &e);
	else
		r = nfl_send(txn->nl->nfl, nlh, &e);
	return pkttnl_said(err, &e, r);
}

/* encode(what, buf, room) makes the message, or says that there is too little room. */
static int add_message(struct pkttnl_txn *txn, long (*encode)(const void *, void *, size_t),
		       const void *what, struct pkttnl_error *err)
{
	long len = encode(what, txn->buf, txn->room);

	while (len == -EMSGSIZE) {
		void *more =
			txn->room < PKTTNL_MESSAGE_MAX ? realloc(txn->buf, 4 * txn->room) : NULL;

		if (!more)
			return pkttnl_fail(err, -EMSGSIZE, "a change is larger than %zu bytes",
					   txn->room);
		txn->buf = more;
		txn->room *= 4;
		len = encode(what, txn->buf, txn->room);
	}
	if (len < 0)
		return pkttnl_fail(err, (int)len, "the change cannot be sent");
	return len > 0 ? send_message(txn, txn->buf, err) : 0;
}

/* --- Life ------------------------------------------------------------------------------------- */

static int begin_batch(struct pkttnl_txn *txn, uint64_t if_generation, struct pkttnl_error *err)
{
	struct nlmsghdr *nlh = nfl_txn_message(txn->nl->nfl, PKTT_SUBSYS_RULES, false);
	struct nfl_error e = { 0 };
	int r;

	if (!nlh)
		return pkttnl_no_memory(err);
	if (if_generation)
		mnl_attr_put_u64(nlh, PKTTA_IF_GENERATION, htobe64(if_generation));
	txn->first_seq = nlh->nlmsg_seq;
	r = nfl_txn_begin(&txn->nfl, txn->nl->nfl, PKTT_SUBSYS_RULES, nlh, &e);
	return pkttnl_said(err, &e, r);
}

/* The catalog is needed to read texts and answers; it cannot be asked for later. */
static int begin(struct pkttnl_txn *txn, uint64_t if_generation, struct pkttnl_error *err)
{
	const struct nfl_handler handler = { .answer = take_answer, .done = done, .ctx = txn };
	struct pkttnl_catalog *cat = NULL;
	int r;

	if (if_generation && txn->flags & PKTTNL_EACH)
		return pkttnl_fail(err, -EINVAL,
				   "changes that are sent each by itself have no generation");
	r = pkttnl_catalog_get(&cat, txn->nl, err);
	pkttnl_catalog_put(&cat);
	if (r == 0 && !(txn->flags & PKTTNL_EACH))
		r = begin_batch(txn, if_generation, err);
	else
		txn->first_seq = nfl_sequence(txn->nl->nfl);
	if (r == 0)
		nfl_set_handler(txn->nl->nfl, &handler);
	return r;
}

int pkttnl_txn_new(struct pkttnl_txn **ret, struct pkttnl *nl, uint64_t if_generation,
		   unsigned int flags, struct pkttnl_error *err)
{
	struct pkttnl_txn *txn = calloc(1, sizeof(*txn));
	int r;

	if (!txn)
		return pkttnl_no_memory(err);
	txn->nl = nl;
	txn->flags = flags;
	txn->room = 4096;
	txn->buf = malloc(txn->room);
	r = txn->buf ? begin(txn, if_generation, err) : pkttnl_no_memory(err);
	if (r) {
		free(txn->buf);
		free(txn);
		return r;
	}
	*ret = txn;
	return 0;
}

static void end(struct pkttnl_txn *txn)
{
	const struct nfl_handler nobody = { 0 };

	if (!txn->is_over) {
		nfl_txn_free(&txn->nfl); /* gives it up, if it was not committed */
		nfl_set_handler(txn->nl->nfl, &nobody);
	}
	txn->is_over = true;
}

void pkttnl_txn_free(struct pkttnl_txn **txn)
{
	struct pkttnl_txn *t = pktt_take(txn);

	if (!t)
		return;
	end(t);
	pktt_sources_free(&t->sources);
	free(t->file);
	free(t->buf);
	free(t);
}

void pkttnl_txn_on_object(struct pkttnl_txn *txn, pkttnl_take *take, void *ctx)
{
	txn->take = take;
	txn->ctx = ctx;
}

void pkttnl_txn_set_confirm(struct pkttnl_txn *txn, uint32_t seconds)
{
	txn->confirm_seconds = seconds;
}

static int first_error(const struct pkttnl_txn *txn, struct pkttnl_error *err)
{
	if (err)
		*err = txn->error[0];
	return txn->error[0].code;
}

static int end_batch(struct pkttnl_txn *txn, struct pkttnl_error *err)
{
	struct nlmsghdr *nlh = nfl_txn_message(txn->nl->nfl, PKTT_SUBSYS_RULES, true);
	struct nfl_error e = { 0 };
	unsigned int before = txn->errors;
	int r;

	if (!nlh)
		return pkttnl_no_memory(err);
	if (txn->confirm_seconds)
		mnl_attr_put_u32(nlh, PKTTA_SECONDS, htonl(txn->confirm_seconds));
	r = nfl_txn_commit(txn->nfl, nlh, refused, txn, &e);
	return txn->errors > before ? 0 : pkttnl_said(err, &e, r);
}

static int end_each(struct pkttnl_txn *txn, struct pkttnl_error *err)
{
	struct nfl_error e = { 0 };

	return pkttnl_said(err, &e, nfl_drain(txn->nl->nfl, &e));
}

/* Each change's answer may have told the generation; else it is asked for. */
static int tell_generation(struct pkttnl_txn *txn, uint64_t *generation, struct pkttnl_error *err)
{
	int r = 0;

	if (!generation)
		return 0;
	if (!txn->generation)
		r = pkttnl_generation(txn->nl, &txn->generation, err);
	if (r == 0)
		*generation = txn->generation;
	return r;
}

int pkttnl_txn_commit(struct pkttnl_txn *txn, uint64_t *generation, struct pkttnl_error *err)
{
	int r = 0;

	if (txn->is_over)
		return pkttnl_fail(err, -EALREADY, "the transaction was ended before");
	if (txn->flags & PKTTNL_EACH)
		r = end_each(txn, err);
	else if (!txn->errors)
		r = end_batch(txn, err);
	end(txn);
	if (r == 0 && txn->errors)
		return first_error(txn, err);
	if (r == 0)
		r = tell_generation(txn, generation, err);
	return r ? r : txn->stopped;
}

/* --- Changes ---------------------------------------------------------------------------------- */

static int check_open(const struct pkttnl_txn *txn, struct pkttnl_error *err)
{
	return txn->is_over ? pkttnl_fail(err, -EALREADY, "the transaction was ended before") : 0;
}

/* What an error of a change itself leaves: the transaction will not commit. */
static int refuse(struct pkttnl_txn *txn, struct pkttnl_error *said, int r,
		  struct pkttnl_error *err)
{
	said->command = txn->changes + 1;
	pkttnl_txn_note(txn, said);
	if (err)
		*err = *said;
	return r;
}

static long encode_object(const void *what, void *buf, size_t room)
{
	return pkttnl_object_encode(what, buf, room, 0);
}

int pkttnl_txn_add(struct pkttnl_txn *txn, const struct pkttnl_object *change,
		   struct pkttnl_error *err)
{
	struct pkttnl_error said = { 0 };
	int r = check_open(txn, err);

	if (r)
		return r;
	if (change->rule) /* it is finished as a whole, so that what leaves is whole */
		r = pkttnl_rule_check(change->rule, &said);
	if (r == 0)
		r = pkttnl_txn_set_file(txn, NULL) ? pkttnl_no_memory(&said) : 0;
	if (r == 0)
		r = add_message(txn, encode_object, change, &said);
	return r ? refuse(txn, &said, r, err) : 0;
}

struct flagged {
	const struct pktt_command *cmd;
	unsigned int flags;
};

static long encode_command(const void *what, void *buf, size_t room)
{
	const struct flagged *f = what;

	return wire_command_encode(f->cmd, f->flags, buf, room);
}

int pkttnl_txn_command(struct pkttnl_txn *txn, const struct pktt_command *cmd, unsigned int flags,
		       struct pktt_error *err)
{
	struct flagged f = { cmd, 0 };
	struct pkttnl_error said = { 0 };
	int r = check_open(txn, &said);

	if (r)
		return pktt_fail(err, r, "%s", said.text);
	if (cmd->verb == PKTT_RULE_CHECK || !wire_command_travels(cmd->verb))
		return 0;
	if (!(flags & PKTTNL_NOFLUSH))
		f.flags |= WIRE_RESTORE;
	if (flags & PKTTNL_COUNTERS)
		f.flags |= WIRE_COUNTERS;
	r = pkttnl_txn_set_file(txn, cmd->place.file);
	if (r)
		return pktt_fail(err, r, "there is no memory");
	r = add_message(txn, encode_command, &f, &said);
	return r ? pktt_fail(err, r, "%s", said.text) : 0;
}
