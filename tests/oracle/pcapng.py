# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes a capture file with named interfaces and nanoseconds (pcapng, one section)."""

import struct

LINKTYPE_ETHERNET, LINKTYPE_RAW = 1, 101
SECTION, INTERFACE, ENHANCED_PACKET = 0x0A0D0D0A, 1, 6
OPT_END, IF_NAME, IF_TSRESOL = 0, 2, 9


def option(code, value):
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)


def block(kind, body):
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def capture(interfaces, packets):
    """interfaces: {name: link type}; packets: (interface name, time in ns, frame)."""
    parts = [block(SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    for name, linktype in interfaces.items():
        options = (
            option(IF_NAME, name.encode()) + option(IF_TSRESOL, b"\x09") + option(OPT_END, b"")
        )
        parts.append(block(INTERFACE, struct.pack("<HHI", linktype, 0, 0) + options))
    for name, time_ns, frame in packets:
        header = struct.pack(
            "<IIIII",
            list(interfaces).index(name),
            time_ns >> 32,
            time_ns & 0xFFFFFFFF,
            len(frame),
            len(frame),
        )
        parts.append(block(ENHANCED_PACKET, header + frame))
    return b"".join(parts)
