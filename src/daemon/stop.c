/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/stop.h"

#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/config.h"
#include "datapath/linux/linux.h"

enum { PATIENCE_MS = 30000 };

/* The process that listens there, or 0. */
static pid_t listener(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct ucred who = { 0 };
	socklen_t len = sizeof(who);
	int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (s < 0)
		return 0;
	snprintf(at.sun_path, sizeof(at.sun_path), "%.107s", path);
	if (connect(s, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
	    getsockopt(s, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		who.pid = 0;
	close(s);
	return who.pid;
}

static int end(pid_t pid)
{
	struct pollfd gone = { .fd = pidfd_open(pid, 0), .events = POLLIN };
	int r = 0;

	if (gone.fd < 0)
		return -errno;
	if (pidfd_send_signal(gone.fd, SIGTERM, NULL, 0) < 0)
		r = -errno;
	else if (poll(&gone, 1, PATIENCE_MS) <= 0)
		r = -ETIMEDOUT;
	close(gone.fd);
	return r;
}

static int sweep(void)
{
	struct if_nameindex *all = if_nameindex();

	if (!all) {
		fprintf(stderr, "pkttd: interfaces: %s\n", strerror(errno));
		return -errno;
	}
	for (const struct if_nameindex *i = all; i->if_index; i++)
		if (linux_let_go(i->if_index))
			printf("%s: let go\n", i->if_name);
	if_freenameindex(all);
	return 0;
}

int daemon_stop_other(const struct daemon_config *config)
{
	pid_t pid = listener(config->socket);
	int r = pid ? end(pid) : 0;

	if (r) {
		fprintf(stderr, "pkttd: process %d does not end: %s\n", (int)pid, strerror(-r));
		return EXIT_FAILURE;
	}
	if (pid)
		printf("pkttd (process %d) has ended\n", (int)pid);
	return sweep() ? EXIT_FAILURE : EXIT_SUCCESS;
}
