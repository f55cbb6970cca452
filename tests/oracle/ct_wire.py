#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel as oracle of ctnetlink's bytes: the same requests to both, the same messages back.

usage: ct_wire.py CT_SERVER

A program's requests (make, change, get, dump with filters, expectations, deletions) go to the kernel, in a
namespace of its own, and to our server; every answer and every event is compared byte for byte, but for
what differs by nature: ids, times, ports of programs, references, and the kernel's text of errors.
"""
import ctypes
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

from attributes import attr, attrs

CT, EXP = 1, 2
NEW, GET, DELETE, ZERO, CPU, STATS, DYING, UNCONFIRMED = range(8)
REQUEST, ACK, DUMP, CREATE, EXCL = 1, 4, 0x300, 0x400, 0x200
V4, V6 = socket.AF_INET, socket.AF_INET6


def nest(kind, *parts):
    return attr(kind | 0x8000, b"".join(parts))


def u8(kind, v):
    return attr(kind, bytes([v]))


def u16(kind, v):
    return attr(kind, struct.pack("!H", v))


def u32(kind, v):
    return attr(kind, struct.pack("!I", v))


def flags32(kind, v):
    return attr(kind, struct.pack("=I", v))


def tuple_of(kind, src, dst, proto, a, b=0, zone=None):
    v6 = ":" in src
    pack = lambda x: socket.inet_pton(V6 if v6 else V4, x)
    ip = nest(1, attr(3 if v6 else 1, pack(src)), attr(4 if v6 else 2, pack(dst)))
    if proto in (1, 58):
        n = 4 if proto == 1 else 7
        l4 = [u16(n, a), u8(n + 1, b >> 8), u8(n + 2, b & 255)]
    elif proto in (6, 17, 33, 47, 132, 136):
        l4 = [u16(2, a), u16(3, b)]
    else:
        l4 = []
    return nest(kind, ip, nest(2, u8(1, proto), *l4), *([u16(3, zone)] if zone else []))


def both(src, dst, proto, a, b=0, zones=(None, None)):
    answer = {8: 0, 128: 129, 13: 14}.get(b >> 8, 0) << 8 if proto in (1, 58) else a
    back = (a, answer) if proto in (1, 58) else (b, a)
    return tuple_of(1, src, dst, proto, a, b, zones[0]) + tuple_of(2, dst, src, proto, *back, zone=zones[1])


class Side:
    """One who answers: the kernel, or our server."""

    def __init__(self, path):
        self.path = path
        self.socket, self.events = self.open(), self.open()
        self.number = 0
        self.events.setblocking(False)

    def open(self):
        if self.path:
            s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            s.connect(self.path)
        else:
            s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
            s.bind((0, 0))
        s.settimeout(60)
        return s

    def listen(self):
        if not self.path:
            for group in range(1, 7):
                self.events.setsockopt(270, 1, group)
            return
        for group in range(1, 7):
            body = struct.pack("=BBH", 0, 0, 0) + attr(5, struct.pack("!I", group))
            self.events.send(struct.pack("=IHHII", 16 + len(body), 65 << 8 | 1, REQUEST | ACK, 1, 0) + body)
            self.events.settimeout(60)
            self.events.recv(65536)
        self.events.setblocking(False)

    def ask(self, subsystem, message, flags, body=b"", family=V4, version=0):
        self.number += 1
        body = struct.pack("=BBH", family, version, 0) + body
        head = struct.pack("=IHHII", 16 + len(body), subsystem << 8 | message, REQUEST | flags, self.number, 0)
        self.socket.send(head + body)
        found = []
        while True:
            for kind, flags_, payload in messages(self.socket.recv(1 << 20)):
                if kind == 2:
                    return found, -struct.unpack_from("=i", payload)[0]
                if kind == 3:
                    return found, 0
                found.append((kind, flags_, payload))
                if not flags & (ACK | DUMP):
                    return found, 0

    def heard(self):
        found = []
        while True:
            try:
                found += messages(self.events.recv(1 << 20))
            except BlockingIOError:
                return found


def messages(data):
    found = []
    while len(data) >= 16:
        size, kind, flags, _, _ = struct.unpack_from("=IHHII", data)
        found.append((kind, flags, data[16:size]))
        data = data[(size + 3) & ~3 :]
    return found


# of connections: use, id, times; of expectations: timeout, id. Timeouts are rounded up to 50 s.
MASKED = {CT: {11: 4, 12: 4, 27: 8}, EXP: {5: 4}}


def masked(message):
    kind, flags, payload = message
    subsystem, out = kind >> 8, b""
    if subsystem == CT and kind & 255 in (ZERO, CPU, STATS):  # 3: the kernel's word for expectations' counts
        return kind, flags, [k for k, _ in attrs(payload[4:])]
    for k, data in attrs(payload[4:]):
        if k in MASKED[subsystem]:
            assert len(data) == MASKED[subsystem][k]
            data = b"\0" * len(data)
        elif k == 0x8000 | 20:
            data = b"".join(attr(n, b"\0" * len(v)) for n, v in attrs(data))
        elif k == (7 if subsystem == CT else 4):
            data = struct.pack("!I", -(-struct.unpack("!I", data)[0] // 50) * 50)
        out += attr(k, data)
    return kind, flags, payload[:4].hex() + " " + out.hex()


TCP = both("10.0.0.1", "10.0.0.2", 6, 1000, 80)
FTP = both("10.0.0.1", "10.0.0.2", 6, 2000, 21)
T1 = u32(7, 300)


def tcp_info(state, *more):
    return nest(4, nest(1, u8(1, state), *more))


def label(bits):
    return attr(22, bits.to_bytes(16, "little"))


MAKE = CREATE | EXCL | ACK
STEPS = [
    ("tcp", CT, NEW, MAKE, TCP + T1 + u32(3, 14) + tcp_info(3) + u32(8, 7)),
    ("again", CT, NEW, MAKE, TCP + T1),
    ("get", CT, GET, ACK, TCP),
    ("get by reply", CT, GET, ACK, tuple_of(2, "10.0.0.2", "10.0.0.1", 6, 80, 1000)),
    ("get nothing", CT, GET, ACK, tuple_of(1, "10.0.0.9", "10.0.0.1", 6, 80, 1000)),
    ("get without a tuple", CT, GET, ACK, b""),
    ("half a tuple", CT, GET, ACK, nest(1, nest(1, attr(1, b"\1\2\3\4")))),
    ("update", CT, NEW, ACK, TCP + T1 + u32(8, 9) + tcp_info(4)),
    ("mark under a mask", CT, NEW, ACK, TCP + u32(8, 0x100) + u32(21, 0xFF00)),
    ("flags", CT, NEW, ACK, TCP + tcp_info(3, attr(4, b"\x0b\x0f"), attr(5, b"\x03\xff"), u8(2, 7), u8(3, 3))),
    ("labels", CT, NEW, ACK, TCP + label(1 << 127 | 5)),
    ("status that cannot be", CT, NEW, ACK, TCP + u32(3, 0)),
    ("state that is not", CT, NEW, ACK, TCP + tcp_info(77)),
    ("helper later", CT, NEW, ACK, TCP + nest(5, attr(1, b"ftp\0"))),
    ("seqadj", CT, NEW, ACK, TCP + nest(15, u32(1, 77), u32(2, 1), u32(3, 2)) + nest(16, u32(1, 7), u32(2, 0), u32(3, 9))),
    ("get all that", CT, GET, ACK, TCP),
    ("udp in a zone", CT, NEW, MAKE, both("10.0.0.1", "10.0.0.2", 17, 5, 53) + T1 + u16(18, 5) + u32(8, 0xFFFFFFFF)),
    ("zone of one side", CT, NEW, MAKE, both("10.0.0.1", "10.0.0.2", 17, 6, 53, (6, None)) + T1),
    ("zone of the other", CT, NEW, MAKE, both("10.0.0.1", "10.0.0.2", 17, 7, 53, (None, 7)) + T1),
    ("zone twice", CT, NEW, MAKE, both("10.0.0.1", "10.0.0.2", 17, 8, 53, (6, None)) + T1 + u16(18, 5)),
    ("without a timeout", CT, NEW, MAKE, both("10.0.0.1", "10.0.0.2", 17, 9, 53)),
    ("icmp", CT, NEW, MAKE, both("10.0.0.1", "10.0.0.2", 1, 77, 8 << 8) + T1),
    ("gre", CT, NEW, MAKE, both("10.0.0.1", "10.0.0.2", 47, 0x11, 0x2A) + T1),
    ("sctp", CT, NEW, MAKE, both("10.0.0.1", "10.0.0.2", 132, 11, 22) + T1 + nest(4, nest(3, u8(1, 4), u32(2, 1), u32(3, 2)))),
    ("sctp without tags", CT, NEW, ACK, both("10.0.0.1", "10.0.0.2", 132, 11, 22) + nest(4, nest(3, u8(1, 4)))),
    ("udplite", CT, NEW, MAKE, both("10.0.0.1", "10.0.0.2", 136, 11, 22) + T1),
    ("protocol 89", CT, NEW, MAKE, both("10.0.0.1", "10.0.0.2", 89, 0) + T1),
    ("synproxy", CT, NEW, ACK, TCP + nest(24, u32(1, 1), u32(2, 2), u32(3, 3))),
    ("nat", CT, NEW, MAKE, both("10.0.0.1", "10.0.0.2", 6, 3000, 80) + T1 + tcp_info(1) + nest(13, attr(1, b"\x0a\1\1\1"), nest(3, u16(1, 99)))),
    ("source nat", CT, NEW, MAKE, both("10.0.0.1", "10.0.0.2", 17, 3001, 80) + T1 + nest(6, attr(1, b"\x0a\1\1\2"))),
    ("ipv6", CT, NEW, MAKE, both("2001:db8::1", "2001:db8::2", 6, 1, 2) + T1 + tcp_info(1), V6),
    ("icmpv6", CT, NEW, MAKE, both("2001:db8::1", "2001:db8::2", 58, 77, 128 << 8) + T1, V6),
    ("ftp", CT, NEW, MAKE, FTP + T1 + tcp_info(3) + nest(5, attr(1, b"ftp\0"))),
    ("no such helper", CT, NEW, MAKE, both("10.0.0.1", "10.0.0.2", 6, 2001, 21) + T1 + nest(5, attr(1, b"none\0"))),
    ("of a master", CT, NEW, MAKE, both("10.0.0.1", "10.0.0.2", 6, 2002, 5000) + T1 + tcp_info(3) + tuple_of(14, "10.0.0.1", "10.0.0.2", 6, 2000, 21)),
    ("no such master", CT, NEW, MAKE, both("10.0.0.1", "10.0.0.2", 6, 2003, 5000) + T1 + tuple_of(14, "10.0.0.1", "10.0.0.2", 6, 2009, 21)),
    ("update of none", CT, NEW, ACK, both("10.0.0.1", "10.0.0.2", 6, 2009, 5000) + T1),
    ("dump", CT, GET, DUMP, b""),
    ("dump of everything", CT, GET, DUMP, b"", 0),
    ("dump of ipv6", CT, GET, DUMP, b"", V6),
    ("dump by mark", CT, GET, DUMP, u32(8, 0x100) + u32(21, 0xFF00)),
    ("dump by a mark outside", CT, GET, DUMP, u32(8, 0x101) + u32(21, 0xFF00)),
    ("mask without mark", CT, GET, DUMP, u32(21, 0xFF00)),
    ("dump by status", CT, GET, DUMP, u32(3, 4) + u32(26, 4)),
    ("dump by status alone", CT, GET, DUMP, u32(3, 4)),
    ("dump by zone", CT, GET, DUMP, u16(18, 5)),
    ("dump by zone of one side", CT, GET, DUMP, u16(18, 6)),
    ("dump by source", CT, GET, DUMP, nest(25, flags32(1, 1)) + TCP),
    ("dump by port", CT, GET, DUMP, nest(25, flags32(1, 8 | 32)) + TCP),
    ("dump by reply", CT, GET, DUMP, nest(25, flags32(2, 8 | 16)) + TCP),
    ("dump by icmp", CT, GET, DUMP, nest(25, flags32(1, 8 | 64)) + both("10.0.0.1", "10.0.0.2", 1, 77, 8 << 8)),
    ("filter without protocol", CT, GET, DUMP, nest(25, flags32(1, 32)) + TCP),
    ("filter without tuple", CT, GET, DUMP, nest(25, flags32(1, 1))),
    ("filter unknown", CT, GET, DUMP, nest(25, flags32(1, 1 << 20)) + TCP),
    ("dying", CT, DYING, DUMP, b""),
    ("unconfirmed", CT, UNCONFIRMED, DUMP, b""),
    ("counts", CT, CPU, DUMP, b""),
    ("count", CT, STATS, ACK, b""),
    ("expect", EXP, NEW, MAKE, tuple_of(2, "10.0.0.2", "10.0.0.1", 6, 0, 5001) + tuple_of(3, "255.255.255.255", "255.255.255.255", 6, 0, 65535) + tuple_of(1, "10.0.0.1", "10.0.0.2", 6, 2000, 21) + u32(4, 300)),
    ("expect again", EXP, NEW, MAKE, tuple_of(2, "10.0.0.2", "10.0.0.1", 6, 0, 5001) + tuple_of(3, "255.255.255.255", "255.255.255.255", 6, 0, 65535) + tuple_of(1, "10.0.0.1", "10.0.0.2", 6, 2000, 21) + u32(4, 300)),
    ("expect, without a mask", EXP, NEW, MAKE, tuple_of(2, "10.0.0.2", "10.0.0.1", 6, 0, 5002) + tuple_of(1, "10.0.0.1", "10.0.0.2", 6, 2000, 21)),
    ("expect, no master", EXP, NEW, MAKE, tuple_of(2, "10.0.0.2", "10.0.0.1", 6, 0, 5002) + tuple_of(3, "255.255.255.255", "255.255.255.255", 6, 0, 65535) + tuple_of(1, "10.0.0.1", "10.0.0.2", 6, 2009, 21)),
    ("expect longer", EXP, NEW, ACK, tuple_of(2, "10.0.0.2", "10.0.0.1", 6, 0, 5001) + tuple_of(3, "255.255.255.255", "255.255.255.255", 6, 0, 65535) + tuple_of(1, "10.0.0.1", "10.0.0.2", 6, 2000, 21) + u32(4, 500)),
    ("expect, get", EXP, GET, ACK, tuple_of(2, "10.0.0.2", "10.0.0.1", 6, 0, 5001)),
    ("expect, get none", EXP, GET, ACK, tuple_of(2, "10.0.0.2", "10.0.0.1", 6, 0, 5009)),
    ("expect, get without", EXP, GET, ACK, b""),
    ("expect, dump", EXP, GET, DUMP, b""),
    ("expect, dump of a master", EXP, GET, DUMP, tuple_of(1, "10.0.0.1", "10.0.0.2", 6, 2000, 21)),
    ("expect, counts", EXP, 3, DUMP, b""),
    ("expect, flush of irc", EXP, DELETE, ACK, attr(6, b"irc\0")),
    ("expect, delete", EXP, DELETE, ACK, tuple_of(2, "10.0.0.2", "10.0.0.1", 6, 0, 5001)),
    ("expect, delete again", EXP, DELETE, ACK, tuple_of(2, "10.0.0.2", "10.0.0.1", 6, 0, 5001)),
    ("get and zero", CT, ZERO, DUMP, b""),
    ("delete by another id", CT, DELETE, ACK, TCP + u32(12, 1)),
    ("delete", CT, DELETE, ACK, TCP),
    ("delete again", CT, DELETE, ACK, TCP),
    ("flush by mark", CT, DELETE, ACK, u32(8, 0xFFFFFFFF)),
    ("dump behind it", CT, GET, DUMP, b"", 0),
    ("flush by a tuple", CT, DELETE, ACK, nest(25, flags32(1, 8)) + both("10.0.0.1", "10.0.0.2", 1, 77, 8 << 8)),
    ("dump behind that", CT, GET, DUMP, b"", 0),
    ("flush of ipv6", CT, DELETE, ACK, b"", V6, 1),
    ("dump of what is left", CT, GET, DUMP, b"", 0),
    ("flush", CT, DELETE, ACK, b""),
    ("nothing is left", CT, GET, DUMP, b"", 0),
    ("no such message", CT, 9, ACK, b""),
]


def differences(theirs, ours):
    a, b = sorted(map(masked, theirs), key=repr), sorted(map(masked, ours), key=repr)
    for x in a:
        if x not in b:
            yield f"only the kernel: {x}"
    for x in b:
        if x not in a:
            yield f"only we: {x}"
    if len(a) != len(b):
        yield f"{len(a)} messages and {len(b)}"


def compare(number, name, theirs, ours, errors=(0, 0)):
    wrong = list(differences(theirs, ours))
    if errors[0] != errors[1]:
        wrong.append(f"the kernel says {os.strerror(errors[0])}, we {os.strerror(errors[1])}")
    print(f"{'not ok' if wrong else 'ok'} {number} - {name}")
    for text in wrong:
        print("#", text)
    return not wrong


def run(kernel, server):
    good = True
    for i, (name, subsystem, message, flags, body, *more) in enumerate(STEPS, 1):
        theirs, their_error = kernel.ask(subsystem, message, flags, body, *more)
        ours, our_error = server.ask(subsystem, message, flags, body, *more)
        # one message a worker, one a processor: what is in them counts
        if (subsystem, message) in ((CT, CPU), (EXP, 3)):
            theirs, ours = theirs[:1], ours[:1]
        events = [kernel.heard(), server.heard()]
        # ours may come a moment behind the answer
        for _ in range(2000):
            if len(events[1]) >= len(events[0]):
                break
            time.sleep(0.005)
            events[1] += server.heard()
        good &= compare(i, name, theirs + events[0], ours + events[1], (their_error, our_error))
    return good


def main():
    if os.geteuid() or ctypes.CDLL(None).unshare(0x40000000) != 0:
        print("1..0 # SKIP no root, or no namespaces")
        return
    for name in ("acct", "timestamp", "events"):
        with open(f"/proc/sys/net/netfilter/nf_conntrack_{name}", "w") as f:
            f.write("1")
    # labels are kept only where a rule asks for them
    subprocess.run(["iptables", "-t", "mangle", "-A", "OUTPUT", "-m", "connlabel", "--label", "1"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/socket"
        args = [sys.argv[1], path, "0", "acct", "timestamp"]
        with subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            kernel, server = Side(None), Side(path)
            for side in (kernel, server):
                side.listen()
            print(f"1..{len(STEPS)}")
            good = run(kernel, server)
            process.stdin.close()
            good &= process.wait() == 0
    sys.exit(0 if good else 1)


main()
