/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing captures: the bytes themselves, the reader as judge, and devices that have no room. */
#include "test_capture.h"

#include "datapath/replay/capture_writer.h"

#include <errno.h>
#include <pktt/type.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define T0_NS INT64_C(1700000000123456789)

static struct capture_writer *open_writer(FILE *out)
{
	struct capture_writer *w = NULL;

	assert_non_null(out);
	assert_int_equal(capture_writer_open(&w, out, "out.pcapng", NULL), 0);
	return w;
}

static uint32_t add_interface(struct capture_writer *w, const char *name)
{
	uint32_t n = UINT32_MAX;

	assert_int_equal(capture_writer_interface(w, name, CAPTURE_LINKTYPE_RAW, &n, NULL), 0);
	return n;
}

/* Every byte of a small file, as the draft has it. */
static void exact_bytes(void **state)
{
	const uint8_t tsresol = 9;
	struct file want = { .is_little = true };
	struct capture_packet packet = {
		.time_ns = T0_NS,
		.data = (const uint8_t *)"Eabcd",
		.len = 5,
		.direction = CAPTURE_OUTBOUND,
		.comment = "why",
	};
	struct capture_writer *w;
	uint8_t got[1024];
	FILE *out = fmemopen(got, sizeof(got), "w");

	(void)state;
	w = open_writer(out);
	assert_int_equal(add_interface(w, "out0"), 0);
	assert_int_equal(capture_writer_packet(w, &packet, NULL), 0);
	assert_int_equal(capture_writer_close(&w, NULL), 0);
	assert_null(w);

	block_begin(&want, 0x0a0d0d0a);
	put_int(&want, 0x1a2b3c4d, 4);
	put_int(&want, 1, 4);
	put_int(&want, UINT64_MAX, 8);
	put_option(&want, 4, "pkttables", 9);
	put_option(&want, 0, NULL, 0);
	block_end(&want);
	block_begin(&want, 1);
	put_int(&want, 101, 4);
	put_int(&want, 0, 4);
	put_option(&want, 2, "out0", 4);
	put_option(&want, 9, &tsresol, 1);
	put_option(&want, 0, NULL, 0);
	block_end(&want);
	block_begin(&want, 6);
	put_int(&want, 0, 4);
	put_int(&want, (uint64_t)T0_NS >> 32, 4);
	put_int(&want, (uint32_t)T0_NS, 4);
	put_int(&want, 5, 4);
	put_int(&want, 5, 4);
	put_bytes(&want, "Eabcd", 5);
	put_pad(&want);
	put_option(&want, 2, "\x02\0\0\0", 4);
	put_option(&want, 1, "why", 3);
	put_option(&want, 0, NULL, 0);
	block_end(&want);
	assert_int_equal(ftell(out), want.len);
	assert_memory_equal(got, want.bytes, want.len);
	fclose(out);
}

/* The length, time and so on of record @i of the round trip are functions of @i. */
static uint32_t length_of(uint32_t i)
{
	return i < 70 ? i : i * 997 % 70000;
}

static void write_many(FILE *out, const uint8_t *data, uint32_t count)
{
	struct capture_writer *w = open_writer(out);

	assert_int_equal(add_interface(w, "in0"), 0);
	assert_int_equal(add_interface(w, "out0"), 1);
	for (uint32_t i = 0; i < count; i++) {
		const struct capture_packet packet = {
			.interface = i % 3,
			.time_ns = T0_NS - 1000 * (int64_t)i,
			.data = data + i,
			.len = length_of(i),
			.wirelen = i % 2 ? length_of(i) + 7 : 0,
			.direction = (enum capture_direction)(i / 5 % 3),
			.comment = i % 4 ? NULL : &"comment"[i % 8],
		};

		if (i == 2)
			assert_int_equal(add_interface(w, ""), 2);
		assert_int_equal(capture_writer_packet(w, &packet, NULL), 0);
	}
	assert_int_equal(capture_writer_close(&w, NULL), 0);
}

static void round_trip(void **state)
{
	static const char *const names[] = { "in0", "out0", NULL };
	static uint8_t data[80000];
	const uint32_t count = 300;
	struct capture_record r;
	struct capture *c;
	FILE *f = tmpfile();

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)random();
	write_many(f, data, count);
	rewind(f);
	assert_int_equal(capture_open(&c, f, "trip", NULL), 0);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(capture_next(c, &r, NULL), 1);
		assert_int_equal(r.number, i);
		assert_true(r.time_ns == T0_NS - 1000 * (int64_t)i);
		assert_int_equal(r.caplen, length_of(i));
		assert_memory_equal(r.data, data + i, r.caplen);
		assert_int_equal(r.wirelen, length_of(i) + i % 2 * 7);
		assert_int_equal(r.linktype, CAPTURE_LINKTYPE_RAW);
		assert_int_equal(r.direction, i / 5 % 3);
		if (names[i % 3])
			assert_string_equal(r.interface, names[i % 3]);
		else
			assert_null(r.interface);
	}
	assert_int_equal(capture_next(c, &r, NULL), 0);
	assert_int_equal(capture_bytes_read(c), ftell(f));
	capture_close(&c);
	fclose(f);
}

/* The largest packet that the writer takes, with all options, is one that the reader takes. */
static void largest(void **state)
{
	const uint32_t len = CAPTURE_BLOCK_MAX - 2 * 65540;
	uint8_t *data = calloc(1, len + 1);
	char *comment = calloc(1, 65536);
	struct capture_packet packet = { .data = data, .len = len, .comment = comment };
	struct capture_writer *w;
	struct capture_record r;
	struct capture *c;
	FILE *f = tmpfile();

	(void)state;
	assert_true(data && comment);
	memset(comment, 'c', 65535);
	w = open_writer(f);
	add_interface(w, "eth0");
	assert_int_equal(capture_writer_packet(w, &packet, NULL), 0);
	packet.len++;
	assert_int_equal(capture_writer_packet(w, &packet, NULL), -EMSGSIZE);
	assert_int_equal(capture_writer_close(&w, NULL), 0);
	rewind(f);
	assert_int_equal(capture_open(&c, f, "large", NULL), 0);
	assert_int_equal(capture_next(c, &r, NULL), 1);
	assert_int_equal(r.caplen, len);
	assert_int_equal(capture_next(c, &r, NULL), 0);
	capture_close(&c);
	fclose(f);
	free(data);
	free(comment);
}

/* What is refused writes nothing: the file stays whole. */
static void refusals(void **state)
{
	char *text = calloc(1, 65537);
	struct capture_packet packet = { .data = (const uint8_t *)"E", .len = 1 };
	struct capture_writer *w;
	struct pktt_error err;
	FILE *f = tmpfile();
	uint32_t n = 77;
	long end;

	(void)state;
	assert_non_null(text);
	memset(text, 't', 65536);
	w = open_writer(f);
	assert_int_equal(capture_writer_packet(w, &packet, &err), -EINVAL);
	assert_string_equal(err.text, "out.pcapng: interface 0 is not described");
	assert_int_equal(capture_writer_interface(w, text, CAPTURE_LINKTYPE_RAW, &n, &err),
			 -EINVAL);
	assert_int_equal(n, 77);
	add_interface(w, "eth0");
	end = ftell(f);
	packet.time_ns = -1;
	assert_int_equal(capture_writer_packet(w, &packet, &err), -ERANGE);
	packet.time_ns = 0;
	packet.comment = text;
	assert_int_equal(capture_writer_packet(w, &packet, &err), -EINVAL);
	assert_int_equal(ftell(f), end);
	assert_int_equal(capture_writer_close(&w, NULL), 0);
	assert_int_equal(capture_writer_close(&w, NULL), 0);
	fclose(f);
	free(text);
}

static void full_device(void **state)
{
	const struct capture_packet packet = { .data = (const uint8_t *)"E", .len = 1 };
	FILE *f = fopen("/dev/full", "w");
	struct capture_writer *w;
	struct pktt_error err;
	int r = 0;

	(void)state;
	w = open_writer(f); /* stdio still holds it */
	add_interface(w, "eth0");
	assert_int_equal(capture_writer_close(&w, &err), -ENOSPC);
	assert_string_equal(err.text, "out.pcapng: cannot be written: No space left on device");
	fclose(f);

	f = fopen("/dev/full", "w");
	w = open_writer(f);
	add_interface(w, "eth0");
	for (int i = 0; i < 100000 && !r; i++)
		r = capture_writer_packet(w, &packet, &err);
	assert_int_equal(r, -ENOSPC);
	assert_int_equal(capture_writer_packet(w, &packet, NULL), -ENOSPC);
	assert_int_equal(capture_writer_close(&w, NULL), -ENOSPC);
	fclose(f);
}

static void reader_went_away(void **state)
{
	struct capture_writer *w;
	int ends[2];
	FILE *f;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	f = fdopen(ends[1], "w");
	w = open_writer(f);
	assert_int_equal(capture_writer_close(&w, NULL), -EPIPE);
	fclose(f);
}

static void unbuffered_full_device(void **state)
{
	struct capture_writer *w = NULL;
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(f);
	setvbuf(f, NULL, _IONBF, 0);
	assert_int_equal(capture_writer_open(&w, f, "full", NULL), -ENOSPC);
	assert_null(w);
	fclose(f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact_bytes),	    cmocka_unit_test(round_trip),
		cmocka_unit_test(largest),	    cmocka_unit_test(refusals),
		cmocka_unit_test(full_device),	    cmocka_unit_test(unbuffered_full_device),
		cmocka_unit_test(reader_went_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
