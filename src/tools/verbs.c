/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overview: the command line is iptables', so the language reads it (desc/command_read.h). What is not
 * the language's - where pkttd is, JSON, expected generations - is taken out first, wherever it stands.
 */
#include "tools/verbs.h"

#include "base/own.h"
#include "base/str.h"
#include "desc/catalog.h"
#include "desc/describe.h"
#include "desc/family.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What scripts look for behind the program's name: a version, of a syntax that they know. */
#define COMPATIBLE_VERSION "v1.8.9 (pkttables)"

/* --- Our own options ------------------------------------------------------------------------------ */

enum own {
	OWN_SOCKET,
	OWN_NETNS,
	OWN_JSON,
	OWN_QUIET,
	OWN_COLOR,
	OWN_FAMILY,
	OWN_IPV4,
	OWN_IPV6,
	OWN_WAIT,
	OWN_WAIT_INTERVAL,
	OWN_MODPROBE,
	OWN_HELP,
	OWN_VERSION,
	OWN_YES,
	OWN_IF_GENERATION,
	OWN_BEFORE,
	OWN_AFTER,
	OWN_RULES,
	OWN_IPV4_RULES,
	OWN_IPV6_RULES,
	OWN_ARP_RULES,
	OWN_SETS,
	OWN_PLUGINS,
};

enum takes { NOTHING, VALUE, PERHAPS_NUMBER };

static const struct {
	const char *name;
	char letter;
	enum takes takes;
	enum own own;
} owns[] = {
	{ "socket", 0, VALUE, OWN_SOCKET },
	{ "netns", 0, VALUE, OWN_NETNS },
	{ "json", 0, NOTHING, OWN_JSON },
	{ "quiet", 'q', NOTHING, OWN_QUIET },
	{ "color", 0, VALUE, OWN_COLOR },
	{ "family", 0, VALUE, OWN_FAMILY },
	{ "ipv4", '4', NOTHING, OWN_IPV4 },
	{ "ipv6", '6', NOTHING, OWN_IPV6 },
	{ "wait", 'w', PERHAPS_NUMBER, OWN_WAIT },
	{ "wait-interval", 'W', PERHAPS_NUMBER, OWN_WAIT_INTERVAL },
	{ "modprobe", 'M', VALUE, OWN_MODPROBE },
	{ "help", 'h', NOTHING, OWN_HELP },
	{ "version", 'V', NOTHING, OWN_VERSION },
	{ "yes", 0, NOTHING, OWN_YES },
	{ "if-generation", 0, VALUE, OWN_IF_GENERATION },
	{ "before", 0, VALUE, OWN_BEFORE },
	{ "after", 0, VALUE, OWN_AFTER },
	{ "rules", 0, VALUE, OWN_RULES },
	{ "ipv4-rules", 0, VALUE, OWN_IPV4_RULES },
	{ "ipv6-rules", 0, VALUE, OWN_IPV6_RULES },
	{ "arp-rules", 0, VALUE, OWN_ARP_RULES },
	{ "sets", 0, VALUE, OWN_SETS },
	{ "plugins", 0, VALUE, OWN_PLUGINS },
};

struct scan {
	struct verbs *v;
	int argc, at;
	const char *const *argv;
	struct {
		enum own own;
		const char *path;
	} file[16];
	unsigned int nfiles;
	struct pktt_error *err;
};

static bool is_number(const char *text)
{
	return text && text[0] && strspn(text, "0123456789") == strlen(text);
}

static int take_u64(struct scan *s, const char *name, const char *text, uint64_t *ret)
{
	if (!is_number(text) || strlen(text) > 19)
		return pktt_fail(s->err, -EINVAL, "--%s needs a number, not \"%.60s\"", name, text);
	*ret = strtoull(text, NULL, 10);
	return 0;
}

static int take_own(struct scan *s, size_t i, const char *value)
{
	struct verbs *v = s->v;

	switch (owns[i].own) {
	case OWN_SOCKET:
		v->live.socket = value;
		return 0;
	case OWN_NETNS:
		v->live.netns = value;
		return 0;
	case OWN_JSON:
		v->live.json = true;
		return 0;
	case OWN_QUIET:
		v->live.quiet = true;
		return 0;
	case OWN_FAMILY:
		v->live.has_family = true;
		if (pktt_family_parse(value, &v->live.family))
			return pktt_fail(s->err, -EINVAL, "there is no family %.60s", value);
		return 0;
	case OWN_IPV4:
	case OWN_IPV6:
		v->live.family = owns[i].own == OWN_IPV6 ? PKTT_IPV6 : PKTT_IPV4;
		v->live.has_family = true;
		return 0;
	case OWN_HELP:
		v->wants_help = true;
		return 0;
	case OWN_VERSION:
		v->wants_version = true;
		return 0;
	case OWN_YES:
		v->yes = true;
		return 0;
	case OWN_IF_GENERATION:
		return take_u64(s, owns[i].name, value, &v->if_generation);
	case OWN_BEFORE:
		return take_u64(s, owns[i].name, value, &v->before);
	case OWN_AFTER:
		return take_u64(s, owns[i].name, value, &v->after);
	case OWN_RULES:
	case OWN_IPV4_RULES:
	case OWN_IPV6_RULES:
	case OWN_ARP_RULES:
	case OWN_SETS:
		v->is_offline = true;
		if (s->nfiles == pktt_countof(s->file))
			return pktt_fail(s->err, -EINVAL, "too many files");
		s->file[s->nfiles].own = owns[i].own;
		s->file[s->nfiles++].path = value;
		return 0;
	case OWN_PLUGINS:
		v->plugins = value;
		return 0;
	case OWN_COLOR:
	case OWN_WAIT:
	case OWN_WAIT_INTERVAL:
	case OWN_MODPROBE:
		return 0; /* taken, and without a meaning here: nobody waits for a lock */
	}
	return 0;
}

/* An option that the program of that name does not have is the rule's. */
static bool is_ours(const struct verbs *v, enum own own)
{
	if (own == OWN_IPV4 || own == OWN_IPV6)
		return !v->alias || v->alias->family <= PKTT_IPV6;
	return !v->alias || own == OWN_WAIT || own == OWN_WAIT_INTERVAL || own == OWN_MODPROBE ||
	       own == OWN_HELP || own == OWN_VERSION;
}

/* Which of ours a word is, and what is attached to it; -1 = none. */
static int find_own(const struct verbs *v, const char *word, const char **attached)
{
	*attached = NULL;
	for (size_t i = 0; word[0] == '-' && i < pktt_countof(owns); i++) {
		size_t len = strlen(owns[i].name);

		if (!is_ours(v, owns[i].own))
			continue;
		if (word[1] == '-' && strncmp(word + 2, owns[i].name, len) == 0 &&
		    (word[2 + len] == '\0' || (word[2 + len] == '=' && owns[i].takes))) {
			*attached = word[2 + len] ? word + 3 + len : NULL;
			return (int)i;
		}
		if (word[1] != owns[i].letter || !owns[i].letter)
			continue;
		if (word[2] == '\0' || (owns[i].takes == PERHAPS_NUMBER && is_number(word + 2))) {
			*attached = word[2] ? word + 2 : NULL;
			return (int)i;
		}
	}
	return -1;
}

/* -Z beside -L or -S: list, then zero. */
static bool is_zero(const char *word)
{
	return strcmp(word, "-Z") == 0 || strcmp(word, "--zero") == 0;
}

static bool is_listing(const char *word)
{
	size_t i = 1;

	if (strcmp(word, "--list") == 0 || strcmp(word, "--list-rules") == 0)
		return true;
	if (word[0] != '-' || word[1] == '-')
		return false;
	while (word[i] && strchr("nvx46", word[i]))
		i++;
	return word[i] == 'L' || word[i] == 'S';
}

static int take_word(struct scan *s, bool lists)
{
	struct verbs *v = s->v;
	const char *word = s->argv[s->at++], *value;
	int i = find_own(v, word, &value);

	if (i < 0 && lists && is_zero(word)) {
		v->wants_zero = true;
		return 0;
	}
	if (i < 0) {
		v->word[v->nwords++] = word;
		return 0;
	}
	if (owns[i].takes == PERHAPS_NUMBER && !value && s->at < s->argc &&
	    is_number(s->argv[s->at]))
		s->at++;
	if (owns[i].takes == VALUE && !value && s->at == s->argc)
		return pktt_fail(s->err, -EINVAL, "--%s needs a value", owns[i].name);
	if (owns[i].takes == VALUE && !value)
		value = s->argv[s->at++];
	return take_own(s, (size_t)i, value);
}

static int scan_words(struct scan *s)
{
	bool lists = false;
	int r = 0;

	for (int i = 0; i < s->argc; i++)
		lists |= is_listing(s->argv[i]);
	s->v->word = calloc((size_t)s->argc + 1, sizeof(*s->v->word));
	if (!s->v->word)
		return pktt_fail(s->err, -ENOMEM, "no memory");
	while (r == 0 && s->at < s->argc)
		r = take_word(s, lists);
	return r;
}

/* "-f" "-c" "-t" may come first: the verb is any word of capitals behind. */
bool verbs_are_there(int argc, const char *const *argv)
{
	static const char *const longs[] = {
		"--append", "--insert",	    "--delete",	      "--replace",	"--check",
		"--list",   "--list-rules", "--flush",	      "--zero",		"--new-chain",
		"--new",    "--policy",	    "--delete-chain", "--rename-chain", "--rename",
	};

	for (int i = 0; i < argc; i++) {
		const char *w = argv[i];
		size_t k = 1;

		for (size_t n = 0; n < pktt_countof(longs); n++)
			if (strncmp(w, longs[n], strlen(longs[n])) == 0)
				return true;
		while (w[0] == '-' && w[k] && strchr("nvx46f", w[k]))
			k++;
		if (w[0] == '-' && w[k] && strchr("AIDRCLSFNXPEZ", w[k]))
			return true;
	}
	return false;
}

/* --- Reading --------------------------------------------------------------------------------------- */

int verbs_read(struct verbs *v, const struct pktt_catalog *catalog, const struct pktt_receiver *to,
	       struct pktt_error *err)
{
	struct pktt_source src = {
		.catalog = catalog,
		.family = v->live.family,
		.is_native = !v->alias,
	};

	v->nseen = 0;
	return pktt_words_read(&src, v->nwords, v->word, to, err);
}

/* --- Help ------------------------------------------------------------------------------------------ */

static const char usage[] =
	"       %s -A|-D|-C CHAIN RULE       append, delete, look for a rule\n"
	"       %s -I CHAIN [NUMBER] RULE    insert; -R CHAIN NUMBER RULE replaces\n"
	"       %s -D CHAIN NUMBER           delete by number\n"
	"       %s -L|-S [CHAIN [NUMBER]]    list, in columns or as commands; -F, -Z [CHAIN]\n"
	"       %s -N|-X CHAIN, -E OLD NEW   make, delete, rename a chain; -P CHAIN ACCEPT|DROP\n";

static void print_usage(const struct verbs *v, FILE *to)
{
	const char *name = v->alias ? v->alias->name : "pktt";

	if (v->alias)
		fprintf(to, "%s %s\n\n", name, COMPATIBLE_VERSION);
	fprintf(to, "Usage: %s [-t TABLE] VERB ...\n", name);
	for (const char *at = usage; *at; at += strcspn(at, "\n") + 1) {
		const char *mark = strstr(at, "%s");
		size_t len = strcspn(at, "\n");

		if (!mark) /* every line has one; the compiler does not see it */
			break;
		fprintf(to, "%.*s%s%.*s\n", (int)(mark - at), at, name,
			(int)(len - (size_t)(mark + 2 - at)), mark + 2);
	}
	fprintf(to, "-t TABLE -n -v -x --line-numbers -c PACKETS BYTES -w -4 -6\n");
	if (!v->alias)
		fprintf(to,
			"--name NAME --handle N --before HANDLE --after HANDLE --if-generation N\n"
			"--family FAMILY --json --socket PATH --netns NAME --yes --rules FILE\n");
	fprintf(to, "Options of a match or target: -m NAME -h, -j NAME -h\n");
}

/* "-m tcp -h": what the extension takes. */
static int print_help(struct verbs *v)
{
	struct pktt_engine_config config = { .workers = 1, .plugin_folder = v->plugins };
	struct pktt_engine *engine = NULL;
	struct str out = STR_INIT;

	print_usage(v, stdout);
	if (pktt_engine_new(&engine, &config, NULL))
		return TOOL_REFUSED;
	for (int i = 0; i + 1 < v->nwords; i++) {
		bool is_match = strcmp(v->word[i], "-m") == 0 || strcmp(v->word[i], "-p") == 0;
		const struct pktt_ext *ext = NULL;

		if (is_match || strcmp(v->word[i], "-j") == 0)
			ext = pktt_catalog_lookup(pktt_engine_catalog(engine),
						  is_match ? PKTT_KIND_MATCH : PKTT_KIND_TARGET,
						  v->word[i + 1], v->live.family);
		if (ext) {
			str_putc(&out, '\n');
			pktt_describe_help(ext, &out);
		}
	}
	fputs(str_text(&out), stdout);
	str_fini(&out);
	pktt_engine_free(&engine);
	return TOOL_OK;
}

/* --- Failing --------------------------------------------------------------------------------------- */

static void put_error(const struct verbs *v, const char *text)
{
	struct str out = STR_INIT;

	str_put_escaped(&out, text, strlen(text));
	if (v->alias)
		fprintf(stderr, "%s %s: %s\nTry `%s -h' or '%s --help' for more information.\n",
			v->alias->name, COMPATIBLE_VERSION, str_text(&out), v->alias->name,
			v->alias->name);
	else
		fprintf(stderr, "pktt: %s\n", str_text(&out));
	str_fini(&out);
}

/* The words with the place under them. */
static void put_place(const struct verbs *v, const struct pktt_place *place)
{
	struct str line = STR_INIT;

	if (v->alias || !place->column)
		return;
	for (int i = 0; i < v->nwords; i++) {
		if (i)
			str_putc(&line, ' ');
		str_puts(&line, v->word[i]);
	}
	if (line.len && place->column <= line.len && !strpbrk(str_text(&line), "\t\n\x1b")) {
		struct str safe = STR_INIT;

		str_put_escaped(&safe, line.data, line.len);
		if (safe.len == line.len) {
			fprintf(stderr, "    %s\n    %*s", str_text(&safe), (int)place->column - 1,
				"");
			for (uint32_t i = 0; i < (place->length ? place->length : 1); i++)
				fputc('^', stderr);
			fputc('\n', stderr);
		}
		str_fini(&safe);
	}
	str_fini(&line);
}

int verbs_fail(struct verbs *v, const struct pktt_error *err)
{
	int status = TOOL_USAGE;
	const char *sentence;

	if (v->stage == VERBS_PARSE && v->alias && strstr(err->text, "a policy is")) {
		fprintf(stderr, "%s: Bad policy name. Run `dmesg' for more information.\n",
			v->alias->name);
		return TOOL_REFUSED;
	}
	if (v->stage == VERBS_PARSE) {
		put_error(v, err->text);
		put_place(v, &err->place);
		return TOOL_USAGE;
	}
	v->session.err = (struct pkttnl_error){ .code = err->code };
	snprintf(v->session.err.text, sizeof(v->session.err.text), "%s", err->text);
	if (!v->alias)
		return session_refused(&v->session);
	if (strncmp(err->text, "there is no table", 17) == 0) {
		fprintf(stderr,
			"%s %s: can't initialize %s table `%s': Table does not exist (do you need "
			"to insmod?)\nPerhaps %s or your kernel needs to be upgraded.\n",
			v->alias->name, COMPATIBLE_VERSION, v->alias->name, v->seen.table,
			v->alias->name);
		return TOOL_NO_DAEMON;
	}
	if (err->code == -ENOENT && strstr(err->text, "is not defined")) {
		put_error(v, err->text);
		return TOOL_USAGE;
	}
	sentence = alias_sentence(v, err, &status);
	if (!sentence)
		return session_refused(&v->session);
	fprintf(stderr, "%s: %s\n", v->alias->name, sentence);
	return status;
}

/* --- Running --------------------------------------------------------------------------------------- */

static int open_files(struct verbs *v, const struct scan *s)
{
	static const enum pktt_family family[] = { PKTT_IPV4, PKTT_IPV4, PKTT_IPV6, PKTT_ARP,
						   PKTT_IPV4 };
	struct pktt_engine_config config = { .workers = 1, .plugin_folder = v->plugins };

	if (tool_rules_init(&v->files, &config))
		return TOOL_REFUSED;
	for (int sets = 1; sets >= 0; sets--)
		for (unsigned int i = 0; i < s->nfiles; i++) {
			bool is_native = s->file[i].own == OWN_RULES || s->file[i].own == OWN_SETS;

			if ((s->file[i].own == OWN_SETS) == sets)
				tool_rules_read(&v->files, s->file[i].path,
						family[s->file[i].own - OWN_RULES], is_native);
		}
	return tool_rules_commit(&v->files) ? TOOL_REFUSED : TOOL_OK;
}

static bool has_listing(const struct verbs *v)
{
	for (int i = 0; i < v->nwords; i++)
		if (is_listing(v->word[i]))
			return true;
	return false;
}

static int run_open(struct verbs *v, const struct scan *s)
{
	bool lists = has_listing(v);
	struct pktt_error err = { 0 };
	int status;

	if (v->is_offline && !lists) {
		pktt_fail(&err, -EINVAL, "with --rules there is nothing but -L and -S");
		return verbs_fail(v, &err);
	}
	if (v->is_offline)
		status = open_files(v, s);
	else
		status = session_open(&v->session, &v->live);
	if (status == TOOL_OK)
		status = lists ? verbs_list(v) : verbs_change(v);
	session_close(&v->session);
	if (v->is_offline)
		tool_rules_fini(&v->files);
	return status;
}

int verbs_run(const struct alias *alias, int argc, const char *const *argv)
{
	struct verbs v = { .alias = alias };
	struct pktt_error err = { 0 };
	struct scan s = { .v = &v, .argc = argc, .argv = argv, .err = &err };
	int status;

	v.live.family = alias ? alias->family : PKTT_IPV4;
	v.live.quiet = alias != NULL;
	v.session.live = &v.live;
	if (scan_words(&s)) {
		status = verbs_fail(&v, &err);
	} else if (v.wants_version) {
		printf("%s %s\n", alias ? alias->name : "pktt",
		       alias ? COMPATIBLE_VERSION : PKTT_VERSION);
		status = TOOL_OK;
	} else if (v.wants_help) {
		status = print_help(&v);
	} else if (v.nwords == 0) {
		pktt_fail(&err, -EINVAL, "no command specified");
		status = verbs_fail(&v, &err);
	} else {
		status = live_enter(&v.live);
		if (status == TOOL_OK)
			status = run_open(&v, &s);
	}
	str_fini(&v.lines);
	free(v.word);
	return status;
}
