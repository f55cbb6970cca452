/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running extensions, and where they come from: linker sections and shared objects. */
#ifndef PKTT_CORE_EXT_H
#define PKTT_CORE_EXT_H

#include "core/packet.h"

struct pktt_catalog;

/* All extensions linked into the program, and the types of sets. */
int pktt_ext_register_builtin(struct pktt_catalog *cat, struct pktt_error *err);
/*
 * Every *.so of a folder, in name order; files and folder must be owned by root or the user and not
 * be writable by others. *ret (may be NULL where nothing was loaded) keeps them open; unload last.
 */
struct pktt_plugins;
int pktt_ext_load_folder(struct pktt_plugins **ret, struct pktt_catalog *cat, const char *folder,
			 struct pktt_error *err);
void pktt_ext_unload(struct pktt_plugins **plugins);

/* The reference evaluation: l4_min, the declared comparisons, then the function. */
enum pktt_hit pktt_match_run(const struct pktt_ext *ext, struct pktt_packet *pkt, const void *args,
			     void *state);
enum pktt_verdict pktt_target_run(const struct pktt_ext *ext, struct pktt_packet *pkt,
				  const void *args, void *state);

#endif
