/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the connections' subsystems share. */
#ifndef BUS_SUB_CT_OWN_H
#define BUS_SUB_CT_OWN_H

#include "bus/sub.h"
#include "conntrack/query.h"
#include "wire/ct.h"

struct sub_ct {
	struct nfnl *bus;
	struct conntrack *ct;
	unsigned int worker;
	bool hears_conns, hears_expects;
	uint32_t port; /* of the peer whose request is being carried out; 0 = nobody's */
	/* A flush that goes on behind its answer: sub_ct_flush.c */
	struct nfnl_timer *sweep;
	uint64_t sweep_cursor;
	bool is_sweeping, must_sweep_again;
	struct nfnl_subsys conns, expects; /* as registered */
};

/* What a dump, or a flush, is about. */
struct sub_ct_filter {
	struct ct_filter meta;		   /* family, mark, status, zone */
	struct ct_tuple value[2], mask[2]; /* of each direction, where has_tuple says so */
	bool has_tuple[2], is_impossible;
	bool is_any; /* everything fits */
};
/* By a request; family CT_FAMILY_ANY = any. Errors as ctnetlink_alloc_filter()'s. */
int sub_ct_filter_of(struct sub_ct_filter *ret, const struct ct_view *v, uint8_t family,
		     struct pktt_error *err);
bool sub_ct_filter_fits(const struct sub_ct_filter *filter, struct conn *conn);

/* The zone of a request becomes its tuples'. -EINVAL: two that contradict. */
int sub_ct_take_zones(struct ct_view *v, struct pktt_error *err);
/* Is the tuple whole? -EINVAL. */
int sub_ct_check_tuple(const struct ct_tuple *t, uint32_t given, struct pktt_error *err);
/* A connection as a message, of a type and with flags; NULL without memory. */
struct nlmsghdr *sub_ct_message(struct sub_ct *sub, const struct ct_view *v, uint16_t type,
				uint16_t flags, enum ct_order order);
struct nlmsghdr *sub_ct_expect_message(struct sub_ct *sub, const struct ct_expect_view *v,
				       uint16_t type, uint16_t flags);

/* Read a request and run what it asks for; all that happens meanwhile is told as the peer's doing. */
int sub_ct_carry_out(struct sub_ct *sub, struct nfnl_request *req,
		     int (*change)(struct sub_ct *sub, struct nfnl_request *req, struct ct_view *v,
				   struct pktt_error *err),
		     struct pktt_error *err);

/* Calls: sub_ct_change.c, sub_ct_dump.c, sub_ct_flush.c, sub_ct_stats.c */
int sub_ct_run_new(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_ct_run_get(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_ct_run_zero(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_ct_run_delete(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_ct_run_nothing(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_ct_run_stats_cpu(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_ct_run_stats(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_ct_run_expect_stats(void *ctx, struct nfnl_request *req, struct pktt_error *err);
/* sub_ct_expect.c */
int sub_ct_run_expect_new(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_ct_run_expect_get(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_ct_run_expect_delete(void *ctx, struct nfnl_request *req, struct pktt_error *err);

/* sub_ct_flush.c */
int sub_ct_flush(struct sub_ct *sub, const struct sub_ct_filter *filter, struct pktt_error *err);
int sub_ct_sweep_new(struct sub_ct *sub);

#define SUB_CT_TYPE(message)	 (NFNL_SUBSYS_CTNETLINK << 8 | (message))
#define SUB_CT_EXP_TYPE(message) (NFNL_SUBSYS_CTNETLINK_EXP << 8 | (message))

#endif
