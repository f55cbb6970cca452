# SPDX-License-Identifier: GPL-2.0-or-later
"""NetBIOS names: the router itself asks a whole network with nmblookup, a host answers."""

import struct
import threading

from session import network as n
from session.rules import Session, table

NAME_SERVICE = 137
QUERY_HEADER = 12


def rules():
    raw = ["-A OUTPUT -p udp --dport 137 -j CT --helper netbios-ns"]
    inward = [
        "-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT",
        "-A INPUT -m conntrack --ctstate RELATED -m helper --helper netbios-ns -j ACCEPT",
    ]
    chains = {"INPUT": "DROP", "FORWARD": "DROP", "OUTPUT": "ACCEPT"}
    return table("raw", {"PREROUTING": "ACCEPT", "OUTPUT": "ACCEPT"}, raw) + table(
        "filter", chains, inward
    )


def answer(made, address):
    """A positive name query response (RFC 1002, 4.2.13) to whatever is asked."""
    query, peer = made.recvfrom(1024)
    name = query[QUERY_HEADER : query.index(b"\0", QUERY_HEADER) + 1]
    reply = query[:2] + struct.pack("!HHHHH", 0x8580, 0, 1, 0, 0) + name
    reply += struct.pack("!HHIHH", 0x20, 1, 300000, 6, 0)
    made.sendto(reply + bytes(map(int, address.split("."))), peer)


def lookup(net):
    made = net.socket("outer", n.socket.AF_INET, n.socket.SOCK_DGRAM)
    made.bind(("", NAME_SERVICE))
    settings = net.folder / "smb.conf"
    settings.write_text("[global]\nlock directory = " + str(net.folder), encoding="ascii")
    helper = threading.Thread(target=answer, args=(made, n.OUTER))
    helper.start()
    said = net.run("router", "nmblookup", "-s", str(settings), "-B", "192.0.2.255", "OUTER")
    helper.join()
    if n.OUTER not in said:
        raise n.Failed(f"nmblookup: {said}")
    stranger = net.udp("outer", n.OUTER, 4000)
    stranger.sendto(b"not asked for", (n.ROUTER_OUT, NAME_SERVICE))


SESSIONS = [Session("netbios-ns", {"ipv4": rules()}, lookup, ("nmblookup",), is_local=True)]
