/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Classic BPF programs as "COUNT,CODE JT JF K,CODE ...", decimal, as tcpdump -ddd and nfbpf_compile
 * write them.
 *
 * A program is run on every packet, so what may run is decided here, by the rules of the kernel's
 * checker (bpf_check_classic in net/core/filter.c): known opcodes, jumps forward and inside, a
 * return at the end, no division by a constant 0, no shift by 32 or more, memory slots below 16 and
 * written on every path before they are read. It follows that each run ends, after as many steps as
 * there are instructions at most.
 */
#include "base/cbpf.h"
#include "base/own.h"
#include "base/str.h"
#include "desc/type_own.h"

#include <errno.h>

#define INSNS_MAX 64

/* --- Text ------------------------------------------------------------------------------------- */

/* The next decimal number of at most max, after blanks. */
static bool take_number(const char **at, uint64_t max, uint64_t *ret)
{
	const char *p = *at + strspn(*at, " \t");
	uint64_t v = 0;

	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		v = v * 10 + (uint64_t)(*p - '0');
		if (v > max)
			return false;
	}
	*at = p;
	*ret = v;
	return true;
}

static bool take_insn(const char **at, struct pktt_bpf_insn *insn)
{
	uint64_t code, jt, jf, k;

	if (!take_number(at, UINT16_MAX, &code) || !take_number(at, UINT8_MAX, &jt) ||
	    !take_number(at, UINT8_MAX, &jf) || !take_number(at, UINT32_MAX, &k))
		return false;
	*at += strspn(*at, " \t");
	insn->code = (uint16_t)code;
	insn->jt = (uint8_t)jt;
	insn->jf = (uint8_t)jf;
	insn->k = (uint32_t)k;
	return **at == ',' || **at == '\0';
}

static int parse_bpf(const struct pktt_context *ctx, const char *const *word, void *val,
		     struct pktt_error *err)
{
	struct pktt_bpf *prog = val;
	const char *at = word[0];
	uint64_t count;

	if (!take_number(&at, UINT16_MAX, &count) || *at != ',')
		return type_refuse(
			ctx, span_of(word[0]),
			"a program: its number of instructions, then ',CODE JT JF K' each", err);
	if (count == 0 || count > INSNS_MAX)
		return pktt_fail(err, -E2BIG, "--%s: a program has 1 to %u instructions, not %u",
				 ctx->param->name, INSNS_MAX, (unsigned int)count);
	for (; prog->count < count; prog->count++) {
		if (*at == ',')
			at++;
		if (!take_insn(&at, &prog->insn[prog->count]))
			return pktt_fail(err, -EINVAL,
					 "--%s: instruction %u is not 'CODE JT JF K' in decimal",
					 ctx->param->name, prog->count);
	}
	if (*at == ',')
		at++;
	if (at[strspn(at, " \t")] != '\0')
		return pktt_fail(err, -EINVAL,
				 "--%s: there are more than the %u instructions announced",
				 ctx->param->name, prog->count);
	return 0;
}

static void print_bpf(const struct pktt_context *ctx, const void *val, struct str *out)
{
	const struct pktt_bpf *prog = val;

	(void)ctx;
	str_putf(out, "\"%u", prog->count);
	for (unsigned int i = 0; i < prog->count && i < INSNS_MAX; i++)
		str_putf(out, ",%u %u %u %u", prog->insn[i].code, prog->insn[i].jt,
			 prog->insn[i].jf, prog->insn[i].k);
	str_putc(out, '"');
}

/* --- The checker ------------------------------------------------------------------------------ */

/* NOLINTBEGIN(misc-redundant-expression): some names are 0, and are written all the same */
static const uint16_t known_codes[] = {
	CBPF_ALU | CBPF_ADD | CBPF_K,
	CBPF_ALU | CBPF_ADD | CBPF_X,
	CBPF_ALU | CBPF_SUB | CBPF_K,
	CBPF_ALU | CBPF_SUB | CBPF_X,
	CBPF_ALU | CBPF_MUL | CBPF_K,
	CBPF_ALU | CBPF_MUL | CBPF_X,
	CBPF_ALU | CBPF_DIV | CBPF_K,
	CBPF_ALU | CBPF_DIV | CBPF_X,
	CBPF_ALU | CBPF_MOD | CBPF_K,
	CBPF_ALU | CBPF_MOD | CBPF_X,
	CBPF_ALU | CBPF_AND | CBPF_K,
	CBPF_ALU | CBPF_AND | CBPF_X,
	CBPF_ALU | CBPF_OR | CBPF_K,
	CBPF_ALU | CBPF_OR | CBPF_X,
	CBPF_ALU | CBPF_XOR | CBPF_K,
	CBPF_ALU | CBPF_XOR | CBPF_X,
	CBPF_ALU | CBPF_LSH | CBPF_K,
	CBPF_ALU | CBPF_LSH | CBPF_X,
	CBPF_ALU | CBPF_RSH | CBPF_K,
	CBPF_ALU | CBPF_RSH | CBPF_X,
	CBPF_ALU | CBPF_NEG,
	CBPF_LD | CBPF_W | CBPF_ABS,
	CBPF_LD | CBPF_H | CBPF_ABS,
	CBPF_LD | CBPF_B | CBPF_ABS,
	CBPF_LD | CBPF_W | CBPF_LEN,
	CBPF_LD | CBPF_W | CBPF_IND,
	CBPF_LD | CBPF_H | CBPF_IND,
	CBPF_LD | CBPF_B | CBPF_IND,
	CBPF_LD | CBPF_IMM,
	CBPF_LD | CBPF_MEM,
	CBPF_LDX | CBPF_W | CBPF_LEN,
	CBPF_LDX | CBPF_B | CBPF_MSH,
	CBPF_LDX | CBPF_IMM,
	CBPF_LDX | CBPF_MEM,
	CBPF_ST,
	CBPF_STX,
	CBPF_MISC | CBPF_TAX,
	CBPF_MISC | CBPF_TXA,
	CBPF_RET | CBPF_K,
	CBPF_RET | CBPF_A,
	CBPF_JMP | CBPF_JA,
	CBPF_JMP | CBPF_JEQ | CBPF_K,
	CBPF_JMP | CBPF_JEQ | CBPF_X,
	CBPF_JMP | CBPF_JGE | CBPF_K,
	CBPF_JMP | CBPF_JGE | CBPF_X,
	CBPF_JMP | CBPF_JGT | CBPF_K,
	CBPF_JMP | CBPF_JGT | CBPF_X,
	CBPF_JMP | CBPF_JSET | CBPF_K,
	CBPF_JMP | CBPF_JSET | CBPF_X,
};
/* NOLINTEND(misc-redundant-expression) */

static bool is_known(uint16_t code)
{
	for (size_t i = 0; i < pktt_countof(known_codes); i++)
		if (known_codes[i] == code)
			return true;
	return false;
}

/* Which slot of memory an instruction reads or writes; -1 = none. */
static bool reads_memory(uint16_t code)
{
	return code == (CBPF_LD | CBPF_MEM) || code == (CBPF_LDX | CBPF_MEM);
}

static bool writes_memory(uint16_t code)
{
	return code == CBPF_ST || code == CBPF_STX;
}

/* Loads from CBPF_AD_OFF on are not bytes but facts: one of those that are known. */
static bool is_bad_fact(const struct pktt_bpf_insn *insn)
{
	bool is_abs = CBPF_CLASS(insn->code) == CBPF_LD && CBPF_MODE(insn->code) == CBPF_ABS;
	uint32_t base = CBPF_AD_OFF, fact = insn->k - base;

	return is_abs && insn->k >= base && (fact >= CBPF_AD_MAX || fact % 4 != 0);
}

static const char *fault_of_constant(const struct pktt_bpf_insn *insn)
{
	switch (insn->code) {
	case CBPF_ALU | CBPF_DIV | CBPF_K:
	case CBPF_ALU | CBPF_MOD | CBPF_K:
		return insn->k == 0 ? "it divides by 0" : NULL;
	case CBPF_ALU | CBPF_LSH | CBPF_K:
	case CBPF_ALU | CBPF_RSH | CBPF_K:
		return insn->k >= 32 ? "it shifts by more than 31 bits" : NULL;
	}
	if ((reads_memory(insn->code) || writes_memory(insn->code)) && insn->k >= CBPF_MEMWORDS)
		return "memory has 16 slots";
	return is_bad_fact(insn) ? "it loads a fact that is not known" : NULL;
}

static const char *fault_of_jump(const struct pktt_bpf *prog, unsigned int pc)
{
	const struct pktt_bpf_insn *insn = &prog->insn[pc];
	unsigned int rest = prog->count - pc - 1u;

	if (CBPF_CLASS(insn->code) != CBPF_JMP)
		return NULL;
	if (CBPF_OP(insn->code) == CBPF_JA)
		return insn->k >= rest ? "it jumps beyond the end" : NULL;
	return insn->jt >= rest || insn->jf >= rest ? "it jumps beyond the end" : NULL;
}

/*
 * The slots that every path to an instruction has written: at a jump's target the intersection of
 * what comes by jump and what falls through. Jumps go forward only, so one pass is enough.
 */
static const char *fault_of_memory(const struct pktt_bpf *prog, unsigned int *at)
{
	uint16_t arriving[INSNS_MAX], written = 0;

	memset(arriving, 0xff, sizeof(arriving));
	for (unsigned int pc = 0; pc < prog->count; pc++) {
		const struct pktt_bpf_insn *insn = &prog->insn[pc];

		written &= arriving[pc];
		*at = pc;
		if (reads_memory(insn->code) && !(written >> insn->k & 1))
			return "it reads a memory slot that may not have been written";
		if (writes_memory(insn->code))
			written |= (uint16_t)(1u << insn->k);
		if (CBPF_CLASS(insn->code) != CBPF_JMP)
			continue;
		if (CBPF_OP(insn->code) == CBPF_JA) {
			arriving[pc + 1 + insn->k] &= written;
		} else {
			arriving[pc + 1 + insn->jt] &= written;
			arriving[pc + 1 + insn->jf] &= written;
		}
		written = 0xffff; /* nothing falls through a jump */
	}
	return NULL;
}

static const char *fault_of(const struct pktt_bpf *prog, unsigned int *at)
{
	const char *fault = NULL;

	for (unsigned int pc = 0; pc < prog->count && !fault; pc++) {
		*at = pc;
		if (!is_known(prog->insn[pc].code))
			return "its code is not known";
		fault = fault_of_constant(&prog->insn[pc]);
		if (!fault)
			fault = fault_of_jump(prog, pc);
	}
	if (fault)
		return fault;
	*at = prog->count - 1u;
	if (CBPF_CLASS(prog->insn[*at].code) != CBPF_RET)
		return "the last one must return";
	return fault_of_memory(prog, at);
}

static int check_bpf(const struct pktt_context *ctx, const void *val, struct pktt_error *err)
{
	const struct pktt_bpf *prog = val;
	unsigned int at = 0;
	const char *fault;

	if (prog->count == 0 || prog->count > INSNS_MAX)
		return pktt_fail(err, -EINVAL, "--%s: a program has 1 to %u instructions",
				 ctx->param->name, INSNS_MAX);
	fault = fault_of(prog, &at);
	if (fault)
		return pktt_fail(err, -EINVAL, "--%s: instruction %u (%u %u %u %u): %s",
				 ctx->param->name, at, prog->insn[at].code, prog->insn[at].jt,
				 prog->insn[at].jf, prog->insn[at].k, fault);
	return 0;
}

const struct pktt_type pktt_type_bpf = {
	.name = "bpf",
	.syntax = "COUNT,CODE JT JF K,...",
	.size = sizeof(struct pktt_bpf),
	.words = 1,
	.part = { TYPE_PART(struct pktt_bpf_insn, code, UINT),
		  TYPE_PART(struct pktt_bpf_insn, jt, UINT),
		  TYPE_PART(struct pktt_bpf_insn, jf, UINT),
		  TYPE_PART(struct pktt_bpf_insn, k, UINT) },
	.list_max = INSNS_MAX,
	.list_offset = offsetof(struct pktt_bpf, insn),
	.list_stride = sizeof(struct pktt_bpf_insn),
	.parse = parse_bpf,
	.check = check_bpf,
	.print = print_bpf,
};
