/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bridge and ARP targets name the verdict that follows their work in an option of their own. */
#ifndef PKTT_EXT_BR_VERDICT_H
#define PKTT_EXT_BR_VERDICT_H

#include <pktt/ext.h>

static const struct pktt_symbol br_verdicts[] = {
	{ "ACCEPT", PKTT_ACCEPT },
	{ "DROP", PKTT_DROP },
	{ "CONTINUE", PKTT_CONTINUE },
	{ "RETURN", PKTT_RETURN },
	{ 0 },
};

#endif
