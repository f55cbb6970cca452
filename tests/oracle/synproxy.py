#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""SYNPROXY on the kernel and in `pktt replay`: client, router and server, spoken to segment by
segment. Each side makes cookies and time stamps of its own; what it sends is compared with
them subtracted, byte by byte, and what it tracks at the end.

    synproxy.py build/pktt
"""

import os
import re
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import kernel  # noqa: E402
import pcapng  # noqa: E402
from l4_packets import internet_sum  # noqa: E402

FIN, SYN, RST, PSH, ACK, ECE, CWR = 1, 2, 4, 8, 16, 64, 128
U32 = 0xFFFFFFFF
CLIENT, SERVER = 0, 1
HOSTS = {4: ("10.0.0.1", "10.0.1.1"), 6: ("fd00:a::1", "fd00:b::1")}
ROUTER = {4: ("10.0.0.254/24", "10.0.1.254/24"), 6: ("fd00:a::ff/64", "fd00:b::ff/64")}
RULES = """*raw
:PREROUTING ACCEPT [0:0]
-A PREROUTING -i r0 -p tcp --syn --dport 80 -j CT --notrack
COMMIT
*filter
:FORWARD ACCEPT [0:0]
-A FORWARD -i r0 -p tcp --dport 80 -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY {options}
-A FORWARD -m conntrack --ctstate INVALID -j DROP
COMMIT
"""
FULL = "--sack-perm --timestamp --wscale 7 --mss 1460"
SETTINGS = {"tcp_loose": "0", "acct": "1"}
QUIET_S = (0.03, 0.5)  # more only where a difference may come of it


class Segment:
    """What one side sent: fields, and the packet whole."""

    def __init__(self, wire, data):
        self.wire, self.data = wire, data
        self.head = 20 if data[0] >> 4 == 4 else 40
        tcp = data[self.head :]
        self.seq, self.ack = struct.unpack_from("!II", tcp, 4)
        self.flags, self.size = tcp[13], (tcp[12] >> 4) * 4
        self.stamp_at = self.find_stamp(tcp)
        self.stamp = struct.unpack_from("!II", tcp, self.stamp_at) if self.stamp_at else None

    def find_stamp(self, tcp):
        at = 20
        while at + 1 < self.size:
            if tcp[at] == 8:
                return at + 2
            at += 1 if tcp[at] < 2 else tcp[at + 1]
        return 0

    def pseudo(self):
        ends = self.data[12:20] if self.head == 20 else self.data[8:40]
        return ends + struct.pack("!II", len(self.data) - self.head, 6)

    def common(self, isn, its):
        """Without the cookie and the clock, which only the client's segments and a SYN have."""
        data, h = bytearray(self.data), self.head
        good = internet_sum(self.pseudo() + self.data[h:]) == 0
        where = "ack" if self.wire == SERVER and self.flags & SYN else "seq"
        at = h + (8 if where == "ack" else 4)
        if self.wire == CLIENT or where == "ack":
            struct.pack_into("!I", data, at, (struct.unpack_from("!I", data, at)[0] - isn) & U32)
            if self.stamp_at:
                word = h + self.stamp_at + (4 if where == "ack" else 0)
                if self.flags & SYN and where == "seq":
                    struct.pack_into("!I", data, word, self.stamp[0] & 0x3F)
                else:
                    off = struct.unpack_from("!I", data, word)[0] - its
                    struct.pack_into("!I", data, word, off & U32)
        elif self.stamp_at and data[8 if h == 20 else 7] == 64:
            # The proxy's own ACK: its echo is right already, and shifted once more.
            word = h + self.stamp_at + 4
            struct.pack_into("!I", data, word, (self.stamp[1] + its) & U32)
        data[h + 16 : h + 18] = b"ok" if good else b"??"
        if h == 20:
            data[10:12] = b"ok" if internet_sum(self.data[:20]) == 0 else b"??"
        return f"{'cs'[self.wire]} {data.hex()}"


def packet(family, sender, tcp):
    kind = socket.AF_INET if family == 4 else socket.AF_INET6
    address = [socket.inet_pton(kind, h) for h in HOSTS[family]]
    ends = address[sender] + address[1 - sender]
    total = internet_sum(ends + struct.pack("!II", len(tcp), 6) + tcp)
    tcp = tcp[:16] + struct.pack("!H", total) + tcp[18:]
    if family == 6:
        return struct.pack("!IHBB", 0x60000000, len(tcp), 6, 64) + ends + tcp
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 7, 0x4000, 64, 6, 0) + ends
    return head[:10] + struct.pack("!H", internet_sum(head)) + head[12:] + tcp


class Kernel:
    """Client, router and server in two namespaces that go with the process."""

    def __init__(self, family):
        self.family, self.quiet_s = family, QUIET_S[0]
        peer, own = kernel.new_namespace(), kernel.new_namespace()
        kernel.set_sysctls({"net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1"})
        for i in (0, 1):
            self.wire(i, peer)
        kernel.enter(peer)
        self.sockets = []
        for i in (0, 1):
            self.command(f"ip link set p{i} up")
            s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
            s.bind((f"p{i}", 0))
            s.setsockopt(kernel.SOL_PACKET, kernel.PACKET_IGNORE_OUTGOING, 1)
            self.sockets.append(s)
        kernel.enter(own)
        self.program = "iptables-legacy" if family == 4 else "ip6tables-legacy"

    def wire(self, i, peer):
        peer_mac = f"02:00:00:00:01:0{i}"
        self.command(
            f"ip link add r{i} address 02:00:00:00:00:0{i} type veth"
            f" peer name p{i} address {peer_mac}"
        )
        self.command(f"ethtool -K r{i} tx off tso off gso off")
        self.command(f"ip link set p{i} netns /proc/{os.getpid()}/fd/{peer}")
        self.command(f"ip link set r{i} up")
        flag = " nodad" if self.family == 6 else ""
        self.command(f"ip address add {ROUTER[self.family][i]} dev r{i}{flag}")
        host = HOSTS[self.family][i]
        self.command(f"ip neigh replace {host} lladdr {peer_mac} dev r{i} nud permanent")

    @staticmethod
    def command(text, **more):
        return subprocess.run(text.split(), check=True, capture_output=True, text=True, **more).stdout

    def begin(self, rules):
        self.command(f"{self.program}-restore", input=rules)
        subprocess.run(["conntrack", "-F"], check=False, capture_output=True)
        kernel.set_sysctls({f"net.netfilter.nf_conntrack_{n}": v for n, v in SETTINGS.items()})

    def send(self, sender, data):
        kind = b"\x08\x00" if self.family == 4 else b"\x86\xdd"
        head = bytes((2, 0, 0, 0, 0, sender, 2, 0, 0, 0, 1, sender)) + kind
        self.sockets[sender].send(head + data)
        found = []
        while ready := select.select(self.sockets, [], [], self.quiet_s)[0]:
            for s in ready:
                frame = s.recv(65536)
                protocol = frame[23 if self.family == 4 else 20]
                if frame[12:14] == kind and protocol == 6:
                    found.append(Segment(self.sockets.index(s), frame[14:]))
        return found

    def tracked(self):
        return self.command(f"conntrack -L -f ipv{self.family} -o extended")


class Replay:
    """The same through one program, which is run anew with all that was sent."""

    def __init__(self, pktt, family):
        self.pktt, self.family = pktt, family
        self.folder = tempfile.TemporaryDirectory(prefix="synproxy-")

    def begin(self, rules):
        self.frames = []
        Path(self.folder.name, "rules").write_text(rules, encoding="ascii")

    def command(self):
        words = [self.pktt, "replay", "--json", f"--ipv{self.family}-rules", f"{self.folder.name}/rules"]
        for i in (0, 1):
            words += ["--interface", f"r{i}={ROUTER[self.family][i]},mac=02:00:00:00:00:0{i},mtu=1500"]
        for name, value in SETTINGS.items():
            words += ["--set", f"{name}={value}"]
        words += ["--save-conntrack", f"{self.folder.name}/ct"]
        return words + ["--read", f"{self.folder.name}/in"]

    def send(self, sender, data):
        kind = b"\x08\x00" if self.family == 4 else b"\x86\xdd"
        head = bytes((2, 0, 0, 0, 0, sender, 2, 0, 0, 0, 1, sender)) + kind
        self.frames.append((f"r{sender}", time.time_ns(), head + data))
        links = {f"r{i}": pcapng.LINKTYPE_ETHERNET for i in (0, 1)}
        Path(self.folder.name, "in").write_bytes(pcapng.capture(links, self.frames))
        done = subprocess.run(self.command(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        emitted = re.findall(r'"interface": ?"r(\d)", ?"data": ?"(\w+)"', done.stdout.splitlines()[-1])
        return [Segment(int(wire), bytes.fromhex(data)) for wire, data in emitted]

    def tracked(self):
        return Path(self.folder.name, "ct").read_text(encoding="ascii")


class Talk:
    """One conversation on one side; it notes all that came back."""

    def __init__(self, side, family, has_stamps=True, port=40000):
        self.side, self.family, self.has_stamps, self.port = side, family, has_stamps, port
        self.seen, self.isn, self.its, self.clock = [], 0, 0, 7000
        self.client, self.server = 1000, 0x80000000

    def options(self, sender, flags, sack, scale):
        text = b""
        if flags & SYN:
            text += struct.pack("!BBH", 2, 4, 1300 + 100 * sender) + b"\1\3\3" + bytes((scale,)) + b"\4\2\1\1"
        if self.has_stamps and not flags & RST:
            echo = {CLIENT: (self.its if flags & ACK else 0), SERVER: 7001}[sender]
            text += b"\1\1\x08\x0a" + struct.pack("!II", (self.clock if sender == CLIENT else 90000), echo)
        if sack:
            text += b"\1\1\5\x0a" + struct.pack("!II", *(n & U32 for n in sack))
        return text

    def send(self, sender, flags, seq, ack=0, data=b"", sack=None, window=500, scale=5):
        text = self.options(sender, flags, sack, scale)
        ports = (self.port, 80) if sender == CLIENT else (80, self.port)
        tcp = struct.pack("!HHIIBBHHH", *ports, seq & U32, ack & U32, (20 + len(text)) * 4 & 0xF0, flags, window, 0, 0)
        self.clock += 1
        came = self.side.send(sender, packet(self.family, sender, tcp + text + data))
        for s in came:
            if s.wire == CLIENT and s.flags & (SYN | ACK) == SYN | ACK:
                self.isn, self.its = s.seq, (s.stamp or (0,))[0]
        self.seen.append(sorted(s.common(self.isn, self.its) for s in came))
        return came

    def syn(self, flags=SYN):
        self.send(CLIENT, flags, self.client)

    def accept(self):
        self.send(CLIENT, ACK, self.client + 1, self.isn + 1)

    def answer(self):
        self.send(SERVER, SYN | ACK, self.server, self.client + 1, scale=3, window=4000)

    def open(self):
        self.syn()
        self.accept()
        self.answer()

    def exchange(self):
        c, s, i = self.client + 1, self.server + 1, self.isn + 1
        self.send(CLIENT, ACK | PSH, c, i, b"GET / HTTP/1.0\r\n")
        self.send(SERVER, ACK | PSH, s, c + 16, b"first")
        self.send(SERVER, ACK | PSH, s + 10, c + 16, b"third")
        self.send(CLIENT, ACK, c + 16, i + 5, sack=(i + 10, i + 15))
        self.send(SERVER, ACK, s + 15, c + 16, sack=(c + 4, c + 9))
        self.send(SERVER, ACK | PSH, s + 5, c + 16, b"later")
        self.send(CLIENT, ACK, c + 15, i + 15)

    def close(self):
        c, s, i = self.client + 17, self.server + 16, self.isn + 16
        self.send(CLIENT, ACK | FIN, c, i)
        self.send(SERVER, ACK | FIN, s, c + 1)
        self.send(CLIENT, ACK, c + 1, i + 1)


def whole(t):
    t.open()
    t.exchange()
    t.close()


def wrong_cookie(t):
    t.syn()
    t.send(CLIENT, ACK, t.client + 1, t.isn + 2)
    t.send(CLIENT, ACK, t.client + 2, t.isn + 1)
    t.send(CLIENT, ACK | PSH, t.client + 1, t.isn + 1, b"early")


def keepalive(t):
    t.syn()
    t.accept()
    t.send(CLIENT, ACK, t.client, t.isn + 1)
    t.send(CLIENT, ACK | PSH, t.client + 1, t.isn + 1, b"impatient")
    t.answer()
    t.answer()
    t.exchange()


def refused(t):
    t.syn()
    t.accept()
    t.send(SERVER, RST | ACK, 0, t.client + 1)
    t.client += 5000
    t.open()
    t.exchange()


def reset_by_client(t):
    t.open()
    t.send(CLIENT, RST, t.client + 1, 0)
    t.client += 70000
    t.server += 123456
    t.open()
    t.exchange()


def reset_by_server(t):
    t.open()
    t.send(SERVER, RST | ACK, t.server + 1, t.client + 1)


def again_after_close(t):
    whole(t)
    t.client += 100000
    t.server += 200000
    whole(t)


def odd(t):
    t.syn(SYN | ECE | CWR)
    t.accept()
    t.answer()
    t.send(CLIENT, SYN | FIN, t.client)
    t.send(CLIENT, ACK | FIN, t.client + 1, t.isn + 1)


PLAYS = (whole, wrong_cookie, keepalive, refused, reset_by_client, reset_by_server, again_after_close, odd)
CASES = [(play, FULL, True) for play in PLAYS] + [
    (whole, FULL, False),
    (whole, "--mss 1400 --wscale 3", True),
    (odd, FULL + " --ecn", True),
    (whole, "", False),
]


def states(text):
    """Of each connection: state, tuples, flags, counters; the rest is age."""
    return sorted(re.sub(r"\btcp +6 \d+ ", "tcp ", line).split(" use=")[0] for line in text.splitlines() if "tcp" in line)


def differences(sides, family, case):
    play, options, has_stamps = case
    talks = []
    for side in sides:
        side.begin(RULES.format(options=options))
        talk = Talk(side, family, has_stamps)
        play(talk)
        talks.append(talk)
    found = []
    for n, (want, got) in enumerate(zip(talks[0].seen, talks[1].seen)):
        if want != got:
            found += [f"segment {n}"] + [f"kernel {w}" for w in want] + [f"replay {g}" for g in got]
    want, got = (states(side.tracked()) for side in sides)
    if want != got:
        found += [f"kernel {w}" for w in want] + [f"replay {g}" for g in got]
    if not any(talks[0].seen):
        found.append("the kernel never said anything")
    return found


def main():
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root")
        return 0
    number, failed = 0, 0
    for family in (4, 6):
        sides = (Kernel(family), Replay(sys.argv[1], family))
        for case in CASES:
            for sides[0].quiet_s in QUIET_S:
                if not (found := differences(sides, family, case)):
                    break
            number += 1
            failed += bool(found)
            print(f"{'not ' if found else ''}ok {number} - IPv{family} {case[0].__name__} {case[1]}")
            for line in found[:30]:
                print(f"# {line}")
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
