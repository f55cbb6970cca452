# SPDX-License-Identifier: GPL-2.0-or-later
"""Frames over a bridge of two ports, and the bridge family's filter and nat tables."""

import struct

import topology
from gen import arp, packets
from scenario import Packet, Table

MACS = ["02:00:00:00:03:02", "02:00:00:00:04:02", "00:11:22:33:44:55", "02:ff:00:aa:bb:cc"]
GROUPS = ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01", "33:33:00:00:00:01", "01:80:c2:00:00:00"]
HOOKS = {"filter": ("INPUT", "FORWARD", "OUTPUT"), "nat": ("PREROUTING", "OUTPUT", "POSTROUTING")}


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def vlan(draw, inner):
    tci = draw.pick([5, 5, 100, 0]) | draw.pick([0, 0, 3, 7]) << 13
    return inner[:12] + struct.pack("!HH", 0x8100, tci) + inner[12:]


def spanning_tree(draw):
    head = mac("01:80:c2:00:00:00") + mac(draw.pick(MACS))
    body = struct.pack(
        "!BBBHBBB", 0x42, 0x42, 3, 0, 0, draw.pick([0, 0, 0x80]), draw.pick([0, 1, 0x81])
    )
    body += struct.pack(
        "!H6sIH6s", 0x8000, mac(MACS[0]), draw.pick([0, 4, 100]), 0x8001, mac(MACS[1])
    )
    body += struct.pack("!HHHHH", 0x8001, 0, 20 << 8, 2 << 8, 15 << 8)
    return head + struct.pack("!H", len(body)) + body


def length_frame(draw):
    body = draw.pick([b"\xaa\xaa\x03\x00\x00\x00\x08\x00", b"\x42\x42\x03", b"\xe0\xe0\x03"])
    body += draw.octets(20)
    return mac(draw.pick(MACS)) + mac(draw.pick(MACS)) + struct.pack("!H", len(body)) + body


def frame(draw, port):
    """A frame that the router, if it routes it, sends on: not to an address of the bridge's link."""
    while True:
        found = any_frame(draw, port)
        if b"\xfe\x80\0\0\0\0\0\0" not in found:
            return found


def any_frame(draw, port):
    kind = draw.random()
    if kind < 0.05:
        return spanning_tree(draw)
    if kind < 0.08:
        return length_frame(draw)
    if kind < 0.28:
        found = arp.frame(draw, topology.INTERFACES[0])
    else:
        found = packets.frame(draw, draw.pick(["ipv4", "ipv4", "ipv6"]), topology.INTERFACES[0])
    to = draw.often([m for m in MACS if m != port.peer_mac], GROUPS[:3] + [port.mac], 0.3)
    found = mac(to) + mac(draw.often([port.peer_mac], MACS[2:], 0.2)) + found[12:]
    return vlan(draw, found) if draw.chance(0.08) else found


def frames(draw, count):
    found = []
    for _ in range(count):
        port = draw.pick(topology.PORTS)
        found.append(Packet(interface=port.name, frame=frame(draw, port)))
    return found


def network4(draw):
    return draw.pick(
        ["10.0.1.2", "10.0.1.0/24", "10.0.2.2", "10.0.0.0/8", "10.0.1.77", "10.0.2.0/24"]
    )


def network6(draw):
    return draw.pick(["fd00:1::2", "fd00:1::/64", "fd00:2::2", "fd00::/16", "ff02::/16"])


def ports(draw, prefix):
    low = draw.pick(draw.palette.ports)
    high = draw.pick([low, low, min(65535, low + 100)])
    span = low if low == high else f"{low}:{high}"
    return f"--{prefix}-{draw.pick(['sport', 'dport'])} {draw.not_()}{span}"


def ip(draw):
    no = draw.not_
    words = [f"--ip-src {no()}{network4(draw)}", f"--ip-dst {no()}{network4(draw)}"]
    words += [f"--ip-tos {no()}{draw.pick(['0x00', '0x10', '0xb8'])}"]
    protocol = draw.pick(["tcp", "udp", "icmp", None])
    found = [draw.pick(words)] if draw.chance(0.7) else []
    if protocol in ("tcp", "udp"):
        found += [f"--ip-proto {protocol}", ports(draw, "ip")]
    elif protocol:
        found += [
            "--ip-proto icmp",
            f"--ip-icmp-type {no()}{draw.pick(['8', '0/0', '3/0:3', '3'])}",
        ]
    return " ".join(["-p IPv4", *found])


def ip6(draw):
    no = draw.not_
    words = [f"--ip6-src {no()}{network6(draw)}", f"--ip6-dst {no()}{network6(draw)}"]
    words += [f"--ip6-tclass {no()}{draw.pick(['0x00', '0xb8'])}"]
    protocol = draw.pick(["tcp", "udp", "ipv6-icmp", None])
    found = [draw.pick(words)] if draw.chance(0.7) else []
    if protocol in ("tcp", "udp"):
        found += [f"--ip6-proto {protocol}", ports(draw, "ip6")]
    elif protocol:
        found += [
            "--ip6-proto ipv6-icmp",
            f"--ip6-icmp-type {no()}{draw.pick(['128', '1/0:4', '129/0'])}",
        ]
    return " ".join(["-p IPv6", *found])


def arp_match(draw):
    no = draw.not_
    words = [
        f"--arp-op {no()}{draw.pick(['Request', 'Reply', '8'])}",
        f"--arp-htype {no()}1",
        f"--arp-ptype {no()}0x800",
        f"--arp-ip-src {no()}{network4(draw)}",
        f"--arp-ip-dst {no()}{network4(draw)}",
        f"--arp-mac-src {no()}{draw.pick(draw.palette.source_macs)}",
        "--arp-gratuitous",
    ]
    return " ".join(["-p ARP", *draw.sample(words, draw.pick([1, 1, 2]))])


def vlan_match(draw):
    no = draw.not_
    words = [f"--vlan-id {no()}5", f"--vlan-prio {no()}3", f"--vlan-encap {no()}0x0800"]
    return "-p 802_1Q " + draw.pick(words[:1] * 2 + words)


def stp(draw):
    no = draw.not_
    words = [
        f"--stp-type {no()}{draw.pick(['config', 'tcn', '0'])}",
        f"--stp-flags {no()}{draw.pick(['1', '129', 'topology-change'])}",
        f"--stp-root-prio {no()}0:40000",
        f"--stp-root-cost {no()}4",
        f"--stp-max-age {no()}20:6000",
    ]
    return "-d BGA " + draw.pick(words)


def other(draw):
    no = draw.not_
    words = [
        f"--pkttype-type {no()}{draw.pick(['host', 'otherhost', 'broadcast', 'multicast'])}",
        f"--mark {no()}{draw.pick(['0x5', '0x0', '0x1/0x3'])}",
        f"--limit {draw.pick(['1/min', '2/hour'])} --limit-burst {draw.pick([1, 3, 8])}",
        f"--among-src {no()}{MACS[0]},{MACS[2]}",
        f"--among-dst {no()}{MACS[1]},{MACS[3]}",
        f"-p LENGTH --802_3-sap {no()}0xaa",
        f"-p {no()}{draw.pick(['IPv4', 'ARP', 'IPv6', '0x1234', '802_1Q'])}",
    ]
    return draw.pick(words)


MATCHES = [ip, ip, ip6, arp_match, vlan_match, stp, other, other]


def selectors(draw, chain):
    no = draw.not_
    found = []
    if draw.chance(0.15):
        found.append(f"-s {no()}{draw.pick(MACS + ['02:00:00:00:00:00/ff:ff:00:00:00:00'])}")
    if draw.chance(0.15):
        found.append(f"-d {no()}{draw.pick(MACS + GROUPS[:2] + ['Multicast', 'Unicast'])}")
    if draw.chance(0.12) and chain in ("INPUT", "FORWARD", "PREROUTING"):
        found.append(f"-i {no()}{draw.pick(['bp0', 'bp1', 'bp+'])}")
    if draw.chance(0.12) and chain in ("FORWARD", "POSTROUTING"):
        found.append(f"-o {no()}{draw.pick(['bp0', 'bp1', 'b+'])}")
    return found


def target(draw, table, chain):
    words = ["-j ACCEPT", "-j DROP", "-j CONTINUE", "-j CONTINUE", "-j CONTINUE"]
    words += [f"-j mark --mark-{draw.pick(['set', 'or', 'and', 'xor'])} 0x5 --mark-target CONTINUE"]
    if table == "nat" and chain == "PREROUTING":
        then = draw.pick(["ACCEPT", "CONTINUE"])
        words += [f"-j dnat --to-destination {draw.pick(MACS)} --dnat-target {then}"]
    if table == "nat" and chain == "POSTROUTING":
        words += [
            f"-j snat --to-source {MACS[3]} --snat-target {draw.pick(['ACCEPT', 'CONTINUE'])}"
        ]
    return draw.pick(words)


def rule(draw, table, chain):
    found = selectors(draw, chain)
    has_family = any(w.startswith("-d") for w in found)
    if draw.chance(0.75):
        match = draw.pick(MATCHES)(draw)
        if not (has_family and match.startswith("-d")):
            found.append(match)
    return " ".join([*found, target(draw, table, chain)])


def ruleset(draw, count):
    found = {}
    for name, hooks in HOOKS.items():
        table = found[name] = Table(
            chains={c: draw.often(["ACCEPT"], ["DROP"], 0.05) for c in hooks}
        )
        if name == "filter":
            table.chains["U"] = None
        for _ in range(count // 2):
            chain = draw.pick(
                ["FORWARD", "FORWARD", "INPUT", "U"] if name == "filter" else hooks[::2]
            )
            if chain == "FORWARD" and draw.chance(0.2):
                table.rules.append((chain, " ".join([*selectors(draw, chain), "-j U"])))
            else:
                table.rules.append((chain, rule(draw, name, chain)))
    return found
