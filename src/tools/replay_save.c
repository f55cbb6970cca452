/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/replay_save.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/own.h"
#include "base/str.h"
#include "conntrack/text.h"
#include "core/engine.h"

/* "-" is the standard output, which stays open. */
static int write_file(const char *path, const struct str *text, struct pktt_error *err)
{
	bool is_stdout = strcmp(path, "-") == 0;
	FILE *f = is_stdout ? stdout : fopen(path, "we");
	int r = 0;

	if (!f)
		return pktt_fail(err, -errno, "%s: %s", path, strerror(errno));
	if (fwrite(str_text(text), 1, text->len, f) != text->len)
		r = pktt_fail(err, -errno, "%s: %s", path, strerror(errno));
	if ((is_stdout ? fflush(f) : fclose(f)) != 0 && r == 0)
		r = pktt_fail(err, -errno, "%s: %s", path, strerror(errno));
	return r;
}

static bool has_tables(const struct pktt_engine *engine, enum pktt_family family)
{
	for (struct pktt_table *t = NULL; (t = pktt_table_next(engine, t));)
		if (pktt_table_family(t) == family)
			return true;
	return false;
}

static int save(struct pktt_engine *engine, enum pktt_family family, const char *path,
		struct pktt_error *err)
{
	struct str text = STR_INIT;
	struct pktt_errors *errs = calloc(1, sizeof(*errs));
	int r = errs ? pktt_save_text(engine, family, PKTT_SAVE_COUNTERS, &text, errs) : -ENOMEM;

	if (r == 0)
		r = write_file(path, &text, err);
	else if (errs && errs->kept)
		r = pktt_fail(err, r, "%s: %.200s", path, errs->item[0].text);
	else
		r = pktt_fail(err, r, "%s: %s", path, strerror(-r));
	free(errs);
	str_fini(&text);
	return r;
}

int replay_save_rules(struct pktt_engine *engine, const char *prefix, struct pktt_error *err)
{
	static const struct {
		enum pktt_family family;
		const char *suffix;
		bool is_always;
	} file[] = {
		{ PKTT_IPV4, "v4", true },
		{ PKTT_IPV6, "v6", true },
		{ PKTT_ARP, "arp", false },
		{ PKTT_BRIDGE, "bridge", false },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < pktt_countof(file); i++) {
		struct str path = STR_INIT;

		str_putf(&path, "%s.%s", prefix, file[i].suffix);
		if (path.failed)
			r = pktt_fail(err, -ENOMEM, "no memory to save rules");
		else if (file[i].is_always || has_tables(engine, file[i].family))
			r = save(engine, file[i].family, str_text(&path), err);
		str_fini(&path);
	}
	return r;
}

int replay_save_conntrack(struct pktt_engine *engine, const char *path, struct pktt_error *err)
{
	struct str text = STR_INIT;
	int r;

	conntrack_save(conntrack_of(engine), &text);
	r = text.failed ? pktt_fail(err, -ENOMEM, "no memory to save connections")
			: write_file(path, &text, err);
	str_fini(&text);
	return r;
}
