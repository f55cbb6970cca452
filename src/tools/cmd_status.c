/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt status, metrics, top: what pkttd does just now. */
#include "tools/cmd_status.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/family.h"
#include "tools/live_rules.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static const struct tool_option options[] = { LIVE_OPTIONS };

static int open_session(const struct tool_args *args, struct live *live, struct session *s)
{
	int status = live_begin(live, args);

	return status ? status : session_open(s, live);
}

/* --- metrics --------------------------------------------------------------------------------------- */

/* pkttd's own text, whole; owned by the caller. NULL: s->err. */
static char *fetch_metrics(struct session *s)
{
	size_t room = 1 << 16;

	for (;;) {
		char *text = malloc(room);
		int len = text ? pkttnl_stat(s->nl, text, room, &s->err) : -ENOMEM;

		if (len >= 0 && (size_t)len < room)
			return text;
		free(text);
		if (len < 0)
			return NULL;
		room = (size_t)len + 4096;
	}
}

static int run_metrics(const struct tool_args *args)
{
	struct session s;
	struct live live;
	int status = open_session(args, &live, &s);
	char *text;

	if (status)
		return status;
	text = fetch_metrics(&s);
	if (text)
		fputs(text, stdout);
	else
		status = session_refused(&s);
	free(text);
	session_close(&s);
	return status;
}

/* --- status ---------------------------------------------------------------------------------------- */

/* The value of a sample without labels; false = it is not there. */
static bool find_sample(const char *text, const char *name, double *ret)
{
	size_t len = strlen(name);

	for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n')
		if (strncmp(at, name, len) == 0 && at[len] == ' ') {
			*ret = strtod(at + len, NULL);
			return true;
		}
	return false;
}

static const struct {
	const char *sample, *key, *words;
} shown[] = {
	{ "pkttables_generation", "generation", "generation" },
	{ "pkttables_rules", "rules", "rules" },
	{ "pkttables_confirm_pending", "confirm_pending", "loads that wait for pktt confirm" },
	{ "pkttables_conntrack_entries", "connections", "connections" },
	{ "pkttables_conntrack_entries_limit", "connections_limit", "connections at most" },
	{ "pkttables_clients", "clients", "programs connected" },
	{ "process_resident_memory_bytes", "memory_bytes", "bytes of memory" },
};

static int run_status(const struct tool_args *args)
{
	struct session s;
	struct live live;
	int status = open_session(args, &live, &s);
	struct str out = STR_INIT;
	struct json j = json_to(&out);
	double value;
	char *text;

	if (status)
		return status;
	text = fetch_metrics(&s);
	if (!text)
		status = session_refused(&s);
	if (text && live.json)
		json_begin_object(&j);
	else if (text)
		str_putf(&out, "pkttd answers at %s\n", live.socket);
	for (size_t i = 0; text && i < pktt_countof(shown); i++) {
		if (!find_sample(text, shown[i].sample, &value))
			continue;
		if (live.json)
			json_put_uint(&j, shown[i].key, (uint64_t)value);
		else
			str_putf(&out, "%14.0f  %s\n", value, shown[i].words);
	}
	if (text && live.json) {
		json_end_object(&j);
		str_putc(&out, '\n');
	}
	if (text && !live.quiet)
		fputs(str_text(&out), stdout);
	free(text);
	str_fini(&out);
	session_close(&s);
	return status;
}

/* --- top ------------------------------------------------------------------------------------------- */

enum { ONCE = LIVE_OPTION_COUNT, INTERVAL, COUNT };

static const struct tool_option top_options[] = {
	LIVE_OPTIONS,
	[ONCE] = { "once", '1', NULL, "print one list and end: for scripts", false },
	[INTERVAL] = { "interval", 'i', "SECONDS", "time between lists; default: 2", false },
	[COUNT] = { "count", 'c', "N", "so many rules; default: what the terminal holds", false },
};

struct top_rule {
	const struct book_table *table;
	const struct book_chain *chain;
	const struct book_rule *rule;
	size_t number;
	uint64_t packets, bytes; /* since the list before */
};

struct top {
	struct top_rule *rule;
	size_t n;
};

/* A rule's counters in the book before, by handle: books are in the same order but for changes. */
static const struct book_rule *find_before(const struct book *before, const struct top_rule *t)
{
	const struct book_table *table = book_table(before, t->table->family, t->table->name);
	const struct book_chain *chain = table ? book_chain(table, t->chain->name) : NULL;

	if (!chain)
		return NULL;
	if (t->number <= chain->nrules && chain->rule[t->number - 1].handle == t->rule->handle)
		return &chain->rule[t->number - 1];
	for (size_t i = 0; i < chain->nrules; i++)
		if (chain->rule[i].handle == t->rule->handle)
			return &chain->rule[i];
	return NULL;
}

static int by_packets(const void *a, const void *b)
{
	const struct top_rule *x = a, *y = b;

	if (x->packets != y->packets)
		return x->packets < y->packets ? 1 : -1;
	if (x->rule->counters.packets != y->rule->counters.packets)
		return x->rule->counters.packets < y->rule->counters.packets ? 1 : -1;
	return (x->rule->handle > y->rule->handle) - (x->rule->handle < y->rule->handle);
}

static int make_top(struct top *top, const struct book *before, const struct book *now)
{
	*top = (struct top){ .rule = calloc(book_count_rules(now) + 1, sizeof(*top->rule)) };
	if (!top->rule)
		return -ENOMEM;
	for (size_t t = 0; t < now->ntables; t++)
		for (size_t c = 0; c < now->table[t].nchains; c++)
			for (size_t i = 0; i < now->table[t].chain[c].nrules; i++) {
				struct top_rule *r = &top->rule[top->n++];
				const struct book_rule *old;

				r->table = &now->table[t];
				r->chain = &now->table[t].chain[c];
				r->rule = &r->chain->rule[i];
				r->number = i + 1;
				old = find_before(before, r);
				if (old && old->counters.packets <= r->rule->counters.packets) {
					r->packets =
						r->rule->counters.packets - old->counters.packets;
					r->bytes = r->rule->counters.bytes - old->counters.bytes;
				}
			}
	qsort(top->rule, top->n, sizeof(*top->rule), by_packets);
	return 0;
}

static void put_top(const struct top *top, size_t count, size_t width, double seconds,
		    struct str *out)
{
	str_puts(out, "   pkt/s     kbit/s      packets  rule\n");
	for (size_t i = 0; i < top->n && i < count; i++) {
		const struct top_rule *r = &top->rule[i];
		PKTT_AUTO(str_fini) struct str line = STR_INIT;
		PKTT_AUTO(str_fini) struct str safe = STR_INIT;

		str_putf(&line, "%8.0f %10.1f %12" PRIu64 "  %s/%s #%zu ",
			 (double)r->packets / seconds, (double)r->bytes * 8 / 1000 / seconds,
			 r->rule->counters.packets, r->table->name, r->chain->name, r->number);
		if (r->rule->spec->name[0])
			str_putf(&line, "%s  ", r->rule->spec->name);
		pktt_rule_spec_print(r->rule->spec, &line);
		str_put_escaped(&safe, str_text(&line), line.len);
		str_putn(out, str_text(&safe), safe.len < width ? safe.len : width);
		str_putc(out, '\n');
	}
}

/* Keys without Enter, the terminal as it was afterwards. */
struct keys {
	struct termios before;
	bool is_set;
};

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static void keys_begin(struct keys *k)
{
	struct termios raw;
	struct sigaction action = { .sa_handler = stop };

	*k = (struct keys){ 0 };
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &k->before))
		return;
	raw = k->before;
	raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	k->is_set = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void keys_end(const struct keys *k)
{
	if (k->is_set)
		tcsetattr(STDIN_FILENO, TCSANOW, &k->before);
}

/* false: q was pressed, or a signal came. */
static bool wait_or_key(const struct keys *k, double seconds)
{
	struct pollfd p = { .fd = k->is_set ? STDIN_FILENO : -1, .events = POLLIN };
	char c = 0;

	if (poll(&p, 1, (int)(seconds * 1000)) > 0 && read(STDIN_FILENO, &c, 1) == 1 &&
	    (c == 'q' || c == 'Q'))
		return false;
	return !stopped;
}

static int run_lists(const struct tool_args *args, struct session *s, double seconds, size_t count)
{
	bool once = tool_args_has(args, ONCE), is_tty = isatty(STDOUT_FILENO);
	struct session_want want = { .family = PKTTNL_ANY_FAMILY };
	struct book before = { 0 }, now = { 0 };
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	struct keys keys;
	int r = session_book(s, &want, &before);

	keys_begin(&keys);
	while (r == 0 && wait_or_key(&keys, seconds)) {
		struct str out = STR_INIT;
		struct top top = { 0 };

		r = session_book(s, &want, &now);
		r = r ? r : make_top(&top, &before, &now);
		if (is_tty)
			ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
		if (r == 0 && is_tty && !once)
			str_puts(&out, "\x1b[H\x1b[J");
		if (r == 0)
			put_top(&top, count ? count : (is_tty ? size.ws_row - 3u : 1000u),
				is_tty ? size.ws_col : 4096u, seconds, &out);
		fputs(str_text(&out), stdout);
		fflush(stdout);
		str_fini(&out);
		free(top.rule);
		book_fini(&before);
		before = now;
		now = (struct book){ 0 };
		if (once)
			break;
	}
	keys_end(&keys);
	book_fini(&before);
	return r ? session_refused(s) : TOOL_OK;
}

static int run_top(const struct tool_args *args)
{
	const char *interval = tool_args_value(args, INTERVAL);
	const char *count = tool_args_value(args, COUNT);
	double seconds = interval ? strtod(interval, NULL) : 2;
	struct pktt_error err = { 0 };
	struct session s;
	struct live live;
	int status;

	if (!(seconds >= 0.05 && seconds <= 86400)) {
		pktt_fail(&err, -EINVAL, "--interval is 0.05 to 86400 seconds");
		return tool_usage_error(args->command, &err);
	}
	status = open_session(args, &live, &s);
	if (status)
		return status;
	status = run_lists(args, &s, seconds, count ? strtoul(count, NULL, 10) : 0);
	session_close(&s);
	return status;
}

const struct tool_command cmd_status = {
	.name = "status",
	.summary = "say what pkttd has: rules, connections, programs",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run_status,
};

const struct tool_command cmd_stats = {
	.name = "stats",
	.summary = "the same as status",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run_status,
};

const struct tool_command cmd_metrics = {
	.name = "metrics",
	.summary = "print what pkttd counts, as OpenMetrics text",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run_metrics,
};

const struct tool_command cmd_top = {
	.name = "top",
	.summary = "show the rules that most packets meet just now; q ends it",
	.options = top_options,
	.noptions = pktt_countof(top_options),
	.run = run_top,
};
