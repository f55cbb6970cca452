# SPDX-License-Identifier: GPL-2.0-or-later
"""The router that both sides stand for: its interfaces, addresses and routes.

kernel.py builds it from network namespaces, replay.py writes it as options of
`pktt replay`, the generators draw addresses from it. It stands here once.
"""

import socket
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Interface:
    """One interface of the router, and the station at the other end of its wire."""

    name: str
    mac: str
    peer_mac: str
    mtu: int
    group: int = 0
    addresses: tuple = field(default_factory=tuple)

    @property
    def peer(self):
        return "p" + self.name

    @property
    def solicited_tails(self):
        """The last three bytes of its IPv6 addresses: given, of its link, of its subnets."""
        given = [
            socket.inet_pton(socket.AF_INET6, a.split("/")[0]) for a in self.addresses if ":" in a
        ]
        return {a[13:] for a in given} | {bytes.fromhex(self.mac.replace(":", ""))[3:], bytes(3)}


INTERFACES = (
    Interface(
        name="in0",
        mac="02:00:00:00:01:01",
        peer_mac="02:00:00:00:01:02",
        mtu=1500,
        group=1,
        addresses=("10.0.1.1/24", "fd00:1::1/64"),
    ),
    Interface(
        name="out0",
        mac="02:00:00:00:02:01",
        peer_mac="02:00:00:00:02:02",
        mtu=1400,
        addresses=("10.0.2.1/24", "172.16.5.1/29", "fd00:2::1/64"),
    ),
)

BRIDGE = "br0"
PORTS = (
    Interface(name="bp0", mac="02:00:00:00:03:01", peer_mac="02:00:00:00:03:02", mtu=1500),
    Interface(name="bp1", mac="02:00:00:00:04:01", peer_mac="02:00:00:00:04:02", mtu=1500),
)

LOCAL_OUT = "lo"
"""The interface of packets that the router itself sends; their frames are bare layer 3."""

ROUTES = (
    ("10.9.0.0/16", "out0", "10.0.2.2"),
    ("10.9.8.0/24", "in0", "10.0.1.3"),
    ("198.51.100.0/24", "out0", None),
    ("fd09::/32", "out0", "fd00:2::2"),
    ("fd09:8::/48", "in0", "fd00:1::3"),
    ("2001:db8::/32", "out0", None),
)


def interface(name):
    return next(i for i in INTERFACES + PORTS if i.name == name)


def replay_options(families):
    """The router as the options of `pktt replay`; the bridge only where it is used."""
    options = []
    if "bridge" in families:
        for p in PORTS:
            options += ["--interface", f"{p.name}=,mac={p.mac},mtu={p.mtu}"]
        options += ["--bridge", f"{BRIDGE}={','.join(p.name for p in PORTS)}"]
    for i in INTERFACES:
        spec = f"{i.name}={','.join(i.addresses)},mac={i.mac},mtu={i.mtu},group={i.group}"
        options += ["--interface", spec]
    for prefix, name, via in ROUTES:
        options += ["--route", f"{prefix}={name}" + (f",via {via}" if via else "")]
    return options
