# SPDX-License-Identifier: GPL-2.0-or-later
"""IPv4 packets: options, fragments, damage."""

import socket
import struct

from gen import layer4

DF, MF = 0x4000, 0x2000
ADDRESS = socket.inet_aton


def addresses(draw, interface):
    """Source and destination of a packet that comes in at the interface."""
    far = draw.palette.far["ipv4"]
    other = "out0" if interface == "in0" else "in0"
    source = draw.often(
        far[interface],
        draw.palette.odd["ipv4"]
        + far[other]
        + draw.palette.ours["ipv4"]
        + draw.palette.groups["ipv4"],
        0.07,
    )
    kind = draw.random()
    if kind < 0.70:
        return source, draw.pick(far[other])
    if kind < 0.85:
        return source, draw.pick(draw.palette.ours["ipv4"])
    if kind < 0.92:
        return source, draw.pick(draw.palette.groups["ipv4"])
    if kind < 0.96:
        return source, draw.pick(far[interface])
    return source, draw.pick(draw.palette.odd["ipv4"])


def options(draw):
    """An options field; lengths, pointers and padding are mostly right."""
    hop = draw.pick(draw.palette.far["ipv4"]["out0"])
    known = [
        bytes([7, 11, 4]) + bytes(8),
        bytes([7, 7, 8]) + ADDRESS("1.2.3.4"),
        bytes([68, 12, 5, 0]) + bytes(8),
        bytes([68, 12, 5, 1]) + bytes(8),
        bytes([68, 12, 13, 0x10]) + bytes(8),
        bytes([68, 12, 5, 3]) + ADDRESS(hop) + bytes(4),
        bytes([148, 4, 0, 0]),
        bytes([131, 7, 4]) + ADDRESS(hop),
        bytes([137, 7, 4]) + ADDRESS(hop),
        bytes([131, 7, 8]) + ADDRESS(hop),
        bytes([136, 4, 0, 1]),
        bytes([134, 4, 0, 1]),
        bytes([1]),
        bytes([1, 1, 1]),
        bytes([0]),
        bytes([25, 4, 9, 9]),
        bytes([94, 8]) + draw.octets(6),
    ]
    bad = [
        bytes([7, 2]),
        bytes([7, 11, 3]) + bytes(8),
        bytes([7, 11, 10]) + bytes(8),
        bytes([68, 11, 5, 0]) + bytes(7),
        bytes([68, 12, 4, 0]) + bytes(8),
        bytes([68, 12, 13, 0xF0]) + bytes(8),
        bytes([68, 12, 5, 5]) + bytes(8),
        bytes([131, 2]),
        bytes([131, 7, 4]) + ADDRESS(hop) + bytes([137, 7, 4]) + ADDRESS(hop),
        bytes([148, 3, 0]),
        bytes([7, 0]),
        bytes([7, 90, 4]),
        bytes([7]),
        bytes([255, 1]),
    ]
    found = b"".join(draw.often(known, bad, 0.15) for _ in range(draw.randrange(1, 4)))[:40]
    return found + bytes(-len(found) % 4)


def fragment_field(draw):
    if draw.chance(0.85):
        return draw.pick([0, DF])
    return draw.pick(
        [MF, MF, MF | 1, 1, 2, 185, MF | 185, 0x1FFF, DF | MF, DF | 5, 0x8000, MF | 0x1FFF]
    )


def header(draw, context, protocol, size, is_plain):
    opts = options(draw) if draw.chance(0.15) and not is_plain else b""
    field = draw.pick([0, DF]) if is_plain else fragment_field(draw)
    words = 5 + len(opts) // 4
    ttl = draw.often(draw.palette.ttls, [1, 0], 0.06)
    head = struct.pack(
        "!BBHHHBBH",
        0x40 | words,
        draw.often([0, 0, 0x10, 0xB8, 0x28], [draw.byte(), 1, 2, 3], 0.25),
        words * 4 + size,
        draw.pick([int(is_plain), 1, 0x1234, 0xFFFF]),
        field,
        ttl,
        protocol,
        0,
    )
    head += context.source + context.destination + opts
    return layer4.sealed(head, 10, layer4.checksum(head))


def reseal(packet, edit):
    """Changes bytes of the header and sets its checksum anew."""
    packet = bytearray(packet)
    for offset, value in edit.items():
        packet[offset] = value
    size = max(20, (packet[0] & 15) * 4)
    packet[10:12] = b"\0\0"
    packet[10:12] = struct.pack("!H", layer4.checksum(bytes(packet[:size])))
    return bytes(packet)


def damaged(draw, data):
    """One fault of the header."""
    size = len(data)
    kind = draw.randrange(7)
    if kind == 0:
        return data[:10] + bytes([data[10] ^ 1]) + data[11:]
    if kind == 1:
        return reseal(data, {0: draw.pick([0x44, 0x40, 0x55, 0x65, 0x4F])})
    if kind == 2:
        longer = min(size + draw.pick([1, 8]), 65535)
        return reseal(data, {2: longer >> 8, 3: longer & 255})
    if kind == 3:
        shorter = draw.pick([19, 20, 0, max(20, size - 4), max(20, size - 1)])
        return reseal(data, {2: shorter >> 8, 3: shorter & 255})
    if kind == 4:
        return data[: draw.randrange(1, size)]
    if kind == 5:
        return data + draw.octets(draw.pick([1, 6, 18]))
    return reseal(data, {0: 0x40 | draw.randrange(5, 16)})


def packet(draw, interface, fill=None, is_plain=False):
    """One IPv4 packet, from its first byte on.

    `fill` asks for that size in bytes; a plain one is well-formed, without options.
    """
    context = layer4.Context("ipv4", *addresses(draw, interface))
    make = layer4.plain_segment if is_plain else layer4.segment
    protocol, data = make(draw, context)
    if fill:
        data += bytes(max(0, fill - 20 - len(data)))
    found = header(draw, context, protocol, len(data), is_plain) + data
    return damaged(draw, found) if draw.chance(0.05) and not is_plain else found
