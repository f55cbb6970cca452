/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which descriptors stand for netlink sockets.
 *
 * Synchronization: a descriptor is given out and closed by the program, which does not use it beside that;
 * the table itself is changed under a lock and never moves.
 */
#include "shim/shim.h"

#include <pthread.h>
#include <stdlib.h>

#define SOCKETS_MAX 65536

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct shim_socket *sockets[SOCKETS_MAX];

struct shim_socket *shim_lookup(int fd)
{
	if (fd < 0 || fd >= SOCKETS_MAX)
		return NULL;
	return __atomic_load_n(&sockets[fd], __ATOMIC_ACQUIRE);
}

static void put(int fd, struct shim_socket *s)
{
	struct shim_socket *old;

	pthread_mutex_lock(&lock);
	old = sockets[fd];
	__atomic_store_n(&sockets[fd], s, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&lock);
	free(old);
}

struct shim_socket *shim_add(int fd, int protocol)
{
	struct shim_socket *s = NULL;

	if (fd >= 0 && fd < SOCKETS_MAX)
		s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->protocol = protocol;
	put(fd, s);
	return s;
}

void shim_forget(int fd)
{
	if (shim_lookup(fd))
		put(fd, NULL);
}

void shim_copy(int fd, int copy)
{
	const struct shim_socket *from = shim_lookup(fd);
	struct shim_socket *to;

	shim_forget(copy);
	if (!from)
		return;
	to = shim_add(copy, from->protocol);
	if (to)
		*to = *from;
}
