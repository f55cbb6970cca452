/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/named.h"

#include "base/list.h"
#include "base/own.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

struct pktt_named_registry {
	pthread_mutex_t lock;
	struct list objects;
};

struct named_object {
	struct list node;
	const struct pktt_named *kind;
	char *name;
	unsigned int references;
	void *object;
};

int pktt_named_registry_new(struct pktt_named_registry **ret)
{
	struct pktt_named_registry *registry = calloc(1, sizeof(*registry));

	if (!registry)
		return -ENOMEM;
	pthread_mutex_init(&registry->lock, NULL);
	list_init(&registry->objects);
	*ret = registry;
	return 0;
}

static void free_object(struct named_object *named)
{
	if (named->object)
		named->kind->free(named->object);
	free(named->name);
	free(named);
}

/* Rules are gone before the registry is, and have put what they got. */
void pktt_named_registry_free(struct pktt_named_registry **slot)
{
	struct pktt_named_registry *registry = *slot;

	if (!registry)
		return;
	pthread_mutex_destroy(&registry->lock);
	free(registry);
	*slot = NULL;
}

static struct named_object *lookup(const struct pktt_named_registry *registry,
				   const struct pktt_named *kind, const char *name)
{
	for (struct list *n = registry->objects.next; n != &registry->objects; n = n->next) {
		struct named_object *named = list_entry(n, struct named_object, node);

		if (named->kind == kind && strcmp(named->name, name) == 0)
			return named;
	}
	return NULL;
}

/* NULL with the reason in *r. */
static struct named_object *make(struct pktt_engine *engine, const struct pktt_named *kind,
				 const char *name, const void *args, int *r, struct pktt_error *err)
{
	struct named_object *named = calloc(1, sizeof(*named));

	*r = -ENOMEM;
	if (named)
		named->name = strdup(name);
	if (!named || !named->name) {
		free(named);
		*r = pktt_fail(err, -ENOMEM, "no memory for %s", name);
		return NULL;
	}
	named->kind = kind;
	*r = kind->make(&named->object, engine, args, err);
	if (*r) {
		free_object(named);
		return NULL;
	}
	return named;
}

int pktt_named_get(void **ret, struct pktt_engine *engine, const struct pktt_named *kind,
		   const char *name, const void *args, struct pktt_error *err)
{
	struct pktt_named_registry *registry = pktt_engine_named(engine);
	struct named_object *named;
	int r = 0;

	pthread_mutex_lock(&registry->lock);
	named = lookup(registry, kind, name);
	if (!named) {
		named = make(engine, kind, name, args, &r, err);
		if (named)
			list_insert_before(&registry->objects, &named->node);
	}
	if (named) {
		named->references++;
		*ret = named->object;
	}
	pthread_mutex_unlock(&registry->lock);
	return r;
}

void pktt_named_each(const struct pktt_engine *engine, const struct pktt_named *kind,
		     void (*each)(void *ctx, const char *name, void *object), void *ctx)
{
	struct pktt_named_registry *registry = pktt_engine_named(engine);

	pthread_mutex_lock(&registry->lock);
	list_for_each (n, &registry->objects) {
		const struct named_object *named = list_entry(n, struct named_object, node);

		if (named->kind == kind)
			each(ctx, named->name, named->object);
	}
	pthread_mutex_unlock(&registry->lock);
}

void pktt_named_put(struct pktt_engine *engine, const struct pktt_named *kind, const char *name)
{
	struct pktt_named_registry *registry = pktt_engine_named(engine);
	struct named_object *named;

	pthread_mutex_lock(&registry->lock);
	named = lookup(registry, kind, name);
	if (named && --named->references == 0) {
		list_remove(&named->node);
		free_object(named);
	}
	pthread_mutex_unlock(&registry->lock);
}
