/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_COMMAND_DOC_H
#define TOOLS_COMMAND_DOC_H

struct str;

/* pktt(8) in scdoc's language, from the commands' tables. */
void command_doc(struct str *out);

#endif
