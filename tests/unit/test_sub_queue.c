/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nfqueue and ip_queue on a real bus: who gets packets, what they say, what becomes of them. */
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netfilter_ipv4/ip_queue.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/own.h"
#include "queue_bench.h"

#define ALL (PKTT_RIGHT_VIEW | PKTT_RIGHT_ALL)

static struct bench bench;
static struct letter out, in;
static int fd;

static int setup(void **state)
{
	(void)state;
	in.len = out.len = 0;
	bench_new(&bench, 256 * 1024);
	fd = bench_program(&bench, ALL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (fd >= 0)
		close(fd);
	bench_free(&bench);
	return 0;
}

static void run(void)
{
	if (out.len)
		letter_send(&out, fd);
	bench_run(&bench);
}

static void listen_on(uint16_t number)
{
	bench_bind(&out, number, 1);
	bench_params(&out, number, NFQNL_COPY_PACKET, 0xffff, 2);
	run();
	expect_ack(&in, fd, 1, 0);
	expect_ack(&in, fd, 2, 0);
}

static void give(uint32_t tag, uint16_t number)
{
	bool go_on;

	assert_true(bench_queue(&bench, bench_packet(tag, 8), number, false, &go_on));
}

static const struct nlmsghdr *next_packet(uint32_t tag)
{
	const struct nlmsghdr *nlh = letter_next(&in, fd);
	const struct nlattr *attr;

	assert_non_null(nlh);
	assert_int_equal(nlh->nlmsg_type, NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_PACKET);
	attr = bench_attr(nlh, NFQA_PAYLOAD);
	assert_non_null(attr);
	assert_memory_equal((const char *)mnl_attr_get_payload(attr) + 20,
			    &(uint32_t){ htobe32(tag) }, 4);
	return nlh;
}

static uint32_t id_of(const struct nlmsghdr *nlh)
{
	const struct nfqnl_msg_packet_hdr *head =
		mnl_attr_get_payload(bench_attr(nlh, NFQA_PACKET_HDR));

	return be32toh(head->packet_id);
}

/* One packet out, with all that is known of it; ACCEPT with a mark comes back. */
static void packet(void **state)
{
	struct nfqnl_msg_packet_timestamp at;
	const struct nfqnl_msg_packet_hw *hw;
	const struct nlmsghdr *nlh;

	(void)state;
	listen_on(7);
	give(0xabcd, 7);
	run();
	nlh = next_packet(0xabcd);
	assert_int_equal(id_of(nlh), 1);
	assert_int_equal(bench_be32(nlh, NFQA_IFINDEX_INDEV), 2);
	assert_null(bench_attr(nlh, NFQA_MARK));
	memcpy(&at, mnl_attr_get_payload(bench_attr(nlh, NFQA_TIMESTAMP)), sizeof(at));
	assert_true(be64toh(at.sec) == 1700000000 && be64toh(at.usec) == 123456);
	hw = mnl_attr_get_payload(bench_attr(nlh, NFQA_HWADDR));
	assert_int_equal(be16toh(hw->hw_addrlen), 6);
	assert_int_equal(bench_be32(nlh, NFQA_SKB_INFO), NFQA_SKB_CSUM_NOTVERIFIED);
	assert_int_equal(bench.nback, 0);
	letter_u32(&out, bench_verdict(&out, false, 7, 1, NF_ACCEPT, 3), NFQA_MARK, 99);
	run();
	expect_ack(&in, fd, 3, 0);
	assert_int_equal(bench.nback, 1);
	assert_int_equal(bench.back[0].verdict, PKTT_ACCEPT);
	assert_true(bench.back[0].has_mark);
	assert_int_equal(bench.back[0].mark, 99);
	assert_int_equal(bench.back[0].tag, 0xabcd);
}

/* Metadata alone; a range that cuts says how long the packet is. */
static void modes(void **state)
{
	const struct nlmsghdr *nlh;

	(void)state;
	listen_on(0);
	bench_params(&out, 0, NFQNL_COPY_META, 0, 3);
	run();
	expect_ack(&in, fd, 3, 0);
	give(1, 0);
	run();
	nlh = letter_next(&in, fd);
	assert_null(bench_attr(nlh, NFQA_PAYLOAD));
	bench_params(&out, 0, NFQNL_COPY_PACKET, 25, 4);
	run();
	expect_ack(&in, fd, 4, 0);
	give(2, 0);
	run();
	nlh = next_packet(2);
	assert_int_equal(bench_be32(nlh, NFQA_CAP_LEN), 28);
	assert_int_equal(mnl_attr_get_payload_len(bench_attr(nlh, NFQA_PAYLOAD)), 25);
}

static void refusals(void **state)
{
	int other = bench_program(&bench, ALL), viewer = bench_program(&bench, PKTT_RIGHT_VIEW);
	struct nlmsghdr *nlh;

	(void)state;
	listen_on(3);
	bench_bind(&out, 3, 10);
	bench_verdict(&out, false, 3, 77, NF_ACCEPT, 11);
	bench_verdict(&out, false, 4, 1, NF_ACCEPT, 12);
	bench_verdict(&out, false, 3, 1, NF_STOLEN, 13);
	bench_verdict(&out, false, 3, 1, NF_MAX_VERDICT + 1, 14);
	bench_verdict(&out, true, 3, 1, NF_ACCEPT, 15);
	bench_params(&out, 5, NFQNL_COPY_META, 0, 16);
	nlh = letter_put(&out, NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_CONFIG, NLM_F_ACK, 17);
	letter_u32(&out, nlh, NFQA_CFG_FLAGS, NFQA_CFG_F_FAIL_OPEN);
	run();
	expect_ack(&in, fd, 10, -EBUSY);
	expect_ack(&in, fd, 11, -ENOENT);
	expect_ack(&in, fd, 12, -ENODEV);
	expect_ack(&in, fd, 13, -EINVAL);
	expect_ack(&in, fd, 14, -EINVAL);
	expect_ack(&in, fd, 15, -ENOENT);
	expect_ack(&in, fd, 16, -ENODEV);
	expect_ack(&in, fd, 17, -EINVAL);
	bench_bind(&out, 3, 20);
	letter_send(&out, other);
	bench_run(&bench);
	in.len = 0;
	expect_ack(&in, other, 20, -EPERM);
	bench_bind(&out, 9, 21);
	letter_send(&out, viewer);
	bench_run(&bench);
	in.len = 0;
	expect_ack(&in, viewer, 21, -EPERM);
	close(other);
	close(viewer);
}

static void verdicts(void **state)
{
	static const struct {
		uint32_t raw;
		enum pktt_verdict is;
		uint16_t queue;
	} list[] = {
		{ NF_DROP, PKTT_DROP, 0 },
		{ NF_ACCEPT, PKTT_ACCEPT, 0 },
		{ NF_REPEAT, PKTT_REPEAT, 0 },
		{ 12u << 16 | NF_QUEUE, PKTT_QUEUE, 12 },
	};

	(void)state;
	listen_on(1);
	for (unsigned int i = 0; i < 4; i++)
		give(i, 1);
	run();
	/* Answered backwards. */
	for (unsigned int i = 4; i > 0; i--)
		bench_verdict(&out, false, 1, i, list[i - 1].raw, i);
	run();
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(bench.back[i].tag, 3 - i);
		assert_int_equal(bench.back[i].verdict, list[3 - i].is);
		assert_int_equal(bench.back[i].queue, list[3 - i].queue);
	}
}

/* A new payload; one that cuts the header drops. */
static void payload(void **state)
{
	static const uint8_t longer[40] = { 0x45, 0, 0, 40 }, shorter[10];

	(void)state;
	listen_on(1);
	give(1, 1);
	give(2, 1);
	run();
	letter_attr(&out, bench_verdict(&out, false, 1, 1, NF_ACCEPT, 5), NFQA_PAYLOAD, longer, 40);
	letter_attr(&out, bench_verdict(&out, false, 1, 2, NF_ACCEPT, 6), NFQA_PAYLOAD, shorter,
		    10);
	run();
	assert_int_equal(bench.back[0].verdict, PKTT_ACCEPT);
	assert_int_equal(bench.back[0].len, 40);
	assert_memory_equal(bench.back[0].data, longer, 40);
	assert_int_equal(bench.back[1].verdict, PKTT_DROP);
}

static void batch(void **state)
{
	(void)state;
	listen_on(1);
	for (unsigned int i = 0; i < 5; i++)
		give(i, 1);
	run();
	bench_verdict(&out, true, 1, 3, NF_ACCEPT, 5);
	run();
	assert_int_equal(bench.nback, 3);
	bench_verdict(&out, true, 1, 100, NF_DROP, 6);
	run();
	assert_int_equal(bench.nback, 5);
	assert_int_equal(bench.back[4].verdict, PKTT_DROP);
}

static void set_u32(uint16_t number, uint16_t attr, uint32_t value)
{
	struct nlmsghdr *nlh = letter_put(&out, NFNL_SUBSYS_QUEUE << 8 | NFQNL_MSG_CONFIG, 0, 0);

	((struct nfgenmsg *)mnl_nlmsg_get_payload(nlh))->res_id = htobe16(number);
	letter_u32(&out, nlh, attr, value);
	if (attr == NFQA_CFG_FLAGS)
		letter_u32(&out, nlh, NFQA_CFG_MASK, value);
}

/* Full: dropped, or with fail-open let pass. Nobody: the rule's bypass decides. */
static void losses(void **state)
{
	bool go_on;

	(void)state;
	assert_false(bench_queue(&bench, bench_packet(1, 8), 1, false, &go_on));
	assert_false(go_on);
	assert_false(bench_queue(&bench, bench_packet(1, 8), 1, true, &go_on));
	assert_true(go_on);
	listen_on(1);
	set_u32(1, NFQA_CFG_QUEUE_MAXLEN, 2);
	run();
	give(1, 1);
	give(2, 1);
	assert_false(bench_queue(&bench, bench_packet(3, 8), 1, true, &go_on));
	assert_false(go_on);
	set_u32(1, NFQA_CFG_FLAGS, NFQA_CFG_F_FAIL_OPEN);
	run();
	assert_false(bench_queue(&bench, bench_packet(3, 8), 1, false, &go_on));
	assert_true(go_on);
}

/* A listener that does not read: what does not fit is dropped at once, or let pass. */
static void unread(void **state)
{
	bool go_on;

	(void)state;
	listen_on(1);
	set_u32(1, NFQA_CFG_QUEUE_MAXLEN, 5000);
	run();
	for (unsigned int i = 0; i < 4000; i++) {
		assert_true(bench_queue(&bench, bench_packet(i, 1400), 1, false, &go_on));
		bench_run(&bench);
	}
	assert_true(bench.nback > 100 && bench.nback < 4000);
	assert_int_equal(bench.back[0].verdict, PKTT_DROP);
}

static void listener_goes(void **state)
{
	bool go_on;

	(void)state;
	listen_on(1);
	listen_on(2);
	give(1, 1);
	give(2, 2);
	run();
	give(3, 1);
	close(fd);
	fd = -1;
	bench_run(&bench);
	assert_int_equal(bench.nback, 3);
	for (unsigned int i = 0; i < 3; i++)
		assert_int_equal(bench.back[i].verdict, PKTT_DROP);
	assert_false(bench_queue(&bench, bench_packet(4, 8), 1, true, &go_on));
	assert_true(go_on);
}

/* --- ip_queue ------------------------------------------------------------------------------------- */

static void hello(uint32_t protocol)
{
	struct nlmsghdr *nlh = letter_put(&out, PKTT_SUBSYS_BUS << 8 | PKTT_BUS_HELLO, 0, 1);

	letter_u32(&out, nlh, PKTTB_PROTOCOL, protocol);
	letter_attr(&out, nlh, PKTTB_SINGLE, NULL, 0);
	run();
	assert_non_null(letter_next(&in, fd));
}

static void old_mode(uint8_t value, size_t range, uint32_t seq)
{
	ipq_peer_msg_t msg = { .msg.mode = { .value = value, .range = range } };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(out.data + out.len);

	nlh->nlmsg_type = IPQM_MODE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	nlh->nlmsg_seq = seq;
	memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof(msg)), &msg, sizeof(msg));
	out.len += nlh->nlmsg_len;
}

static void old_verdict(unsigned int value, unsigned long id, const void *data, size_t len)
{
	ipq_verdict_msg_t msg = { .value = value, .id = id, .data_len = len };
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(out.data + out.len);
	uint8_t *body = mnl_nlmsg_put_extra_header(nlh, sizeof(msg) + len);

	nlh->nlmsg_type = IPQM_VERDICT;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	memcpy(body, &msg, sizeof(msg));
	if (len)
		memcpy(body + sizeof(msg), data, len);
	out.len += NLMSG_ALIGN(nlh->nlmsg_len);
}

static void give_old(uint32_t tag)
{
	struct pktt_packet *pkt = bench_packet(tag, 8);
	bool go_on;

	pkt->queue = (struct pktt_queue_to){ .is_legacy = true };
	assert_true(sub_queue_packet(bench.queue, pkt, &go_on));
}

static void ip_queue(void **state)
{
	static const uint8_t fresh[24] = { 0x45 };
	const struct nlmsghdr *nlh;
	ipq_packet_msg_t msg;

	(void)state;
	hello(3);
	old_mode(9, 0, 2);
	old_mode(IPQ_COPY_PACKET, 0, 3);
	run();
	expect_ack(&in, fd, 2, -EINVAL);
	expect_ack(&in, fd, 3, 0);
	give_old(5);
	give_old(6);
	run();
	nlh = letter_next(&in, fd);
	assert_int_equal(nlh->nlmsg_type, IPQM_PACKET);
	assert_int_equal(nlh->nlmsg_len, NLMSG_LENGTH(sizeof(msg) + 28));
	memcpy(&msg, mnl_nlmsg_get_payload(nlh), sizeof(msg));
	assert_int_equal(msg.data_len, 28);
	assert_string_equal(msg.indev_name, "eth0");
	assert_int_equal(msg.hook, 1);
	assert_int_equal(msg.hw_protocol, htobe16(0x0800));
	assert_int_equal(msg.hw_addrlen, 6);
	old_verdict(NF_ACCEPT, msg.packet_id, fresh, sizeof(fresh));
	old_verdict(NF_STOLEN, msg.packet_id + 1, NULL, 0);
	old_verdict(NF_ACCEPT, 4711, NULL, 0);
	run();
	assert_int_equal(bench.nback, 2);
	assert_int_equal(bench.back[0].len, 24);
	assert_int_equal(bench.back[1].verdict, PKTT_STOLEN);
}

/* The first to speak has it; where nobody does, -j QUEUE is queue 0. */
static void ip_queue_peers(void **state)
{
	int first = fd, second;

	(void)state;
	listen_on(0);
	give_old(1);
	run();
	(void)next_packet(1);
	hello(3);
	old_mode(IPQ_COPY_META, 0, 2);
	run();
	expect_ack(&in, fd, 2, 0);
	second = fd = bench_program(&bench, ALL);
	in.len = 0;
	hello(3);
	old_mode(IPQ_COPY_META, 0, 2);
	run();
	expect_ack(&in, fd, 2, -EBUSY);
	close(second);
	fd = first;
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(packet),	     TEST(modes),    TEST(refusals),	   TEST(verdicts),
		TEST(payload),	     TEST(batch),    TEST(losses),	   TEST(unread),
		TEST(listener_goes), TEST(ip_queue), TEST(ip_queue_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
