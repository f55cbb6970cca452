/* SPDX-License-Identifier: GPL-2.0-or-later */
/* systemd's sd_notify(3) and sd_listen_fds(3), as far as pkttd speaks them; without its library. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STATUS=..."; nothing where nobody asked for it. */
void notify_send(const char *state);
/* RELOADING=1 with the time that systemd wants with it. */
void notify_reloading(void);
/* us between two WATCHDOG=1, half of what systemd said; 0 = it does not watch. */
uint64_t notify_watchdog_us(void);
/* Sockets that systemd listens on for us: how many, from descriptor 3 on. */
int notify_listen_fds(void);
/* The name that systemd gives the nth of them, in buf. */
const char *notify_fd_name(int n, char *buf, unsigned int size);

#endif
