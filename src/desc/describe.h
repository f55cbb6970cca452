/* SPDX-License-Identifier: BSD-2-Clause */
/* What people and programs are told of an extension; all from its table. */
#ifndef PKTT_DESC_DESCRIBE_H
#define PKTT_DESC_DESCRIBE_H

#include <pktt/ext.h>

struct str;
struct json;

/* pktt help MODULE: name, families, tables, hooks, every option with syntax, bounds, default. */
void pktt_describe_help(const struct pktt_ext *ext, struct str *out);
/* pktt describe: one line (UX.md line 24). */
void pktt_describe_line(const struct pktt_ext *ext, struct str *out);
/* pktt describe MODULE.PARAM */
void pktt_describe_param(const struct pktt_ext *ext, unsigned int n, struct str *out);
/* The description as JSON (UX.md 3.6): what a GUI builds its form from. */
void pktt_describe_json(const struct pktt_ext *ext, struct json *out);
/* The section of the manual page, in scdoc's language. */
void pktt_describe_scdoc(const struct pktt_ext *ext, struct str *out);
/* The JSON Schema of the arguments object. */
void pktt_describe_schema(const struct pktt_ext *ext, struct json *out);

#endif
