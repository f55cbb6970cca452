# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP: telephones of our own make that register, call, talk and hang up, over UDP and TCP;
and sipp, whose built-in scenarios call each other.

A telephone does what a real one does with what it hears: it answers along the Via, calls
back to the Contact, and sends sound where the other's SDP says. So a call only succeeds if
the helper has rewritten whatever needed to be.
"""

import functools
import re

from session import network as n
from session.rules import MASQUERADE, Service, Session, dnat, policy, snat

UDP, TCP = "UDP", "TCP"
SIP = [Service("-p udp --dport 5060", "sip")]
SIP_TCP = [Service("-p tcp --dport 5060", "sip")]
COMPACT = {
    "Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Contact": "m", "Content-Type": "c",
    "Content-Length": "l",
}  # fmt: skip
LONG = {short: name for name, short in COMPACT.items()}
SOUND = bytes.fromhex("8000000100000000deadbeef") + bytes(20)
REPORT = bytes.fromhex("80c90001deadbeef")


def bracket(address):
    return f"[{address}]" if ":" in address else address


class Message:
    """A message as it was heard."""

    def __init__(self, text, peer):
        self.peer = peer
        head, _, self.body = text.partition("\r\n\r\n")
        self.first, *lines = head.split("\r\n")
        self.headers = []
        for line in lines:
            name, _, value = line.partition(":")
            self.headers.append((LONG.get(name, name), value.strip()))

    def all(self, *names):
        return [(k, v) for k, v in self.headers if k in names]

    def one(self, name):
        return next(v for k, v in self.headers if k == name)

    def contact(self):
        """(address, port) of the Contact."""
        m = re.search(r"<sip:(?:[^@>]*@)?(\[[^\]]*\]|[^:;>]*):?(\d*)", self.one("Contact"))
        return m[1].strip("[]"), int(m[2] or 5060)

    def media(self):
        """[(address, port)] of what the SDP says."""
        session, *parts = re.split(r"(?m)^m=", self.body)
        found = []
        for part in parts:
            m = re.search(r"(?m)^c=IN IP[46] (\S+)", part) or re.search(
                r"(?m)^c=IN IP[46] (\S+)", session
            )
            found.append((m[1], int(part.split()[1])))
        return found


class Phone:
    def __init__(self, net, where, address, port=5060, user="alice", transport=UDP):
        self.net, self.where, self.address, self.port = net, where, address, port
        self.user, self.transport = user, transport
        self.is_compact = False
        self.heard = b""
        self.link = net.udp(where, address, port) if transport == UDP else None
        self.sound = []

    # Transport.

    def connect(self, target):
        self.link = self.net.connect(self.where, self.address, (target, 5060), self.port)

    def send(self, text, peer):
        if self.is_compact:
            for name, short in COMPACT.items():
                text = re.sub(rf"(?m)^{name}:", f"{short}:", text)
        if self.transport == UDP:
            self.link.sendto(text.encode(), peer)
        else:
            self.link.sendall(text.encode())

    def hear(self, wanted):
        """The next message; it must begin as wanted."""
        if self.transport == UDP:
            data, peer = self.link.recvfrom(4096)
        else:
            data, peer = self.next_of_stream(), None
        message = Message(data.decode(), peer and peer[:2])
        if not message.first.startswith(wanted):
            raise n.Failed(f"heard {message.first} instead of {wanted}")
        return message

    def next_of_stream(self):
        while True:
            head, separator, rest = self.heard.partition(b"\r\n\r\n")
            if separator:
                size = int(re.search(rb"(?im)^(?:content-length|l): *(\d+)", head)[1])
                if len(rest) >= size:
                    self.heard = rest[size:]
                    return head + separator + rest[:size]
            data = self.link.recv(4096)
            if not data:
                raise n.Failed("the other side hung up")
            self.heard += data

    # Messages.

    @property
    def own(self):
        return f"{bracket(self.address)}:{self.port}"

    def contact_line(self):
        way = "" if self.transport == UDP else ";transport=tcp"
        return f"Contact: <sip:{self.user}@{self.own}{way}>\r\n"

    def request(self, method, uri, peer, call, number, body="", extra="", to_tag=""):
        text = (
            f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/{self.transport} {self.own};branch=z9hG4bK{call}{number}{method}\r\n"
            f"Max-Forwards: 70\r\n"
            f"From: <sip:{self.user}@{self.own}>;tag=f{call}\r\n"
            f"To: <{uri}>{to_tag}\r\n"
            f"Call-ID: {call}@{self.address}\r\n"
            f"CSeq: {number} {method}\r\n{extra}" + (self.contact_line() if body else "")
        )
        self.send(text + self.tail(body), peer)

    def answer(self, request, status, body="", extra="", has_contact=False):
        text = f"SIP/2.0 {status}\r\n"
        for name, value in request.all("Via", "From", "To", "Call-ID", "CSeq", "Record-Route"):
            tag = ";tag=t1" if name == "To" and "tag=" not in value else ""
            text += f"{name}: {value}{tag}\r\n"
        text += extra + (self.contact_line() if body or has_contact else "")
        self.send(text + self.tail(body), request.peer)

    @staticmethod
    def tail(body):
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return f"{kind}Content-Length: {len(body)}\r\n\r\n{body}"

    # Sound.

    def sdp(self, port, where="session", medias=("audio",), address=None, version=1, extra=""):
        """where: whether the address stands once or with each medium."""
        address = address or self.address
        kind = f"IN IP{6 if ':' in address else 4} {address}"
        text = f"v=0\r\no={self.user} 1 {version} {kind}\r\ns=call\r\n"
        text += f"c={kind}\r\n" if where == "session" else ""
        text += "t=0 0\r\n"
        for i, media in enumerate(medias):
            text += f"m={media} {port + 2 * i} RTP/AVP {0 if media == 'audio' else 31}\r\n"
            text += f"c={kind}\r\n" if where == "media" else ""
            text += "a=rtpmap:0 PCMU/8000\r\n" if media == "audio" else ""
        return text + extra

    def open_sound(self, port, count=1, address=None):
        """Sockets for RTP and RTCP of each medium."""
        for at in range(port, port + 2 * count):
            self.sound.append(self.net.udp(self.where, address or self.address, at))


def talk(caller, callee, offer, answer):
    """Sound both ways, and the reports beside it; all of it must arrive."""
    ways = [(caller, callee, answer), (callee, caller, offer)] * 2
    for here, there, told in ways:
        for i, (address, port) in enumerate(told):
            for k, what in ((0, SOUND), (1, REPORT)):
                here.sound[2 * i + k].sendto(what, (address, port + k))
                if there.sound[2 * i + k].recv(1000) != what:
                    raise n.Failed("something else was heard")


def hang_up(caller, callee, uri, peer, call, number=3):
    caller.request("BYE", uri, peer, call, number, to_tag=";tag=t1")
    callee.answer(callee.hear("BYE"), "200 OK")
    caller.hear("SIP/2.0 200")


def invite(caller, callee, target, call, offer, answer, number=1, extra=""):
    """INVITE to ACK; returns what each heard of the other's media, and where to go on."""
    uri = f"sip:{callee.user}@{bracket(target[0])}:{target[1]}"
    caller.request("INVITE", uri, target, call, number, offer, extra)
    heard = callee.hear("INVITE")
    callee.answer(heard, "100 Trying")
    caller.hear("SIP/2.0 100")
    callee.answer(heard, "180 Ringing", has_contact=True)
    caller.hear("SIP/2.0 180")
    callee.answer(heard, "200 OK", answer)
    ok = caller.hear("SIP/2.0 200")
    peer = ok.contact()
    uri = f"sip:{callee.user}@{bracket(peer[0])}:{peer[1]}"
    caller.request("ACK", uri, peer, call, number, to_tag=";tag=t1")
    callee.hear("ACK")
    return heard.media(), ok.media(), uri, peer


def whole_call(caller, callee, target, call="c1", where="session", medias=("audio",), again=False):
    caller.open_sound(20000, 2)
    callee.open_sound(30000, 2)
    offer = caller.sdp(20000, where, medias)
    answer = callee.sdp(30000, where, medias)
    offered, answered, uri, peer = invite(caller, callee, target, call, offer, answer)
    talk(caller, callee, offered, answered)
    if again:
        offer = caller.sdp(20000, where, (*medias, "video"), version=2)
        answer = callee.sdp(30000, where, (*medias, "video"), version=2)
        offered, answered, uri, peer = invite(caller, callee, peer, call, offer, answer, 2)
        talk(caller, callee, offered, answered)
    hang_up(caller, callee, uri, peer, call)


def phones(net, out=True, family="ipv4", transport=UDP):
    """(caller, callee, where the caller calls)."""
    inner, outer = (n.INNER, n.OUTER) if family == "ipv4" else (n.INNER6, n.OUTER6)
    public = n.ROUTER_OUT if family == "ipv4" else n.ROUTER_OUT6
    alice = Phone(net, "inner", inner, user="alice", transport=transport)
    bob = Phone(net, "outer", outer, user="bob", transport=transport)
    return (alice, bob, (outer, 5060)) if out else (bob, alice, (public, 5060))


def call(net, out=True, family="ipv4", is_compact=False, **how):
    caller, callee, target = phones(net, out, family)
    caller.is_compact = callee.is_compact = is_compact
    whole_call(caller, callee, target, **how)


def call_tcp(net):
    alice, bob, target = phones(net, transport=TCP)
    alice.port = 5071
    listener = net.listen("outer", n.OUTER, 5060)
    alice.connect(n.OUTER)
    bob.link, _ = net.accept(listener)
    whole_call(alice, bob, target)
    alice.link.close()
    bob.link.close()


def refused(net):
    """Busy, given up, and forgotten; no sound may come in afterwards."""
    alice, bob, target = phones(net)
    alice.open_sound(20000)
    bob.open_sound(30000)
    uri = f"sip:bob@{n.OUTER}:5060"
    alice.request("INVITE", uri, target, "c1", 1, alice.sdp(20000))
    heard = bob.hear("INVITE")
    bob.answer(heard, "486 Busy Here")
    alice.hear("SIP/2.0 486")
    alice.request("ACK", uri, target, "c1", 1, to_tag=";tag=t1")
    bob.hear("ACK")
    bob.sound[0].sendto(SOUND, heard.media()[0])
    alice.request("INVITE", uri, target, "c2", 1, alice.sdp(20000))
    heard = bob.hear("INVITE")
    bob.answer(heard, "180 Ringing", has_contact=True)
    alice.hear("SIP/2.0 180")
    alice.request("CANCEL", uri, target, "c2", 1)
    cancel = bob.hear("CANCEL")
    bob.answer(cancel, "200 OK")
    alice.hear("SIP/2.0 200")
    bob.answer(heard, "487 Request Terminated")
    alice.hear("SIP/2.0 487")
    alice.request("ACK", uri, target, "c2", 1, to_tag=";tag=t1")
    bob.hear("ACK")
    bob.sound[0].sendto(SOUND, heard.media()[0])


def elsewhere(net):
    """The answer names a media gateway beside the telephone: not foreseen, so not let in."""
    alice, bob, target = phones(net)
    alice.open_sound(20000)
    bob.open_sound(30000, address=n.OUTER2)
    answer = bob.sdp(30000, address=n.OUTER2)
    offered, answered, uri, peer = invite(alice, bob, target, "c1", alice.sdp(20000), answer)
    bob.sound[0].sendto(SOUND, offered[0])
    alice.sound[0].sendto(SOUND, answered[0])
    hang_up(alice, bob, uri, peer, "c1")


def provisional(net):
    """Sound before the answer, a reliable 183, an update, a hold, and headers of proxies."""
    alice, bob, target = phones(net)
    alice.open_sound(20000, 2)
    bob.open_sound(30000, 2)
    uri = f"sip:bob@{n.OUTER}:5060"
    route = f"Record-Route: <sip:{n.OUTER}:5060;lr>\r\nSupported: 100rel\r\n"
    offer = alice.sdp(20000, extra="a=rtcp:20001\r\na=sendrecv\r\n")
    alice.request("INVITE", uri, target, "c1", 1, offer, route)
    heard = bob.hear("INVITE")
    answer = bob.sdp(30000, extra="a=rtcp:30001\r\n")
    bob.answer(heard, "183 Session Progress", answer, "Require: 100rel\r\nRSeq: 1\r\n")
    progress = alice.hear("SIP/2.0 183")
    talk(alice, bob, heard.media(), progress.media())
    alice.request("PRACK", uri, target, "c1", 2, extra="RAck: 1 1 INVITE\r\n", to_tag=";tag=t1")
    bob.answer(bob.hear("PRACK"), "200 OK")
    alice.hear("SIP/2.0 200")
    alice.request("UPDATE", uri, target, "c1", 3, alice.sdp(20002, version=2), to_tag=";tag=t1")
    update = bob.hear("UPDATE")
    bob.answer(update, "200 OK", bob.sdp(30002, version=2))
    alice.hear("SIP/2.0 200")
    bob.answer(heard, "200 OK", bob.sdp(30002, version=3))
    alice.hear("SIP/2.0 200")
    alice.request("ACK", uri, target, "c1", 1, to_tag=";tag=t1")
    bob.hear("ACK")
    hold = alice.sdp(20002, address="0.0.0.0", version=4, extra="a=inactive\r\n")
    alice.request("INVITE", uri, target, "c1", 4, hold, to_tag=";tag=t1")
    heard = bob.hear("INVITE")
    bob.answer(heard, "200 OK", bob.sdp(0, version=4))
    alice.hear("SIP/2.0 200")
    alice.request("ACK", uri, target, "c1", 4, to_tag=";tag=t1")
    bob.hear("ACK")
    hang_up(alice, bob, uri, target, "c1", 5)


def traced(net):
    """A registrar that tells what it saw: received and rport in the Via, many contacts."""
    alice, bob, target = phones(net)
    for number, extra in ((1, "Expires: 60\r\n"), (2, ""), (3, "")):
        contact = alice.contact_line().strip()
        if number == 2:
            contact += f";q=0.7;expires=90, <sip:desk@{n.INNER2}:5070>;expires=30"
        if number == 3:
            contact = "Contact: *"
            extra = "Expires: 0\r\n"
        alice.request(
            "REGISTER", f"sip:{n.OUTER}", target, "r1", number, extra=f"{contact}\r\n{extra}"
        )
        heard = bob.hear("REGISTER")
        seen = f";received={heard.peer[0]};rport={heard.peer[1]}"
        heard.headers = [(k, v + seen if k == "Via" else v) for k, v in heard.headers]
        known = f"Contact: {heard.one('Contact')}\r\n" if number < 3 else ""
        bob.answer(heard, "200 OK", extra=known + extra)
        alice.hear("SIP/2.0 200")
    alice.request("SUBSCRIBE", f"sip:{n.OUTER}", target, "s1", 1, extra=alice.contact_line())
    bob.answer(bob.hear("SUBSCRIBE"), "302 Moved", extra=f"Contact: <sip:bob@{n.OUTER2}>\r\n")
    alice.hear("SIP/2.0 302")


def register(phone, registrar, target, expires, number):
    uri = f"sip:{bracket(target[0])}"
    extra = phone.contact_line() + f"Expires: {expires}\r\n"
    phone.request("REGISTER", uri, target, "r1", number, extra=extra)
    heard = registrar.hear("REGISTER")
    known = f"Contact: {heard.one('Contact')};expires={expires}\r\n" if expires else ""
    registrar.answer(heard, "200 OK", extra=known)
    phone.hear("SIP/2.0 200")
    return heard.contact()


def registered(net, family="ipv4"):
    """A call from the world finds a telephone in the office that has registered."""
    alice, bob, target = phones(net, family=family)
    contact = register(alice, bob, target, 600, 1)
    other = Phone(net, "outer", bob.address, 5062, "carol")
    whole_call(other, alice, contact)
    register(alice, bob, target, 0, 2)
    other.request("OPTIONS", f"sip:alice@{bracket(contact[0])}:{contact[1]}", contact, "o1", 1)


def sipp(net, out):
    """Real programs: sipp's own user agents, which talk from and to 6000."""
    server, client = ("outer", "inner") if out else ("inner", "outer")
    address = {"inner": n.INNER, "outer": n.OUTER}
    target = n.OUTER if out else n.ROUTER_OUT
    common = ["-nostdin", "-m", "1", "-p", "5060", "-mp", "6000", "-timeout", "8s"]
    uas = net.start(server, "sipp", "-sn", "uas", "-i", address[server], *common)
    net.await_listener(server, 5060, "udp")
    uac = ["-sn", "uac", "-d", "50", "-i", address[client], "-s", "service"]
    net.run(client, "sipp", *uac, *common, target)
    uas.wait(n.PATIENCE_S)


def make(name, play, nat=(), services=SIP, family="ipv4", needs=(), **how):
    rules = {family: policy(services, nat)}
    if family != "ipv4":
        how["family"] = family
    return Session(name, rules, functools.partial(play, **how), needs)


SESSIONS = [
    make("sip-plain", call),
    make("sip-snat", call, snat()),
    make("sip-dnat", call, dnat(SIP), out=False),
    make("sip-media-level", call, MASQUERADE, where="media", medias=("audio", "video")),
    make("sip-compact", call, MASQUERADE, is_compact=True, medias=("audio", "video")),
    make("sip-again", call, snat(), again=True),
    make("sip-refused", refused, snat()),
    make("sip-elsewhere", elsewhere, snat()),
    make("sip-register-plain", registered),
    make("sip-register-snat", registered, snat()),
    make("sip-provisional-plain", provisional),
    make("sip-provisional-snat", provisional, snat()),
    make("sip-traced-snat", traced, snat()),
    make("sip-tcp-plain", call_tcp, services=SIP_TCP),
    make("sip-tcp-snat", call_tcp, snat(), services=SIP_TCP),
    make("sip6-plain", call, family="ipv6"),
    make("sip6-snat", call, snat("ipv6"), family="ipv6"),
    make("sip6-dnat", call, dnat(SIP, "ipv6"), family="ipv6", out=False),
    make("sip6-register-snat", registered, snat("ipv6"), family="ipv6"),
    make("sipp-snat", sipp, snat(), needs=("sipp",), out=True),
    make("sipp-dnat", sipp, dnat(SIP), needs=("sipp",), out=False),
]
