/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "args_laws.h"

#include "../unit/args_line.h"

#include "base/json.h"
#include "base/str.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROOM = 65536 };

struct laws {
	const struct pktt_ext *ext;
	enum pktt_family family;
	const void *args;
	void *back; /* read again; fini and zeroed between laws */
	char *why;
};

__attribute__((format(printf, 2, 3))) static bool broken(const struct laws *l, const char *fmt, ...)
{
	int n = snprintf(l->why, LAWS_WHY, "%s, family %u: ", l->ext->name, l->family);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(l->why + n, LAWS_WHY - (size_t)n, fmt, ap);
	va_end(ap);
	return false;
}

static bool text_holds(const struct laws *l)
{
	PKTT_AUTO(str_fini) struct str first = STR_INIT;
	PKTT_AUTO(str_fini) struct str again = STR_INIT;
	struct pktt_error err = { 0 };

	pktt_args_print(l->ext, l->family, l->args, &first);
	if (strpbrk(str_text(&first), "\n\r"))
		return broken(l, "a line break in: %s", str_text(&first));
	if (parse_line(l->ext, l->family, str_text(&first), l->back, &err))
		return broken(l, "%s: %s", str_text(&first), err.text);
	pktt_args_print(l->ext, l->family, l->back, &again);
	if (strcmp(str_text(&first), str_text(&again)) != 0)
		return broken(l, "%s reads back as %s", str_text(&first), str_text(&again));
	if (!pktt_args_equal(l->ext, l->args, l->back))
		return broken(l, "%s reads back unequal", str_text(&first));
	return true;
}

static bool json_holds(const struct laws *l)
{
	PKTT_AUTO(str_fini) struct str out = STR_INIT;
	struct json json = json_to(&out);
	struct pktt_error err = { 0 };
	json_t *object;
	int r;

	pktt_args_json(l->ext, l->family, l->args, &json);
	object = json_loads(str_text(&out), JSON_REJECT_DUPLICATES, NULL);
	if (!object)
		return broken(l, "not JSON: %s", str_text(&out));
	r = pktt_args_from_json(l->ext, l->family, object, l->back, &err);
	json_decref(object);
	if (r)
		return broken(l, "%s: %s", str_text(&out), err.text);
	if (!pktt_args_equal(l->ext, l->args, l->back))
		return broken(l, "%s reads back unequal", str_text(&out));
	return true;
}

static bool wire_holds(const struct laws *l)
{
	PKTT_AUTO_FREE uint8_t *wire = malloc(ROOM);
	struct pktt_error err = { 0 };
	long len = wire ? pktt_args_encode(l->ext, l->args, wire, ROOM) : -1;

	if (len < 0)
		return broken(l, "cannot be encoded");
	if (pktt_args_decode(l->ext, l->family, wire, (size_t)len, l->back, &err))
		return broken(l, "from the wire: %s", err.text);
	if (!pktt_args_equal(l->ext, l->args, l->back))
		return broken(l, "comes back unequal from the wire");
	return true;
}

static bool copy_holds(const struct laws *l)
{
	if (pktt_args_copy(l->ext, l->back, l->args))
		return broken(l, "cannot be copied");
	return pktt_args_equal(l->ext, l->args, l->back) || broken(l, "a copy is unequal");
}

bool args_laws_hold(const struct pktt_ext *ext, enum pktt_family family, const void *args,
		    char why[LAWS_WHY])
{
	static bool (*const laws[])(const struct laws *l) = { text_holds, json_holds, wire_holds,
							      copy_holds };
	PKTT_AUTO_FREE void *back = calloc(1, pktt_args_size(ext));
	struct laws l = { ext, family, args, back, why };
	bool holds = back;

	snprintf(why, LAWS_WHY, "no memory");
	for (size_t i = 0; holds && i < pktt_countof(laws); i++) {
		holds = laws[i](&l);
		pktt_args_fini(ext, back);
		memset(back, 0, pktt_args_size(ext));
	}
	return holds;
}
