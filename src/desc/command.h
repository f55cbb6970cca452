/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The language: rules and commands as iptables writes them, and the native superset.
 *
 * A source (file, command line, JSON document) becomes a sequence of commands, handed one at a time
 * to a receiver, so that a file of any length is read in constant memory. The engine applies them
 * in a transaction (core/apply.h); a client sends them.
 */
#ifndef PKTT_DESC_COMMAND_H
#define PKTT_DESC_COMMAND_H

#include <pktt/ext.h>

struct pktt_catalog;
struct pktt_sources;
struct str;

#define PKTT_NAME_MAX	 64 /* table, chain, rule and set names, with NUL; iptables: 29, sets 32 */
#define PKTT_COMMENT_MAX 256

struct pktt_counters {
	uint64_t packets, bytes;
};

/* One match or target of a rule, which owns args. */
struct pktt_use {
	const struct pktt_ext *ext;
	void *args;
	struct pktt_place place; /* of -m NAME or -j NAME */
};

/* A rule without a place to stand: what text, JSON and wire describe. */
struct pktt_rule_spec {
	enum pktt_family family;
	struct pktt_use head; /* -s -d -i -o -p ...; ext is the family's head, args always there */
	struct pktt_use *match; /* in the order in which they are evaluated */
	unsigned int nmatches;
	struct pktt_use *target; /* in the order in which they run; the last verdict ends it */
	unsigned int ntargets;
	char name[PKTT_NAME_MAX]; /* native --name, "" = none */
	struct pktt_counters counters;
	bool has_counters;
	uint64_t handle; /* 0 = the engine gives one */
	struct pktt_place place;
	struct pktt_rule_room *room; /* rule_spec.c's: memory of the rule and all its parts */
};

/* Arguments of the built-in target "jump" (flag PKTT_EXT_JUMP), printed as -j CHAIN, -g CHAIN. */
struct pktt_jump_args {
	struct pktt_args head;
	char chain[PKTT_NAME_MAX];
	bool is_goto;
};

enum pktt_verb {
	PKTT_TABLE_BEGIN, /* *filter: a section starts; with restore semantics the table is flushed */
	PKTT_TABLE_COMMIT,   /* COMMIT */
	PKTT_CHAIN_DECLARE,  /* :CHAIN POLICY [p:b] */
	PKTT_CHAIN_NEW,	     /* -N */
	PKTT_CHAIN_DELETE,   /* -X [CHAIN] */
	PKTT_CHAIN_RENAME,   /* -E OLD NEW */
	PKTT_CHAIN_FLUSH,    /* -F [CHAIN] */
	PKTT_CHAIN_ZERO,     /* -Z [CHAIN [NUM (or --handle, --name)]] */
	PKTT_CHAIN_POLICY,   /* -P CHAIN TARGET */
	PKTT_RULE_APPEND,    /* -A */
	PKTT_RULE_INSERT,    /* -I CHAIN [NUM] */
	PKTT_RULE_REPLACE,   /* -R CHAIN NUM */
	PKTT_RULE_DELETE,    /* -D CHAIN SPEC */
	PKTT_RULE_DELETE_AT, /* -D CHAIN NUM (or --handle, --name) */
	PKTT_RULE_CHECK,     /* -C */
	PKTT_LIST,	     /* -L [CHAIN [NUM]] */
	PKTT_LIST_RULES,     /* -S [CHAIN [NUM]] */
	PKTT_SET_CREATE,     /* create NAME TYPE OPTIONS */
	PKTT_SET_DESTROY,
	PKTT_SET_FLUSH,
	PKTT_SET_ADD, /* add NAME ELEMENT OPTIONS */
	PKTT_SET_DELETE,
	PKTT_SET_SWAP,	/* swap NAME OTHER: their contents change places */
	PKTT_RULE_MOVE, /* --move CHAIN NUM (or --handle, --name) to before, after or to_number */
};

struct pktt_command {
	enum pktt_verb verb;
	enum pktt_family family;
	char table[PKTT_NAME_MAX];
	char chain[PKTT_NAME_MAX]; /* or the set */
	/* new name of a chain; type of a set; the other set of swap; --name of -D, -R, -Z, --move */
	char other[PKTT_NAME_MAX];
	enum pktt_verdict policy; /* ACCEPT, DROP; CONTINUE = none given ("-") */
	uint32_t number;	  /* of a rule, from 1; 0 = none */
	/*
	 * Of a rule; 0 = none. With it a rule is found without its chain's name, too. After RULE_APPEND,
	 * INSERT, REPLACE, DELETE and MOVE: of the rule that it was about.
	 */
	uint64_t handle;
	/* INSERT, MOVE: of the rule of that chain beside which it shall stand; 0 = none. */
	uint64_t before, after;
	uint32_t
		to_number; /* MOVE: the number that it has then, from 1; one past the last is the end */
	uint32_t list_flags; /* PKTT_LIST_* */
	struct pktt_counters counters;
	bool has_counters;
	struct pktt_rule_spec *rule; /* owned; NULL where the verb has none */
	const char *element;	     /* SET_*: the rest of the line, borrowed during the call */
	struct pktt_place place;     /* of the verb */
	struct pktt_place chain_place;
	struct pktt_place element_place; /* where element begins; no line = not in a text */
};

/* What a listing shows (PKTT_LIST, PKTT_LIST_RULES): -n -v -x --line-numbers. */
enum {
	PKTT_LIST_NUMERIC = 1 << 0,
	PKTT_LIST_VERBOSE = 1 << 1,
	PKTT_LIST_EXACT = 1 << 2,
	PKTT_LIST_NUMBERS = 1 << 3,
};

/* Several errors of a run, in order of place; at most 20 are kept, all are counted. */
struct pktt_errors {
	unsigned int count, kept;
	struct pktt_error item[20];
};

void pktt_errors_add(struct pktt_errors *errs, const struct pktt_error *err);
/*
 * file:line:column: error: sentence, the line and a caret span, for each; at the end "N errors,
 * nothing changed". line(ctx, place) gives the text of a line, ended by NUL or a line break, or
 * NULL; pktt_sources_line() is one. What is foreign text is escaped.
 */
void pktt_errors_print(const struct pktt_errors *errs,
		       const char *(*line)(void *ctx, const struct pktt_place *place), void *ctx,
		       struct str *out);

/*
 * Receives each command. It may take cmd->rule (set it to NULL). A failure is located by *err's own
 * place or, if that has no line, by cmd->place; reading goes on with the next line, so that several
 * errors are found in one run.
 */
struct pktt_receiver {
	int (*command)(void *ctx, struct pktt_command *cmd, struct pktt_error *err);
	void *ctx;
};

/* What a source is and how it is read. */
struct pktt_source {
	const struct pktt_catalog *catalog;
	const char *name;	    /* as errors name it; must outlive all that was read from it */
	enum pktt_family family;    /* of sections that do not name one */
	bool is_native;		    /* "*table family", sets, names, several targets, include */
	bool may_include;	    /* files: owned by root or the user, not writable by others */
	struct pktt_sources *files; /* keeps the files that are included (desc/source.h) */
};

/*
 * Read rule text (iptables-save, ip6tables-save, arptables-save, ipset save or native) of len
 * bytes. 0, or -EINVAL when errs has something. Linear in len.
 */
int pktt_text_read(const struct pktt_source *src, const char *text, size_t len,
		   const struct pktt_receiver *to, struct pktt_errors *errs);
/* The same for the JSON form. */
int pktt_json_read(const struct pktt_source *src, const char *text, size_t len,
		   const struct pktt_receiver *to, struct pktt_errors *errs);
/* A command as words: what an iptables command line has after the program's name. */
int pktt_words_read(const struct pktt_source *src, int argc, const char *const *argv,
		    const struct pktt_receiver *to, struct pktt_error *err);

/*
 * The gate for names of tables, chains, sets and rules (what: "chain"), whichever way they come:
 * 1 to PKTT_NAME_MAX - 1 bytes, readable again as one word of rule text.
 */
int pktt_name_check(const char *what, const char *name, struct pktt_error *err);

int pktt_rule_spec_new(struct pktt_rule_spec **ret, const struct pktt_catalog *cat,
		       enum pktt_family family);
void pktt_rule_spec_free(struct pktt_rule_spec **rule);
/* -ENOMEM; *ret untouched then. */
int pktt_rule_spec_copy(struct pktt_rule_spec **ret, const struct pktt_rule_spec *rule);
/* As -C and -D compare: conditions, matches and targets; not names, counters or handles. */
bool pktt_rule_spec_equal(const struct pktt_rule_spec *a, const struct pktt_rule_spec *b);
/* The same number for all that are equal so. */
uint64_t pktt_rule_spec_hash(const struct pktt_rule_spec *rule);
/* Take away a match or target of the rule, known by its args; false where there is none such. */
bool pktt_rule_spec_remove(struct pktt_rule_spec *rule, const void *args);
/* Append a use of ext, args zeroed and owned by the rule; returns it, NULL without memory. */
struct pktt_use *pktt_rule_spec_add(struct pktt_rule_spec *rule, const struct pktt_ext *ext);
/* How many targets at the front are ebtables' watchers, written by their options without -j. */
unsigned int pktt_rule_spec_watchers(const struct pktt_rule_spec *rule);
/* Checks that need the whole rule: protocols that matches need, families, what is REQUIRED. */
int pktt_rule_spec_finish(struct pktt_rule_spec *rule, struct pktt_error *err);
/* "-s 10.0.0.0/8 -p tcp -m tcp --dport 22 -j ACCEPT" */
void pktt_rule_spec_print(const struct pktt_rule_spec *rule, struct str *out);

/*
 * The JSON document is a sequence of commands, one object each:
 *
 *   {"pkttables":[{"metainfo":{"version":"0.1.0","json_schema_version":1}},
 *     {"table":{"family":"ipv4","name":"filter"}},
 *     {"chain":{"family":"ipv4","table":"filter","name":"INPUT","policy":"DROP","packets":1,..}},
 *     {"rule":{"family":"ipv4","table":"filter","chain":"INPUT","handle":7,"name":"ssh",
 *              "packets":3,"bytes":180,"head":{..},"matches":[{"tcp":{..}}],
 *              "targets":[{"ACCEPT":{}}]}},
 *     {"set":{"name":"s","type":"hash:ip","options":"family inet"}},
 *     {"element":{"set":"s","value":"192.0.2.1 timeout 60"}}]}
 *
 * pktt_json_read() is the inverse, and pktt_schema_print() says the same as a JSON Schema.
 */
#define PKTT_JSON_SCHEMA_VERSION 1

struct json;
void pktt_json_begin(const char *version, struct json *out);
void pktt_json_end(struct json *out);
/*
 * The object of TABLE_BEGIN, CHAIN_DECLARE, RULE_APPEND, SET_CREATE or SET_ADD; of no other verb.
 * Counters are written where has_counters, the handle where it is not 0.
 */
void pktt_command_json(const struct pktt_command *cmd, struct json *out);
/* The rule's own keys (name, head, matches, targets) into an object that the caller has opened. */
void pktt_rule_spec_json(const struct pktt_rule_spec *rule, struct json *out);
/* The JSON Schema of the document, of this catalog's extensions. */
void pktt_schema_print(const struct pktt_catalog *cat, struct str *out);
/*
 * Whether iptables can express it (one target, last; no name; name lengths). 0 or -ENOTSUP with the
 * reason: what save --format iptables refuses by handle and reason.
 */
int pktt_rule_spec_is_iptables(const struct pktt_rule_spec *rule, struct pktt_error *err);

#endif
