/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/load.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/family.h"
#include "desc/source.h"
#include "tools/guard.h"
#include "tools/progress.h"
#include "tools/refused.h"
#include "tools/rule_files.h"

#include "libpkttnetlink/own.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct sender {
	struct load *load;
	struct pkttnl_txn *txn;
	struct pktt_sources *sources;
	struct pktt_errors errs;
	struct progress progress;
	uint64_t rules, tables, elements, commands;
	uint32_t families;
	struct refused_tally tally;
	unsigned int flags; /* of the file that is being read */
};

/* --- Reading --------------------------------------------------------------------------------------- */

struct load_file load_guess(const char *path, const struct live *live)
{
	struct load_file f = { path, live->family, true };

	if (!live->has_family && strcmp(path, "-") != 0)
		f.family = tool_rules_guess(path);
	return f;
}

int load_offline(struct tool_rules *rules, const struct load_file *file, size_t n, bool flushes)
{
	if (!flushes)
		rules->flags = PKTT_APPLY_COUNTERS;
	for (int sets = 1; sets >= 0; sets--)
		for (size_t i = 0; i < n; i++)
			if (tool_rules_is_sets(file[i].path) == sets)
				tool_rules_read(rules, file[i].path, file[i].family,
						file[i].is_native);
	return tool_rules_commit(rules);
}

static void count(struct sender *s, const struct pktt_command *cmd)
{
	switch ((unsigned int)cmd->verb) {
	case PKTT_TABLE_BEGIN:
		s->tables++;
		s->families |= 1u << cmd->family;
		break;
	case PKTT_RULE_APPEND:
	case PKTT_RULE_INSERT:
		s->rules++;
		break;
	case PKTT_SET_ADD:
		s->elements++;
		break;
	default:
		break;
	}
	if ((++s->commands & 1023) == 0)
		progress_tell(&s->progress, 0, s->commands);
}

static int take(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct sender *s = ctx;

	if (s->load->only_table && strcmp(s->load->only_table, cmd->table) != 0)
		return 0;
	count(s, cmd);
	return pkttnl_txn_command(s->txn, cmd, s->flags, err);
}

static bool is_json(const struct pktt_file *file)
{
	const char *t = file->text;

	t += strspn(t, " \t\r\n");
	return *t == '{' || *t == '[';
}

static void read_file(struct sender *s, const struct load_file *f)
{
	struct pktt_receiver to = { take, s };
	struct pktt_source src = {
		.catalog = s->load->session->catalog,
		.family = f->family,
		.is_native = f->is_native,
		.may_include = f->is_native,
		.files = s->sources,
	};
	const struct pktt_file *file;
	struct pktt_error err = { 0 };

	if (pktt_sources_read(s->sources, f->path, PKTT_ANYBODY, &file, &err)) {
		pktt_errors_add(&s->errs, &err);
		return;
	}
	src.name = file->name;
	s->flags = s->load->flushes ? 0 : PKTTNL_NOFLUSH;
	s->flags |= s->load->counters ? PKTTNL_COUNTERS : 0;
	if (is_json(file))
		(void)!pktt_json_read(&src, file->text, file->len, &to, &s->errs);
	else
		(void)!pktt_text_read(&src, file->text, file->len, &to, &s->errs);
}

static const char *line_of(void *ctx, const struct pktt_place *place)
{
	return pktt_sources_line(ctx, place);
}

static int tell_errors(const struct sender *s)
{
	struct str out = STR_INIT;

	pktt_errors_print(&s->errs, line_of, s->sources, &out);
	fputs(str_text(&out), stderr);
	str_fini(&out);
	return TOOL_REFUSED;
}

/* What pkttd found: with the places that it was sent. */
static int tell_refusal(struct sender *s)
{
	struct session *session = s->load->session;
	unsigned int n = pkttnl_txn_errors(s->txn);

	if (session->err.code == -ESTALE || n == 0)
		return session_refused(session);
	for (unsigned int i = 0; i < n; i++) {
		const struct pkttnl_error *e = pkttnl_txn_error(s->txn, i);
		struct pktt_error err = { .code = e->code };

		snprintf(err.text, sizeof(err.text), "%s", e->text);
		err.place = (struct pktt_place){ e->file[0] ? e->file : NULL, e->line, e->column,
						 e->length };
		pktt_errors_add(&s->errs, &err);
	}
	return tell_errors(s);
}

/* --- Telling --------------------------------------------------------------------------------------- */

static const char *family_words(const struct sender *s, struct str *out)
{
	for (unsigned int f = 0; f < PKTT_FAMILY_COUNT; f++)
		if (s->families >> f & 1)
			str_putf(out, "%s%s", out->len ? ", " : "",
				 pktt_family_name((enum pktt_family)f));
	return str_text(out);
}

static void tell_json(const struct sender *s, uint64_t before, uint64_t after)
{
	struct str out = STR_INIT;
	struct json j = json_to(&out);

	json_begin_object(&j);
	json_put_bool(&j, "ok", true);
	json_put_uint(&j, "rules", s->rules);
	json_put_uint(&j, "tables", s->tables);
	json_put_uint(&j, "elements", s->elements);
	json_put_uint(&j, "generation_before", before);
	json_put_uint(&j, "generation", after);
	if (s->tally.is_known)
		refused_json(&s->tally, &j);
	if (s->load->confirm_s)
		json_put_uint(&j, "confirm_within", s->load->confirm_s);
	json_end_object(&j);
	puts(str_text(&out));
	str_fini(&out);
}

static void tell(const struct sender *s, uint64_t before, uint64_t after, double ms)
{
	const struct load *load = s->load;
	struct str words = STR_INIT;

	if (load->session->live->json) {
		tell_json(s, before, after);
	} else if (!load->session->live->quiet && !load->quiet && !load->is_alias) {
		printf("loaded %" PRIu64 " rule%s, %" PRIu64 " table%s", s->rules,
		       s->rules == 1 ? "" : "s", s->tables, s->tables == 1 ? "" : "s");
		if (s->elements)
			printf(", %" PRIu64 " elements", s->elements);
		if (s->families)
			printf(", family %s", family_words(s, &words));
		printf("; generation %" PRIu64 " -> %" PRIu64 " (%.1f ms)\n", before, after, ms);
		if (s->tally.is_known && (s->tally.refused || load->cuts)) {
			str_clear(&words);
			refused_words(&s->tally, &words);
			puts(str_text(&words));
		}
		if (load->confirm_s)
			printf("generation %" PRIu64
			       " active. Confirm within %u s:  pktt confirm   "
			       "  (else back to %" PRIu64 ")\n",
			       after, load->confirm_s, before);
	}
	str_fini(&words);
}

/* --- The whole ------------------------------------------------------------------------------------- */

/* Standard input cannot be read twice; what stands for it from here on can. 0, or -errno. */
static int keep_input(void)
{
	int fd = memfd_create("rules", MFD_CLOEXEC), r = fd < 0 ? -errno : 0;
	char buf[65536];
	ssize_t n = 1;

	while (r == 0 && (n = read(STDIN_FILENO, buf, sizeof(buf))) > 0)
		for (ssize_t at = 0, put = 0; r == 0 && at < n; at += put) {
			put = write(fd, buf + at, (size_t)(n - at));
			r = put < 0 ? -errno : 0;
		}
	if (r == 0 && (n < 0 || lseek(fd, 0, SEEK_SET) < 0 || dup2(fd, STDIN_FILENO) < 0))
		r = -errno;
	if (fd >= 0)
		close(fd);
	return r;
}

static int ask_guard(struct load *load)
{
	struct guard guard;
	int status;

	if (load->is_alias || load->is_tested || !guard_begin(&guard, load->session))
		return TOOL_OK;
	for (size_t i = 0; i < load->nfiles; i++) {
		if (strcmp(load->file[i].path, "-") == 0 && keep_input())
			guard.failed = true;
		else
			guard_text(&guard, load->file[i].path, load->file[i].family,
				   load->file[i].is_native, load->flushes);
	}
	(void)!lseek(STDIN_FILENO, 0, SEEK_SET);
	status = guard_judge(&guard, load->yes);
	guard_end(&guard);
	return status;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int read_all(struct sender *s)
{
	struct load *load = s->load;

	progress_begin_count(&s->progress, "commands", 0);
	for (int sets = 1; sets >= 0; sets--)
		for (size_t i = 0; i < load->nfiles; i++)
			if (tool_rules_is_sets(load->file[i].path) == sets)
				read_file(s, &load->file[i]);
	progress_end(&s->progress);
	return s->errs.count ? tell_errors(s) : TOOL_OK;
}

/* How many rules are read back without being asked for. */
enum { BY_THE_WAY_MAX = 20000 };

/* What the new rules mean to the connections that are there. */
static int look_at_connections(struct sender *s)
{
	struct load *load = s->load;
	bool shows = !load->session->live->json && !load->session->live->quiet && !load->quiet;

	if (load->cuts)
		return refused_tally(load->session, shows ? REFUSED_CUT : REFUSED_CUT_QUIETLY,
				     &s->tally);
	if (!load->is_alias && s->rules <= BY_THE_WAY_MAX)
		(void)!refused_tally(load->session, REFUSED_COUNT, &s->tally);
	return 0;
}

static int send_all(struct sender *s)
{
	struct load *load = s->load;
	struct session *session = load->session;
	uint64_t before = 0, after = 0;
	double begun = now_ms(), ms;
	int status;

	if (session_catalog(session) || pkttnl_generation(session->nl, &before, &session->err) ||
	    pkttnl_txn_new(&s->txn, session->nl, load->if_generation, 0, &session->err))
		return session_refused(session);
	status = read_all(s);
	if (status || load->is_tested)
		return status;
	if (load->confirm_s)
		pkttnl_txn_set_confirm(s->txn, load->confirm_s);
	if (pkttnl_txn_commit(s->txn, &after, &session->err))
		return tell_refusal(s);
	ms = now_ms() - begun;
	status = look_at_connections(s) ? session_refused(session) : TOOL_OK;
	tell(s, before, after, ms);
	return status;
}

int load_run(struct load *load)
{
	struct sender s = { .load = load };
	int status = ask_guard(load);

	if (status)
		return status;
	if (pktt_sources_new(&s.sources))
		return live_refused(load->session->live, -ENOMEM, "no memory");
	status = send_all(&s);
	pkttnl_txn_free(&s.txn);
	pktt_sources_free(&s.sources);
	return status;
}
