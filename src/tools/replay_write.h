/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replay --write: what left the router, as pcapng of LINKTYPE_RAW. */
#ifndef TOOLS_REPLAY_WRITE_H
#define TOOLS_REPLAY_WRITE_H

struct pktt_error;
struct replay_result;
struct replay_write;
struct router;

/* "-" is standard output. One interface block for each interface but lo. */
int replay_write_open(struct replay_write **ret, const char *path, const struct router *router,
		      struct pktt_error *err);
/* Layer 3 of what was emitted; a frame that carries no IP has no place in such a file. */
int replay_write_result(struct replay_write *w, const struct replay_result *r,
			struct pktt_error *err);
/* 0 only if all of it is in the file. Accepts a pointer to NULL. */
int replay_write_close(struct replay_write **w, struct pktt_error *err);

#endif
