# SPDX-License-Identifier: GPL-2.0-or-later
"""The frames of a scenario."""

import masks
import topology
from gen import ipv4, ipv6
from scenario import Packet

ETHERTYPE = {"ipv4": b"\x08\x00", "ipv6": b"\x86\xdd"}
MAKER = {"ipv4": ipv4.packet, "ipv6": ipv6.packet}


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def destination_mac(draw, interface, layer3):
    """Ours; or the group that the address maps to; rarely broadcast or another's."""
    is_v4 = layer3[0] >> 4 == 4
    where = layer3[16:20] if is_v4 else layer3[24:40]
    if len(where) in (4, 16) and draw.chance(0.8):
        if is_v4 and where[0] >> 4 == 14:
            return b"\x01\x00\x5e" + bytes([where[1] & 127]) + where[2:]
        if is_v4 and where[3] == 255:
            return b"\xff" * 6
        if not is_v4 and where[0] == 255:
            return b"\x33\x33" + where[12:]
    rare = [
        b"\xff" * 6,
        mac("01:00:5e:00:00:01"),
        mac("33:33:00:00:00:01"),
        mac("00:de:ad:be:ef:00"),
    ]
    return draw.often([mac(interface.mac)], rare, 0.04)


def frame(draw, family, interface):
    """One frame that fits the wire."""
    fill = draw.pick([interface.mtu, 1401, 1400, 1280, 1281]) if draw.chance(0.06) else None
    layer3 = MAKER[family](draw, interface.name, fill)[: interface.mtu]
    source = mac(draw.often([interface.peer_mac], draw.palette.source_macs, 0.3))
    kind = ETHERTYPE[family]
    if draw.chance(0.005):
        kind = draw.pick([ETHERTYPE["ipv4"], ETHERTYPE["ipv6"], b"\x08\x06", b"\x12\x34"])
    return destination_mac(draw, interface, layer3) + source + kind + layer3


def local(draw, family):
    """A well-formed packet that the router itself sends to somebody it can reach."""
    while True:
        data = MAKER[family](draw, "in0", is_plain=True)
        if not masks.is_sent_locally(data):
            continue
        return Packet(interface=topology.LOCAL_OUT, frame=data)


def packets(draw, families, count):
    """`count` frames; a few come twice or thrice, for whatever counts or remembers."""
    found = []
    has_local = draw.chance(0.3)
    while len(found) < count:
        if has_local and draw.chance(0.2):
            found.append(local(draw, draw.pick(families)))
            continue
        interface = draw.often([topology.INTERFACES[0]], [topology.INTERFACES[1]], 0.3)
        data = frame(draw, draw.pick(families), interface)
        if not masks.is_sent(data):
            continue
        for _ in range(draw.pick([1, 1, 1, 2, 3])):
            found.append(Packet(interface=interface.name, frame=data))
    if draw.chance(0.5):
        draw.shuffle(found)
    return found[:count]
