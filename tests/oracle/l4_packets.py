# SPDX-License-Identifier: GPL-2.0-or-later
"""Random conversations of TCP, SCTP and GRE: mostly sensible, with numbers off at the edges."""

import random
import socket
import struct

from l4_kernel import GRE, HOST, SCTP, TCP

FIN, SYN, RST, PSH, ACK, URG = 1, 2, 4, 8, 16, 32
LETTERS = "FSRPAU"
U32 = 0xFFFFFFFF


def internet_sum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def crc32c(data):
    crc = U32
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ U32


def ipv4(direction, protocol, payload):
    ends = b"".join(socket.inet_aton(HOST[i]) for i in (direction, 1 - direction))
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0x4000, 64, protocol, 0) + ends
    return head[:10] + struct.pack("!H", internet_sum(head)) + head[12:] + payload


def off(rng, edges):
    return rng.choice([-1, 1]) * rng.choice(edges)


class TcpTalk:
    """Two ends of a connection, of which at least one is not quite right."""

    PLANS = (
        ["syn0", "synack1", "ack0"],
        ["syn0", "synack1", "ack0", "data0", "ack1", "data1", "ack0"],
        ["syn0", "syn1", "synack1", "synack0", "ack0", "ack1"],
        ["syn0"],
        ["data0", "data1", "ack0"],
        [],
    )
    ENDS = (
        ["fin0", "ack1", "fin1", "ack0"],
        ["fin1", "ack0", "fin0", "ack1"],
        ["fin0", "fin1", "ack0", "ack1"],
        ["rst0"],
        ["rst1"],
        ["fin1", "rst0"],
        [],
    )
    AFTER = (["syn0", "synack1", "ack0"], ["syn0", "ack1", "rst0", "syn0", "synack1"], ["syn1"], [], [])
    KINDS = {
        "syn": SYN, "synack": SYN | ACK, "fin": FIN | ACK, "ack": ACK, "data": ACK | PSH,
        "rst": RST, "rsta": RST | ACK,
    }  # fmt: skip
    ODD = (0, FIN, FIN | SYN, SYN | RST, SYN | URG, ACK | URG, FIN | ACK | URG, RST | URG, SYN | FIN | ACK,
           SYN | ACK | URG, 0xFF, FIN | URG | PSH, SYN | 0xC0, ACK | 0xC0, SYN | PSH)  # fmt: skip

    def __init__(self, rng):
        self.rng = rng
        self.next = [rng.choice([0, 1, 1000, 2**31 - 5, U32 - 3, rng.getrandbits(32)]) for _ in "<>"]
        self.acked = list(self.next)
        self.win = [rng.choice([0, 100, 1000, 5000, 65535]) for _ in "<>"]
        self.plan = sum((rng.choice(x) for x in (self.PLANS, self.ENDS, self.AFTER)), [])
        self.sent = []

    def settings(self):
        rng = self.rng
        return {
            "tcp_loose": str(int(rng.random() > 0.15)),
            "tcp_be_liberal": str(int(rng.random() < 0.1)),
            "tcp_ignore_invalid_rst": str(int(rng.random() < 0.1)),
            "tcp_max_retrans": str(rng.choice([3, 3, 3, 0, 1])),
        }

    def options(self, is_syn):
        rng, options = self.rng, b""
        if is_syn:
            if rng.random() < 0.5:
                options += bytes([3, 3, rng.choice([0, 1, 7, 14, 15, 200])])
            if rng.random() < 0.5:
                options += b"\x04\x02"
            if rng.random() < 0.05:
                options += rng.choice([b"\x03\x04\x07", b"\x05", b"\xff\x00", b"\x00\x03\x03\x07"])
        elif rng.random() < 0.2:
            right = self.acked[rng.randint(0, 1)] + rng.choice([0, 100, 1000, 5000, 70000, -70000])
            options += b"\x01\x01\x05\x0a" + struct.pack("!II", right - 10 & U32, right & U32)
        return options + bytes(-len(options) % 4)

    def action(self):
        if self.plan and self.rng.random() < 0.8:
            return self.plan.pop(0)
        return self.rng.choice([*self.KINDS, "odd", "again"]) + self.rng.choice("01")

    def numbers(self, end):
        """seq, ack, and whether they are those of the conversation."""
        rng = self.rng
        seq, ack, chance = self.next[end], self.next[1 - end], rng.random()
        edges = [1, 10, 100, 1000, 5000, 66000, 70000, 1 << 20, 1 << 31, self.win[end]]
        if chance < 0.12:
            seq += off(rng, edges)
        elif chance < 0.16:
            seq = rng.choice([0, self.acked[end]])
        elif chance < 0.24:
            ack += off(rng, [*edges, 65999, 66001, 66002])
        elif chance < 0.26:
            ack = 0
        return seq & U32, ack & U32, chance >= 0.26

    def packet(self):
        rng, action = self.rng, self.action()
        kind, end = action[:-1], int(action[-1])
        if kind == "again" and self.sent:
            return rng.choice(self.sent)
        flags = self.KINDS.get(kind) if kind in self.KINDS else rng.choice(self.ODD)
        if kind == "syn" and rng.random() < 0.15:
            self.next[end] = rng.getrandbits(32)
        seq, ack, is_right = self.numbers(end)
        ack = ack if flags & ACK or rng.random() < 0.2 else 0
        if rng.random() < 0.1:
            self.win[end] = rng.choice([0, 1, 100, 65535, rng.getrandbits(16)])
        size = rng.choice([1, 10, 100, 1000]) if kind == "data" else 50 * (rng.random() < 0.02)
        if is_right:
            last = seq + size + bool(flags & SYN) + bool(flags & FIN)
            self.next[end], self.acked[end] = last & U32, ack if flags & ACK else self.acked[end]
        found = self.build(end, seq, ack, flags, size)
        self.sent.append(found)
        return found

    def build(self, end, seq, ack, flags, size):
        rng, options = self.rng, self.options(flags & SYN)
        ports = (40000, 80) if end == 0 else (80, 40000)
        words = 5 + len(options) // 4 if rng.random() > 0.007 else rng.choice([0, 4, 6, 15])
        head = struct.pack("!HHIIBBHHH", *ports, seq, ack, words << 4, flags, self.win[end], 0, 0)
        segment = head + options + b"x" * size
        ends = b"".join(socket.inet_aton(HOST[i]) for i in (end, 1 - end))
        total = internet_sum(ends + struct.pack("!HH", TCP, len(segment)) + segment)
        total ^= rng.random() < 0.01
        segment = segment[:16] + struct.pack("!H", total) + segment[18:]
        letters = "".join(x for i, x in enumerate(LETTERS) if flags >> i & 1)
        note = f"{letters or '-'} seq={seq} ack={ack} win={self.win[end]} len={size} {options.hex()}"
        return end, ipv4(end, TCP, segment), note


class SctpTalk:
    """An association whose ends sometimes forget their tags."""

    TYPES = {
        "data": 0, "init": 1, "initack": 2, "sack": 3, "hb": 4, "hback": 5, "abort": 6, "shut": 7,
        "shutack": 8, "error": 9, "cecho": 10, "cack": 11, "shutcomp": 14, "odd": 0x80,
    }  # fmt: skip
    PLANS = (
        ["init0", "initack1", "cecho0", "cack1"],
        ["init0", "init1", "initack0", "initack1", "cecho0", "cack1"],
        ["init0", "init1", "initack1", "initack0", "cecho1", "cack0"],
        ["init1", "initack0", "cecho1", "cack0", "init0", "initack1"],
        ["init0", "initack1", "cecho0", "cack1", "init1", "initack0"],
        ["hb0", "hback1"],
        ["shutack0", "shutcomp1"],
        [],
    )
    ENDS = (
        ["data0", "sack1"],
        ["shut0", "shutack1", "shutcomp0"],
        ["shut1", "shutack0", "shutcomp1"],
        ["abort0"],
        ["abort1"],
        ["hb0", "hback1"],
        [],
    )

    def __init__(self, rng):
        self.rng = rng
        self.tag = [rng.getrandbits(32) for _ in "<>"]
        self.old = [*self.tag, 0, 5]
        self.plan = sum((rng.choice(x) for x in (self.PLANS, self.ENDS) * rng.randint(0, 2)), [])
        self.sent = []

    def settings(self):
        return {}

    def actions(self):
        rng = self.rng
        if self.plan and rng.random() < 0.75:
            first = self.plan.pop(0)
        else:
            first = rng.choice(list(self.TYPES)) + rng.choice("01")
        found, end = [first[:-1]], int(first[-1])
        while rng.random() < 0.12:
            found.append(rng.choice(list(self.TYPES)))
        return end, found

    def chunk(self, name, end):
        """The chunk, and the tag that it wants the packet to have, or None."""
        rng, kind, flags, tag, body = self.rng, self.TYPES[name], 0, None, b""
        if name in ("init", "initack"):
            body = struct.pack("!IIHHI", self.tag[end], 65535, 1, 1, 1)
            body = body[: rng.choice([0, 4, 12])] if rng.random() < 0.03 else body
            tag = 0 if name == "init" and rng.random() < 0.95 else None
        elif name in ("abort", "shutcomp") and rng.random() < 0.3:
            flags, tag = 1, self.tag[end]
        elif name == "data":
            body = bytes(12) + b"x" * rng.choice([1, 4, 7])
        elif name in ("hb", "hback", "cecho", "shut"):
            body = b"\x00\x01\x00\x08abcd"
        length = 4 + len(body) if rng.random() > 0.01 else rng.choice([0, 1, 3, 5, 200])
        return struct.pack("!BBH", kind, flags, length) + body + bytes(-len(body) % 4), tag

    def packet(self):
        rng = self.rng
        if self.sent and rng.random() < 0.06:
            return rng.choice(self.sent)
        end, names = self.actions()
        if rng.random() < 0.1:
            self.tag[rng.randint(0, 1)] = rng.getrandbits(32)
        tag, chunks = self.tag[1 - end], b""
        for name in names:
            chunk, wants = self.chunk(name, end)
            chunks += chunk
            tag = tag if wants is None else wants
        if rng.random() < 0.12:
            tag = rng.choice(self.old + self.tag)
        ports = (40000, 90) if end == 0 else (90, 40000)
        head = struct.pack("!HHI", *ports, tag)
        crc = crc32c(head + bytes(4) + chunks) ^ (rng.random() < 0.02)
        found = end, ipv4(end, SCTP, head + struct.pack("<I", crc) + chunks), f"{tag:#x} {' '.join(names)}"
        self.sent.append(found)
        return found


class GreTalk:
    """Version 0, and what is no sound PPTP."""

    def __init__(self, rng):
        self.rng = rng

    def settings(self):
        return {}

    def packet(self):
        rng, end = self.rng, self.rng.randint(0, 1)
        body = rng.choice([b"\0\0\x08\0", b"\x20\0\x08\0abcd", b"\x30\x02\x88\x0b\0\0\0\x05", b"\x30\x01", b"\0"])
        return end, ipv4(end, GRE, body + b"x" * 20 * (len(body) > 3)), body.hex()


TALKS = (TcpTalk, TcpTalk, TcpTalk, SctpTalk, SctpTalk, GreTalk)


def talk(seed):
    rng = random.Random(seed)
    return rng.choice(TALKS)(rng)
