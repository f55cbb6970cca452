/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our filters at clsact of an interface, by the side of whatever others put there. */
#ifndef LINUX_FILTERS_H
#define LINUX_FILTERS_H

#include <stdbool.h>

/* Of programs, in place of those that are ours already; egress -1 = none. Negative: libbpf's error. */
int filters_put(unsigned int ifindex, int ingress, int egress);
/*
 * Takes ours off, and clsact itself if nobody else uses it. Whether one was there. An interface that has
 * gone has none.
 */
bool filters_take(unsigned int ifindex);

#endif
