/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void notify_send(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = path ? strlen(path) : 0;
	int fd;

	if (len == 0 || len >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, path, len);
	/* A name that begins with @ is in the abstract name space. */
	if (to.sun_path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&to,
		      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
	close(fd);
}

void notify_reloading(void)
{
	struct timespec now;
	char text[80];

	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu",
		 (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000);
	notify_send(text);
}

/* What systemd says is for the process whose number it is, and not for its children. */
static bool is_for_us(const char *name)
{
	const char *pid = getenv(name);

	return pid && strtol(pid, NULL, 10) == (long)getpid();
}

uint64_t notify_watchdog_us(void)
{
	const char *us = getenv("WATCHDOG_USEC");

	if (!us || (getenv("WATCHDOG_PID") && !is_for_us("WATCHDOG_PID")))
		return 0;
	return strtoull(us, NULL, 10) / 2;
}

int notify_listen_fds(void)
{
	const char *n = getenv("LISTEN_FDS");
	long count = n && is_for_us("LISTEN_PID") ? strtol(n, NULL, 10) : 0;

	return count > 0 && count <= 16 ? (int)count : 0;
}

const char *notify_fd_name(int n, char *buf, unsigned int size)
{
	const char *names = getenv("LISTEN_FDNAMES");

	for (; names && n > 0; n--) {
		names = strchr(names, ':');
		names = names ? names + 1 : NULL;
	}
	snprintf(buf, size, "%.*s", names ? (int)strcspn(names, ":") : 0, names ? names : "");
	return buf;
}
