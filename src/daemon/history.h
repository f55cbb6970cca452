/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was changed, by whom, and how to take it back; and loads that hold only if somebody confirms them.
 */
#ifndef DAEMON_HISTORY_H
#define DAEMON_HISTORY_H

#include <pktt/type.h>

#include "bus/nfnl.h"

struct daemon;
struct history;

int history_new(struct history **ret, struct daemon *d, struct pktt_error *err);
void history_free(struct history **history);
/* The file of the rules that were there before a load that nobody confirmed, or NULL. */
const char *history_pending_file(struct daemon *d);
/* The rules that pkttd started with hold: what was pending is over. */
void history_begin(struct history *h);
/* What is committed from here on is pkttd's own doing, for somebody (NULL: for itself), until it acted. */
void history_act(struct history *h, const struct nfnl_who *who, const char *what);
void history_acted(struct history *h);
/* sub_pktt_config.committed */
void history_committed(void *ctx, const struct nfnl_who *who, uint64_t generation, const char *text,
		       uint32_t seconds);
/* The rules as they are become the last good ones, now. */
void history_keep(struct history *h);
/* Seconds until what was loaded is taken back; 0 = nothing is pending. */
uint32_t history_pending(const struct history *h);

int history_confirm(struct history *h, const struct nfnl_who *who, struct pktt_error *err);
/* To the content of a generation, 0 = before the last change. */
int history_rollback(struct history *h, uint64_t generation, const struct nfnl_who *who,
		     struct pktt_error *err);
/* A dump of NEWHISTORY, newest first. */
int history_dump(struct history *h, struct nfnl_request *req, struct pktt_error *err);

#endif
