/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The plug-in interface: what a match, a target and a layer-3 handler are.
 *
 * An extension is data - a table of typed parameters - and at most one function. Parsing, printing,
 * checking, help, manual page, JSON and wire form derive from the table. Adding one is one file
 * with a PKTT_REGISTER, one word in meson.build and one .t file; or a shared object built from this
 * header alone, which pktt loads at start (PKTT_PLUGIN).
 */
#ifndef PKTT_EXT_H
#define PKTT_EXT_H

#include <pktt/type.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Plug-ins find what is declared here in the program that loads them. */
#pragma GCC visibility push(default)

/* A shared object built for another number is refused by name. */
#define PKTT_EXT_VERSION 1

struct pktt_engine;
struct pktt_packet;
struct pktt_rule_spec; /* desc/command.h */

/* BAD: truncated or malformed. The packet is dropped; "!" never inverts it. */
enum pktt_hit { PKTT_MISS = 0, PKTT_HIT = 1, PKTT_BAD = 2 };

enum pktt_verdict {
	PKTT_CONTINUE = 0, /* the next target, then the next rule */
	PKTT_ACCEPT = 1,
	PKTT_DROP = 2,
	PKTT_REJECT = 3, /* a drop that answered, or would have */
	PKTT_STOLEN = 4, /* somebody else owns the packet now */
	PKTT_QUEUE = 5,  /* to a program; pkt->queue says which */
	PKTT_REPEAT = 6, /* the hook again */
	PKTT_RETURN = 7, /* to the calling chain; at a base chain its policy */
};

/* The hooks of the talk. Bridge has all of them and BROUTING; ARP has INPUT, OUTPUT, FORWARD. */
enum pktt_hook {
	PKTT_PRE_ROUTING = 0,
	PKTT_LOCAL_IN = 1,
	PKTT_FORWARD = 2,
	PKTT_LOCAL_OUT = 3,
	PKTT_POST_ROUTING = 4,
	PKTT_BROUTING = 5,
};
#define PKTT_HOOK_COUNT 6
#define PKTT_HOOK(h)    (1u << (h))

enum pktt_ext_kind {
	PKTT_KIND_HEAD, /* the plain conditions of a family: -s -d -i -o -p ... */
	PKTT_KIND_MATCH,
	PKTT_KIND_TARGET,
	PKTT_KIND_SET, /* the options of a type of set */
};

/*
 * What of a packet an extension reads: a verdict may be cached on a flow as long as all that it
 * depended on is constant for the flow (DESIGN 2.5).
 */
enum {
	PKTT_READS_NOTHING = 1 << 0,
	PKTT_READS_TUPLE = 1 << 1,  /* addresses, protocol, ports, ICMP type */
	PKTT_READS_IFACE = 1 << 2,  /* interfaces and what belongs to them */
	PKTT_READS_MARK = 1 << 3,
	PKTT_READS_STATE = 1 << 4,  /* connection state, direction, mark of the connection */
	PKTT_READS_HEADER = 1 << 5, /* any other header field: differs from packet to packet */
	PKTT_READS_PAYLOAD = 1 << 6,
	PKTT_READS_TIME = 1 << 7,
	PKTT_READS_RANDOM = 1 << 8,
	PKTT_READS_OWN_STATE = 1 << 9, /* counts or remembers: every packet must be seen */
	PKTT_READS_HOST = 1 << 10,     /* routes, sockets, sets: something outside the packet */
};

enum {
	PKTT_EXT_INERT = 1 << 0,     /* parses and saves, never does anything here; why says it */
	PKTT_EXT_NEEDS_CT = 1 << 1,  /* needs the stateful engine */
	PKTT_EXT_LIVE_ONLY = 1 << 2, /* needs a live host (sockets); never hits in replay */
	PKTT_EXT_JUMP = 1 << 3,      /* the built-in jump and goto */
	PKTT_EXT_TERMINAL = 1 << 4,  /* a target that never continues (for lint) */
	PKTT_EXT_VERDICT = 1 << 5,   /* ACCEPT, DROP, RETURN ...: no options at all */
	PKTT_EXT_IMPLICIT = 1 << 6,  /* loaded by its options alone, without -m (bridge, as ebtables) */
	PKTT_EXT_FRAG8_BAD = 1 << 7, /* with l4_min: an IPv4 fragment at offset 8, which could hide
					the rest of the header (RFC 3128), is BAD instead of a miss */
	PKTT_EXT_FIXED_STATE = 1 << 8, /* setup alone writes the state: calls are not serialised */
};

struct pktt_ext {
	enum pktt_ext_kind kind;
	const char *name;    /* as after -m or -j */
	const char *aliases; /* further names, separated by spaces */
	const char *summary; /* one phrase, no final stop */
	const char *why;     /* INERT, NEEDS_CT, LIVE_ONLY: one phrase that says what is missing */
	uint32_t families;   /* PKTT_FAM_* */
	const char *tables;  /* names separated by spaces; NULL = all */
	uint32_t hooks;      /* PKTT_HOOK() bits that a base chain may have; 0 = all */
	uint8_t l4[8];       /* the rule needs -p one of these, not negated; all 0 = any */
	uint16_t l4_min;     /* bytes of layer-4 header that the core proves before calling; a
				non-first fragment misses instead, as in Linux */
	uint32_t reads;      /* PKTT_READS_* */
	uint32_t flags;      /* PKTT_EXT_* */
	const struct pktt_param *params;
	uint8_t nparams;
	uint16_t args_size;  /* starts with struct pktt_args; 0 = sizeof(struct pktt_args) */
	uint16_t state_size; /* per rule, zeroed by the core, calls are serialised */
	/* Cross-field checks, after every parameter's own. ctx->param is NULL. */
	int (*check)(const struct pktt_context *ctx, const void *args, struct pktt_error *err);
	/*
	 * Where what is needed depends on args: in place of l4, hooks, tables. NULL = always
	 * those.
	 */
	const uint8_t *(*l4_for)(const void *args); /* [8], as l4 */
	uint32_t (*hooks_for)(const void *args);
	/* Whether PKTT_EXT_NEEDS_CT holds with these args. NULL = with all. */
	bool (*needs_ct)(const void *args);
	const char *(*tables_for)(const void *args);
	/* What needs the rest of the rule: other matches that must stand beside this one. */
	int (*check_rule)(const struct pktt_rule_spec *rule, const void *args,
			  struct pktt_error *err);
	/*
	 * Bring args to their one canonical form after parsing (which of two spellings is kept).
	 * ctx->param is NULL.
	 */
	void (*canon)(const struct pktt_context *ctx, void *args);
	/* A rule with these args enters or leaves the engine: named tables, files. Both or none. */
	int (*setup)(struct pktt_engine *engine, const void *args, void *state,
		     struct pktt_error *err);
	void (*teardown)(struct pktt_engine *engine, const void *args, void *state);
};

struct pktt_match {
	struct pktt_ext ext;
	/* NULL: the declared field comparisons are all there is. They have been made before. */
	enum pktt_hit (*match)(struct pktt_packet *pkt, const void *args, void *state);
};

struct pktt_target {
	struct pktt_ext ext;
	enum pktt_verdict (*run)(struct pktt_packet *pkt, const void *args, void *state);
};

#define PKTT_PARAMS(tab, st) \
	.params = (tab), .nparams = sizeof(tab) / sizeof((tab)[0]), .args_size = sizeof(st)

/* PKTT_REGISTER(pktt_match, limit) = { .ext = { .kind = PKTT_KIND_MATCH, ... }, .match = ... }; */
#define PKTT_REGISTER(type, var)                                                              \
	static const struct type type##_##var;                                                \
	__attribute__((used, section(#type "s"))) static const struct type                    \
		*const type##_##var##_ref = &type##_##var;                                     \
	static const struct type type##_##var

/* A shared object offers one of these under the name pktt_plugin. The arrays end with NULL. */
struct pktt_plugin {
	uint32_t version; /* PKTT_EXT_VERSION */
	const struct pktt_match *const *matches;
	const struct pktt_target *const *targets;
};

/* --- What an extension may ask of a packet. NULL or BAD when out of bounds. ------------------ */

/* len bytes from offset of that layer, or NULL where the packet does not have them all. */
const uint8_t *pktt_packet_read(const struct pktt_packet *pkt, enum pktt_layer layer,
				uint32_t offset, uint32_t len);
/* The same bytes for writing; the caller keeps checksums right (pktt_packet_csum_*). */
uint8_t *pktt_packet_write(struct pktt_packet *pkt, enum pktt_layer layer, uint32_t offset,
			   uint32_t len);
/* Bytes held from the start of that layer to the end of the packet; 0 where it has none. */
uint32_t pktt_packet_length(const struct pktt_packet *pkt, enum pktt_layer layer);
enum pktt_family pktt_packet_family(const struct pktt_packet *pkt);
uint8_t pktt_packet_protocol(const struct pktt_packet *pkt);        /* layer 4; 0 for ARP */
bool pktt_packet_is_later_fragment(const struct pktt_packet *pkt);  /* no layer-4 header */
uint64_t pktt_packet_time_ns(const struct pktt_packet *pkt);        /* since the epoch */
uint32_t pktt_packet_mark(const struct pktt_packet *pkt);
void pktt_packet_set_mark(struct pktt_packet *pkt, uint32_t mark);
const char *pktt_packet_in(const struct pktt_packet *pkt);          /* interface name or "" */
const char *pktt_packet_out(const struct pktt_packet *pkt);
uint32_t pktt_packet_random(struct pktt_packet *pkt);

/* hit, inverted if parameter n was negated; BAD stays BAD. */
static inline enum pktt_hit pktt_negate(const void *args, unsigned int n, enum pktt_hit hit)
{
	if (hit == PKTT_BAD)
		return PKTT_BAD;
	return (hit == PKTT_HIT) != pktt_negated(args, n) ? PKTT_HIT : PKTT_MISS;
}

/* The same for a plain comparison. */
static inline enum pktt_hit pktt_test(const void *args, unsigned int n, bool equal)
{
	return equal != pktt_negated(args, n) ? PKTT_HIT : PKTT_MISS;
}

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
