/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of what tracking counts, as conntrack -S shows them. */
#include "conntrack/conntrack.h"

const char *const ct_count_names[CT_COUNT_COUNT] = {
#define X(id, name) [CT_COUNT_##id] = (name),
	CT_COUNTERS(X)
#undef X
};
