/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The router of `pktt replay` as a datapath: interfaces, addresses and routes as configured. */
#include "daemon/datapath.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "daemon/config.h"
#include "daemon/datapath_common.h"
#include "datapath/replay/router.h"

struct model {
	struct pktt_engine *engine;
	struct router *router;
	struct replay_settings settings;
	struct replay_live live;
	uint64_t seed;
};

static void model_free(void *datapath)
{
	struct model *m = datapath;

	if (m)
		router_free(&m->router);
	free(m);
}

static int add_words(struct router *router, const struct daemon_words *words,
		     int (*add)(struct router *router, const char *spec, struct pktt_error *err),
		     struct pktt_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < words->count; i++) {
		if (err)
			err->place = words->word[i].place;
		r = add(router, words->word[i].text, err);
	}
	return r;
}

/* Interfaces first, then bridges of them, then routes, whatever the order in which they were given. */
static int build(struct router **ret, const struct daemon_config *config, struct pktt_error *err)
{
	int r = router_new(ret, err);

	if (r == 0)
		r = add_words(*ret, &config->router.interface, router_add_interface, err);
	if (r == 0)
		r = add_words(*ret, &config->router.bridge, router_add_bridge, err);
	if (r == 0)
		r = add_words(*ret, &config->router.route, router_add_route, err);
	return r ? r : router_finish(*ret, err);
}

static int model_make(void **ret, struct pktt_engine *engine, const struct daemon_config *config,
		      const struct datapath_upcalls *up, struct pktt_error *err)
{
	struct model *m = calloc(1, sizeof(*m));
	int r;

	if (!m)
		return pktt_fail(err, -ENOMEM, "no memory for a router");
	m->engine = engine;
	m->settings = config->router.settings;
	m->live = datapath_live(up);
	m->seed = pktt_engine_config(engine)->seed;
	r = build(&m->router, config, err);
	if (r)
		model_free(m);
	else
		*ret = m;
	return r;
}

static bool has_interface(void *datapath, const char *name)
{
	const struct model *m = datapath;

	return router_iface(m->router, name) != NULL;
}

/* What a bridge has learned is one worker's, so all its ports are. */
static unsigned int worker_of(void *datapath, const struct datapath_frame *frame,
			      unsigned int workers)
{
	const struct model *m = datapath;
	const struct pktt_iface *iface = router_iface(m->router, frame->interface);

	return iface && iface->bridge ? 0 : datapath_spread(frame, workers);
}

static int worker_begin(void *datapath, unsigned int worker, void **ret, struct pktt_error *err)
{
	struct model *m = datapath;
	struct replay_config config = {
		.engine = m->engine,
		.router = m->router,
		.settings = &m->settings,
		.seed = m->seed + worker,
		.describes = true,
		.tells_connections = true,
		.live = &m->live,
		.worker = worker,
	};
	struct replay *replay = NULL;
	int r = replay_new(&replay, &config, err);

	if (r == 0)
		*ret = replay;
	return r;
}

static void worker_end(void *worker)
{
	struct replay *replay = worker;

	replay_free(&replay);
}

static void batch(void *worker)
{
	replay_batch(worker);
}

static int judge(void *worker, const struct datapath_frame *frame, void *user)
{
	const struct capture_record record = datapath_record(frame);

	return replay_submit(worker, &record, user);
}

static void resume(void *worker, struct pktt_packet *pkt, const struct sub_queue_verdict *verdict)
{
	datapath_resume(worker, pkt, verdict);
}

static void advance(void *worker, uint64_t now_ns)
{
	replay_advance(worker, now_ns);
}

const struct datapath_ops datapath_replay = {
	.name = "router model",
	.make = model_make,
	.free = model_free,
	.has_interface = has_interface,
	.worker_of = worker_of,
	.worker_begin = worker_begin,
	.worker_end = worker_end,
	.batch = batch,
	.judge = judge,
	.resume = resume,
	.advance = advance,
};
