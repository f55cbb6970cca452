/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tracking says of a record: its packet's connection, and what helpers foresaw because of it.
 * Expectations are told of at once, so whatever comes between two records' results belongs to the later
 * one, whose time is what ended it where no packet did.
 */
#include <string.h>

#include "base/json.h"
#include "conntrack/event.h"
#include "conntrack/text.h"
#include "path.h"
#include "report.h"

void tracking_note(struct replay *replay, const struct pktt_packet *pkt)
{
	struct replay_result *r = &replay->record->result;
	struct json j = json_to(&r->connection);
	const char *state = pktt_ct_info_name(pkt->ct_info);

	if (!replay->config.tells_connections || !state)
		return;
	if (pkt->ct_info == PKTT_CT_UNTRACKED) {
		json_none(&j);
		return;
	}
	json_begin_object(&j);
	json_put_text(&j, "ctstate", state);
	if (pkt->ct)
		conn_json_members(replay->ct, pkt->ct, &j);
	else
		json_put_text(&j, "state", state);
	json_end_object(&j);
}

/* A line each: what happened, a space, the line of conntrack -L expect. */
static void note(void *ctx, const struct expect *expect, uint32_t events)
{
	struct replay *replay = ctx;
	struct str *out = &replay->record->result.expectations;

	str_puts(out, events & CT_EXPECT_EVENT_NEW ? "NEW " : "DESTROY ");
	expect_text(replay->ct, expect, out);
	str_putc(out, '\n');
}

int tracking_watch(struct replay *replay)
{
	const struct ct_listener listener = { .expect = note, .ctx = replay };

	/* Of what several threads do, no record is the cause. */
	if (replay->config.live)
		return 0;
	return replay->ct ? conntrack_listen(replay->ct, &listener) : 0;
}

void tracking_unwatch(struct replay *replay)
{
	if (replay->ct && !replay->config.live)
		conntrack_unlisten(replay->ct, replay);
}

void tracking_json(const struct replay_result *r, struct json *j)
{
	const char *line = str_text(&r->expectations), *end, *text;

	if (r->connection.len) {
		json_key(j, "ct");
		json_raw(j, str_text(&r->connection), r->connection.len);
	}
	if (!r->expectations.len)
		return;
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
