/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Listening sockets, and who may come in. */
#include "bus/nfnl_own.h"

#include "base/own.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ACCEPTS = 64, BACKLOG = 1024 };

static void auto_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static int watch(struct nfnl *bus, struct nfnl_listener *listener)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = listener };

	return epoll_ctl(bus->epoll, EPOLL_CTL_ADD, listener->fd, &event) ? -errno : 0;
}

static int listener_new(struct nfnl *bus, int *pfd, unsigned int rights, const char *path)
{
	PKTT_AUTO_FREE struct nfnl_listener *listener = calloc(1, sizeof(*listener));
	PKTT_AUTO_FREE char *copy = path ? strdup(path) : NULL;
	struct stat st = { 0 };
	int rc;

	if (!listener || (path && !copy))
		return -ENOMEM;
	listener->source = NFNL_SOURCE_LISTENER;
	listener->rights = rights;
	listener->fd = *pfd;
	rc = watch(bus, listener);
	if (rc)
		return rc;
	if (path && stat(path, &st))
		return -errno;
	listener->dev = st.st_dev;
	listener->ino = st.st_ino;
	listener->path = pktt_take(&copy);
	(void)take_fd(pfd);
	list_insert_before(&bus->listeners, &listener->link);
	(void)pktt_take(&listener);
	return 0;
}

/* Is the path free? A socket at which nobody answers is taken away. */
static int make_way(const struct sockaddr_un *at, struct pktt_error *err)
{
	PKTT_AUTO(auto_close)
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const char *path = at->sun_path;
	struct stat st;

	if (lstat(path, &st))
		return errno == ENOENT ? 0
				       : pktt_fail(err, -errno, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return pktt_fail(err, -EEXIST, "%s is there and is not a socket", path);
	if (fd < 0)
		return pktt_fail(err, -errno, "no socket: %s", strerror(errno));
	if (!connect(fd, (const struct sockaddr *)at, sizeof(*at)) || errno == EAGAIN)
		return pktt_fail(err, -EADDRINUSE, "%s: another pkttd answers here already", path);
	if (errno != ECONNREFUSED)
		return pktt_fail(err, -errno, "%s: %s", path, strerror(errno));
	if (unlink(path))
		return pktt_fail(err, -errno, "cannot replace %s: %s", path, strerror(errno));
	return 0;
}

/* The mode is set before the name appears, so that nobody slips in between. */
static int bind_at(int fd, const struct sockaddr_un *at, mode_t mode, gid_t gid)
{
	if (fchmod(fd, mode & 0700) || bind(fd, (const struct sockaddr *)at, sizeof(*at)))
		return -errno;
	if (gid != (gid_t)-1 && chown(at->sun_path, (uid_t)-1, gid))
		return -errno;
	if (chmod(at->sun_path, mode) || listen(fd, BACKLOG))
		return -errno;
	return 0;
}

int nfnl_listen(struct nfnl *bus, const char *path, mode_t mode, gid_t gid, unsigned int rights,
		struct pktt_error *err)
{
	PKTT_AUTO(auto_close) int fd = -1;
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int rc;

	if (strlen(path) >= sizeof(at.sun_path))
		return pktt_fail(err, -ENAMETOOLONG, "%s: a socket's path has at most %zu bytes",
				 path, sizeof(at.sun_path) - 1);
	memcpy(at.sun_path, path, strlen(path));
	rc = make_way(&at, err);
	if (rc)
		return rc;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return pktt_fail(err, -errno, "no socket: %s", strerror(errno));
	rc = bind_at(fd, &at, mode, gid);
	if (!rc)
		rc = listener_new(bus, &fd, rights, path);
	if (rc)
		return pktt_fail(err, rc, "cannot listen at %s: %s", path, strerror(-rc));
	return 0;
}

static int option_of(int fd, int option)
{
	socklen_t len = sizeof(int);
	int val = -1;

	return getsockopt(fd, SOL_SOCKET, option, &val, &len) ? -1 : val;
}

/* Whoever made it did not have to know that it must not block, nor be inherited. */
int nfnl_listen_fd(struct nfnl *bus, int fd, unsigned int rights)
{
	PKTT_AUTO(auto_close) int own = fd;

	if (option_of(fd, SO_DOMAIN) != AF_UNIX || option_of(fd, SO_TYPE) != SOCK_SEQPACKET)
		return -EPROTOTYPE;
	if (option_of(fd, SO_ACCEPTCONN) != 1)
		return -EINVAL;
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) || fcntl(fd, F_SETFD, FD_CLOEXEC))
		return -errno;
	return listener_new(bus, &own, rights, NULL);
}

/*
 * No descriptor is left: listeners are not watched until a peer goes, else epoll reports them for
 * ever.
 */
static void pause_all(struct nfnl *bus)
{
	bus->is_full = true;
	list_for_each (l, &bus->listeners)
		epoll_ctl(bus->epoll, EPOLL_CTL_DEL, list_entry(l, struct nfnl_listener, link)->fd,
			  NULL);
}

void nfnl_listeners_resume(struct nfnl *bus)
{
	if (!bus->is_full)
		return;
	bus->is_full = false;
	list_for_each (l, &bus->listeners)
		(void)watch(bus, list_entry(l, struct nfnl_listener, link));
}

void nfnl_listener_accept(struct nfnl *bus, struct nfnl_listener *listener)
{
	for (int i = 0; i < ACCEPTS; i++) {
		int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			(void)nfnl_peer_new(bus, fd, listener->rights); /* said to it */
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			pause_all(bus);
		if (errno != EINTR && errno != ECONNABORTED)
			return;
	}
}

int nfnl_adopt(struct nfnl *bus, int fd, unsigned int rights)
{
	return nfnl_peer_new(bus, fd, rights);
}

static void listener_free(struct nfnl_listener *listener)
{
	struct stat st;

	if (listener->path && !lstat(listener->path, &st) && st.st_dev == listener->dev &&
	    st.st_ino == listener->ino)
		unlink(listener->path);
	close(listener->fd);
	free(listener->path);
	free(listener);
}

void nfnl_listeners_free(struct nfnl *bus)
{
	list_for_each_safe (l, tmp, &bus->listeners)
		listener_free(list_entry(l, struct nfnl_listener, link));
	list_init(&bus->listeners);
}
