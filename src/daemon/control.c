/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control thread: the bus, signals, timers. It is offline for RCU while it sleeps. */
#include "daemon/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>
#include <urcu-qsbr.h>

#include "base/str.h"
#include "conntrack/conntrack.h"
#include "core/engine.h"
#include "daemon/history.h"
#include "daemon/journal.h"
#include "daemon/notify.h"
#include "desc/command.h"
#include "desc/source.h"

/* What the bus may do before signals are looked at again. */
enum { BUDGET_US = 20000 };

uint64_t daemon_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* Packets' clocks differ a little between workers; the wheel turns once a millisecond. */
void daemon_advance(uint64_t now_ns)
{
	uint64_t ms = now_ns / 1000000;

	if (ms <= __atomic_load_n(&pkttd.advanced_ms, __ATOMIC_RELAXED))
		return;
	pthread_mutex_lock(&pkttd.advance_lock);
	if (ms > pkttd.advanced_ms) {
		__atomic_store_n(&pkttd.advanced_ms, ms, __ATOMIC_RELAXED);
		conntrack_advance(pkttd.ct, now_ns);
	}
	pthread_mutex_unlock(&pkttd.advance_lock);
}

/* --- Signals ---------------------------------------------------------------------------------- */

int daemon_signals(struct daemon *d, struct pktt_error *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return pktt_fail(err, -errno, "signals: %s", strerror(errno));
	signal(SIGPIPE, SIG_IGN);
	d->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (d->signals < 0)
		return pktt_fail(err, -errno, "signalfd: %s", strerror(errno));
	return 0;
}

static void print_errors(const struct pktt_errors *errs, struct pktt_sources *sources)
{
	struct str out = STR_INIT;
	char *rest = NULL;

	pktt_errors_print(errs, pktt_sources_line, sources, &out);
	for (char *line = out.data ? strtok_r(out.data, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest))
		journal_say(LOG_ERR, "%s", line);
	str_fini(&out);
}

/* The file as it is now over what pkttd runs with; a bad one changes nothing. */
static void reload_config(struct daemon *d)
{
	struct daemon_config next;
	struct pktt_sources *sources = NULL;
	struct pktt_errors errs = { 0 };
	struct str rest = STR_INIT;
	int r;

	daemon_config_init(&next);
	if (pktt_sources_new(&sources))
		return;
	r = daemon_config_read(&next, d->config_path, sources, &errs);
	if (d->keeps_rules_path)
		memcpy(next.rules, d->config.rules, sizeof(next.rules));
	if (r && r != -ENOENT) {
		print_errors(&errs, sources);
		journal_say(LOG_ERR, "%s was not read: the configuration stays as it is",
			    d->config_path);
	} else if (r == 0) {
		daemon_config_take(&d->config, &next, &rest);
		journal_set_rate(d->config.limits.log_rate, d->config.limits.client_log_rate);
		if (rest.len)
			journal_say(LOG_WARNING, "after a restart only: %s", str_text(&rest));
	}
	str_fini(&rest);
	daemon_config_fini(&next);
	pktt_sources_free(&sources);
}

static void reload(void *ctx)
{
	struct daemon *d = ctx;
	char status[320];
	int r;

	reload_config(d);
	r = daemon_load_rules(d);
	if (r == 0)
		journal_say(LOG_NOTICE, "%s loaded: generation %llu", d->config.rules,
			    (unsigned long long)pktt_engine_generation(d->engine));
	snprintf(status, sizeof(status), "READY=1\nSTATUS=generation %llu%s%.240s",
		 (unsigned long long)pktt_engine_generation(d->engine), r ? "; not reloaded: " : "",
		 r ? d->why : "");
	notify_send(status);
}

/* Behind the transaction of a program that is under way: this thread runs both. */
void daemon_reload(struct daemon *d)
{
	notify_reloading();
	if (nfnl_when_idle(d->bus, PKTT_SUBSYS_RULES, reload, d))
		journal_say(LOG_ERR, "no memory to reload");
}

static void handle(struct daemon *d, uint32_t signal_number)
{
	switch (signal_number) {
	case SIGHUP:
		daemon_reload(d);
		break;
	case SIGUSR1:
		dump_write(d);
		break;
	case SIGUSR2:
		journal_reopen();
		break;
	case SIGTERM:
	case SIGINT:
		d->must_stop = true;
		break;
	}
}

static void read_signals(struct daemon *d)
{
	struct signalfd_siginfo info;

	while (read(d->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		handle(d, info.ssi_signo);
}

/* --- The loop --------------------------------------------------------------------------------- */

static int watch(const struct daemon *d, int fd, struct pktt_error *err)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	if (epoll_ctl(d->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return pktt_fail(err, -errno, "epoll: %s", strerror(errno));
	return 0;
}

static int sleep_until_event(const struct daemon *d)
{
	struct epoll_event event[4];
	int n;

	rcu_thread_offline();
	n = epoll_wait(d->epoll, event, 4, -1);
	rcu_thread_online();
	return n < 0 && errno != EINTR ? -errno : 0;
}

/* What cannot be read now is told, and read when it changes next. */
static void run_datapath(struct daemon *d)
{
	struct pktt_error why = { 0 };

	if (d->ops->run && d->ops->run(d->datapath, &why))
		journal_say(LOG_ERR, "%s", why.text);
}

int daemon_run(struct daemon *d, struct pktt_error *err)
{
	int r;

	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (d->epoll < 0)
		return pktt_fail(err, -errno, "epoll: %s", strerror(errno));
	r = watch(d, d->signals, err);
	if (r == 0)
		r = watch(d, nfnl_fd(d->bus), err);
	if (r == 0 && d->ops->fd)
		r = watch(d, d->ops->fd(d->datapath), err);
	while (r == 0 && !d->must_stop) {
		r = sleep_until_event(d);
		if (r == 0)
			r = nfnl_run(d->bus, BUDGET_US);
		read_signals(d);
		run_datapath(d);
		conndb_quiescent(conntrack_db(d->ct), d->config.workers);
		rcu_quiescent_state();
	}
	close(d->epoll);
	return r && err && !err->code ? pktt_fail(err, r, "the bus: %s", strerror(-r)) : r;
}
