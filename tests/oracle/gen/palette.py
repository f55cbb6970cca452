# SPDX-License-Identifier: GPL-2.0-or-later
"""The few values from which packets and rules of a scenario are both drawn.

Rules match often only if they name what packets have; the palette is that meeting
place. Each scenario narrows it once more: few addresses, few ports, few protocols.
The addresses fit the router of topology.py.
"""

from dataclasses import dataclass

FAR = {
    "ipv4": {
        "in0": ["10.0.1.2", "10.0.1.3", "10.0.1.77", "10.9.8.5"],
        "out0": ["10.0.2.2", "10.0.2.9", "10.9.1.1", "198.51.100.7", "172.16.5.2"],
    },
    "ipv6": {
        "in0": ["fd00:1::2", "fd00:1::77", "fd00:1::ff:fe00:102", "fd09:8::5"],
        "out0": ["fd00:2::2", "fd00:2::9", "fd09::1", "2001:db8::7", "2001:db8:5::1:2"],
    },
}

OURS = {
    "ipv4": ["10.0.1.1", "10.0.2.1", "172.16.5.1"],
    "ipv6": ["fd00:1::1", "fd00:2::1", "fe80::ff:fe00:101"],
}

GROUPS = {
    "ipv4": [
        "10.0.1.255",
        "255.255.255.255",
        "10.0.2.255",
        "172.16.5.7",
        "224.0.0.1",
        "224.0.0.5",
        "239.1.2.3",
    ],
    "ipv6": [
        "ff02::1",
        "ff02::2",
        "ff02::1:ff00:1",
        "ff02::1:ff00:9",
        "ff05::1:3",
        "ff01::1",
        "ff0e::5",
    ],
}

ODD = {
    "ipv4": [
        "203.0.113.9",
        "127.0.0.1",
        "0.0.0.0",
        "240.0.0.1",
        "10.0.1.0",
        "169.254.1.1",
        "127.8.8.8",
        "10.0.2.0",
    ],
    "ipv6": [
        "3fff::1",
        "::1",
        "::",
        "fe80::2",
        "::ffff:10.0.1.2",
        "fd00:1::",
        "fec0::1",
        "fd00:2::",
        "100::1",
    ],
}

PORTS = [53, 80, 443, 1234, 8080, 33000, 0, 65535, 20, 21]
WORDS = [b"GET / HTTP/1.1", b"host: example", b"pktt", b"abcabcabd", b"\x00\xff\x00\xff", b"AbCdEf"]
SPIS = [0, 1, 256, 0x1234, 0xFFFFFFFF]
MARKS = [0, 1, 2, 0x10, 0xFF, 0x80000000, 0xFFFFFFFF, 0xABCD]
TTLS = [64, 63, 255, 128, 5, 3, 2]
SOURCE_MACS = ["02:00:00:00:01:02", "02:00:00:00:02:02", "00:11:22:33:44:55", "02:ff:00:aa:bb:cc"]

PROTOCOLS = [
    "tcp",
    "udp",
    "icmp",
    "udplite",
    "sctp",
    "dccp",
    "ah",
    "esp",
    "ipcomp",
    "gre",
    "ipip",
    "other",
]


@dataclass
class Palette:
    """What one scenario draws from."""

    far: dict
    ours: dict
    groups: dict
    odd: dict
    ports: list
    words: list
    spis: list
    marks: list
    ttls: list
    source_macs: list
    protocols: list


def few(draw, values, count):
    return draw.sample(values, min(count, len(values)))


def narrow(draw):
    rare = few(draw, PROTOCOLS[3:], draw.pick([0, 1, 1, 2]))
    return Palette(
        far={family: {i: few(draw, a, 2) for i, a in far.items()} for family, far in FAR.items()},
        ours={family: few(draw, a, 2) for family, a in OURS.items()},
        groups=GROUPS,
        odd=ODD,
        ports=few(draw, PORTS, 4),
        words=few(draw, WORDS, 3),
        spis=few(draw, SPIS, 3),
        marks=few(draw, MARKS, 4),
        ttls=few(draw, TTLS, 4),
        source_macs=few(draw, SOURCE_MACS, 3),
        protocols=few(draw, PROTOCOLS[:3], draw.pick([1, 2, 3])) + rare,
    )
