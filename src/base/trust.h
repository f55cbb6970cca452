/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose word is taken: files that are loaded as code or included into rules. */
#ifndef PKTT_BASE_TRUST_H
#define PKTT_BASE_TRUST_H

#include <pktt/type.h>

struct stat;

/*
 * 0 where the file or folder belongs to root or the effective user and neither its group nor others
 * may write it; -EPERM with the reason. path is for the sentence.
 */
int pktt_trust_stat(const struct stat *st, const char *path, struct pktt_error *err);
/* The same by name; -errno where it cannot be looked at. */
int pktt_trust_file(const char *path, struct pktt_error *err);

#endif
