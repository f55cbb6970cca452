/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arguments of an extension: everything that derives from its parameter table.
 *
 * An args structure is memory of pktt_args_size(ext) bytes that starts with struct pktt_args.
 * Life-cycle: zeroed memory; any number of pktt_args_take() (or one from_json, decode); then
 * pktt_args_finish(), the one gate through which text, JSON and wire enter; then constant until
 * pktt_args_fini(), which releases what types own (not the memory itself).
 */
#ifndef PKTT_DESC_ARGS_H
#define PKTT_DESC_ARGS_H

#include <pktt/ext.h>

struct str;
struct json;   /* base/json.h: the streaming writer */
struct json_t; /* jansson */

size_t pktt_args_size(const struct pktt_ext *ext);

/*
 * The parameter that an option name means ("dport", without dashes) in a family, or -ENOENT.
 * Aliases count. Sets *n to its number; synonyms are resolved only by pktt_args_take().
 */
int pktt_args_lookup(const struct pktt_ext *ext, enum pktt_family family, const char *name,
		     size_t len, unsigned int *n);
int pktt_args_lookup_letter(const struct pktt_ext *ext, enum pktt_family family, char letter,
			    unsigned int *n);
/*
 * The option of a family whose name or alias is nearest to a misspelt one (at most a third of its
 * letters wrong), or NULL: for "did you mean".
 */
const char *pktt_args_suggest(const struct pktt_ext *ext, enum pktt_family family,
			      const char *name);
/* How many words option n takes. */
unsigned int pktt_args_words(const struct pktt_ext *ext, unsigned int n);

/*
 * The parameter that option n means after what was given: itself, or its counterpart in the last
 * group of options that was begun (PKTT_AGAIN).
 */
unsigned int pktt_args_in_group(const struct pktt_ext *ext, const void *args, unsigned int n);
/* Take an option with its words. Fails for a value, a "!" that does not apply, a repetition. */
int pktt_args_take(const struct pktt_ext *ext, enum pktt_family family, void *args,
		   unsigned int option, bool negated, const char *const *word,
		   struct pktt_error *err);
/* Defaults, required, excludes, needs, bounds, types' and the extension's checks, canon. */
int pktt_args_finish(const struct pktt_ext *ext, enum pktt_family family, void *args,
		     struct pktt_error *err);
void pktt_args_fini(const struct pktt_ext *ext, void *args);
/* dst is memory of pktt_args_size(); the copy owns what it owns. -ENOMEM. */
int pktt_args_copy(const struct pktt_ext *ext, void *dst, const void *src);
/* Equal as rules are: by value after defaults, not by what was written. */
bool pktt_args_equal(const struct pktt_ext *ext, const void *a, const void *b);

/* "--dport 80 ! --syn": options as iptables-save prints them, no leading space; "" if none. */
void pktt_args_print(const struct pktt_ext *ext, enum pktt_family family, const void *args,
		     struct str *out);

/*
 * {"dport":{"min":80,"max":80},"syn":true}: every given option by its canonical name. A flag is
 * true; a type with one unnamed part its scalar (number, name of a symbol, text, "10.0.0.1",
 * "02:00:00:00:00:01"); one with several an object of all its parts; a list an array of such; a set
 * of named bits an array of names; a type without parts, and protocols and days, the option's text.
 * No address is null; a number above 2^63 - 1 a string of digits; bytes that are no UTF-8
 * {"hex":"0a1b"}. Negation, whatever the value, is {"not":true,"value":VALUE}.
 */
void pktt_args_json(const struct pktt_ext *ext, enum pktt_family family, const void *args,
		    struct json *out);
/*
 * The inverse, followed by finish. Instead of any value but a flag's a string may stand: the
 * option's text form, words separated by spaces. Aliases and synonyms are taken too. args is zeroed
 * memory, and to be released by pktt_args_fini() after a failure as well. -ENOENT for an unknown
 * key.
 */
int pktt_args_from_json(const struct pktt_ext *ext, enum pktt_family family,
			const struct json_t *object, void *args, struct pktt_error *err);

/*
 * Wire: netlink attributes {u16 length, u16 number of the parameter + 1 | 0x8000 if negated}, each
 * padded to 4 bytes, the parts in network order (args_wire.c draws it). Returns the length, or
 * -EMSGSIZE. Decoding ends in finish; args is zeroed memory, released by pktt_args_fini() after a
 * failure as well. -EBADMSG for what is truncated or no value of the type, -ENOENT for a number
 * that the extension does not have.
 */
long pktt_args_encode(const struct pktt_ext *ext, const void *args, uint8_t *buf, size_t room);
int pktt_args_decode(const struct pktt_ext *ext, enum pktt_family family, const uint8_t *buf,
		     size_t len, void *args, struct pktt_error *err);
/* The same without finish, which is the caller's to do: as a rule's is done once for all its parts. */
int pktt_args_read(const struct pktt_ext *ext, enum pktt_family family, const uint8_t *buf,
		   size_t len, void *args, struct pktt_error *err);

/* What the declared field comparisons say of a packet is core's: core/ext.h, pktt_match_run(). */
uint64_t pktt_part_get(const struct pktt_part *part, const void *val);

#endif
