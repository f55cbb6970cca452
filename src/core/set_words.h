/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces of an element's text, and the single values in them. */
#ifndef PKTT_CORE_SET_WORDS_H
#define PKTT_CORE_SET_WORDS_H

#include "core/set_own.h"

/* A piece of the text and where it stands in it, from 0. */
struct set_piece {
	const char *at;
	size_t len, column;
};

/* The next word between blanks; "..." is one word, without its quotes. False at the end. */
bool set_piece_word(struct set_piece *rest, struct set_piece *word);
/* Cut what stands before the first sep outside [...]; false when rest was used up. */
bool set_piece_cut(struct set_piece *rest, char sep, struct set_piece *piece);
bool set_piece_is(const struct set_piece *p, const char *text);
/* A copy ended by NUL, or false where it does not fit. */
bool set_piece_copy(const struct set_piece *p, char *buf, size_t room);
/* "expected EXPECTED, not 'PIECE'" at its place. Returns -EINVAL. */
int set_piece_refuse(const struct set_piece *p, const char *expected, struct pktt_error *err);

/* One value of the dimension's kind, or a range where it may be one. */
int set_range_parse(const struct pktt_set *set, unsigned int d, struct set_piece p,
		    struct set_range *ret, struct pktt_error *err);
/* FROM-TO or a prefix, in IPv4. */
int set_addresses_parse(struct set_piece p, uint32_t *first, uint32_t *last,
			struct pktt_error *err);
void set_dim_print(const struct pktt_set *set, unsigned int d, const struct set_dim *dim,
		   struct str *out);

/* ICMP's names as ipset has them: type << 8 | code, or -ENOENT; and the first name or NULL. */
int set_icmp_parse(bool is_v6, const char *name);
const char *set_icmp_name(bool is_v6, uint16_t value);

#endif
