/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connection and an expectation as plain data: all that ctnetlink can say of them. The engine fills
 * views in from its own, messages are encoded from them and decoded into them, text and JSON are
 * functions of them.
 */
#ifndef PKTT_DESC_CT_VIEW_H
#define PKTT_DESC_CT_VIEW_H

#include <pktt/type.h>

struct json;
struct str;

enum ct_dir { CT_ORIGINAL = 0, CT_REPLY = 1 };

/* 40 bytes without a gap: compared and hashed as they are. All numbers in network order. */
struct ct_tuple {
	uint8_t src[16], dst[16]; /* IPv4: the first four bytes, the others 0 */
	/*
	 * TCP, UDP, UDP-Lite, SCTP, DCCP: ports. ICMP, ICMPv6: sport is the id, dport the type in its
	 * first byte and the code in its second. GRE (PPTP): keys. Others: 0.
	 */
	uint16_t sport, dport;
	uint8_t family; /* PKTT_IPV4 or PKTT_IPV6 */
	uint8_t protocol;
	uint16_t zone; /* of this direction, host order; 0 = the default */
};
_Static_assert(sizeof(struct ct_tuple) == 40, "a tuple has no gap");

/* Bits of status: numbers of linux/netfilter/nf_conntrack_common.h, enum ip_conntrack_status. */
enum {
	CT_EXPECTED = 1 << 0,
	CT_SEEN_REPLY = 1 << 1,
	CT_ASSURED = 1 << 2,
	CT_CONFIRMED = 1 << 3,
	CT_SRC_NAT = 1 << 4,
	CT_DST_NAT = 1 << 5,
	CT_NAT_MASK = CT_SRC_NAT | CT_DST_NAT,
	CT_SEQ_ADJUST = 1 << 6,
	CT_SRC_NAT_DONE = 1 << 7, /* a source binding was made, be it null */
	CT_DST_NAT_DONE = 1 << 8,
	CT_NAT_DONE_MASK = CT_SRC_NAT_DONE | CT_DST_NAT_DONE,
	CT_DYING = 1 << 9,
	CT_FIXED_TIMEOUT = 1 << 10,
	CT_TEMPLATE = 1 << 11,
	CT_NAT_CLASH = 1 << 12,
	CT_HELPER = 1 << 13, /* the helper was given by a rule or a program */
	CT_OFFLOAD = 1 << 14,
	CT_HW_OFFLOAD = 1 << 15,
	CT_STATUS_BITS = (1 << 16) - 1, /* what others are told of */
};

struct ct_counter {
	uint64_t packets, bytes; /* layer-3 bytes by the wire */
};

/* Numbers to add to sequence numbers that a NAT helper's longer or shorter payload made necessary. */
struct ct_seqadj {
	uint32_t correction_pos; /* sequence number from which on offset_after holds */
	int32_t offset_before, offset_after;
};

struct ct_synproxy {
	uint32_t isn, its, tsoff;
};

/* --- Connections ------------------------------------------------------------------------------ */

/* Which fields of a view are given. */
enum {
	CTV_ORIG = 1 << 0,
	CTV_REPLY = 1 << 1,
	CTV_MASTER = 1 << 2,
	CTV_ZONE = 1 << 3, /* zone; zones of one direction stand in its tuple */
	CTV_STATUS = 1 << 4,
	CTV_TIMEOUT = 1 << 5,
	CTV_MARK = 1 << 6,
	CTV_MARK_MASK = 1 << 7,
	CTV_ID = 1 << 8,
	CTV_USE = 1 << 9,
	CTV_STATE = 1 << 10,	   /* of TCP, SCTP, DCCP */
	CTV_TCP_SCALE = 1 << 11,   /* of both directions */
	CTV_TCP_FLAGS_0 = 1 << 12, /* of the original direction */
	CTV_TCP_FLAGS_1 = 1 << 13,
	CTV_SCTP_VTAG = 1 << 14,
	CTV_DCCP_ROLE = 1 << 15, /* and handshake_seq */
	CTV_COUNTER_0 = 1 << 16,
	CTV_COUNTER_1 = 1 << 17,
	CTV_START = 1 << 18,
	CTV_STOP = 1 << 19,
	CTV_HELPER = 1 << 20, /* empty = none, in requests */
	CTV_LABEL = 1 << 21,
	CTV_LABEL_MASK = 1 << 22,
	CTV_SEQADJ_0 = 1 << 23,
	CTV_SEQADJ_1 = 1 << 24,
	CTV_SYNPROXY = 1 << 25,
	CTV_SECCTX = 1 << 26,
	CTV_NAT_SRC = 1 << 27,
	CTV_NAT_DST = 1 << 28,
	CTV_STATUS_MASK = 1 << 29,
	CTV_FILTER = 1 << 30,
};
/* When the change that an event tells of happened: 32 bits of has are used up. */
#define CTV_EVENT_TIME (UINT64_C(1) << 31)

#define CT_VIEW_HELPER \
	16 /* bytes of a helper's name, NUL included: Linux's NF_CT_HELPER_NAME_LEN */
#define CT_VIEW_SECCTX 128
#define CT_VIEW_FN     32 /* of the function that a new connection is handed to */

/* CTA_NAT_*, in requests: where the other end is to be found. */
struct ct_view_nat {
	struct pktt_addr min, max;   /* len 0 = not given */
	uint16_t port_min, port_max; /* host order; 0 = not given */
};

struct ct_view {
	uint64_t has; /* CTV_* */
	struct ct_tuple tuple[2];
	struct ct_tuple master; /* its original tuple */
	uint16_t zone;
	uint8_t state;
	uint8_t tcp_scale[2], tcp_flags[2], tcp_mask[2]; /* CT_TCP_* */
	uint8_t dccp_role;
	uint32_t status, status_mask;
	uint32_t timeout; /* seconds */
	uint32_t mark, mark_mask, id, use;
	uint32_t sctp_vtag[2]; /* host order */
	uint64_t dccp_handshake_seq;
	struct ct_counter counter[2];
	uint64_t start_ns, stop_ns, event_ns; /* since the epoch */
	uint64_t label[2], label_mask[2];     /* bit n of label[n / 64] */
	struct ct_seqadj seqadj[2];
	struct ct_synproxy synproxy;
	uint32_t filter_flags[2]; /* CT_FILTER_*: which fields of the tuples a dump compares */
	uint32_t given[3];  /* decoded: which fields the tuples and the master had, CT_FILTER_* */
	uint32_t master_id; /* 0 = not known: no message has it */
	struct ct_view_nat nat_src, nat_dst;
	char helper[CT_VIEW_HELPER];
	char secctx[CT_VIEW_SECCTX];
};

/* CTA_FILTER_ORIG_FLAGS, CTA_FILTER_REPLY_FLAGS: the kernel's bits. */
enum {
	CT_FILTER_SRC = 1 << 0,
	CT_FILTER_DST = 1 << 1,
	CT_FILTER_ZONE = 1 << 2,
	CT_FILTER_PROTOCOL = 1 << 3,
	CT_FILTER_SPORT = 1 << 4,
	CT_FILTER_DPORT = 1 << 5,
	CT_FILTER_ICMP_TYPE = 1 << 6,
	CT_FILTER_ICMP_CODE = 1 << 7,
	CT_FILTER_ICMP_ID = 1 << 8,
	CT_FILTER_ICMPV6_TYPE = 1 << 9,
	CT_FILTER_ICMPV6_CODE = 1 << 10,
	CT_FILTER_ICMPV6_ID = 1 << 11,
	CT_FILTER_ALL = (1 << 12) - 1,
};

enum { /* numbers of linux/netfilter/nf_conntrack_common.h, NF_CT_EXPECT_* */
       CT_EXPECT_PERMANENT = 1 << 0, /* not used up by its first connection */
       CT_EXPECT_INACTIVE = 1 << 1,  /* there, but matches nothing yet */
       CT_EXPECT_USERSPACE = 1 << 2,
};

/* --- Expectations ------------------------------------------------------------------------------ */

enum {
	CTX_MASTER = 1 << 0,
	CTX_TUPLE = 1 << 1,
	CTX_MASK = 1 << 2,
	CTX_TIMEOUT = 1 << 3,
	CTX_ID = 1 << 4,
	CTX_HELPER = 1 << 5,
	CTX_ZONE = 1 << 6,
	CTX_FLAGS = 1 << 7,
	CTX_CLASS = 1 << 8,
	CTX_NAT = 1 << 9,
	CTX_FN = 1 << 10,
};

struct ct_expect_view {
	uint32_t has; /* CTX_* */
	struct ct_tuple master, tuple, mask;
	uint32_t timeout; /* seconds */
	uint32_t id, flags, class, nat_dir;
	uint32_t master_id; /* of the connection; 0 = not known */
	uint32_t given[3];  /* decoded: which fields tuple, mask, master had, CT_FILTER_* */
	uint16_t zone;
	struct ct_tuple nat; /* source address and port that NAT restores */
	char helper[CT_VIEW_HELPER];
	char fn[CT_VIEW_FN];
};

/* --- Words ------------------------------------------------------------------------------------- */

/* "tcp"; "unknown" where tracking has no word for it. */
const char *ct_protocol_name(uint8_t protocol);
/* true and *ret: a name of these, or a number. */
bool ct_protocol_parse(const char *text, uint8_t *ret);
/* Whether its tuples have ports (or what stands for them). */
bool ct_protocol_has_ports(uint8_t protocol);
static inline bool ct_protocol_is_icmp(uint8_t protocol)
{
	return protocol == 1 || protocol == 58;
}
/* "ESTABLISHED"; NULL = the protocol has no states; "UNKNOWN" = it has none of that number. */
const char *ct_state_name(uint8_t protocol, uint8_t state);
/* The state of that name, or -1. */
int ct_state_parse(uint8_t protocol, const char *name);

/* --- Forms ------------------------------------------------------------------------------------- */

enum {
	CT_TEXT_EXTENDED = 1 << 0,  /* -o extended: "ipv4     2 tcp      6 ..." */
	CT_TEXT_ID = 1 << 1,	    /* -o id */
	CT_TEXT_LABELS = 1 << 2,    /* -o labels; their numbers, as without connlabel.conf */
	CT_TEXT_TIMESTAMP = 1 << 3, /* -o ktimestamp */
	CT_TEXT_EVENT = 1 << 4,	    /* as conntrack -E of what is not there */
	CT_TEXT_WHEN = 1 << 5,	    /* -o timestamp: xml has <when>; a line has it in front */
};
enum ct_event_kind { CT_KIND_NONE, CT_KIND_NEW, CT_KIND_UPDATE, CT_KIND_DESTROY, CT_KIND_COUNT };

/* Appended to out without a newline; now_ns: for how long a connection has lived, and <when>. */
void ct_view_text(const struct ct_view *v, unsigned int flags, uint64_t now_ns, struct str *out);
/* <flow>..</flow> */
void ct_view_xml(const struct ct_view *v, enum ct_event_kind kind, unsigned int flags,
		 uint64_t now_ns, struct str *out);
/* Options of conntrack(8) that make it again: "-t 119 -u SEEN_REPLY -s ..", without the verb. */
void ct_view_save(const struct ct_view *v, struct str *out);
/*
 * {"id":..,"l4":"tcp","state":"ESTABLISHED","status":["seen-reply",..],"orig":{"src":..,"dst":..,"sport":..,
 * "dport":..,"packets":..,"bytes":..},"reply":{..},"mark":0,"timeout":..}; where there is one: protocol (a
 * number, with "l4":"unknown"), zone (and zone_direction), helper, labels, master, start. No state where
 * the protocol has none. ICMP has id, type, code for ports, GRE srckey, dstkey.
 */
void ct_view_json(const struct ct_view *v, struct json *j);
/* What stands between its braces. */
void ct_view_json_members(const struct ct_view *v, struct json *j);

void ct_expect_view_text(const struct ct_expect_view *v, struct str *out);
void ct_expect_view_xml(const struct ct_expect_view *v, enum ct_event_kind kind, unsigned int flags,
			uint64_t now_ns, struct str *out);
/* {"id":..,"l4":"tcp","timeout":..,"tuple":{..},"mask":{..},"master":{..},"flags":[..],"class":0,"helper":".."} */
void ct_expect_view_json(const struct ct_expect_view *v, struct json *j);

/* What conntrack -E writes in front of an event: "[1795438617.515585]\t    [NEW] ". */
void ct_event_prefix(enum ct_event_kind kind, unsigned int flags, uint64_t now_ns, struct str *out);
/* "new", "update", "destroy" */
const char *ct_event_kind_name(enum ct_event_kind kind);

#endif
