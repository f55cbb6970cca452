# SPDX-License-Identifier: GPL-2.0-or-later
"""H.323: two terminals of our own make, and a gatekeeper, for Debian has none.

A terminal goes where the messages that it hears say: to the address for H.245, to those for
sound. So a call succeeds only if the helpers have rewritten whatever needed to be.
"""

import functools

from session import h323_messages as m
from session import network as n
from session.per import Reader
from session.rules import MASQUERADE, Service, Session, dnat, policy, snat

Q931 = [Service("-p tcp --dport 1720", "Q.931")]
RAS = [Service("-p udp --dport 1719", "RAS")]
SOUND = bytes.fromhex("8000000100000000deadbeef") + bytes(20)
REPORT = bytes.fromhex("80c90001deadbeef")


class Terminal:
    def __init__(self, net, where, address, media):
        self.net, self.where, self.address = net, where, address
        self.signal = None
        self.media = (address, media)
        self.control = (address, media + 1)
        self.sound = net.udp(where, *self.media)
        self.reports = net.udp(where, *self.control)


def say(link, data, other):
    """One message from end to end; returns it as the other hears it."""
    link.sendall(data)
    heard = b""
    while len(heard) < 4 or len(heard) < int.from_bytes(heard[2:4], "big"):
        part = other.recv(4096)
        if not part:
            raise n.Failed("the other side hung up")
        heard += part
    return heard


def sounds(caller, callee, to_callee, to_caller):
    """to_callee, to_caller: ((address, port) for sound, for reports), as each was told."""
    for _ in range(2):
        for here, there, told in ((caller, callee, to_callee), (callee, caller, to_caller)):
            here.sound.sendto(SOUND, told[0])
            here.reports.sendto(REPORT, told[1])
            if there.sound.recv(999) != SOUND or there.reports.recv(999) != REPORT:
                raise n.Failed("something else was heard")


def channels(caller, callee, a, b, seen):
    """Opens sound both ways over H.245. seen: callee's and caller's address to the other."""
    say(a, m.master_slave(7), b)
    say(b, m.master_slave(9), a)
    say(a, m.open_channel(101, caller.control), b)
    ack = say(b, m.channel_ack(101, callee.media, callee.control), a)
    to_callee = [(seen[0], port) for port in Reader(ack).find(seen[0])]
    say(b, m.open_channel(102, callee.control), a)
    ack = say(a, m.channel_ack(102, caller.media, caller.control), b)
    to_caller = [(seen[1], port) for port in Reader(ack).find(seen[1])]
    return to_callee, to_caller


def signalled(net, caller, callee, target, port):
    """The TCP connection for Q.931."""
    listener = net.listen(callee.where, callee.address, port)
    caller.signal = net.connect(caller.where, caller.address, target)
    callee.signal, peer = net.accept(listener)
    return peer[0]


def hang_up(caller, callee):
    say(caller.signal, m.release(False), callee.signal)
    caller.signal.close()
    callee.signal.close()


def slow(net, caller, callee, target, port=1720):
    """A call with a connection for H.245."""
    peer = signalled(net, caller, callee, target, port)
    source = caller.signal.getsockname()[:2]
    say(caller.signal, m.setup(source, target), callee.signal)
    say(callee.signal, m.progress(m.PROCEEDING), caller.signal)
    say(callee.signal, m.progress(m.ALERTING), caller.signal)
    listener = net.listen(callee.where, callee.address, 0)
    own = (callee.address, listener.getsockname()[1])
    heard = say(callee.signal, m.connect(own), caller.signal)
    a = net.connect(caller.where, caller.address, (target[0], Reader(heard).find(target[0])[0]))
    b, _ = net.accept(listener)
    sounds(caller, callee, *channels(caller, callee, a, b, (target[0], peer)))
    a.close()
    b.close()
    hang_up(caller, callee)


def fast(net, caller, callee, target, port=1720):
    """A call whose channels stand in the setup and in the answer to it."""
    peer = signalled(net, caller, callee, target, port)
    source = caller.signal.getsockname()[:2]
    offer = m.fast_offer(caller.media, caller.control)
    heard = say(caller.signal, m.setup(source, target, offer), callee.signal)
    places = [p for p in Reader(heard).find(peer) if p != source[1]]
    to_caller = [(peer, places[1]), (peer, places[2])]
    answer = m.fast_answer(callee.media, callee.control)
    say(callee.signal, m.progress(m.ALERTING), caller.signal)
    heard = say(callee.signal, m.connect(None, answer), caller.signal)
    places = Reader(heard).find(target[0])
    sounds(caller, callee, [(target[0], p) for p in places[:2]], to_caller)
    hang_up(caller, callee)


def terminals(net, out=True, family="ipv4"):
    inner, outer = (n.INNER, n.OUTER) if family == "ipv4" else (n.INNER6, n.OUTER6)
    alice = Terminal(net, "inner", inner, 20000)
    bob = Terminal(net, "outer", outer, 30000)
    return (alice, bob, outer) if out else (bob, alice, n.ROUTER_OUT)


def call(net, how, out=True, family="ipv4"):
    caller, callee, target = terminals(net, out, family)
    how(net, caller, callee, (target, 1720))


class Gatekeeper:
    """RAS between a terminal in the office and a gatekeeper in the world."""

    def __init__(self, net, terminal):
        self.desk = net.udp("outer", n.OUTER, 1719)
        self.own = (n.OUTER, 1719)
        self.phone = net.udp(terminal.where, terminal.address, 1719)
        self.phone_own = (terminal.address, 1719)
        self.seen = None

    def ask(self, data):
        self.phone.sendto(data, self.own)
        heard, self.seen = self.desk.recvfrom(4096)
        return heard

    def answer(self, data):
        self.desk.sendto(data, self.seen[:2])
        return self.phone.recv(4096)


def registered(net, how=slow):
    """Finds the gatekeeper, registers, is called, asks for leave and calls, goes.

    Linux loses its way in the first registration: it skips the lifetime twice, which is beyond
    the end where nothing follows (decode_int in its decoder).
    """
    alice, bob, _ = terminals(net)
    desk = Gatekeeper(net, alice)
    signal = (alice.address, 1720)
    desk.ask(m.gatekeeper_request(1, desk.phone_own))
    desk.answer(m.gatekeeper_confirm(1, desk.own))
    desk.ask(m.registration_request(6, signal, desk.phone_own, 300, is_last=True))
    desk.answer(m.registration_confirm(6, (n.OUTER, 1720), 300, is_last=True))
    heard = desk.ask(m.registration_request(2, signal, desk.phone_own, 300))
    seen = desk.seen[0]
    public = (seen, Reader(heard).find(seen)[0])
    desk.answer(m.registration_confirm(2, (n.OUTER, 1720), 300))
    how(net, bob, alice, public)
    desk.ask(m.admission_request(3, signal))
    desk.answer(m.admission_confirm(3, (n.OUTER, 1721)))
    again = Terminal(net, "inner", alice.address, 20100), Terminal(net, "outer", n.OUTER, 30100)
    how(net, *again, (n.OUTER, 1721), 1721)
    desk.ask(m.location_request(4, desk.phone_own))
    desk.answer(m.location_confirm(4, (n.OUTER, 1722), desk.own))
    desk.ask(m.unregistration_request(5, signal))
    desk.answer(m.unregistration_confirm(5))


def make(name, how, nat=(), family="ipv4", **more):
    play = functools.partial(call, how=how, family=family, **more)
    return Session(name, {family: policy(Q931, nat)}, play)


SESSIONS = [
    make("h323-plain", slow),
    make("h323-snat", slow, snat()),
    make("h323-dnat", slow, dnat(Q931), out=False),
    make("h323-fast-plain", fast),
    make("h323-fast-snat", fast, MASQUERADE),
    make("h323-fast-dnat", fast, dnat(Q931), out=False),
    make("h323-6-plain", slow, family="ipv6"),
    make("h323-6-fast", fast, family="ipv6"),
    Session("h323-ras-plain", {"ipv4": policy(RAS)}, registered),
    Session("h323-ras-snat", {"ipv4": policy(RAS, snat())}, registered),
]
