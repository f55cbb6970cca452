# SPDX-License-Identifier: GPL-2.0-or-later
"""Amanda: the tape server asks a client over UDP; the client names ports for TCP."""

import functools

from session import network as n
from session.rules import MASQUERADE, Service, Session, dnat, policy

AMANDA = [Service("-p udp --dport 10080", "amanda")]
REQUEST = (
    "Amanda 2.6 REQ HANDLE 000-00000000 SEQ 1256911112\n"
    "SECURITY USER backup\n"
    "SERVICE sendbackup\n"
    "OPTIONS features=9ffffeffffffff00;hostname=client.example;\n"
    "GNUTAR /home 0 1970:1:1:0:0:0 OPTIONS |;auth=bsd;index;\n"
)
ACK = "Amanda 2.6 ACK HANDLE 000-00000000 SEQ 1256911112\n"
REPLY = (
    "Amanda 2.6 REP HANDLE 000-00000000 SEQ 1256911112\n"
    "CONNECT DATA {0} MESG {1} INDEX {2}\n"
    "OPTIONS features=9ffffeffffffff00;\n"
)


def backup(net, tape, client, target):
    """tape, client: (where, address). The client serves what it announces."""
    back = net.udp(*client, 10080)
    ask = net.udp(*tape, 850)
    ask.sendto(REQUEST.encode(), (target, 10080))
    _, peer = back.recvfrom(2048)
    back.sendto(ACK.encode(), peer)
    listeners = [net.listen(*client, 0) for _ in range(3)]
    ports = [x.getsockname()[1] for x in listeners]
    back.sendto(REPLY.format(*ports).encode(), peer)
    ask.recv(2048)
    text = ask.recv(2048).decode()
    ask.sendto(ACK.encode(), (target, 10080))
    words = text.split("CONNECT ")[1].split()
    for listener, port in zip(listeners, words[1:6:2]):
        made = net.connect(*tape, (target, int(port)))
        mine, _ = net.accept(listener)
        mine.sendall(b"sendbackup: start\n")
        made.recv(100)
        mine.close()
        made.close()


def make(name, tape, client, target, nat=()):
    family = "ipv6" if ":" in target else "ipv4"
    play = functools.partial(backup, tape=tape, client=client, target=target)
    return Session(name, {family: policy(AMANDA, nat)}, play)


IN, OUT = ("inner", n.INNER), ("outer", n.OUTER)
SESSIONS = [
    make("amanda-plain", IN, OUT, n.OUTER),
    make("amanda-snat", IN, OUT, n.OUTER, MASQUERADE),
    make("amanda-dnat", OUT, IN, n.ROUTER_OUT, dnat(AMANDA)),
    make("amanda6-plain", ("inner", n.INNER6), ("outer", n.OUTER6), n.OUTER6),
]
