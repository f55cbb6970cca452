/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet: a bounded view of bytes, and what the hooks know of it.
 *
 * The bytes stand in one linear buffer with headroom; l2, l3, l4 and end are offsets into it. The
 * layer-3 handler of the family sets l3_len, l4 and the protocol (pktt_l3_parse) and has proven
 * what it says of them. All reads go through pktt_packet_read() and friends, which check.
 */
#ifndef PKTT_CORE_PACKET_H
#define PKTT_CORE_PACKET_H

#include <pktt/ext.h>

struct pktt_env;
struct pktt_use; /* desc/command.h */

/* An interface as rules see it. Owned by the datapath; outlives every packet that names it. */
struct pktt_iface {
	char name[16];
	uint32_t index; /* 0 = none */
	uint32_t group; /* devgroup */
	uint32_t mtu;
	uint16_t arphrd; /* ARPHRD_ETHER 1, LOOPBACK 772 ... */
	bool has_mac;
	uint8_t mac[6];
	const struct pktt_iface *bridge; /* the bridge that it is a port of, or NULL */
};

enum pktt_pkttype { /* linux/if_packet.h */
		    PKTT_PKT_HOST = 0,
		    PKTT_PKT_BROADCAST = 1,
		    PKTT_PKT_MULTICAST = 2,
		    PKTT_PKT_OTHERHOST = 3,
		    PKTT_PKT_OUTGOING = 4,
		    PKTT_PKT_LOOPBACK = 5,
};

/* Why the engine itself dropped a packet: "reason" of replay, one counter each. */
#define PKTT_REASONS(X)                                                  \
	X(NONE, "")                                                      \
	X(MALFORMED, "malformed")   /* sanity checks of layer 3 */       \
	X(UNREADABLE, "unreadable") /* a match said BAD */               \
	X(TTL, "ttl")                                                    \
	X(MTU, "mtu")                                                    \
	X(NO_ROUTE, "no-route")                                          \
	X(MARTIAN, "martian")                                            \
	X(OTHERHOST, "otherhost")                                        \
	X(LINKTYPE, "linktype")                                          \
	X(UNKNOWN_INTERFACE, "unknown-interface")                        \
	X(OUTBOUND, "outbound")                                          \
	X(NO_HANDLER, "no-handler") /* a protocol nobody handles */      \
	X(STACK, "stack")	    /* chains nested too deep */         \
	X(OPTIONS, "options")	    /* IPv4 options, IPv6 headers */     \
	X(TARGET, "target")	    /* a target could not do its work */ \
	X(CONNTRACK, "conntrack")   /* no entry for it: a limit */       \
	X(NAT, "nat")		    /* no free port, or unreadable */    \
	X(HELPER, "helper")	    /* a helper refused it */            \
	X(FRAGMENT, "fragment")	    /* a fragment held, or refused */

enum pktt_reason {
#define X(id, text) PKTT_REASON_##id,
	PKTT_REASONS(X)
#undef X
		PKTT_REASON_COUNT
};
const char *pktt_reason_name(enum pktt_reason reason);

/* What connection tracking made of a packet. */
enum pktt_ct_info {
	PKTT_CT_NONE = 0, /* nobody has looked yet */
	PKTT_CT_NEW,
	PKTT_CT_ESTABLISHED,
	PKTT_CT_RELATED,
	PKTT_CT_ESTABLISHED_REPLY,
	PKTT_CT_RELATED_REPLY,
	PKTT_CT_INVALID, /* looked, and it belongs to nothing */
	PKTT_CT_UNTRACKED,
};
/* In the words of --ctstate, which do not tell a direction; NULL = nobody has looked. */
const char *pktt_ct_info_name(enum pktt_ct_info info);

struct pktt_rule;
struct pktt_chain;

/* What gave the verdict. */
struct pktt_decision {
	const struct pktt_chain *base;	/* base chain, NULL = the engine itself */
	const struct pktt_chain *chain; /* where the rule stands */
	const struct pktt_rule *rule;	/* NULL = the policy of base */
	enum pktt_reason reason;
};

struct pktt_packet {
	uint8_t *buf;  /* owned by whoever made the packet */
	uint32_t room; /* of buf */
	uint32_t l2, l3, l4, end;
	uint32_t l2_len;      /* 0 = no link header held */
	uint32_t wire_len;    /* layer-3 bytes on the wire; more than end - l3 if the capture cut */
	uint32_t segment_len; /* of a super-packet: layer-3 bytes of its largest segment; else 0 */
	enum pktt_family family; /* whose hooks it runs through */
	enum pktt_family
		l3_family; /* of the layer-3 header at l3; bridge: PKTT_BRIDGE if unknown */
	uint16_t
		ethertype; /* host order; of the payload after any VLAN tag on a bridge: see vlan */
	uint16_t vlan_tci;
	bool has_vlan; /* an 802.1Q tag stands in the frame (or was taken off it) */
	uint16_t vlan_proto;
	bool has_l4;	   /* l4 and protocol are valid */
	uint8_t protocol;  /* layer 4; IPv6: the last header of the walk */
	uint16_t frag_off; /* bytes; 0 = first or only */
	bool more_frags;
	uint8_t pkttype;    /* enum pktt_pkttype */
	bool csum_unneeded; /* locally generated: not verified */
	bool csum_partial;  /* a TCP reset of ours: Linux leaves its checksum to the interface */
	bool csum_right;    /* tracking found layer 4's to be right, whatever was changed since */
	bool is_reset;	    /* the same, of both families: it is of the connection that it ends */
	enum pktt_hook hook;
	const struct pktt_iface *in, *out;	   /* NULL = none */
	const struct pktt_iface *physin, *physout; /* bridge ports */
	uint32_t mark;
	uint32_t priority; /* tc class, CLASSIFY */
	uint32_t realm;	   /* routing realm of the destination; 0 */
	uint32_t cpu;
	uint64_t time_ns; /* since the epoch */
	bool trace;	  /* TRACE met it */
	bool is_local;	  /* made by this host */
	bool is_tee;	  /* a copy */
	bool is_uncopied; /* a copy, or made because of one: not copied again (nf_skb_duplicated) */
	bool is_rerouted; /* LOCAL_OUT changed what its route was chosen by */
	struct pktt_queue_to {
		uint16_t number;
		bool bypass;
		bool is_legacy; /* -j QUEUE: to who speaks ip_queue, before queue 0 */
	} queue;		/* with verdict QUEUE */
	/*
	 * What stands at the hook and runs, or ran last: where pktt_hook_resume() goes on. With what of a
	 * locally made packet its route was chosen by.
	 */
	struct pktt_queue_at {
		const void *entry; /* a base chain or a function; only compared */
		int priority;
		uint32_t mark;
		uint8_t tos;
		struct pktt_addr src, dst;
	} queue_at;
	struct conn *ct; /* its connection, with a reference (conntrack/conntrack.h), or NULL */
	enum pktt_ct_info ct_info;
	const struct ct_template *ct_template; /* what CT said; the rule's */
	struct pktt_pieces *pieces; /* of a datagram that was put together (conntrack/defrag.h) */
	const struct pktt_chain *policy_of; /* scratch of traversal */
	struct pktt_decision decision;
	struct pktt_env *env; /* what is around: clock, random, routes, logs. Never NULL in hooks */
	struct pktt_engine *engine;
};

/* Bytes held from the start of a layer to the end. */
static inline uint32_t packet_len(const struct pktt_packet *pkt, enum pktt_layer layer)
{
	return pktt_packet_length(pkt, layer);
}

/*
 * Make room for (grow > 0) or take away (grow < 0) bytes at offset of layer 3, moving what follows.
 * Header lengths and checksums are the caller's. -ENOBUFS without room, -EINVAL out of bounds.
 */
int pktt_packet_resize(struct pktt_packet *pkt, uint32_t offset, int32_t grow);
/* A copy with its own buffer (headroom as large as the original's). pktt_packet_free() ends it. */
int pktt_packet_copy(struct pktt_packet **ret, const struct pktt_packet *pkt);
/* A packet of its own with room for len bytes of layer 3, zeroed. -ENOMEM. */
int pktt_packet_new(struct pktt_packet **ret, uint32_t len);
void pktt_packet_free(struct pktt_packet **pkt);

/* The whole layer-3 length by the wire, fragments' own. What counters count. */
uint32_t pktt_packet_wire_len(const struct pktt_packet *pkt);

/* The layer-3 header's addresses, 4 or 16 bytes in network order; len 0 where there are none. */
struct pktt_addr pktt_packet_src(const struct pktt_packet *pkt);
struct pktt_addr pktt_packet_dst(const struct pktt_packet *pkt);

/* --- Checksums (RFC 1071, 1624) ------------------------------------------------------------ */

/* One's complement sum over bytes; sum may be chained. Fold at the end. */
uint32_t pktt_csum_add(uint32_t sum, const uint8_t *data, size_t len);
uint16_t pktt_csum_fold(uint32_t sum); /* complemented, host order of a be16 field */
/* IPv4 or IPv6 pseudo header of the packet with this protocol and length. */
uint32_t pktt_csum_pseudo(const struct pktt_packet *pkt, uint8_t protocol, uint32_t len);
/* Change of a field in network order at csum (2 bytes): RFC 1624 equation 3. */
void pktt_csum_replace(uint8_t *csum, const uint8_t *from, const uint8_t *to, size_t len);
/* The same for a layer-4 checksum: UDP's "none" stays none, a zero result becomes 0xffff. */
void pktt_csum_replace_udp(uint8_t *csum, const uint8_t *from, const uint8_t *to, size_t len);

/* 1 = the layer-4 checksum is right (or absent where that is allowed), 0 = wrong or unreadable. */
int pktt_csum_l4_ok(const struct pktt_packet *pkt);

#endif
