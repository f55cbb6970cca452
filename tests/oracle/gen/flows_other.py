# SPDX-License-Identifier: GPL-2.0-or-later
"""Conversations of everything that is not TCP."""

import struct

from gen.flows_flow import CLIENT, SERVER
from gen.layer4 import UDPLITE

INIT, INIT_ACK, SACK, HEARTBEAT, HEARTBEAT_ACK, ABORT, SHUTDOWN = 1, 2, 3, 4, 5, 6, 7
SHUTDOWN_ACK, ERROR, COOKIE_ECHO, COOKIE_ACK, SHUTDOWN_COMPLETE, DATA = 8, 9, 10, 11, 14, 0


class Udp:
    def __init__(self, draw, flow):
        self.draw = draw
        self.flow = flow

    def data(self):
        draw = self.draw
        return draw.pick(draw.palette.words) + bytes(
            draw.often([0, 1, 30, 200], [1360, 1380], draw.palette.large_share)
        )

    def datagram(self, side, size=None):
        view, data = self.flow.view(side), self.data()
        length = len(data) + 8 if size is None else size
        return struct.pack("!HHHH", view.own_port, view.peer_port, length, 0) + data

    def coverage(self, message):
        """UDP-Lite: all of it (zero or its length), or the header and some."""
        if self.flow.protocol != UDPLITE:
            return message, None
        size = self.draw.pick([0, 8, 12, len(message)])
        return message[:4] + struct.pack("!H", size) + message[6:], size or None

    def say(self, side):
        draw = self.draw
        if draw.chance(0.05):
            wrong = draw.pick([0, 7, 9, 300])
            yield from self.flow.send(side, self.datagram(side, wrong), "length wrong")
        elif draw.chance(0.05):
            yield from self.flow.damaged(side, self.datagram(side), "datagram")
        elif draw.chance(0.05) and self.flow.protocol != UDPLITE:
            yield from self.flow.inject(side, self.without_checksum(side), "no checksum")
        else:
            message, coverage = self.coverage(self.datagram(side))
            yield from self.flow.send(side, message, "datagram", coverage)

    def without_checksum(self, side):
        message = self.datagram(side)
        packet = self.flow.packet(side, message)
        at = len(packet) - len(message) + 6
        return packet[:at] + b"\0\0" + packet[at + 2 :]

    def conversation(self):
        draw = self.draw
        kind = draw.randrange(6)
        side = draw.often([CLIENT], [SERVER], 0.08)
        for _ in range(draw.pick([1, 1, 2])):
            yield from self.say(side)
        if kind == 0:
            return
        for _ in range(draw.randrange(1, 6)):
            if draw.chance(0.2):
                yield from self.flow.error(draw.pick([CLIENT, SERVER]))
            else:
                yield from self.say(draw.often([SERVER, CLIENT, SERVER], [CLIENT], 0.3))


class Echo:
    """Requests and answers of ICMP and ICMPv6; both ports of a view are the id."""

    ASKING = {4: [(8, 0), (8, 0), (8, 0), (13, 14), (15, 16), (17, 18)], 16: [(128, 129)]}
    ALONE = {
        4: [(9, 0), (10, 0), (30, 0), (42, 0), (0, 0)],
        16: [(130, 0), (133, 0), (143, 0), (200, 0), (129, 0)],
    }

    def __init__(self, draw, flow):
        self.draw = draw
        self.flow = flow
        self.ask, answer = draw.pick(self.ASKING[len(flow.client.own)])
        self.answer = 0 if self.ask == 8 else answer
        self.sequence = 0

    def message(self, side, kind, code=0):
        self.sequence += 1
        view, draw = self.flow.view(side), self.draw
        data = draw.pick(draw.palette.words) + bytes(
            draw.often([4, 20, 56, 300], [1360, 1380], draw.palette.large_share)
        )
        return struct.pack("!BBHHH", kind, code, 0, view.own_port, self.sequence) + data

    def say(self, side, kind, note, code=0):
        message = self.message(side, kind, code)
        if self.draw.chance(0.04):
            yield from self.flow.damaged(side, message, note)
        else:
            yield from self.flow.send(side, message, note)

    def stray(self):
        draw = self.draw
        side = draw.pick([CLIENT, SERVER])
        kind, code = draw.pick(self.ALONE[len(self.flow.client.own)])
        yield from self.say(side, kind, f"type {kind}", code)

    def conversation(self):
        draw = self.draw
        for _ in range(draw.randrange(1, 5)):
            yield from self.say(CLIENT, self.ask, "asks", draw.often([0], [1], 0.03))
            for _ in range(draw.pick([0, 1, 1, 1, 1, 2])):
                yield from self.say(SERVER, self.answer, "answers")
            if draw.chance(0.15):
                yield from self.stray()
            if draw.chance(0.25):
                yield from self.flow.error(draw.pick([CLIENT, SERVER, SERVER]))
            if draw.chance(0.08):
                yield from self.say(SERVER, self.ask, "asks back")


class Sctp:
    def __init__(self, draw, flow):
        self.draw = draw
        self.flow = flow
        self.tags = [draw.getrandbits(32) or 1, draw.getrandbits(32) or 1]
        """What each end wants to read in what it gets."""

    def chunk(self, kind, flags=0, body=b""):
        return struct.pack("!BBH", kind, flags, 4 + len(body)) + body + bytes(-len(body) % 4)

    def init(self, side, kind):
        body = struct.pack("!IIHHI", self.tags[side], 65535, 5, 5, 1)
        return self.chunk(kind, 0, body)

    def say(self, side, *chunks, tag=None):
        view = self.flow.view(side)
        tag = self.tags[1 - side] if tag is None else tag
        if self.draw.chance(0.05):
            tag ^= 0x10
        message = struct.pack("!HHII", view.own_port, view.peer_port, tag, 0) + b"".join(chunks)
        kinds = " ".join(str(c[0]) for c in chunks)
        if self.draw.chance(0.03):
            yield from self.flow.damaged(side, message, f"chunks {kinds}")
        else:
            yield from self.flow.send(side, message, f"chunks {kinds}")

    def open(self):
        draw = self.draw
        yield from self.say(CLIENT, self.init(CLIENT, INIT), tag=draw.often([0], [5], 0.05))
        if draw.chance(0.1):
            yield from self.flow.again(CLIENT)
        if draw.chance(0.05):
            yield from self.say(SERVER, self.init(SERVER, INIT), tag=0)
        yield from self.say(SERVER, self.init(SERVER, INIT_ACK))
        yield from self.say(CLIENT, self.chunk(COOKIE_ECHO, 0, bytes(12)))
        if draw.chance(0.9):
            yield from self.say(SERVER, self.chunk(COOKIE_ACK))

    def middle(self):
        draw = self.draw
        side = draw.pick([CLIENT, SERVER])
        kind = draw.pick(
            [DATA, DATA, SACK, HEARTBEAT, ERROR, 15, 0x80, INIT, COOKIE_ECHO, COOKIE_ACK]
        )
        if kind == HEARTBEAT:
            yield from self.say(side, self.chunk(HEARTBEAT, 0, bytes(8)))
            yield from self.say(1 - side, self.chunk(HEARTBEAT_ACK, 0, bytes(8)))
        elif kind == INIT:
            yield from self.say(side, self.init(side, INIT), tag=draw.pick([0, None]))
        elif draw.chance(0.15):
            yield from self.flow.error(side)
        else:
            more = [self.chunk(SACK, 0, bytes(12))] if draw.chance(0.3) else []
            yield from self.say(side, *more, self.chunk(kind, 3, bytes(draw.pick([0, 12, 30]))))

    def close(self):
        draw = self.draw
        side = draw.pick([CLIENT, SERVER])
        if draw.chance(0.3):
            tag = draw.pick([self.tags[side], self.tags[1 - side]])
            flag = draw.pick([0, 1])
            yield from self.say(side, self.chunk(ABORT, flag), tag=tag)
            return
        yield from self.say(side, self.chunk(SHUTDOWN, 0, bytes(4)))
        yield from self.say(1 - side, self.chunk(SHUTDOWN_ACK))
        if draw.chance(0.8):
            yield from self.say(side, self.chunk(SHUTDOWN_COMPLETE))

    def conversation(self):
        draw = self.draw
        kind = draw.randrange(8)
        if kind == 0:
            yield from self.say(CLIENT, self.chunk(HEARTBEAT, 0, bytes(8)))
            yield from self.say(SERVER, self.chunk(HEARTBEAT_ACK, 0, bytes(8)))
        elif kind != 1:
            yield from self.open()
        for _ in range(draw.randrange(1, 5)):
            yield from self.middle()
        if draw.chance(0.6):
            yield from self.close()
            if draw.chance(0.5):
                yield from draw.pick([self.open, self.middle])()


class Bare:
    """Protocols without ports: GRE of both versions, and what nobody knows."""

    def __init__(self, draw, flow):
        self.draw = draw
        self.flow = flow
        self.version = draw.pick([0, 0, 1])

    def message(self):
        draw = self.draw
        data = bytes(draw.pick([4, 24, 60]))
        if self.flow.protocol != 47:
            return draw.octets(8) + data
        if self.version:
            return struct.pack("!HHHHI", 0x3001, 0x880B, len(data), 7, 1) + data
        return struct.pack("!HHI", 0x2000, 0x0800, 5) + data

    def conversation(self):
        draw = self.draw
        yield from self.flow.send(CLIENT, self.message(), "message")
        for _ in range(draw.randrange(4)):
            if draw.chance(0.15):
                yield from self.flow.error(draw.pick([CLIENT, SERVER]))
            else:
                yield from self.flow.send(draw.pick([CLIENT, SERVER]), self.message(), "message")
