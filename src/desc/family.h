/* SPDX-License-Identifier: BSD-2-Clause */
/* Families by name, as command lines, rule files and JSON write them. */
#ifndef PKTT_DESC_FAMILY_H
#define PKTT_DESC_FAMILY_H

#include <pktt/type.h>

/* "ipv4", "ipv6", "inet", "arp", "bridge" */
const char *pktt_family_name(enum pktt_family family);
/* These names and some that other programs use (ip, 4, inet6, br ...) -> family, or -ENOENT. */
int pktt_family_parse(const char *name, enum pktt_family *ret);

#endif
