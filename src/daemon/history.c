/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was changed, by whom. */
#include "daemon/history.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/daemon.h"
#include "daemon/journal.h"

struct history {
	struct daemon *d;
};

int history_new(struct history **ret, struct daemon *d, struct pktt_error *err)
{
	struct history *h = calloc(1, sizeof(*h));

	if (!h)
		return pktt_fail(err, -ENOMEM, "no memory for the history");
	h->d = d;
	*ret = h;
	return 0;
}

void history_free(struct history **history)
{
	free(*history);
	*history = NULL;
}

const char *history_pending_file(struct daemon *d)
{
	(void)d;
	return NULL;
}

void history_begin(struct history *h)
{
	(void)h;
}

void history_committed(void *ctx, const struct nfnl_who *who, uint64_t generation, const char *text,
		       uint32_t seconds)
{
	struct daemon *d = ctx;

	(void)seconds;
	d->commits++;
	journal_change(who, generation, text);
}

void history_keep(struct history *h)
{
	(void)h;
}

uint32_t history_pending(const struct history *h)
{
	(void)h;
	return 0;
}

int history_confirm(struct history *h, const struct nfnl_who *who, struct pktt_error *err)
{
	(void)h;
	(void)who;
	return pktt_fail(err, -ENOENT, "nothing waits to be confirmed");
}

int history_rollback(struct history *h, uint64_t generation, const struct nfnl_who *who,
		     struct pktt_error *err)
{
	(void)h;
	(void)generation;
	(void)who;
	return pktt_fail(err, -ENOENT, "there is no such generation");
}

int history_dump(struct history *h, struct nfnl_request *req, struct pktt_error *err)
{
	(void)h;
	(void)req;
	return pktt_fail(err, -ENOENT, "there is no history");
}
