/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of the rules' subsystem know of each other. */
#ifndef BUS_SUB_PKTT_OWN_H
#define BUS_SUB_PKTT_OWN_H

#include "bus/sub.h"
#include "core/change.h"
#include "core/set.h"
#include "wire/command.h"

#define SUB_MESSAGE_MAX (256 * 1024) /* the longest rule or description that is sent */

/* What is counted and limited. */
enum sub_kind { SUB_RULES, SUB_CHAINS, SUB_SETS, SUB_ELEMENTS, SUB_KINDS };

/* How much a transaction adds and takes away. */
struct sub_tally {
	uint64_t added[SUB_KINDS], deleted[SUB_KINDS];
	bool has_new_body;   /* a set was made, flushed, swapped or destroyed */
	unsigned int others; /* changes that are neither: policies, names, moves ... */
};

/* What one uid has added, less what it deleted. */
struct sub_uid {
	struct sub_uid *next;
	uid_t uid;
	uint64_t has[SUB_KINDS];
};

/* What NLM_F_ECHO is answered with once the change is there. */
struct sub_echo {
	uint32_t seq;
	uint8_t msg; /* enum pktt_rules_msg */
	unsigned int family;
	uint64_t handle;
	char table[PKTT_NAME_MAX], chain[PKTT_NAME_MAX], name[PKTT_NAME_MAX], other[PKTT_NAME_MAX];
};

struct sub_file;
struct sub_trace;

struct sub_user {
	struct nfnl_who who;
	bool is_peer; /* else pkttd itself */
};

struct sub_pktt {
	struct nfnl *bus;
	struct pktt_engine *engine;
	struct sub_pktt_config config;
	char *version;
	struct nfnl_subsys subsys;
	struct nfnl_call call[PKTT_MSG_COUNT];
	struct sub_other {
		int (*run)(void *ctx, struct nfnl_request *req, struct pktt_error *err);
		void *ctx;
	} other[PKTT_MSG_COUNT];
	/* The transaction that is open, a peer's or that of a single change. */
	struct pktt_txn *txn;
	uint64_t begun_ns;	   /* CLOCK_MONOTONIC */
	struct sub_user user, own; /* who it runs for; who pkttd says that it runs for */
	struct sub_tally tally;
	struct sub_echo *echo;
	size_t nechoes, echo_room;
	uint64_t if_generation;
	uint32_t seconds;
	bool is_limited, is_stale; /* total is not what there is */
	uint64_t total[SUB_KINDS];
	uint64_t sweep_ns; /* not before this, the clock of begun_ns, are old elements looked for */
	struct sub_uid *uids;
	struct sub_file **file; /* names of rule files that places point to: a hash table */
	size_t nfiles;
	struct sub_trace *trace;
};

/* sub_pktt_change.c */
int sub_change(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_begin(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_commit(void *ctx, struct nfnl_request *req, struct pktt_error *err);
void sub_abort(void *ctx, struct nfnl_peer *peer);
/* A name of a file that lives as long as the engine's rules; NULL for NULL, or where there are too many. */
const char *sub_file(struct sub_pktt *sub, const char *name);
void sub_files_free(struct sub_pktt *sub);

/* sub_pktt_limit.c */
void sub_limit_init(struct sub_pktt *sub);
void sub_limit_fini(struct sub_pktt *sub);
/* A peer's transaction begins. */
void sub_limit_begin(struct sub_pktt *sub);
/* What cmd adds or takes away enters the tally; refused where it is too much. Before it is done. */
int sub_limit_check(struct sub_pktt *sub, const struct pktt_command *cmd, unsigned int flags,
		    struct pktt_error *err);
/* How many elements the set of an add or del has; 0 where nobody counts. */
uint64_t sub_limit_elements(const struct sub_pktt *sub, const struct pktt_command *cmd);
/* After it is done: elements, of which there were so many before. */
int sub_limit_applied(struct sub_pktt *sub, const struct pktt_command *cmd, uint64_t before,
		      struct pktt_error *err);
void sub_limit_committed(struct sub_pktt *sub);
/* The same after a transaction of pkttd itself. */
void sub_limit_own_committed(struct sub_pktt *sub);
/* "+3 rules, -1 rule" */
void sub_tally_print(const struct sub_tally *tally, uint64_t nchanges, char *buf, size_t room);

/* sub_pktt_event.c */
extern const struct pktt_change_listener sub_listener;

/* sub_pktt_object.c: things as objects, to be sent. Texts are borrowed. */
void sub_object_table(struct wire_object *obj, uint8_t msg, const struct pktt_table *table);
void sub_object_chain(struct wire_object *obj, uint8_t msg, const struct pktt_chain *chain,
		      enum pktt_verdict policy);
void sub_object_rule(struct wire_object *obj, uint8_t msg, const struct pktt_rule *rule);
/* options is for the text of its options. */
void sub_object_set(struct wire_object *obj, uint8_t msg, struct pktt_set *set,
		    struct str *options);
/* A message of obj in the bus' scratch memory, or NULL. */
struct nlmsghdr *sub_message(struct nfnl *bus, const struct wire_object *obj);

/* sub_pktt_list.c */
int sub_get_table(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_get_chain(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_get_rule(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_get_generation(void *ctx, struct nfnl_request *req, struct pktt_error *err);
/* sub_pktt_list_set.c */
int sub_get_set(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_get_element(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_get_ext(void *ctx, struct nfnl_request *req, struct pktt_error *err);

/* sub_pktt_trace.c */
int sub_trace_new(struct sub_trace **ret, struct sub_pktt *sub);
void sub_trace_free(struct sub_trace **trace);
int sub_trace_start(void *ctx, struct nfnl_request *req, struct pktt_error *err);
int sub_trace_stop(void *ctx, struct nfnl_request *req, struct pktt_error *err);
void sub_trace_forget(struct sub_pktt *sub, struct nfnl_peer *peer);

#endif
