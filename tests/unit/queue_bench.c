/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "queue_bench.h"

#include <endian.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/buf.h"

static struct pktt_iface eth0 = {
	.name = "eth0",
	.index = 2,
	.arphrd = 1,
};

static void resume(void *ctx, struct pktt_packet *pkt, const struct sub_queue_verdict *verdict)
{
	struct bench *bench = ctx;
	struct back *back = &bench->back[bench->nback++ % BENCH_BACK];

	*back = (struct back){
		.verdict = verdict->verdict,
		.queue = verdict->queue,
		.has_mark = verdict->has_mark,
		.mark = verdict->mark,
		.tag = get_be32(pkt->buf + pkt->l3 + 20),
		.len = verdict->data ? verdict->len : 0,
	};
	if (verdict->data)
		memcpy(back->data, verdict->data, back->len < 64 ? back->len : 64);
	pktt_packet_free(&pkt);
}

void bench_new(struct bench *bench, size_t event_room)
{
	const struct nfnl_config config = { .event_room = event_room };
	const struct sub_queue_ops ops = { .resume = resume, .ctx = bench };

	bench->nback = 0;
	assert_int_equal(nfnl_new(&bench->bus, &config, NULL), 0);
	assert_int_equal(sub_queue_new(&bench->queue, bench->bus, &ops, NULL), 0);
	assert_int_equal(sub_ulog_new(&bench->ulog, bench->bus, NULL), 0);
}

void bench_free(struct bench *bench)
{
	nfnl_free(&bench->bus);
	sub_queue_free(&bench->queue);
	sub_ulog_free(&bench->ulog);
}

void bench_run(struct bench *bench)
{
	assert_int_equal(nfnl_run(bench->bus, 0), 0);
}

int bench_program(struct bench *bench, unsigned int rights)
{
	int pair[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(nfnl_adopt(bench->bus, pair[1], rights), 0);
	return pair[0];
}

struct pktt_packet *bench_packet(uint32_t tag, uint32_t payload)
{
	struct pktt_packet *pkt;
	uint8_t *ip;

	assert_int_equal(pktt_packet_new(&pkt, 14 + 20 + payload), 0);
	pkt->l2 = pkt->l3;
	pkt->l2_len = 14;
	pkt->l3 += 14;
	pkt->l4 = pkt->l3 + 20;
	pkt->end = pkt->l4 + payload;
	pkt->family = pkt->l3_family = PKTT_IPV4;
	pkt->in = &eth0;
	pkt->hook = PKTT_LOCAL_IN;
	pkt->time_ns = UINT64_C(1700000000123456789);
	memset(pkt->buf + pkt->l2, 0x11, 12);
	put_be16(pkt->buf + pkt->l2 + 12, 0x0800);
	ip = pkt->buf + pkt->l3;
	ip[0] = 0x45;
	put_be16(ip + 2, (uint16_t)(20 + payload));
	put_be32(ip + 20, tag);
	return pkt;
}

bool bench_queue(struct bench *bench, struct pktt_packet *pkt, uint16_t number, bool bypass,
		 bool *go_on)
{
	bool is_taken;

	pkt->queue = (struct pktt_queue_to){ .number = number, .bypass = bypass };
	is_taken = sub_queue_packet(bench->queue, pkt, go_on);
	if (!is_taken)
		pktt_packet_free(&pkt);
	return is_taken;
}

static struct nlmsghdr *put(struct letter *letter, uint8_t type, uint16_t number, uint32_t seq)
{
	struct nlmsghdr *nlh =
		letter_put(letter, (uint16_t)(NFNL_SUBSYS_QUEUE << 8 | type), NLM_F_ACK, seq);

	((struct nfgenmsg *)mnl_nlmsg_get_payload(nlh))->res_id = htobe16(number);
	return nlh;
}

void bench_bind(struct letter *letter, uint16_t number, uint32_t seq)
{
	const struct nfqnl_msg_config_cmd cmd = { .command = NFQNL_CFG_CMD_BIND };

	letter_attr(letter, put(letter, NFQNL_MSG_CONFIG, number, seq), NFQA_CFG_CMD, &cmd,
		    sizeof(cmd));
}

void bench_params(struct letter *letter, uint16_t number, uint8_t mode, uint32_t range,
		  uint32_t seq)
{
	const struct nfqnl_msg_config_params params = {
		.copy_mode = mode,
		.copy_range = htobe32(range),
	};

	letter_attr(letter, put(letter, NFQNL_MSG_CONFIG, number, seq), NFQA_CFG_PARAMS, &params,
		    sizeof(params));
}

struct nlmsghdr *bench_verdict(struct letter *letter, bool is_batch, uint16_t number, uint32_t id,
			       uint32_t verdict, uint32_t seq)
{
	const struct nfqnl_msg_verdict_hdr head = {
		.verdict = htobe32(verdict),
		.id = htobe32(id),
	};
	struct nlmsghdr *nlh =
		put(letter, is_batch ? NFQNL_MSG_VERDICT_BATCH : NFQNL_MSG_VERDICT, number, seq);

	letter_attr(letter, nlh, NFQA_VERDICT_HDR, &head, sizeof(head));
	return nlh;
}

const struct nlattr *bench_attr(const struct nlmsghdr *nlh, uint16_t type)
{
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh,
			  sizeof(struct nfgenmsg)) if (mnl_attr_get_type(attr) == type) return attr;
	return NULL;
}

uint32_t bench_be32(const struct nlmsghdr *nlh, uint16_t type)
{
	const struct nlattr *attr = bench_attr(nlh, type);

	assert_non_null(attr);
	return be32toh(mnl_attr_get_u32(attr));
}
