/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matches on what a connection carries: its mark, counters, labels, helper. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conntrack/event.h"
#include "conntrack/helper.h"
#include "core/engine.h"
#include "ext/match.h"
#include "ext/stateful.h"

/* --- connmark --------------------------------------------------------------------------------- */

struct connmark_args {
	struct pktt_args head;
	struct pktt_mask32 mark;
};

enum { MARK };

static const struct pktt_param connmark_params[] = {
	[MARK] = {
		.name = "mark",
		.help = "value of the mark of the connection under MASK",
		PKTT_STORE(struct connmark_args, mark, mark),
		.flags = PKTT_REQUIRED | PKTT_NEGATABLE,
	},
};

static enum pktt_hit connmark_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct connmark_args *args = vargs;

	uint32_t mark = pkt->ct ? conn_mark(pkt->ct) : 0; /* a template's is 0 */

	(void)state;
	if (!pkt->ct && !pkt->ct_template)
		return PKTT_MISS;
	return pktt_test(args, MARK, (mark & args->mark.mask) == args->mark.value);
}

PKTT_REGISTER(pktt_match, connmark) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "connmark",
		.summary = "match the mark of the connection",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT,
		PKTT_PARAMS(connmark_params, struct connmark_args),
	},
	.match = connmark_match,
};

/* --- connbytes -------------------------------------------------------------------------------- */

struct connbytes_args {
	struct pktt_args head;
	struct pktt_range64 range;
	uint8_t mode, direction;
};

enum { BYTES, MODE, DIRECTION };

static const struct pktt_symbol modes[] = {
	{ "packets", 0 },
	{ "bytes", 1 },
	{ "avgpkt", 2 },
	{ 0 },
};

static const struct pktt_symbol directions[] = {
	{ "original", 0 },
	{ "reply", 1 },
	{ "both", 2 },
	{ 0 },
};

static const struct pktt_param connbytes_params[] = {
	[BYTES] = {
		.name = "connbytes",
		.help = "how much the connection has carried so far",
		PKTT_STORE(struct connbytes_args, range, range64),
		.flags = PKTT_REQUIRED | PKTT_NEGATABLE | PKTT_OPEN_RANGE | PKTT_ASCENDING,
	},
	[MODE] = {
		.name = "connbytes-mode",
		.help = "what is counted: packets, bytes, or bytes a packet",
		PKTT_STORE(struct connbytes_args, mode, enum8),
		.symbols = modes,
		.flags = PKTT_REQUIRED,
	},
	[DIRECTION] = {
		.name = "connbytes-dir",
		.help = "which direction is counted",
		PKTT_STORE(struct connbytes_args, direction, enum8),
		.symbols = directions,
		.flags = PKTT_REQUIRED,
	},
};

enum { MODE_PACKETS, MODE_BYTES, MODE_AVERAGE };
enum { BOTH = 2 };

static struct ct_counter carried(const struct conn *conn, uint8_t direction)
{
	struct ct_counter sum = { 0 };

	for (unsigned int dir = CT_ORIGINAL; dir <= CT_REPLY; dir++) {
		if (direction != BOTH && direction != dir)
			continue;
		sum.packets += __atomic_load_n(&conn->counter[dir].packets, __ATOMIC_RELAXED);
		sum.bytes += __atomic_load_n(&conn->counter[dir].bytes, __ATOMIC_RELAXED);
	}
	return sum;
}

static uint64_t measure(struct ct_counter c, uint8_t mode)
{
	switch (mode) {
	case MODE_PACKETS:
		return c.packets;
	case MODE_BYTES:
		return c.bytes;
	}
	return c.packets ? c.bytes / c.packets : 0;
}

static enum pktt_hit connbytes_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct connbytes_args *args = vargs;
	uint64_t is;

	(void)state;
	if (!pkt->ct)
		return PKTT_MISS;
	is = measure(carried(pkt->ct, args->direction), args->mode);
	return pktt_test(args, BYTES, args->range.min <= is && is <= args->range.max);
}

PKTT_REGISTER(pktt_match, connbytes) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "connbytes",
		.summary = "match by what the connection has carried",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_STATE | PKTT_READS_OWN_STATE,
		.flags = PKTT_EXT_NEEDS_CT,
		PKTT_PARAMS(connbytes_params, struct connbytes_args),
	},
	.match = connbytes_match,
};

/* --- connlabel -------------------------------------------------------------------------------- */

struct connlabel_args {
	struct pktt_args head;
	char label[64];
	bool set;
};

enum { LABEL, SET };
enum { LABELS = 128 };

static bool read_bit(const char *text, unsigned int *ret)
{
	char *end;
	unsigned long v = strtoul(text, &end, 0);

	*ret = (unsigned int)v;
	return end != text && !*end && v < LABELS;
}

static const struct pktt_param connlabel_params[] = {
	[LABEL] = {
		.name = "label",
		.help = "name or number of a label that the connection has",
		PKTT_STORE_TEXT(struct connlabel_args, label),
		.flags = PKTT_REQUIRED | PKTT_NEGATABLE,
	},
	[SET] = {
		.name = "set",
		.help = "give the connection the label first",
		PKTT_STORE(struct connlabel_args, set, flag),
	},
};

struct connlabel_state {
	unsigned int bit;
};

/* One line of the file: "7 name"; comments begin with #. */
static bool line_names(char *line, const char *name, unsigned int *bit)
{
	char *save = NULL;
	const char *number = strtok_r(line, " \t\r\n", &save);
	const char *word = number ? strtok_r(NULL, " \t\r\n", &save) : NULL;

	return word && *number != '#' && strcmp(word, name) == 0 && read_bit(number, bit);
}

static int lookup_label(const char *path, const char *name, unsigned int *bit)
{
	FILE *file = path ? fopen(path, "re") : NULL;
	char line[256];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = line_names(line, name, bit);
	if (file)
		fclose(file);
	return found ? 0 : -ENOENT;
}

static int connlabel_setup(struct pktt_engine *engine, const void *vargs, void *vstate,
			   struct pktt_error *err)
{
	const char *path = pktt_engine_config(engine)->label_file;
	const struct connlabel_args *args = vargs;
	struct connlabel_state *state = vstate;

	if (read_bit(args->label, &state->bit) || lookup_label(path, args->label, &state->bit) == 0)
		return 0;
	return pktt_fail(err, -ENOENT, "--label: %s is neither a number up to %u nor named in %s",
			 args->label, LABELS - 1, path ? path : "a file of labels (there is none)");
}

static void connlabel_teardown(struct pktt_engine *engine, const void *args, void *state)
{
	(void)engine;
	(void)args;
	(void)state;
}

static bool give_label(struct pktt_packet *pkt, uint64_t *word, uint64_t bit)
{
	if (__atomic_fetch_or(word, bit, __ATOMIC_RELAXED) & bit)
		return true;
	ct_event(conntrack_of(pkt->engine), pkt->env->worker, pkt->ct, CT_EVENT_LABEL);
	return true;
}

static bool has_label(struct pktt_packet *pkt, unsigned int bit, bool gives)
{
	struct conn_ext *ext = gives ? conn_extend(pkt->ct) : pkt->ct->ext;
	uint64_t *word = ext ? &ext->label[bit / 64] : NULL;
	uint64_t mask = UINT64_C(1) << bit % 64;

	if (!word)
		return false;
	if (!gives)
		return ext->has_label && __atomic_load_n(word, __ATOMIC_RELAXED) & mask;
	ext->has_label = true;
	return give_label(pkt, word, mask);
}

static enum pktt_hit connlabel_match(struct pktt_packet *pkt, const void *vargs, void *vstate)
{
	const struct connlabel_args *args = vargs;
	const struct connlabel_state *state = vstate;

	return pktt_test(args, LABEL, pkt->ct && has_label(pkt, state->bit, args->set));
}

PKTT_REGISTER(pktt_match, connlabel) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "connlabel",
		.summary = "match the labels of the connection",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT | PKTT_EXT_FIXED_STATE,
		PKTT_PARAMS(connlabel_params, struct connlabel_args),
		.state_size = sizeof(struct connlabel_state),
		.setup = connlabel_setup,
		.teardown = connlabel_teardown,
	},
	.match = connlabel_match,
};

/* --- helper ----------------------------------------------------------------------------------- */

struct helper_args {
	struct pktt_args head;
	char name[30];
};

enum { HELPER };

static const struct pktt_param helper_params[] = {
	[HELPER] = {
		.name = "helper",
		.help = "name of the helper of the connection's master",
		PKTT_STORE_TEXT(struct helper_args, name),
		.flags = PKTT_REQUIRED | PKTT_NEGATABLE,
	},
};

/* The helper of the master: a connection that a helper reads itself is none that it announced. */
static enum pktt_hit helper_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct helper_args *args = vargs;
	const struct conn *master = pkt->ct && pkt->ct->ext ? pkt->ct->ext->master : NULL;
	const struct ct_helper *helper = master ? conn_helper(master) : NULL;

	(void)state;
	if (!helper)
		return pktt_test(args, HELPER, false);
	/* "ftp-2121" is a name of "ftp", as once when ports were given to helpers. */
	return pktt_test(args, HELPER,
			 !args->name[0] ||
				 strncmp(helper->name, args->name, strlen(helper->name)) == 0);
}

PKTT_REGISTER(pktt_match, helper) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "helper",
		.summary = "match connections that a helper announced",
		.why = STATEFUL_WHY,
		.families = PKTT_FAM_IP,
		.reads = PKTT_READS_STATE,
		.flags = PKTT_EXT_NEEDS_CT,
		PKTT_PARAMS(helper_params, struct helper_args),
	},
	.match = helper_match,
};
