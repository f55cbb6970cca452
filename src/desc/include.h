/* SPDX-License-Identifier: BSD-2-Clause */
/* include FILE [FAMILY]: rule text from other files. */
#ifndef PKTT_DESC_INCLUDE_H
#define PKTT_DESC_INCLUDE_H

struct pktt_error;
struct text_reader;

/*
 * Carry out the include line whose words are in r->lex. FILE may be a pattern of glob(7) and is
 * relative to the including file; FAMILY is that of sections which do not name one, so that files
 * of iptables-save and ip6tables-save can be included as they are. Included files must be owned by
 * root or the user and not be writable by others; none may include itself, and they nest at most
 * INCLUDE_DEPTH deep.
 */
int include_line(struct text_reader *r, struct pktt_error *err);

#define INCLUDE_DEPTH 16

#endif
