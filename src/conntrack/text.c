/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections and expectations as lines of conntrack(8) 1.4.7, which prints a field and a blank, in a
 * fixed order, and takes the last blank away.
 */
#include "conntrack/text.h"

#include "base/str.h"
#include "conntrack/helper.h"
#include "conntrack/own.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void put_address(struct str *out, const char *key, uint8_t family, const uint8_t *addr)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(family == PKTT_IPV6 ? AF_INET6 : AF_INET, addr, text, sizeof(text));
	str_putf(out, "%s=%s ", key, text);
}

/* What stands for ports; the protocol tells what the two numbers are. */
static void put_l4(struct str *out, const struct ct_tuple *t)
{
	const uint8_t *type = (const uint8_t *)&t->dport;

	switch (t->protocol) {
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_DCCP:
		str_putf(out, "sport=%u dport=%u ", ntohs(t->sport), ntohs(t->dport));
		break;
	case IPPROTO_GRE:
		str_putf(out, "srckey=0x%x dstkey=0x%x ", ntohs(t->sport), ntohs(t->dport));
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		str_putf(out, "type=%u code=%u id=%u ", type[0], type[1], ntohs(t->sport));
		break;
	}
}

static void put_tuple(struct str *out, const struct ct_tuple *t)
{
	put_address(out, "src", t->family, t->src);
	put_address(out, "dst", t->family, t->dst);
	put_l4(out, t);
}

static void drop_last_blank(struct str *out)
{
	if (out->len && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
}

/* --- Connections ------------------------------------------------------------------------------ */

struct line {
	struct conntrack *ct;
	struct conn *conn;
	const struct conn_ext *ext; /* or NULL */
	unsigned int flags;
	uint32_t status;
	struct str *out;
};

static void put_head(const struct line *l, const struct ct_tuple *t)
{
	const struct ct_l4proto *proto = ct_l4proto_of(t->family, t->protocol);
	const char *state = proto->state ? proto->state(l->conn) : NULL;

	if (l->flags & CT_TEXT_EXTENDED)
		str_putf(l->out, "%-8s %u ", t->family == PKTT_IPV6 ? "ipv6" : "ipv4",
			 t->family == PKTT_IPV6 ? 10 : 2);
	str_putf(l->out, "%-8s %u ", proto->name, t->protocol);
	/* Linux says neither of a flow that has left for a faster path. */
	if (l->status & CT_OFFLOAD)
		return;
	str_putf(l->out, "%u ", conn_timeout_left(l->conn, ct_ms(conntrack_time_ns(l->ct))) / 1000);
	if (state)
		str_putf(l->out, "%s ", state);
}

static void put_direction(const struct line *l, enum ct_dir dir)
{
	const struct ct_counter *counter = &l->conn->counter[dir];
	struct ct_tuple t;

	conn_tuple(l->conn, dir, &t);
	put_tuple(l->out, &t);
	if (l->conn->zone && l->conn->zone_dirs == 1 << dir)
		str_putf(l->out, "zone-%s=%u ", dir == CT_ORIGINAL ? "orig" : "reply",
			 l->conn->zone);
	if (l->ct->settings.acct && !(l->flags & CT_TEXT_EVENT))
		str_putf(l->out, "packets=%" PRIu64 " bytes=%" PRIu64 " ",
			 __atomic_load_n(&counter->packets, __ATOMIC_RELAXED),
			 __atomic_load_n(&counter->bytes, __ATOMIC_RELAXED));
}

static void put_assured(const struct line *l)
{
	if (l->status & CT_HW_OFFLOAD)
		str_puts(l->out, "[HW_OFFLOAD] ");
	else if (l->status & CT_OFFLOAD)
		str_puts(l->out, "[OFFLOAD] ");
	else if (l->status & CT_ASSURED)
		str_puts(l->out, "[ASSURED] ");
}

/* As ctime(3) writes it, in the time zone of who reads. */
static void put_date(struct str *out, const char *key, uint64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	char text[64];

	if (ns && ctime_r(&seconds, text))
		str_putf(out, "[%s=%.24s] ", key, text);
}

static void put_times(const struct line *l)
{
	uint64_t start = l->ext->start_ns, end = l->ext->stop_ns;

	if (!start)
		return;
	if (!end)
		end = conntrack_time_ns(l->ct);
	str_putf(l->out, "delta-time=%" PRIu64 " ", end > start ? (end - start) / 1000000000 : 0);
	if (l->flags & CT_TEXT_TIMESTAMP) {
		put_date(l->out, "start", start);
		put_date(l->out, "stop", l->ext->stop_ns);
	}
}

static void put_labels(const struct line *l)
{
	char comma = '=';

	for (unsigned int bit = 0; bit < 128; bit++)
		if (l->ext->label[bit / 64] >> bit % 64 & 1) {
			str_putf(l->out, "%s%c%u", comma == '=' ? "labels" : "", comma, bit);
			comma = ',';
		}
	if (comma == ',')
		str_putc(l->out, ' ');
}

static void put_tail(const struct line *l)
{
	const struct ct_helper *helper = conn_helper(l->conn);
	uint32_t mark = conn_mark(l->conn);

	if (mark || !(l->flags & CT_TEXT_EVENT))
		str_putf(l->out, "mark=%u ", mark);
	if (l->conn->zone && l->conn->zone_dirs == CT_ZONE_BOTH)
		str_putf(l->out, "zone=%u ", l->conn->zone);
	if (l->ext)
		put_times(l);
	if (helper)
		str_putf(l->out, "helper=%s ", helper->name);
	if (!(l->flags & CT_TEXT_EVENT))
		str_puts(l->out, "use=1 ");
	if (l->flags & CT_TEXT_ID)
		str_putf(l->out, "id=%u ", l->conn->id);
	if (l->flags & CT_TEXT_LABELS && l->ext && l->ext->has_label)
		put_labels(l);
}

void conn_text(struct conntrack *ct, struct conn *conn, unsigned int flags, struct str *out)
{
	struct line l = { .ct = ct, .conn = conn, .flags = flags, .out = out };
	struct ct_tuple t;

	l.ext = __atomic_load_n(&conn->ext, __ATOMIC_ACQUIRE);
	l.status = conn_status(conn);
	conn_tuple(conn, CT_ORIGINAL, &t);
	put_head(&l, &t);
	put_direction(&l, CT_ORIGINAL);
	if (!(l.status & CT_SEEN_REPLY))
		str_puts(out, "[UNREPLIED] ");
	put_direction(&l, CT_REPLY);
	put_assured(&l);
	put_tail(&l);
	drop_last_blank(out);
}

/* --- Expectations ------------------------------------------------------------------------------ */

static void put_flags(struct str *out, uint8_t flags)
{
	static const char *const name[] = { "PERMANENT", "INACTIVE", "USERSPACE" };
	const char *between = "";

	for (unsigned int i = 0; i < 3; i++)
		if (flags >> i & 1) {
			str_putf(out, "%s%s", between, name[i]);
			between = ",";
		}
	if (*between)
		str_putc(out, ' ');
}

void expect_text(struct conntrack *ct, const struct expect *expect, struct str *out)
{
	const struct ct_helper *helper = conn_helper(expect->master);
	struct ct_tuple mask = expect->mask, master;

	mask.family = expect->tuple.family;
	mask.protocol = expect->tuple.protocol;
	str_putf(out, "%u proto=%u ", expect_timeout_left(ct, expect), expect->tuple.protocol);
	put_tuple(out, &expect->tuple);
	put_address(out, "mask-src", mask.family, mask.src);
	put_address(out, "mask-dst", mask.family, mask.dst);
	put_l4(out, &mask);
	conn_tuple(expect->master, CT_ORIGINAL, &master);
	put_address(out, "master-src", master.family, master.src);
	put_address(out, "master-dst", master.family, master.dst);
	put_l4(out, &master);
	put_flags(out, expect->flags);
	str_putf(out, "class=%u ", expect->class);
	if (helper)
		str_putf(out, "helper=%s ", helper->name);
	drop_last_blank(out);
}

/* --- The table -------------------------------------------------------------------------------- */

struct all {
	struct conn **conn;
	size_t count, room;
};

static bool all_grow(struct all *all, size_t more)
{
	size_t room = all->room ? all->room : 1024;
	struct conn **conn;

	if (all->count + more <= all->room)
		return true;
	while (room < all->count + more)
		room *= 2;
	conn = realloc(all->conn, room * sizeof(struct conn *));
	if (!conn)
		return false;
	all->conn = conn;
	all->room = room;
	return true;
}

static int by_id(const void *a, const void *b)
{
	const struct conn *x = *(struct conn *const *)a, *y = *(struct conn *const *)b;

	return x->id < y->id ? -1 : x->id > y->id;
}

void conntrack_save(struct conntrack *ct, struct str *out)
{
	struct all all = { 0 };
	uint64_t cursor = 0;

	do {
		if (!all_grow(&all, 64)) {
			out->failed = true;
			break;
		}
		all.count += conndb_next(ct->db, &cursor, all.conn + all.count, 64);
	} while (cursor);
	if (all.count)
		qsort(all.conn, all.count, sizeof(struct conn *), by_id);
	for (size_t i = 0; i < all.count; i++) {
		if (!conn_is_expired(all.conn[i], ct_ms(conntrack_time_ns(ct)))) {
			conn_text(ct, all.conn[i], CT_TEXT_EXTENDED, out);
			str_putc(out, '\n');
		}
		conn_put(ct->db, &all.conn[i]);
	}
	free(all.conn);
}
