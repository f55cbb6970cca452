/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who may do what. The view socket is for looking. On the other root, and the user as which pkttd was
 * started, may do everything; members of "group" too; those of "elements-group" may look and change
 * elements of sets.
 */
#ifndef DAEMON_RIGHTS_H
#define DAEMON_RIGHTS_H

#include <stdbool.h>
#include <sys/types.h>

struct daemon_config;
struct nfnl_who;

enum { RIGHTS_OPEN = 0666, RIGHTS_CLOSED = 0660 };

struct rights {
	gid_t all, view, elements; /* -1 = there is no such group */
	uid_t own;
	bool is_open; /* anybody can connect to the full socket: who is of no group is sent away */
};

void rights_init(struct rights *ret, const struct daemon_config *config);
/* How the full socket is to be made. A file has one group: with two, we tell them apart ourselves. */
mode_t rights_mode(const struct rights *r);
gid_t rights_group(const struct rights *r);
/* nfnl_config.rights; ctx is struct rights */
unsigned int rights_of_peer(void *ctx, const struct nfnl_who *who, int fd, unsigned int granted);

#endif
