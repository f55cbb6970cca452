# SPDX-License-Identifier: GPL-2.0-or-later
"""PPTP (RFC 2637): a control connection, calls, and PPP frames in GRE with their call ids."""

import functools
import socket
import struct

from session import network as n
from session.rules import MASQUERADE, Service, Session, dnat, policy, snat

PPTP = [Service("-p tcp --dport 1723", "pptp")]
GRE, PPP_IN_GRE = 47, 0x880B
MAGIC, CONTROL = 0x1A2B3C4D, 1
LCP = bytes.fromhex("ff03c0210101000a0506deadbeef")
(START, STARTED, STOP, STOPPED, ECHO, ECHOED, CALL, CALLED, CLEAR, CLEARED, LINK) = (
    1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 15,
)  # fmt: skip


def message(kind, body):
    return struct.pack("!HHIHH", 12 + len(body), CONTROL, MAGIC, kind, 0) + body


def start(kind, result):
    body = struct.pack("!HBBIIHH", 0x0100, result, 0, 1, 1, 0, 1)
    return message(kind, body + b"vpn.example".ljust(64, b"\0") + b"pkttables".ljust(64, b"\0"))


def call(call_id, serial):
    body = struct.pack("!HHIIIIHHHH", call_id, serial, 300, 100000000, 3, 3, 64, 0, 0, 0)
    return message(CALL, body + bytes(128))


def called(call_id, peer_id, result=1):
    return message(
        CALLED, struct.pack("!HHBBHIHHI", call_id, peer_id, result, 0, 0, 64000, 64, 0, 0)
    )


def link_info(peer_id):
    return message(LINK, struct.pack("!HHII", peer_id, 0, 0xFFFFFFFF, 0xFFFFFFFF))


def clear(call_id):
    return message(CLEAR, struct.pack("!HH", call_id, 0))


def cleared(call_id):
    return message(CLEARED, struct.pack("!HBBHH", call_id, 4, 0, 0, 0) + bytes(128))


def tunnelled(call_id, sequence, ack=None, payload=LCP):
    flags = 0x3001 | (0x0080 if ack is not None else 0)
    packet = struct.pack("!HHHHI", flags, PPP_IN_GRE, len(payload), call_id, sequence)
    return packet + (struct.pack("!I", ack) if ack is not None else b"") + payload


class End:
    """A control connection and the raw socket for GRE beside it."""

    def __init__(self, net, where, address):
        self.gre = net.socket(where, socket.AF_INET, socket.SOCK_RAW, GRE)
        self.gre.bind((address, 0))
        self.control = None
        self.peer = None

    def say(self, text):
        self.control.sendall(text)

    def hear(self, kind):
        head = self.control.recv(12, socket.MSG_WAITALL)
        size, _, magic, found, _ = struct.unpack("!HHIHH", head)
        if found != kind or magic != MAGIC:
            raise n.Failed(f"control message {found} instead of {kind}")
        return self.control.recv(size - 12, socket.MSG_WAITALL)

    def send(self, packet):
        self.gre.sendto(packet, (self.peer, 0))

    def receive(self, call_id):
        """A packet of GRE, behind its IP header; it must be for this call."""
        data = self.gre.recv(2000)[20:]
        if struct.unpack_from("!H", data, 6)[0] != call_id:
            raise n.Failed(f"GRE for another call than {call_id}")


def frames(client, server, client_id, told_client, server_id, told_server):
    """PPP both ways. Each end sends to the call id that it was told, and has its own."""
    client.send(tunnelled(told_client, 1))
    server.receive(server_id)
    server.send(tunnelled(told_server, 1, ack=1))
    client.receive(client_id)
    client.send(tunnelled(told_client, 2, ack=1, payload=LCP * 8))
    server.receive(server_id)
    server.send(tunnelled(told_server, 2, ack=2))
    client.receive(client_id)


def dial(client, server, client_id, server_id, serial):
    client.say(call(client_id, serial))
    told_server = struct.unpack_from("!H", server.hear(CALL))[0]
    server.say(called(server_id, told_server))
    told_client, peer = struct.unpack_from("!HH", client.hear(CALLED))
    if peer != client_id:
        raise n.Failed("the answer is for another call")
    return told_client, told_server


def tunnel(net, client_at, server_at, target, early=False, end=True):
    client, server = End(net, *client_at), End(net, *server_at)
    listener = net.listen(*server_at, 1723)
    client.control = net.connect(*client_at, (target, 1723))
    server.control, (server.peer, _) = net.accept(listener)
    client.peer = target
    if early:
        client.send(tunnelled(99, 1))  # foreseen by nobody
    client.say(start(START, 0))
    server.hear(START)
    server.say(start(STARTED, 1))
    client.hear(STARTED)
    client_id, server_id = 0x1234, 0x0042
    told_client, told_server = dial(client, server, client_id, server_id, 1)
    client.say(link_info(told_client))
    server.hear(LINK)
    frames(client, server, client_id, told_client, server_id, told_server)
    client.say(message(ECHO, struct.pack("!I", 7)))
    server.hear(ECHO)
    server.say(message(ECHOED, struct.pack("!IBBH", 7, 1, 0, 0)))
    client.hear(ECHOED)
    if not end:
        return
    client.say(clear(client_id))
    server.hear(CLEAR)
    server.say(cleared(server_id))
    client.hear(CLEARED)
    client.say(message(STOP, b"\1\0\0\0"))
    server.hear(STOP)
    server.say(message(STOPPED, b"\1\0\0\0"))
    client.hear(STOPPED)
    client.control.close()
    server.control.close()


PPTPD_CONFIGURATION = """
ppp {folder}/ppp
option {folder}/options
localip 10.9.0.1
remoteip 10.9.0.2-9
nologwtmp
"""
# In the place of pppd, for the kernel here has no PPP: one frame, and another for an answer.
PPP = """#!/usr/bin/python3
import os, time, tty
tty.setraw(0)
for _ in range(2):
    os.write(1, {frame!r})
    os.read(0, 100)
time.sleep(9)
"""


def checksum(data):
    """The frame check sequence of RFC 1662, C.2."""
    found = 0xFFFF
    for byte in data:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ (0x8408 if found & 1 else 0)
    return struct.pack("<H", found ^ 0xFFFF)


def framed(packet):
    """As asynchronous HDLC has it (RFC 1662, 4)."""
    found = b""
    for byte in packet + checksum(packet):
        is_plain = byte >= 0x20 and byte not in (0x7D, 0x7E)
        found += bytes([byte]) if is_plain else bytes([0x7D, byte ^ 0x20])
    return b"\x7e" + found + b"\x7e"


def programs(net):
    """pptp and pptpd; in the place of pppd there is a script, and this one."""
    frame = framed(LCP)
    (net.folder / "options").write_text("", encoding="ascii")
    (net.folder / "ppp").write_text(PPP.format(frame=frame), encoding="ascii")
    (net.folder / "ppp").chmod(0o755)
    path = net.folder / "pptpd.conf"
    path.write_text(PPTPD_CONFIGURATION.format(folder=net.folder), encoding="ascii")
    net.start("outer", "pptpd", "-f", "-c", str(path), "-p", str(net.folder / "pid"))
    net.await_listener("outer", 1723)
    mine, theirs = socket.socketpair()
    mine.settimeout(n.PATIENCE_S)
    net.sockets += [mine, theirs]
    client = net.start("inner", "pptp", n.OUTER, "--nolaunchpppd", "--nobuffer", stdin=theirs)
    for _ in range(2):
        mine.recv(100)
        mine.sendall(frame)
    client.terminate()
    client.wait(n.PATIENCE_S)


def make(name, out, nat=(), **how):
    ends = {"inner": ("inner", n.INNER), "outer": ("outer", n.OUTER)}
    client, server = ("inner", "outer") if out else ("outer", "inner")
    target = n.OUTER if out else n.ROUTER_OUT
    play = functools.partial(
        tunnel, client_at=ends[client], server_at=ends[server], target=target, **how
    )
    return Session(name, {"ipv4": policy(PPTP, nat)}, play)


SESSIONS = [
    make("pptp-plain", True),
    make("pptp-snat", True, snat()),
    make("pptp-early", True, MASQUERADE, early=True),
    make("pptp-dnat", False, dnat(PPTP)),
    Session("pptp-programs-snat", {"ipv4": policy(PPTP, snat())}, programs, ("pptp", "pptpd")),
    make("pptp-open-snat", True, snat(), end=False),
    make("pptp-open-dnat", False, dnat(PPTP), end=False),
]
