# SPDX-License-Identifier: GPL-2.0-or-later
"""Layer 4: well-formed headers of every protocol that rules can name, and damage.

Each maker takes (draw, context) and returns (protocol, bytes). The context knows
the pseudo header, for checksums.
"""

import socket
import struct


ICMP, IGMP, IPIP, TCP, UDP, DCCP, GRE, ESP, AH = 1, 2, 4, 6, 17, 33, 47, 50, 51
ICMPV6, NONE, IPCOMP, SCTP, UDPLITE = 58, 59, 108, 132, 136


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Context:
    """Addresses (packed) that a checksum covers."""

    def __init__(self, family, source, destination):
        self.family = family
        kind = socket.AF_INET if family == "ipv4" else socket.AF_INET6
        self.source = socket.inet_pton(kind, source)
        self.destination = socket.inet_pton(kind, destination)

    def sum(self, protocol, data):
        size = "!HH" if self.family == "ipv4" else "!II"
        tail = struct.pack(
            size, *((protocol, len(data)) if self.family == "ipv4" else (len(data), protocol))
        )
        return checksum(self.source + self.destination + tail + data)


def sealed(data, offset, value):
    return data[:offset] + struct.pack("!H", value) + data[offset + 2 :]


def payload(draw):
    if draw.chance(0.5):
        filler = draw.octets(draw.pick([0, 0, 1, 5, 30]))
        return filler + draw.pick(draw.palette.words) + draw.octets(draw.pick([0, 3, 50]))
    return draw.octets(draw.pick([0, 1, 7, 8, 40, 100, 200]))


def ports(draw):
    return draw.pick(draw.palette.ports), draw.pick(draw.palette.ports)


TCP_FLAGS = [
    0x02,
    0x02,
    0x12,
    0x10,
    0x18,
    0x11,
    0x04,
    0x14,
    0x01,
    0x00,
    0x3F,
    0x29,
    0xC2,
    0x52,
    0xFF,
    0x90,
]


def tcp_options(draw):
    """Options of a TCP header, padded to four; one in ten is damaged."""
    known = [
        struct.pack("!BBH", 2, 4, draw.pick([536, 1200, 1360, 1460, 1461, 65535, 0, 100])),
        bytes([3, 3, draw.randrange(15)]),
        bytes([4, 2]),
        bytes([8, 10]) + draw.octets(8),
        bytes([1]),
        bytes([5, 10]) + draw.octets(8),
        bytes([19, 18]) + draw.octets(16),
        bytes([34, 2]),
        bytes([30, 4]) + draw.octets(2),
    ]
    bad = [
        bytes([2, 0]),
        bytes([2, 3, 5]),
        bytes([8, 40, 1]),
        bytes([2]),
        bytes([7, 1]),
        bytes([0, 2, 4, 5, 180]),
    ]
    found = b"".join(draw.often(known, bad) for _ in range(draw.randrange(5)))[:40]
    return found + draw.pick([b"\0", b"\1"]) * (-len(found) % 4)


def tcp(draw, context):
    source, destination = ports(draw)
    options = tcp_options(draw) if draw.chance(0.6) else b""
    flags = draw.pick(TCP_FLAGS) if draw.chance(0.8) else draw.byte()
    words = 5 + len(options) // 4
    if draw.chance(0.05):
        words = draw.randrange(16)
    data = struct.pack(
        "!HHIIBBHHH",
        source,
        destination,
        draw.getrandbits(32),
        draw.getrandbits(32),
        words << 4 | draw.pick([0, 0, 0, 1, 0xF]),
        flags,
        draw.pick([0, 512, 8192, 65535]),
        0,
        0,
    )
    data += options + (payload(draw) if draw.chance(0.6) else b"")
    return TCP, sealed(data, 16, context.sum(TCP, data))


def udp(draw, context, protocol=UDP):
    source, destination = ports(draw)
    body = payload(draw)
    size = 8 + len(body)
    if draw.chance(0.05):
        size = draw.pick([0, 7, 8, size + 1, 65535])
    data = struct.pack("!HHHH", source, destination, size, 0) + body
    if protocol == UDP and context.family == "ipv4" and draw.chance(0.15):
        return protocol, data
    return protocol, sealed(data, 6, context.sum(protocol, data) or 0xFFFF)


def udplite(draw, context):
    return udp(draw, context, UDPLITE)


ICMP_CODES = [
    (8, 0),
    (0, 0),
    (3, 0),
    (3, 1),
    (3, 3),
    (3, 4),
    (3, 13),
    (5, 0),
    (5, 1),
    (11, 0),
    (11, 1),
    (12, 0),
]
ICMP_RARE = [
    (4, 0),
    (9, 0),
    (10, 0),
    (13, 0),
    (14, 0),
    (17, 0),
    (18, 0),
    (15, 0),
    (42, 0),
    (255, 255),
    (8, 1),
]
ICMPV6_CODES = [
    (128, 0),
    (129, 0),
    (1, 0),
    (1, 1),
    (1, 4),
    (2, 0),
    (3, 0),
    (3, 1),
    (4, 0),
    (4, 1),
    (4, 2),
]
ICMPV6_RARE = [
    (130, 0),
    (131, 0),
    (133, 0),
    (134, 0),
    (135, 0),
    (136, 0),
    (137, 0),
    (138, 0),
    (143, 0),
    (200, 1),
    (0, 0),
]


def quoted(draw, context):
    """What an ICMP error carries: the head of a packet of its receiver."""
    if draw.chance(0.2):
        return draw.octets(draw.pick([0, 3, 28]))
    inner = struct.pack("!HHHH", *ports(draw), 8, 0)
    if context.family == "ipv4":
        head = (
            struct.pack("!BBHHHBBH", 0x45, 0, 28, 1, 0, 64, UDP, 0)
            + context.destination
            + context.source
        )
        return sealed(head, 10, checksum(head)) + inner
    return struct.pack("!IHBB", 6 << 28, 8, UDP, 64) + context.destination + context.source + inner


def icmp(draw, context):
    kind, code = draw.often(ICMP_CODES, ICMP_RARE, 0.3)
    body = quoted(draw, context) if kind in (3, 4, 5, 11, 12) else payload(draw)
    data = struct.pack("!BBHI", kind, code, 0, draw.getrandbits(32)) + body
    return ICMP, sealed(data, 2, checksum(data))


def icmpv6(draw, context):
    kind, code = draw.often(ICMPV6_CODES, ICMPV6_RARE, 0.3)
    body = quoted(draw, context) if kind < 128 else payload(draw)
    if kind in (135, 136) and draw.chance(0.7):
        body = context.destination + bytes([1, 1]) + draw.octets(6)
    data = struct.pack("!BBHI", kind, code, 0, draw.getrandbits(32)) + body
    return ICMPV6, sealed(data, 2, context.sum(ICMPV6, data))


def sctp(draw, context):
    del context
    data = struct.pack("!HHII", *ports(draw), draw.getrandbits(32), 0)
    for _ in range(draw.randrange(5)):
        body = draw.octets(draw.pick([0, 4, 6, 16]))
        size = 4 + len(body)
        if draw.chance(0.06):
            size = draw.pick([0, 3, 200])
        kind = draw.often(list(range(15)), [0x80, 0xC0, 0xC1, 64, 255])
        data += struct.pack("!BBH", kind, draw.randrange(16), size) + body + bytes(-len(body) % 4)
    return SCTP, data


def dccp(draw, context):
    kind = draw.randrange(10)
    is_long = draw.chance(0.7)
    data = struct.pack("!HH", *ports(draw))
    options = b"".join(
        draw.pick(
            [
                b"\0",
                b"\1",
                b"\2",
                bytes([32, 4, 1, 2]),
                bytes([37, 3, 9]),
                bytes([41, 6, 0, 0, 0, 1]),
            ]
        )
        for _ in range(draw.randrange(4))
    )
    if draw.chance(0.1):
        options += draw.pick([bytes([40]), bytes([33, 0]), bytes([44, 90])])
    options += bytes(-len(options) % 4)
    head = 12 + (4 if is_long else 0)
    extra = {0: 4, 1: 8, 2: 0, 3: 8, 4: 8, 5: 8, 6: 8, 7: 12, 8: 8, 9: 8}[kind] if kind != 2 else 0
    words = (head + extra + len(options)) // 4
    if draw.chance(0.07):
        words = draw.pick([0, 2, 3, 4, 255])
    data += bytes([words, 0, 0, 0, kind << 1 | is_long, 0]) + draw.octets(head - 10)
    data += draw.octets(extra) + options + payload(draw)
    return DCCP, sealed(data, 6, context.sum(DCCP, data))


def ah(draw, context):
    inner_protocol, inner = draw.pick([udp, tcp])(draw, context)
    words = draw.often([4, 4, 1], [0, 100])
    head = struct.pack("!BBHII", inner_protocol, words, 0, draw.pick(draw.palette.spis), 7)
    return AH, head + bytes(max(0, (words + 2) * 4 - 12) % 64) + inner


def esp(draw, context):
    del context
    return ESP, struct.pack("!II", draw.pick(draw.palette.spis), 1) + draw.octets(24)


def ipcomp(draw, context):
    del context
    return IPCOMP, struct.pack(
        "!BBH", UDP, draw.pick([0, 0, 1]), draw.pick([1, 2, 256, 0x1234])
    ) + draw.octets(20)


def gre(draw, context):
    del context
    return GRE, struct.pack("!HH", draw.pick([0, 0x2000, 0x3001]), 0x0800) + draw.octets(28)


def ipip(draw, context):
    return IPIP if context.family == "ipv4" else 41, quoted(draw, context)


def other(draw, context):
    del context
    return draw.pick([IGMP, 89, 103, 112, 253, 255, 0, 61, 115]), draw.octets(
        draw.pick([0, 4, 8, 40])
    )


MAKERS = {
    "tcp": tcp,
    "udp": udp,
    "icmp": icmp,
    "udplite": udplite,
    "sctp": sctp,
    "dccp": dccp,
    "ah": ah,
    "esp": esp,
    "ipcomp": ipcomp,
    "gre": gre,
    "ipip": ipip,
    "other": other,
}
CONTROL = {"ipv4": icmp, "ipv6": icmpv6}


def plain_segment(draw, context):
    """A whole message whose checksum, if it is of the Internet's kind, is right."""
    makers = [tcp, udp, CONTROL[context.family], udplite, sctp, esp]
    return draw.pick(makers)(draw, context)


def segment(draw, context):
    """Any layer-4 message; sometimes cut short or with a wrong checksum."""
    maker = MAKERS[draw.often(draw.palette.protocols, list(MAKERS), 0.1)]
    if maker is icmp and draw.chance(0.97):
        maker = CONTROL[context.family]
    protocol, data = maker(draw, context)
    if draw.chance(0.05):
        data = data[: draw.randrange(len(data) + 1)]
    if draw.chance(0.04) and len(data) > 20:
        data = data[:-1] + bytes([data[-1] ^ 0x55])
    return protocol, data
