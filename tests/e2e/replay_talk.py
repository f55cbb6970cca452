#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pktt replay with talk, which Linux has no helper for: three protocols, through NAT, whose rules let
in nothing but what was announced. TAP output."""

import struct

import packets as p
from bench import AWAY, CLIENT, DEFAULT, ROUTER, SERVER, equal, main, sent

OUTSIDE = "192.0.2.1"
LOOK_UP, ANNOUNCE = 1, 3
CTL, BOB_CTL, LINK = 40000, 41000, 1500
RULES = f"""*raw
:PREROUTING ACCEPT
:OUTPUT ACCEPT
-A PREROUTING -p udp --dport 517 -j CT --helper talk
-A PREROUTING -p udp --dport 518 -j CT --helper ntalk
COMMIT
*nat
:PREROUTING ACCEPT
:POSTROUTING ACCEPT
-A POSTROUTING -s 10.0.0.0/24 -o out0 -j SNAT --to-source {OUTSIDE}
COMMIT
*filter
:INPUT DROP
:FORWARD DROP
:OUTPUT ACCEPT
-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
-A FORWARD -m conntrack --ctstate RELATED -m helper --helper HELPER -j ACCEPT
-A FORWARD -i in0 -p udp --dport PORT -j ACCEPT
COMMIT
"""


def place(address, port):
    return struct.pack("!HH", 2, port) + p.addr(address) + bytes(8)


def request(version, kind, link, own):
    names = (b"alice", b"bob")
    if version == 0:
        head = bytes([kind]) + b"".join(x.ljust(9, b"\0") for x in names) + bytes(1)
        return head + struct.pack("!II", 7, 4711) + bytes(16) + place(*link) + place(*own)
    head = struct.pack("!BBBBI", version, kind, 0, 0, 7) + place(*link) + place(*own)
    return head + struct.pack("!I", 4711) + b"".join(x.ljust(12, b"\0") for x in names) + bytes(16)


def answer(version, kind, link=("0.0.0.0", 0)):
    head = bytes([kind, 0, 0, 0]) if version == 0 else bytes([version, kind, 0, 0])
    tail = b"bob".ljust(12, b"\0") if version == 2 else b""
    return head + struct.pack("!I", 7) + place(*link) + tail


def conversation(version, port):
    """Packets as they come, and what is to leave: Alice rings, Bob asks who rings and connects."""

    def ask(src, sport, dst, dport, data, ttl=64):
        return p.ip4(src, dst, p.UDP, p.udp(src, dst, sport, dport, data), ttl=ttl)

    def step(interface, packet, out, expected):
        return (interface, packet, out, expected)

    own, seen = (CLIENT, CTL), (OUTSIDE, CTL)
    link, shown = (CLIENT, LINK), (OUTSIDE, LINK)
    bob = (SERVER, BOB_CTL)
    yield step("in0", ask(*own, SERVER, port, request(version, ANNOUNCE, link, own)),
               "out0", ask(*seen, SERVER, port, request(version, ANNOUNCE, shown, seen), ttl=63))
    done = answer(version, ANNOUNCE)
    yield step("out0", ask(SERVER, port, *seen, done), "in0", ask(SERVER, port, *own, done, ttl=63))
    who = request(version, LOOK_UP, ("0.0.0.0", 0), bob)
    yield step("out0", ask(*bob, OUTSIDE, port, who), "in0", ask(*bob, CLIENT, port, who, ttl=63))
    yield step("in0", ask(CLIENT, port, *bob, answer(version, LOOK_UP, link)),
               "out0", ask(OUTSIDE, port, *bob, answer(version, LOOK_UP, shown), ttl=63))
    yield step("out0", p.tcp4(SERVER, OUTSIDE, 5555, LINK), "in0", p.tcp4(SERVER, CLIENT, 5555, LINK, ttl=63))
    yield step("in0", p.tcp4(CLIENT, SERVER, LINK, 5555, flags=18, ack=1001),
               "out0", p.tcp4(OUTSIDE, SERVER, LINK, 5555, flags=18, ack=1001, ttl=63))


def play(b, packets, port, helper):
    rules = RULES.replace("PORT", str(port)).replace("HELPER", helper)
    capture = [(i, p.START_NS + n * 10**8, data) for n, (i, data) in enumerate(packets)]
    return b.json(p.pcapng(capture), [*ROUTER, *DEFAULT], ipv4=rules)


def whole(b, version, port, helper):
    steps = list(conversation(version, port))
    records = play(b, [(i, data) for i, data, _, _ in steps], port, helper)
    for record, (_, _, out, expected) in zip(records, steps):
        equal(sent(record), [(out, expected)])
    states = [r["ct"]["ctstate"] for r in records]
    equal(states, ["NEW", "ESTABLISHED", "RELATED", "ESTABLISHED", "RELATED", "ESTABLISHED"])


def test_talk(b):
    """talk: rung from behind NAT, looked up and connected to"""
    whole(b, 0, 517, "talk")


def test_ntalk(b):
    """ntalk"""
    whole(b, 1, 518, "ntalk")


def test_ntalk2(b):
    """ntalk2"""
    whole(b, 2, 518, "ntalk")


def test_strangers(b):
    """Nobody else is let in, nor anybody who was not rung"""
    steps = [(i, data) for i, data, _, _ in conversation(1, 518)]
    look_up, connect = steps[2], steps[4]
    records = play(b, [look_up, connect], 518, "ntalk")
    equal([r["verdict"] for r in records], ["drop", "drop"])
    stranger = ("out0", p.ip4(AWAY, OUTSIDE, p.UDP, p.udp(AWAY, OUTSIDE, 9, 518, b"x")))
    other = ("out0", p.tcp4(AWAY, OUTSIDE, 5555, LINK))
    records = play(b, [*steps[:2], stranger, *steps[2:4], other, connect], 518, "ntalk")
    equal([r["verdict"] for r in records], ["accept", "accept", "drop", "accept", "accept", "drop", "accept"])


main(dict(globals()))
