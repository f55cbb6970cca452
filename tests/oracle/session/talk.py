# SPDX-License-Identifier: GPL-2.0-or-later
"""talk: one rings, the other asks who rings and connects. Linux has no helper for it.

So the kernel forwards all of it, and the engine must let through as much with rules that let
in nothing but what the helper foresees. Messages as in protocols/talkd.h of 4.3BSD.
"""

import functools
import ipaddress
import socket
import struct

from session import network as n
from session.rules import Service, Session, policy, table

NTALK = 518
LOOK_UP, DELETE, ANNOUNCE = 1, 2, 3
SUCCESS, NOT_HERE = 0, 1
GREETING = b"\x7f\x17\x15hello"


def place(address, port):
    """The socket address of 4.3BSD."""
    packed = ipaddress.ip_address(address).packed
    return struct.pack("!HH", socket.AF_INET, port) + packed + bytes(8)


def request(kind, number, link, own, names):
    head = struct.pack("!BBBBI", 1, kind, 0, 0, number)
    names = b"".join(x.encode().ljust(12, b"\0") for x in names)
    return head + place(*link) + place(*own) + struct.pack("!I", 4711) + names + bytes(16)


def response(kind, result, number, link=("0.0.0.0", 0)):
    return struct.pack("!BBBBI", 1, kind, result, 0, number) + place(*link)


def exchange(asker, target, daemon, question, answer):
    asker.sendto(question, target)
    _, peer = daemon.recvfrom(1000)
    daemon.sendto(answer, peer)
    asker.recv(1000)


def conversation(net):
    """Alice, in the office, rings Bob in the world; her talk asks his daemon, his asks hers."""
    alice, bob = net.udp("inner", n.INNER), net.udp("outer", n.OUTER)
    daemon_a = net.udp("inner", n.INNER, NTALK)
    daemon_b = net.udp("outer", n.OUTER, NTALK)
    listener = net.listen("inner", n.INNER, 0)
    link = listener.getsockname()
    own_a, own_b = alice.getsockname(), bob.getsockname()
    names = ("alice", "bob")
    there, here = (n.OUTER, NTALK), (n.INNER, NTALK)
    ask = request(LOOK_UP, 0, ("0.0.0.0", 0), own_a, names)
    exchange(alice, there, daemon_b, ask, response(LOOK_UP, NOT_HERE, 0))
    ring = request(ANNOUNCE, 1, link, own_a, names)
    exchange(alice, there, daemon_b, ring, response(ANNOUNCE, SUCCESS, 1))
    ask = request(LOOK_UP, 0, ("0.0.0.0", 0), own_b, names[::-1])
    exchange(bob, here, daemon_a, ask, response(LOOK_UP, SUCCESS, 1, link))
    made = net.connect("outer", n.OUTER, link)
    mine, _ = net.accept(listener)
    made.sendall(GREETING)
    mine.recv(100)
    mine.sendall(GREETING)
    made.recv(100)
    forget = request(DELETE, 1, link, own_a, names)
    exchange(alice, there, daemon_b, forget, response(DELETE, SUCCESS, 1))
    mine.close()
    made.close()


OPEN = table("filter", {"INPUT": "DROP", "FORWARD": "ACCEPT", "OUTPUT": "ACCEPT"}, [])
TALK = [Service("-p udp --dport 518", "ntalk")]
SESSIONS = [
    Session("talk-plain", {"ipv4": OPEN}, functools.partial(conversation),
            engine_rules={"ipv4": policy(TALK)}),
]  # fmt: skip
