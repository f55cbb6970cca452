/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules are compared by their texts. What two chains have in common at both ends is set aside; between,
 * the longest common subsequence is kept, found in a table where that is small enough, and else by the
 * rules whose text is unique on both sides, so that no pair of long chains takes quadratic time.
 */
#include "tools/book_diff.h"

#include "base/own.h"
#include "base/str.h"
#include "desc/family.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Cells of the table; beyond, only what is next to each other is paired. */
enum { CELLS_MAX = 16 * 1000 * 1000 };

struct side {
	char **text; /* of each rule */
	const struct book_rule *rule;
	size_t n, first; /* first: where the text array begins in the chain */
};

struct work {
	struct book_diff *diff;
	const struct book_table *table;
	const struct book_chain *chain;
	bool has_title;
};

/* --- Printing -------------------------------------------------------------------------------------- */

static void put_title(struct work *w, const char *chain)
{
	if (w->has_title)
		return;
	w->has_title = true;
	str_putf(w->diff->out, "  %s/%s", w->table->name, chain);
	if (w->table->family != PKTT_IPV4)
		str_putf(w->diff->out, " (%s)", pktt_family_name(w->table->family));
	str_putc(w->diff->out, '\n');
}

static void put_line(const struct work *w, char sign, const char *text)
{
	struct str *out = w->diff->out;

	if (w->diff->color)
		str_puts(out, sign == '-' ? "\x1b[31m" : "\x1b[32m");
	str_putf(out, "%c  ", sign);
	str_put_escaped(out, text, strlen(text));
	if (w->diff->color)
		str_puts(out, "\x1b[0m");
	str_putc(out, '\n');
}

/* "#13 ssh-admin   -s 203.0.113.0/24 ..." */
static void put_rule(struct work *w, char sign, const struct side *s, size_t i)
{
	PKTT_AUTO(str_fini) struct str line = STR_INIT;

	put_title(w, w->chain->name);
	str_putf(&line, "#%zu ", s->first + i + 1);
	if (s->rule[s->first + i].spec->name[0])
		str_putf(&line, "%s ", s->rule[s->first + i].spec->name);
	str_putf(&line, "  %s", s->text[i]);
	put_line(w, sign, str_text(&line));
}

/* A run of lines that went and one of lines that came: what stands at the same place has changed. */
static void put_runs(struct work *w, const struct side *a, size_t a0, size_t a1,
		     const struct side *b, size_t b0, size_t b1)
{
	size_t removed = a1 - a0, added = b1 - b0;
	size_t changed = removed < added ? removed : added;

	for (size_t i = 0; i < changed; i++) {
		put_rule(w, '-', a, a0 + i);
		put_rule(w, '+', b, b0 + i);
	}
	for (size_t i = changed; i < removed; i++)
		put_rule(w, '-', a, a0 + i);
	for (size_t i = changed; i < added; i++)
		put_rule(w, '+', b, b0 + i);
	w->diff->changed += (unsigned int)changed;
	w->diff->removed += (unsigned int)(removed - changed);
	w->diff->added += (unsigned int)(added - changed);
}

/* --- Comparing ------------------------------------------------------------------------------------- */

/* length[i][j]: of what texts i.. and j.. have in common. */
static void walk(struct work *w, const struct side *a, const struct side *b, const uint32_t *length)
{
	size_t i = 0, j = 0, i0 = 0, j0 = 0, width = b->n + 1;

	while (i < a->n && j < b->n) {
		if (strcmp(a->text[i], b->text[j]) == 0) {
			put_runs(w, a, i0, i, b, j0, j);
			i0 = ++i;
			j0 = ++j;
		} else if (length[(i + 1) * width + j] >= length[i * width + j + 1]) {
			i++;
		} else {
			j++;
		}
	}
	put_runs(w, a, i0, a->n, b, j0, b->n);
}

static int compare_middle(struct work *w, const struct side *a, const struct side *b)
{
	size_t width = b->n + 1;
	uint32_t *length;

	if (a->n == 0 || b->n == 0 || a->n > CELLS_MAX / width) {
		put_runs(w, a, 0, a->n, b, 0, b->n);
		return 0;
	}
	length = calloc((a->n + 1) * width, sizeof(*length));
	if (!length)
		return -ENOMEM;
	for (size_t i = a->n; i-- > 0;)
		for (size_t j = b->n; j-- > 0;) {
			uint32_t down = length[(i + 1) * width + j];
			uint32_t right = length[i * width + j + 1];
			uint32_t best = down > right ? down : right;

			if (strcmp(a->text[i], b->text[j]) == 0)
				best = length[(i + 1) * width + j + 1] + 1;
			length[i * width + j] = best;
		}
	walk(w, a, b, length);
	free(length);
	return 0;
}

static void free_side(struct side *s)
{
	for (size_t i = 0; s->text && i < s->n; i++)
		free(s->text[i]);
	free(s->text);
}

static int take_side(struct side *s, const struct book_chain *chain)
{
	*s = (struct side){ .n = chain ? chain->nrules : 0, .rule = chain ? chain->rule : NULL };
	s->text = calloc(s->n + 1, sizeof(*s->text));
	if (!s->text)
		return -ENOMEM;
	for (size_t i = 0; i < s->n; i++) {
		struct str out = STR_INIT;

		pktt_rule_spec_print(s->rule[i].spec, &out);
		s->text[i] = out.data ? out.data : strdup("");
		if (!s->text[i])
			return -ENOMEM;
	}
	return 0;
}

static int compare_chains(struct work *w, const struct book_chain *a, const struct book_chain *b)
{
	struct side all_a, all_b, sa, sb;
	size_t head = 0, tail = 0;
	int r = take_side(&all_a, a);

	all_b = (struct side){ 0 };
	r = r ? r : take_side(&all_b, b);
	if (r == 0) {
		while (head < all_a.n && head < all_b.n &&
		       strcmp(all_a.text[head], all_b.text[head]) == 0)
			head++;
		while (tail < all_a.n - head && tail < all_b.n - head &&
		       strcmp(all_a.text[all_a.n - 1 - tail], all_b.text[all_b.n - 1 - tail]) == 0)
			tail++;
		sa = (struct side){ all_a.text + head, all_a.rule, all_a.n - head - tail, head };
		sb = (struct side){ all_b.text + head, all_b.rule, all_b.n - head - tail, head };
		r = compare_middle(w, &sa, &sb);
	}
	free_side(&all_a);
	free_side(&all_b);
	return r;
}

static const char *policy(const struct book_chain *chain)
{
	if (!chain || chain->policy == PKTT_RETURN)
		return NULL;
	return chain->policy == PKTT_DROP ? "policy DROP" : "policy ACCEPT";
}

static int compare_chain(struct work *w, const struct book_chain *a, const struct book_chain *b)
{
	const char *pa = policy(a), *pb = policy(b);

	w->chain = a ? a : b;
	w->has_title = false;
	if (a && b && pa && pb && strcmp(pa, pb) != 0) {
		put_title(w, a->name);
		put_line(w, '-', pa);
		put_line(w, '+', pb);
		w->diff->changed++;
	} else if (!a != !b && !w->chain->is_base) {
		put_title(w, w->chain->name);
		put_line(w, a ? '-' : '+', "chain");
		w->diff->removed += a != NULL;
		w->diff->added += b != NULL;
	} else if (!a && pb && strcmp(pb, "policy DROP") == 0) {
		put_title(w, b->name);
		put_line(w, '+', pb);
		w->diff->changed++;
	}
	return compare_chains(w, a, b);
}

static int compare_tables(struct work *w, const struct book_table *a, const struct book_table *b)
{
	int r = 0;

	w->table = a ? a : b;
	for (size_t i = 0; r == 0 && a && i < a->nchains; i++)
		r = compare_chain(w, &a->chain[i], b ? book_chain(b, a->chain[i].name) : NULL);
	for (size_t i = 0; r == 0 && b && i < b->nchains; i++)
		if (!a || !book_chain(a, b->chain[i].name))
			r = compare_chain(w, NULL, &b->chain[i]);
	return r;
}

/* --- Sets: lines of ipset save, whose order says nothing ------------------------------------------- */

static bool has_line(const char *text, const char *line, size_t len)
{
	for (const char *at = text; *at; at += strcspn(at, "\n"), at += *at == '\n')
		if (strcspn(at, "\n") == len && memcmp(at, line, len) == 0)
			return true;
	return false;
}

static void compare_lines(struct work *w, const char *a, const char *b, char sign,
			  unsigned int *count)
{
	for (const char *at = a; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		size_t len = strcspn(at, "\n");
		char *line;

		if (has_line(b, at, len))
			continue;
		if (!w->has_title)
			str_puts(w->diff->out, "  sets\n");
		w->has_title = true;
		line = strndup(at, len);
		put_line(w, sign, line ? line : "");
		free(line);
		++*count;
	}
}

int book_compare(const struct book *before, const struct book *after, bool only_common,
		 struct book_diff *diff)
{
	struct work w = { .diff = diff };
	int r = 0;

	if (after->sets && (after->sets->len || !only_common)) {
		const char *a = before->sets ? str_text(before->sets) : "";

		compare_lines(&w, a, str_text(after->sets), '-', &diff->removed);
		compare_lines(&w, str_text(after->sets), a, '+', &diff->added);
	}
	for (size_t i = 0; r == 0 && i < before->ntables; i++) {
		const struct book_table *a = &before->table[i];
		const struct book_table *b = book_table(after, a->family, a->name);

		if (b || !only_common)
			r = compare_tables(&w, a, b);
	}
	for (size_t i = 0; r == 0 && i < after->ntables; i++) {
		const struct book_table *b = &after->table[i];

		if (!book_table(before, b->family, b->name))
			r = compare_tables(&w, NULL, b);
	}
	return r ? r : (diff->out->failed ? -ENOMEM : 0);
}
