/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What pkttd counts, as OpenMetrics text. Control thread only. */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include <stdint.h>

struct daemon;
struct str;

#define METRICS_COMMIT_BUCKETS 7

/* How long transactions of programs took. */
struct metrics_commits {
	uint64_t bucket[METRICS_COMMIT_BUCKETS];
	uint64_t sum_ns;
};
void metrics_commit(struct metrics_commits *m, uint64_t ns);
void metrics_put_commits(const struct metrics_commits *m, struct str *out);

void metrics_put_states(const struct daemon *d, struct str *out);
void metrics_put_listeners(const struct daemon *d, struct str *out);

/* All of it. */
void metrics_print(struct daemon *d, struct str *out);

#endif
