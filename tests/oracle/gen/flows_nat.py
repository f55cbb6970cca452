# SPDX-License-Identifier: GPL-2.0-or-later
"""Targets of the nat table.

Linux draws a port by chance where the one that a source has is taken or outside the range.
What is drawn here leaves it no such choice: every client has a port of its own, and ranges
for sources hold all of them. ct_ports.py is about the rest.
"""

from gen import palette

PORTED = ("tcp", "udp", "sctp", "udplite")
SOURCES = {
    "ipv4": [
        "10.0.2.1",
        "10.0.2.100",
        "10.0.2.100-10.0.2.103",
        "198.51.100.50",
        "172.16.5.1",
        "10.0.1.1",
    ],
    "ipv6": ["fd00:2::1", "fd00:2::100", "fd00:2::100-fd00:2::103", "2001:db8::50", "fd00:1::1"],
}
NETWORKS = {
    "ipv4": [
        ("10.0.1.0/24", "10.9.7.0/24"),
        ("10.0.2.0/24", "10.9.1.0/24"),
        ("10.0.2.0/28", "10.0.1.64/28"),
    ],
    "ipv6": [
        ("fd00:1::/64", "fd09::/64"),
        ("fd00:2::/64", "fd09:1::/64"),
        ("fd00:2::/120", "fd00:1::/120"),
    ],
}


def some_address(draw, family):
    far = draw.palette.far[family]
    return draw.pick(far["in0"] + far["out0"] + draw.palette.ours[family] + SOURCES[family][1:2])


def with_port(family, where, port):
    return f"{where}:{port}" if family == "ipv4" else f"[{where}]:{port}"


def destination_ports(draw):
    port = draw.pick(draw.palette.server_ports)
    return draw.pick([f"{port}", f"{port}", f"{port}-{port + 10}", "8000-8001"])


def dnat(draw, spot):
    if spot.chain not in ("PREROUTING", "OUTPUT"):
        return None
    far = draw.palette.far[spot.family]
    choices = far["out0"] + far["in0"]
    if spot.chain == "PREROUTING":
        choices = choices + draw.palette.ours[spot.family][:1]
        choices += {"ipv4": ["10.0.2.20-10.0.2.23"], "ipv6": ["fd00:2::20-fd00:2::23"]}[spot.family]
    where = draw.pick(choices)
    if spot.protocol in PORTED and draw.chance(0.5):
        where = with_port(spot.family, where, destination_ports(draw))
    return f"-j DNAT --to-destination {where}" + draw.often([""], [" --persistent"], 0.1)


def source_ports(draw):
    """One port, or a range that holds those of all clients, wide, so that chance is seen."""
    return draw.pick(["5000", f"{min(draw.palette.client_ports)}-65535"])


def snat(draw, spot):
    if spot.chain not in ("POSTROUTING", "INPUT"):
        return None
    where = draw.pick(SOURCES[spot.family])
    if spot.protocol in PORTED and draw.chance(0.3):
        where = with_port(spot.family, where, source_ports(draw))
    return f"-j SNAT --to-source {where}" + draw.often([""], [" --persistent"], 0.1)


def masquerade(draw, spot):
    if spot.chain != "POSTROUTING":
        return None
    has_ports = spot.protocol in PORTED and draw.chance(0.3)
    return "-j MASQUERADE" + (f" --to-ports {source_ports(draw)}" if has_ports else "")


def redirect(draw, spot):
    """Not of what the router sends: it would come in again."""
    if spot.chain != "PREROUTING":
        return None
    has_ports = spot.protocol in PORTED and draw.chance(0.6)
    return "-j REDIRECT" + (f" --to-ports {destination_ports(draw)}" if has_ports else "")


def netmap(draw, spot):
    if spot.chain not in ("PREROUTING", "POSTROUTING"):
        return None
    ours, theirs = draw.pick(NETWORKS[spot.family])
    side = "-d" if spot.chain == "PREROUTING" else "-s"
    where = "" if side in spot.named else f"{side} {ours} "
    return f"{where}-j NETMAP --to {theirs}"


TARGETS = {dnat: 5, snat: 5, masquerade: 3, redirect: 1.5, netmap: 2}
ADDRESSES = palette.FAR
