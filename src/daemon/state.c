/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/state.h"

#include <pktt/type.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		len -= (size_t)n;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

/* The rename is on the disk once its folder is. */
static void sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)!fsync(fd);
	close(fd);
}

int state_write(const char *folder, const char *name, const char *text, size_t len,
		struct pktt_error *err)
{
	char path[PATH_MAX], temp[PATH_MAX];
	int fd, r;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path) ||
	    snprintf(temp, sizeof(temp), "%s/.%s.new", folder, name) >= (int)sizeof(temp))
		return pktt_fail(err, -ENAMETOOLONG, "%.150s: the name is too long", folder);
	(void)unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return pktt_fail(err, -errno, "%.150s: %s", temp, strerror(errno));
	r = write_all(fd, text, len);
	close(fd);
	if (r == 0 && rename(temp, path) < 0)
		r = -errno;
	if (r) {
		(void)unlink(temp);
		return pktt_fail(err, r, "%.150s: %s", path, strerror(-r));
	}
	sync_folder(folder);
	return 0;
}

int state_folder(const char *path, struct pktt_error *err)
{
	char part[PATH_MAX];

	for (size_t at = 1; path[at - 1]; at++) {
		if (path[at] && path[at] != '/')
			continue;
		snprintf(part, sizeof(part), "%.*s", (int)at, path);
		if (mkdir(part, 0700) < 0 && errno != EEXIST)
			return pktt_fail(err, -errno, "%.150s: %s", part, strerror(errno));
	}
	return 0;
}

void state_remove(const char *folder, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)unlink(path);
}
