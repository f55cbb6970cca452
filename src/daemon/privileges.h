/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pkttd gives up once it has what it needs. */
#ifndef DAEMON_PRIVILEGES_H
#define DAEMON_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

struct pktt_error;

/* Who that is, or for "" who we are. -ENOENT. */
int privileges_user(const char *user, uid_t *uid, gid_t *gid, struct pktt_error *err);
/*
 * Become that user ("" = stay), keep CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF and CAP_PERFMON of what there is,
 * and gain none ever after. Before other threads begin. -ENOENT no such user; -EPERM.
 */
int privileges_drop(const char *user, struct pktt_error *err);
/* Give up the system calls that pkttd does not make: EPERM for the others, told by the kernel's audit. */
int privileges_seccomp(struct pktt_error *err);

#endif
