/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A progress bar on standard error, for people only: nothing is shown unless it is a terminal. */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

struct progress {
	bool is_shown, has_bar;
	uint64_t size; /* bytes in all; 0 = unknown */
	struct timespec last;
};

void progress_begin(struct progress *p, FILE *in);
/* Cheap unless a fifth of a second has passed. */
void progress_tell(struct progress *p, uint64_t bytes, uint64_t packets);
/* Takes the bar away. */
void progress_end(struct progress *p);

#endif
