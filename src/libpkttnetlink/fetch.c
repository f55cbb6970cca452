/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The catalog from pkttd: the descriptions of all its extensions, once a connection. Extensions are loaded
 * when pkttd starts, and a connection does not outlive it, so that a connection's catalog stays true. Its
 * version is a hash of all descriptions.
 */
#include "libpkttnetlink/link.h"

#include "base/own.h"
#include "wire/ext.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct fetching {
	struct wire_catalog *wire;
	uint64_t hash; /* of all descriptions, in the order in which they came */
	int error;
};

/* FNV-1a: names a catalog, against nobody's ill will. */
static uint64_t hash_more(uint64_t h, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		h = (h ^ data[i]) * 1099511628211u;
	return h;
}

static int take_ext(void *ctx, const struct pkttnl_object *obj)
{
	const struct wire_value *v = &obj->wire.value[PKTTA_EXT];
	struct fetching *f = ctx;

	if (!wire_has(&obj->wire, PKTTA_EXT))
		return 0;
	f->hash = hash_more(f->hash, v->data, v->len);
	/* What this library cannot understand is left out; all else can be used. */
	if (wire_catalog_add(f->wire, v->data, v->len, NULL) == -ENOMEM)
		f->error = -ENOMEM;
	return f->error;
}

static void free_wire(void *owner)
{
	struct wire_catalog *wire = owner;

	wire_catalog_free(&wire);
}

static int fetch(struct pkttnl *nl, struct pkttnl_error *err)
{
	PKTT_AUTO(wire_catalog_free) struct wire_catalog *wire = NULL;
	PKTT_AUTO(pkttnl_object_free) struct pkttnl_object *request = NULL;
	struct fetching f = { .hash = 14695981039346656037u };
	const struct pktt_catalog *desc;
	char name[32];
	int r;

	if (wire_catalog_new(&wire) ||
	    pkttnl_object_new(&request, PKTT_MSG_GETEXT, PKTTNL_ANY_FAMILY))
		return pkttnl_no_memory(err);
	f.wire = wire;
	r = pkttnl_ask_plain(nl, request, true, take_ext, &f, err);
	if (r)
		return f.error ? pkttnl_no_memory(err) : r;
	desc = wire_catalog_desc(wire);
	snprintf(name, sizeof(name), "%016" PRIx64, f.hash);
	r = pkttnl_catalog_new(&nl->cat, desc, name, pktt_take(&wire), free_wire);
	return r ? pkttnl_no_memory(err) : 0;
}

int pkttnl_catalog_get(struct pkttnl_catalog **ret, struct pkttnl *nl, struct pkttnl_error *err)
{
	int r = nl->cat ? 0 : fetch(nl, err);

	if (r)
		return r;
	*ret = pkttnl_catalog_hold(nl->cat);
	return 0;
}
