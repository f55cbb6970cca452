# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets of flows: built from what an end knows, and read back where they came out."""

import socket
import struct
from dataclasses import dataclass

from gen.layer4 import ICMP, ICMPV6, SCTP, TCP, UDP, UDPLITE, checksum, sealed

HBH, ROUTING, FRAGMENT, DSTOPTS = 0, 43, 44, 60
PORTED = (TCP, UDP, UDPLITE, SCTP)
ERRORS = {ICMP: (3, 4, 5, 11, 12), ICMPV6: (1, 2, 3, 4)}
CHECKSUM_AT = {TCP: 16, UDP: 6, UDPLITE: 6, ICMP: 2, ICMPV6: 2}
PAD_HBH = bytes([1, 4, 0, 0, 0, 0])


def address(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


def text_of(packed):
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)


def control(packed):
    """The protocol of control messages that goes with an address."""
    return ICMP if len(packed) == 4 else ICMPV6


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def pseudo(source, destination, protocol, size):
    if len(source) == 4:
        return source + destination + struct.pack("!BBH", 0, protocol, size)
    return source + destination + struct.pack("!II", size, protocol)


def summed(source, destination, protocol, data, coverage=None):
    """The message with its checksum, which was zero so far."""
    if protocol == SCTP:
        return data[:8] + struct.pack("<I", crc32c(data)) + data[12:]
    at = CHECKSUM_AT.get(protocol)
    if at is None or len(data) < at + 2:
        return data
    head = b"" if protocol == ICMP else pseudo(source, destination, protocol, len(data))
    found = checksum(head + data[:coverage])
    return sealed(data, at, found or (0xFFFF if protocol in (UDP, UDPLITE) else 0))


@dataclass
class Look:
    """What of a network header a sender may choose."""

    ttl: int = 64
    tos: int = 0
    ident: int = 0
    df: bool = False
    has_options: bool = False


def network(source, destination, protocol, data, look=None):
    """A whole packet from its first byte on."""
    look = look or Look()
    if len(source) == 4:
        options = bytes([148, 4, 0, 0]) if look.has_options else b""
        words = 5 + len(options) // 4
        head = struct.pack(
            "!BBHHHBBH",
            0x40 | words,
            look.tos,
            words * 4 + len(data),
            look.ident & 0xFFFF,
            0x4000 if look.df else 0,
            look.ttl,
            protocol,
            0,
        )
        head += source + destination + options
        return sealed(head, 10, checksum(head)) + data
    if look.has_options:
        data, protocol = bytes([protocol, 0]) + PAD_HBH + data, DSTOPTS
    head = struct.pack("!IHBB", 6 << 28 | look.tos << 20, len(data), protocol, look.ttl)
    return head + source + destination + data


@dataclass
class Read:
    """A packet as it lies on the wire, read as far as it goes."""

    source: bytes
    destination: bytes
    protocol: int
    data: bytes
    """Layer 4 and what follows; of a later fragment its share."""
    offset: int = 0
    """Of a fragment, in bytes."""
    more: bool = False

    @property
    def is_error(self):
        return bool(self.data) and self.data[0] in ERRORS.get(self.protocol, ())

    @property
    def ports(self):
        """(source, destination); the id of an echo stands for both."""
        if self.protocol in PORTED and len(self.data) >= 4:
            return struct.unpack_from("!HH", self.data)
        if self.protocol in ERRORS and not self.is_error and len(self.data) >= 6:
            return struct.unpack_from("!H", self.data, 4) * 2
        return 0, 0


def read(packet):
    """Reads a packet; None where it is none."""
    if len(packet) >= 20 and packet[0] >> 4 == 4:
        size = (packet[0] & 15) * 4
        field = struct.unpack_from("!H", packet, 6)[0]
        return Read(
            packet[12:16],
            packet[16:20],
            packet[9],
            packet[size:],
            (field & 0x1FFF) * 8,
            bool(field & 0x2000),
        )
    if len(packet) < 40 or packet[0] >> 4 != 6:
        return None
    found = Read(packet[8:24], packet[24:40], packet[6], packet[40:])
    while found.protocol in (HBH, ROUTING, FRAGMENT, DSTOPTS) and len(found.data) >= 8:
        size = 8
        if found.protocol == FRAGMENT:
            field = struct.unpack_from("!H", found.data, 2)[0]
            found.offset, found.more = field & 0xFFF8, bool(field & 1)
        else:
            size = found.data[1] * 8 + 8
        found.protocol, found.data = found.data[0], found.data[size:]
        if found.offset:
            break
    return found


def fragments(packet, sizes, ident):
    """Cuts a packet: each piece but the last is rounded to eight bytes."""
    is_v4 = packet[0] >> 4 == 4
    head = packet[: (packet[0] & 15) * 4] if is_v4 else packet[:40]
    data = packet[len(head) :]
    cuts, at = [0], 0
    for size in sizes:
        at += max(8, size // 8 * 8)
        if at < len(data):
            cuts.append(at)
    ends = cuts[1:] + [len(data)]
    make = piece_v4 if is_v4 else piece_v6
    return [make(head, data[a:b], a, b < len(data), ident) for a, b in zip(cuts, ends)]


def piece_v4(head, share, offset, more, ident):
    field = offset // 8 | (0x2000 if more else 0)
    head = head[:2] + struct.pack("!HHH", len(head) + len(share), ident & 0xFFFF, field) + head[8:]
    head = sealed(head, 10, 0)
    return sealed(head, 10, checksum(head)) + share


def piece_v6(head, share, offset, more, ident):
    extra = struct.pack("!BBHI", head[6], 0, offset | more, ident)
    return head[:4] + struct.pack("!HB", 8 + len(share), FRAGMENT) + head[7:] + extra + share
