# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages of H.323: H.225.0 (Q.931 and RAS) and H.245, as a terminal writes them."""

import struct

from session.per import Per, media_address, signal_address

H225_VERSION = bytes.fromhex("0008914a0002")
CONFERENCE = bytes(range(16))
CALL = bytes(range(16, 32))
SETUP, PROCEEDING, ALERTING, CONNECT, RELEASE = 0x05, 0x02, 0x01, 0x07, 0x5A
BODY = {SETUP: 0, PROCEEDING: 1, CONNECT: 2, ALERTING: 3, RELEASE: 5}
BODIES = 7
NULL_DATA, AUDIO, G711_ULAW = 1, 3, 3


def tpkt(data):
    return struct.pack("!BBH", 3, 0, 4 + len(data)) + data


# H.225.0: what is shared.


def version(per):
    return per.length(len(H225_VERSION)).octets(H225_VERSION)


def terminal(per):
    """EndpointType: a terminal, nothing more."""
    return per.flags("0 000001 0 0").flags("0 0")


def aliases(per, *names):
    """h323-ID, all of them."""
    per.length(len(names))
    for name in names:
        per.choice(1, 2).number(len(name), 1, 256).octets(name.encode("utf-16-be"))
    return per


def endpoint(per, name):
    """EndpointIdentifier, GatekeeperIdentifier."""
    return per.number(len(name), 1, 128).octets(name.encode("utf-16-be"))


def call_identifier():
    return Per().bits(0, 1).octets(CALL)


def fast_start(channels):
    if not channels:
        return None
    per = Per().length(len(channels))
    for channel in channels:
        per.length(len(channel)).octets(channel)
    return per


# Q.931 with the user-user element that holds H.225.0.


def q931(kind, is_answer, write):
    """write(per) writes the body of the message."""
    per = Per().flags("0 0  1 0").choice(BODY[kind], BODIES)
    write(per)
    # The first addition is h4501SupplementaryService, the second h245Tunneling.
    per.additions(None, Per().bits(0, 1))
    user = b"\x05" + per.data()
    bearer = bytes.fromhex("04038893a5") if kind == SETUP else b""
    head = bytes([8, 2, 0x80 if is_answer else 0, 0x2A, kind]) + bearer
    return tpkt(head + b"\x7e" + struct.pack("!H", len(user)) + user)


def setup(source, target, channels=(), h245=None):
    def write(per):
        per.flags("1").flags("1" if h245 else "0").flags("1 0 1 0 0 0")
        version(per)
        if h245:
            signal_address(per, *h245)
        terminal(aliases(per, "alice"))
        signal_address(per, *target)
        per.bits(0, 1).octets(CONFERENCE)
        per.choice(0, 3).choice(0, 4)
        own = signal_address(Per(), *source)
        per.additions(own, None, call_identifier(), None, None, None, fast_start(channels),
                      Per().bits(0, 1), Per().bits(0, 1))  # fmt: skip

    return q931(SETUP, False, write)


def progress(kind, h245=None, channels=()):
    """Call proceeding and alerting."""

    def write(per):
        per.flags("1").flags("1" if h245 else "0")
        terminal(version(per))
        if h245:
            signal_address(per, *h245)
        per.additions(call_identifier(), None, None, None, fast_start(channels))

    return q931(kind, True, write)


def connect(h245=None, channels=()):
    def write(per):
        per.flags("1").flags("1" if h245 else "0")
        version(per)
        if h245:
            signal_address(per, *h245)
        terminal(per).octets(CONFERENCE)
        per.additions(call_identifier(), None, None, None, fast_start(channels))

    return q931(CONNECT, True, write)


def release(is_answer):
    def write(per):
        version(per.flags("1 0")).additions(call_identifier())

    return q931(RELEASE, is_answer, write)


# H.245.


def audio(per):
    return per.choice(AUDIO, 6).choice(G711_ULAW, 14).number(20, 1, 256)


def h2250(media=None, control=None):
    """H2250LogicalChannelParameters of the first session."""
    given = f"0 0 {int(bool(media))} 0 {int(bool(control))} 0 0 0 0 0"
    per = Per().flags("0").flags(given).number(1, 0, 255)
    if media:
        media_address(per, *media)
    if control:
        media_address(per, *control)
    return per


def channel_body(per, number, media=None, control=None):
    """OpenLogicalChannel for sound that its sender will send."""
    per.flags("0 0").number(number, 1, 65535)
    audio(per.flags("0 0"))
    return per.added_choice(0, h2250(media, control))


def channel_back(per, number, media, control):
    """OpenLogicalChannel for sound that its sender wants to hear; fast start has it."""
    per.flags("0 1").number(number, 1, 65535)
    per.flags("0 0").choice(NULL_DATA, 6).added_choice(1, Per())
    audio(per.flags("0 1"))
    return per.added_choice(0, h2250(media, control))


def open_channel(number, control):
    return tpkt(channel_body(Per().choice(0, 4).choice(3, 11), number, None, control).data())


def channel_ack(number, media, control):
    per = Per().choice(1, 4).choice(5, 19)
    per.flags("1 0").number(number, 1, 65535)
    # A choice of one alternative so far, in it H2250LogicalChannelAckParameters.
    inner = Per().bits(0, 1).flags("0 01110").number(1, 1, 255)
    media_address(media_address(inner, *media), *control)
    return tpkt(per.additions(None, inner).data())


def master_slave(status):
    """MasterSlaveDetermination of a terminal."""
    per = Per().choice(0, 4).choice(1, 11).flags("0").number(50, 0, 255)
    return tpkt(per.number(status, 0, 16777215).data())


def fast_offer(media, control, number=1):
    """What a caller proposes: to send, and to hear there."""
    send = channel_body(Per(), number, None, control).data()
    return [send, channel_back(Per(), number + 1, media, control).data()]


def fast_answer(media, control, number=1):
    """What the other accepts: where it hears, and that it will send."""
    hear = channel_body(Per(), number, media, control).data()
    return [hear, channel_back(Per(), number + 1, None, control).data()]


# RAS.
(GRQ, GCF, RRQ, RCF, URQ, UCF, ARQ, ACF, LRQ, LCF) = (0, 1, 3, 4, 6, 7, 9, 10, 18, 19)
RAS_KINDS = 25


def ras(kind, flags, number):
    return Per().choice(kind, RAS_KINDS).flags(flags).number(number, 1, 65535)


def gatekeeper_request(number, own):
    per = signal_address(version(ras(GRQ, "0 0001", number)), *own)
    return aliases(terminal(per), "alice").data()


def gatekeeper_confirm(number, own):
    per = version(ras(GCF, "0 01", number))
    return signal_address(endpoint(per, "gk"), *own).data()


def registration_request(number, signal, own, lifetime, is_last=False):
    """is_last: the lifetime ends the message, as with the oldest terminals."""
    per = version(ras(RRQ, "1 010", number)).bits(1, 1)
    signal_address(per.length(1), *signal)
    signal_address(per.length(1), *own)
    aliases(terminal(per), "alice")
    per.flags("0 00").flags("0").number(181, 0, 255).number(0, 0, 255).number(18, 0, 65535)
    return with_lifetime(per, lifetime, is_last)


def with_lifetime(per, lifetime, is_last):
    """Additions two, six and eight: timeToLive and two truths of later versions."""
    if is_last:
        return per.additions(None, seconds(lifetime)).data()
    no = Per().bits(0, 1)
    return per.additions(None, seconds(lifetime), None, None, None, no, None, no).data()


def seconds(lifetime):
    """TimeToLive."""
    return Per().number(lifetime, 1, 4294967295)


def registration_confirm(number, signal, lifetime, is_last=False):
    per = version(ras(RCF, "1 010", number))
    signal_address(per.length(1), *signal)
    endpoint(aliases(per, "alice"), "ep1")
    return with_lifetime(per, lifetime, is_last)


def admission_request(number, source, target=None):
    per = ras(ARQ, "0 01" + ("1" if target else "0") + "0 1 00", number)
    endpoint(per.choice(0, 4), "ep1")
    aliases(per, "bob")
    if target:
        signal_address(per, *target)
    signal_address(aliases(per, "alice"), *source)
    per.number(1280, 0, 4294967295).number(42, 0, 65535).octets(CONFERENCE)
    return per.bits(0, 2).data()


def admission_confirm(number, target):
    per = ras(ACF, "0 00", number).number(1280, 0, 4294967295).choice(0, 2)
    return signal_address(per, *target).data()


def unregistration_request(number, signal):
    per = ras(URQ, "0 001", number)
    return endpoint(signal_address(per.length(1), *signal), "ep1").data()


def unregistration_confirm(number):
    return ras(UCF, "0 0", number).data()


def location_request(number, own):
    per = aliases(ras(LRQ, "0 00", number), "bob")
    return signal_address(per, *own).data()


def location_confirm(number, signal, own):
    return signal_address(signal_address(ras(LCF, "0 0", number), *signal), *own).data()
