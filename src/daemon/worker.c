/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include <urcu-qsbr.h>

#include "base/own.h"

/* Jobs between two quiescent states, and ms between two looks at the clock of an idle worker. */
enum { BATCH = 64, IDLE_MS = 100 };

struct worker {
	struct workers *all;
	unsigned int number;
	pthread_t thread;
	bool is_running;
	void *of_datapath;
	unsigned int rounds;
	int error; /* of its begin; has_begun says that it is known */
	struct pktt_error why;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t begun;
	int bell; /* eventfd: rung when the box was empty */
	struct worker_job *first, **end;
	uint64_t waiting;
	bool has_begun, must_end;
};

struct workers {
	unsigned int count;
	const struct datapath_ops *ops;
	void *datapath;
	struct worker worker[];
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* Every so often a worker that is busy looks at the clock as well. */
static bool is_late(struct worker *w)
{
	return ++w->rounds % 64 == 0;
}

static void ring(struct worker *w)
{
	const uint64_t one = 1;

	(void)!write(w->bell, &one, sizeof(one));
}

/* All jobs that are there, or NULL; *ends: there will be no more. */
static struct worker_job *take_jobs(struct worker *w, bool *ends)
{
	struct worker_job *ret;

	pthread_mutex_lock(&w->lock);
	ret = w->first;
	w->first = NULL;
	w->end = &w->first;
	*ends = w->must_end && !ret;
	pthread_mutex_unlock(&w->lock);
	return ret;
}

/* Until there are jobs or packets, or it is time to look at the clock. */
static void sleep_until_work(struct worker *w)
{
	const struct datapath_ops *ops = w->all->ops;
	struct pollfd on[2] = {
		{ .fd = w->bell, .events = POLLIN },
		{ .fd = ops->worker_fd ? ops->worker_fd(w->of_datapath) : -1, .events = POLLIN },
	};
	uint64_t rung;

	rcu_thread_offline();
	poll(on, 2, IDLE_MS);
	if (on[0].revents)
		(void)!read(w->bell, &rung, sizeof(rung));
	rcu_thread_online();
}

static void run_jobs(struct worker *w, struct worker_job *job)
{
	const struct datapath_ops *ops = w->all->ops;
	unsigned int n = 0;

	while (job) {
		struct worker_job *next = job->next;

		if (n++ % BATCH == 0) {
			rcu_quiescent_state();
			ops->batch(w->of_datapath);
		}
		job->run(job, ops, w->of_datapath);
		__atomic_fetch_sub(&w->waiting, 1, __ATOMIC_RELAXED);
		job = next;
	}
}

static void tell_begun(struct worker *w, int error)
{
	pthread_mutex_lock(&w->lock);
	w->error = error;
	w->has_begun = true;
	pthread_cond_broadcast(&w->begun);
	pthread_mutex_unlock(&w->lock);
}

/* Whether there was anything to do. */
static bool run_packets(struct worker *w)
{
	const struct datapath_ops *ops = w->all->ops;

	if (!ops->run_packets)
		return false;
	rcu_quiescent_state();
	ops->batch(w->of_datapath);
	return ops->run_packets(w->of_datapath, BATCH) > 0;
}

static void *thread_run(void *ctx)
{
	struct worker *w = ctx;
	const struct datapath_ops *ops = w->all->ops;
	bool ends = false;
	int r;

	rcu_register_thread();
	r = ops->worker_begin(w->all->datapath, w->number, &w->of_datapath, &w->why);
	tell_begun(w, r);
	while (r == 0 && !ends) {
		struct worker_job *jobs = take_jobs(w, &ends);
		bool is_busy = run_packets(w);

		run_jobs(w, jobs);
		if (!jobs && !is_busy && !ends)
			sleep_until_work(w);
		if (!is_busy || is_late(w)) {
			ops->batch(w->of_datapath);
			ops->advance(w->of_datapath, now_ns());
		}
	}
	if (r == 0)
		ops->worker_end(w->of_datapath);
	rcu_unregister_thread();
	return NULL;
}

/* Signals are the control thread's. */
static int start(struct worker *w, struct pktt_error *err)
{
	sigset_t all, old;
	int r;

	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->begun, NULL);
	w->end = &w->first;
	w->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->bell < 0)
		return pktt_fail(err, -errno, "eventfd: %s", strerror(errno));
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(&w->thread, NULL, thread_run, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r)
		return pktt_fail(err, -r, "a thread cannot be made");
	w->is_running = true;
	pthread_mutex_lock(&w->lock);
	while (!w->has_begun)
		pthread_cond_wait(&w->begun, &w->lock);
	pthread_mutex_unlock(&w->lock);
	return w->error ? pktt_fail(err, w->error, "%.200s", w->why.text) : 0;
}

int workers_new(struct workers **ret, unsigned int count, const struct datapath_ops *ops,
		void *datapath, struct pktt_error *err)
{
	PKTT_AUTO(workers_free)
	struct workers *all = calloc(1, sizeof(*all) + count * sizeof(all->worker[0]));
	int r = 0;

	if (!all)
		return pktt_fail(err, -ENOMEM, "no memory for %u workers", count);
	all->ops = ops;
	all->datapath = datapath;
	/* A worker that starts may not keep the others' grace periods waiting. */
	rcu_thread_offline();
	for (unsigned int i = 0; r == 0 && i < count; i++) {
		all->worker[i].all = all;
		all->worker[i].number = i;
		all->worker[i].bell = -1;
		all->count++;
		r = start(&all->worker[i], err);
	}
	rcu_thread_online();
	if (r == 0)
		*ret = pktt_take(&all);
	return r;
}

static void stop(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	w->must_end = true;
	pthread_mutex_unlock(&w->lock);
	ring(w);
	if (w->is_running)
		pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->begun);
	if (w->bell >= 0)
		close(w->bell);
	pthread_mutex_destroy(&w->lock);
}

void workers_free(struct workers **slot)
{
	struct workers *all = *slot;

	if (!all)
		return;
	rcu_thread_offline();
	for (unsigned int i = 0; i < all->count; i++)
		stop(&all->worker[i]);
	rcu_thread_online();
	free(all);
	*slot = NULL;
}

unsigned int workers_count(const struct workers *workers)
{
	return workers->count;
}

void workers_post(struct workers *workers, unsigned int worker, struct worker_job *job)
{
	struct worker *w = &workers->worker[worker];
	bool was_empty;

	job->next = NULL;
	__atomic_fetch_add(&w->waiting, 1, __ATOMIC_RELAXED);
	pthread_mutex_lock(&w->lock);
	was_empty = !w->first;
	*w->end = job;
	w->end = &job->next;
	pthread_mutex_unlock(&w->lock);
	if (was_empty)
		ring(w);
}

uint64_t workers_waiting(const struct workers *workers)
{
	uint64_t ret = 0;

	for (unsigned int i = 0; i < workers->count; i++)
		ret += __atomic_load_n(&workers->worker[i].waiting, __ATOMIC_RELAXED);
	return ret;
}
