/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pkttd --stop: ends the pkttd that runs, and takes from the kernel what it or a dead one left there. */
#ifndef DAEMON_STOP_H
#define DAEMON_STOP_H

struct daemon_config;

/* Says what it did on standard output. The status to exit with. */
int daemon_stop_other(const struct daemon_config *config);

#endif
