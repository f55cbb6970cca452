/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/trust.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int pktt_trust_stat(const struct stat *st, const char *path, struct pktt_error *err)
{
	if (st->st_uid != 0 && st->st_uid != geteuid())
		return pktt_fail(err, -EPERM,
				 "%s is refused: it belongs to user %u, not to root or the caller",
				 path, (unsigned int)st->st_uid);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return pktt_fail(err, -EPERM,
				 "%s is refused: others than its owner may write it (mode %03o)",
				 path, (unsigned int)st->st_mode & 0777);
	return 0;
}

int pktt_trust_file(const char *path, struct pktt_error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return pktt_fail(err, -errno, "%s: %s", path, strerror(errno));
	return pktt_trust_stat(&st, path, err);
}
