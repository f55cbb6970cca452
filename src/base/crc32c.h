/* SPDX-License-Identifier: BSD-2-Clause */
/* The checksum of SCTP (RFC 9260, appendix A): CRC-32 with Castagnoli's polynomial. */
#ifndef PKTT_BASE_CRC32C_H
#define PKTT_BASE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

#define CRC32C_INIT 0xffffffffu

/* The register after len bytes more; it begins with CRC32C_INIT and its complement is the checksum. */
uint32_t crc32c_add(uint32_t crc, const uint8_t *data, size_t len);
/* The same for len bytes of zero. */
uint32_t crc32c_add_zeros(uint32_t crc, size_t len);

#endif
