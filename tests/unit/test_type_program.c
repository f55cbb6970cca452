/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types with a language of their own: bpf, u32, SCTP chunks. What each refuses, the kernel
 * refuses.
 */
#include "type_cases.h"

#define BPF(text) SHOWS(text, "\"" text "\"")

static void programs(void **state)
{
	static const struct type_case cases[] = {
		BPF("1,6 0 0 4294967295"),
		BPF("4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0"),
		SHOWS("4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0,",
		      "\"4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0\""),
		SHOWS("1, 6 0  0 1 ,", "\"1,6 0 0 1\""),
		BPF("1,22 0 0 1"),		    /* return A */
		BPF("3,2 0 0 3,96 0 0 3,6 0 0 1"),  /* a slot written, then read */
		BPF("2,48 0 0 4294963200,6 0 0 1"), /* the protocol: a fact, not a byte */
		BPF("2,177 0 0 0,6 0 0 1"),	    /* 4 * (byte & 15) */
		BPF("2,148 0 0 5,6 0 0 1"),	    /* modulo 5 */
		REFUSES("0,", "1 to 64"),
		REFUSES("65,6 0 0 1", "1 to 64"),
		REFUSES("1 ,6 0 0 1", "a program"),
		REFUSES("", "a program"),
		REFUSES("1", "a program"),
		REFUSES("2,6 0 0 1", "instruction 1"),
		REFUSES("1,6 0 0 1,6 0 0 1", "more than the 1"),
		REFUSES("1,0x6 0 0 1", "instruction 0"),
		REFUSES("1,6 0 0 0x1", "instruction 0"), /* iptables silently reads 0 */
		REFUSES("1,6 0 0 4294967296", "instruction 0"),
		REFUSES("1,6 0 256 1", "instruction 0"),
		REFUSES("1,0 0 0 1", "must return"),
		REFUSES("1,14 0 0 1", "not known"),
		REFUSES("2,52 0 0 0,6 0 0 1", "divides by 0"),
		REFUSES("2,148 0 0 0,6 0 0 1", "divides by 0"),
		REFUSES("2,100 0 0 32,6 0 0 1", "shifts"),
		REFUSES("2,5 0 0 1,6 0 0 1", "beyond the end"),
		REFUSES("2,5 0 0 4294967295,6 0 0 1", "beyond the end"),
		REFUSES("2,21 1 0 1,6 0 0 1", "beyond the end"),
		REFUSES("2,21 0 1 1,6 0 0 1", "beyond the end"),
		REFUSES("2,96 0 0 3,6 0 0 1", "not have been written"),
		REFUSES("2,96 0 0 16,6 0 0 1", "16 slots"),
		REFUSES("2,48 0 0 4294963202,6 0 0 1", "fact"),
		REFUSES("2,48 0 0 4294963264,6 0 0 1", "fact"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_bpf }, cases);
}

/* A slot that only one of two paths has written must not be read where they meet. */
static void paths_meet(void **state)
{
	static const struct type_case cases[] = {
		/* if A == 5 store; else store too; read */
		BPF("5,21 1 0 5,2 0 0 3,2 0 0 3,96 0 0 3,6 0 0 1"),
		REFUSES("4,21 0 1 5,2 0 0 3,96 0 0 3,6 0 0 1", "not have been written"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_bpf }, cases);
}

static void u32_tests(void **state)
{
	static const struct type_case cases[] = {
		SHOWS("0>>22&0x3C@0&0xFF=0x1:0x5&&4&0x1F=0,5:6",
		      "\"0x0>>0x16&0x3c@0x0&0xff=0x1:0x5&&0x4&0x1f=0x0,0x5:0x6\""),
		SHOWS("6 & 0xFF = 1 && 4 & 0x3FFF = 0x0 ", "\"0x6&0xff=0x1&&0x4&0x3fff=0x0\""),
		SHOWS(" 0 = 1 : 2 , 3 && 4 @ 5 = 6", "\"0x0=0x1:0x2,0x3&&0x4@0x5=0x6\""),
		SHOWS("6&0xFF=5:1", "\"0x6&0xff=0x5:0x1\""),
		SHOWS("010=1", "\"0x8=0x1\""),
		SHOWS("0=5:5", "\"0x0=0x5\""),
		SHOWS("1&2&3&4&5&6&7&8&9&10=1", "\"0x1&0x2&0x3&0x4&0x5&0x6&0x7&0x8&0x9&0xa=0x1\""),
		SHOWS("1=1,2,3,4,5,6,7,8,9,10", "\"0x1=0x1,0x2,0x3,0x4,0x5,0x6,0x7,0x8,0x9,0xa\""),
		SHOWS("1=2&&3=4&&5=6&&7=8&&9=10&&11=12&&13=14&&15=16&&17=18&&19=20",
		      "\"0x1=0x2&&0x3=0x4&&0x5=0x6&&0x7=0x8&&0x9=0xa&&0xb=0xc&&0xd=0xe&&0xf=0x10"
		      "&&0x11=0x12&&0x13=0x14\""),
		REFUSES("1=2&&3=4&&5=6&&7=8&&9=10&&11=12&&13=14&&15=16&&17=18&&19=20&&21=22",
			"at most 10 tests"),
		REFUSES("1&2&3&4&5&6&7&8&9&10&11=1", "at most 10 numbers"),
		REFUSES("1=1,2,3,4,5,6,7,8,9,10,11", "at most 10 ranges"),
		REFUSES("0<<32=1", "31 bits"),
		REFUSES("0>>40=1", "31 bits"),
		REFUSES("", "at character 1, before the end: a number"),
		REFUSES("1=2,", "at character 5"),
		REFUSES("1=2&&", "at character 6"),
		REFUSES("1=2&&&3=4", "at character 6, before &3=4: a number"),
		REFUSES("6<<1=:5", "at character 6"),
		REFUSES("6<<1=5:", "a number"),
		REFUSES("0x100000000=1", "0xffffffff"),
		REFUSES("-1=1", "a number"),
		REFUSES("0+1=1", "& << >> @ ="),
		REFUSES("0<1=1", "& << >> @ ="),
		REFUSES("0=1 2", "',' or '&&'"),
		REFUSES("0=1||2=3", "',' or '&&'"),
		REFUSES("0=1&2=3", "',' or '&&'"),
		REFUSES("0=1&&2", "& << >> @ ="),
		REFUSES("0=1:2:3", "',' or '&&'"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_u32_tests }, cases);
}

static void chunks(void **state)
{
	static const struct type_case cases[] = {
		SAME("any INIT,INIT_ACK"),
		SAME("all DATA:Be,INIT"),
		SHOWS("only DATA:beI,ABORT:T", "only DATA:Ibe,ABORT:T"),
		SAME("any ALL"),
		SAME("any NONE"),
		SHOWS("any ASCONF,data", "any DATA,ASCONF"),
		SAME("only ABORT:t"),
		SAME("any RE_CONFIG,PAD"),
		SHOWS("any DATA,DATA", "any DATA"),
		SHOWS("all DATA:B,DATA:e", "all DATA:Be"),
		SHOWS("any DATA:Bb", "any DATA:B"),
		SHOWS("any DATA:", "any DATA"),
		SHOWS("any DATA:BUEI", "any DATA:IUBE"),
		SHOWS("ANY DATA", "any DATA"),
		SHOWS("any I_FORWARD_TSN,FORWARD_TSN,ASCONF_ACK,I_DATA:u,SHUTDOWN_COMPLETE:T",
		      "any SHUTDOWN_COMPLETE:T,I_DATA:u,ASCONF_ACK,FORWARD_TSN,I_FORWARD_TSN"),
		REFUSES("any 5", "a chunk"),
		REFUSES("any DATA:x", "I U B E"),
		REFUSES("any ABORT:B", "T or t"),
		REFUSES("any INIT:b", "INIT has no flags"),
		REFUSES("any ALL:B", "a chunk"),
		REFUSES("any DATA,,INIT", "a chunk"), /* iptables overlooks it */
		REFUSES("some DATA", "any, all or only"),
		REFUSES("any", "any|all|only CHUNK"),
		{ 0 },
	};

	(void)state;
	run_cases(&(struct setting){ .type = &pktt_type_sctp_chunks }, cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(programs),
		cmocka_unit_test(paths_meet),
		cmocka_unit_test(u32_tests),
		cmocka_unit_test(chunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
