# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets and captures as bytes, written out by hand so that tests share no code with the program."""

import ipaddress
import struct

ETHERNET, RAW, SLL, SLL2 = 1, 101, 113, 276
TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
HOUR_NS = 3600 * 10**9
START_NS = 1_790_000_000 * 10**9


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def addr(text):
    return ipaddress.ip_address(text).packed


def mac(text):
    return bytes.fromhex(text.replace(":", ""))


def ip4(src, dst, proto, payload, **more):
    """An IPv4 packet; more: ttl, tos, ident, df, mf, offset (bytes), options, version, total, csum."""
    options = more.get("options", b"")
    options += b"\0" * (-len(options) % 4)
    hlen = 20 + len(options)
    flags = more.get("df", False) << 14 | more.get("mf", False) << 13 | more.get("offset", 0) >> 3
    head = struct.pack(
        "!BBHHHBBH4s4s",
        more.get("version", 4) << 4 | more.get("ihl", hlen // 4),
        more.get("tos", 0),
        more.get("total", hlen + len(payload)),
        more.get("ident", 1),
        flags,
        more.get("ttl", 64),
        proto,
        0,
        addr(src),
        addr(dst),
    )
    csum = more.get("csum", checksum(head + options))
    return head[:10] + struct.pack("!H", csum) + head[12:] + options + payload


def ip6(src, dst, proto, payload, **more):
    """An IPv6 packet; more: hop, length, version."""
    head = struct.pack(
        "!IHBB", more.get("version", 6) << 28, more.get("length", len(payload)), proto, more.get("hop", 64)
    )
    return head + addr(src) + addr(dst) + payload


def pseudo(src, dst, proto, length):
    return addr(src) + addr(dst) + struct.pack("!IHBB", length, 0, 0, proto)


def udp(src, dst, sport, dport, data=b"data"):
    head = struct.pack("!HHHH", sport, dport, 8 + len(data), 0)
    csum = checksum(pseudo(src, dst, UDP, 8 + len(data)) + head + data) or 0xFFFF
    return head[:6] + struct.pack("!H", csum) + data


def tcp(src, dst, sport, dport, **more):
    """more: seq, ack, flags, data."""
    data = more.get("data", b"")
    head = struct.pack(
        "!HHIIBBHHH",
        sport,
        dport,
        more.get("seq", 1000),
        more.get("ack", 0),
        5 << 4,
        more.get("flags", 2),
        1024,
        0,
        0,
    )
    csum = checksum(pseudo(src, dst, TCP, len(head + data)) + head + data)
    return head[:16] + struct.pack("!H", csum) + head[18:] + data


def echo(data=b"ping", kind=8):
    head = struct.pack("!BBHHH", kind, 0, 0, 7, 1)
    return head[:2] + struct.pack("!H", checksum(head + data)) + head[4:] + data


def echo6(src, dst, data=b"ping", kind=128):
    head = struct.pack("!BBHHH", kind, 0, 0, 7, 1)
    csum = checksum(pseudo(src, dst, ICMP6, len(head + data)) + head + data)
    return head[:2] + struct.pack("!H", csum) + head[4:] + data


def udp4(src, dst, dport=53, data=b"data", **more):
    return ip4(src, dst, UDP, udp(src, dst, 1024, dport, data), **more)


def udp6(src, dst, dport=53, data=b"data", **more):
    return ip6(src, dst, UDP, udp(src, dst, 1024, dport, data), **more)


def ping4(src, dst, **more):
    return ip4(src, dst, ICMP, echo(more.pop("data", b"ping")), **more)


def ping6(src, dst, **more):
    return ip6(src, dst, ICMP6, echo6(src, dst), **more)


def tcp4(src, dst, sport=1024, dport=80, **more):
    keys = ("seq", "ack", "flags", "data")
    inner = {k: more.pop(k) for k in keys if k in more}
    return ip4(src, dst, TCP, tcp(src, dst, sport, dport, **inner), **more)


def arp(op, sha, spa, tha, tpa):
    return struct.pack("!HHBBH", 1, 0x0800, 6, 4, op) + mac(sha) + addr(spa) + mac(tha) + addr(tpa)


def ether(dst, src, payload, kind=None):
    if kind is None:
        kind = 0x86DD if payload[0] >> 4 == 6 else 0x0800
    return mac(dst) + mac(src) + struct.pack("!H", kind) + payload


# --- Captures ---------------------------------------------------------------------------------------


def pcap(packets, link=RAW, order="<", nano=True, cut=None):
    """Classic pcap of (time_ns, data) pairs; cut: bytes kept of each packet."""
    unit = 1 if nano else 1000
    out = struct.pack(order + "IHHiIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, 262144, link)
    for time_ns, data in packets:
        kept = data[:cut]
        seconds, rest = divmod(time_ns, 10**9)
        out += struct.pack(order + "IIII", seconds, rest // unit, len(kept), len(data)) + kept
    return out


def option(order, code, value):
    return struct.pack(order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def block(order, kind, body):
    size = 12 + len(body)
    return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)


def section(order="<"):
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface_block(name, link=RAW, order="<", tsresol=9, tsoffset=None):
    body = struct.pack(order + "HHI", link, 0, 0)
    if name is not None:
        body += option(order, 2, name.encode())
    body += option(order, 9, bytes([tsresol]))
    if tsoffset is not None:
        body += option(order, 14, struct.pack(order + "q", tsoffset))
    return block(order, 1, body + option(order, 0, b""))


def packet_block(number, stamp, data, order="<", flags=None, length=None):
    body = struct.pack(
        order + "IIIII", number, stamp >> 32, stamp & 0xFFFFFFFF, len(data), length or len(data)
    )
    body += data + b"\0" * (-len(data) % 4)
    if flags is not None:
        body += option(order, 2, struct.pack(order + "I", flags)) + option(order, 0, b"")
    return block(order, 6, body)


def pcapng(packets, link=RAW):
    """A section of (interface, time_ns, data) triples; link may be a dictionary by interface."""
    names = list(dict.fromkeys(name for name, _, _ in packets))
    out = section()
    for name in names:
        out += interface_block(name, link[name] if isinstance(link, dict) else link)
    for name, time_ns, data in packets:
        out += packet_block(names.index(name), time_ns, data)
    return out


def read_pcapng(data):
    """(interfaces, packets) of a little-endian file: names with link types, then triples."""
    at, interfaces, packets = 0, [], []
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        body = data[at + 8 : at + size - 4]
        if kind == 1:
            link = struct.unpack_from("<H", body)[0]
            code, length = struct.unpack_from("<HH", body, 8)
            assert code == 2, "if_name stands first"
            interfaces.append((body[12 : 12 + length].decode(), link))
        if kind == 6:
            number, high, low, kept, _ = struct.unpack_from("<IIIII", body)
            packets.append((interfaces[number][0], high << 32 | low, body[20 : 20 + kept]))
        at += size
    return interfaces, packets
