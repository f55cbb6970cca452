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
	const char *what;
	struct timespec last;
};

void progress_begin(struct progress *p, FILE *in);
/* Of things that are counted, total of them (0 = unknown); the command prints no lines meanwhile. */
void progress_begin_count(struct progress *p, const char *what, uint64_t total);
/* Cheap unless a fifth of a second has passed. */
void progress_tell(struct progress *p, uint64_t bytes, uint64_t packets);
/* Takes the bar away. */
void progress_end(struct progress *p);

#endif
