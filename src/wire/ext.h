/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an extension is, as it travels in PKTTA_EXT, and catalogs made of that: all that "declared
 * once" says but the functions. A client reads, checks, prints and explains rules with extensions that it
 * was never built with; what their functions check beyond the tables is the engine's to say.
 *
 * PKTTA_EXT holds attributes, numbers in network order. Texts end with NUL. Attributes of newer
 * engines are skipped.
 */
#ifndef WIRE_EXT_H
#define WIRE_EXT_H

#include <pktt/ext.h>

enum wire_ext_attr {
	WIRE_EXT_UNSPEC,
	WIRE_EXT_KIND,	   /* u32: enum pktt_ext_kind */
	WIRE_EXT_NAME,	   /* text */
	WIRE_EXT_ALIASES,  /* text */
	WIRE_EXT_SUMMARY,  /* text */
	WIRE_EXT_WHY,	   /* text */
	WIRE_EXT_FAMILIES, /* u32: PKTT_FAM_* */
	WIRE_EXT_TABLES,   /* text */
	WIRE_EXT_HOOKS,	   /* u32 */
	WIRE_EXT_L4,	   /* bytes */
	WIRE_EXT_L4_MIN,   /* u32 */
	WIRE_EXT_READS,	   /* u32: PKTT_READS_* */
	WIRE_EXT_FLAGS,	   /* u32: PKTT_EXT_* */
	WIRE_EXT_VARIES,   /* u32: WIRE_VARIES_* */
	WIRE_EXT_PARAM,	   /* nested WIRE_PARAM_*; one for each, in order */
	WIRE_EXT_COUNT,
};

enum { WIRE_VARIES_L4 = 1 << 0 }; /* which protocols it needs depends on its options */

enum wire_param_attr {
	WIRE_PARAM_UNSPEC,
	WIRE_PARAM_NAME,     /* text */
	WIRE_PARAM_ALIASES,  /* text */
	WIRE_PARAM_LETTER,   /* u32 */
	WIRE_PARAM_HELP,     /* text */
	WIRE_PARAM_TYPE,     /* text: name of the type; none: a synonym that has its other's */
	WIRE_PARAM_SYNTAX,   /* text: of the type, for programs that do not know it */
	WIRE_PARAM_WORDS,    /* u32: likewise */
	WIRE_PARAM_SIZE,     /* u32: of a text, its NUL included */
	WIRE_PARAM_DEFAULT,  /* text */
	WIRE_PARAM_FLAGS,    /* u32: PKTT_REQUIRED ... */
	WIRE_PARAM_FAMILIES, /* u32 */
	WIRE_PARAM_EXCLUDES, /* u64: bits of parameters */
	WIRE_PARAM_NEEDS,    /* u64 */
	WIRE_PARAM_MIN,	     /* u64 */
	WIRE_PARAM_MAX,	     /* u64 */
	WIRE_PARAM_FIELD,    /* 3 bytes: layer, offset, size */
	WIRE_PARAM_SAME_AS,  /* u32: number of the parameter + 1 */
	WIRE_PARAM_AGAIN,    /* u32: likewise */
	WIRE_PARAM_NEGATE,   /* u32: 1 */
	WIRE_PARAM_PRESET,   /* text */
	WIRE_PARAM_CONVERT,  /* text: of ext_convert.c; "": only the engine can */
	WIRE_PARAM_SYMBOL,   /* u32 value, text; one for each, in order */
	WIRE_PARAM_COUNT,
};

/* The payload of PKTTA_EXT into buf (aligned to 4): its length, or -EMSGSIZE. */
long wire_ext_encode(const struct pktt_ext *ext, void *buf, size_t room);

/* A catalog of extensions that were received. It owns them. */
struct wire_catalog;
struct pktt_catalog;

int wire_catalog_new(struct wire_catalog **ret);
void wire_catalog_free(struct wire_catalog **cat);
/* Borrowed. */
const struct pktt_catalog *wire_catalog_desc(const struct wire_catalog *cat);
/*
 * Take the payload of a PKTTA_EXT. -EBADMSG: it is none; -EINVAL: no table that a catalog takes;
 * -EEXIST: it is there already; the catalog is as it was, and others may be added. A parameter whose type
 * this program does not know can be seen, and not be used: using it is refused with a sentence.
 */
int wire_catalog_add(struct wire_catalog *cat, const void *data, size_t len,
		     struct pktt_error *err);
/* The first parameter of ext that cannot be used here, or NULL. */
const struct pktt_param *wire_ext_unknown(const struct pktt_ext *ext);

#endif
