/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading captures: every variant of both formats, then the same files cut and damaged at every
 * byte.
 */
#include "test_capture.h"

#include "datapath/replay/capture.h"

#include <errno.h>
#include <pktt/type.h>
#include <stdlib.h>
#include <unistd.h>

__extension__ typedef unsigned __int128 u128;

#define S  INT64_C(1000000000)
#define T0 INT64_C(1700000000)

struct want {
	const char *data;
	uint32_t wirelen, linktype;
	int64_t time_ns;
	const char *interface;
	enum capture_direction direction;
};

static FILE *stream(struct file *f, size_t len)
{
	FILE *in = fmemopen(f->bytes, len, "r");

	assert_non_null(in);
	return in;
}

static void check_record(const struct capture_record *r, const struct want *w, uint64_t number)
{
	assert_int_equal(r->number, number);
	assert_int_equal(r->caplen, strlen(w->data));
	assert_memory_equal(r->data, w->data, r->caplen);
	assert_int_equal(r->wirelen, w->wirelen);
	assert_int_equal(r->linktype, w->linktype);
	assert_true(r->time_ns == w->time_ns);
	assert_int_equal(r->direction, w->direction);
	if (w->interface)
		assert_string_equal(r->interface, w->interface);
	else
		assert_null(r->interface);
}

/* Reads the first @len bytes, checks each record, returns the first result that is not 1. */
static int read_cut(struct file *f, size_t len, const struct want *want, uint64_t *count,
		    struct pktt_error *err)
{
	FILE *in = stream(f, len);
	struct capture_record rec;
	struct capture *c = NULL;
	int r;

	*count = 0;
	r = capture_open(&c, in, "cut.pcap", err);
	if (!r) {
		while ((r = capture_next(c, &rec, err)) == 1) {
			if (want)
				check_record(&rec, &want[*count], *count);
			(*count)++;
		}
		if (!r)
			assert_int_equal(capture_bytes_read(c), len);
		else
			assert_int_equal(capture_next(c, &rec, NULL), r);
		capture_close(&c);
		assert_null(c);
	}
	fclose(in);
	return r;
}

/* The whole file gives these records, and nothing but them. */
static void check_file(struct file *f, const struct want *want, uint64_t count)
{
	struct pktt_error err = { 0 };
	uint64_t got;

	if (read_cut(f, f->len, want, &got, &err))
		fail_msg("%s", err.text);
	assert_int_equal(got, count);
}

/* Cut anywhere it ends cleanly or as truncated, and what came before is as in the whole file. */
static void check_cuts(struct file *f, const struct want *want, uint64_t count, int clean)
{
	struct pktt_error err;
	uint64_t got;
	int r;

	for (size_t len = 0; len < f->len; len++) {
		r = read_cut(f, len, want, &got, &err);
		assert_true(r == 0 || r == -ENODATA);
		assert_true(got <= count);
		if (r)
			assert_non_null(strstr(err.text, "cut.pcap: cut off at byte"));
		else
			clean--;
	}
	assert_int_equal(clean, 0);
}

/* Whatever byte is changed, reading ends, with no more records than there is room for. */
static void check_damage(struct file *f)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff, 0x10 };
	struct file damaged;
	uint64_t got;

	for (size_t at = 0; at < f->len; at++) {
		for (size_t i = 0; i < sizeof(flips); i++) {
			damaged = *f;
			damaged.bytes[at] ^= flips[i];
			assert_true(read_cut(&damaged, f->len, NULL, &got, NULL) <= 0);
			assert_true(got <= f->len / 16);
		}
	}
}

static void pcap_variants(void **state)
{
	static const struct {
		uint32_t magic;
		bool is_little;
		int64_t unit;
	} variants[] = {
		{ 0xa1b2c3d4, false, 1000 },
		{ 0xa1b2c3d4, true, 1000 },
		{ 0xa1b23c4d, false, 1 },
		{ 0xa1b23c4d, true, 1 },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct want want[] = {
			{ "first", 5, 101, T0 * S + 999999 * variants[i].unit, NULL, 0 },
			{ "", 0, 101, (T0 - 1) * S, NULL, 0 },
			{ "third", 1500, 101, UINT32_MAX * S + variants[i].unit, NULL, 0 },
			{ "wire", 4, 101, 0, NULL, 0 },
		};
		struct file f = { .is_little = variants[i].is_little };

		put_pcap(&f, variants[i].magic, 101 | 0x14000000);
		put_record(&f, T0, 999999, "first", 5);
		put_record(&f, T0 - 1, 0, "", 0);
		put_record(&f, UINT32_MAX, 1, "third", 1500);
		put_record(&f, 0, 0, "wire", 0);
		check_file(&f, want, 4);
		check_cuts(&f, want, 4, 4);
		check_damage(&f);
	}
}

/* In versions before 2.4 captured and wire length may stand the other way round. */
static void pcap_old_version(void **state)
{
	const struct want want[] = {
		{ "old", 90, 1, 0, NULL, 0 },
		{ "old", 80, 1, 0, NULL, 0 },
	};
	struct file f = { .is_little = true };

	(void)state;
	put_pcap(&f, 0xa1b2c3d4, 1);
	f.bytes[6] = 3;
	put_record(&f, 0, 0, "old", 90);
	put_int(&f, 0, 8);
	put_int(&f, 80, 4);
	put_int(&f, 3, 4);
	put_bytes(&f, "old", 3);
	check_file(&f, want, 2);
}

static void check_refused(struct file *f, int code, const char *sentence)
{
	struct pktt_error err = { 0 };
	uint64_t got;

	assert_int_equal(read_cut(f, f->len, NULL, &got, &err), code);
	assert_int_equal(err.code, code);
	if (!strstr(err.text, sentence))
		fail_msg("\"%s\" lacks \"%s\"", err.text, sentence);
}

static void foreign_files(void **state)
{
	static const struct {
		const char *head, *sentence;
	} files[] = {
		{ "\x1f\x8b\x08\x00", "gzip -dc" },
		{ "\xfd"
		  "7zXZ",
		  "xz -dc" },
		{ "\x28\xb5\x2f\xfd", "zstd -dc" },
		{ "BZh9", "bzip2 -dc" },
		{ "snoop", "snoop" },
		{ "\xa1\xb2\xcd\x34", "modified pcap" },
		{ "*filter\n", "begins with neither's magic number" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct file f = { .len = 8 };

		memcpy(f.bytes, files[i].head, strlen(files[i].head));
		check_refused(&f, -EPROTONOSUPPORT, files[i].sentence);
	}
}

static void pcap_refusals(void **state)
{
	struct file f = { .is_little = true };

	(void)state;
	put_pcap(&f, 0xa1b2c3d4, 1);
	f.bytes[4] = 3;
	check_refused(&f, -EPROTONOSUPPORT, "pcap version 3.4 is not known");
	f.bytes[4] = 2;
	put_int(&f, 0, 8);
	put_int(&f, CAPTURE_BLOCK_MAX + 1, 4);
	put_int(&f, CAPTURE_BLOCK_MAX + 1, 4);
	check_refused(&f, -EMSGSIZE, "16777217 bytes at byte 24 are more than");
}

/*
 * Two sections of different byte order, with every block type; what the second says holds only
 * there.
 */
static void put_everything(struct file *f, bool is_little)
{
	static const struct interface interfaces[] = {
		{ "in0", 1, 6, -1, 0 },
		{ NULL, 101, 0, 9, 0 },
		{ "out0", 276, 65535, 3, -3600 },
	};
	static const struct interface other = { "second", 113, 0, 6, 0 };

	put_section(f, is_little);
	put_interface(f, &interfaces[0]);
	put_simple(f, 90, "before");
	put_interface(f, &interfaces[1]);
	put_packet(f, 0, (uint64_t)T0 * 1000000 + 7, "micro", -1);
	put_packet(f, 1, (uint64_t)T0 * S + 7, "nanosecond", 2);
	block_begin(f, 0x80000bad);
	put_bytes(f, "of no concern", 13);
	block_end(f);
	put_interface(f, &interfaces[2]);
	put_packet(f, 2, (uint64_t)T0 * 1000 + 7, "milli", 1);
	put_simple(f, 3, "sim");
	put_obsolete(f, 1, (uint64_t)T0 * S + 8, "obsolete");
	put_section(f, !is_little);
	block_begin(f, 10);
	block_end(f);
	put_interface(f, &other);
	put_packet(f, 0, (uint64_t)T0 * 1000000, "", 3);
	put_packet(f, 0, (uint64_t)T0 * 1000000, "second section", 0);
}

static const struct want everything[] = {
	{ "before", 90, 1, 0, "in0", CAPTURE_UNKNOWN },
	{ "micro", 105, 1, T0 *S + 7000, "in0", CAPTURE_UNKNOWN },
	{ "nanosecond", 110, 101, T0 *S + 7, NULL, CAPTURE_OUTBOUND },
	{ "milli", 105, 276, (T0 - 3600) * S + 7000000, "out0", CAPTURE_INBOUND },
	{ "sim", 3, 1, (T0 - 3600) * S + 7000000, "in0", CAPTURE_UNKNOWN },
	{ "obsolete", 8, 101, T0 *S + 8, NULL, CAPTURE_UNKNOWN },
	{ "", 100, 113, T0 *S, "second", CAPTURE_UNKNOWN },
	{ "second section", 114, 113, T0 *S, "second", CAPTURE_UNKNOWN },
};

static void pcapng_everything(void **state)
{
	(void)state;
	for (int is_little = 0; is_little < 2; is_little++) {
		struct file f = { 0 };

		put_everything(&f, is_little);
		check_file(&f, everything, 8);
		/* Clean before each block but the first. */
		check_cuts(&f, everything, 8, 15);
		check_damage(&f);
	}
}

static int read_time(uint8_t tsresol, int64_t tsoffset, uint64_t stamp, int64_t *ret)
{
	const struct interface i = { NULL, 101, 0, tsresol, tsoffset };
	struct file f = { 0 };
	struct capture_record rec;
	struct capture *c;
	FILE *in;
	int r;

	put_section(&f, tsresol % 2);
	put_interface(&f, &i);
	put_packet(&f, 0, stamp, "", -1);
	in = stream(&f, f.len);
	assert_int_equal(capture_open(&c, in, "time", NULL), 0);
	r = capture_next(c, &rec, NULL);
	if (r == 1)
		*ret = rec.time_ns;
	capture_close(&c);
	fclose(in);
	return r;
}

static void times_by_hand(void **state)
{
	static const struct {
		uint8_t tsresol;
		int64_t tsoffset;
		uint64_t stamp;
		int64_t want;
	} times[] = {
		{ 0, 0, 5, 5 * S },
		{ 3, 0, 5, 5000000 },
		{ 9, 0, 5, 5 },
		{ 12, 0, 5999, 5 },
		{ 127, 0, UINT64_MAX, 0 },
		{ 0x80, 0, 5, 5 * S },
		{ 0x8a, 0, 1024, S },
		{ 0x8a, 0, 1, 976562 },
		{ 0xa0, 0, UINT64_C(3) << 31, S + S / 2 },
		{ 0xff, 0, UINT64_MAX, 0 },
		{ 6, -10, 1, -10 * S + 1000 },
		{ 6, 10, 1, 10 * S + 1000 },
		{ 9, -4611686018, 0, -4611686018 * S },
		{ 9, 0, UINT64_C(1) << 62, INT64_C(1) << 62 },
		/* The sum fits where its first part alone does not. */
		{ 9, -9000000000, UINT64_C(9000000000000000001), 1 },
	};
	int64_t got;

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		got = -1;
		assert_int_equal(
			read_time(times[i].tsresol, times[i].tsoffset, times[i].stamp, &got), 1);
		assert_true(got == times[i].want);
	}
}

static void times_out_of_range(void **state)
{
	static const struct {
		uint8_t tsresol;
		int64_t tsoffset;
		uint64_t stamp;
	} times[] = {
		{ 9, 0, (UINT64_C(1) << 62) + 1 },
		{ 0, 0, UINT64_MAX },
		{ 0x80, 0, UINT64_MAX },
		{ 6, INT64_MIN, 0 },
		{ 6, INT64_MAX, 0 },
		{ 9, -4611686019, 0 },
		{ 9, INT64_C(9223372036), UINT64_MAX },
	};
	int64_t got;

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		assert_int_equal(
			read_time(times[i].tsresol, times[i].tsoffset, times[i].stamp, &got),
			-ERANGE);
}

/* The same in 128 bits, where nothing needs to be clever. */
static u128 long_way(uint8_t tsresol, uint64_t stamp)
{
	unsigned int digits = tsresol & 0x7f;
	u128 ns = (u128)stamp * (uint64_t)S;

	if (tsresol & 0x80)
		return ns >> digits;
	for (; digits; digits--)
		ns /= 10;
	return ns;
}

static void times_at_random(void **state)
{
	u128 want;
	int64_t got = 0;
	uint64_t stamp;
	int r;

	(void)state;
	srandom(1);
	for (unsigned int i = 0; i < 256 * 32; i++) {
		stamp = (uint64_t)random() << 62 ^ (uint64_t)random() << 31 ^ (uint64_t)random();
		stamp >>= random() % 64;
		want = long_way(i & 0xff, stamp);
		r = read_time(i & 0xff, 0, stamp, &got);
		if (want > (u128)1 << 62) {
			assert_int_equal(r, -ERANGE);
		} else {
			assert_int_equal(r, 1);
			assert_true((u128)got == want);
		}
	}
}

/* One damage each, of a file that is sound without it. */
struct fault {
	size_t at; /* from the start of the block in hand */
	uint32_t value;
	int code;
	const char *sentence;
};

static void check_faults(const struct file *sound, const struct fault *faults, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct file f = *sound;

		f.len = f.block + faults[i].at;
		put_int(&f, faults[i].value, 4);
		f.len = sound->len;
		check_refused(&f, faults[i].code, faults[i].sentence);
	}
}

static void section_faults(void **state)
{
	static const struct fault faults[] = {
		{ 4, 24, -EBADMSG, "the section header at byte 0 has an impossible length" },
		{ 4, 45, -EBADMSG, "impossible length" },
		{ 4, UINT32_MAX - 3, -EMSGSIZE, "more than" },
		{ 8, 0x11223344, -EBADMSG, "has no byte-order mark" },
		{ 12, 0x00010002, -EPROTONOSUPPORT, "pcapng version 2.1 is not known" },
		{ 40, 40, -EBADMSG, "the block at byte 0 begins and ends with different lengths" },
	};
	struct file f = { 0 };

	(void)state;
	put_section(&f, true);
	assert_int_equal(f.len, 44);
	check_faults(&f, faults, sizeof(faults) / sizeof(faults[0]));
}

static void interface_faults(void **state)
{
	static const struct interface i = { "eth0", 1, 0, 9, 0 };
	static const struct fault faults[] = {
		{ 4, 8, -EBADMSG, "the block at byte 44 has an impossible length" },
		{ 4, 20, -EBADMSG, "different lengths" },
		{ 16, 0x01000002, -EBADMSG, "the interface block at byte 44 has fields beyond" },
		{ 24, 0x00000009, -EBADMSG, "has an option that is too short" },
		{ 24, 0x0001000e, -EBADMSG, "has an option that is too short" },
		{ 36, 44, -EBADMSG, "different lengths" },
	};
	struct file f = { 0 };

	(void)state;
	put_section(&f, true);
	put_interface(&f, &i);
	assert_int_equal(f.len, 44 + 40);
	check_faults(&f, faults, sizeof(faults) / sizeof(faults[0]));
}

static void packet_faults(void **state)
{
	static const struct interface i = { "eth0", 1, 0, 9, 0 };
	static const struct fault faults[] = {
		{ 8, 1, -EBADMSG, "record 0 is of interface 1, but its section has only 1" },
		{ 12, 0x80000000, -ERANGE, "record 0 has a time outside" },
		{ 20, 25, -EBADMSG, "the packet block at byte 84 has fields beyond its end" },
		{ 20, UINT32_MAX, -EBADMSG, "has fields beyond its end" },
		{ 40, 0x00020002, -EBADMSG, "has fields beyond its end" },
		{ 52, 52, -EBADMSG, "different lengths" },
	};
	struct file f = { 0 };

	(void)state;
	put_section(&f, true);
	put_interface(&f, &i);
	put_packet(&f, 0, 1, "data", 2);
	assert_int_equal(f.len, 84 + 56);
	check_faults(&f, faults, sizeof(faults) / sizeof(faults[0]));
}

static void simple_without_interface(void **state)
{
	struct file f = { 0 };

	(void)state;
	put_section(&f, false);
	put_simple(&f, 4, "data");
	check_refused(&f, -EBADMSG, "record 0 is of interface 0, but its section has only 0");
}

/* The interfaces of one section mean nothing in the next. */
static void section_forgets(void **state)
{
	static const struct interface i = { "eth0", 1, 0, 9, 0 };
	struct file f = { 0 };

	(void)state;
	put_section(&f, false);
	put_interface(&f, &i);
	put_section(&f, false);
	put_packet(&f, 0, 1, "data", -1);
	check_refused(&f, -EBADMSG, "record 0 is of interface 0, but its section has only 0");
}

/* Names: of any bytes, up to the first NUL, cut where no interface's name could go on. */
static void interface_names(void **state)
{
	char name[601];
	const struct interface i = { name, 1, 0, -1, 0 };
	struct capture_record rec;
	struct capture *c;
	FILE *in;

	(void)state;
	for (size_t len = 0; len < sizeof(name); len += len < 260 ? 1 : 340) {
		struct file f = { 0 };

		memset(name, 'n', sizeof(name));
		name[len] = '\0';
		put_section(&f, false);
		put_interface(&f, &i);
		put_packet(&f, 0, 0, "", -1);
		in = stream(&f, f.len);
		assert_int_equal(capture_open(&c, in, "names", NULL), 0);
		assert_int_equal(capture_next(c, &rec, NULL), 1);
		if (len) {
			assert_int_equal(strlen(rec.interface), len < 255 ? len : 255);
			assert_int_equal(strncmp(rec.interface, name, 255), 0);
		} else {
			assert_null(rec.interface);
		}
		capture_close(&c);
		fclose(in);
	}
}

static void unreadable_stream(void **state)
{
	struct pktt_error err;
	struct capture *c = NULL;
	FILE *in = fopen("/", "r");

	(void)state;
	assert_non_null(in);
	assert_int_equal(capture_open(&c, in, "dir", &err), -EISDIR);
	assert_string_equal(err.text, "dir: cannot be read: Is a directory");
	assert_null(c);
	fclose(in);
}

/* A pipe gives what it has and cannot be sought. */
static void from_a_pipe(void **state)
{
	struct file f = { 0 };
	struct capture_record rec;
	struct capture *c;
	int ends[2];
	FILE *in;

	(void)state;
	put_everything(&f, true);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], f.bytes, f.len), f.len);
	close(ends[1]);
	in = fdopen(ends[0], "r");
	assert_non_null(in);
	assert_int_equal(capture_open(&c, in, "-", NULL), 0);
	for (uint64_t i = 0; i < 8; i++) {
		assert_int_equal(capture_next(c, &rec, NULL), 1);
		check_record(&rec, &everything[i], i);
	}
	assert_int_equal(capture_next(c, &rec, NULL), 0);
	capture_close(&c);
	fclose(in);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcap_variants),      cmocka_unit_test(pcap_old_version),
		cmocka_unit_test(pcap_refusals),      cmocka_unit_test(foreign_files),
		cmocka_unit_test(pcapng_everything),  cmocka_unit_test(times_by_hand),
		cmocka_unit_test(times_out_of_range), cmocka_unit_test(times_at_random),
		cmocka_unit_test(section_faults),     cmocka_unit_test(interface_faults),
		cmocka_unit_test(packet_faults),      cmocka_unit_test(simple_without_interface),
		cmocka_unit_test(section_forgets),    cmocka_unit_test(interface_names),
		cmocka_unit_test(unreadable_stream),  cmocka_unit_test(from_a_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
