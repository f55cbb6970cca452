/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libpkttnetlink: the rules of pkttd, for programs.
 *
 * Overview
 *
 * A connection (struct pkttnl) speaks with pkttd. The catalog (struct pkttnl_catalog), fetched from
 * pkttd, says which matches, targets, heads and types of sets there are and what parameters they
 * have; the library has no code for any of them, so that a program handles extensions which were
 * written after it. A rule (struct pkttnl_rule) is made by names and values, from text, or from JSON,
 * and checked against the catalog. An object (struct pkttnl_object) is whatever travels: a rule in
 * its chain, a chain, a table, a set, an element, an event; its attributes are those of
 * <pktt/wire.h>. Requests are objects too. A transaction (struct pkttnl_txn) is any number of changes
 * that become visible at one instant, or none of them.
 *
 * Conventions
 *
 * int functions return 0, or a count where that is said, or a negative errno; those that can be refused
 * for a reason take err last, which may be NULL, and fill it with one sentence. Every function may also
 * fail with -ENOMEM. *ret is untouched on failure. X_free(&x) frees, sets x to NULL, and accepts NULL.
 * Strings that are returned are borrowed from the object, and valid as long as it is unchanged.
 * Functions that write text into buf of room bytes are like snprintf(): they return the text's whole
 * length without its NUL, and write as much as fits, always ended by NUL unless room is 0. Times are
 * nanoseconds since the epoch unless a name says otherwise. Nothing is printed, nothing exits.
 *
 * A connection, and what was made with it, is for one thread at a time; catalogs are constant and may be
 * shared by threads.
 *
 * What communicates also fails with -ENOTCONN where pkttd has gone, -ETIMEDOUT where it does not answer
 * in time, -EPERM where pkttd does not allow it, -EBADMSG where an answer makes no sense.
 */
#ifndef LIBPKTTNETLINK_H
#define LIBPKTTNETLINK_H

#include <pktt/wire.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct pkttnl;
struct pkttnl_catalog;
struct pkttnl_ext;
struct pkttnl_param;
struct pkttnl_rule;
struct pkttnl_use;
struct pkttnl_object;
struct pkttnl_txn;
struct pkttnl_events;

/* One failure. line and column count from 1; 0 = not known. */
struct pkttnl_error {
	int code;	  /* negative errno */
	uint32_t line;	  /* of the text that was read */
	uint32_t column;  /* in bytes */
	uint32_t length;  /* bytes that it is about */
	uint64_t command; /* number of the change in its transaction, from 1; 0 = none */
	char file[256];	  /* name of the text, or "" */
	char text[240];	  /* one sentence without a final stop */
};

enum pkttnl_family {
	PKTTNL_IPV4 = 0,
	PKTTNL_IPV6 = 1,
	PKTTNL_INET = 2, /* IPv4 and IPv6 at once */
	PKTTNL_ARP = 3,
	PKTTNL_BRIDGE = 4,
	PKTTNL_ANY_FAMILY = 255, /* in requests that list: all */
};

/* "ipv4", "ipv6", "inet", "arp", "bridge"; NULL for another number. */
const char *pkttnl_family_name(int family);
/* The inverse; -EINVAL. */
int pkttnl_family_lookup(const char *name);

enum pkttnl_verdict { /* of PKTTA_POLICY, PKTTA_VERDICT */
		      PKTTNL_CONTINUE = 0,
		      PKTTNL_ACCEPT = 1,
		      PKTTNL_DROP = 2,
		      PKTTNL_REJECT = 3,
		      PKTTNL_STOLEN = 4,
		      PKTTNL_QUEUE = 5,
		      PKTTNL_REPEAT = 6,
		      PKTTNL_RETURN = 7,
};

/* "ACCEPT", "DROP" ...; NULL for another number. */
const char *pkttnl_verdict_name(uint32_t verdict);

/* --- Connection ----------------------------------------------------------------------------------- */

enum pkttnl_open_flags {
	PKTTNL_VIEW =
		1 << 0, /* without a path: the socket that answers questions and changes nothing */
};

/*
 * Connect to pkttd at path; NULL = $PKTT_SOCKET, or else the usual one. program names the caller in
 * pkttd's journal where the kernel has no word for it; NULL = the process' own name. -ENOENT or
 * -ECONNREFUSED: there is no pkttd. -EACCES: this user may not.
 */
int pkttnl_open(struct pkttnl **ret, const char *path, const char *program, unsigned int flags,
		struct pkttnl_error *err);
/* Closes it; rules and catalogs live on, transactions and event subscriptions must have been freed. */
void pkttnl_close(struct pkttnl **nl);
/* The socket, for poll(2); reading is the library's. */
int pkttnl_fd(const struct pkttnl *nl);
/* How long to wait for an answer, in milliseconds; 0 = without end. 30,000 to begin with. */
void pkttnl_set_timeout(struct pkttnl *nl, unsigned int timeout_ms);
/* PKTT_RIGHT_*: what pkttd lets this connection do. */
unsigned int pkttnl_rights(const struct pkttnl *nl);
/* The number of the current generation, which grows with every commit. */
int pkttnl_generation(struct pkttnl *nl, uint64_t *ret, struct pkttnl_error *err);

/* --- Catalog: what extensions there are ------------------------------------------------------------ */

/*
 * The catalog of nl's pkttd, fetched when first asked for. The caller has a reference from here on.
 */
int pkttnl_catalog_get(struct pkttnl_catalog **ret, struct pkttnl *nl, struct pkttnl_error *err);
/* Give the reference back; the catalog goes with the last one. Sets *cat to NULL. */
void pkttnl_catalog_put(struct pkttnl_catalog **cat);
/* A name for what it says: equal names are equal catalogs. */
const char *pkttnl_catalog_version(const struct pkttnl_catalog *cat);
/* The JSON Schema of rules and documents as this catalog has them. */
int pkttnl_catalog_schema(const struct pkttnl_catalog *cat, char *buf, size_t room);

enum pkttnl_kind {
	PKTTNL_HEAD = 0, /* the plain conditions of a family: -s -d -i -o -p ... */
	PKTTNL_MATCH = 1,
	PKTTNL_TARGET = 2,
	PKTTNL_SET = 3, /* a type of set */
};

/* In order of names; NULL starts, NULL ends. Borrowed from the catalog, as all of the following is. */
const struct pkttnl_ext *pkttnl_ext_next(const struct pkttnl_catalog *cat,
					 const struct pkttnl_ext *after);
/* By name or alias, as it serves the family; the head of a family has any name. NULL. */
const struct pkttnl_ext *pkttnl_ext_lookup(const struct pkttnl_catalog *cat, enum pkttnl_kind kind,
					   const char *name, enum pkttnl_family family);
/* The name nearest to a misspelt one, or NULL. */
const char *pkttnl_ext_suggest(const struct pkttnl_catalog *cat, enum pkttnl_kind kind,
			       const char *name, enum pkttnl_family family);
enum pkttnl_kind pkttnl_ext_kind(const struct pkttnl_ext *ext);
const char *pkttnl_ext_name(const struct pkttnl_ext *ext);
const char *pkttnl_ext_aliases(const struct pkttnl_ext *ext); /* separated by spaces, or "" */
const char *pkttnl_ext_summary(const struct pkttnl_ext *ext); /* one phrase */
/* Why it does nothing, or not always, where that is so; else NULL. */
const char *pkttnl_ext_why(const struct pkttnl_ext *ext);
uint32_t pkttnl_ext_families(const struct pkttnl_ext *ext);  /* bit 1 << enum pkttnl_family */
const char *pkttnl_ext_tables(const struct pkttnl_ext *ext); /* separated by spaces; NULL = all */
uint32_t pkttnl_ext_hooks(const struct pkttnl_ext *ext);     /* bit 1 << enum pktt_hook; 0 = all */
/* Protocols of layer 4 of which a rule must name one: their number, up to 8 into ret. 0 = any. */
unsigned int pkttnl_ext_protocols(const struct pkttnl_ext *ext, uint8_t ret[8]);
/* Whether the target ends the rule's journey, like DROP. */
bool pkttnl_ext_is_terminal(const struct pkttnl_ext *ext);
/* All that is known, as JSON: what a program builds a form from. */
int pkttnl_ext_json(const struct pkttnl_ext *ext, char *buf, size_t room);
int pkttnl_ext_line(const struct pkttnl_ext *ext, char *buf, size_t room); /* as `pktt describe` */
int pkttnl_ext_help(const struct pkttnl_ext *ext, char *buf, size_t room); /* as `pktt help` */
int pkttnl_ext_manual(const struct pkttnl_ext *ext, char *buf, size_t room); /* scdoc's language */

/* Parameters, in order; NULL starts, NULL ends. */
const struct pkttnl_param *pkttnl_param_next(const struct pkttnl_ext *ext,
					     const struct pkttnl_param *after);
/* By name or alias, without dashes, in a family. NULL. */
const struct pkttnl_param *pkttnl_param_lookup(const struct pkttnl_ext *ext, const char *name,
					       enum pkttnl_family family);

enum pkttnl_param_flags {
	PKTTNL_PARAM_REQUIRED = 1 << 0,
	PKTTNL_PARAM_NEGATABLE = 1 << 1,
	PKTTNL_PARAM_REPEATABLE = 1 << 2,
	PKTTNL_PARAM_HIDDEN = 1 << 3,  /* an obsolete spelling */
	PKTTNL_PARAM_SYNONYM = 1 << 4, /* another parameter, said differently */
	PKTTNL_PARAM_LIST = 1 << 5,    /* the value has any number of elements */
	PKTTNL_PARAM_NUMERIC = 1 << 6, /* besides the names of its values numbers are taken */
};

const char *pkttnl_param_name(const struct pkttnl_param *param);    /* also its key in JSON */
const char *pkttnl_param_aliases(const struct pkttnl_param *param); /* by spaces, or "" */
char pkttnl_param_letter(const struct pkttnl_param *param);	    /* 's' of -s; 0 = none */
const char *pkttnl_param_help(const struct pkttnl_param *param);
const char *pkttnl_param_type(const struct pkttnl_param *param);    /* "port_range" */
const char *pkttnl_param_syntax(const struct pkttnl_param *param);  /* "PORT[:PORT]" */
const char *pkttnl_param_default(const struct pkttnl_param *param); /* as text; NULL = none */
unsigned int pkttnl_param_flags(const struct pkttnl_param *param);  /* PKTTNL_PARAM_* */
uint32_t pkttnl_param_families(const struct pkttnl_param *param);   /* 0 = all of the extension's */
/* Bounds of its numbers; false = the type's own. */
bool pkttnl_param_bounds(const struct pkttnl_param *param, uint64_t *min, uint64_t *max);
/* Names of values: the index-th name and the number for which it stands; NULL ends. */
const char *pkttnl_param_value(const struct pkttnl_param *param, unsigned int index, uint32_t *ret);
/* Parts of a value, e.g. "min" and "max" of a range, "" of a value that is one number; NULL ends. */
const char *pkttnl_param_part(const struct pkttnl_param *param, unsigned int index);
/* Bits, by the order of parameters: what must not stand beside it; of what one must. */
uint64_t pkttnl_param_excludes(const struct pkttnl_param *param);
uint64_t pkttnl_param_needs(const struct pkttnl_param *param);

/* --- Rules ----------------------------------------------------------------------------------------- */

/* An empty rule, which matches everything and does nothing. It holds the catalog. */
int pkttnl_rule_new(struct pkttnl_rule **ret, struct pkttnl_catalog *cat, enum pkttnl_family family,
		    struct pkttnl_error *err);
void pkttnl_rule_free(struct pkttnl_rule **rule);
int pkttnl_rule_clone(struct pkttnl_rule **ret, const struct pkttnl_rule *rule);
/*
 * From "-p tcp --dport 22 -j ACCEPT", checked. err has the column. -EINVAL also where it means several
 * rules ("-s 10.0.0.1,10.0.0.2"); transactions take those.
 */
int pkttnl_rule_parse(struct pkttnl_rule **ret, struct pkttnl_catalog *cat,
		      enum pkttnl_family family, const char *text, struct pkttnl_error *err);
/*
 * From a rule's object as listings have it, alone or inside {"rule":..}, checked. Its table and chain
 * may be missing; without a family it is of IPv4.
 */
int pkttnl_rule_parse_json(struct pkttnl_rule **ret, struct pkttnl_catalog *cat, const char *text,
			   size_t len, struct pkttnl_error *err);
/*
 * Check what was set, and what the rule needs as a whole; defaults are filled in. Done by everything
 * that sends a rule. What needs code of the extension, or the rest of the ruleset, pkttd checks.
 */
int pkttnl_rule_check(struct pkttnl_rule *rule, struct pkttnl_error *err);
/* As iptables-save prints it, without -A CHAIN. */
int pkttnl_rule_print(const struct pkttnl_rule *rule, char *buf, size_t room);
/* The rule's object: family, name, head, matches, targets. */
int pkttnl_rule_json(const struct pkttnl_rule *rule, char *buf, size_t room);
/* Conditions and targets are the same, as -C and -D compare: not name, handle or counters. */
bool pkttnl_rule_equal(const struct pkttnl_rule *a, const struct pkttnl_rule *b);
/* Whether iptables has what the rule says. 0, or -ENOTSUP with what it has not. */
int pkttnl_rule_is_iptables(const struct pkttnl_rule *rule, struct pkttnl_error *err);

enum pkttnl_family pkttnl_rule_family(const struct pkttnl_rule *rule);
const char *pkttnl_rule_name(const struct pkttnl_rule *rule); /* "" = none */
/* NULL or "" = none. -EINVAL for what is no name. */
int pkttnl_rule_set_name(struct pkttnl_rule *rule, const char *name, struct pkttnl_error *err);
uint64_t pkttnl_rule_handle(const struct pkttnl_rule *rule); /* 0 = none yet */
/* The counters that it has, or is to have; false = none. */
bool pkttnl_rule_counters(const struct pkttnl_rule *rule, uint64_t *packets, uint64_t *bytes);
void pkttnl_rule_set_counters(struct pkttnl_rule *rule, uint64_t packets, uint64_t bytes);
/* Where it stood in a text: false = nowhere. */
bool pkttnl_rule_place(const struct pkttnl_rule *rule, const char **file, uint32_t *line,
		       uint32_t *column);

/*
 * Set an option by names: pkttnl_rule_set(rule, "tcp", "dport", "80", err). ext is a match, or else a
 * target, which is added if the rule has none of that name; NULL is the head. value is text as on a
 * command line; NULL for an option that takes none. A value that was there is replaced.
 */
int pkttnl_rule_set(struct pkttnl_rule *rule, const char *ext, const char *param, const char *value,
		    struct pkttnl_error *err);
/* The same with "!" before it. */
int pkttnl_rule_set_not(struct pkttnl_rule *rule, const char *ext, const char *param,
			const char *value, struct pkttnl_error *err);
/* Append a target to those that run in order: "ACCEPT", "LOG". */
int pkttnl_rule_target(struct pkttnl_rule *rule, const char *name, struct pkttnl_error *err);
/* Append a jump to a chain, or a goto. */
int pkttnl_rule_jump(struct pkttnl_rule *rule, const char *chain, bool is_goto,
		     struct pkttnl_error *err);

/* --- One use of an extension in a rule -------------------------------------------------------------- */

/*
 * The head, the index-th match, the index-th target (from 0); NULL = there is none. A use belongs to its
 * rule and is valid until it is removed or the rule is freed.
 */
struct pkttnl_use *pkttnl_rule_use(struct pkttnl_rule *rule, enum pkttnl_kind kind,
				   unsigned int index);
/* How many matches or targets. */
unsigned int pkttnl_rule_uses(const struct pkttnl_rule *rule, enum pkttnl_kind kind);
/* Append a match or target. ret may be NULL. -ENOENT with the nearest name: there is none. */
int pkttnl_rule_add(struct pkttnl_use **ret, struct pkttnl_rule *rule, enum pkttnl_kind kind,
		    const char *name, struct pkttnl_error *err);
/* Take a match or target out; sets *use to NULL. */
void pkttnl_use_remove(struct pkttnl_use **use);
const struct pkttnl_ext *pkttnl_use_ext(const struct pkttnl_use *use);

/* Whether the option was given; whether with "!". False also for what is no option. */
bool pkttnl_use_has(const struct pkttnl_use *use, const char *param);
bool pkttnl_use_is_not(const struct pkttnl_use *use, const char *param);
/* As though it had not been given. -ENOENT. */
int pkttnl_use_unset(struct pkttnl_use *use, const char *param, struct pkttnl_error *err);
/* Turn "!" on or off of an option that was given. */
int pkttnl_use_set_not(struct pkttnl_use *use, const char *param, bool is_not,
		       struct pkttnl_error *err);

/* By text, as on a command line; NULL for an option that takes none. */
int pkttnl_use_set(struct pkttnl_use *use, const char *param, const char *value,
		   struct pkttnl_error *err);
/*
 * By numbers and bytes: the part (NULL = all parts that take such a value: both ends of a range; "min")
 * of element number at, where the value is a list; at == count appends. Bounds are checked when the
 * rule is. -ENOENT: no such option or part; -ERANGE: it does not fit; -EINVAL: it is of another type.
 */
int pkttnl_use_set_u64(struct pkttnl_use *use, const char *param, const char *part, unsigned int at,
		       uint64_t value, struct pkttnl_error *err);
int pkttnl_use_set_flag(struct pkttnl_use *use, const char *param, bool value,
			struct pkttnl_error *err);
/* An address (4 or 16 bytes; of a prefix, the mask becomes full), a MAC address, a pattern. */
int pkttnl_use_set_bytes(struct pkttnl_use *use, const char *param, const char *part,
			 unsigned int at, const void *bytes, size_t len, struct pkttnl_error *err);

/* The value's text, as a command line has it; -ENOENT where there is none. Defaults count. */
int pkttnl_use_text(const struct pkttnl_use *use, const char *param, char *buf, size_t room);
/* How many elements the value has: 1 for what is no list. -ENOENT. */
int pkttnl_use_count(const struct pkttnl_use *use, const char *param);
/* A number, or -EINVAL where the part is none; part NULL = the first. */
int pkttnl_use_u64(const struct pkttnl_use *use, const char *param, const char *part,
		   unsigned int at, uint64_t *ret);
/* Bytes of an address, MAC address, pattern or text: their number, at most room of them written. */
int pkttnl_use_bytes(const struct pkttnl_use *use, const char *param, const char *part,
		     unsigned int at, void *buf, size_t room);

/* --- Objects: what travels -------------------------------------------------------------------------- */

/*
 * message is one of enum pktt_rules_msg; attributes are enum pktt_attr, each with the type that
 * <pktt/wire.h> says. An unset number is 0, an unset text is NULL.
 */
int pkttnl_object_new(struct pkttnl_object **ret, enum pktt_rules_msg message,
		      enum pkttnl_family family);
void pkttnl_object_free(struct pkttnl_object **obj);
/* One that was lent to a callback, to keep. */
int pkttnl_object_clone(struct pkttnl_object **ret, const struct pkttnl_object *obj);
enum pktt_rules_msg pkttnl_object_message(const struct pkttnl_object *obj);
enum pkttnl_family pkttnl_object_family(const struct pkttnl_object *obj);
bool pkttnl_object_has(const struct pkttnl_object *obj, enum pktt_attr attr);
uint64_t pkttnl_object_u64(const struct pkttnl_object *obj, enum pktt_attr attr);
const char *pkttnl_object_text(const struct pkttnl_object *obj, enum pktt_attr attr);
/* PKTTA_DATA. */
const void *pkttnl_object_data(const struct pkttnl_object *obj, size_t *len);
/* Who made the change; false = it does not say. Any of the pointers may be NULL. */
bool pkttnl_object_who(const struct pkttnl_object *obj, uint32_t *uid, uint32_t *pid,
		       const char **program);
/* PKTTA_ELEMENT, which may be there several times: the index-th; NULL ends. */
const char *pkttnl_object_element(const struct pkttnl_object *obj, unsigned int index);
/*
 * The rule, borrowed, if it has one; NULL. It may be changed only where the object is the caller's.
 */
struct pkttnl_rule *pkttnl_object_rule(const struct pkttnl_object *obj);
/* -EINVAL: the attribute has another type. */
int pkttnl_object_set_u64(struct pkttnl_object *obj, enum pktt_attr attr, uint64_t value);
int pkttnl_object_set_text(struct pkttnl_object *obj, enum pktt_attr attr, const char *value);
int pkttnl_object_set_data(struct pkttnl_object *obj, const void *data, size_t len);
int pkttnl_object_add_element(struct pkttnl_object *obj, const char *element);
/* A copy of the rule, whose family becomes the object's. */
int pkttnl_object_set_rule(struct pkttnl_object *obj, const struct pkttnl_rule *rule);
/*
 * NLM_F_CREATE, NLM_F_EXCL, NLM_F_APPEND, NLM_F_REPLACE, where <pktt/wire.h> says that they mean
 * something. Others are the library's own.
 */
void pkttnl_object_set_flags(struct pkttnl_object *obj, uint16_t flags);
uint16_t pkttnl_object_flags(const struct pkttnl_object *obj);
/*
 * As a line of native rule text: "*filter ipv4", ":INPUT DROP [0:0]", "-A INPUT -p tcp -j ACCEPT",
 * "create s hash:ip", "add s 192.0.2.1".
 */
int pkttnl_object_print(const struct pkttnl_object *obj, char *buf, size_t room);
/* {"rule":{..}}, {"chain":{..}} ... as in the one schema, with what else the object says. */
int pkttnl_object_json(const struct pkttnl_object *obj, char *buf, size_t room);

/* --- Questions -------------------------------------------------------------------------------------- */

/*
 * Is handed each object of an answer, lent for the call. Something other than 0 ends it: further objects
 * are not handed over, and the function that asked returns that number. It must not use the
 * connection.
 */
typedef int pkttnl_take(void *ctx, const struct pkttnl_object *obj);

/* Ask for one object, or carry out one change by itself; take may be NULL. */
int pkttnl_request(struct pkttnl *nl, const struct pkttnl_object *request, pkttnl_take *take,
		   void *ctx, struct pkttnl_error *err);
/*
 * List all objects that the request (PKTT_MSG_GETTABLE, _GETCHAIN, _GETRULE, _GETSET, _GETELEM,
 * _GETHISTORY, _GETQUEUE) fits: its family, TABLE, CHAIN, SET choose. Nothing is gathered: memory
 * does not grow with what is listed. -EINTR: all that was handed over was so at some time, but what is
 * listed changed meanwhile.
 */
int pkttnl_dump(struct pkttnl *nl, const struct pkttnl_object *request, pkttnl_take *take,
		void *ctx, struct pkttnl_error *err);
/* The most frequent lists. table and chain NULL = all. */
int pkttnl_list_rules(struct pkttnl *nl, enum pkttnl_family family, const char *table,
		      const char *chain, pkttnl_take *take, void *ctx, struct pkttnl_error *err);
int pkttnl_list_chains(struct pkttnl *nl, enum pkttnl_family family, const char *table,
		       pkttnl_take *take, void *ctx, struct pkttnl_error *err);
int pkttnl_list_tables(struct pkttnl *nl, enum pkttnl_family family, pkttnl_take *take, void *ctx,
		       struct pkttnl_error *err);
int pkttnl_list_sets(struct pkttnl *nl, pkttnl_take *take, void *ctx, struct pkttnl_error *err);
int pkttnl_list_elements(struct pkttnl *nl, const char *set, pkttnl_take *take, void *ctx,
			 struct pkttnl_error *err);
/*
 * Whether the chain has a rule that is equal, as -C asks: 1 yes, 0 no; -ENOENT: no such chain.
 */
int pkttnl_test_rule(struct pkttnl *nl, const char *table, const char *chain,
		     const struct pkttnl_rule *rule, struct pkttnl_error *err);
/* Whether the set has the element: 1 yes, 0 no; -ENOENT: no such set. */
int pkttnl_test_element(struct pkttnl *nl, const char *set, const char *element,
			struct pkttnl_error *err);

/* --- Transactions ------------------------------------------------------------------------------------ */

enum pkttnl_txn_flags {
	PKTTNL_EACH = 1 << 0, /* every change is a transaction of its own; sent without waiting */
	PKTTNL_ECHO =
		1 << 1, /* what was made is answered, with its handle: pkttnl_txn_on_object() */
};

/*
 * Begin. if_generation 0: whatever the current generation is; else commit fails with -ESTALE and nothing
 * is applied where it is not that one. Changes are sent while they are added, so that a transaction of
 * any length takes little memory here; until it ends, nl is not to be used for anything else.
 */
int pkttnl_txn_new(struct pkttnl_txn **ret, struct pkttnl *nl, uint64_t if_generation,
		   unsigned int flags, struct pkttnl_error *err);
/* Without a commit before, nothing of it was applied (but with PKTTNL_EACH). */
void pkttnl_txn_free(struct pkttnl_txn **txn);
/* What commit hands over of PKTTNL_ECHO: NEWRULE with HANDLE ..., in order of the changes. */
void pkttnl_txn_on_object(struct pkttnl_txn *txn, pkttnl_take *take, void *ctx);
/* Back to what was before, unless pkttnl_confirm() follows within so many seconds. */
void pkttnl_txn_set_confirm(struct pkttnl_txn *txn, uint32_t seconds);
/*
 * End it: all changes become visible at one instant, as a new generation, or none. *generation may be
 * NULL. On failure err has the first error; pkttnl_txn_error() has all.
 */
int pkttnl_txn_commit(struct pkttnl_txn *txn, uint64_t *generation, struct pkttnl_error *err);
/* How many errors there were, in what was read and in what pkttd said; at most 20 are kept. */
unsigned int pkttnl_txn_errors(const struct pkttnl_txn *txn);
const struct pkttnl_error *pkttnl_txn_error(const struct pkttnl_txn *txn, unsigned int index);
/* All of them as people read them: file:line:column, the sentence, the line with carets under it. */
int pkttnl_txn_report(const struct pkttnl_txn *txn, char *buf, size_t room);
/* Changes that were added. */
uint64_t pkttnl_txn_changes(const struct pkttnl_txn *txn);

/*
 * Add a change, whatever it is; the functions below are for the frequent ones. An error of the change
 * itself (a rule that is refused) is returned at once and the transaction goes on without it, but will
 * not commit.
 */
int pkttnl_txn_add(struct pkttnl_txn *txn, const struct pkttnl_object *change,
		   struct pkttnl_error *err);

int pkttnl_txn_append(struct pkttnl_txn *txn, const char *table, const char *chain,
		      const struct pkttnl_rule *rule, struct pkttnl_error *err);
/* number: from 1; it becomes the number-th rule. */
int pkttnl_txn_insert(struct pkttnl_txn *txn, const char *table, const char *chain, uint32_t number,
		      const struct pkttnl_rule *rule, struct pkttnl_error *err);
int pkttnl_txn_insert_before(struct pkttnl_txn *txn, uint64_t handle,
			     const struct pkttnl_rule *rule, struct pkttnl_error *err);
int pkttnl_txn_insert_after(struct pkttnl_txn *txn, uint64_t handle, const struct pkttnl_rule *rule,
			    struct pkttnl_error *err);
/* The new rule has the old one's handle. */
int pkttnl_txn_replace(struct pkttnl_txn *txn, uint64_t handle, const struct pkttnl_rule *rule,
		       struct pkttnl_error *err);
/* Counters and handle stay. */
int pkttnl_txn_move_before(struct pkttnl_txn *txn, uint64_t handle, uint64_t other,
			   struct pkttnl_error *err);
int pkttnl_txn_move_after(struct pkttnl_txn *txn, uint64_t handle, uint64_t other,
			  struct pkttnl_error *err);
int pkttnl_txn_delete(struct pkttnl_txn *txn, uint64_t handle, struct pkttnl_error *err);
/* The first rule of the chain that is equal, as -D does. */
int pkttnl_txn_delete_equal(struct pkttnl_txn *txn, const char *table, const char *chain,
			    const struct pkttnl_rule *rule, struct pkttnl_error *err);

int pkttnl_txn_new_chain(struct pkttnl_txn *txn, enum pkttnl_family family, const char *table,
			 const char *chain, struct pkttnl_error *err);
/* chain NULL: all user-defined chains that are empty and unused, as -X. */
int pkttnl_txn_delete_chain(struct pkttnl_txn *txn, enum pkttnl_family family, const char *table,
			    const char *chain, struct pkttnl_error *err);
int pkttnl_txn_rename_chain(struct pkttnl_txn *txn, enum pkttnl_family family, const char *table,
			    const char *chain, const char *name, struct pkttnl_error *err);
int pkttnl_txn_policy(struct pkttnl_txn *txn, enum pkttnl_family family, const char *table,
		      const char *chain, enum pkttnl_verdict policy, struct pkttnl_error *err);
/* chain NULL: all of the table. */
int pkttnl_txn_flush(struct pkttnl_txn *txn, enum pkttnl_family family, const char *table,
		     const char *chain, struct pkttnl_error *err);
int pkttnl_txn_zero(struct pkttnl_txn *txn, enum pkttnl_family family, const char *table,
		    const char *chain, struct pkttnl_error *err);
int pkttnl_txn_zero_rule(struct pkttnl_txn *txn, uint64_t handle, struct pkttnl_error *err);

/* Types and options of sets as ipset has them: "hash:ip", "timeout 60 counters"; options may be NULL. */
int pkttnl_txn_new_set(struct pkttnl_txn *txn, const char *set, const char *type,
		       const char *options, struct pkttnl_error *err);
int pkttnl_txn_delete_set(struct pkttnl_txn *txn, const char *set, struct pkttnl_error *err);
int pkttnl_txn_flush_set(struct pkttnl_txn *txn, const char *set, struct pkttnl_error *err);
int pkttnl_txn_swap_sets(struct pkttnl_txn *txn, const char *set, const char *other,
			 struct pkttnl_error *err);
/* "192.0.2.1 timeout 60". With exist, what is there already, or is not, is no error. */
int pkttnl_txn_add_element(struct pkttnl_txn *txn, const char *set, const char *element, bool exist,
			   struct pkttnl_error *err);
int pkttnl_txn_delete_element(struct pkttnl_txn *txn, const char *set, const char *element,
			      bool exist, struct pkttnl_error *err);

enum pkttnl_text_flags {
	PKTTNL_NATIVE = 1 << 0,	  /* "*table family", sets, names, several targets */
	PKTTNL_JSON = 1 << 1,	  /* the JSON document */
	PKTTNL_NOFLUSH = 1 << 2,  /* "*table" leaves what is there, as iptables-restore --noflush */
	PKTTNL_COUNTERS = 1 << 3, /* take [packets:bytes] */
};

/*
 * Read rule text (iptables-save of a family, native, JSON) of len bytes, named name in errors, and add
 * what it says. -EINVAL where it has errors: err has the first, pkttnl_txn_error() all; nothing will be
 * committed then. The text may go after the call. FLAGS and family are of this text alone.
 */
int pkttnl_txn_text(struct pkttnl_txn *txn, const char *name, const char *text, size_t len,
		    enum pkttnl_family family, unsigned int flags, struct pkttnl_error *err);
/*
 * The same from a file; native text may include others. "-" is standard input. The file must belong to
 * root or the user where it is included by another.
 */
int pkttnl_txn_file(struct pkttnl_txn *txn, const char *path, enum pkttnl_family family,
		    unsigned int flags, struct pkttnl_error *err);
/* One command as iptables has it on its command line: {"-A", "INPUT", "-j", "DROP"}. */
int pkttnl_txn_words(struct pkttnl_txn *txn, enum pkttnl_family family, int argc,
		     const char *const *argv, struct pkttnl_error *err);

/* --- Events ------------------------------------------------------------------------------------------ */

enum pkttnl_event_flags {
	PKTTNL_EVENTS_RULES = 1 << 0,	 /* NEW*, DEL* of tables, chains, rules, sets; NEWGEN */
	PKTTNL_EVENTS_ELEMENTS = 1 << 1, /* NEWELEM, DELELEM */
	PKTTNL_EVENTS_TRACE = 1 << 2,	 /* NEWTRACE: steps of packets */
	PKTTNL_EVENTS_LOG = 1 << 3,	 /* LOG */
};

/*
 * Subscribe, over a connection of its own to where nl is connected; take is handed each event. Nothing
 * is handed over before pkttnl_events_run().
 */
int pkttnl_events_new(struct pkttnl_events **ret, struct pkttnl *nl, unsigned int events,
		      pkttnl_take *take, void *ctx, struct pkttnl_error *err);
void pkttnl_events_free(struct pkttnl_events **events);
/*
 * Called when events were lost, because this program was too slow: how many, of which group
 * (PKTT_GROUP_*). What is known of the rules is to be listed anew. May be set at any time.
 */
void pkttnl_events_on_gap(struct pkttnl_events *events,
			  void (*gap)(void *ctx, uint32_t group, uint64_t lost), void *ctx);
/* Readable when pkttnl_events_run() has something to do. */
int pkttnl_events_fd(const struct pkttnl_events *events);
/*
 * Hand over what has come, waiting up to timeout_ms for the first (0 = not at all, -1 = without end). The
 * number of events; what take returned, if not 0.
 */
int pkttnl_events_run(struct pkttnl_events *events, int timeout_ms, struct pkttnl_error *err);
/* How many bytes of events may wait for us at pkttd. */
int pkttnl_events_set_room(struct pkttnl_events *events, uint32_t bytes, struct pkttnl_error *err);
/*
 * Let pkttd trace packets that the filter ("tcp dport 22 and src 198.51.100.7") fits, at most limit of
 * them (0 = no limit). Ends with the subscription.
 */
int pkttnl_events_trace(struct pkttnl_events *events, const char *filter, uint32_t limit,
			struct pkttnl_error *err);

/* --- The daemon --------------------------------------------------------------------------------------- */

/* Keep what was committed with a timer. -ENOENT: nothing waits for it. */
int pkttnl_confirm(struct pkttnl *nl, struct pkttnl_error *err);
/* Back to a generation's content; 0 = to what was before the last change. */
int pkttnl_rollback(struct pkttnl *nl, uint64_t generation, struct pkttnl_error *err);
/* What pkttd counts, as OpenMetrics text. */
int pkttnl_stat(struct pkttnl *nl, char *buf, size_t room, struct pkttnl_error *err);
/*
 * Let a packet (an Ethernet frame of len bytes) that comes in on iface be judged now; take is handed
 * what became of it.
 */
int pkttnl_packet(struct pkttnl *nl, const char *iface, const void *frame, size_t len,
		  pkttnl_take *take, void *ctx, struct pkttnl_error *err);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
