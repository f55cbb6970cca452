/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Named objects that rules share: the tables of hashlimit and recent, fingerprint files.
 *
 * The first rule that names one makes it, the last that leaves the engine frees it; so that a
 * replaced ruleset keeps what the old one had learned, as long as one of its rules has the name.
 *
 * Synchronization: get and put take the registry's lock. What the packets do with an object is the
 * object's own affair; a rule holds its reference as long as packets may run it.
 */
#ifndef PKTT_CORE_NAMED_H
#define PKTT_CORE_NAMED_H

#include <pktt/type.h>

struct pktt_engine;
struct pktt_named_registry;

/* A kind of object. Names of one kind are apart from those of another. */
struct pktt_named {
	const char *kind;
	/* Make the object for the rule whose args they are. */
	int (*make)(void **ret, struct pktt_engine *engine, const void *args,
		    struct pktt_error *err);
	void (*free)(void *object);
};

int pktt_named_registry_new(struct pktt_named_registry **ret);
void pktt_named_registry_free(struct pktt_named_registry **slot);
struct pktt_named_registry *pktt_engine_named(const struct pktt_engine *engine);

/* A reference to the object of this name, made if there is none. */
int pktt_named_get(void **ret, struct pktt_engine *engine, const struct pktt_named *kind,
		   const char *name, const void *args, struct pktt_error *err);
/* All objects of a kind, in order of their making; each() must not get or put. */
void pktt_named_each(const struct pktt_engine *engine, const struct pktt_named *kind,
		     void (*each)(void *ctx, const char *name, void *object), void *ctx);
void pktt_named_put(struct pktt_engine *engine, const struct pktt_named *kind, const char *name);

#endif
