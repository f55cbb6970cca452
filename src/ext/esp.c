/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/match.h"

#include <netinet/in.h>

struct esp_args {
	struct pktt_args head;
	struct pktt_range32 spi;
};

enum { SPI };
enum { HEADER_LEN = 8 };

static const struct pktt_param esp_params[] = {
	[SPI] = {
		.name = "espspi",
		.help = "security parameter index, or a range of them",
		PKTT_STORE(struct esp_args, spi, range32),
		PKTT_COMPARE_AT(PKTT_L4, 0, 4),
		.def = "0:4294967295",
		.flags = PKTT_NEGATABLE | PKTT_HIDE_DEFAULT,
	},
};

PKTT_REGISTER(pktt_match, esp) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "esp",
		.summary = "security parameter index of an encapsulated payload",
		.families = PKTT_FAM_IP,
		.l4 = { IPPROTO_ESP },
		.l4_min = HEADER_LEN,
		.reads = PKTT_READS_HEADER,
		PKTT_PARAMS(esp_params, struct esp_args),
	},
};
