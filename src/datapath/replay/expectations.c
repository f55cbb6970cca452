/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What helpers foresaw because of a record. Tracking tells of expectations at once, so whatever comes
 * between two records' results belongs to the later one, whose time is what ended it where no packet did.
 */
#include <string.h>

#include "base/json.h"
#include "conntrack/event.h"
#include "conntrack/text.h"
#include "path.h"
#include "report.h"

/* A line each: what happened, a space, the line of conntrack -L expect. */
static void note(void *ctx, const struct expect *expect, uint32_t events)
{
	struct replay *replay = ctx;
	struct str *out = &replay->result.expectations;

	str_puts(out, events & CT_EXPECT_EVENT_NEW ? "NEW " : "DESTROY ");
	expect_text(replay->ct, expect, out);
	str_putc(out, '\n');
}

int expectations_watch(struct replay *replay)
{
	const struct ct_listener listener = { .expect = note, .ctx = replay };

	return replay->ct ? conntrack_listen(replay->ct, &listener) : 0;
}

void expectations_unwatch(struct replay *replay)
{
	if (replay->ct)
		conntrack_unlisten(replay->ct, replay);
}

void expectations_json(const struct replay_result *r, struct json *j)
{
	const char *line = str_text(&r->expectations), *end, *text;

	json_key(j, "expectations");
	json_begin_array(j);
	for (; *line; line = end + 1) {
		end = strchr(line, '\n');
		text = strchr(line, ' ') + 1;
		json_begin_object(j);
		json_key(j, "event");
		json_textn(j, line, (size_t)(text - 1 - line));
		json_key(j, "text");
		json_textn(j, text, (size_t)(end - text));
		json_end_object(j);
	}
	json_end_array(j);
}
