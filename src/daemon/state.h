/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that must be whole whatever happens: written beside, synced, renamed. */
#ifndef DAEMON_STATE_H
#define DAEMON_STATE_H

#include <stddef.h>

struct pktt_error;

/* FOLDER/NAME becomes text. -errno with the reason. */
int state_write(const char *folder, const char *name, const char *text, size_t len,
		struct pktt_error *err);
/* The folder and those above it, mode 0700; nothing where it is there. */
int state_folder(const char *path, struct pktt_error *err);
/* It is gone, or never was. */
void state_remove(const char *folder, const char *name);

#endif
