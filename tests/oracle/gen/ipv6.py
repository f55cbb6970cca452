# SPDX-License-Identifier: GPL-2.0-or-later
"""IPv6 packets: extension headers in any order, fragments, damage."""

import socket
import struct

from gen import layer4

HBH, ROUTING, FRAGMENT, DSTOPTS, MH = 0, 43, 44, 60, 135


def address(text):
    return socket.inet_pton(socket.AF_INET6, text)


def addresses(draw, interface):
    """Source and destination of a packet that comes in at the interface."""
    far = draw.palette.far["ipv6"]
    other = "out0" if interface == "in0" else "in0"
    source = draw.often(
        far[interface],
        draw.palette.odd["ipv6"]
        + far[other]
        + draw.palette.ours["ipv6"]
        + draw.palette.groups["ipv6"],
        0.07,
    )
    kind = draw.random()
    if kind < 0.72:
        return source, draw.pick(far[other])
    if kind < 0.86:
        return source, draw.pick(draw.palette.ours["ipv6"])
    if kind < 0.92:
        return source, draw.pick(draw.palette.groups["ipv6"])
    if kind < 0.96:
        return source, draw.pick(far[interface])
    return source, draw.pick(draw.palette.odd["ipv6"])


def tlvs(draw, is_hbh):
    """Options of a hop-by-hop or destination header, padded to a header's size."""
    known = [
        bytes([1, 2, 0, 0]),
        bytes([0]),
        bytes([1, 0]),
        bytes([5, 2, 0, 0]),
        bytes([0xC9, 4]) + bytes(4),
    ]
    skipped = [bytes([0x1E, 2, 1, 1]), bytes([0x3E, 0]), bytes([0x04, 1, 7])]
    fatal = [
        bytes([0x5E, 0]),
        bytes([0x9E, 1, 1]),
        bytes([0xDE, 0]),
        bytes([0xC2, 4, 0, 1, 0, 0]),
        bytes([1, 90]),
    ]
    found = b""
    for _ in range(draw.randrange(4)):
        found += draw.often(known[: 4 if is_hbh else 5] + skipped, fatal, 0.05)
    room = -(len(found) + 2) % 8
    if room == 1:
        return found + b"\0"
    return found + (bytes([1, room - 2]) + bytes(room - 2) if room else b"")


def options_header(draw, following, is_hbh):
    body = tlvs(draw, is_hbh)
    size = (len(body) + 2) // 8 - 1
    if draw.chance(0.03):
        size += draw.pick([1, 40])
    return bytes([following, size]) + body


def routing_header(draw, following):
    kind = draw.pick([0, 0, 2, 3, 4, 4, 5])
    count = draw.randrange(4)
    left = draw.pick([0, 0, 0, 1, count])
    hops = b"".join(address(draw.pick(draw.palette.far["ipv6"]["out0"])) for _ in range(count))
    if kind == 2 and draw.chance(0.7):
        hops, count = hops[:16] or address("fd00:2::9"), 1
    words = len(hops) // 8
    if draw.chance(0.03):
        words = draw.pick([1, 3, 90])
    if kind == 4:
        rest = bytes([max(0, count - 1), draw.pick([0, 0x10])]) + struct.pack(
            "!H", draw.pick([0, 7])
        )
    else:
        rest = draw.octets(4)
    return bytes([following, words, kind, left]) + rest + hops


def fragment_header(draw, following):
    offset = draw.pick([0, 0, 8, 16, 1480, 65528])
    more = draw.pick([0, 1])
    ident = draw.pick([0, 1, 0x1234, 0xFFFFFFFF])
    reserved = draw.pick([0, 0, 0, 5])
    return struct.pack("!BBHI", following, reserved, offset | draw.pick([0, 0, 2]) | more, ident)


def ah_header(draw, following):
    words = draw.often([4, 1], [0, 2, 60], 0.1)
    size = (words + 2) * 4
    body = struct.pack(
        "!BBHII", following, words, draw.pick([0, 0, 1]), draw.pick(draw.palette.spis), 9
    )
    return (body + bytes(size))[: max(12, min(size, 48))]


def mobility_header(draw, following):
    kind = draw.pick([0, 1, 5, 6, 7, 8, 200])
    return bytes([draw.often([59], [following]), draw.often([0, 1], [9]), kind, 0, 0, 0]) + bytes(
        10
    )


MAKERS = {
    HBH: lambda d, n: options_header(d, n, True),
    DSTOPTS: lambda d, n: options_header(d, n, False),
    ROUTING: routing_header,
    FRAGMENT: fragment_header,
    layer4.AH: ah_header,
    MH: mobility_header,
}


def extension_kinds(draw):
    """The headers of a packet, by number, in the order in which they stand."""
    if draw.chance(0.55):
        return []
    first = [HBH] if draw.chance(0.35) else []
    rest = [DSTOPTS, ROUTING, FRAGMENT, layer4.AH, DSTOPTS, MH]
    found = first + [k for k in rest if draw.chance(0.22)]
    if draw.chance(0.08):
        draw.shuffle(found)
    return found


def with_extensions(draw, protocol, data):
    """Puts extension headers before a layer-4 message."""
    for kind in reversed(extension_kinds(draw)):
        data = MAKERS[kind](draw, protocol) + data
        protocol = kind
    return protocol, data


def damaged(draw, data):
    kind = draw.randrange(5)
    size = len(data) - 40
    if kind == 0:
        return bytes([draw.pick([0x40, 0x00, 0x70, 0x45])]) + data[1:]
    if kind == 1:
        return layer4.sealed(data, 4, min(65535, size + draw.pick([1, 8])))
    if kind == 2:
        return layer4.sealed(data, 4, max(0, size - draw.pick([1, 4, 8, size])))
    if kind == 3:
        return data[: draw.randrange(1, len(data))]
    return data + draw.octets(draw.pick([1, 6]))


def packet(draw, interface, fill=None, is_plain=False):
    """One IPv6 packet, from its first byte on.

    `fill` asks for that size in bytes; a plain one is well-formed, without extensions.
    """
    context = layer4.Context("ipv6", *addresses(draw, interface))
    make = layer4.plain_segment if is_plain else layer4.segment
    protocol, data = make(draw, context)
    if draw.chance(0.03) and not is_plain:
        protocol = layer4.NONE
    if not is_plain:
        protocol, data = with_extensions(draw, protocol, data)
    if fill:
        data += bytes(max(0, fill - 40 - len(data)))
    first = 6 << 28 | draw.often([0, 0, 0xB8, 0x28], [draw.byte(), 3], 0.25) << 20
    first |= draw.pick([0, 0, 0xABCDE])
    limit = draw.often(draw.palette.ttls, [1, 0], 0.06)
    head = struct.pack("!IHBB", first, min(len(data), 65535), protocol, limit)
    found = head + context.source + context.destination + data
    return damaged(draw, found) if draw.chance(0.05) and not is_plain else found
