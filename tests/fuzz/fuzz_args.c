/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the arguments of an extension on the wire: the first says which extension, the
 * second which family. Beyond the sanitizers' silence: what the gate lets in keeps all the laws, so
 * nothing comes in by the wire that text would refuse.
 */
#include "../prop/args_laws.h"

#include "core/ext.h"
#include "desc/args.h"
#include "desc/catalog.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct pktt_ext *ext, enum pktt_family family, const uint8_t *data,
		  size_t size)
{
	void *args = calloc(1, pktt_args_size(ext));
	char why[LAWS_WHY];

	if (args && pktt_args_decode(ext, family, data, size, args, NULL) == 0 &&
	    !args_laws_hold(ext, family, args, why)) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
	if (args)
		pktt_args_fini(ext, args);
	free(args);
}

static const struct pktt_catalog *catalog(void)
{
	static struct pktt_catalog *cat;

	if (!cat && (pktt_catalog_new(&cat) || pktt_ext_register_builtin(cat, NULL)))
		abort();
	return cat;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t count = 0;
	const struct pktt_ext *ext;

	if (size < 2)
		return 0;
	while (pktt_catalog_at(catalog(), count))
		count++;
	ext = pktt_catalog_at(catalog(), data[0] % count);
	for (unsigned int i = 0; i < PKTT_FAMILY_COUNT; i++) {
		unsigned int f = (data[1] + i) % PKTT_FAMILY_COUNT;

		if (ext->families & PKTT_FAM(f)) {
			judge(ext, (enum pktt_family)f, data + 2, size - 2);
			break;
		}
	}
	return 0;
}
