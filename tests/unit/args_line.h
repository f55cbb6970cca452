/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The options of a line, taken as the language takes them: what iptables-save prints is read so. */
#ifndef TESTS_UNIT_ARGS_LINE_H
#define TESTS_UNIT_ARGS_LINE_H

#include "base/own.h"
#include "desc/args.h"
#include "desc/args_value.h"

#include <errno.h>
#include <string.h>

static inline int take_line(const struct pktt_ext *ext, enum pktt_family family, const char *line,
			    void *args, struct pktt_error *err)
{
	PKTT_AUTO_FREE char *copy = strdup(line);
	const char *word[256];
	int n = pktt_words_split(copy, word, 250);
	bool negated = false;

	for (int i = 0; i < n; i++) {
		unsigned int k;
		int r;

		if (strcmp(word[i], "!") == 0) {
			negated = true;
			continue;
		}
		r = strncmp(word[i], "--", 2) == 0
			    ? pktt_args_lookup(ext, family, word[i] + 2, strlen(word[i] + 2), &k)
			    : pktt_args_lookup_letter(ext, family, word[i][1], &k);
		if (r)
			return pktt_fail(err, r, "unknown %s", word[i]);
		if (i + (int)pktt_args_words(ext, k) >= n)
			return pktt_fail(err, -EINVAL, "%s lacks words", word[i]);
		r = pktt_args_take(ext, family, args, k, negated, &word[i + 1], err);
		if (r)
			return r;
		i += (int)pktt_args_words(ext, k);
		negated = false;
	}
	return n < 0 ? pktt_fail(err, n, "open quote") : 0;
}

static inline int parse_line(const struct pktt_ext *ext, enum pktt_family family, const char *line,
			     void *args, struct pktt_error *err)
{
	int r = take_line(ext, family, line, args, err);

	return r ? r : pktt_args_finish(ext, family, args, err);
}

#endif
