/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as rule text. The first byte says which family and whether it is the native form; the
 * rest is the file. What is accepted must come back unchanged as text and as JSON; what is refused
 * must be refused with a place inside the file, and be printable.
 */
#include "unit/round_trip.h"

#include "base/str.h"
#include "desc/source.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_errors(const struct pktt_errors *errs)
{
	struct str out = STR_INIT;

	for (unsigned int i = 0; i < errs->kept; i++)
		if (errs->item[i].text[0] == '\0' || !errs->item[i].place.file)
			abort();
	pktt_errors_print(errs, NULL, NULL, &out);
	for (size_t i = 0; i < out.len; i++)
		if (out.data[i] != '\n' && (out.data[i] < 0x20 || out.data[i] >= 0x7f))
			abort();
	str_fini(&out);
}

static void check_lines(const struct pktt_errors *errs, const char *text, size_t len)
{
	struct pktt_sources *files = NULL;
	const struct pktt_file *file;
	struct str out = STR_INIT;

	if (pktt_sources_new(&files) || pktt_sources_add(files, "fuzz", text, len, &file))
		abort();
	pktt_errors_print(errs, pktt_sources_line, files, &out);
	str_fini(&out);
	pktt_sources_free(&files);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pktt_source src = { .catalog = round_trip_catalog(), .name = "fuzz" };
	struct pktt_errors errs = { 0 };
	const char *text = (const char *)data + 1;

	if (size == 0)
		return 0;
	src.family = (enum pktt_family)(data[0] % PKTT_FAMILY_COUNT);
	src.is_native = data[0] & 0x80;
	pktt_text_read(&src, text, size - 1, &round_trip_receiver, &errs);
	check_errors(&errs);
	check_lines(&errs, text, size - 1);
	return 0;
}
