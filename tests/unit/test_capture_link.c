/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Link headers, each whole, cut at every byte, and with values that they must not have. */
#include "test_capture.h"

#include "datapath/replay/capture.h"
#include "datapath/replay/capture_link.h"

#include <errno.h>
#include <stdlib.h>

static const uint8_t sll[] = {
	0, 3, 0, 1, 0, 6, 2, 4, 6, 8, 10, 12, 0xaa, 0xbb, 0x86, 0xdd, 0x60,
};
static const uint8_t sll2[] = {
	0x08, 0x00, 0, 0, 0, 1, 2, 3, 0, 1, 4, 6, 2, 4, 6, 8, 10, 12, 0xaa, 0xbb, 0x45,
};
static const uint8_t mac[] = { 2, 4, 6, 8, 10, 12 };

/* From memory of exactly its size, so that the address sanitizer sees a byte too many. */
static int parse(struct capture_link *ret, uint32_t linktype, const uint8_t *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	int r;

	assert_non_null(copy);
	memcpy(copy, data, len);
	r = capture_link_parse(ret, linktype, copy, len);
	free(copy);
	return r;
}

static void cooked(void **state)
{
	struct capture_link link;

	(void)state;
	assert_int_equal(parse(&link, CAPTURE_LINKTYPE_LINUX_SLL, sll, sizeof(sll)), 0);
	assert_false(link.is_ethernet);
	assert_int_equal(link.l3_offset, 16);
	assert_int_equal(link.ethertype, 0x86dd);
	assert_int_equal(link.pkttype, PKTT_PKT_OTHERHOST);
	assert_true(link.has_source);
	assert_memory_equal(link.source, mac, 6);
	assert_int_equal(link.ifindex, 0);
}

static void cooked2(void **state)
{
	struct capture_link link;

	(void)state;
	assert_int_equal(parse(&link, CAPTURE_LINKTYPE_LINUX_SLL2, sll2, sizeof(sll2)), 0);
	assert_false(link.is_ethernet);
	assert_int_equal(link.l3_offset, 20);
	assert_int_equal(link.ethertype, 0x0800);
	assert_int_equal(link.pkttype, PKTT_PKT_OUTGOING);
	assert_true(link.has_source);
	assert_memory_equal(link.source, mac, 6);
	assert_int_equal(link.ifindex, 0x10203);
}

/* A header is enough, whatever follows; one byte less is not, and leaves *ret alone. */
static void cooked_cut(void **state)
{
	struct capture_link link = { .ifindex = 77 };

	(void)state;
	for (size_t len = 0; len < 16; len++)
		assert_int_equal(parse(&link, CAPTURE_LINKTYPE_LINUX_SLL, sll, len), -EBADMSG);
	for (size_t len = 0; len < 20; len++)
		assert_int_equal(parse(&link, CAPTURE_LINKTYPE_LINUX_SLL2, sll2, len), -EBADMSG);
	assert_int_equal(link.ifindex, 77);
	assert_int_equal(parse(&link, CAPTURE_LINKTYPE_LINUX_SLL, sll, 16), 0);
	assert_int_equal(parse(&link, CAPTURE_LINKTYPE_LINUX_SLL2, sll2, 20), 0);
	assert_int_equal(link.l3_offset, 20);
}

static void cooked_values(void **state)
{
	static const uint16_t other_arphrd[] = { 770, 803, 824 };
	struct capture_link link;
	uint8_t b[sizeof(sll)];

	(void)state;
	memcpy(b, sll, sizeof(b));
	for (uint8_t type = 0; type < 8; type++) {
		b[1] = type;
		assert_int_equal(parse(&link, CAPTURE_LINKTYPE_LINUX_SLL, b, sizeof(b)),
				 type <= 4 ? 0 : -EBADMSG);
		if (type <= 4)
			assert_int_equal(link.pkttype, type);
	}
	b[1] = 0;
	b[5] = 0; /* a device without addresses, as ppp0 */
	assert_int_equal(parse(&link, CAPTURE_LINKTYPE_LINUX_SLL, b, sizeof(b)), 0);
	assert_false(link.has_source);
	for (size_t i = 0; i < 3; i++) {
		b[2] = (uint8_t)(other_arphrd[i] >> 8);
		b[3] = (uint8_t)other_arphrd[i];
		assert_int_equal(parse(&link, CAPTURE_LINKTYPE_LINUX_SLL, b, sizeof(b)), 0);
		assert_int_equal(link.ethertype, 0);
	}
}

static void check_raw(uint32_t linktype, uint8_t first, size_t len, int result, uint16_t ethertype)
{
	struct capture_link link;

	assert_int_equal(parse(&link, linktype, &first, len), result);
	if (result)
		return;
	assert_false(link.is_ethernet);
	assert_int_equal(link.l3_offset, 0);
	assert_int_equal(link.ethertype, ethertype);
	assert_int_equal(link.pkttype, PKTT_PKT_HOST);
	assert_false(link.has_source);
}

static void raw(void **state)
{
	static const uint32_t types[] = { CAPTURE_LINKTYPE_RAW, CAPTURE_LINKTYPE_DLT_RAW };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		check_raw(types[i], 0x45, 1, 0, 0x0800);
		check_raw(types[i], 0x6f, 1, 0, 0x86dd);
		check_raw(types[i], 0x55, 1, -EBADMSG, 0);
		check_raw(types[i], 0x45, 0, -EBADMSG, 0);
	}
	/* The version is the link's word; that the packet disagrees is for layer 3 to say. */
	check_raw(CAPTURE_LINKTYPE_IPV4, 0x60, 1, 0, 0x0800);
	check_raw(CAPTURE_LINKTYPE_IPV6, 0x40, 0, 0, 0x86dd);
}

static void ethernet(void **state)
{
	struct capture_link link;

	(void)state;
	assert_int_equal(parse(&link, CAPTURE_LINKTYPE_ETHERNET, sll, sizeof(sll)), 0);
	assert_true(link.is_ethernet);
	assert_int_equal(link.l3_offset, 0);
}

static void others(void **state)
{
	static const uint32_t types[] = { 0, 105, 108, 147, 112, UINT32_MAX };
	struct capture_link link;

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		assert_int_equal(parse(&link, types[i], sll, sizeof(sll)), -EPROTONOSUPPORT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(cooked),     cmocka_unit_test(cooked2),
		cmocka_unit_test(cooked_cut), cmocka_unit_test(cooked_values),
		cmocka_unit_test(raw),	      cmocka_unit_test(ethernet),
		cmocka_unit_test(others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
