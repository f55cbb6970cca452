# SPDX-License-Identifier: GPL-2.0-or-later
"""What the ends of protocols with helpers say, and what only looks like it.

A maker takes the draw and a Speaker and gives (payload, the port that it announces or 0).
"""

import ipaddress
import struct
from dataclasses import dataclass

CLIENT, SERVER = 0, 1


@dataclass
class Speaker:
    side: int
    own: bytes
    """Its address, as it knows it."""
    peer: bytes
    others: list
    """Addresses that are not its own."""
    ports: list

    @property
    def is_ipv6(self):
        return len(self.own) == 16


def named(draw, who):
    """An address to name: mostly the own one."""
    return draw.often([who.own], [who.peer, *who.others], 0.12)


def port_of(draw, who):
    return draw.often(who.ports, [0, 1, 65535, 80], 0.1)


def octets(draw, address):
    found = [str(b) for b in address[:4]]
    if draw.chance(0.04):
        at = draw.randrange(4)
        found[at] = draw.pick([str(int(found[at]) + 256), "", "0" + found[at], found[at] + "x"])
    return found


def six_numbers(draw, who, port):
    high, low = str(port >> 8), str(port & 255)
    if draw.chance(0.05):
        high, low = str(max(0, (port >> 8) - 1)), str((port & 255) + 256)
    return ",".join([*octets(draw, named(draw, who)), high, low])


def ipv6_text(draw, address):
    where = ipaddress.IPv6Address(address)
    groups = [int.from_bytes(address[i : i + 2], "big") for i in range(0, 16, 2)]
    tail = ".".join(str(b) for b in address[12:])
    return draw.pick(
        [
            where.compressed,
            where.compressed,
            where.exploded,
            where.compressed.upper(),
            ":".join(f"{g:x}" for g in groups),
            ":".join(f"{g:x}" for g in groups[:6]) + ":" + tail,
            where.compressed.replace("::", ":"),
            where.compressed + ":",
            "::" + tail,
        ]
    )


def eprt(draw, who, port):
    delimiter = draw.often(["|"], list("!;,.:/xA~"), 0.2)
    where = named(draw, who)
    text = ipv6_text(draw, where) if who.is_ipv6 else ".".join(octets(draw, where))
    family = draw.often(["2" if who.is_ipv6 else "1"], ["1", "2", "3"], 0.05)
    return delimiter + delimiter.join([family, text, str(port), ""])


def ftp(draw, who):
    port, end = port_of(draw, who), draw.often(["\r\n"], ["\n", "\r", ""], 0.08)
    if who.side == CLIENT:
        kind = draw.randrange(10)
        if kind < 2:
            return (draw.pick(["USER x", "RETR PORT 1", "EPSV", "PASV", " "]) + end).encode(), 0
        if kind < 6:
            word = draw.often(["PORT "], ["port ", "PORT", "PORT  ", "PORTS ", "PoRt a "], 0.1)
            return (word + six_numbers(draw, who, port) + end).encode(), port
        word = draw.often(["EPRT "], ["eprt ", "EPRT", "EPRT  "], 0.1)
        return (word + eprt(draw, who, port) + end).encode(), port
    kind = draw.randrange(10)
    if kind < 2:
        return (draw.pick(["230 ok", "220-227 no", "22", "227-x"]) + end).encode(), 0
    if kind < 6:
        before, behind = draw.pick([("Entering Passive Mode (", ")."), ("=", ""), ("", ")"), ("4 (", ")")])
        return f"227 {before}{six_numbers(draw, who, port)}{behind}{end}".encode(), port
    mark = draw.often(["|"], list("!,1a"), 0.1)
    before = draw.often(["Extended Passive Mode ("], ["(", "", "(("], 0.2)
    return f"229 {before}{mark * 3}{port}{mark}){end}".encode(), port


def irc(draw, who):
    if who.side == SERVER:
        return b":irc.example NOTICE x :\1DCC SEND f 1 2 3\1\r\n", 0
    port = port_of(draw, who)
    number = int.from_bytes(named(draw, who)[:4], "big") + draw.often([0], [1 << 32], 0.03)
    word = draw.often(["SEND", "CHAT"], ["MOVE", "TSEND", "SCHAT", "RESUME", "SEND CHAT"], 0.3)
    head = draw.often(["PRIVMSG bob"], ["privmsg #c", " \r\nPRIVMSG b", "NOTICE bob", "PRIVMSG"], 0.15)
    start = draw.often([" :\1DCC "], [" :DCC ", " :x \1DCC ", " :\1dcc "], 0.1)
    rest = draw.pick([" 1234", "", " 9 9"]) + draw.often(["\1\r\n"], ["\n", "\1", "\1\r\nX :y\n"], 0.1)
    gap = draw.often([" "], ["  ", "     "], 0.1)
    return f"{head}{start}{word} file.txt {number}{gap}{port}{rest}".encode("latin1"), port


def tftp(draw, who):
    opcode = draw.pick([1, 2, 1, 2, 3, 4, 5, 257])
    return struct.pack("!H", opcode) + draw.pick([b"file\0octet\0", b"", b"\0\1"]), 0


def amanda(draw, who):
    ports = [port_of(draw, who) for _ in range(4)]
    words = draw.sample(["DATA", "MESG", "INDEX", "STATE"], draw.randrange(1, 5))
    texts = [draw.often([str(p)], [f"0{p}", f"00{p}", f"{p + 65536}", "x"], 0.15) for p in ports]
    line = " ".join(f"{w} {t}" for w, t in zip(words, texts))
    head = draw.often(["Amanda 2.6 REP\nCONNECT "], ["CONNECT ", "connect ", "CONNECT"], 0.2)
    end = draw.often(["\nOPTIONS ;\n"], ["\n", "", " "], 0.2)
    return f"{head}{line}{end}".encode(), ports[0] if words[0] == "DATA" else 0


def tlv(draw, tag, *parts):
    body = b"".join(parts)
    if tag & 0x20 and draw.chance(0.05):
        return bytes([tag, 0x80]) + body + bytes(2)
    if draw.chance(0.06):
        return bytes([tag, 0x81, len(body)]) + body
    return bytes([tag, len(body)]) + body


def snmp_value(draw, who):
    kind = draw.randrange(8)
    if kind < 4:
        return tlv(draw, 0x40, named(draw, who)[: draw.often([4], [3, 5], 0.03)])
    if kind == 4:
        return tlv(draw, 2, b"\5")
    tag = draw.pick([4, 5, 6, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x80, 0x81, 0x82, 0x83])
    return tlv(draw, tag, b"" if tag in (5, 0x80, 0x81, 0x82) else b"\1\2")


def snmp(draw, who):
    variables = []
    for _ in range(draw.often([1, 2, 3], [0], 0.03)):
        values = [snmp_value(draw, who) for _ in range(draw.often([1], [0, 2], 0.06))]
        variables.append(tlv(draw, 0x30, tlv(draw, 6, b"\x2b\6\1"), *values))
    numbers = [tlv(draw, 2, b"\1"), tlv(draw, 2, b"\0"), tlv(draw, 2, b"\0")]
    tag = draw.often([0xA2, 0xA0, 0xA7], [0xA1, 0xA3, 0xA4, 0xA5, 0xA6, 0xA8, 0xA9], 0.2)
    pdu = tlv(draw, tag, *numbers, tlv(draw, 0x30, *variables))
    version = tlv(draw, 2, bytes([draw.often([0, 1], [2, 3], 0.05)]))
    name = tlv(draw, 4, draw.pick([b"public", b"odd", b""]))
    return tlv(draw, 0x30, version, name, pdu), 0


def sane(draw, who):
    if who.side == CLIENT:
        code = draw.often([7], [3, 8], 0.2)
        return struct.pack("!II", code, 1) + draw.often([b""], [b"\0"], 0.1), 0
    port = port_of(draw, who)
    status, zero = draw.often([0], [1], 0.1), draw.often([0], [1], 0.05)
    return struct.pack("!IHH", status, zero, port) + draw.pick([b"", bytes(8)]), port


def mutated(draw, data):
    """Mostly as it was; else a few bytes changed, lost, doubled, or the end cut."""
    if draw.chance(0.7):
        return data
    found = bytearray(data)
    for _ in range(draw.randrange(1, 3)):
        if not found:
            break
        at, kind = draw.randrange(len(found)), draw.randrange(5)
        if kind == 0:
            found[at] = draw.pick(list(b"0129 ,.|():\r\n\1\0\x7f\xffaP"))
        elif kind == 1:
            del found[at]
        elif kind == 2:
            found[at:at] = found[at : at + draw.randrange(1, 6)]
        elif kind == 3:
            del found[at:]
        else:
            found[at] ^= 1 << draw.randrange(8)
    return bytes(found)
