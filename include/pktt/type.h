/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Value types: the closed set that is code.
 *
 * An option of an extension has a value of one of these types. A type is a C type and how its
 * value is parsed, checked, printed and compared with a packet field. Its parts give the wire
 * encoding, the JSON form and random test values with no further code.
 */
#ifndef PKTT_TYPE_H
#define PKTT_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Plug-ins find what is declared here in the program that loads them. */
#pragma GCC visibility push(default)

struct str; /* a growing text, base/str.h */
struct pktt_ext;

/* Where in a source text something stands; line and column count from 1, 0 = unknown. */
struct pktt_place {
	const char *file; /* borrowed from the source; NULL = not from a file */
	uint32_t line, column, length;
};

/* One failure: what a caret line, a netlink extended ack and a JSON object are made of. */
struct pktt_error {
	int code; /* negative errno */
	char text[240];
	struct pktt_place place;
};

/*
 * Fill *err (may be NULL) with code and a sentence, and return code. Leaves err->place alone,
 * so that whoever knows the place may set it before or after.
 */
int pktt_fail(struct pktt_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

enum pktt_family {
	PKTT_IPV4 = 0,
	PKTT_IPV6 = 1,
	PKTT_INET = 2, /* a rule that serves IPv4 and IPv6 at once; no packet is of it */
	PKTT_ARP = 3,
	PKTT_BRIDGE = 4,
};
#define PKTT_FAMILY_COUNT 5

#define PKTT_FAM(f)    (1u << (f))
#define PKTT_FAM_V4    PKTT_FAM(PKTT_IPV4)
#define PKTT_FAM_V6    PKTT_FAM(PKTT_IPV6)
#define PKTT_FAM_IP    (PKTT_FAM_V4 | PKTT_FAM_V6 | PKTT_FAM(PKTT_INET))
#define PKTT_FAM_ARP   PKTT_FAM(PKTT_ARP)
#define PKTT_FAM_BR    PKTT_FAM(PKTT_BRIDGE)
#define PKTT_FAM_ALL   (PKTT_FAM_IP | PKTT_FAM_ARP | PKTT_FAM_BR)

/*
 * How a value compares with a packet field of the same width: parts 0 and 1 are minimum and maximum
 * of a RANGE, value and mask of a MASK.
 */
enum pktt_cmp { PKTT_CMP_NONE, PKTT_CMP_EQUAL, PKTT_CMP_RANGE, PKTT_CMP_MASK };

enum pktt_part_kind {
	PKTT_PART_END = 0,
	PKTT_PART_UINT,  /* host order, 1, 2, 4 or 8 bytes */
	PKTT_PART_INT,   /* as above, signed */
	PKTT_PART_BOOL,  /* C bool */
	PKTT_PART_ADDR,  /* struct pktt_addr */
	PKTT_PART_BYTES, /* size bytes as they are */
	PKTT_PART_TEXT,  /* char[size], ended by NUL; size 0 = the parameter's own size */
};

/*
 * One scalar inside a value. In a list type the parts are those of an element, and the count
 * (uint16_t) stands at offset 0 of the value; a list whose elements are one unnamed part of one
 * byte is a byte string. A type without parts travels, and is compared, as its canonical text.
 * Bounds of a parameter act on UINT parts only.
 */
struct pktt_part {
	const char *name; /* key in JSON; "" for a type with a single part */
	uint16_t offset, size;
	enum pktt_part_kind kind;
};

struct pktt_symbol {
	const char *name; /* NULL ends the table; several names may share a value, the first prints */
	uint32_t value;
};

struct pktt_param;

/* What a type function is told about the place where its value stands. */
struct pktt_context {
	const struct pktt_param *param;
	const struct pktt_ext *ext; /* NULL for settings */
	enum pktt_family family;
};

struct pktt_type {
	const char *name;   /* "port-range" */
	const char *syntax; /* "PORT[:PORT]", as help shows it */
	uint16_t size;      /* of the C type; 0 = param->size (text) */
	uint8_t words;      /* arguments taken on a command line: 0, 1 or 2 */
	enum pktt_cmp cmp;
	struct pktt_part part[8];
	uint16_t list_max;    /* 0 = no list; else the capacity in elements */
	uint16_t list_offset; /* of element 0 */
	uint16_t list_stride;
	/* word[0 .. words-1] -> *val, which is zeroed. Syntax only; bounds are check()'s. */
	int (*parse)(const struct pktt_context *ctx, const char *const *word, void *val,
		     struct pktt_error *err);
	/* The one gate: text, JSON and wire all end here. NULL = every value is good. */
	int (*check)(const struct pktt_context *ctx, const void *val, struct pktt_error *err);
	/* Appends canonical text, quoted as a command line needs it; NULL for flags. */
	void (*print)(const struct pktt_context *ctx, const void *val, struct str *out);
	/*
	 * Only where a value owns memory; both or none. fini releases and zeroes, and does nothing
	 * to a zeroed value. copy fills zeroed dst with memory of its own: 0 or -ENOMEM. A parse
	 * that fails owns nothing.
	 */
	void (*fini)(void *val);
	int (*copy)(void *dst, const void *src);
	/* Where one value has several forms (60/minute, 1/second): to the one that is kept. */
	void (*canon)(void *val);
};

/* --- C types ----------------------------------------------------------------------------- */

struct pktt_addr {
	uint8_t len; /* 0 none, 4 IPv4, 16 IPv6 */
	uint8_t byte[16];
};
struct pktt_prefix { /* any mask, 255.0.255.0 included */
	struct pktt_addr addr, mask;
};
struct pktt_addr_range {
	struct pktt_addr min, max;
};
struct pktt_addr_list {
	uint16_t count;
	struct pktt_addr addr[16];
};
struct pktt_nat_range { /* addresses and ports are both optional; port_max 0 = no ports */
	struct pktt_addr min, max;
	uint16_t port_min, port_max, port_base;
};
struct pktt_mac {
	uint8_t byte[6];
};
struct pktt_mac_mask {
	struct pktt_mac addr, mask;
};
struct pktt_ifname { /* a trailing + stands for any rest */
	char name[16];
};
struct pktt_range8 {
	uint8_t min, max;
};
struct pktt_range16 {
	uint16_t min, max;
};
struct pktt_range32 {
	uint32_t min, max;
};
struct pktt_range64 {
	uint64_t min, max;
};
struct pktt_mask8 {
	uint8_t mask, value;
};
struct pktt_mask32 {
	uint32_t value, mask;
};
struct pktt_mark_test { /* equal to value under mask, or (is_any) any bit of mask set */
	uint32_t value, mask;
	bool is_any;
};
struct pktt_port_list {
	uint16_t count;
	struct pktt_range16 range[15];
};
struct pktt_rate { /* count packets (or bytes) in seconds */
	uint64_t count;
	uint32_t seconds;
	bool is_bytes;
	uint32_t unit; /* in which it was written, in seconds; 0 = not known. No part of the value */
};
struct pktt_amount { /* of packets, or of bytes */
	uint64_t count;
	bool is_bytes;
};
/*
 * Type 255 with codes 0..255 in ICMPv4 = any. A symbol's value is type << 16 | code_min << 8 |
 * code_max (PKTT_ICMP).
 */
#define PKTT_ICMP(type, code_min, code_max) ((type) << 16 | (code_min) << 8 | (code_max))
struct pktt_icmp {
	uint8_t type, code_min, code_max;
};
struct pktt_icmp_range { /* as ebtables has it; symbols as for pktt_icmp */
	uint8_t type_min, type_max, code_min, code_max;
};
struct pktt_pattern {
	uint16_t len;
	uint8_t byte[128];
};
struct pktt_bitmap256 { /* bit n of word n/32 */
	uint32_t word[8];
};
struct pktt_set_ref { /* a set and which side each dimension is taken from */
	char name[32];
	uint8_t dims;
	uint8_t src; /* bit n: dimension n is taken from the source */
};
struct pktt_opt_list { /* IPv6 options TYPE[:LEN] */
	uint16_t count;
	struct pktt_opt {
		uint8_t type;
		uint16_t len; /* 0xffff = any */
	} opt[16];
};
struct pktt_bpf { /* classic BPF, "COUNT,CODE JT JF K,..." */
	uint16_t count;
	struct pktt_bpf_insn {
		uint16_t code;
		uint8_t jt, jf;
		uint32_t k;
	} insn[64];
};
struct pktt_u32 { /* the u32 language, at most 11 tests of 10 steps and 10 ranges */
	uint16_t count;
	struct pktt_u32_test {
		uint8_t nsteps, nranges;
		struct {
			uint32_t value;
			uint8_t op; /* '&' '<' '>' '@', 0 for the first */
		} step[11];
		struct pktt_range32 range[11];
	} test[11];
};
struct pktt_sctp_chunks {
	uint8_t mode; /* 1 any, 2 all, 3 only */
	struct pktt_bitmap256 type;
	uint8_t nflags;
	struct {
		uint8_t type, mask, value;
	} flag[20];
};
struct pktt_mac_list { /* ebtables among: MAC[=IP],..., owned, sorted; freed by the type */
	uint32_t count;
	struct pktt_mac_ip {
		struct pktt_mac mac;
		struct pktt_addr addr;
	} *item;
};

/* The closed set: name, C type. type_*.c define them; lists, parsers and proofs derive from it. */
#define PKTT_TYPES(X)                                                                         \
	X(flag, bool)                      /* no argument */                                  \
	X(u8, uint8_t)                     /* numbers: decimal, 0x hex, 0 octal */            \
	X(u16, uint16_t)                                                                      \
	X(u32, uint32_t)                                                                      \
	X(u64, uint64_t)                                                                      \
	X(hex32, uint32_t)                 /* printed as 0x.. */                              \
	X(enum8, uint8_t)                  /* a name of symbols; number with PKTT_NUMERIC */  \
	X(enum16, uint16_t)                                                                   \
	X(enum32, uint32_t)                                                                   \
	X(bits32, uint32_t)                /* names joined by commas */                       \
	X(flags8, struct pktt_mask8)       /* MASK COMP, as tcp-flags */                      \
	X(range8, struct pktt_range8)      /* N[:M] */                                        \
	X(range16, struct pktt_range16)                                                       \
	X(range32, struct pktt_range32)                                                       \
	X(range64, struct pktt_range64)                                                       \
	X(port, uint16_t)                  /* number or service name */                       \
	X(port_range, struct pktt_range16)                                                    \
	X(port_list, struct pktt_port_list)                                                   \
	X(nat_ports, struct pktt_range16)  /* PORT[-PORT], as --to-ports */                    \
	X(addr, struct pktt_addr)                                                             \
	X(prefix, struct pktt_prefix)                                                         \
	X(addr_range, struct pktt_addr_range)                                                 \
	X(addr_list, struct pktt_addr_list)                                                   \
	X(nat_range, struct pktt_nat_range)                                                   \
	X(mac, struct pktt_mac)                                                               \
	X(mac_mask, struct pktt_mac_mask)                                                     \
	X(mac_list, struct pktt_mac_list)                                                     \
	X(ifname, struct pktt_ifname)                                                         \
	X(mark, struct pktt_mask32)        /* VALUE[/MASK], hex */                            \
	X(xmark, struct pktt_mask32)       /* VALUE[/MASK], hex, the mask always printed */   \
	X(tc_class, uint32_t)              /* MAJOR:MINOR, hex without 0x */                  \
	X(tc_time, uint32_t)               /* microseconds; 250ms, 1.5s, 20us */              \
	X(tc_rate, uint32_t)               /* bytes a second; 1mbit, 20kbps */                \
	X(tos, struct pktt_mask8)          /* VALUE[/MASK] or a name */                       \
	X(rate, struct pktt_rate)                                                             \
	X(mark_test, struct pktt_mark_test) /* VALUE[/MASK] or /MASK */                       \
	X(amount, struct pktt_amount)      /* N packets, or bytes as 16kb */                  \
	X(probability, uint32_t)           /* parts of 2^31; 0 to 1 */                        \
	X(uid_range, struct pktt_range32)  /* USER[-USER] */                                  \
	X(gid_range, struct pktt_range32)  /* GROUP[-GROUP] */                                \
	X(duration, uint32_t)              /* seconds; 90, 1h30m */                           \
	X(time_of_day, uint32_t)           /* seconds since midnight; hh:mm[:ss] */           \
	X(timestamp, int64_t)              /* seconds since the epoch; YYYY[-MM[-DD[Thh..]]] */ \
	X(weekdays, uint8_t)               /* bit 1 Monday .. bit 7 Sunday */                 \
	X(monthdays, uint32_t)             /* bit n: the nth */                               \
	X(icmp, struct pktt_icmp)          /* TYPE[/CODE] or a name of symbols */             \
	X(icmp_range, struct pktt_icmp_range) /* TYPE[:TYPE][/CODE[:CODE]] or a name */       \
	X(proto, uint8_t)                  /* layer-4 protocol, by name or number */          \
	X(ethertype, uint16_t)                                                                \
	X(pattern, struct pktt_pattern)    /* text as it is */                                \
	X(hex_pattern, struct pktt_pattern) /* text with |hex| */                             \
	X(bitmap256, struct pktt_bitmap256) /* names or numbers joined by commas */           \
	X(set_ref, struct pktt_set_ref)    /* NAME src,dst */                                 \
	X(opt_list, struct pktt_opt_list)                                                     \
	X(bpf, struct pktt_bpf)                                                               \
	X(u32_tests, struct pktt_u32)                                                         \
	X(sctp_chunks, struct pktt_sctp_chunks)

#define PKTT_TYPE_DECLARE(n, c) \
	typedef c pktt_c_##n;   \
	extern const struct pktt_type pktt_type_##n;
PKTT_TYPES(PKTT_TYPE_DECLARE)
#undef PKTT_TYPE_DECLARE
extern const struct pktt_type pktt_type_text; /* char[param->size], quoted where needed */

/* --- Parameters: what an option is ------------------------------------------------------- */

enum pktt_layer { PKTT_NO_FIELD = 0, PKTT_L2, PKTT_L3, PKTT_L4 };

/* A header field in network order, compared by the core with the value when set. */
struct pktt_field {
	enum pktt_layer layer;
	uint8_t offset, size;
};

enum {
	PKTT_REQUIRED = 1 << 0,    /* the rule is refused without it */
	PKTT_NEGATABLE = 1 << 1,   /* "!" may precede it */
	PKTT_NUMERIC = 1 << 2,     /* enum8..32, bits32: a number is accepted too */
	PKTT_SHOW_ALWAYS = 1 << 3, /* printed even where the default applies */
	PKTT_HIDE_DEFAULT = 1 << 4, /* not printed when equal to the default, even if given */
	PKTT_REPEATABLE = 1 << 5,  /* may be given again: the last one counts */
	PKTT_HIDDEN = 1 << 6,      /* accepted, never shown in help (obsolete spellings) */
	PKTT_SHOW_HEX = 1 << 7,    /* numbers print as 0x.. */
	PKTT_CASELESS = 1 << 8,    /* symbols are compared without regard to case */
	PKTT_ONLY_V4 = 1 << 9,     /* addresses of IPv4 only, where the rule's family has both */
	PKTT_ONLY_V6 = 1 << 10,
	PKTT_SHOW_NUMBER = 1 << 11, /* names are accepted, the number is printed */
	PKTT_SHOW_HOST = 1 << 12,   /* a prefix of full length prints as a bare address */
	PKTT_SHOW_FULL_HEX = 1 << 13, /* numbers print as 0x.. with all their leading zeros */
	PKTT_PREFIX = 1 << 14,      /* a caseless beginning that fits one symbol stands for it */
	PKTT_SHOW_BARE = 1 << 15,   /* text prints without quotes where a line can do without */
	PKTT_OPEN_RANGE = 1 << 16,  /* a range's number alone is its lower end */
	PKTT_ASCENDING = 1 << 17,   /* a range that runs backwards is refused */
};

struct pktt_param {
	const char *name;    /* long option without dashes; also the JSON key */
	const char *aliases; /* further spellings, separated by spaces */
	char letter;         /* short option (heads only) */
	const char *help;    /* one phrase, no final stop */
	const struct pktt_type *type;
	const struct pktt_symbol *symbols;
	uint16_t offset, size; /* in the args structure */
	const char *def;       /* default, in the type's own syntax; words separated by spaces */
	uint32_t flags;
	uint32_t families;     /* PKTT_FAM_*; 0 = all of the extension's */
	uint64_t excludes;     /* bits of parameters that must not stand beside it */
	uint64_t needs;        /* bits of which one at least must stand beside it */
	uint64_t min, max;     /* bounds of every UINT part; max 0 = the type's own. min of a
				* text: its least length */
	struct pktt_field field;
	/*
	 * A synonym stores nothing of its own: same_as is the number of the parameter that it
	 * stands for PLUS ONE (0 = not a synonym). Either preset is that parameter's text, or
	 * the argument is parsed as this type into a scratch value and convert() turns it into the
	 * other's; negate says that the synonym means the negation.
	 */
	uint8_t same_as;
	/*
	 * An option that starts over in a further group: again is the number PLUS ONE of the
	 * parameter that it is written as, once one of the parameters that it needs was given.
	 */
	uint8_t again;
	bool negate;
	const char *preset;
	void (*convert)(const void *from, void *to);
};

/* First member of every args structure; bit n is parameter n. At most 64 parameters. */
struct pktt_args {
	uint64_t given, negated;
};

static inline bool pktt_given(const void *args, unsigned int n)
{
	return ((const struct pktt_args *)args)->given >> n & 1;
}

static inline bool pktt_negated(const void *args, unsigned int n)
{
	return ((const struct pktt_args *)args)->negated >> n & 1;
}

/* offset of st.f, after proving that the field has the C type of parameter type ty */
#define PKTT_OFFSET(st, f, ty)                                                                    \
	(offsetof(st, f) + 0 * sizeof(struct {                                                    \
				   _Static_assert(__builtin_types_compatible_p(                   \
							  __typeof__(((st *)0)->f), pktt_c_##ty), \
						  #f " does not have the C type of " #ty);        \
				   int unused;                                                    \
			   }))

/* clang-format off */
#define PKTT_STORE(st, f, ty)                                                                     \
	.type = &pktt_type_##ty, .offset = PKTT_OFFSET(st, f, ty), .size = sizeof(((st *)0)->f)
/* f is a char array; at most its size - 1 characters are taken */
#define PKTT_STORE_TEXT(st, f)                                                                    \
	.type = &pktt_type_text, .offset = offsetof(st, f), .size = sizeof(((st *)0)->f)
/* a synonym's own argument type */
#define PKTT_TAKES(ty) .type = &pktt_type_##ty, .size = sizeof(pktt_c_##ty)
#define PKTT_COMPARE(lay, st, f) .field = { lay, offsetof(st, f), sizeof(((st *)0)->f) }
#define PKTT_COMPARE_AT(lay, off, len) .field = { lay, off, len }
#define PKTT_SAME_AS(n) .same_as = ((n) + 1)
#define PKTT_AGAIN(n) .again = ((n) + 1)
/* clang-format on */

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
