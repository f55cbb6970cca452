/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What packet logs sent and lost, as metrics. */
#include "base/str.h"
#include "bus/sub_ulog_own.h"

static void put_batch(struct str *out, const char *what, const struct ulog_batch *batch,
		      uint64_t value)
{
	if (batch->peer || batch->packets || batch->lost)
		str_putf(out, "pkttables_ulog_%s{group=\"%s%u\"} %llu\n", what,
			 batch->peer ? "" : "ulog-", batch->number, (unsigned long long)value);
}

static void put_all(struct sub_ulog *sub, struct str *out, const char *what, bool is_lost)
{
	for (unsigned int i = 0; i < ULOG_LEGACY_GROUPS; i++)
		put_batch(out, what, &sub->legacy[i],
			  is_lost ? sub->legacy[i].lost : sub->legacy[i].packets);
	for (unsigned int i = 0; i < ULOG_NUMBERS; i++) {
		if (sub->group[i])
			put_batch(out, what, sub->group[i],
				  is_lost ? sub->group[i]->lost : sub->group[i]->packets);
	}
}

void sub_ulog_metrics(struct sub_ulog *sub, struct str *out)
{
	pthread_mutex_lock(&sub->lock);
	str_puts(out, "# HELP pkttables_ulog_packets packets handed to programs that log\n"
		      "# TYPE pkttables_ulog_packets counter\n");
	put_all(sub, out, "packets_total", false);
	str_puts(out, "# HELP pkttables_ulog_lost packets that could not be handed over\n"
		      "# TYPE pkttables_ulog_lost counter\n");
	put_all(sub, out, "lost_total", true);
	str_putf(out, "pkttables_ulog_lost_total{group=\"ended\"} %llu\n",
		 (unsigned long long)sub->lost);
	str_putf(out,
		 "# HELP pkttables_log_lines lines of LOG that were told\n"
		 "# TYPE pkttables_log_lines counter\n"
		 "pkttables_log_lines_total %llu\n"
		 "# HELP pkttables_log_lines_suppressed lines beyond the rate\n"
		 "# TYPE pkttables_log_lines_suppressed counter\n"
		 "pkttables_log_lines_suppressed_total %llu\n",
		 (unsigned long long)sub->lines, (unsigned long long)sub->lines_lost);
	pthread_mutex_unlock(&sub->lock);
}
