/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What travels between pkttd and programs, beyond what linux/netfilter/nfnetlink*.h says already.
 *
 * Framing is netlink's: struct nlmsghdr, struct nfgenmsg, attributes; a message's type is
 * subsystem << 8 | message. Numbers in attributes are in network order. The transport is an AF_UNIX
 * socket of type SOCK_SEQPACKET: a datagram holds whole messages. nfgen_family is Linux's NFPROTO_*.
 *
 * Subsystems 1 (ctnetlink), 2 (expectations), 3 (nfqueue), 4 (nflog) are the kernel's, byte for byte.
 * 64 is the rules, 65 the bus itself.
 *
 * An attribute whose type has PKTTA_MUST is refused by a receiver that does not know it; others are
 * skipped. New attributes are added at the end, so that programs of different ages understand each
 * other.
 */
#ifndef PKTT_WIRE_H
#define PKTT_WIRE_H

#ifdef __cplusplus
extern "C" {
#endif

#define PKTT_SOCKET_PATH "/run/pkttables/pkttables.sock"
#define PKTT_VIEW_PATH	 "/run/pkttables/view.sock"
#define PKTT_SOCKET_ENV	 "PKTT_SOCKET" /* overrides the path for every client */

#define PKTT_WIRE_VERSION 1 /* nfgenmsg.version of the subsystems below */

#define PKTT_SUBSYS_RULES 64
#define PKTT_SUBSYS_BUS	  65

#define PKTTA_MUST 0x2000 /* bit of an attribute's type */

/* --- The bus: a client's first message is HELLO, or it speaks NETLINK_NETFILTER ------------------- */

enum pktt_bus_msg {
	PKTT_BUS_HELLO, /* PROTOCOL, PORT (0 = give me one), PROGRAM; answered by one with PORT, RIGHTS */
	PKTT_BUS_JOIN,	/* GROUP */
	PKTT_BUS_LEAVE, /* GROUP */
	PKTT_BUS_GAP,	/* from pkttd: LOST events of GROUP were not sent; events go on after it */
	PKTT_BUS_SET,	/* ROOM: bytes of events that may wait for this client (SO_RCVBUF) */
	PKTT_BUS_MSG_COUNT,
};

enum pktt_bus_attr {
	PKTTB_UNSPEC,
	/* u32: 12 NETLINK_NETFILTER, 3 NETLINK_FIREWALL (ip_queue), 5 NETLINK_NFLOG (ULOG) */
	PKTTB_PROTOCOL,
	PKTTB_PORT, /* u32: what getsockname() of a netlink socket says */
	/*
	 * string: name, for the journal; the kernel's word for it is taken where it has
	 * one
	 */
	PKTTB_PROGRAM,
	PKTTB_RIGHTS, /* u32: PKTT_RIGHT_* */
	PKTTB_GROUP,  /* u32 */
	PKTTB_LOST,   /* u64 */
	PKTTB_ROOM,   /* u32 */
	/* flag in HELLO: gaps are an error message ENOBUFS, as a netlink socket has it */
	PKTTB_LEGACY_GAPS,
	/* u32 in HELLO: no datagram to this client is larger, but for one message that is alone larger */
	PKTTB_DATAGRAM,
	/* flag in HELLO: one event a datagram, as netlink sockets and filters on them have it */
	PKTTB_SINGLE,
	PKTTB_COUNT,
};

/* Who may do what. */
enum {
	PKTT_RIGHT_VIEW = 1 << 0,     /* every get and every event */
	PKTT_RIGHT_ELEMENTS = 1 << 1, /* elements of sets */
	PKTT_RIGHT_ALL = 1 << 2,
};

/* Groups. 1 to 6 are ctnetlink's, NFNLGRP_CONNTRACK_NEW ... NFNLGRP_CONNTRACK_EXP_DESTROY. */
enum {
	PKTT_GROUP_RULES = 64, /* tables, chains, rules, sets and generations */
	PKTT_GROUP_ELEMENTS = 65,
	PKTT_GROUP_TRACE = 66,
	PKTT_GROUP_LOG = 67, /* what LOG and the journal say */
};

/* --- Rules ---------------------------------------------------------------------------------------- */

/*
 * NEW, DEL: requests, and events with GENERATION and WHO. GET: one, or with NLM_F_DUMP all that fit
 * TABLE, CHAIN, SET. A change alone is a transaction; several between NFNL_MSG_BATCH_BEGIN and _END
 * (res_id PKTT_SUBSYS_RULES) are one, over any number of datagrams. BATCH_BEGIN may have
 * IF_GENERATION: -ESTALE and nothing applied where that is not the current one.
 */
enum pktt_rules_msg {
	PKTT_MSG_NEWTABLE, /* with NLM_F_REPLACE it is emptied: restore without --noflush */
	PKTT_MSG_GETTABLE,
	PKTT_MSG_DELTABLE, /* event only: it was emptied */
	PKTT_MSG_NEWCHAIN, /* NLM_F_CREATE: declare; NLM_F_EXCL: -N. POLICY, COUNTERS, NEW_NAME */
	PKTT_MSG_GETCHAIN,
	PKTT_MSG_DELCHAIN, /* without CHAIN all user-defined ones */
	PKTT_MSG_NEWRULE, /* NLM_F_APPEND at the end, else at NUMBER, BEFORE or AFTER; NLM_F_REPLACE */
	PKTT_MSG_GETRULE, /* NUMBER, HANDLE, NAME, or the rule itself (-C) */
	PKTT_MSG_DELRULE,
	PKTT_MSG_MOVERULE, /* HANDLE or NUMBER or NAME to TO_NUMBER, BEFORE or AFTER; counters stay */
	PKTT_MSG_FLUSH,	   /* rules of CHAIN, of TABLE; SET: its elements */
	PKTT_MSG_ZERO,	   /* counters of the rule, of CHAIN, of TABLE */
	PKTT_MSG_NEWSET,   /* with NLM_F_REPLACE one that is there goes */
	PKTT_MSG_GETSET,
	PKTT_MSG_DELSET,
	PKTT_MSG_NEWELEM, /* ELEMENT, as in `add SET ELEMENT OPTIONS`; several of them are one message */
	PKTT_MSG_GETELEM, /* is it there? Or dump */
	PKTT_MSG_DELELEM,
	PKTT_MSG_SWAPSET, /* SET and NEW_NAME */
	PKTT_MSG_NEWEXT,  /* what an extension is: all that stands in its table */
	PKTT_MSG_GETEXT,
	PKTT_MSG_NEWGEN, /* event at every commit, after its changes: GENERATION, WHO, COUNT */
	PKTT_MSG_GETGEN,
	PKTT_MSG_NEWTRACE, /* request: TEXT is a filter, NUMBER a limit; event: a step of a packet */
	PKTT_MSG_DELTRACE,
	PKTT_MSG_PACKET,     /* DATA from IFACE is judged now; answered by what became of it */
	PKTT_MSG_GETHISTORY, /* dump of NEWHISTORY: GENERATION, TIME, WHO, TEXT, FLAGS */
	PKTT_MSG_NEWHISTORY,
	PKTT_MSG_CONFIRM,  /* keeps what was loaded with a timer */
	PKTT_MSG_ROLLBACK, /* to GENERATION's content, or to what was before the last change */
	PKTT_MSG_GETSTAT, /* METRICS: the text of section 3.7 of the user's view, in NEWSTAT messages */
	PKTT_MSG_NEWSTAT,
	PKTT_MSG_GETQUEUE, /* dump of NEWQUEUE: queues, who listens, lengths, losses */
	PKTT_MSG_NEWQUEUE,
	PKTT_MSG_LOG, /* event: LEVEL, TEXT, and what it is about */
	PKTT_MSG_COUNT,
};

enum pktt_attr {
	PKTTA_UNSPEC,
	PKTTA_TABLE,	     /* string */
	PKTTA_CHAIN,	     /* string */
	PKTTA_HANDLE,	     /* u64 */
	PKTTA_NAME,	     /* string: of a rule */
	PKTTA_NEW_NAME,	     /* string */
	PKTTA_POLICY,	     /* u32: enum pktt_verdict */
	PKTTA_NUMBER,	     /* u32: of a rule, from 1 */
	PKTTA_TO_NUMBER,     /* u32 */
	PKTTA_BEFORE,	     /* u64: handle */
	PKTTA_AFTER,	     /* u64: handle */
	PKTTA_PACKETS,	     /* u64 */
	PKTTA_BYTES,	     /* u64 */
	PKTTA_HEAD,	     /* args of the family's head, as desc/args.h encodes them */
	PKTTA_MATCH,	     /* nested PKTTA_USE_*; one for each, in order */
	PKTTA_TARGET,	     /* the same */
	PKTTA_HOOK,	     /* u32: of a base chain */
	PKTTA_PRIORITY,	     /* s32 */
	PKTTA_REFERENCES,    /* u32 */
	PKTTA_LAST_HIT,	     /* u64: ns since the epoch */
	PKTTA_SET,	     /* string */
	PKTTA_SET_TYPE,	     /* string */
	PKTTA_OPTIONS,	     /* string: of a set, as ipset writes them */
	PKTTA_ELEMENT,	     /* string: as ipset writes it, with its options */
	PKTTA_COUNT,	     /* u64: elements, changes */
	PKTTA_GENERATION,    /* u64 */
	PKTTA_IF_GENERATION, /* u64 */
	PKTTA_WHO,	     /* nested PKTTA_WHO_* */
	PKTTA_EXT,	     /* nested: wire/ext.h */
	PKTTA_FILE,	     /* string: where a rule stood, with LINE, COLUMN, LENGTH */
	PKTTA_LINE,	     /* u32 */
	PKTTA_COLUMN,	     /* u32 */
	PKTTA_LENGTH,	     /* u32 */
	PKTTA_TEXT,	     /* string */
	PKTTA_TIME,	     /* u64: ns since the epoch */
	PKTTA_FLAGS,	     /* u32 */
	PKTTA_DATA,	     /* bytes */
	PKTTA_IFACE,	     /* string */
	PKTTA_OUT_IFACE,     /* string */
	PKTTA_VERDICT,	     /* u32: enum pktt_verdict */
	PKTTA_SECONDS, /* u32: in BATCH_END: back to what was before unless confirmed by then */
	PKTTA_LEVEL,   /* u32: syslog's */
	PKTTA_VERSION, /* string: of the program */
	PKTTA_KIND,    /* u32: enum pktt_ext_kind */
	PKTTA_PAD,
	PKTTA_QUEUE, /* nested PKTTA_QUEUE_*: NEWQUEUE */
	PKTTA_ATTR_COUNT,
};

enum {				      /* FLAGS of NEWHISTORY */
       PKTT_HISTORY_PENDING = 1 << 0, /* taken back unless it is confirmed */
       PKTT_HISTORY_CURRENT = 1 << 1,
};

enum { /* within MATCH, TARGET */
       PKTTA_USE_UNSPEC,
       PKTTA_USE_NAME, /* string: of the extension */
       PKTTA_USE_ARGS, /* as desc/args.h encodes them */
       PKTTA_USE_COUNT,
};

enum { /* within WHO */
       PKTTA_WHO_UNSPEC,
       PKTTA_WHO_UID,	  /* u32 */
       PKTTA_WHO_PID,	  /* u32 */
       PKTTA_WHO_PROGRAM, /* string */
       PKTTA_WHO_COUNT,
};

enum { /* within QUEUE; WHO beside it says who listens */
       PKTTA_QUEUE_UNSPEC,
       PKTTA_QUEUE_NUMBER,
       PKTTA_QUEUE_PROTOCOL,	 /* u32: 12 nfqueue, 3 ip_queue, 13 ip6_queue */
       PKTTA_QUEUE_PORT,	 /* u32: of the listener; 0 = nobody listens */
       PKTTA_QUEUE_MODE,	 /* u32: NFQNL_COPY_* */
       PKTTA_QUEUE_RANGE,	 /* u32: bytes of a packet */
       PKTTA_QUEUE_FLAGS,	 /* u32: NFQA_CFG_F_* */
       PKTTA_QUEUE_LENGTH,	 /* u32: packets that wait */
       PKTTA_QUEUE_MAX,		 /* u32 */
       PKTTA_QUEUE_QUEUED,	 /* u64: ever */
       PKTTA_QUEUE_DROPPED,	 /* u64: it was full */
       PKTTA_QUEUE_USER_DROPPED, /* u64: the listener's socket was full */
       PKTTA_QUEUE_LOST,	 /* u64: nobody listened */
       PKTTA_QUEUE_BYPASSED,	 /* u64: nobody listened, and the rule let pass */
       PKTTA_QUEUE_COUNT,
};

#ifdef __cplusplus
}
#endif

#endif
