/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fingerprints of operating systems, as pf.os lists them. */
#ifndef PKTT_EXT_OSF_H
#define PKTT_EXT_OSF_H

#include <pktt/ext.h>

enum { OSF_OPT_MSS = 2, OSF_OPTS_MAX = 40 };
enum osf_window { OSF_WINDOW_PLAIN, OSF_WINDOW_MSS, OSF_WINDOW_MTU, OSF_WINDOW_MODULO };

struct osf_finger {
	struct osf_finger *next;
	enum osf_window window_kind;
	uint32_t window; /* or factor, or modulus (then not 0) */
	uint8_t ttl;
	bool dont_fragment;
	uint16_t total; /* length of the packet */
	uint32_t opt_len;
	uint8_t nopts;
	struct {
		uint8_t kind, len;
	} opt[OSF_OPTS_MAX];
	char genre[32], version[32], subtype[32];
};

struct osf_fingers {
	struct osf_finger *first;
};

/*
 * Read the engine's file; none without a file. A line that is not understood is refused by
 * number.
 */
int osf_fingers_new(void **ret, struct pktt_engine *engine, const void *args,
		    struct pktt_error *err);
void osf_fingers_free(void *object);

#endif
