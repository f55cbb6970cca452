/* SPDX-License-Identifier: BSD-2-Clause */
#include "desc/include.h"

#include "base/own.h"
#include "base/str.h"
#include "desc/family.h"
#include "desc/source.h"
#include "desc/text_read.h"

#include <errno.h>
#include <glob.h>
#include <string.h>

/* The pattern as seen from the working directory. */
static void resolve(const struct text_reader *r, const char *pattern, struct str *out)
{
	const char *slash = r->src.name ? strrchr(r->src.name, '/') : NULL;

	if (slash && pattern[0] != '/')
		str_putn(out, r->src.name, (size_t)(slash - r->src.name) + 1);
	str_puts(out, pattern);
}

static bool is_open(const struct text_reader *r, const struct pktt_file *file)
{
	for (const struct open_file *o = r->open; o; o = o->outer)
		if (o->file->device == file->device && o->file->inode == file->inode)
			return true;
	return false;
}

static int read_file(struct text_reader *r, const char *path, const struct pktt_source *src,
		     struct pktt_error *err)
{
	struct open_file open = { .outer = r->open, .depth = r->open ? r->open->depth + 1 : 1 };
	struct pktt_source outer = r->src;
	int ret = pktt_sources_read(src->files, path, PKTT_OWN_FILES, &open.file, err);

	if (ret)
		return ret;
	if (is_open(r, open.file))
		return pktt_fail(err, -ELOOP, "%s includes itself", path);
	r->open = &open;
	r->src = *src;
	r->src.name = open.file->name;
	text_reader_read(r, open.file->text, open.file->len);
	r->src = outer;
	r->open = open.outer;
	return 0;
}

static int read_matching(struct text_reader *r, const char *pattern, const struct pktt_source *src,
			 struct pktt_error *err)
{
	glob_t found = { 0 };
	int ret = glob(pattern, GLOB_NOMAGIC | GLOB_ERR, NULL, &found);

	if (ret == GLOB_NOMATCH)
		ret = 0; /* a folder that is still empty */
	else if (ret)
		ret = pktt_fail(err, -EIO, "cannot look for files %.150s", pattern);
	for (size_t i = 0; ret == 0 && i < found.gl_pathc; i++)
		ret = read_file(r, found.gl_pathv[i], src, err);
	globfree(&found);
	return ret;
}

int include_line(struct text_reader *r, struct pktt_error *err)
{
	struct pktt_source src = r->src;
	struct str pattern = STR_INIT;
	int ret = -ENOMEM;

	if (r->lex.nwords < 2 || r->lex.nwords > 3)
		return pktt_fail(err, -EINVAL, "expected include FILE [FAMILY]");
	if (r->lex.nwords == 3 && pktt_family_parse(r->lex.word[2].text, &src.family)) {
		err->place = lex_place(src.name, &r->lex.word[2]);
		return pktt_fail(err, -EINVAL, "expected ipv4, ipv6, inet, arp or bridge");
	}
	err->place = lex_place(src.name, &r->lex.word[1]);
	if (!src.may_include || !src.files)
		return pktt_fail(err, -EPERM, "files cannot be included here");
	if (r->open && r->open->depth >= INCLUDE_DEPTH)
		return pktt_fail(err, -ELOOP, "files are included more than %d deep",
				 INCLUDE_DEPTH);
	resolve(r, r->lex.word[1].text, &pattern);
	if (pattern.failed)
		pktt_fail(err, ret, "no memory for a file");
	else
		ret = read_matching(r, str_text(&pattern), &src, err);
	str_fini(&pattern);
	return ret;
}
