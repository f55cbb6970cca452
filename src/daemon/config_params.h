/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be configured, as data. */
#ifndef DAEMON_CONFIG_PARAMS_H
#define DAEMON_CONFIG_PARAMS_H

#include "daemon/config.h"

struct config_section {
	const char *name;    /* of the block; "" = outside of all */
	const char *summary; /* one phrase, no final stop */
	const struct pktt_param *param;
	unsigned int count;
	size_t at; /* of the structure that param's offsets are into, in struct daemon_config */
	/* Bit n: parameter n may change while pkttd runs. */
	uint64_t live;
	bool is_words; /* a parameter is a struct daemon_words: every line adds one */
};

/* A block may have several sections; those of the same name stand together. */
extern const struct config_section config_sections[];
extern const size_t config_nsections;

/* Once before the others are looked at: tables of other layers are put in. */
struct config_section config_section_at(size_t n);

#endif
