/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/running.h"

#include "base/json.h"
#include "base/str.h"
#include "tools/book_save.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

int running_and_file(struct session *s, struct pktt_engine *engine, struct book *running,
		     struct book *file)
{
	struct session_want want = { .family = PKTTNL_ANY_FAMILY, .has_sets = true };

	if (session_book(s, &want, running))
		return session_refused(s);
	if (book_of_engine(file, engine))
		return live_refused(s->live, -ENOMEM, "no memory");
	book_sort(file);
	return TOOL_OK;
}

void running_diff_text(const struct book *running, const char *name, const struct book_diff *diff)
{
	if (!diff->changed && !diff->added && !diff->removed)
		return;
	printf("--- running (generation %" PRIu64 ")   +++ %s\n%s", running->generation, name,
	       str_text(diff->out));
	printf("%u changed, %u added, %u removed\n", diff->changed, diff->added, diff->removed);
}

/* Of the tables that the file speaks of only: what is compared. */
static void put_save(struct json *j, const char *key, const struct book *book,
		     const struct book *file)
{
	struct pktt_errors errs = { 0 };
	struct str text = STR_INIT;

	if (file->sets && file->sets->len && book->sets)
		str_putn(&text, str_text(book->sets), book->sets->len);
	for (size_t i = 0; i < book->ntables; i++) {
		struct book one = { .table = &book->table[i], .ntables = 1 };

		if (book_table(file, book->table[i].family, book->table[i].name))
			(void)!book_save(&one, PKTT_IPV4, BOOK_NATIVE, &text, &errs);
	}
	json_put_text(j, key, str_text(&text));
	str_fini(&text);
}

void running_diff_json(const struct book *before, const struct book *after, bool differs)
{
	struct str out = STR_INIT;
	struct json j = json_to(&out);

	json_begin_object(&j);
	json_put_bool(&j, "changed", differs);
	put_save(&j, "before", before, after);
	put_save(&j, "after", after, after);
	json_end_object(&j);
	puts(str_text(&out));
	str_fini(&out);
}
