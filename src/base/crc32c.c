/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/crc32c.h"

/* Of every value of four bits; the polynomial 0x1edc6f41, bits reversed, is 0x82f63b78. */
static const uint32_t step[16] = {
	0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
	0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
	0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

static uint32_t add_byte(uint32_t crc, uint8_t byte)
{
	crc ^= byte;
	crc = crc >> 4 ^ step[crc & 15];
	return crc >> 4 ^ step[crc & 15];
}

uint32_t crc32c_add(uint32_t crc, const uint8_t *data, size_t len)
{
	for (; len; data++, len--)
		crc = add_byte(crc, *data);
	return crc;
}

uint32_t crc32c_add_zeros(uint32_t crc, size_t len)
{
	for (; len; len--)
		crc = add_byte(crc, 0);
	return crc;
}
