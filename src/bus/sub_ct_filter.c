/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ctnetlink: which connections a dump or a flush is about. */
#include "bus/sub_ct_own.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* What a flag of CTA_FILTER compares of a tuple. */
static const struct {
	uint32_t flag;
	uint8_t offset, size;
} fields[] = {
	{ CT_FILTER_SRC, offsetof(struct ct_tuple, src), 16 },
	{ CT_FILTER_DST, offsetof(struct ct_tuple, dst), 16 },
	{ CT_FILTER_ZONE, offsetof(struct ct_tuple, zone), 2 },
	{ CT_FILTER_PROTOCOL, offsetof(struct ct_tuple, protocol), 1 },
	{ CT_FILTER_SPORT, offsetof(struct ct_tuple, sport), 2 },
	{ CT_FILTER_DPORT, offsetof(struct ct_tuple, dport), 2 },
	{ CT_FILTER_ICMP_TYPE, offsetof(struct ct_tuple, dport), 1 },
	{ CT_FILTER_ICMP_CODE, offsetof(struct ct_tuple, dport) + 1, 1 },
	{ CT_FILTER_ICMP_ID, offsetof(struct ct_tuple, sport), 2 },
	{ CT_FILTER_ICMPV6_TYPE, offsetof(struct ct_tuple, dport), 1 },
	{ CT_FILTER_ICMPV6_CODE, offsetof(struct ct_tuple, dport) + 1, 1 },
	{ CT_FILTER_ICMPV6_ID, offsetof(struct ct_tuple, sport), 2 },
};

/* Those that mean something only together with a protocol. */
#define NEEDS_PROTOCOL \
	(CT_FILTER_ALL & ~(CT_FILTER_SRC | CT_FILTER_DST | CT_FILTER_ZONE | CT_FILTER_PROTOCOL))

static int take_tuple(struct sub_ct_filter *f, const struct ct_view *v, unsigned int dir,
		      struct pktt_error *err)
{
	uint32_t flags = v->filter_flags[dir];

	if (flags & ~(uint32_t)CT_FILTER_ALL)
		return pktt_fail(err, -EINVAL, "CTA_FILTER has flags that nobody knows");
	if (!flags)
		return 0;
	if (!(v->has & CTV_ORIG << dir) || flags & ~(v->given[dir] | CT_FILTER_ZONE))
		return pktt_fail(err, -EINVAL, "CTA_FILTER asks for more than the tuple has");
	if (flags & NEEDS_PROTOCOL && !(flags & CT_FILTER_PROTOCOL))
		return pktt_fail(err, -EINVAL, "CTA_FILTER asks for ports without a protocol");
	f->has_tuple[dir] = true;
	f->value[dir] = v->tuple[dir];
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (flags & fields[i].flag)
			memset((uint8_t *)&f->mask[dir] + fields[i].offset, 0xff, fields[i].size);
	return 0;
}

/* Under a mask that the value has bits outside of, the kernel finds nothing: value == x & mask. */
static int take_mark(struct sub_ct_filter *f, const struct ct_view *v, struct pktt_error *err)
{
	if (v->has & CTV_MARK_MASK && !(v->has & CTV_MARK))
		return pktt_fail(err, -EINVAL, "CTA_MARK_MASK needs CTA_MARK");
	if (!(v->has & CTV_MARK))
		return 0;
	f->meta.has |= CT_HAS_MARK;
	f->meta.mark = v->mark;
	f->meta.mark_mask = v->has & CTV_MARK_MASK ? v->mark_mask : UINT32_MAX;
	f->is_impossible |= v->mark & ~f->meta.mark_mask;
	return 0;
}

static int take_status(struct sub_ct_filter *f, const struct ct_view *v, struct pktt_error *err)
{
	if (v->has & CTV_STATUS_MASK && !(v->has & CTV_STATUS))
		return pktt_fail(err, -EINVAL, "CTA_STATUS_MASK needs CTA_STATUS");
	if (!(v->has & CTV_STATUS))
		return 0;
	f->meta.has |= CT_HAS_STATUS;
	f->meta.status = v->status;
	f->meta.status_mask = v->has & CTV_STATUS_MASK ? v->status_mask : v->status;
	if (!f->meta.status_mask)
		return pktt_fail(err, -EINVAL, "a mask of 0 for CTA_STATUS");
	f->is_impossible |= v->status & ~f->meta.status_mask;
	return 0;
}

int sub_ct_filter_of(struct sub_ct_filter *f, const struct ct_view *v, uint8_t family,
		     struct pktt_error *err)
{
	int r;

	memset(f, 0, sizeof(*f));
	if (family != CT_FAMILY_ANY) {
		f->meta.has |= CT_HAS_FAMILY;
		f->meta.family = family;
	}
	r = take_mark(f, v, err);
	if (r == 0)
		r = take_status(f, v, err);
	if (v->has & CTV_ZONE) {
		f->meta.has |= CT_HAS_ZONE;
		f->meta.zone = v->zone;
	}
	for (unsigned int dir = 0; r == 0 && dir < 2 && v->has & CTV_FILTER; dir++)
		r = take_tuple(f, v, dir, err);
	f->is_any = !f->meta.has && !f->has_tuple[0] && !f->has_tuple[1] && !f->is_impossible;
	return r;
}

static bool tuple_fits(const struct sub_ct_filter *f, const struct conn *conn, unsigned int dir)
{
	const uint8_t *value = (const uint8_t *)&f->value[dir];
	const uint8_t *mask = (const uint8_t *)&f->mask[dir];
	struct ct_tuple t;

	conn_tuple(conn, dir, &t);
	for (size_t i = 0; i < sizeof(t); i++)
		if ((((const uint8_t *)&t)[i] ^ value[i]) & mask[i])
			return false;
	return true;
}

bool sub_ct_filter_fits(const struct sub_ct_filter *filter, struct conn *conn)
{
	if (filter->is_any)
		return true;
	if (filter->is_impossible || !ct_filter_fits(&filter->meta, conn))
		return false;
	for (unsigned int dir = 0; dir < 2; dir++)
		if (filter->has_tuple[dir] && !tuple_fits(filter, conn, dir))
			return false;
	return true;
}
