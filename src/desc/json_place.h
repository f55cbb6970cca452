/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the elements of the document's array stand in its text. */
#ifndef PKTT_DESC_JSON_PLACE_H
#define PKTT_DESC_JSON_PLACE_H

#include <pktt/type.h>

struct json_place {
	const char *text;
	size_t len;
	size_t index; /* of the element that is asked for */
	/* up to where the text was looked at: ascending questions are answered in linear time */
	size_t at, at_index;
};

/* The place of the first byte of element index; the text is valid JSON. */
struct pktt_place json_place_find(struct json_place *place, const char *file);

#endif
