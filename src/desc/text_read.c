/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rule text line by line.
 *
 * Overview: outside a section stand comments, *TABLE, lines of ipset save and, natively, include;
 * inside one :CHAIN, commands and COMMIT. A file ends as it began: what it includes may hold whole
 * sections, or only lines of the section in which it is included.
 *
 * Errors: a line that fails is given up and the next one is read, so that one run shows many. After
 * a *TABLE that is refused the lines of its section are still read, but no longer handed over:
 * each would only be refused for the same reason.
 */
#include "desc/text_read.h"

#include "base/own.h"
#include "base/str.h"
#include "desc/command_read.h"
#include "desc/family.h"
#include "desc/include.h"
#include "desc/source.h"

#include <errno.h>
#include <string.h>

/* --- Sections ----------------------------------------------------------------------------- */

static int discard(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	(void)ctx;
	(void)cmd;
	(void)err;
	return 0;
}

static const struct pktt_receiver nobody = { discard, NULL };

static const struct pktt_receiver *receiver(const struct text_reader *r)
{
	return r->is_refused ? &nobody : r->to;
}

static struct pktt_place place_of(const struct text_reader *r, unsigned int n)
{
	return lex_place(r->src.name, &r->lex.word[n]);
}

static struct pktt_command command(const struct text_reader *r, enum pktt_verb verb)
{
	struct pktt_command cmd = {
		.verb = verb, .family = r->family, .policy = PKTT_CONTINUE, .place = place_of(r, 0)
	};

	memcpy(cmd.table, r->table, sizeof(cmd.table));
	return cmd;
}

static int end_section(struct text_reader *r, struct pktt_place place, struct pktt_error *err)
{
	struct pktt_command cmd = { .verb = PKTT_TABLE_COMMIT,
				    .family = r->family,
				    .policy = PKTT_CONTINUE,
				    .place = place };

	memcpy(cmd.table, r->table, sizeof(cmd.table));
	r->in_table = false;
	return command_send(receiver(r), &cmd, err);
}

/* arptables-save and ebtables-save write no COMMIT. */
static bool needs_commit(const struct text_reader *r)
{
	return r->family != PKTT_ARP && r->family != PKTT_BRIDGE;
}

/* The section that is open ends here though no COMMIT says so. */
static int end_silently(struct text_reader *r, struct pktt_error *err)
{
	uint32_t line = r->table_place.line;

	if (!needs_commit(r))
		return end_section(r, r->table_place, err);
	r->in_table = false;
	return pktt_fail(err, -EINVAL,
			 "COMMIT is missing: the section *%s of line %u is still open", r->table,
			 line);
}

static int read_section(struct text_reader *r, struct pktt_error *err)
{
	const struct lex_word *word = r->lex.word;
	struct pktt_command cmd;
	int ret;

	if (r->in_table) {
		ret = end_silently(r, err);
		if (ret)
			pktt_errors_add(r->errs, err);
		*err = (struct pktt_error){ .place = place_of(r, 0) };
	}
	r->family = r->src.family;
	r->in_table = r->is_refused = true;
	r->table_place = place_of(r, 0);
	ret = command_name("table", word[0].text + 1, r->table, err);
	if (ret)
		return ret;
	if (r->lex.nwords > 1) {
		err->place = place_of(r, 1);
		if (!r->src.is_native)
			return pktt_fail(err, -EINVAL, "only the native form has *TABLE FAMILY");
		if (pktt_family_parse(word[1].text, &r->family) || r->lex.nwords > 2)
			return pktt_fail(err, -EINVAL, "expected ipv4, ipv6, inet, arp or bridge");
	}
	cmd = command(r, PKTT_TABLE_BEGIN);
	ret = command_send(r->to, &cmd, err);
	r->is_refused = ret != 0;
	return ret;
}

/* ":CHAIN POLICY [packets:bytes]" */
static int read_chain(struct text_reader *r, struct pktt_error *err)
{
	const struct lex_word *word = r->lex.word;
	struct pktt_command cmd = command(r, PKTT_CHAIN_DECLARE);
	int ret = command_name("chain", word[0].text + 1, cmd.chain, err);

	cmd.chain_place = cmd.place;
	if (ret)
		return ret;
	if (r->lex.nwords < 2)
		return pktt_fail(err, -EINVAL, "expected :CHAIN POLICY [packets:bytes]");
	err->place = place_of(r, 1);
	ret = command_policy(word[1].text, r->family, &cmd.policy, err);
	if (ret)
		return ret;
	/* A dash for "none" is what some programs write and iptables-restore takes. */
	if (r->lex.nwords > 2 && (r->lex.nwords > 3 || strcmp(word[2].text, "-") != 0)) {
		err->place = place_of(r, 2);
		if (!command_counters(word[2].text, &cmd.counters) || r->lex.nwords > 3)
			return pktt_fail(err, -EINVAL,
					 "expected [packets:bytes] here, and no more");
		/* those of a user-defined chain are no policy's: iptables takes and forgets them */
		cmd.has_counters = cmd.policy != PKTT_CONTINUE;
	}
	return command_send(receiver(r), &cmd, err);
}

/* --- Commands ----------------------------------------------------------------------------- */

static int read_command(struct text_reader *r, struct pktt_error *err)
{
	struct words words = { r->lex.word, r->lex.nwords, 0, r->src.name };
	struct command_line line = {
		.src = &r->src,
		.to = receiver(r),
		.family = r->family,
		.table = r->table,
		.is_line = true,
	};

	if (words.word[0].text[0] == '[' && !words.word[0].is_quoted) {
		if (!command_counters(words.word[0].text, &line.counters))
			return pktt_fail(err, -EINVAL, "expected [packets:bytes]");
		line.has_counters = true;
		words.at = 1;
	}
	if (words.at == words.n) {
		err->place = words_end(&words);
		return pktt_fail(err, -EINVAL, "expected a command such as -A CHAIN");
	}
	return command_read(&line, &words, err);
}

/* --- Sets --------------------------------------------------------------------------------- */

/* Lines of ipset save: name of the set, then words of their own, then the rest as it stands. */
static const struct set_line {
	const char *name;
	enum pktt_verb verb;
	unsigned int words; /* at least */
	bool has_type;
	const char *expected;
} set_lines[] = {
	{ "add", PKTT_SET_ADD, 3, false, "add SET ELEMENT" },
	{ "create", PKTT_SET_CREATE, 3, true, "create SET TYPE [OPTIONS]" },
	{ "del", PKTT_SET_DELETE, 3, false, "del SET ELEMENT" },
	{ "destroy", PKTT_SET_DESTROY, 2, false, "destroy SET" },
	{ "flush", PKTT_SET_FLUSH, 2, false, "flush SET" },
	{ "swap", PKTT_SET_SWAP, 3, false, "swap SET SET" },
};

static const struct set_line *find_set_line(const struct text_reader *r)
{
	const char *first = r->lex.word[0].text;

	if (first[0] == '-' || first[0] == '[') /* a rule, as nearly all lines are */
		return NULL;
	for (size_t i = 0; i < pktt_countof(set_lines); i++)
		if (strcmp(first, set_lines[i].name) == 0)
			return &set_lines[i];
	return NULL;
}

/* The source text from word number n to the end of the line. */
static const char *rest(struct text_reader *r, const struct lex_line *line, unsigned int n)
{
	size_t at = n < r->lex.nwords ? r->lex.word[n].column - 1 : line->len;
	size_t end = line->len;

	while (end > at && lex_is_blank(line->start[end - 1]))
		end--;
	str_clear(&r->element);
	str_putn(&r->element, line->start + at, end - at);
	return str_text(&r->element);
}

static int read_set_line(struct text_reader *r, const struct lex_line *line,
			 const struct set_line *kind, struct pktt_error *err)
{
	const struct lex_word *word = r->lex.word;
	struct pktt_command cmd = { .verb = kind->verb,
				    .family = r->src.family,
				    .policy = PKTT_CONTINUE,
				    .place = place_of(r, 0) };
	int ret;

	if (r->lex.nwords < kind->words || word[r->lex.nwords - 1].line != word[0].line)
		return pktt_fail(err, -EINVAL, "expected %s, in one line", kind->expected);
	err->place = cmd.chain_place = place_of(r, 1);
	ret = command_name("set", word[1].text, cmd.chain, err);
	if (ret)
		return ret;
	err->place = place_of(r, kind->words - 1);
	if (kind->has_type || kind->verb == PKTT_SET_SWAP)
		ret = command_name(kind->has_type ? "type" : "set", word[2].text, cmd.other, err);
	if (ret)
		return ret;
	cmd.element = rest(r, line, kind->has_type ? 3 : 2);
	if (r->lex.nwords > (kind->has_type ? 3u : 2u))
		cmd.element_place = place_of(r, kind->has_type ? 3 : 2);
	if (r->element.failed)
		return pktt_fail(err, -ENOMEM, "no memory for an element");
	if (strchr(cmd.element, '\r'))
		return pktt_fail(err, -EINVAL, "a line of a set has no carriage returns inside");
	return command_send(receiver(r), &cmd, err);
}

/* --- Lines -------------------------------------------------------------------------------- */

static int read_outside(struct text_reader *r, const struct lex_line *line, struct pktt_error *err)
{
	const struct set_line *set = find_set_line(r);

	if (set) {
		r->is_refused = false;
		r->has_sets = true;
		return read_set_line(r, line, set, err);
	}
	if (strcmp(r->lex.word[0].text, "COMMIT") == 0 && r->has_sets)
		return 0; /* of ipset 4 */
	return pktt_fail(err, -EINVAL, "expected *TABLE here: no section is open");
}

static int read_words(struct text_reader *r, const struct lex_line *line, struct pktt_error *err)
{
	const char *first = r->lex.word[0].text;
	const struct set_line *set;

	err->place = place_of(r, 0);
	if (first[0] == '*' && first[1])
		return read_section(r, err);
	if (r->src.is_native && strcmp(first, "include") == 0)
		return include_line(r, err);
	if (!r->in_table)
		return read_outside(r, line, err);
	if (first[0] == ':' && first[1])
		return read_chain(r, err);
	if (strcmp(first, "COMMIT") == 0)
		return end_section(r, err->place, err);
	set = r->src.is_native ? find_set_line(r) : NULL;
	if (set)
		return read_set_line(r, line, set, err);
	return read_command(r, err);
}

static bool is_comment(const struct lex_line *line)
{
	size_t i = 0;

	while (i < line->len && lex_is_blank(line->start[i]))
		i++;
	return i == line->len || line->start[i] == '#';
}

static int read_line(struct text_reader *r, const struct lex_line *line, struct pktt_error *err)
{
	int ret;

	if (is_comment(line))
		return 0;
	ret = lex_split(&r->lex, line, err);
	return ret || r->lex.nwords == 0 ? ret : read_words(r, line, err);
}

/* A section may not begin in one file and end in another. */
static int end_file(struct text_reader *r, bool was_in_table, uint32_t line, struct pktt_error *err)
{
	if (r->in_table == was_in_table)
		return 0;
	err->place = (struct pktt_place){ r->src.name, line, 0, 0 };
	if (r->in_table)
		return end_silently(r, err);
	return pktt_fail(err, -EINVAL, "COMMIT ends a section that began in the including file");
}

void text_reader_read(struct text_reader *r, const char *text, size_t len)
{
	struct lex_text lines = lex_text_of(text, len, r->src.is_native);
	bool was_in_table = r->in_table;
	struct lex_line line = { .number = 1 };
	struct pktt_error err;

	while (lex_next_line(&lines, &line)) {
		err = (struct pktt_error){ .place = { .file = r->src.name, .line = line.number } };
		if (read_line(r, &line, &err))
			pktt_errors_add(r->errs, &err);
	}
	err = (struct pktt_error){ .place = { .file = r->src.name } };
	if (end_file(r, was_in_table, line.number, &err))
		pktt_errors_add(r->errs, &err);
}

int pktt_text_read(const struct pktt_source *src, const char *text, size_t len,
		   const struct pktt_receiver *to, struct pktt_errors *errs)
{
	struct text_reader r = { .src = *src, .to = to, .errs = errs, .family = src->family };
	struct open_file open = { .file = pktt_sources_lookup(src->files, src->name) };
	unsigned int before = errs->count;

	r.open = open.file ? &open : NULL;
	text_reader_read(&r, text, len);
	lex_fini(&r.lex);
	str_fini(&r.element);
	return errs->count == before ? 0 : -EINVAL;
}
