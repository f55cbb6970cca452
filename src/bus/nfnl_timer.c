/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What comes to the bus from elsewhere: work that other threads post, and time.
 *
 * Timers stand in a heap by their due time. The timer descriptor is armed for the first of them,
 * and is left alone where the first only moves back: a wake-up for nothing costs less than a system
 * call at each change.
 */
#include "bus/nfnl_own.h"

#include "base/own.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

int nfnl_wake_init(struct nfnl *bus)
{
	bus->wake.source = NFNL_SOURCE_WAKE;
	bus->wake.end = &bus->wake.first;
	pthread_mutex_init(&bus->wake.lock, NULL);
	bus->wake.fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return bus->wake.fd < 0 ? -errno : 0;
}

void nfnl_wake_fini(struct nfnl *bus)
{
	if (bus->wake.fd >= 0)
		close(bus->wake.fd);
	if (bus->wake.end)
		pthread_mutex_destroy(&bus->wake.lock);
}

/*
 * The counter cannot overflow: it is one more for a queue that was empty, or a round that was left.
 */
void nfnl_wake_up(struct nfnl *bus)
{
	uint64_t one = 1;

	(void)!write(bus->wake.fd, &one, sizeof(one));
}

int nfnl_post(struct nfnl *bus, void (*fn)(void *ctx), void *ctx)
{
	struct nfnl_posted *posted = malloc(sizeof(*posted));
	bool is_first;

	if (!posted)
		return -ENOMEM;
	*posted = (struct nfnl_posted){ .fn = fn, .ctx = ctx };
	pthread_mutex_lock(&bus->wake.lock);
	is_first = !bus->wake.first;
	*bus->wake.end = posted;
	bus->wake.end = &posted->next;
	pthread_mutex_unlock(&bus->wake.lock);
	if (is_first)
		nfnl_wake_up(bus);
	return 0;
}

static struct nfnl_posted *take_posted(struct nfnl_wake *wake)
{
	struct nfnl_posted *first;

	pthread_mutex_lock(&wake->lock);
	first = wake->first;
	wake->first = NULL;
	wake->end = &wake->first;
	pthread_mutex_unlock(&wake->lock);
	return first;
}

/*
 * What is posted meanwhile wakes the bus once more: a function that posts itself does not hold it
 * up.
 */
void nfnl_wake_run(struct nfnl *bus)
{
	struct nfnl_posted *posted, *next;
	uint64_t count;

	if (bus->wake_is_set) {
		bus->wake_is_set = false;
		(void)!read(bus->wake.fd, &count, sizeof(count));
	}
	for (posted = take_posted(&bus->wake); posted; posted = next) {
		next = posted->next;
		posted->fn(posted->ctx);
		free(posted);
	}
}

int nfnl_clock_init(struct nfnl *bus)
{
	bus->clock.source = NFNL_SOURCE_CLOCK;
	bus->clock.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	return bus->clock.fd < 0 ? -errno : 0;
}

void nfnl_clock_fini(struct nfnl *bus)
{
	for (struct nfnl_timer *t = bus->clock.all; t; t = t->next_of_bus)
		t->bus = NULL;
	free(bus->clock.heap);
	if (bus->clock.fd >= 0)
		close(bus->clock.fd);
}

int nfnl_timer_new(struct nfnl_timer **ret, struct nfnl *bus, void (*fn)(void *ctx), void *ctx)
{
	PKTT_AUTO_FREE struct nfnl_timer *timer = malloc(sizeof(*timer));
	size_t count = 1; /* room in the heap for all, so that setting one cannot fail */
	void *heap;

	if (!timer)
		return -ENOMEM;
	for (struct nfnl_timer *t = bus->clock.all; t; t = t->next_of_bus)
		count++;
	if (count > bus->clock.room) {
		heap = realloc(bus->clock.heap, 2 * count * sizeof(struct nfnl_timer *));
		if (!heap)
			return -ENOMEM;
		bus->clock.heap = heap;
		bus->clock.room = 2 * count;
	}
	*timer = (struct nfnl_timer){ .bus = bus, .fn = fn, .ctx = ctx };
	timer->next_of_bus = bus->clock.all;
	bus->clock.all = timer;
	*ret = pktt_take(&timer);
	return 0;
}

static void heap_set(struct nfnl_clock *clock, size_t place, struct nfnl_timer *timer)
{
	clock->heap[place] = timer;
	timer->place = place;
}

static void heap_up(struct nfnl_clock *clock, struct nfnl_timer *timer)
{
	size_t at = timer->place;

	for (; at && clock->heap[(at - 1) / 2]->due_us > timer->due_us; at = (at - 1) / 2)
		heap_set(clock, at, clock->heap[(at - 1) / 2]);
	heap_set(clock, at, timer);
}

static void heap_down(struct nfnl_clock *clock, struct nfnl_timer *timer)
{
	size_t at = timer->place, child;

	while ((child = 2 * at + 1) < clock->count) {
		if (child + 1 < clock->count &&
		    clock->heap[child + 1]->due_us < clock->heap[child]->due_us)
			child++;
		if (clock->heap[child]->due_us >= timer->due_us)
			break;
		heap_set(clock, at, clock->heap[child]);
		at = child;
	}
	heap_set(clock, at, timer);
}

static void heap_remove(struct nfnl_clock *clock, struct nfnl_timer *timer)
{
	struct nfnl_timer *last = clock->heap[--clock->count];

	timer->due_us = 0;
	if (last == timer)
		return;
	heap_set(clock, timer->place, last);
	heap_up(clock, last);
	heap_down(clock, last);
}

static void arm(struct nfnl_clock *clock)
{
	uint64_t first = clock->count ? clock->heap[0]->due_us : 0;
	struct itimerspec spec = { 0 };

	if (!first || (clock->armed_us && clock->armed_us <= first))
		return;
	clock->armed_us = first;
	spec.it_value.tv_sec = (time_t)(first / 1000000);
	spec.it_value.tv_nsec = (long)(first % 1000000 * 1000);
	timerfd_settime(clock->fd, TFD_TIMER_ABSTIME, &spec, NULL);
}

void nfnl_timer_set(struct nfnl_timer *timer, uint64_t after_us)
{
	struct nfnl_clock *clock;

	if (!timer->bus)
		return;
	clock = &timer->bus->clock;
	if (timer->due_us)
		heap_remove(clock, timer);
	if (!after_us)
		return;
	timer->due_us = nfnl_now_us() + after_us;
	heap_set(clock, clock->count++, timer);
	heap_up(clock, timer);
	arm(clock);
}

void nfnl_timer_free(struct nfnl_timer **ptimer)
{
	struct nfnl_timer *timer = *ptimer;

	if (!timer)
		return;
	nfnl_timer_set(timer, 0);
	if (timer->bus) {
		struct nfnl_timer **at = &timer->bus->clock.all;

		while (*at != timer)
			at = &(*at)->next_of_bus;
		*at = timer->next_of_bus;
	}
	free(timer);
	*ptimer = NULL;
}

void nfnl_clock_run(struct nfnl *bus)
{
	struct nfnl_clock *clock = &bus->clock;
	uint64_t now = clock->armed_us ? nfnl_now_us() : 0, count;

	if (!clock->armed_us || now < clock->armed_us)
		return;
	(void)!read(clock->fd, &count, sizeof(count));
	clock->armed_us = 0;
	while (clock->count && clock->heap[0]->due_us <= now) {
		struct nfnl_timer *timer = clock->heap[0];

		heap_remove(clock, timer);
		timer->fn(timer->ctx);
	}
	arm(clock);
}
