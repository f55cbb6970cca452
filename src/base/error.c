/* SPDX-License-Identifier: BSD-2-Clause */
#include <pktt/type.h>

#include <stdarg.h>
#include <stdio.h>

int pktt_fail(struct pktt_error *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	err->code = code;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);
	return code;
}
