# SPDX-License-Identifier: GPL-2.0-or-later
"""SANE: a scanner's data comes over a connection whose port the server names."""

import functools
import struct

from session import network as n
from session.rules import MASQUERADE, Service, Session, policy

SANE = [Service("-p tcp --dport 6566", "sane")]
OPEN, START, GET_DEVICES, SUCCESS, BUSY = 2, 7, 1, 0, 3


def scan(net, client, server, target):
    """client, server: (where, address)"""
    listener = net.listen(*server, 6566)
    data_listener = net.listen(*server, 0)
    control = net.connect(*client, (target, 6566))
    daemon, _ = net.accept(listener)
    port = data_listener.getsockname()[1]

    def ask(question, answer):
        control.sendall(question)
        daemon.recv(100)
        daemon.sendall(answer)
        control.recv(100)

    ask(struct.pack("!I", GET_DEVICES), struct.pack("!IIII", SUCCESS, 1, 0, 0))
    ask(struct.pack("!II", START, 0), struct.pack("!IHHII", BUSY, 0, 0, 0x1234, 0))
    ask(struct.pack("!II", START, 0), struct.pack("!IHHII", SUCCESS, 0, port, 0x1234, 0))
    data = net.connect(*client, (target, port))
    mine, _ = net.accept(data_listener)
    mine.sendall(struct.pack("!I", 8) + b"scanned!" + b"\xff\xff\xff\xff\x05")
    mine.close()
    data.recv(100)
    data.close()
    control.close()
    daemon.close()


def make(name, client, server, target, nat=()):
    family = "ipv6" if ":" in target else "ipv4"
    play = functools.partial(scan, client=client, server=server, target=target)
    return Session(name, {family: policy(SANE, nat)}, play)


IN, OUT = ("inner", n.INNER), ("outer", n.OUTER)
SESSIONS = [
    make("sane-plain", IN, OUT, n.OUTER),
    make("sane-snat", IN, OUT, n.OUTER, MASQUERADE),
    make("sane6-plain", ("inner", n.INNER6), ("outer", n.OUTER6), n.OUTER6),
]
