/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transactions: changes become messages as they are added, and leave in datagrams when enough of them are
 * there; nothing of them is kept.
 *
 * A change's sequence number is the first one's plus its place in the transaction, so that an error of
 * pkttd's names its command without a table of them. Which text a command came from is noted where it
 * differs from the command before.
 *
 * Ending without a commit: what has left already is a transaction that pkttd still collects. It is ended
 * with a message in it that no transaction may have, so that all of it is refused.
 */
#include "libpkttnetlink/txn.h"

#include "base/own.h"
#include "desc/source.h"
#include "wire/command.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

/* --- Errors ------------------------------------------------------------------------------------------- */

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

/* --- What pkttd says --------------------------------------------------------------------------------- */

static uint64_t command_of(const struct pkttnl_txn *txn, uint32_t seq)
{
	uint32_t n = seq - txn->first_seq;

	return n <= txn->changes ? n : 0;
}

static int take_error(struct pkttnl_txn *txn, const struct nlmsghdr *nlh)
{
	struct pkttnl_error said = { 0 };
	bool is_end = txn->end_seq && nlh->nlmsg_seq == txn->end_seq;
	const char *file;

	if (pkttnl_link_error(nlh, &said) == 0)
		return is_end;
	/* -ECANCELED at the end says only that there were errors, which were told. */
	if (is_end && said.code == -ECANCELED && txn->errors)
		return 1;
	said.command = command_of(txn, nlh->nlmsg_seq);
	file = said.command ? file_of(txn, said.command) : NULL;
	if (file)
		strncat(said.file, file, sizeof(said.file) - 1);
	pkttnl_txn_note(txn, &said);
	return is_end;
}

static void take_object(struct pkttnl_txn *txn, struct pkttnl_object *obj)
{
	if (pkttnl_object_has(obj, PKTTA_GENERATION))
		txn->generation = pkttnl_object_u64(obj, PKTTA_GENERATION);
	if (txn->take && !txn->stopped && obj->wire.msg != PKTT_MSG_NEWGEN)
		txn->stopped = txn->take(txn->ctx, obj);
}

static int take_message(void *ctx, const struct nlmsghdr *nlh, struct pkttnl_error *err)
{
	struct pkttnl_txn *txn = ctx;
	int r;

	if (nlh->nlmsg_type == NLMSG_ERROR)
		return take_error(txn, nlh);
	if (nlh->nlmsg_type >> 8 != PKTT_SUBSYS_RULES)
		return 0;
	r = pkttnl_object_decode(&txn->nl->lent, txn->take ? txn->nl->cat : NULL, nlh, err);
	if (r == 0)
		take_object(txn, &txn->nl->lent);
	pkttnl_object_clear(&txn->nl->lent);
	return r;
}

/* --- Messages out -------------------------------------------------------------------------------------- */

static int flush(struct pkttnl_txn *txn, struct pkttnl_error *err)
{
	int r = 0;

	if (txn->used) {
		r = pkttnl_link_send(txn->nl, txn->out, txn->used, take_message, txn, err);
		txn->was_sent = true;
	}
	txn->used = 0;
	return r < 0 ? r : 0;
}

/* At least as many bytes free, after what there is has left. */
static int make_room(struct pkttnl_txn *txn, size_t bytes, struct pkttnl_error *err)
{
	uint8_t *more;
	int r = flush(txn, err);

	if (r || bytes <= txn->room)
		return r;
	if (bytes > PKTTNL_MESSAGE_MAX)
		return pkttnl_fail(err, -EMSGSIZE, "a change is larger than %d bytes",
				   PKTTNL_MESSAGE_MAX);
	more = realloc(txn->out, bytes);
	if (!more)
		return pkttnl_no_memory(err);
	txn->out = more;
	txn->room = bytes;
	return 0;
}

static void *at(const struct pkttnl_txn *txn)
{
	return txn->out + txn->used;
}

static void end_message(struct pkttnl_txn *txn, struct nlmsghdr *nlh)
{
	nlh->nlmsg_flags |= NLM_F_REQUEST;
	nlh->nlmsg_seq = txn->first_seq + (uint32_t)++txn->changes;
	txn->nl->seq = nlh->nlmsg_seq;
	if (txn->flags & PKTTNL_ECHO)
		nlh->nlmsg_flags |= NLM_F_ECHO;
	txn->used += MNL_ALIGN(nlh->nlmsg_len);
}

/* encode(what, buf, room) fills in the message. */
static int add_message(struct pkttnl_txn *txn, long (*encode)(const void *, void *, size_t),
		       const void *what, struct pkttnl_error *err)
{
	size_t room = txn->room;
	long len = encode(what, at(txn), room - txn->used);
	int r = 0;

	while (len == -EMSGSIZE && r == 0) {
		if (!txn->used)
			room *= 4;
		r = make_room(txn, room, err);
		if (r == 0)
			len = encode(what, at(txn), txn->room);
	}
	if (r == 0 && len < 0)
		r = pkttnl_fail(err, (int)len, "the change cannot be sent");
	if (r == 0 && len > 0)
		end_message(txn, at(txn));
	return r;
}

/* BATCH_BEGIN and _END, with one attribute. */
static void *put_batch(struct pkttnl_txn *txn, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = at(txn);
	struct nfgenmsg *head;

	memset(nlh, 0, MNL_NLMSG_HDRLEN + sizeof(*head));
	nlh->nlmsg_len = MNL_NLMSG_HDRLEN;
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++txn->nl->seq;
	head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));
	head->version = PKTT_WIRE_VERSION;
	head->res_id = htons(PKTT_SUBSYS_RULES);
	return nlh;
}

static void begin_batch(struct pkttnl_txn *txn, uint64_t if_generation)
{
	struct nlmsghdr *nlh = put_batch(txn, NFNL_MSG_BATCH_BEGIN, 0);

	if (if_generation)
		mnl_attr_put_u64(nlh, PKTTA_IF_GENERATION, htobe64(if_generation));
	txn->used += nlh->nlmsg_len;
}

static int end_batch(struct pkttnl_txn *txn, struct pkttnl_error *err)
{
	int r = txn->room - txn->used < 256 ? flush(txn, err) : 0;
	struct nlmsghdr *nlh;

	if (r)
		return r;
	nlh = put_batch(txn, NFNL_MSG_BATCH_END, NLM_F_ACK);
	if (txn->confirm_seconds)
		mnl_attr_put_u32(nlh, PKTTA_SECONDS, htonl(txn->confirm_seconds));
	txn->used += nlh->nlmsg_len;
	txn->end_seq = nlh->nlmsg_seq;
	return 0;
}

/* Without a transaction: a question behind all changes, whose answer says that they were read. */
static int end_each(struct pkttnl_txn *txn, struct pkttnl_error *err)
{
	struct wire_object obj;
	struct nlmsghdr *nlh;
	int r = txn->room - txn->used < 256 ? flush(txn, err) : 0;

	if (r)
		return r;
	wire_object_init(&obj, PKTT_MSG_GETGEN, WIRE_ANY_FAMILY);
	nlh = at(txn);
	if (wire_object_encode(&obj, nlh, 256) < 0)
		return pkttnl_fail(err, -EMSGSIZE, "the end of the changes does not fit");
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = txn->end_seq = ++txn->nl->seq;
	txn->used += nlh->nlmsg_len;
	return 0;
}

/* --- Life ------------------------------------------------------------------------------------------------ */

/* Rules of others are looked at only where their answers are; the catalog is needed before. */
static int need_catalog(struct pkttnl *nl, struct pkttnl_error *err)
{
	struct pkttnl_catalog *cat = NULL;
	int r = pkttnl_catalog_get(&cat, nl, err);

	pkttnl_catalog_put(&cat);
	return r;
}

int pkttnl_txn_new(struct pkttnl_txn **ret, struct pkttnl *nl, uint64_t if_generation,
		   unsigned int flags, struct pkttnl_error *err)
{
	struct pkttnl_txn *txn;
	int r = pkttnl_link_is_free(nl, err);

	if (r == 0)
		r = need_catalog(nl, err);
	if (r)
		return r;
	if (if_generation && flags & PKTTNL_EACH)
		return pkttnl_fail(err, -EINVAL,
				   "changes that are sent each by itself have no generation");
	txn = calloc(1, sizeof(*txn));
	if (txn)
		txn->out = malloc(PKTTNL_SEND_BYTES);
	if (!txn || !txn->out) {
		free(txn);
		return pkttnl_no_memory(err);
	}
	txn->nl = nl;
	txn->flags = flags;
	txn->room = PKTTNL_SEND_BYTES;
	if (!(flags & PKTTNL_EACH))
		begin_batch(txn, if_generation);
	txn->first_seq = nl->seq;
	nl->txn = txn;
	*ret = txn;
	return 0;
}

/* What has left is refused as a whole. */
static void abandon(struct pkttnl_txn *txn)
{
	if (!txn->was_sent || txn->flags & PKTTNL_EACH)
		return;
	txn->used = 0;
	begin_batch(txn, 0);
	if (end_batch(txn, NULL) == 0 && flush(txn, NULL) == 0)
		pkttnl_link_receive(txn->nl, take_message, txn, NULL);
}

void pkttnl_txn_free(struct pkttnl_txn **txn)
{
	struct pkttnl_txn *t = pktt_take(txn);

	if (!t)
		return;
	if (!t->is_over)
		abandon(t);
	t->nl->txn = NULL;
	pktt_sources_free(&t->sources);
	free(t->file);
	free(t->out);
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

int pkttnl_txn_commit(struct pkttnl_txn *txn, uint64_t *generation, struct pkttnl_error *err)
{
	int r;

	if (txn->is_over)
		return pkttnl_fail(err, -EALREADY, "the transaction was ended before");
	if (txn->errors && !(txn->flags & PKTTNL_EACH)) {
		abandon(txn);
		txn->is_over = true;
		return first_error(txn, err);
	}
	r = txn->flags & PKTTNL_EACH ? end_each(txn, err) : end_batch(txn, err);
	txn->is_over = true;
	if (r == 0)
		r = flush(txn, err);
	if (r == 0)
		r = pkttnl_link_receive(txn->nl, take_message, txn, err);
	txn->nl->txn = NULL; /* the connection is free for questions */
	if (r == 0 && txn->errors)
		return first_error(txn, err);
	if (r == 0 && generation && !txn->generation)
		r = pkttnl_generation(txn->nl, &txn->generation, err);
	if (r == 0 && generation)
		*generation = txn->generation;
	return r ? r : txn->stopped;
}

/* --- Changes ---------------------------------------------------------------------------------------------- */

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
