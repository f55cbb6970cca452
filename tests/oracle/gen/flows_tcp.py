# SPDX-License-Identifier: GPL-2.0-or-later
"""Conversations of TCP: what ends do, what they should not do, and what strangers try."""

import struct
from dataclasses import dataclass

from gen.flows_flow import CLIENT, SERVER

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = 1, 2, 4, 8, 16, 32, 64, 128
MODULUS = 1 << 32
NAMES = {FIN: "F", SYN: "S", RST: "R", PSH: "P", ACK: "A", URG: "U", ECE: "E", CWR: "C"}


@dataclass
class End:
    """One end's variables, after RFC 9293 3.3.1."""

    next: int
    """The next sequence number to send."""
    expected: int = 0
    """The next one it waits for."""
    window: int = 65535
    scale: int = None
    has_sack: bool = False
    has_stamps: bool = False


class Tcp:
    """One connection, or several in turn over the same addresses and ports."""

    def __init__(self, draw, flow):
        self.draw = draw
        self.flow = flow
        self.ends = [self.new_end(), self.new_end()]
        self.clock = draw.getrandbits(30)

    def new_end(self):
        draw = self.draw
        start = draw.pick([draw.getrandbits(32), draw.getrandbits(32), MODULUS - 3, 0])
        return End(
            next=start,
            window=draw.pick([65535, 65535, 8192, 1000, 200, 0]),
            scale=draw.pick([None, None, 0, 2, 7, 14, 15]),
            has_sack=draw.chance(0.5),
            has_stamps=draw.chance(0.3),
        )

    # segments

    def options(self, side, flags, sack=None):
        end = self.ends[side]
        found = b""
        if flags & SYN:
            found += struct.pack("!BBH", 2, 4, 1460)
            if end.scale is not None:
                found += bytes([1, 3, 3, end.scale])
            if end.has_sack:
                found += bytes([1, 1, 4, 2])
        if end.has_stamps:
            self.clock += 1
            found += bytes([1, 1, 8, 10]) + struct.pack("!II", self.clock, self.clock - 5)
        if sack:
            edges = b"".join(struct.pack("!II", a % MODULUS, b % MODULUS) for a, b in sack)
            found += bytes([1, 1, 5, 2 + len(edges)]) + edges
        return found[:40]

    def message(self, side, flags, data=b"", seq=None, ack=None, sack=None):
        end = self.ends[side]
        options = self.options(side, flags, sack)
        view = self.flow.view(side)
        seq = end.next if seq is None else seq % MODULUS
        if ack is None:
            ack = end.expected if flags & ACK else 0
        head = struct.pack(
            "!HHIIBBHHH",
            view.own_port,
            view.peer_port,
            seq,
            ack % MODULUS,
            (5 + len(options) // 4) << 4,
            flags,
            end.window,
            0,
            1 if flags & URG else 0,
        )
        return head + options + data

    def note(self, flags, data, seq, ack):
        text = "".join(n for bit, n in NAMES.items() if flags & bit) or "none"
        text += f" {len(data)}" if data else ""
        return text + (" odd" if seq is not None or ack is not None else "")

    def segment(self, side, flags, data=b"", seq=None, ack=None, sack=None):
        """Sends one. Only what stands at the right place moves the ends on."""
        message = self.message(side, flags, data, seq, ack, sack)
        note = self.note(flags, data, seq, ack)
        if self.draw.chance(0.01):
            yield from self.flow.damaged(side, message, note)
        yield from self.flow.send(side, message, note)
        if seq is None:
            self.moved(side, flags, data)

    def moved(self, side, flags, data):
        end = self.ends[side]
        end.next = (end.next + len(data) + bool(flags & SYN) + bool(flags & FIN)) % MODULUS
        self.ends[1 - side].expected = end.next

    def data(self):
        draw = self.draw
        size = draw.often([1, 5, 20, 100, 100, 500], [1350, 1400], draw.palette.large_share)
        return draw.pick(draw.palette.words) + bytes(size)

    # moves

    def syn(self, side=CLIENT):
        flags = SYN | self.draw.pick([0, 0, 0, 0, ECE | CWR])
        yield from self.segment(side, flags, self.draw.pick([b""] * 9 + [b"early"]))

    def open(self):
        """A handshake, in one of the ways in which one can go."""
        draw = self.draw
        kind = draw.randrange(16)
        if kind == 0:
            yield from self.pick_up()
            return
        if kind == 1:
            yield from self.open_both()
            return
        yield from self.syn()
        if kind == 2:
            yield from self.flow.again(CLIENT)
        elif kind == 3:
            yield from self.segment(SERVER, ACK, ack=self.draw.getrandbits(32))
            yield from self.segment(CLIENT, RST, seq=self.draw.getrandbits(32))
            yield from self.flow.again(CLIENT)
        elif kind == 4:
            yield from self.segment(CLIENT, SYN, seq=draw.getrandbits(32))
            yield from self.segment(CLIENT, SYN, seq=self.ends[CLIENT].next - 1)
        elif kind == 5:
            yield from self.segment(SERVER, RST | ACK, seq=0)
            return
        elif kind == 6:
            yield from self.segment(SERVER, SYN | ACK, ack=self.ends[SERVER].expected + 5)
        elif kind == 7:
            return
        yield from self.segment(SERVER, SYN | ACK)
        if kind == 8:
            yield from self.flow.again(SERVER)
        elif kind == 9:
            yield from self.segment(CLIENT, RST)
            return
        elif kind == 10:
            return
        yield from self.segment(CLIENT, ACK)

    def open_both(self):
        """Simultaneous open."""
        yield from self.syn(CLIENT)
        yield from self.syn(SERVER)
        if self.draw.chance(0.5):
            yield from self.segment(SERVER, SYN | ACK, seq=self.ends[SERVER].next - 1)
        yield from self.segment(CLIENT, SYN | ACK, seq=self.ends[CLIENT].next - 1)
        yield from self.segment(SERVER, ACK)
        yield from self.segment(CLIENT, ACK)

    def pick_up(self):
        """A connection that was there before us."""
        for side in (0, 1):
            self.ends[1 - side].expected = self.ends[side].next
        for _ in range(self.draw.randrange(1, 4)):
            yield from self.talk(self.draw.pick([CLIENT, SERVER]))

    def talk(self, side):
        """Data and its acknowledgement."""
        yield from self.segment(side, self.draw.pick([ACK, PSH | ACK, PSH | ACK]), self.data())
        if self.draw.chance(0.7):
            yield from self.segment(1 - side, ACK)

    def retransmit(self, side):
        for _ in range(self.draw.pick([1, 1, 2, 4])):
            yield from self.flow.again(side)

    def reorder(self, side):
        """A segment overtakes another; the other end says so, perhaps with SACK."""
        end, data = self.ends[side], self.data()
        early = (end.next + len(data)) % MODULUS
        yield from self.segment(side, ACK, data, seq=early)
        if self.draw.chance(0.6):
            sack = [(early, early + len(data))]
            if self.draw.chance(0.3):
                sack.append((early + 2000, early + 2010))
            yield from self.segment(1 - side, ACK, sack=sack)
        yield from self.segment(side, ACK, data)
        self.moved(side, 0, data)
        yield from self.segment(1 - side, ACK)

    def keep_alive(self, side):
        probe = self.draw.pick([b"", b"\0"])
        yield from self.segment(side, ACK, probe, seq=self.ends[side].next - 1)
        yield from self.segment(1 - side, ACK)

    def zero_window(self, side):
        end = self.ends[side]
        before, end.window = end.window, 0
        yield from self.segment(side, ACK)
        yield from self.segment(1 - side, ACK, b"\0", seq=self.ends[1 - side].next)
        end.window = before
        yield from self.segment(side, ACK)

    def new_window(self, side):
        self.ends[side].window = self.draw.pick([1, 50, 500, 4000, 65535])
        yield from self.segment(side, ACK)

    def stray_data(self, side):
        """Outside the window, at its edges and far away."""
        draw, end = self.draw, self.ends[side]
        window = self.ends[1 - side].window << (self.ends[1 - side].scale or 0)
        edge = draw.pick([window, window * 2, -window, MODULUS // 2, 66000, -66000, 65535])
        data = self.data() if draw.chance(0.7) else b""
        yield from self.segment(
            side, ACK, data, seq=end.next + edge + draw.pick([-200, -1, 0, 1, 9])
        )

    def stray_ack(self, side):
        draw, end = self.draw, self.ends[side]
        away = draw.pick([1, 2, -1, -100, 1000, 70000, -70000, MODULUS // 2])
        yield from self.segment(side, ACK, draw.pick([b"", self.data()]), ack=end.expected + away)

    def bad_sack(self, side):
        end = self.ends[side]
        far = end.expected + self.draw.pick([-100, 1000000, 5, MODULUS // 2])
        yield from self.segment(side, ACK, sack=[(far, far + 10)] * self.draw.randrange(1, 4))

    def reset(self, side):
        """Exact, in the window, outside of it."""
        draw, end = self.draw, self.ends[side]
        away = draw.pick([None, None, 1, 100, -1, 70000, MODULUS // 2])
        flags = RST | draw.pick([0, ACK])
        seq = None if away is None else end.next + away
        yield from self.segment(side, flags, seq=seq)

    def odd_flags(self, side):
        flags = self.draw.pick(
            [0, FIN | PSH | URG, SYN | FIN, SYN | RST, 0x3F, FIN, PSH, URG | ACK, SYN | ACK | PSH]
        )
        end = self.ends[side]
        yield from self.segment(side, flags, seq=end.next)

    def challenge(self, side):
        """A SYN in the middle, answered by a challenge, and what follows."""
        draw, end = self.draw, self.ends[side]
        away = draw.pick([draw.getrandbits(32), end.next, end.next + 100])
        yield from self.segment(side, SYN, seq=away)
        if draw.chance(0.8):
            yield from self.segment(1 - side, ACK)
        if draw.chance(0.6):
            yield from self.segment(side, RST, seq=draw.pick([end.expected, end.next]))
        if draw.chance(0.3):
            yield from self.segment(1 - side, SYN | ACK, ack=away + 1)

    def late_syn_ack(self, side):
        del side
        yield from self.segment(
            SERVER, SYN | ACK, seq=self.ends[SERVER].next - self.draw.pick([0, 1, 7])
        )

    def ports_error(self, side):
        yield from self.flow.error(side)

    def burst(self, side):
        """Much without an answer, so that windows fill."""
        for _ in range(self.draw.randrange(2, 5)):
            yield from self.segment(side, ACK, self.data())

    GOOD = (talk, talk, talk, burst, keep_alive, new_window, zero_window, reorder, retransmit)
    ODD = (
        stray_data,
        stray_data,
        stray_ack,
        bad_sack,
        reset,
        odd_flags,
        challenge,
        late_syn_ack,
        ports_error,
        retransmit,
    )

    def move(self):
        draw = self.draw
        make = draw.often(self.GOOD, self.ODD, draw.palette.odd_share)
        yield from make(self, draw.pick([CLIENT, SERVER]))

    def close(self):
        """All orders of FIN and ACK, and what cuts them short."""
        draw = self.draw
        first = draw.pick([CLIENT, SERVER])
        kind = draw.randrange(10)
        yield from self.segment(first, FIN | ACK, draw.pick([b"", b"", b"bye"]))
        if kind == 0:
            return
        if kind == 1:
            yield from self.flow.again(first)
        if kind == 2:
            yield from self.segment(1 - first, FIN | ACK)
        elif kind == 3:
            yield from self.segment(1 - first, ACK)
            yield from self.segment(1 - first, ACK, self.data())
            yield from self.segment(first, ACK)
            yield from self.segment(1 - first, FIN | ACK)
        elif kind == 4:
            yield from self.segment(1 - first, RST | ACK)
            return
        elif kind == 5:  # both at once
            end = self.ends[1 - first]
            yield from self.segment(1 - first, FIN | ACK, ack=end.expected - 1)
            self.moved(1 - first, FIN, b"")
            yield from self.segment(1 - first, ACK)
        else:
            yield from self.segment(1 - first, ACK)
            if kind == 6:
                return
            yield from self.segment(1 - first, FIN | ACK)
        yield from self.segment(first, ACK)
        if kind == 7:
            yield from self.flow.again(1 - first)
            yield from self.segment(first, ACK)

    def afterwards(self):
        """What may come when all is over: stragglers, or the same ports anew."""
        draw = self.draw
        kind = draw.randrange(6)
        if kind == 0:
            yield from self.flow.again(draw.pick([CLIENT, SERVER]))
        elif kind == 1:
            yield from self.segment(draw.pick([CLIENT, SERVER]), draw.pick([ACK, RST, FIN | ACK]))
        elif kind <= 3:
            side = draw.often([CLIENT], [SERVER], 0.15)
            away = draw.pick([1000, 100000, -1000, 0, 1])
            self.ends[side].next = (self.ends[side].next + away) % MODULUS
            self.ends[1 - side].next = draw.getrandbits(32)
            yield from self.syn(side)
            yield from self.segment(1 - side, draw.pick([SYN | ACK] * 4 + [ACK, RST | ACK]))
            yield from self.segment(side, ACK)
            yield from self.talk(draw.pick([CLIENT, SERVER]))

    def conversation(self):
        draw = self.draw
        yield from self.open()
        if self.flow.was_refused and draw.chance(0.7):
            return
        for _ in range(draw.randrange(1, 7)):
            yield from self.move()
        if draw.chance(0.75):
            yield from draw.pick([self.close, self.close, self.close, self.finish_by_reset])()
            yield from self.afterwards()

    def finish_by_reset(self):
        yield from self.reset(self.draw.pick([CLIENT, SERVER]))
        if self.draw.chance(0.5):
            yield from self.move()
