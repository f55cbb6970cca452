#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a recording of dumpcap (pcapng) or tcpdump (pcap) fit to be kept.

tidy-capture.py [--since SECONDS] [--outbound MAC]... IN OUT

Packets before --since are left out: until then the recorder was only being tried.  Capture
threads write in no strict order, so the packets of a pcapng file are sorted by time, and the
options that describe the recording machine (hardware, operating system) are left out.  With
--outbound, every packet gets epb_flags: outbound if MAC is its Ethernet source, else inbound.
Everything else stays as the program wrote it: names, filters, statistics, the application.
Reads only what these two programs write on this machine: little-endian, nanoseconds.
"""

import argparse
import struct
import sys

SHB, IDB, EPB = 0x0A0D0D0A, 1, 6
SHB_HARDWARE, SHB_OS, IF_OS, EPB_FLAGS = 2, 3, 12, 2
FIXED = {SHB: 16, IDB: 8}
DROPPED = {SHB: {SHB_HARDWARE, SHB_OS}, IDB: {IF_OS}}
INBOUND, OUTBOUND = 1, 2
PCAP_UNIT = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}  # nanoseconds


def blocks(data):
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if length < 12 or length % 4 or at + length > len(data):
            sys.exit(f"bad block length {length} at {at}")
        yield kind, data[at + 8 : at + length - 4]
        at += length


def block(kind, body):
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def without_options(kind, body):
    out, at = body[: FIXED[kind]], FIXED[kind]
    while at < len(body):
        code, length = struct.unpack_from("<HH", body, at)
        end = at + 4 + (length + 3) // 4 * 4
        if code not in DROPPED[kind]:
            out += body[at:end]
        at = end
    return out


def time_of(body):
    return struct.unpack_from("<I", body, 4)[0] << 32 | struct.unpack_from("<I", body, 8)[0]


def flagged(body, outbound):
    caplen = struct.unpack_from("<I", body, 12)[0]
    end = 20 + (caplen + 3) // 4 * 4
    if body[end:]:
        sys.exit("a packet has options already")
    way = OUTBOUND if body[26:32] in outbound else INBOUND
    return body + struct.pack("<HHIHH", EPB_FLAGS, 4, way, 0, 0)


def tidy_pcapng(data, since, outbound):
    head, packets, tail = b"", [], b""
    for kind, body in blocks(data):
        if kind in FIXED:
            body = without_options(kind, body)
            if kind == SHB:
                body = body[:8] + struct.pack("<q", -1) + body[16:]
            head += block(kind, body)
        elif kind != EPB:
            tail += block(kind, body)
        elif time_of(body) >= since:
            packets.append(flagged(body, outbound) if outbound else body)
    packets.sort(key=time_of)
    return head + b"".join(block(EPB, p) for p in packets) + tail


def tidy_pcap(data, since):
    unit = PCAP_UNIT[struct.unpack_from("<I", data)[0]]
    out, at = data[:24], 24
    while at < len(data):
        sec, frac, caplen = struct.unpack_from("<III", data, at)
        end = at + 16 + caplen
        if sec * 10**9 + frac * unit >= since:
            out += data[at:end]
        at = end
    return out


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--since", default="0.0", help="seconds.nanoseconds since 1970")
    ap.add_argument("--outbound", action="append", default=[])
    ap.add_argument("input")
    ap.add_argument("output")
    args = ap.parse_args()
    outbound = {bytes.fromhex(mac.replace(":", "")) for mac in args.outbound}
    seconds, nanoseconds = args.since.split(".")
    since = int(seconds) * 10**9 + int(nanoseconds)

    with open(args.input, "rb") as f:
        data = f.read()
    if struct.unpack_from("<I", data)[0] == SHB:
        data = tidy_pcapng(data, since, outbound)
    else:
        data = tidy_pcap(data, since)
    with open(args.output, "wb") as f:
        f.write(data)


main()
