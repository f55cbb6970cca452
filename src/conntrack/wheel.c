/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wheel: 256 slots of 128 ms. Every confirmed connection stands in the slot of its timeout, or, if
 * that is further away, in the last one; packets move the timeout and leave it where it is. When its
 * slot has passed, it is looked at: expired, it goes; otherwise it gets the slot that it then needs. So
 * an entry is visited once in 32 seconds, and once when it expires.
 *
 * Slots that have passed are appended to one list of what is due, in order; a jump of weeks appends
 * each slot once. Entries are taken from that list, so a call may stop anywhere.
 *
 * Synchronization: connections are spread over wheels by their index; each has a lock. An entry is
 * on the wheel only while the table has its reference.
 */
#include "conntrack/conndb_private.h"

/* The ends of a list are links, too: bit 31 and the list's number name them. */
#define LIST UINT32_C(0x80000000)

static struct conn_link *link_at(const struct conndb *db, struct wheel *wheel, uint32_t at)
{
	return at & LIST ? &wheel->list[at & ~LIST] : &pool_at(db->pool, at)->wheel;
}

static struct wheel *wheel_of(const struct conndb *db, uint32_t index)
{
	return &db->wheel[index & (db->shards - 1)];
}

void wheel_init(struct wheel *wheel)
{
	for (uint32_t i = 0; i < WHEEL_LISTS; i++)
		wheel->list[i] = (struct conn_link){ LIST | i, LIST | i };
}

static void append(const struct conndb *db, struct wheel *wheel, uint32_t list, struct conn *conn)
{
	struct conn_link *head = &wheel->list[list];

	conn->wheel = (struct conn_link){ LIST | list, head->prev };
	link_at(db, wheel, head->prev)->next = conn->index;
	head->prev = conn->index;
}

static void take_out(const struct conndb *db, struct wheel *wheel, struct conn *conn)
{
	link_at(db, wheel, conn->wheel.prev)->next = conn->wheel.next;
	link_at(db, wheel, conn->wheel.next)->prev = conn->wheel.prev;
	conn->wheel = (struct conn_link){ 0, 0 };
}

/* Ticks are counted modulo 2^25, as the clock of ms wraps. */
static uint32_t ticks_from(const struct wheel *wheel, uint32_t ms)
{
	return (ms >> WHEEL_TICK_SHIFT) - wheel->tick;
}

static void put_into_slot(const struct conndb *db, struct wheel *wheel, struct conn *conn)
{
	uint32_t expires = load_relaxed(&conn->expires);
	int32_t ahead = (int32_t)(expires - (wheel->tick << WHEEL_TICK_SHIFT));
	uint32_t ticks = ahead < 0 ? 0 : (uint32_t)ahead >> WHEEL_TICK_SHIFT;

	if (ticks > WHEEL_SLOTS - 1)
		ticks = WHEEL_SLOTS - 1;
	append(db, wheel, (wheel->tick + ticks) % WHEEL_SLOTS, conn);
}

static void start(struct wheel *wheel, uint32_t now_ms)
{
	if (!wheel->is_started) {
		wheel->is_started = true;
		wheel->tick = now_ms >> WHEEL_TICK_SHIFT;
	}
}

/* Who took it out of the table meanwhile has set CT_DYING before it came here. */
void wheel_add(struct conndb *db, struct conn *conn, uint32_t now_ms)
{
	struct wheel *wheel = wheel_of(db, conn->index);

	spin_lock(&wheel->lock);
	start(wheel, now_ms);
	if (!conn_is_dying(conn))
		put_into_slot(db, wheel, conn);
	spin_unlock(&wheel->lock);
}

void wheel_remove(struct conndb *db, struct conn *conn)
{
	struct wheel *wheel = wheel_of(db, conn->index);

	spin_lock(&wheel->lock);
	if (conn->wheel.next)
		take_out(db, wheel, conn);
	spin_unlock(&wheel->lock);
}

/* A slot's entries become due, behind those that are already. */
static void make_due(const struct conndb *db, struct wheel *wheel, uint32_t slot)
{
	struct conn_link *from = &wheel->list[slot], *to = &wheel->list[WHEEL_DUE];

	if (from->next & LIST)
		return;
	link_at(db, wheel, to->prev)->next = from->next;
	link_at(db, wheel, from->next)->prev = to->prev;
	link_at(db, wheel, from->prev)->next = LIST | WHEEL_DUE;
	to->prev = from->prev;
	*from = (struct conn_link){ LIST | slot, LIST | slot };
}

static void turn(const struct conndb *db, struct wheel *wheel, uint32_t now_ms)
{
	uint32_t ticks = ticks_from(wheel, now_ms) << WHEEL_TICK_SHIFT >> WHEEL_TICK_SHIFT;

	/* The upper half is the past: another worker was here with a later clock. */
	if (ticks >> (31 - WHEEL_TICK_SHIFT))
		return;
	for (uint32_t i = 0; i < ticks && i < WHEEL_SLOTS; i++)
		make_due(db, wheel, (wheel->tick + i) % WHEEL_SLOTS);
	wheel->tick = now_ms >> WHEEL_TICK_SHIFT;
}

/* The first that is due and has expired, with a reference; the others are given a new slot. */
static struct conn *next_expired(const struct conndb *db, struct wheel *wheel, uint32_t now_ms,
				 uint32_t *visits)
{
	struct conn *ret = NULL;

	spin_lock(&wheel->lock);
	start(wheel, now_ms);
	turn(db, wheel, now_ms);
	while (!ret && *visits && !(wheel->list[WHEEL_DUE].next & LIST)) {
		struct conn *conn = pool_at(db->pool, wheel->list[WHEEL_DUE].next);

		take_out(db, wheel, conn);
		--*visits;
		if (conn_is_expired(conn, now_ms) && conn_get(conn))
			ret = conn;
		else
			put_into_slot(db, wheel, conn);
	}
	spin_unlock(&wheel->lock);
	return ret;
}

/*
 * A packet may have given it more time after it was looked at here. Then it is lost all the same, as
 * on Linux: that is one instant after its timeout.
 */
bool conndb_advance(struct conndb *db, uint32_t now_ms, uint32_t budget)
{
	uint32_t visits = budget ? budget : UINT32_MAX;

	for (unsigned int i = 0; i < db->shards; i++) {
		struct conn *conn;

		while ((conn = next_expired(db, &db->wheel[i], now_ms, &visits)))
			conndb_expire(db, &conn);
		if (!visits)
			return false;
	}
	return true;
}
