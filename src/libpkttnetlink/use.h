/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIBPKTTNETLINK_USE_H
#define LIBPKTTNETLINK_USE_H

#include "libpkttnetlink/private.h"

#include "desc/args_value.h"

/* One option of a use, seen through the parameter that stores it. */
struct pkttnl_value {
	struct pktt_context ctx;
	unsigned int option; /* as it was named */
	unsigned int n;	     /* that stores it */
	void *val;
};

/* By the option's name; false: there is none. */
bool pkttnl_value_lookup(const struct pkttnl_use *use, const char *param, struct pkttnl_value *ret);
/* The same; -ENOENT with the nearest name. */
int pkttnl_value_need(const struct pkttnl_use *use, const char *param, struct pkttnl_value *ret,
		      struct pkttnl_error *err);

#endif
