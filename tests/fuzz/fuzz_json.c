/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as a JSON document: what is accepted must come back unchanged as text and as JSON. */
#include "unit/round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct pktt_source src = { .catalog = round_trip_catalog(), .name = "fuzz" };
	struct pktt_errors errs = { 0 };

	pktt_json_read(&src, (const char *)data, size, &round_trip_receiver, &errs);
	return 0;
}
