#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sends the packets of a pcapng file as they were received, at their recorded pace.

play.py FILE DEVICE...    the n-th interface of the file is played out of the n-th DEVICE

Reads what tidy-capture.py leaves: little-endian, one section, nanoseconds.  Packets flagged
outbound are not sent.
"""

import socket
import struct
import sys
import time

EPB, EPB_FLAGS, OUTBOUND = 6, 2, 2


def outbound(options):
    at = 0
    while at < len(options):
        code, length = struct.unpack_from("<HH", options, at)
        if code == EPB_FLAGS:
            return struct.unpack_from("<I", options, at + 4)[0] & 3 == OUTBOUND
        at += 4 + (length + 3) // 4 * 4
    return False


def packets(data):
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if kind == EPB:
            iface, high, low, caplen, _ = struct.unpack_from("<IIIII", data, at + 8)
            end = at + 28 + (caplen + 3) // 4 * 4
            if not outbound(data[end : at + length - 4]):
                yield iface, (high << 32 | low) / 1e9, data[at + 28 : at + 28 + caplen]
        at += length


def main():
    out = []
    for device in sys.argv[2:]:
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        s.bind((device, 0))
        out.append(s)
    with open(sys.argv[1], "rb") as f:
        data = f.read()
    start = None
    for iface, when, frame in packets(data):
        now = time.monotonic()
        if start is None:
            start = now - when
        if when > now - start:
            time.sleep(when - (now - start))
        out[iface].send(frame)


main()
