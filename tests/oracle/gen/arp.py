# SPDX-License-Identifier: GPL-2.0-or-later
"""ARP: frames to the router, and the rules of the arp family's INPUT chain."""

import socket
import struct

import topology
from scenario import Packet, Table

OPCODES = [1, 1, 1, 2, 2, 3, 8, 9, 0, 77]
ANYBODY = ["10.0.1.2", "10.0.1.3", "10.0.1.77", "10.0.1.1", "0.0.0.0", "192.0.2.1", "10.0.1.255"]


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def frame(draw, interface):
    sender = mac(draw.often([interface.peer_mac], draw.palette.source_macs, 0.3))
    target = draw.pick([bytes(6), mac(interface.mac), mac("00:11:22:33:44:55")])
    head = struct.pack("!HHBBH", 1, 0x0800, 6, 4, draw.pick(OPCODES))
    if draw.chance(0.04):
        head = head[:4] + bytes([draw.pick([6, 8]), draw.pick([4, 16])]) + head[6:]
    addresses = [socket.inet_aton(draw.pick(ANYBODY)) for _ in range(2)]
    data = head + sender + addresses[0] + target + addresses[1]
    if draw.chance(0.04):
        data = data[: draw.randrange(len(data))]
    if draw.chance(0.3):
        data += bytes(max(0, 46 - len(data)))
    to = draw.often([b"\xff" * 6, mac(interface.mac)], [mac("00:de:ad:be:ef:00")], 0.05)
    return to + sender + b"\x08\x06" + data


def packets(draw, count):
    found = []
    for _ in range(count):
        interface = draw.often([topology.INTERFACES[0]], [topology.INTERFACES[1]], 0.2)
        found.append(Packet(interface=interface.name, frame=frame(draw, interface)))
    return found


def conditions(draw):
    no = draw.not_
    macs = draw.palette.source_macs + ["02:00:00:00:01:02/ff:ff:ff:ff:00:00"]
    words = [
        f"{no()}-s {draw.pick(ANYBODY)}{draw.pick(['', '', '/24', '/8', '/255.0.0.255'])}",
        f"{no()}-d {draw.pick(ANYBODY)}{draw.pick(['', '', '/24'])}",
        f"{no()}-i {draw.pick(['in0', 'out0', 'in+'])}",
        f"{no()}--opcode {draw.pick([1, 2, 3, 8, 9, 'Request', 'Reply'])}",
        f"{no()}--source-mac {draw.pick(macs)}",
        f"{no()}--destination-mac {draw.pick(['02:00:00:00:01:01', '00:00:00:00:00:00'])}",
        f"{no()}--h-type {draw.pick([1, 6])}",
        f"{no()}--proto-type 0x800",
    ]
    return draw.sample(words, draw.pick([0, 1, 1, 2, 3]))


TARGETS = ["-j ACCEPT", "-j DROP", "-j RETURN", "", "", "-j MARK --or-mark 0x5"]
TARGETS += ["-j mangle --mangle-ip-s 192.0.2.7 --mangle-target CONTINUE"]


def ruleset(draw, count):
    """The filter table, with one chain that INPUT calls."""
    found = Table(chains={"INPUT": draw.often(["ACCEPT"], ["DROP"]), "OUTPUT": "ACCEPT", "U": None})
    for _ in range(count):
        chain = draw.pick(["INPUT", "INPUT", "U"])
        target = "-j U" if chain == "INPUT" and draw.chance(0.3) else draw.pick(TARGETS)
        found.rules.append((chain, " ".join([*conditions(draw), target]).strip()))
    return {"filter": found}
