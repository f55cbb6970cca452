/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Classic BPF programs over the packet, from the first byte of layer 3.
 *
 * The type of the argument has proven that a program ends and touches only its own memory; what is
 * left to be checked at run time is reads of the packet. As in Linux a read beyond the packet ends
 * the program with 0. Negative offsets are Linux's: of the network header, the link header, and of
 * what is known beside the packet (linux/filter.h, SKF_*).
 */
#include "base/buf.h"
#include "ext/match.h"

#include <errno.h>

struct bpf_args {
	struct pktt_args head;
	struct pktt_bpf program;
	char object[256];
};

enum { BYTECODE, OBJECT };
#define BIT(n) (UINT64_C(1) << (n))

static const struct pktt_param bpf_params[] = {
	[BYTECODE] = {
		.name = "bytecode",
		.help = "program as nfbpf_compile writes it; the packet matches if it returns not 0",
		PKTT_STORE(struct bpf_args, program, bpf),
		.excludes = BIT(OBJECT),
	},
	[OBJECT] = {
		.name = "object-pinned",
		.help = "a program pinned in the kernel, which only a live kernel can run",
		PKTT_STORE_TEXT(struct bpf_args, object),
		.excludes = BIT(BYTECODE),
	},
};

static int bpf_check(const struct pktt_context *ctx, const void *vargs, struct pktt_error *err)
{
	const struct bpf_args *args = vargs;

	(void)ctx;
	if (args->head.given == 0)
		return pktt_fail(err, -EINVAL, "bpf needs --bytecode or --object-pinned");
	return 0;
}

/* --- Instructions: class, then what it says --------------------------------------------------- */

enum { LD = 0, LDX = 1, ST = 2, STX = 3, ALU = 4, JMP = 5, RET = 6, MISC = 7 };
enum { SIZE_W = 0x00, SIZE_H = 0x08, SIZE_B = 0x10 };
enum {
	MODE_IMM = 0x00,
	MODE_ABS = 0x20,
	MODE_IND = 0x40,
	MODE_MEM = 0x60,
	MODE_LEN = 0x80,
	MODE_MSH = 0xa0
};
enum {
	ADD = 0x00,
	SUB = 0x10,
	MUL = 0x20,
	DIV = 0x30,
	OR = 0x40,
	AND = 0x50,
	LSH = 0x60,
	RSH = 0x70,
	NEG = 0x80,
	MOD = 0x90,
	XOR = 0xa0
};
enum { JA = 0x00, JEQ = 0x10, JGT = 0x20, JGE = 0x30, JSET = 0x40 };
enum { SOURCE_X = 0x08, RET_A = 0x10, TXA = 0x80 };

/* Areas of negative offsets, and what stands in that of the packet's surroundings. */
#define AREA_NETWORK UINT32_C(0xfff00000)
#define AREA_LINK    UINT32_C(0xffe00000)
#define AREA_BESIDE  UINT32_C(0xfffff000)
enum {
	BESIDE_PROTOCOL = 0,
	BESIDE_PKTTYPE = 4,
	BESIDE_IFINDEX = 8,
	BESIDE_MARK = 20,
	BESIDE_HATYPE = 28,
	BESIDE_CPU = 36,
	BESIDE_XOR_X = 40,
	BESIDE_VLAN_TAG = 44,
	BESIDE_VLAN_THERE = 48,
	BESIDE_RANDOM = 56,
	BESIDE_VLAN_TPID = 60,
};

struct machine {
	struct pktt_packet *pkt;
	uint32_t a, x;
	uint32_t mem[16];
	bool failed; /* a read beyond the packet */
};

static uint32_t beside(struct machine *m, uint32_t what)
{
	struct pktt_packet *pkt = m->pkt;

	switch (what) {
	case BESIDE_PROTOCOL:
		return pkt->ethertype;
	case BESIDE_PKTTYPE:
		return pkt->pkttype;
	case BESIDE_IFINDEX:
		return pkt->in ? pkt->in->index : pkt->out ? pkt->out->index : 0;
	case BESIDE_MARK:
		return pkt->mark;
	case BESIDE_HATYPE:
		return pkt->in ? pkt->in->arphrd : pkt->out ? pkt->out->arphrd : 0;
	case BESIDE_CPU:
		return pkt->cpu;
	case BESIDE_XOR_X:
		return m->a ^ m->x;
	case BESIDE_VLAN_TAG:
		return pkt->vlan_tci;
	case BESIDE_VLAN_THERE:
		return pkt->has_vlan;
	case BESIDE_VLAN_TPID:
		return pkt->vlan_proto;
	case BESIDE_RANDOM:
		return pktt_packet_random(pkt);
	default:
		m->failed = true;
		return 0;
	}
}

static uint32_t load(struct machine *m, uint32_t at, unsigned int size)
{
	uint32_t len = size == SIZE_W ? 4 : size == SIZE_H ? 2 : 1;
	enum pktt_layer layer = PKTT_L3;
	const uint8_t *p;

	if (at >= AREA_BESIDE)
		return beside(m, at - AREA_BESIDE);
	if (at >= AREA_NETWORK) {
		at -= AREA_NETWORK;
	} else if (at >= AREA_LINK) {
		layer = PKTT_L2;
		at -= AREA_LINK;
	}
	p = pktt_packet_read(m->pkt, layer, at, len);
	if (!p) {
		m->failed = true;
		return 0;
	}
	return len == 4 ? get_be32(p) : len == 2 ? get_be16(p) : *p;
}

static uint32_t load_mode(struct machine *m, const struct pktt_bpf_insn *insn)
{
	switch (insn->code & 0xe0) {
	case MODE_IMM:
		return insn->k;
	case MODE_ABS:
		return load(m, insn->k, insn->code & 0x18);
	case MODE_IND:
		return load(m, m->x + insn->k, insn->code & 0x18);
	case MODE_MEM:
		return m->mem[insn->k & 15];
	case MODE_LEN:
		return pktt_packet_wire_len(m->pkt);
	case MODE_MSH:
		return (load(m, insn->k, SIZE_B) & 15) << 2;
	default:
		return 0;
	}
}

static uint32_t divide(struct machine *m, uint32_t by, bool want_rest)
{
	if (by == 0) {
		m->failed = true;
		return 0;
	}
	return want_rest ? m->a % by : m->a / by;
}

static uint32_t compute(struct machine *m, unsigned int op, uint32_t v)
{
	switch (op) {
	case ADD:
		return m->a + v;
	case SUB:
		return m->a - v;
	case MUL:
		return m->a * v;
	case DIV:
		return divide(m, v, false);
	case MOD:
		return divide(m, v, true);
	case OR:
		return m->a | v;
	case AND:
		return m->a & v;
	case XOR:
		return m->a ^ v;
	case LSH:
		return m->a << (v & 31);
	case RSH:
		return m->a >> (v & 31);
	case NEG:
		return 0 - m->a;
	default:
		return m->a;
	}
}

static uint32_t jump(const struct machine *m, const struct pktt_bpf_insn *insn)
{
	uint32_t v = insn->code & SOURCE_X ? m->x : insn->k;
	bool holds = false;

	switch (insn->code & 0xf0) {
	case JA:
		return insn->k;
	case JEQ:
		holds = m->a == v;
		break;
	case JGT:
		holds = m->a > v;
		break;
	case JGE:
		holds = m->a >= v;
		break;
	case JSET:
		holds = m->a & v;
		break;
	}
	return holds ? insn->jt : insn->jf;
}

/* All but jumps and returns. */
static void step(struct machine *m, const struct pktt_bpf_insn *insn)
{
	switch (insn->code & 7) {
	case LD:
		m->a = load_mode(m, insn);
		break;
	case LDX:
		m->x = load_mode(m, insn);
		break;
	case ST:
		m->mem[insn->k & 15] = m->a;
		break;
	case STX:
		m->mem[insn->k & 15] = m->x;
		break;
	case ALU:
		m->a = compute(m, insn->code & 0xf0, insn->code & SOURCE_X ? m->x : insn->k);
		break;
	case MISC:
		if (insn->code & TXA)
			m->a = m->x;
		else
			m->x = m->a;
		break;
	}
}

static uint32_t run(struct pktt_packet *pkt, const struct pktt_bpf *program)
{
	struct machine m = { .pkt = pkt };

	for (uint32_t pc = 0; pc < program->count && !m.failed; pc++) {
		const struct pktt_bpf_insn *insn = &program->insn[pc];

		if ((insn->code & 7) == RET)
			return insn->code & RET_A ? m.a : insn->k;
		if ((insn->code & 7) == JMP)
			pc += jump(&m, insn);
		else
			step(&m, insn);
	}
	return 0;
}

static enum pktt_hit bpf_match(struct pktt_packet *pkt, const void *vargs, void *state)
{
	const struct bpf_args *args = vargs;

	(void)state;
	return hit_if(pktt_given(args, BYTECODE) && run(pkt, &args->program));
}

PKTT_REGISTER(pktt_match, bpf) = {
	.ext = {
		.kind = PKTT_KIND_MATCH,
		.name = "bpf",
		.summary = "a classic BPF program over the packet",
		.families = PKTT_FAM_IP | PKTT_FAM_ARP,
		.reads = PKTT_READS_HEADER | PKTT_READS_PAYLOAD | PKTT_READS_MARK |
			 PKTT_READS_IFACE | PKTT_READS_RANDOM,
		PKTT_PARAMS(bpf_params, struct bpf_args),
		.check = bpf_check,
	},
	.match = bpf_match,
};
