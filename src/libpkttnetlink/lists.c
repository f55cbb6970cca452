/* SPDX-License-Identifier: BSD-2-Clause */
/* Frequent questions, as plain calls. */
#include "libpkttnetlink/link.h"

#include "base/own.h"

#include <errno.h>
#include <string.h>

/* Of what a list shall consist; NULL = all. */
struct which {
	enum pkttnl_family family;
	const char *table, *chain, *set;
};

static int make_request(struct pkttnl_object **ret, enum pktt_rules_msg message,
			const struct which *which)
{
	PKTT_AUTO(pkttnl_object_free) struct pkttnl_object *obj = NULL;
	int r = pkttnl_object_new(&obj, message, which->family);

	if (r == 0)
		r = pkttnl_object_set_text(obj, PKTTA_TABLE, which->table);
	if (r == 0)
		r = pkttnl_object_set_text(obj, PKTTA_CHAIN, which->chain);
	if (r == 0)
		r = pkttnl_object_set_text(obj, PKTTA_SET, which->set);
	if (r == 0)
		*ret = pktt_take(&obj);
	return r;
}

static int list(struct pkttnl *nl, enum pktt_rules_msg message, const struct which *which,
		pkttnl_take *take, void *ctx, struct pkttnl_error *err)
{
	PKTT_AUTO(pkttnl_object_free) struct pkttnl_object *obj = NULL;

	if (make_request(&obj, message, which))
		return pkttnl_no_memory(err);
	return pkttnl_dump(nl, obj, take, ctx, err);
}

int pkttnl_list_rules(struct pkttnl *nl, enum pkttnl_family family, const char *table,
		      const char *chain, pkttnl_take *take, void *ctx, struct pkttnl_error *err)
{
	struct which which = { family, table, chain, NULL };

	return list(nl, PKTT_MSG_GETRULE, &which, take, ctx, err);
}

int pkttnl_list_chains(struct pkttnl *nl, enum pkttnl_family family, const char *table,
		       pkttnl_take *take, void *ctx, struct pkttnl_error *err)
{
	struct which which = { family, table, NULL, NULL };

	return list(nl, PKTT_MSG_GETCHAIN, &which, take, ctx, err);
}

int pkttnl_list_tables(struct pkttnl *nl, enum pkttnl_family family, pkttnl_take *take, void *ctx,
		       struct pkttnl_error *err)
{
	struct which which = { family, NULL, NULL, NULL };

	return list(nl, PKTT_MSG_GETTABLE, &which, take, ctx, err);
}

int pkttnl_list_sets(struct pkttnl *nl, pkttnl_take *take, void *ctx, struct pkttnl_error *err)
{
	struct which which = { PKTTNL_ANY_FAMILY, NULL, NULL, NULL };

	return list(nl, PKTT_MSG_GETSET, &which, take, ctx, err);
}

int pkttnl_list_elements(struct pkttnl *nl, const char *set, pkttnl_take *take, void *ctx,
			 struct pkttnl_error *err)
{
	struct which which = { PKTTNL_ANY_FAMILY, NULL, NULL, set };

	return list(nl, PKTT_MSG_GETELEM, &which, take, ctx, err);
}

static int ask_which(struct pkttnl *nl, enum pktt_rules_msg message, const struct which *which,
		     const char *element, const struct pkttnl_rule *rule, struct pkttnl_error *err)
{
	PKTT_AUTO(pkttnl_object_free) struct pkttnl_object *obj = NULL;
	int r = make_request(&obj, message, which);

	if (r == 0 && element)
		r = pkttnl_object_add_element(obj, element);
	if (r == 0 && rule)
		r = pkttnl_object_set_rule(obj, rule);
	return r ? pkttnl_no_memory(err) : pkttnl_request(nl, obj, NULL, NULL, err);
}

int pkttnl_test_element(struct pkttnl *nl, const char *set, const char *element,
			struct pkttnl_error *err)
{
	struct which which = { PKTTNL_ANY_FAMILY, NULL, NULL, set };
	int r = ask_which(nl, PKTT_MSG_GETELEM, &which, element, NULL, err);

	/* The element is not there, or the set is not. */
	if (r == -ENOENT)
		return ask_which(nl, PKTT_MSG_GETSET, &which, NULL, NULL, err);
	return r ? r : 1;
}

int pkttnl_test_rule(struct pkttnl *nl, const char *table, const char *chain,
		     const struct pkttnl_rule *rule, struct pkttnl_error *err)
{
	struct which which = { pkttnl_rule_family(rule), table, chain, NULL };
	int r = ask_which(nl, PKTT_MSG_GETRULE, &which, NULL, rule, err);

	if (r == -ENOENT)
		return ask_which(nl, PKTT_MSG_GETCHAIN, &which, NULL, NULL, err);
	return r ? r : 1;
}

/* --- The daemon ------------------------------------------------------------------------------- */

static int take_generation(void *ctx, const struct pkttnl_object *obj)
{
	uint64_t *generation = ctx;

	if (pkttnl_object_has(obj, PKTTA_GENERATION))
		*generation = pkttnl_object_u64(obj, PKTTA_GENERATION);
	return 0;
}

static int simple(struct pkttnl *nl, enum pktt_rules_msg message, uint64_t generation,
		  pkttnl_take *take, void *ctx, struct pkttnl_error *err)
{
	PKTT_AUTO(pkttnl_object_free) struct pkttnl_object *obj = NULL;
	int r = pkttnl_object_new(&obj, message, PKTTNL_ANY_FAMILY);

	if (r == 0 && generation)
		r = pkttnl_object_set_u64(obj, PKTTA_GENERATION, generation);
	return r ? pkttnl_no_memory(err) : pkttnl_request(nl, obj, take, ctx, err);
}

int pkttnl_generation(struct pkttnl *nl, uint64_t *ret, struct pkttnl_error *err)
{
	uint64_t generation = 0;
	int r = simple(nl, PKTT_MSG_GETGEN, 0, take_generation, &generation, err);

	if (r == 0)
		*ret = generation;
	return r;
}

int pkttnl_confirm(struct pkttnl *nl, struct pkttnl_error *err)
{
	return simple(nl, PKTT_MSG_CONFIRM, 0, NULL, NULL, err);
}

int pkttnl_rollback(struct pkttnl *nl, uint64_t generation, struct pkttnl_error *err)
{
	return simple(nl, PKTT_MSG_ROLLBACK, generation, NULL, NULL, err);
}

static int take_text(void *ctx, const struct pkttnl_object *obj)
{
	const char *text = pkttnl_object_text(obj, PKTTA_TEXT);

	if (text)
		str_puts(ctx, text);
	return 0;
}

int pkttnl_stat(struct pkttnl *nl, char *buf, size_t room, struct pkttnl_error *err)
{
	struct str text = STR_INIT;
	int r = simple(nl, PKTT_MSG_GETSTAT, 0, take_text, &text, err);

	if (r == 0)
		return pkttnl_text_out(&text, buf, room);
	str_fini(&text);
	return r;
}

int pkttnl_packet(struct pkttnl *nl, const char *iface, const void *frame, size_t len,
		  pkttnl_take *take, void *ctx, struct pkttnl_error *err)
{
	PKTT_AUTO(pkttnl_object_free) struct pkttnl_object *obj = NULL;
	int r = pkttnl_object_new(&obj, PKTT_MSG_PACKET, PKTTNL_ANY_FAMILY);

	if (r == 0)
		r = pkttnl_object_set_text(obj, PKTTA_IFACE, iface);
	if (r == 0)
		r = pkttnl_object_set_data(obj, frame, len);
	return r ? pkttnl_no_memory(err) : pkttnl_request(nl, obj, take, ctx, err);
}
