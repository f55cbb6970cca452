/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SNMP messages (RFC 1157, 1905) in the Basic Encoding Rules (X.690): where addresses stand in them. */
#ifndef PKTT_HELPER_SNMP_BER_H
#define PKTT_HELPER_SNMP_BER_H

#include "base/buf.h"

/*
 * Reads a whole message of version 1 or 2c and calls see() for every value of the type IpAddress, at:
 * bytes behind the beginning of message. false = it is none, or of a kind that Linux does not read either
 * (traps of version 1; an empty list of variables); see() may have been called by then.
 */
bool snmp_each_addr(struct buf message, void (*see)(void *ctx, uint32_t at), void *ctx);

#endif
