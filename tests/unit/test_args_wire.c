/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arguments on the wire: exact bytes, both ways, and what is refused. */
#include "args_sample.h"

static void check_bytes(const char *line, const uint8_t *expected, size_t len)
{
	struct sample_args a = { 0 }, b = { 0 };
	struct pktt_error err = { 0 };
	uint8_t buf[256];
	long n;

	if (parse_line(&sample, PKTT_IPV4, line, &a, &err))
		fail_msg("%s: %s", line, err.text);
	n = pktt_args_encode(&sample, &a, buf, sizeof(buf));
	assert_int_equal(n, len);
	assert_memory_equal(buf, expected, len);
	assert_int_equal(pktt_args_encode(&sample, &a, buf, len - 1), -EMSGSIZE);
	if (pktt_args_decode(&sample, PKTT_IPV4, expected, len, &b, &err))
		fail_msg("%s: %s", line, err.text);
	assert_true(pktt_args_equal(&sample, &a, &b));
	pktt_args_fini(&sample, &a);
	pktt_args_fini(&sample, &b);
}

#define CHECK(line, ...)                                        \
	do {                                                    \
		static const uint8_t bytes[] = { __VA_ARGS__ }; \
		check_bytes(line, bytes, sizeof(bytes));        \
	} while (0)

static void writes_network_order(void **state)
{
	(void)state;
	CHECK("--port 80:8080", 0, 8, 0, PORT + 1, 0, 80, 0x1f, 0x90);
	CHECK("! --port 80", 0, 8, 0x80, PORT + 1, 0, 80, 0, 80);
	CHECK("--quick", 0, 4, 0, QUICK + 1);
	CHECK("--syn", 0, 6, 0, FLAGS + 1, 2, 23, 0, 0);
	CHECK("--note abc", 0, 9, 0, NOTE + 1, 0, 3, 'a', 'b', 'c', 0, 0, 0);
	CHECK("--gateway 10.0.0.1", 0, 9, 0, GW4 + 1, 4, 10, 0, 0, 1, 0, 0, 0);
	CHECK("--ports 22,80:81", 0, 14, 0, PORTS + 1, 0, 2, 0, 22, 0, 22, 0, 80, 0, 81, 0, 0);
	CHECK("--mac 02:00:00:00:00:01", 0, 10, 0, MAC + 1, 2, 0, 0, 0, 0, 1, 0, 0);
	CHECK("--word ab", 0, 8, 0, WORD + 1, 0, 2, 'a', 'b');
}

static void refuse_bytes(const uint8_t *bytes, size_t len, int code, const char *sentence)
{
	struct sample_args args = { 0 };
	struct pktt_error err = { 0 };

	assert_int_equal(pktt_args_decode(&sample, PKTT_IPV4, bytes, len, &args, &err), code);
	assert_string_equal(err.text, sentence);
	pktt_args_fini(&sample, &args);
}

#define REFUSE(code, sentence, ...)                                 \
	do {                                                        \
		static const uint8_t bytes[] = { __VA_ARGS__ };     \
		refuse_bytes(bytes, sizeof(bytes), code, sentence); \
	} while (0)

static void refuses_what_is_no_value(void **state)
{
	(void)state;
	REFUSE(-EBADMSG, "sample: a truncated parameter", 0, 8, 0);
	REFUSE(-EBADMSG, "sample: a truncated parameter", 0, 3, 0, 1);
	REFUSE(-EBADMSG, "sample: a truncated parameter", 0, 8, 0, PORT + 1, 0, 80);
	REFUSE(-EBADMSG, "sample: a truncated parameter", 0, 5, 0, QUICK + 1, 0);
	REFUSE(-EBADMSG, "--port: not a value of type port-range on the wire", 0, 6, 0, PORT + 1, 0,
	       80, 0, 0);
	REFUSE(-EBADMSG, "--port: not a value of type port-range on the wire", 0, 12, 0, PORT + 1,
	       0, 80, 0, 80, 0, 0, 0, 0);
	REFUSE(-EBADMSG, "--quick: not a value of type flag on the wire", 0, 8, 0, QUICK + 1, 0, 0,
	       0, 1);
	REFUSE(-EBADMSG, "--gateway: not a value of type addr on the wire", 0, 8, 0, GW4 + 1, 3, 1,
	       1, 1);
	REFUSE(-EBADMSG, "--note: not a value of type text on the wire", 0, 8, 0, NOTE + 1, 0, 2,
	       'a', 0);
	REFUSE(-EBADMSG, "--ports: not a value of type port-list on the wire", 0, 6, 0, PORTS + 1,
	       0xff, 0xff, 0, 0);
	REFUSE(-EBADMSG, "--ports: not a value of type port-list on the wire", 0, 8, 0, PORTS + 1,
	       0, 16, 0, 0);
	REFUSE(-EINVAL, "--among: a zero byte in its text", 0, 6, 0, AMONG + 1, '2', 0, 0, 0);
	REFUSE(-ENOENT, "sample has no parameter 99", 0, 4, 0, 99);
	REFUSE(-ENOENT, "sample has no parameter 0", 0, 4, 0, 0);
	REFUSE(-ENOENT, "sample has no parameter 3", 0, 4, 0, SYN + 1);
	REFUSE(-EEXIST, "--quick is given twice", 0, 4, 0, QUICK + 1, 0, 4, 0, QUICK + 1);
}

/* What text refuses does not come in by the wire. */
static void passes_the_same_gate(void **state)
{
	(void)state;
	REFUSE(-ERANGE, "--burst: 0 is outside 1 to 10000", 0, 8, 0, BURST + 1, 0, 0, 0, 0);
	REFUSE(-EINVAL, "\"!\" does not apply to --burst", 0, 8, 0x80, BURST + 1, 0, 0, 0, 9);
	REFUSE(-EINVAL, "--gateway is not for family ipv4", 0, 9, 0, GW6 + 1, 4, 1, 1, 1, 1, 0, 0,
	       0);
	REFUSE(-EINVAL, "13 brings no luck", 0, 8, 0, BURST + 1, 0, 0, 0, 13);
	REFUSE(-EINVAL, "--slow needs --port or --burst beside it", 0, 4, 0, SLOW + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_network_order),
		cmocka_unit_test(refuses_what_is_no_value),
		cmocka_unit_test(passes_the_same_gate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
