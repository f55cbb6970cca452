/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making and taking apart. The order is the documentation: the engine, its rules, the bus with its sockets
 * (which need the privileges), then privileges go, then threads begin and programs are heard.
 */
#include "daemon/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <urcu-qsbr.h>

#include "base/own.h"
#include "conntrack/conntrack.h"
#include "core/engine.h"
#include "daemon/history.h"
#include "daemon/journal.h"
#include "daemon/notify.h"
#include "daemon/privileges.h"
#include "daemon/rules.h"
#include "daemon/state.h"
#include "ext/stateful.h"

#define LABELS "/etc/xtables/connlabel.conf"

enum { TICK_US = 100000, DRAIN_US = 1000 };

struct daemon pkttd = {
	.advance_lock = PTHREAD_MUTEX_INITIALIZER,
	.signals = -1,
	.epoll = -1,
};

/* --- The engine ------------------------------------------------------------------------------- */

static int make_engine(struct daemon *d, struct pktt_error *err)
{
	struct pktt_engine_config config = {
		.workers = d->config.workers + 1,
		.hz = d->config.router.settings.hz,
		.osf_file = d->config.osf[0] ? d->config.osf : NULL,
		.label_file = LABELS,
		.plugin_folder = d->config.plugins[0] ? d->config.plugins : NULL,
	};
	int r;

	if (getrandom(&config.seed, sizeof(config.seed), 0) != sizeof(config.seed))
		return pktt_fail(err, -errno, "no random numbers: %s", strerror(errno));
	r = pktt_engine_new(&d->engine, &config, err);
	if (r == 0)
		r = stateful_attach(d->engine, &d->config.router.settings.ct, err);
	if (r)
		return r;
	d->ct = conntrack_of(d->engine);
	pktt_engine_set_time(d->engine, daemon_now_ns());
	daemon_advance(daemon_now_ns());
	return 0;
}

/* --- The bus ---------------------------------------------------------------------------------- */

/* Sockets that systemd made, by their name; the first without one is the full one. */
static int adopt_sockets(struct daemon *d, int n, struct pktt_error *err)
{
	char name[32];
	int r = 0;

	for (int i = 0; r == 0 && i < n; i++) {
		bool is_view = strcmp(notify_fd_name(i, name, sizeof(name)), "view") == 0;

		r = nfnl_listen_fd(d->bus, 3 + i,
				   is_view ? PKTT_RIGHT_VIEW
					   : PKTT_RIGHT_VIEW | PKTT_RIGHT_ELEMENTS |
						     PKTT_RIGHT_ALL);
	}
	if (r == -EPROTOTYPE || r == -EINVAL)
		return pktt_fail(
			err, r,
			"a socket of systemd (%.31s) is not of ListenSequentialPacket=", name);
	return r ? pktt_fail(err, r, "a socket of systemd: %s", strerror(-r)) : 0;
}

/* The folder of a socket, if it is the one that is ours. */
static void make_runtime(const struct daemon *d)
{
	size_t len = strlen(d->config.runtime);
	struct pktt_error ignored;

	if (len && strncmp(d->config.socket, d->config.runtime, len) == 0 &&
	    state_folder(d->config.runtime, &ignored) == 0)
		(void)chmod(d->config.runtime, 0755);
}

static int listen_sockets(struct daemon *d, struct pktt_error *err)
{
	int r;

	d->rights_of.is_open = !notify_listen_fds() && rights_mode(&d->rights_of) == RIGHTS_OPEN;
	if (notify_listen_fds())
		return adopt_sockets(d, notify_listen_fds(), err);
	make_runtime(d);
	r = nfnl_listen(d->bus, d->config.socket, rights_mode(&d->rights_of),
			rights_group(&d->rights_of),
			PKTT_RIGHT_VIEW | PKTT_RIGHT_ELEMENTS | PKTT_RIGHT_ALL, err);
	if (r == 0 && d->config.view_socket[0])
		r = nfnl_listen(d->bus, d->config.view_socket, 0660, d->rights_of.view,
				PKTT_RIGHT_VIEW, err);
	return r;
}

static int make_bus(struct daemon *d, struct pktt_error *err)
{
	const struct daemon_limits *l = &d->config.limits;
	const struct nfnl_config config = {
		.event_room = l->event_room,
		.event_room_max = l->event_room_max,
		.batch_max = l->transaction,
		.peers_max = l->clients,
		.rights = rights_of_peer,
		.ctx = &d->rights_of,
	};

	rights_init(&d->rights_of, &d->config);
	return nfnl_new(&d->bus, &config, err);
}

static int attach(struct daemon *d, struct pktt_error *err)
{
	const struct daemon_limits *l = &d->config.limits;
	const struct sub_pktt_config rules = {
		.engine = d->engine,
		.limits = { l->rules, l->chains, l->sets, l->elements, l->client_rules,
			    l->client_chains, l->client_sets, l->client_elements },
		.version = PKTT_VERSION,
		.committed = history_committed,
		.ctx = d,
		.calls = daemon_calls,
	};
	const struct sub_queue_ops queues = {
		.limits = { l->queue_length, l->queued, l->client_queued, l->queued_bytes },
		.resume = packets_resume,
	};
	int r = sub_pktt_new(&d->rules, d->bus, &rules, err);

	if (r == 0)
		r = sub_ct_new(&d->connections, d->bus, d->ct, d->config.workers, err);
	if (r == 0)
		r = sub_queue_new(&d->queues, d->bus, &queues, err);
	return r ? r : sub_ulog_new(&d->logs, d->bus, err);
}

/* --- Time ------------------------------------------------------------------------------------- */

static void tick(void *ctx)
{
	struct daemon *d = ctx;
	uint64_t now = daemon_now_ns();

	pktt_engine_set_time(d->engine, now);
	daemon_advance(now);
	nfnl_timer_set(d->tick, TICK_US);
}

static void drain(void *ctx)
{
	struct daemon *d = ctx;

	sub_ct_drain(d->connections);
	nfnl_timer_set(d->drain, DRAIN_US);
}

static void tell_watchdog(void *ctx)
{
	struct daemon *d = ctx;

	notify_send("WATCHDOG=1");
	nfnl_timer_set(d->watchdog, d->watchdog_us);
}

static int make_timers(struct daemon *d, struct pktt_error *err)
{
	int r = nfnl_timer_new(&d->tick, d->bus, tick, d);

	if (r == 0)
		r = nfnl_timer_new(&d->drain, d->bus, drain, d);
	if (r == 0)
		r = nfnl_timer_new(&d->watchdog, d->bus, tell_watchdog, d);
	if (r)
		return pktt_fail(err, r, "no memory for timers");
	d->watchdog_us = notify_watchdog_us();
	nfnl_timer_set(d->tick, TICK_US);
	nfnl_timer_set(d->drain, DRAIN_US);
	nfnl_timer_set(d->watchdog, d->watchdog_us);
	return 0;
}

/* --- What is needed before privileges go -------------------------------------------------------- */

/* A folder that is not there is made for the user; one that is there is the administrator's to give. */
static int give_folder(const struct daemon *d, const char *path, struct pktt_error *err)
{
	struct stat st;
	int r;

	if (stat(path, &st) == 0) {
		if (st.st_uid != d->uid)
			journal_say(
				LOG_WARNING,
				"%s is not user %s's, who may not write there; chown would help",
				path, d->config.user);
		return 0;
	}
	r = state_folder(path, err);
	if (r == 0 && chown(path, d->uid, d->gid) < 0)
		r = pktt_fail(err, -errno, "%.150s: %s", path, strerror(errno));
	return r;
}

static int give_folders(struct daemon *d, struct pktt_error *err)
{
	int r = privileges_user(d->config.user, &d->uid, &d->gid, err);

	if (r || d->uid == geteuid())
		return r;
	r = give_folder(d, d->config.state, err);
	return r ? r : give_folder(d, d->config.runtime, err);
}

/* As many programs as the system lets us have. */
static void raise_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
}

/* --- In order --------------------------------------------------------------------------------- */

static int give_up_privileges(const struct daemon *d, struct pktt_error *err)
{
	int r = privileges_drop(d->config.user, err);

	if (r == 0 && d->config.seccomp)
		r = privileges_seccomp(err);
	return r;
}

static int start_packets(struct daemon *d, struct pktt_error *err)
{
	d->ops = d->config.datapath.interface.count ? &datapath_linux : &datapath_replay;
	return d->ops->make(&d->datapath, d->engine, &d->config, &packets_upcalls, err);
}

int daemon_start(struct daemon *d, struct pktt_error *err)
{
	int r;

	rcu_register_thread();
	d->started_ns = daemon_now_ns();
	raise_files();
	r = give_folders(d, err);
	if (r == 0)
		r = make_engine(d, err);
	if (r == 0)
		r = start_packets(d, err);
	if (r == 0)
		r = make_bus(d, err);
	if (r == 0)
		r = history_new(&d->history, d, err);
	if (r == 0)
		r = attach(d, err);
	if (r == 0)
		r = daemon_boot(d, err);
	if (r == 0)
		r = listen_sockets(d, err);
	if (r == 0)
		r = make_timers(d, err);
	if (r == 0)
		r = give_up_privileges(d, err);
	if (r == 0)
		r = workers_new(&d->workers, d->config.workers, d->ops, d->datapath, err);
	if (r == 0)
		history_begin(d->history);
	return r;
}

/* As on-stop wants it; with a datapath that is in this process alone, nothing outlives it. */
static void stop_rules(struct daemon *d)
{
	struct pktt_error err = { 0 };

	if (d->config.on_stop == DAEMON_STOP_KEEP || !d->engine)
		return;
	if (rules_clear(d->engine, d->config.on_stop == DAEMON_STOP_OPEN ? PKTT_ACCEPT : PKTT_DROP,
			&err))
		journal_say(LOG_ERR, "on-stop: %s", err.text);
}

void daemon_stop(struct daemon *d)
{
	/*
	 * With its peers go their transactions, which would hold up what follows, and packets that waited
	 * for them come back: the workers end with those.
	 */
	if (d->bus)
		nfnl_disconnect(d->bus);
	workers_free(&d->workers);
	nfnl_free(&d->bus);
	sub_queue_free(&d->queues);
	sub_ulog_free(&d->logs);
	sub_ct_free(&d->connections);
	sub_pktt_free(&d->rules);
	if (d->history)
		history_keep(d->history);
	stop_rules(d);
	nfnl_timer_free(&d->tick);
	nfnl_timer_free(&d->drain);
	nfnl_timer_free(&d->watchdog);
	history_free(&d->history);
	if (d->datapath)
		d->ops->free(d->datapath);
	pktt_engine_free(&d->engine);
	rules_forget();
	if (d->signals >= 0)
		close(d->signals);
	rcu_unregister_thread();
}
