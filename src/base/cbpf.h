/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The instruction set of classic BPF (McCanne and Jacobson, 1993, with Linux's MOD and XOR). The
 * numbers are those of linux/filter.h, which the engine does not include.
 */
#ifndef PKTT_BASE_CBPF_H
#define PKTT_BASE_CBPF_H

/* classes */
#define CBPF_LD		 0x00
#define CBPF_LDX	 0x01
#define CBPF_ST		 0x02
#define CBPF_STX	 0x03
#define CBPF_ALU	 0x04
#define CBPF_JMP	 0x05
#define CBPF_RET	 0x06
#define CBPF_MISC	 0x07
#define CBPF_CLASS(code) ((code)&0x07)

/* sizes and modes of loads */
#define CBPF_W		0x00
#define CBPF_H		0x08
#define CBPF_B		0x10
#define CBPF_IMM	0x00
#define CBPF_ABS	0x20
#define CBPF_IND	0x40
#define CBPF_MEM	0x60
#define CBPF_LEN	0x80
#define CBPF_MSH	0xa0
#define CBPF_SIZE(code) ((code)&0x18)
#define CBPF_MODE(code) ((code)&0xe0)

/* arithmetic and jumps */
#define CBPF_ADD      0x00
#define CBPF_SUB      0x10
#define CBPF_MUL      0x20
#define CBPF_DIV      0x30
#define CBPF_OR	      0x40
#define CBPF_AND      0x50
#define CBPF_LSH      0x60
#define CBPF_RSH      0x70
#define CBPF_NEG      0x80
#define CBPF_MOD      0x90
#define CBPF_XOR      0xa0
#define CBPF_JA	      0x00
#define CBPF_JEQ      0x10
#define CBPF_JGT      0x20
#define CBPF_JGE      0x30
#define CBPF_JSET     0x40
#define CBPF_OP(code) ((code)&0xf0)

/* operands */
#define CBPF_K 0x00
#define CBPF_X 0x08
#define CBPF_A 0x10

#define CBPF_TAX 0x00
#define CBPF_TXA 0x80

#define CBPF_MEMWORDS 16

/* Loads at or above these offsets ask Linux for what is beside the packet's bytes. */
#define CBPF_AD_OFF  0xfffff000u
#define CBPF_AD_MAX  64 /* of them */
#define CBPF_NET_OFF 0xfff00000u
#define CBPF_LL_OFF  0xffe00000u

#endif
