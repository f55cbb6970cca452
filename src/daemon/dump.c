/* SPDX-License-Identifier: GPL-2.0-or-later */
/* USR1: the rules and sets as JSON, in the runtime folder. */
#include "base/str.h"
#include "core/engine.h"
#include "daemon/daemon.h"
#include "daemon/journal.h"
#include "daemon/state.h"

void dump_write(struct daemon *d)
{
	struct str out = STR_INIT;
	struct pktt_error err = { 0 };
	int r = state_folder(d->config.runtime, &err);

	pktt_save_json(d->engine, PKTT_VERSION, &out);
	if (r == 0 && !out.failed)
		r = state_write(d->config.runtime, "dump.json", str_text(&out), out.len, &err);
	if (r || out.failed)
		journal_say(LOG_ERR, "no dump: %s", out.failed ? "no memory" : err.text);
	else
		journal_say(LOG_NOTICE, "%s/dump.json written", d->config.runtime);
	str_fini(&out);
}
