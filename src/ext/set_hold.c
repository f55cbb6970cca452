/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ext/set.h"

#include <errno.h>

int set_hold(struct pktt_engine *engine, const struct pktt_set_ref *ref, struct pktt_set **ret,
	     struct pktt_error *err)
{
	struct pktt_set *set = pktt_set_find(engine, ref->name);

	if (!set)
		return pktt_fail(err, -ENOENT, "there is no set %s", ref->name);
	if (ref->dims < pktt_set_dims(set))
		return pktt_fail(err, -EINVAL,
				 "set %s is of type %s: it needs %u of src and dst, not %u",
				 ref->name, pktt_set_type(set), pktt_set_dims(set), ref->dims);
	pktt_set_get(set);
	*ret = set;
	return 0;
}

void set_release(struct pktt_set **set)
{
	if (*set)
		pktt_set_put(*set);
	*set = NULL;
}
