# SPDX-License-Identifier: GPL-2.0-or-later
"""A flow: two ends that answer what reaches them, whatever NAT made of it.

Every conversation is a Python generator. It yields a Step, the player injects it, and
what came out of the router is sent back into the generator as an Outcome; from that the
other end learns under which addresses and ports it has been addressed.
"""

import struct
from dataclasses import dataclass, field

import topology
from gen import flows_wire as wire
from gen.layer4 import SCTP

CLIENT, SERVER = 0, 1


@dataclass
class Step:
    """A packet to inject, from layer 3 on, where it enters: an interface, or LOCAL_OUT."""

    place: str
    packet: bytes
    note: str = ""
    wait_ms: int = 0


@dataclass
class Outcome:
    """What came of a step: (interface, packet) that left, and packets delivered locally."""

    emitted: list = field(default_factory=list)
    delivered: list = field(default_factory=list)


@dataclass
class View:
    """How an end sees the flow: where it stands, its own address and port, its peer's."""

    place: str
    own: bytes
    own_port: int
    peer: bytes
    peer_port: int


@dataclass
class Flow:
    """What all conversations share: the draw, the two views and the look of packets."""

    draw: object
    name: str
    protocol: int
    client: View
    server: View
    look: wire.Look
    ident: int = 1
    last: list = field(default_factory=lambda: [b"", b""])
    """The last packet that reached each end, as it saw it."""
    sent: list = field(default_factory=lambda: [b"", b""])
    """The last packet that each end sent."""
    was_refused: bool = False

    def view(self, side):
        return self.server if side == SERVER else self.client

    def learn(self, side, outcome):
        """The other end hears: a server takes its view from what it hears."""
        found = [(place, p) for place, p in outcome.emitted]
        found += [(topology.LOCAL_OUT, p) for p in outcome.delivered]
        for place, packet in found:
            seen = wire.read(packet)
            if seen is None or seen.protocol != self.protocol or seen.offset:
                continue
            if seen.is_error or place == self.view(side).place:
                continue
            self.last[1 - side] = packet
            if side == CLIENT:
                source, destination = seen.ports
                self.server = View(place, seen.destination, destination, seen.source, source)
            return
        self.was_refused = bool(outcome.emitted)

    def packet(self, side, data, coverage=None):
        """A whole packet of one end with its checksum right."""
        view = self.view(side)
        data = wire.summed(view.own, view.peer, self.protocol, data, coverage)
        self.ident += 1
        look = wire.Look(**{**vars(self.look), "ident": self.ident})
        return wire.network(view.own, view.peer, self.protocol, data, look)

    def send(self, side, data, note="", coverage=None):
        """Sends a message of layer 4; whoever draws so cuts it to pieces first."""
        packet = self.packet(side, data, coverage)
        self.sent[side] = packet
        share = self.draw.palette.fragment_share
        # Behind options Linux cuts IPv6 anew where a driver leaves it too little room before them.
        is_odd = self.look.has_options and len(self.client.own) == 16
        is_long = len(data) >= 24 and self.protocol != SCTP and not is_odd
        if is_long and self.draw.chance(share):
            return (yield from self.send_pieces(side, packet, note))
        return (yield from self.inject(side, packet, note))

    def inject(self, side, packet, note=""):
        """Sends bytes as they are."""
        step = Step(self.view(side).place, packet, f"{self.name}: {'cs'[side]} {note}")
        outcome = yield step
        self.learn(side, outcome)
        return outcome

    def again(self, side, note="again"):
        """The same packet once more."""
        if not self.sent[side]:
            return None
        return (yield from self.inject(side, self.sent[side], note))

    def send_pieces(self, side, packet, note):
        """Fragments: in order, in any order, twice, overlapping or with one missing."""
        draw = self.draw
        ident = draw.palette.next_fragment_id()
        sizes = [draw.pick([8, 16, 24, 40, 64, 400]) for _ in range(draw.randrange(1, 4))]
        pieces = wire.fragments(packet, sizes, ident)
        kind = draw.pick("in-order in-order reversed shuffled twice missing over".split())
        if kind == "reversed":
            pieces.reverse()
        elif kind == "shuffled":
            draw.shuffle(pieces)
        elif kind == "twice":
            pieces.insert(draw.randrange(len(pieces)), draw.pick(pieces))
        elif kind == "missing":
            pieces.pop(draw.randrange(len(pieces)))
        elif kind == "over":
            other = wire.fragments(packet, [8, 32], ident)
            pieces.insert(draw.randrange(len(pieces) + 1), draw.pick(other))
        outcome = Outcome()
        for number, piece in enumerate(pieces):
            where = f"{note}, piece {number} of {len(pieces)} {kind}"
            outcome = yield from self.inject(side, piece, where)
        return outcome

    def error(self, side, about=None):
        """An ICMP error from the side of one end about the last packet that reached it."""
        draw = self.draw
        inner = about or self.last[side]
        if not inner:
            return
        view = self.view(side)
        outer = draw.pick([view.own, view.own, *draw.palette.routers[len(view.own), view.place]])
        target = wire.read(inner).source
        packet, what = self.error_packet(outer, target, self.quote(inner))
        yield from self.inject(side, packet, f"error {what}")

    def quote(self, inner):
        """The quoted packet: mostly true, sometimes of another flow or cut."""
        draw = self.draw
        kind = draw.randrange(12)
        head = (inner[0] & 15) * 4 if inner[0] >> 4 == 4 else 40
        if kind == 0 and len(inner) >= head + 4:
            at = head + draw.pick([0, 1, 2, 3])
            return inner[:at] + bytes([inner[at] ^ 5]) + inner[at + 1 :]
        if kind == 1:
            at = draw.pick([12, 15, 16, 19])
            return inner[:at] + bytes([inner[at] ^ 1]) + inner[at + 1 :]
        if kind == 2:
            return inner[: head + draw.pick([0, 1, 4, 7, 8])]
        if kind == 3:
            return inner[: draw.randrange(len(inner))]
        return inner[: max(head + 8, draw.pick([head + 8, 200, 548]))]

    def error_packet(self, source, target, quoted):
        draw = self.draw
        if len(source) == 4:
            kind, code = draw.pick(
                [(3, 0), (3, 1), (3, 3), (3, 4), (3, 13), (11, 0), (11, 1), (12, 0), (4, 0), (5, 1)]
            )
            rest = struct.pack("!HH", 0, 1300) if (kind, code) == (3, 4) else bytes(4)
            if kind == 5:
                rest = wire.address("10.0.1.3")
        else:
            kind, code = draw.pick([(1, 0), (1, 1), (1, 3), (1, 4), (2, 0), (3, 0), (3, 1), (4, 0)])
            rest = struct.pack("!I", 1300) if kind == 2 else bytes(4)
        protocol = wire.control(source)
        data = struct.pack("!BBH", kind, code, 0) + rest + quoted
        data = wire.summed(source, target, protocol, data)
        if draw.chance(0.06):
            data = wire.sealed(data, 2, 0x1234)
        self.ident += 1
        packet = wire.network(source, target, protocol, data, wire.Look(ident=self.ident))
        return packet, f"{kind}/{code}"

    def damaged(self, side, data, note):
        """The same message with a fault that layer 4 can see."""
        draw = self.draw
        packet = self.packet(side, data)
        head = len(packet) - len(data)
        kind = draw.randrange(4)
        if kind == 0 and len(data) > 1:
            cut = draw.randrange(len(data))
            view = self.view(side)
            self.ident += 1
            look = wire.Look(ident=self.ident)
            packet = wire.network(
                view.own, view.peer, self.protocol, packet[head : head + cut], look
            )
        else:
            at = head + draw.randrange(len(data))
            wrong = packet[at] ^ draw.pick([1, 0x55, 0x80])
            packet = packet[:at] + bytes([wrong]) + packet[at + 1 :]
        yield from self.inject(side, packet, f"{note} damaged")
