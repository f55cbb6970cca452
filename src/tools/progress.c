/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/progress.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WIDTH = 40, PERIOD_MS = 200 };

void progress_begin(struct progress *p, FILE *in)
{
	struct stat st;

	*p = (struct progress){ .what = "packets" };
	/* Lines and bar on one terminal would run into each other. */
	p->is_shown = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
	if (p->is_shown && fstat(fileno(in), &st) == 0 && S_ISREG(st.st_mode))
		p->size = (uint64_t)st.st_size;
	clock_gettime(CLOCK_MONOTONIC, &p->last);
}

void progress_begin_count(struct progress *p, const char *what, uint64_t total)
{
	*p = (struct progress){ .what = what, .size = total };
	p->is_shown = isatty(STDERR_FILENO);
	clock_gettime(CLOCK_MONOTONIC, &p->last);
}

static bool is_due(struct progress *p)
{
	struct timespec now;
	int64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (int64_t)(now.tv_sec - p->last.tv_sec) * 1000 +
	     (now.tv_nsec - p->last.tv_nsec) / 1000000;
	if (ms < PERIOD_MS)
		return false;
	p->last = now;
	return true;
}

void progress_tell(struct progress *p, uint64_t bytes, uint64_t packets)
{
	char bar[WIDTH + 1];
	uint64_t done;

	if (!p->is_shown || !is_due(p))
		return;
	p->has_bar = true;
	if (p->size == 0) {
		fprintf(stderr, "\r%" PRIu64 " %s", packets, p->what);
		return;
	}
	done = bytes < p->size ? bytes : p->size;
	memset(bar, '.', WIDTH);
	memset(bar, '#', (size_t)((double)done / (double)p->size * WIDTH));
	bar[WIDTH] = '\0';
	fprintf(stderr, "\r[%s] %3.0f%% %" PRIu64 " %s", bar, (double)done * 100 / (double)p->size,
		packets, p->what);
}

void progress_end(struct progress *p)
{
	if (p->has_bar)
		fprintf(stderr, "\r\033[K");
	p->has_bar = false;
}
