/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/replay_write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "datapath/replay/capture_writer.h"
#include "datapath/replay/replay.h"
#include "datapath/replay/router.h"

struct replay_write {
	FILE *file;
	const char *path;
	struct capture_writer *writer;
};

static int describe(struct replay_write *w, const struct router *router, struct pktt_error *err)
{
	const struct pktt_iface *iface;
	uint32_t number;
	int r = 0;

	/* Interfaces are numbered from 1, lo first: block n is interface n + 2. */
	for (unsigned int i = 1; r == 0 && (iface = router_iface_at(router, i)); i++)
		r = capture_writer_interface(w->writer, iface->name, CAPTURE_LINKTYPE_RAW, &number,
					     err);
	return r;
}

int replay_write_open(struct replay_write **ret, const char *path, const struct router *router,
		      struct pktt_error *err)
{
	struct replay_write *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return pktt_fail(err, -ENOMEM, "no memory to write %s", path);
	w->path = path;
	if (strcmp(path, "-") == 0)
		w->file = stdout;
	else
		w->file = fopen(path, "we");
	if (!w->file) {
		free(w);
		return pktt_fail(err, -errno, "%s: %s", path, strerror(errno));
	}
	*ret = w;
	r = capture_writer_open(&w->writer, w->file, path, err);
	return r ? r : describe(w, router, err);
}

int replay_write_result(struct replay_write *w, const struct replay_result *r,
			struct pktt_error *err)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < r->nemitted; i++) {
		const struct replay_emitted *e = &r->emitted[i];
		const uint8_t *l3 = (const uint8_t *)r->bytes.data + e->at + e->l3;
		struct capture_packet packet = {
			.interface = e->out->index - 2,
			.time_ns = (int64_t)r->time_ns,
			.data = l3,
			.len = (uint32_t)(e->len - e->l3),
			.direction = CAPTURE_OUTBOUND,
		};
		unsigned int version = packet.len ? l3[0] >> 4 : 0;

		if (e->is_frame && version != 4 && version != 6)
			continue;
		rc = capture_writer_packet(w->writer, &packet, err);
	}
	return rc;
}

int replay_write_close(struct replay_write **slot, struct pktt_error *err)
{
	struct replay_write *w = *slot;
	int r;

	if (!w)
		return 0;
	r = capture_writer_close(&w->writer, err);
	if (w->file != stdout && fclose(w->file) != 0 && r == 0)
		r = pktt_fail(err, -errno, "%s: %s", w->path, strerror(errno));
	free(w);
	*slot = NULL;
	return r;
}
