/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For every extension one line of JSON: its name, the schema of its arguments, and random arguments
 * of each of its families as they are written. schema.py holds them against each other.
 */
#include "random_args.h"

#include "base/json.h"
#include "base/str.h"
#include "core/ext.h"
#include "desc/args.h"
#include "desc/catalog.h"
#include "desc/describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 16384, SAMPLES = 4, TRIES = 40000 };

static void put_samples(const struct pktt_ext *ext, enum pktt_family family, struct json *out)
{
	struct random random = { 7 + family };
	uint8_t wire[ROOM];

	for (unsigned int i = 0, n = 0; i < TRIES && n < SAMPLES; i++) {
		size_t len = random_args(&random, ext, family, wire, sizeof(wire));
		void *args = calloc(1, pktt_args_size(ext));

		if (args && pktt_args_decode(ext, family, wire, len, args, NULL) == 0) {
			pktt_args_json(ext, family, args, out);
			n++;
		}
		if (args)
			pktt_args_fini(ext, args);
		free(args);
	}
}

static void put_line(const struct pktt_ext *ext)
{
	struct str text = STR_INIT;
	struct json out = json_to(&text);

	json_begin_object(&out);
	json_put_text(&out, "name", ext->name);
	json_key(&out, "schema");
	pktt_describe_schema(ext, &out);
	json_key(&out, "args");
	json_begin_array(&out);
	for (unsigned int f = 0; f < PKTT_FAMILY_COUNT; f++)
		if (ext->families & PKTT_FAM(f))
			put_samples(ext, (enum pktt_family)f, &out);
	json_end_array(&out);
	json_end_object(&out);
	puts(str_text(&text));
	str_fini(&text);
}

int main(void)
{
	struct pktt_catalog *cat = NULL;
	const struct pktt_ext *ext;

	if (pktt_catalog_new(&cat) || pktt_ext_register_builtin(cat, NULL))
		return 1;
	for (size_t i = 0; (ext = pktt_catalog_at(cat, i)); i++)
		put_line(ext);
	pktt_catalog_free(&cat);
	return 0;
}
