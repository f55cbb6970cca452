/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Timeout policies by name, and which seconds hold for a connection. */
#include "conntrack/timeout.h"

#include "conntrack/own.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct policy {
	struct policy *next;
	struct ct_timeout_policy pub;
};

/* They are never taken out, so readers go along the list without the lock. */
struct ct_policies {
	pthread_mutex_t lock;
	struct policy *first;
};

int ct_policies_new(struct conntrack *ct)
{
	ct->policies = calloc(1, sizeof(*ct->policies));
	if (!ct->policies)
		return -ENOMEM;
	pthread_mutex_init(&ct->policies->lock, NULL);
	return 0;
}

void ct_policies_free(struct conntrack *ct)
{
	if (!ct->policies)
		return;
	while (ct->policies->first) {
		struct policy *p = ct->policies->first;

		ct->policies->first = p->next;
		free(p);
	}
	pthread_mutex_destroy(&ct->policies->lock);
	free(ct->policies);
	ct->policies = NULL;
}

static struct policy *find(const struct ct_policies *policies, const char *name)
{
	struct policy *p = __atomic_load_n(&policies->first, __ATOMIC_ACQUIRE);

	while (p && strcmp(p->pub.name, name) != 0)
		p = p->next;
	return p;
}

const struct ct_timeout_policy *ct_timeout_policy_find(struct conntrack *ct, const char *name)
{
	struct policy *p = find(ct->policies, name);

	return p ? &p->pub : NULL;
}

static const uint32_t *defaults_of(const struct ct_settings *settings,
				   const struct ct_l4proto *proto)
{
	return (const uint32_t *)(const void *)((const char *)settings + proto->timeouts_offset);
}

static void take_seconds(const struct conntrack *ct, struct ct_timeout_policy *to,
			 const struct ct_timeout_policy *from)
{
	const struct ct_l4proto *proto = ct_l4proto_of(from->family, from->protocol);
	const uint32_t *defaults = defaults_of(&ct->settings, proto);

	for (unsigned int i = 0; i < proto->timeout_count; i++)
		__atomic_store_n(&to->seconds[i], from->seconds[i] ? from->seconds[i] : defaults[i],
				 __ATOMIC_RELAXED);
}

static int add(struct conntrack *ct, const struct ct_timeout_policy *policy, struct pktt_error *err)
{
	struct policy *p = calloc(1, sizeof(*p));

	if (!p)
		return pktt_fail(err, -ENOMEM, "no memory for a timeout policy");
	p->pub = *policy;
	take_seconds(ct, &p->pub, policy);
	p->next = ct->policies->first;
	__atomic_store_n(&ct->policies->first, p, __ATOMIC_RELEASE);
	return 0;
}

static int set(struct conntrack *ct, const struct ct_timeout_policy *policy, struct pktt_error *err)
{
	struct policy *p = find(ct->policies, policy->name);

	if (!p)
		return add(ct, policy, err);
	if (p->pub.family != policy->family || p->pub.protocol != policy->protocol)
		return pktt_fail(err, -EINVAL, "timeout policy %s is there for another protocol",
				 policy->name);
	take_seconds(ct, &p->pub, policy);
	return 0;
}

int ct_timeout_policy_set(struct conntrack *ct, const struct ct_timeout_policy *policy,
			  struct pktt_error *err)
{
	int r;

	if (!policy->name[0] || !memchr(policy->name, 0, sizeof(policy->name)))
		return pktt_fail(err, -EINVAL, "a timeout policy needs a name of 1 to 31 bytes");
	if (policy->protocol &&
	    ct_l4proto_of(policy->family, policy->protocol) == &ct_proto_generic)
		return pktt_fail(err, -EINVAL, "protocol %u has no timeouts of its own",
				 policy->protocol);
	pthread_mutex_lock(&ct->policies->lock);
	r = set(ct, policy, err);
	pthread_mutex_unlock(&ct->policies->lock);
	return r;
}

/*
 * A policy for another protocol than the connection's would give seconds without meaning: the settings'
 * hold then.
 */
const uint32_t *ct_timeouts_of(const struct conntrack *ct, const struct conn *conn)
{
	const struct ct_l4proto *proto = ct_l4proto_of(conn->family, conn->protocol);
	const struct ct_timeout_policy *policy = conn->ext ? conn->ext->timeout : NULL;

	if (policy && ct_l4proto_of(conn->family, policy->protocol) == proto)
		return policy->seconds;
	return defaults_of(&ct->settings, proto);
}
