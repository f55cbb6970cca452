/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Expectations of a policy, as `pktt test` reads them: one a line,
 *
 *   [FAMILY] VERDICT "NAME" CONDITIONS
 *   accept "dns to 192.0.2.53 accepted" -p udp -d 192.0.2.53 --dport 53
 *   ipv6 refuse "no telnet" -p tcp --dport 23
 *
 * CONDITIONS are a rule's; they are asked of every packet as it came. VERDICT is accept, drop,
 * reject, queue, stolen, or refuse (drop or reject).
 */
#ifndef TOOLS_EXPECT_H
#define TOOLS_EXPECT_H

#include "core/engine.h"

struct expectation {
	char *name;		     /* owned */
	struct pktt_rule_spec *rule; /* owned: its conditions */
	uint32_t verdicts;	     /* bits of enum pktt_verdict that are right */
	bool is_met;		     /* the packet under way fits its conditions */
	uint64_t packets, wrong;     /* that fitted; of them, with another verdict */
	uint64_t first_wrong;	     /* number of the packet */
	char *culprit;		     /* owned: what gave the first wrong verdict, or NULL */
};

struct expectations {
	struct expectation *item;
	size_t n, room;
};

/* Read them. Errors are located and collected; 0 or -EINVAL. */
int expectations_read(struct expectations *ret, const struct pktt_catalog *cat, const char *name,
		      const char *text, size_t len, struct pktt_errors *errs);
void expectations_fini(struct expectations *e);
/* Note which of them a packet, as it came, fits. */
void expectations_meet(struct expectations *e, struct pktt_packet *pkt);

#endif
