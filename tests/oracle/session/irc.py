# SPDX-License-Identifier: GPL-2.0-or-later
"""IRC: ngircd, and two people who send files and chat directly (DCC)."""

import functools
import ipaddress
import re

from session import network as n
from session.rules import MASQUERADE, Service, Session, dnat, policy, snat

IRC = [Service("-p tcp --dport 6667", "irc")]
NEEDS = ("ngircd",)
CONFIGURATION = """
[Global]
Name = irc.example
Info = Server of the sessions
AdminInfo1 = none
Listen = 0.0.0.0
MotdPhrase = Welcome
ServerUID = root
ServerGID = root
[Options]
DNS = no
Ident = no
PAM = no
SyslogFacility = local1
"""
CONTENT = b"Files go from one to the other, past the server.\n" * 4


class Person:
    """A connection to the server under a name."""

    def __init__(self, net, where, source, server, name):
        self.name = name
        self.heard = b""
        self.socket = net.connect(where, source, (server, 6667))
        self.say(f"NICK {name}\r\nUSER {name} 0 * :{name}")
        self.hear(rb" (376|422) ")

    def say(self, line):
        self.socket.sendall(line.encode() + b"\r\n")

    def hear(self, pattern):
        """Reads until the pattern has come."""
        while not (found := re.search(pattern, self.heard)):
            data = self.socket.recv(4096)
            if not data:
                raise n.Failed("the server hung up")
            self.heard += data
        self.heard = self.heard[found.end() :]
        return found


def server(net, where):
    path = net.folder / "ngircd.conf"
    path.write_text(CONFIGURATION, encoding="ascii")
    net.start(where, "ngircd", "-n", "-f", str(path))
    net.await_listener(where, 6667)


def direct(net, here, there, sender, receiver, offer):
    """sender offers, receiver connects to what it was told. offer: text with {address} {port}."""
    where, own = here
    listener = net.listen(where, own, 0)
    number = int(ipaddress.ip_address(own))
    text = offer.format(address=number, port=listener.getsockname()[1])
    sender.say(f"PRIVMSG {receiver.name} :\x01DCC {text}\x01")
    found = receiver.hear(rb"\x01DCC \S+ \S+ (\d+) (\d+)[^\x01]*\x01")
    target = str(ipaddress.ip_address(int(found[1]))), int(found[2])
    other = net.connect(there[0], there[1], target)
    mine, _ = net.accept(listener)
    mine.sendall(CONTENT)
    if other.recv(4096) != CONTENT:
        raise n.Failed("something else came")
    other.sendall(len(CONTENT).to_bytes(4, "big"))
    mine.recv(4)
    mine.close()
    other.close()


OFFERS = [
    "SEND notes.txt {address} {port} 196",
    "CHAT chat {address} {port}",
]


def from_office(net):
    """The server is in the world; who is in the office offers to who is at the server."""
    server(net, "outer")
    alice = Person(net, "inner", n.INNER, n.OUTER, "alice")
    bob = Person(net, "outer", n.OUTER2, n.OUTER, "bob")
    for offer in OFFERS:
        direct(net, ("inner", n.INNER), ("outer", n.OUTER2), alice, bob, offer)
    alice.say("PRIVMSG bob :no DCC SEND here")
    alice.say(f"PRIVMSG bob :\x01DCC SEND forged {int(ipaddress.ip_address(n.OUTER2))} 99 1\x01")
    bob.hear(rb"forged \d+ 99")
    alice.say("QUIT :bye")
    alice.hear(rb"ERROR")


def from_world(net):
    """The server is in the office; who comes in from the world offers."""
    server(net, "inner")
    carol = Person(net, "outer", n.OUTER, n.ROUTER_OUT, "carol")
    alice = Person(net, "inner", n.INNER2, n.INNER, "alice")
    for offer in OFFERS:
        direct(net, ("outer", n.OUTER), ("inner", n.INNER2), carol, alice, offer)
    carol.say("QUIT :bye")
    carol.hear(rb"ERROR")


def make(name, play, nat=()):
    return Session(name, {"ipv4": policy(IRC, nat)}, functools.partial(play), NEEDS)


SESSIONS = [
    make("irc-plain", from_office),
    make("irc-snat", from_office, snat()),
    make("irc-masquerade", from_office, MASQUERADE),
    make("irc-dnat", from_world, dnat(IRC) + MASQUERADE),
]
