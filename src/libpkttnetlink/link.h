/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection: libnfnetlink's, and what rules need beside it. */
#ifndef LIBPKTTNETLINK_LINK_H
#define LIBPKTTNETLINK_LINK_H

#include "libpkttnetlink/object.h"

#include <libnfnetlink/libnfnetlink.h>

enum { PKTTNL_MESSAGE_MAX = 1024 * 1024 };

struct pkttnl {
	struct nfl *nfl;
	char *path, *program;
	struct pkttnl_catalog *cat; /* fetched; NULL = not yet */
	struct pkttnl_object lent;
	size_t room; /* of buf */
	void *buf;   /* requests are encoded here */
};

/* libnfnetlink's error for our callers, and its code back. r >= 0 leaves to alone. */
int pkttnl_said(struct pkttnl_error *to, const struct nfl_error *from, int r);
/* -errno of a message whose length is not the encoder's business: room for it is made. */
int pkttnl_encode(struct pkttnl *nl, const struct pkttnl_object *obj, uint16_t flags,
		  struct nlmsghdr **ret, struct pkttnl_error *err);
/* Without a catalog: rules in answers are left aside. */
int pkttnl_ask_plain(struct pkttnl *nl, const struct pkttnl_object *request, bool is_dump,
		     pkttnl_take *take, void *ctx, struct pkttnl_error *err);

#endif
