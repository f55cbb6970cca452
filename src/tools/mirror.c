/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/mirror.h"

#include "base/str.h"
#include "tools/book_save.h"

#include <errno.h>
#include <stdio.h>

/* Beyond so many rules the mirror takes longer than a person waits. */
enum { RULES_MAX = 200000 };

static int apply(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct tool_rules *rules = ctx;

	return pktt_txn_apply(rules->txn, cmd, rules->flags, err);
}

static int read_text(struct tool_rules *rules, const struct str *text)
{
	struct pktt_receiver to = { apply, rules };
	struct pktt_source src = {
		.catalog = pktt_engine_catalog(rules->engine),
		.name = "pkttd",
		.is_native = true,
	};

	return pktt_text_read(&src, str_text(text), text->len, &to, &rules->errs);
}

int mirror_read(struct tool_rules *rules, struct session *session)
{
	struct session_want want = { .family = PKTTNL_ANY_FAMILY, .has_sets = true };
	struct pktt_errors errs = { 0 };
	struct str text = STR_INIT;
	struct book book = { 0 };
	int r = session_book(session, &want, &book);

	if (r)
		return r;
	if (book_count_rules(&book) > RULES_MAX)
		r = -E2BIG;
	r = r ? r : book_save(&book, PKTT_IPV4, BOOK_NATIVE | BOOK_HANDLES, &text, &errs);
	r = r ? r : read_text(rules, &text);
	if (r) {
		session->err = (struct pkttnl_error){ .code = r };
		snprintf(session->err.text, sizeof(session->err.text), "%s",
			 rules->errs.kept ? rules->errs.item[0].text
					  : "the rules cannot be taken from pkttd");
	}
	str_fini(&text);
	book_fini(&book);
	return r;
}
