/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules at the start: the file's; without a file none, open, with a warning; where the file is bad the
 * last good ones; where there are none, what on-failure says.
 */
#include "daemon/daemon.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "core/engine.h"
#include "daemon/history.h"
#include "daemon/journal.h"
#include "daemon/rules.h"

/* Every line of a located error is a line of the journal. */
static void tell_lines(int level, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		journal_say(level, "%.*s", (int)len, text);
		text += len + (text[len] != '\0');
	}
}

static void note_why(struct daemon *d, const char *text)
{
	snprintf(d->why, sizeof(d->why), "%.*s", (int)strcspn(text, "\n"), text);
}

/* Those of the state folder are written by the user that pkttd becomes. */
static uid_t owner_of(const struct daemon *d, const char *path)
{
	size_t len = strlen(d->config.state);

	return strncmp(path, d->config.state, len) == 0 && path[len] == '/' ? d->uid : 0;
}

static int load_file(struct daemon *d, const char *path, struct str *why)
{
	struct rules_source source = { .path = path, .owner = owner_of(d, path) };
	char what[160];
	int r;

	snprintf(what, sizeof(what), "loaded %s", path);
	history_act(d->history, NULL, what);
	r = rules_load(d->engine, &source, why);
	history_acted(d->history);
	if (r && why->len)
		tell_lines(LOG_ERR, str_text(why));
	return r;
}

/* As on-failure wants it. */
static int fail(struct daemon *d, struct pktt_error *err)
{
	bool is_open = d->config.on_failure == DAEMON_FAIL_OPEN;

	d->boot = DAEMON_BOOT_FAILED;
	if (d->config.on_failure == DAEMON_FAIL_KEEP)
		return pktt_fail(err, -EINVAL,
				 "no rules can be loaded, and on-failure is keep: %.150s", d->why);
	journal_say(LOG_ERR, "no rules can be loaded: %s (on-failure %s)",
		    is_open ? "everything passes" : "nothing passes", is_open ? "open" : "closed");
	return rules_clear(d->engine, is_open ? PKTT_ACCEPT : PKTT_DROP, err);
}

static int load_good(struct daemon *d, struct pktt_error *err)
{
	struct str why = STR_INIT;
	char path[512];
	int r;

	snprintf(path, sizeof(path), "%s/good", d->config.state);
	r = load_file(d, path, &why);
	str_fini(&why);
	if (r)
		return fail(d, err);
	d->boot = DAEMON_BOOT_GOOD;
	journal_say(LOG_WARNING, "the last good rules hold: %s", path);
	return 0;
}

int daemon_boot(struct daemon *d, struct pktt_error *err)
{
	struct str why = STR_INIT;
	const char *pending = history_pending_file(d);
	int r;

	/* A load that nobody had confirmed when pkttd ended is not the one to start with. */
	r = load_file(d, pending ? pending : d->config.rules, &why);
	if (r == 0) {
		d->boot = DAEMON_BOOT_RULES;
	} else if (r == -ENOENT && !pending) {
		d->boot = DAEMON_BOOT_NONE;
		snprintf(d->why, sizeof(d->why), "there is no %.200s", d->config.rules);
		journal_say(LOG_WARNING, "there is no %s: everything passes", d->config.rules);
		r = 0;
	} else {
		note_why(d, str_text(&why));
		r = load_good(d, err);
	}
	str_fini(&why);
	return r;
}

/* A bad file keeps what is running. */
int daemon_load_rules(struct daemon *d)
{
	struct str why = STR_INIT;
	int r = load_file(d, d->config.rules, &why);

	if (r == -ENOENT && !why.len)
		journal_say(LOG_ERR, "there is no %s: the rules stay as they are", d->config.rules);
	else if (r)
		journal_say(LOG_ERR, "%s was not loaded: the rules stay as they are",
			    d->config.rules);
	if (r) {
		d->refused++;
		note_why(d, why.len ? str_text(&why) : "the rules file is not there");
	} else {
		d->boot = DAEMON_BOOT_RULES;
		d->why[0] = '\0';
	}
	str_fini(&why);
	return r;
}
