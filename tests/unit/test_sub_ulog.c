/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nflog, ULOG and LOG lines on a real bus. */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <linux/netfilter_ipv4/ipt_ULOG.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/own.h"
#include "core/env.h"
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

static void run_until_told(void)
{
	struct pollfd poller[] = {
		{ .fd = nfnl_fd(bench.bus), .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	run();
	while (poll(&poller[1], 1, 0) == 0) {
		(void)poll(poller, 2, -1);
		run();
	}
}

static struct nlmsghdr *config(uint16_t group, uint32_t seq)
{
	struct nlmsghdr *nlh =
		letter_put(&out, NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG, NLM_F_ACK, seq);

	((struct nfgenmsg *)mnl_nlmsg_get_payload(nlh))->res_id = htobe16(group);
	return nlh;
}

static void command(uint16_t group, uint8_t cmd, uint32_t seq)
{
	letter_attr(&out, config(group, seq), NFULA_CFG_CMD, &cmd, 1);
}

static void bind_group(uint16_t group, uint32_t threshold, uint16_t flags)
{
	struct nlmsghdr *nlh;

	flags = htobe16(flags);
	command(group, NFULNL_CFG_CMD_BIND, 1);
	nlh = config(group, 2);
	letter_u32(&out, nlh, NFULA_CFG_QTHRESH, threshold);
	letter_attr(&out, nlh, NFULA_CFG_FLAGS, &flags, 2);
	run();
	expect_ack(&in, fd, 1, 0);
	expect_ack(&in, fd, 2, 0);
}

static void log_packet(const struct pktt_nflog *like, uint32_t tag, uint32_t payload)
{
	struct pktt_packet *pkt = bench_packet(tag, payload);
	struct pktt_nflog log = *like;

	log.pkt = pkt;
	if (!log.prefix)
		log.prefix = "hi";
	sub_ulog_packet(bench.ulog, &log);
	pktt_packet_free(&pkt);
}

static void packet(void **state)
{
	static const uint16_t order[] = {
		NFULA_PACKET_HDR, NFULA_PREFIX,	  NFULA_IFINDEX_INDEV, NFULA_HWADDR, NFULA_HWTYPE,
		NFULA_HWLEN,	  NFULA_HWHEADER, NFULA_TIMESTAMP,     NFULA_SEQ,    NFULA_PAYLOAD,
	};
	const struct nlmsghdr *nlh;
	const struct nlattr *attr;
	unsigned int i = 0;

	(void)state;
	bind_group(5, 1, NFULNL_CFG_F_SEQ);
	log_packet(&(struct pktt_nflog){ .group = 5 }, 1, 8);
	log_packet(&(struct pktt_nflog){ .group = 6 }, 1, 8);
	log_packet(&(struct pktt_nflog){ .group = 5, .has_range = true, .range = 21 }, 2, 8);
	run();
	nlh = letter_next(&in, fd);
	assert_non_null(nlh);
	assert_int_equal(nlh->nlmsg_type, NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET);
	mnl_attr_for_each(attr, nlh, sizeof(struct nfgenmsg))
		assert_int_equal(mnl_attr_get_type(attr), order[i++]);
	assert_int_equal(i, pktt_countof(order));
	assert_string_equal(mnl_attr_get_str(bench_attr(nlh, NFULA_PREFIX)), "hi");
	assert_int_equal(bench_be32(nlh, NFULA_SEQ), 0);
	nlh = letter_next(&in, fd);
	assert_int_equal(bench_be32(nlh, NFULA_SEQ), 1);
	assert_int_equal(mnl_attr_get_payload_len(bench_attr(nlh, NFULA_PAYLOAD)), 21);
	expect_nothing(&in, fd);
}

static unsigned int count_messages(bool *has_end)
{
	const struct nlmsghdr *nlh;
	unsigned int n = 0;

	*has_end = false;
	while ((nlh = letter_next(&in, fd))) {
		assert_false(*has_end);
		if (nlh->nlmsg_type == NLMSG_DONE)
			*has_end = true;
		else
			n++;
	}
	return n;
}

/* A batch leaves when it is large enough, in one datagram; the rule may want it smaller. */
static void batches(void **state)
{
	bool has_end;

	(void)state;
	bind_group(1, 10, 0);
	for (unsigned int i = 0; i < 9; i++)
		log_packet(&(struct pktt_nflog){ .group = 1 }, i, 8);
	run();
	expect_nothing(&in, fd);
	log_packet(&(struct pktt_nflog){ .group = 1, .threshold = 50 }, 9, 8);
	run();
	assert_int_equal(count_messages(&has_end), 10);
	assert_true(has_end);
	for (unsigned int i = 0; i < 3; i++)
		log_packet(&(struct pktt_nflog){ .group = 1, .threshold = 3 }, i, 8);
	run();
	assert_int_equal(count_messages(&has_end), 3);
	/* What would not fit sends what is there. */
	for (unsigned int i = 0; i < 3; i++)
		log_packet(&(struct pktt_nflog){ .group = 1 }, i, 1500);
	run();
	assert_int_equal(count_messages(&has_end), 2);
	/* What was gathered is sent when the group is left. */
	command(1, NFULNL_CFG_CMD_UNBIND, 7);
	run();
	assert_int_equal(letter_next(&in, fd)->nlmsg_type,
			 NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET);
	expect_ack(&in, fd, 7, 0);
}

/* How long what is logged may wait, in hundredths of a second. */
static void set_timeout(uint32_t timeout)
{
	letter_u32(&out, config(1, 3), NFULA_CFG_TIMEOUT, timeout);
	run();
	expect_ack(&in, fd, 3, 0);
}

static void time_is_up(void **state)
{
	bool has_end;

	(void)state;
	bind_group(1, 10, 0);
	set_timeout(60000);
	log_packet(&(struct pktt_nflog){ .group = 1 }, 1, 8);
	run();
	expect_nothing(&in, fd);
	command(1, NFULNL_CFG_CMD_UNBIND, 7);
	run();
	assert_non_null(letter_next(&in, fd));
	expect_ack(&in, fd, 7, 0);
	bind_group(1, 10, 0);
	set_timeout(1);
	log_packet(&(struct pktt_nflog){ .group = 1 }, 1, 8);
	log_packet(&(struct pktt_nflog){ .group = 1 }, 2, 8);
	run_until_told();
	assert_int_equal(count_messages(&has_end), 2);
	assert_true(has_end);
}

static void refusals(void **state)
{
	int other = bench_program(&bench, ALL);

	(void)state;
	bind_group(1, 1, 0);
	command(1, NFULNL_CFG_CMD_BIND, 10);
	command(2, NFULNL_CFG_CMD_UNBIND, 11);
	command(1, 77, 12);
	command(0, NFULNL_CFG_CMD_PF_BIND, 13);
	letter_u32(&out, config(3, 14), NFULA_CFG_QTHRESH, 1);
	run();
	expect_ack(&in, fd, 10, -EBUSY);
	expect_ack(&in, fd, 11, -ENODEV);
	expect_ack(&in, fd, 12, -524);
	expect_ack(&in, fd, 13, 0);
	expect_ack(&in, fd, 14, -ENODEV);
	command(1, NFULNL_CFG_CMD_BIND, 20);
	letter_send(&out, other);
	bench_run(&bench);
	in.len = 0;
	expect_ack(&in, other, 20, -EPERM);
	close(other);
}

/* --- ULOG ------------------------------------------------------------------------------------------ */

static void hear(uint32_t protocol, uint32_t group)
{
	struct nlmsghdr *nlh = letter_put(&out, PKTT_SUBSYS_BUS << 8 | PKTT_BUS_HELLO, 0, 1);

	letter_u32(&out, nlh, PKTTB_PROTOCOL, protocol);
	letter_attr(&out, nlh, PKTTB_SINGLE, NULL, 0);
	nlh = letter_put(&out, PKTT_SUBSYS_BUS << 8 | PKTT_BUS_JOIN, NLM_F_ACK, 2);
	letter_u32(&out, nlh, PKTTB_GROUP, group);
	run();
	assert_non_null(letter_next(&in, fd));
	expect_ack(&in, fd, 2, 0);
}

static void ulog(void **state)
{
	const struct pktt_nflog like = { .is_ulog = true, .group = 4, .threshold = 3 };
	_Alignas(8) uint8_t data[8192];
	struct nlmsghdr *nlh = (void *)data;
	ulog_packet_msg_t msg;
	int left;

	(void)state;
	log_packet(&like, 9, 8); /* heard by nobody */
	hear(5, 4);
	for (uint32_t i = 0; i < 3; i++)
		log_packet(&like, i, 9);
	run_until_told();
	left = (int)recv(fd, data, sizeof(data), MSG_DONTWAIT);
	assert_true(left > 0);
	for (uint32_t i = 0; i < 3; i++) {
		assert_true(mnl_nlmsg_ok(nlh, left));
		assert_int_equal(nlh->nlmsg_type, i == 2 ? NLMSG_DONE : ULOG_NL_EVENT);
		assert_int_equal(nlh->nlmsg_flags, i == 2 ? 0 : NLM_F_MULTI);
		assert_int_equal(nlh->nlmsg_seq, i);
		assert_int_equal(nlh->nlmsg_len, NLMSG_LENGTH(sizeof(msg) + 29));
		memcpy(&msg, mnl_nlmsg_get_payload(nlh), sizeof(msg));
		assert_int_equal(msg.data_len, 29);
		assert_string_equal(msg.prefix, "hi");
		assert_int_equal(msg.mac_len, 14);
		assert_int_equal(data[(uint8_t *)nlh - data + NLMSG_HDRLEN + 185], 0x45);
		nlh = mnl_nlmsg_next(nlh, &left);
	}
	assert_int_equal(left, 0);
}

/* --- LOG ------------------------------------------------------------------------------------------- */

static void lines(void **state)
{
	struct pktt_packet *pkt = bench_packet(1, 8);
	const struct pktt_log log = { .pkt = pkt, .level = 4, .text = "IN=eth0 OUT=" };
	unsigned int n = 0;
	const struct nlmsghdr *nlh;

	(void)state;
	hear(NETLINK_NETFILTER, PKTT_GROUP_LOG);
	for (unsigned int i = 0; i < 3000; i++)
		sub_ulog_line(bench.ulog, &log);
	run();
	while ((nlh = letter_next(&in, fd))) {
		assert_int_equal(nlh->nlmsg_type, PKTT_SUBSYS_RULES << 8 | PKTT_MSG_LOG);
		assert_string_equal(mnl_attr_get_str(bench_attr(nlh, PKTTA_TEXT)), log.text);
		assert_int_equal(bench_be32(nlh, PKTTA_LEVEL), 4);
		n++;
	}
	assert_int_equal(n, 1000);
	pkt->time_ns += 5000000;
	sub_ulog_line(bench.ulog, &log);
	run_until_told();
	nlh = letter_next(&in, fd);
	assert_non_null(nlh);
	assert_int_equal(be64toh(mnl_attr_get_u64(bench_attr(nlh, PKTTA_COUNT))), 2000);
	pktt_packet_free(&pkt);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(packet),	TEST(batches), TEST(time_is_up),
		TEST(refusals), TEST(ulog),    TEST(lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
