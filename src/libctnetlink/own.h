/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of libctnetlink share. */
#ifndef LIBCTNETLINK_OWN_H
#define LIBCTNETLINK_OWN_H

#include "desc/ct_view.h"

#include <libctnetlink/libctnetlink.h>
#include <libmnl/libmnl.h>

struct nfl;

struct ctnl_conn {
	struct ct_view v; /* given[] of its tuples says what is given */
};
struct ctnl_expect {
	struct ct_expect_view v;
};

struct ctnl {
	struct nfl *nfl; /* to pkttd; or NULL: */
	struct mnl_socket *kernel;
	uint32_t seq;
	void *in, *out; /* of the kernel's socket */
	struct ctnl_handler handler;
};

typedef int ctnl_answer(void *ctx, const struct nlmsghdr *nlh);

int ctnl_fail(struct ctnl_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* A request; NULL without memory, told in err. */
struct nlmsghdr *ctnl_begin(struct ctnl *nl, unsigned int subsys, unsigned int message,
			    uint16_t flags, uint8_t nfgen_family, struct ctnl_error *err);
/* What of a view is a request's: appended. */
int ctnl_put(struct nlmsghdr *nlh, const struct ct_view *v, struct ctnl_error *err);
int ctnl_put_expect(struct nlmsghdr *nlh, const struct ct_expect_view *v, struct ctnl_error *err);
/* Send and wait; NLM_F_DUMP in its flags: to the end of the dump. */
int ctnl_call(struct ctnl *nl, struct nlmsghdr *nlh, ctnl_answer *answer, void *ctx,
	      struct ctnl_error *err);
/* An event, to the handler. */
void ctnl_event(struct ctnl *nl, const struct nlmsghdr *nlh);

/* kernel.c: the same over a netlink socket */
int ctnl_kernel_open(struct ctnl *nl, const struct ctnl_options *options, struct ctnl_error *err);
void ctnl_kernel_close(struct ctnl *nl);
int ctnl_kernel_call(struct ctnl *nl, struct nlmsghdr *nlh, ctnl_answer *answer, void *ctx,
		     struct ctnl_error *err);
int ctnl_kernel_join(struct ctnl *nl, unsigned int group, struct ctnl_error *err);
int ctnl_kernel_receive(struct ctnl *nl, int timeout_ms, struct ctnl_error *err);

/* filter.c: what the tracker compares itself, as a request; true = that is all of it */
bool ctnl_filter_request(const struct ctnl_conn *filter, struct ct_view *ret);

#define CTNL_MESSAGE_ROOM 4096

#endif
