/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of types and codes, with the values of PKTT_ICMP(). */
#ifndef PKTT_EXT_ICMP_H
#define PKTT_EXT_ICMP_H

#include <pktt/type.h>

extern const struct pktt_symbol pktt_icmp_names[];
extern const struct pktt_symbol pktt_icmp6_names[];

#endif
