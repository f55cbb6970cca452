/* SPDX-License-Identifier: BSD-2-Clause */
#include "libpkttnetlink/private.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int pkttnl_fail(struct pkttnl_error *err, int code, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return code;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	err->code = code;
	return code;
}

int pkttnl_no_memory(struct pkttnl_error *err)
{
	return pkttnl_fail(err, -ENOMEM, "there is no memory");
}

void pkttnl_error_from(struct pkttnl_error *to, const struct pktt_error *from)
{
	if (!to)
		return;
	*to = (struct pkttnl_error){ .code = from->code,
				     .line = from->place.line,
				     .column = from->place.column,
				     .length = from->place.length };
	snprintf(to->text, sizeof(to->text), "%s", from->text);
	if (from->place.file)
		snprintf(to->file, sizeof(to->file), "%s", from->place.file);
}

int pkttnl_told(struct pkttnl_error *to, const struct pktt_error *from, int r)
{
	struct pktt_error plain = *from;

	if (r >= 0)
		return r;
	if (!plain.text[0])
		pktt_fail(&plain, r, "%s", strerror(-r));
	pkttnl_error_from(to, &plain);
	return r;
}

int pkttnl_text_out(struct str *text, char *buf, size_t room)
{
	size_t len = text->len, shown = len < room ? len : room ? room - 1 : 0;
	int r = len <= INT_MAX ? (int)len : -EOVERFLOW;

	if (text->failed)
		r = -ENOMEM;
	if (room) {
		memcpy(buf, str_text(text), shown);
		buf[shown] = '\0';
	}
	str_fini(text);
	return r;
}
