# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages that a helper reads, spoilt by chance: what it makes of them must be what Linux makes.

Each message has a connection of its own, so that one that is dropped holds nothing up, and a
port of its own to announce, so that nobody has to draw another.
"""

import contextlib
import functools
import socket
import struct
from random import Random

from session import amanda, h323, irc, pptp, sane, sip, snmp, tftp
from session import ftp as ftp_
from session import h323_messages as m
from session import network as n
from session.ports import apart
from session.rules import Session, dnat, policy, snat

MESSAGES = 40
PATIENCE_S = 0.03
SOURCE = 5

# --- Mutations ---------------------------------------------------------------------------------

WORDS = (
    b"0", b"00", b"1", b"255", b"256", b"65535", b"65536", b"4294967295", b"4294967296", b"-1",
    b" ", b"  ", b"\t", b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\0", b",", b".", b":", b";", b"<",
    b">", b"|", b"(", b")", b"=", b"\x01", b"/", b"@", b"[", b"]", b'"', b"10.0.0.5",
    b"10.0.0.6", b"192.0.2.80", b"192.0.2.1", b"0.0.0.0", b"255.255.255.255", b"\xff", b"\x80",
)  # fmt: skip


def place(draw, data):
    return draw.randrange(len(data) + 1)


def cut(draw, data):
    return data[: place(draw, data)]


def drop_piece(draw, data):
    at = place(draw, data)
    return data[:at] + data[at + draw.choice((1, 1, 1, 2, 4, 9)) :]


def repeat_piece(draw, data):
    at, size = place(draw, data), draw.choice((1, 1, 2, 5, 20))
    return data[: at + size] + data[at:]


def insert_word(draw, data):
    at = place(draw, data)
    return data[:at] + draw.choice(WORDS) + data[at:]


def replace_by_word(draw, data):
    at, word = place(draw, data), draw.choice(WORDS)
    return data[:at] + word + data[at + len(word) :]


def change_byte(draw, data):
    at = draw.randrange(len(data)) if data else 0
    return data[:at] + bytes([draw.randrange(256)]) + data[at + 1 :]


def change_case(draw, data):
    at, size = place(draw, data), draw.choice((1, 3, 10))
    return data[:at] + data[at : at + size].swapcase() + data[at + size :]


def change_number(draw, data):
    places = [i for i, byte in enumerate(data) if 48 <= byte <= 57]
    if not places:
        return data
    at = draw.choice(places)
    return data[:at] + bytes([draw.randrange(48, 58)]) + data[at + 1 :]


def swap_pieces(draw, data):
    a, b = sorted((place(draw, data), place(draw, data)))
    return data[:a] + data[b : b + 4] + data[a + 4 : b] + data[a : a + 4] + data[b + 4 :]


CHANGES = (
    cut, drop_piece, repeat_piece, insert_word, replace_by_word, change_byte, change_case,
    change_number, swap_pieces,
)  # fmt: skip


def spoilt(draw, data):
    """One in six stays as it is; most have one fault, some have more."""
    for _ in range(draw.choice((0, 1, 1, 1, 2, 3))):
        data = draw.choice(CHANGES)(draw, data)
    return data[:1400]


# --- Conversations -----------------------------------------------------------------------------


class Speech:
    """What the two sides of a protocol say: functions of (own address, port) that give bytes."""

    def __init__(self, services, client, server, opening=(b"", b""), families=("ipv4",)):
        self.services, self.client, self.server = services, client, server
        self.opening = opening
        self.families = families
        words = services[0].match.split()
        self.is_tcp, self.port = words[1] == "tcp", int(words[3])


def abort(made):
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    made.close()


def hear(made):
    """Whether anything came; what was dropped never does."""
    made.settimeout(PATIENCE_S)
    with contextlib.suppress(TimeoutError, ConnectionError):
        made.recv(2000)


def over_tcp(net, draw, speech, ends, port):
    (where_a, own_a, target), (where_b, own_b, listener) = ends
    client = net.connect(where_a, own_a, (target, speech.port))
    server, _ = net.accept(listener)
    for here, there, text in ((client, server, 0), (server, client, 1)):
        if speech.opening[text]:
            here.sendall(speech.opening[text])
            hear(there)
    for _ in range(draw.choice((1, 2))):
        sides = []
        if speech.client:
            sides.append((client, server, speech.client, own_a))
        if speech.server:
            sides.append((server, client, speech.server, own_b))
        here, there, texts, own = draw.choice(sides)
        here.sendall(spoilt(draw, draw.choice(texts)(own, port)) or b"\n")
        hear(there)
    abort(client)
    abort(server)


def over_udp(net, draw, speech, ends, port):
    (where_a, own_a, target), (_, own_b, server) = ends
    client = net.udp(where_a, own_a, port + SOURCE)
    server.settimeout(PATIENCE_S)
    texts = speech.client or [lambda own, port: b"hello"]
    client.sendto(spoilt(draw, draw.choice(texts)(own_a, port)), (target, speech.port))
    with contextlib.suppress(TimeoutError):
        _, peer = server.recvfrom(2000)
        if speech.server:
            server.sendto(spoilt(draw, draw.choice(speech.server)(own_b, port)), peer)
            hear(client)
    client.close()


def play(net, speech, seed, out, family):
    draw = Random(seed)
    inner, outer = (n.INNER, n.OUTER) if family == "ipv4" else (n.INNER6, n.OUTER6)
    public = n.ROUTER_OUT if family == "ipv4" else n.ROUTER_OUT6
    if out:
        here, there, target = ("inner", inner), ("outer", outer), outer
    else:
        here, there, target = ("outer", outer), ("inner", inner), public
    if speech.is_tcp:
        server = net.listen(*there, speech.port)
    else:
        server = net.udp(*there, speech.port)
    for port in apart(draw, MESSAGES):
        ends = (*here, target), (*there, server)
        (over_tcp if speech.is_tcp else over_udp)(net, draw, speech, ends, port)


# --- Protocols ---------------------------------------------------------------------------------


def comma(own, port):
    return f"{own.replace('.', ',')},{port >> 8},{port & 255}"


def number(address):
    return int.from_bytes(socket.inet_aton(address), "big")


def lines(template):
    """A speech by a template of own address and port, in the forms that protocols have."""

    def write(own, port):
        is_v4 = ":" not in own
        return template.format(
            own=own, port=port, comma=comma(own, port) if is_v4 else "",
            number=number(own) if is_v4 else 0, source=port + SOURCE, kind=4 if is_v4 else 6,
            bracket=own if is_v4 else f"[{own}]",
        ).encode()  # fmt: skip

    return write


FTP = Speech(
    ftp_.FTP,
    [lines("PORT {comma}\r\n"), lines("EPRT |1|{own}|{port}|\r\n")],
    [
        lines("227 Entering Passive Mode ({comma}).\r\n"),
        lines("227 Entering Passive Mode {comma}\r\n"),
        lines("229 Entering Extended Passive Mode (|||{port}|)\r\n"),
    ],
    (b"NOOP\r\n", b"200 Fine.\r\n"),
)
FTP6 = Speech(
    ftp_.FTP, [lines("EPRT |2|{own}|{port}|\r\n")], FTP.server[2:], FTP.opening, ("ipv6",)
)
IRC = Speech(
    irc.IRC,
    [
        lines("PRIVMSG bob :\x01DCC SEND a.txt {number} {port} 196\x01\r\n"),
        lines("PRIVMSG bob :\x01DCC CHAT chat {number} {port}\x01\n"),
        lines(":alice!a@b PRIVMSG bob :\x01DCC MOVE x {number} {port}\x01\r\n"),
        lines("JOIN #a\r\nPRIVMSG bob :\x01DCC TSEND y {number} {port} 1\x01\r\nPING a\r\n"),
    ],
    [],
)
TFTP = Speech(
    tftp.TFTP,
    [lambda own, port: b"\0\1notes\0octet\0", lambda own, port: b"\0\2copy\0netascii\0"],
    [lambda own, port: b"\0\3\0\1data"],
    families=("ipv4", "ipv6"),
)
AMANDA = Speech(
    amanda.AMANDA,
    [lambda own, port: amanda.REQUEST.encode()],
    [lambda own, port: amanda.REPLY.format(port, port + 1, port + 2).encode()],
    families=("ipv4", "ipv6"),
)
SANE = Speech(
    sane.SANE,
    [lambda own, port: struct.pack("!II", sane.START, 0)],
    [lambda own, port: struct.pack("!IHHII", sane.SUCCESS, 0, port, 0x1234, 0)],
    (struct.pack("!II", sane.START, 0), b""),
    ("ipv4", "ipv6"),
)
SDP = (
    "v=0\r\no=- 1 1 IN IP{kind} {own}\r\ns=-\r\nc=IN IP{kind} {own}\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)
HEAD = (
    "Via: SIP/2.0/UDP {bracket}:{source};branch=z9hG4bK1\r\n"
    "From: <sip:alice@{bracket}:{source}>;tag=1\r\nTo: <sip:bob@192.0.2.80:5060>\r\n"
    "Call-ID: {port}@{own}\r\nContact: <sip:alice@{bracket}:{source}>\r\n"
)
REPLY_HEAD = (
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\nFrom: <sip:alice@10.0.0.5>;tag=1\r\n"
    "To: <sip:bob@{bracket}>;tag=2\r\nCall-ID: 1@a\r\nContact: <sip:bob@{bracket}:5060>\r\n"
)
SIP = Speech(
    sip.SIP,
    [
        lines(
            "INVITE sip:bob@192.0.2.80 SIP/2.0\r\n" + HEAD + "CSeq: 1 INVITE\r\n"
            "Content-Type: application/sdp\r\nContent-Length: 120\r\n\r\n" + SDP
        ),
        lines(
            "INVITE sip:bob@192.0.2.80 SIP/2.0\r\n" + HEAD + "CSeq: 1 INVITE\r\n"
            "c: application/sdp\r\nl: 190\r\n\r\n" + SDP + "m=video {port} RTP/AVP 31\r\n"
        ),
        lines(
            "REGISTER sip:192.0.2.80 SIP/2.0\r\n" + HEAD + "CSeq: 1 REGISTER\r\n"
            "Expires: 600\r\nContent-Length: 0\r\n\r\n"
        ),
    ],
    [
        lines(
            "SIP/2.0 200 OK\r\n" + REPLY_HEAD + "CSeq: 1 INVITE\r\n"
            "Content-Type: application/sdp\r\nContent-Length: 120\r\n\r\n" + SDP
        ),
        lines(
            "SIP/2.0 200 OK\r\n" + REPLY_HEAD + "CSeq: 1 REGISTER\r\n"
            "Expires: 60\r\nContent-Length: 0\r\n\r\n"
        ),
        lines("SIP/2.0 486 Busy\r\n" + REPLY_HEAD + "CSeq: 1 INVITE\r\n\r\n"),
    ],
    families=("ipv4", "ipv6"),
)
PPTP = Speech(
    pptp.PPTP,
    [lambda own, port: pptp.start(pptp.START, 0) + b"", lambda own, port: pptp.call(port, 1)],
    [
        lambda own, port: pptp.start(pptp.STARTED, 1),
        lambda own, port: pptp.called(port, port + 1),
    ],
    (pptp.start(pptp.START, 0), pptp.start(pptp.STARTED, 1)),
)


def variables(own, port):
    """An answer of SNMP with an address: version 2c, response, one object."""
    value = bytes([0x40, 4]) + socket.inet_aton(n.INNER)
    name = bytes.fromhex("06082b06010201040101")
    bound = tagged(0x30, tagged(0x30, name + value))
    zero = bytes.fromhex("020100")
    pdu = tagged(0xA2, bytes.fromhex("0202") + struct.pack("!H", port) + zero * 2 + bound)
    return tagged(0x30, bytes.fromhex("020101") + tagged(4, b"public") + pdu)


def tagged(tag, data):
    return bytes([tag, len(data)]) + data


SNMP = Speech(snmp.SNMP, [lambda own, port: b"?"], [variables])
TRAP = Speech(snmp.TRAP, [variables], [])
Q931 = Speech(
    h323.Q931,
    [
        lambda own, port: m.setup((own, port), (n.OUTER, 1720), h245=(own, port)),
        lambda own, port: m.setup(
            (own, 1720), (n.OUTER, 1720), m.fast_offer((own, port), (own, port + 1))
        ),
    ],
    [
        lambda own, port: m.progress(m.ALERTING, (own, port)),
        lambda own, port: m.connect((own, port)),
        lambda own, port: m.connect(None, m.fast_answer((own, port), (own, port + 1))),
        lambda own, port: m.release(True),
    ],
)
RAS = Speech(
    h323.RAS,
    [
        lambda own, port: m.gatekeeper_request(1, (own, port + SOURCE)),
        lambda own, port: m.registration_request(2, (own, port), (own, port + SOURCE), 300),
        lambda own, port: m.admission_request(3, (own, port)),
        lambda own, port: m.location_request(4, (own, port + SOURCE)),
    ],
    [
        lambda own, port: m.gatekeeper_confirm(1, (own, port)),
        lambda own, port: m.registration_confirm(2, (own, port), 300),
        lambda own, port: m.admission_confirm(3, (own, port)),
        lambda own, port: m.location_confirm(4, (own, port), (own, port + 2)),
        lambda own, port: m.unregistration_confirm(5),
    ],
)
SPEECHES = {
    "ftp": FTP, "ftp6": FTP6, "irc": IRC, "tftp": TFTP, "amanda": AMANDA, "sane": SANE,
    "sip": SIP, "pptp": PPTP, "snmp": SNMP, "trap": TRAP,
    "q931": Q931, "ras": RAS,
}  # fmt: skip


def session(name, seed):
    """A session of one protocol; the seed says how it is translated, too."""
    speech, draw = SPEECHES[name], Random(seed)
    family = draw.choice(speech.families)
    out, nat = draw.choice(
        (
            (True, ()),
            (True, snat(family)),
            (True, snat(family)),
            (False, dnat(speech.services, family)),
        )
    )
    rules = {family: policy(speech.services, nat)}
    run = functools.partial(play, speech=speech, seed=seed, out=out, family=family)
    return Session(f"{name}-{seed}", rules, run)
