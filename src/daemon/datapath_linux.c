/* SPDX-License-Identifier: GPL-2.0-or-later */
/* This machine's own interfaces as a datapath. */
#include <errno.h>
#include <stdlib.h>

#include "base/own.h"
#include "core/engine.h"
#include "daemon/config.h"
#include "daemon/datapath_common.h"
#include "datapath/linux/linux.h"

struct machine {
	struct linux_dp *dp;
	struct replay_settings settings;
	struct replay_live live;
	const char **pattern;
};

static void machine_free(void *datapath)
{
	struct machine *m = datapath;

	if (!m)
		return;
	linux_free(&m->dp);
	free(m->pattern);
	free(m);
}

static int make(void **ret, struct pktt_engine *engine, const struct daemon_config *config,
		const struct datapath_upcalls *up, struct pktt_error *err)
{
	const struct daemon_words *words = &config->datapath.interface;
	struct machine *m = calloc(1, sizeof(*m));
	struct linux_config c = {
		.engine = engine,
		.npatterns = (unsigned int)words->count,
		.workers = config->workers,
		.seed = pktt_engine_config(engine)->seed,
		.is_open = config->datapath.orphans == DAEMON_FAIL_OPEN,
		.stays = config->on_stop != DAEMON_STOP_OPEN,
		.tell = up->interface,
		.ctx = up->ctx,
	};
	int r;

	if (!m || !(m->pattern = calloc(words->count, sizeof(*m->pattern)))) {
		machine_free(m);
		return pktt_fail(err, -ENOMEM, "no memory for the datapath");
	}
	for (size_t i = 0; i < words->count; i++)
		m->pattern[i] = words->word[i].text;
	m->settings = config->router.settings;
	m->live = datapath_live(up);
	c.pattern = m->pattern;
	c.settings = &m->settings;
	c.live = &m->live;
	r = linux_new(&m->dp, &c, err);
	if (r)
		machine_free(m);
	else
		*ret = m;
	return r;
}

static bool has_interface(void *datapath, const char *name)
{
	const struct machine *m = datapath;

	return linux_has_interface(m->dp, name);
}

static unsigned int worker_of(void *datapath, const struct datapath_frame *frame,
			      unsigned int workers)
{
	(void)datapath;
	return datapath_spread(frame, workers);
}

static int fd(void *datapath)
{
	const struct machine *m = datapath;

	return linux_fd(m->dp);
}

static int run(void *datapath, struct pktt_error *err)
{
	const struct machine *m = datapath;

	return linux_run(m->dp, err);
}

static void machine_remove(void *datapath)
{
	const struct machine *m = datapath;

	linux_remove(m->dp);
}

/* --- Workers ---------------------------------------------------------------------------------- */

static int worker_begin(void *datapath, unsigned int worker, void **ret, struct pktt_error *err)
{
	const struct machine *m = datapath;
	struct port *port = NULL;
	int r = port_new(&port, m->dp, worker, err);

	if (r == 0)
		*ret = port;
	return r;
}

static void worker_end(void *worker)
{
	struct port *port = worker;

	port_free(&port);
}

static void batch(void *worker)
{
	replay_batch(port_replay(worker));
}

static int judge(void *worker, const struct datapath_frame *frame, void *user)
{
	const struct capture_record record = datapath_record(frame);

	return replay_submit(port_replay(worker), &record, user);
}

static void resume(void *worker, struct pktt_packet *pkt, const struct sub_queue_verdict *verdict)
{
	datapath_resume(port_replay(worker), pkt, verdict);
}

static void advance(void *worker, uint64_t now_ns)
{
	port_beat(worker);
	replay_advance(port_replay(worker), now_ns);
}

static int worker_fd(void *worker)
{
	return port_fd(worker);
}

static unsigned int run_packets(void *worker, unsigned int budget)
{
	return port_run(worker, budget);
}

const struct datapath_ops datapath_linux = {
	.name = "this machine",
	.make = make,
	.free = machine_free,
	.has_interface = has_interface,
	.worker_of = worker_of,
	.worker_begin = worker_begin,
	.worker_end = worker_end,
	.batch = batch,
	.judge = judge,
	.resume = resume,
	.advance = advance,
	.fd = fd,
	.run = run,
	.remove = machine_remove,
	.worker_fd = worker_fd,
	.run_packets = run_packets,
};
