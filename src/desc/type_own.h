/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the value types share. */
#ifndef PKTT_DESC_TYPE_OWN_H
#define PKTT_DESC_TYPE_OWN_H

#include <pktt/ext.h>

#include <string.h>

struct str;

/* A piece of a text: what stands between two separators. */
struct span {
	const char *at;
	size_t len;
};

static inline struct span span_of(const char *text)
{
	return (struct span){ text, strlen(text) };
}

/* Cut the piece before the first sep off *rest; false when *rest was used up (at == NULL). */
bool span_cut(struct span *rest, char sep, struct span *piece);
/* As span_cut, for texts of at most one sep: whether there is one; *second is then what follows. */
bool span_split(struct span whole, char sep, struct span *first, struct span *second);
bool span_is(struct span s, const char *text);
/* A copy ended by NUL in buf, false when it does not fit. */
bool span_copy(struct span s, char *buf, size_t room);

/* "--NAME: 'GIVEN' is not EXPECTED", bytes outside printable ASCII escaped. Returns -EINVAL. */
int type_refuse(const struct pktt_context *ctx, struct span given, const char *expected,
		struct pktt_error *err);
/* "--NAME: SENTENCE" */
int type_fail(const struct pktt_context *ctx, int code, struct pktt_error *err,
	      const char *sentence);

/* Decimal, 0x hex or 0 octal, all of s. 0, -EINVAL for other text, -ERANGE above max. */
int type_number(struct span s, uint64_t max, uint64_t *ret);
/* The same with a sentence that says the bounds. */
int type_uint(const struct pktt_context *ctx, struct span s, uint64_t max, uint64_t *ret,
	      struct pktt_error *err);

/* A symbol's value: exact, then (PKTT_PREFIX) a beginning that fits one value only. */
int type_symbol(const struct pktt_context *ctx, struct span s, uint32_t *ret,
		struct pktt_error *err);
/* The first name of a value, or NULL. */
const char *type_symbol_name(const struct pktt_symbol *symbols, uint32_t value);

int type_port(const struct pktt_context *ctx, struct span s, uint16_t *ret, struct pktt_error *err);
int type_addr(const struct pktt_context *ctx, struct span s, struct pktt_addr *ret,
	      struct pktt_error *err);
int type_addr_check(const struct pktt_context *ctx, const struct pktt_addr *addr,
		    struct pktt_error *err);
/* Its text, "" for none; the length. */
#define TYPE_ADDR_ROOM 46
size_t type_addr_text(const struct pktt_addr *addr, char buf[TYPE_ADDR_ROOM]);
void type_addr_print(const struct pktt_addr *addr, struct str *out);
int type_mac(const struct pktt_context *ctx, struct span s, struct pktt_mac *ret,
	     struct pktt_error *err);
void type_mac_print(const struct pktt_mac *mac, struct str *out);

/* One part, named, of structure st. */
#define TYPE_PART(st, f, k)                                              \
	{                                                                \
#		f, offsetof(st, f), sizeof(((st *)0)->f), PKTT_PART_##k \
	}
/* The only part of a type. */
#define TYPE_SOLE(c, k)                                 \
	{                                               \
		{                                       \
			"", 0, sizeof(c), PKTT_PART_##k \
		}                                       \
	}

#endif
