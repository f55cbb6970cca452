/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A rule's conditions one by one, against a packet: which held, which did not, and what the packet
 * has in its place. For explain; the engine itself only asks whether all hold.
 */
#ifndef TOOLS_CONDITION_H
#define TOOLS_CONDITION_H

#include "core/engine.h"

struct str;

struct condition {
	const struct pktt_use *use;
	unsigned int param; /* given in it, or CONDITION_WHOLE: the use as a whole */
};
#define CONDITION_WHOLE UINT32_MAX

/*
 * The first condition of the rule that misses, in *ret, and how many do in all. A use that counts
 * or remembers is taken at the word of what the traversal saw (missed), since asking again changes
 * it.
 */
unsigned int condition_misses(const struct pktt_rule *rule, struct pktt_packet *pkt,
			      const struct pktt_use *missed, struct condition *ret);
/* How many conditions a rule has. */
unsigned int condition_count(const struct pktt_rule *rule);
/* "-s 203.0.113.0/24", as the rule has it. */
void condition_print(const struct condition *c, enum pktt_family family, struct str *out);
/* "source is 198.51.100.7"; nothing where the packet has no single value to show. */
void condition_print_packet(const struct condition *c, const struct pktt_packet *pkt,
			    struct str *out);
/* The option that the packet would meet: "-s 198.51.100.7"; nothing where that cannot be said. */
void condition_print_remedy(const struct condition *c, const struct pktt_packet *pkt,
			    struct str *out);

#endif
