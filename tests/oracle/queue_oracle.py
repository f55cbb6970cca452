#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel as oracle of nfqueue and nflog: one listener, the same rules, frames and verdicts on both.

usage: queue_oracle.py QUEUE_SERVER [SEED]

A router in a namespace of its own with legacy iptables' NFLOG and NFQUEUE rules, and queue_server with the
same rules, get the same frames. Whatever the listeners are sent is compared attribute by attribute, datagram
by datagram; so is what a verdict makes of a packet, and every error number. Masked: times, and ids of
connections; a connection's timeout may be a second off.
"""
import contextlib
import ctypes
import os
import random
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time

from attributes import attr, attrs

QUEUE, LOG, ACK = 3, 4, 5
MARKER = 0x88B5  # an ethertype for experiments
LOG_TIMES, QUEUE_TIMES = 3, 4
LOG_CT, QUEUE_CT = 18, 11
IN0 = "02:00:00:00:01:01"
CLIENT, SERVER = "10.0.0.5", "192.0.2.80"
CLIENT6, SERVER6 = "2001:db8:1::5", "2001:db8:2::80"
INTERFACES = [f"in0=10.0.0.1/24,2001:db8:1::1/64,mac={IN0}",
              "out0=192.0.2.1/24,2001:db8:2::1/64,mac=02:00:00:00:02:01"]
RULES = """*mangle
-A PREROUTING -p udp -m udp --dport 1000:1004 -j MARK --set-xmark 0x5/0xffffffff
-A PREROUTING -p udp -m udp --dport 1000:1100 -j NFLOG --nflog-group 3
-A POSTROUTING -p udp -m udp --dport 1000:1100 -j NFLOG --nflog-prefix "post" --nflog-group 2 --nflog-threshold 3
-A POSTROUTING -p tcp -m tcp --dport 1000:1100 -j NFLOG --nflog-prefix "post" --nflog-group 4
COMMIT
*filter
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -p udp -m udp --dport 1000:1100 -j NFLOG --nflog-prefix "to us: " --nflog-group 1 --nflog-size 30
-A INPUT -p udp -m udp --dport 3000 -j NFQUEUE --queue-num 5
-A FORWARD -p udp -m udp --dport 1000:1100 -j NFLOG --nflog-prefix "through" --nflog-group 1
-A FORWARD -p tcp -m tcp --dport 1000:1100 -j NFLOG --nflog-prefix "through" --nflog-group 1
-A FORWARD -p udp -m udp --dport 3000 -m mark --mark 0x0 -j NFQUEUE --queue-num 5
-A FORWARD -p udp -m udp --dport 3001 -j NFQUEUE --queue-num 6
-A FORWARD -p udp -m udp --dport 3002 -j NFQUEUE --queue-num 7 --queue-bypass
-A FORWARD -p udp -m udp --dport 3003 -j NFQUEUE --queue-num 7
COMMIT
"""
failures, number = [], 0


def ok(good, name, *why):
    global number
    number += 1
    print(f"{'ok' if good else 'not ok'} {number} - {name}")
    if not good:
        failures.append(name)
        for line in why:
            print("#", str(line).replace("\n", "\n# "))


def be32(kind, value):
    return attr(kind, struct.pack("!I", value))


# --- Frames ---------------------------------------------------------------------------------------------

def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(proto, port, payload, to=None, v6=False, sport=4000, wrong=False):
    family = socket.AF_INET6 if v6 else socket.AF_INET
    src = socket.inet_pton(family, CLIENT6 if v6 else CLIENT)
    dst = socket.inet_pton(family, to or (SERVER6 if v6 else SERVER))
    if proto == 17:
        l4 = struct.pack("!HHHH", sport, port, 8 + len(payload), 0) + payload
        at = 6
    else:
        l4 = struct.pack("!HHIIBBHHH", sport, port, 1, 0, 0x50, 2, 4096, 0, 0) + payload
        at = 16
    pseudo = src + dst + struct.pack("!IHBB" if v6 else "!BBH", *((len(l4), 0, 0, proto) if v6 else (0, proto, len(l4))))
    total = checksum(pseudo + l4) ^ (0x5555 if wrong else 0)
    l4 = l4[:at] + struct.pack("!H", total or 0xFFFF) + l4[at + 2:]
    if v6:
        ip = struct.pack("!IHBB", 0x60000000, len(l4), proto, 60) + src + dst
    else:
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(l4), 7, 0, 60, proto, 0) + src + dst
        ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return bytes.fromhex(IN0.replace(":", "") + "0200000001ee" + ("86dd" if v6 else "0800")) + ip + l4


# --- Two sides --------------------------------------------------------------------------------------------

class Listener:
    """A socket of netlink, or what stands for it."""

    def __init__(self, path):
        self.path, self.seq = path, 100
        if not path:
            self.s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
            self.s.bind((0, 0))
            return
        self.s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.s.connect(path)
        body = struct.pack("=BBH", 0, 1, 0) + attr(10, b"")
        self.s.send(struct.pack("=IHHII", 16 + len(body), 65 << 8, ACK, 1, 0) + body)
        while messages(self.s.recv(65536))[-1][0] != 2:
            pass

    def send(self, kind, resource, body, flags=ACK, family=0):
        self.seq += 1
        body = struct.pack("=BB", family, 0) + struct.pack("!H", resource) + body
        self.s.send(struct.pack("=IHHII", 16 + len(body), kind, flags, self.seq, 0) + body)

    def ask(self, *args, **more):
        """The error number, and datagrams that came before the answer."""
        found = []
        self.send(*args, **more)
        while True:
            got = messages(self.s.recv(1 << 17))
            if got[0][0] == 2:
                return struct.unpack_from("=i", got[0][3])[0], found
            found.append(got)

    def datagrams(self):
        found = []
        while select.select([self.s], [], [], 0)[0]:
            found.append(messages(self.s.recv(1 << 17)))
        return found


def messages(data):
    found = []
    while len(data) >= 16:
        size, kind, flags, seq, _ = struct.unpack_from("=IHHII", data)
        found.append((kind, flags, seq, data[16:size]))
        data = data[(size + 3) & ~3:]
    return found


def mask_ct(data):
    """ctnetlink's: the id is chance, the timeout is rounded."""
    return [(k, b"?" if k in (12, 7) else v) for k, v in attrs(data)]


def masked(datagram):
    found = []
    for kind, flags, seq, body in datagram:
        if kind == 3:
            found.append(("done",))
            continue
        times, ct = (LOG_TIMES, LOG_CT) if kind >> 8 == LOG else (QUEUE_TIMES, QUEUE_CT)
        rest = [(k, "time" if k == times else mask_ct(v) if k & 0x7FFF == ct else v.hex()) for k, v in attrs(body[4:])]
        found.append((kind, flags, seq, body[:4].hex(), rest))
    return found


def show(datagrams):
    return "\n".join(f"{i}: {m}" for i, d in enumerate(datagrams) for m in d)


class Ours:
    def __init__(self, program, folder):
        rules = os.path.join(folder, "rules")
        with open(rules, "w", encoding="ascii") as f:
            for family in ("ipv4", "ipv6"):
                f.write(RULES.replace("*mangle", f"*mangle {family}").replace("*filter", f"*filter {family}"))
        self.path = os.path.join(folder, "sock")
        self.process = subprocess.Popen([program, self.path, rules, *INTERFACES], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"
        self.left = []

    def listener(self):
        return Listener(self.path)

    def send(self, data):
        self.process.stdin.write(f"in0 {data.hex()}\n")
        self.process.stdin.flush()
        self.settle_line()

    def settle(self):
        self.process.stdin.write("-\n")
        self.process.stdin.flush()
        self.settle_line()

    def settle_line(self):
        while (line := self.process.stdout.readline()) != "idle\n":
            assert line, "the server has ended"
            self.left += [bytes.fromhex(x) for x in line.split()[2:]]

    def emitted(self):
        self.settle()
        left, self.left = self.left, []
        return left

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=60)


def sh(*words, **more):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, **more)


class Kernel:
    path = None

    def __init__(self):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(0x40000000):
            raise PermissionError
        self.other = subprocess.Popen(["sleep", "300"])
        peer = os.open(f"/proc/{self.other.pid}/ns/net", os.O_RDONLY)
        libc.unshare(0x40000000)
        home = os.open("/proc/self/ns/net", os.O_RDONLY)
        for i, words in enumerate(INTERFACES):
            name, rest = words.split("=", 1)
            a4, a6, mac = rest.split(",")
            sh("ip", "link", "add", "name", name, "index", str(i + 2), "address", mac[4:], "type", "veth", "peer", "name",
               f"p{name}", "netns", str(self.other.pid))
            sh("ip", "link", "set", name, "up")
            sh("ip", "address", "add", a4, "dev", name)
            sh("ip", "address", "add", a6, "dev", name, "nodad")
        for name, v4, v6 in (("in0", CLIENT, CLIENT6), ("out0", SERVER, SERVER6)):
            for a in (v4, v6):
                sh("ip", "neigh", "replace", a, "lladdr", "02:00:00:00:ee:ee", "dev", name, "nud", "permanent")
        libc.setns(peer, 0)
        self.frames, self.out = self.packet("pin0", 0), self.packet("pout0", 3)
        libc.setns(home, 0)
        self.markers = self.packet("in0", MARKER)
        self.clock = self.packet("in0", 3)
        self.clock.setsockopt(socket.SOL_SOCKET, 29, 1)  # so that packets have times
        for key in ("ipv4/ip_forward=1", "ipv6/conf/all/forwarding=1", "ipv4/conf/all/rp_filter=0",
                    "ipv4/conf/in0/rp_filter=0", "netfilter/nf_conntrack_acct=1"):
            path, value = key.split("=")
            with open(f"/proc/sys/net/{path}", "w", encoding="ascii") as f:
                f.write(value)
        for program in ("iptables-legacy-restore", "ip6tables-legacy-restore"):
            subprocess.run([program], input=RULES, text=True, check=True)
        self.left = []
        time.sleep(1.2)  # the links' own messages
        self.emitted()

    @staticmethod
    def packet(name, protocol):
        if name.startswith("p"):
            sh("ip", "link", "set", name, "up")
            sh("sysctl", "-q", f"net.ipv6.conf.{name}.disable_ipv6=1")
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol))
        s.bind((name, protocol))
        return s

    @staticmethod
    def listener():
        return Listener(None)

    def send(self, data):
        self.frames.send(data)

    def settle(self):
        """Until all is done that the last frame, or verdict, caused: of one processor markers come behind it."""
        marker = bytes(12) + MARKER.to_bytes(2, "big") + bytes(46)
        self.frames.send(marker)
        self.markers.recv(100)
        self.markers.sendto(marker, ("out0", 0))
        while (data := self.out.recv(70000))[12:14] != marker[12:14]:
            if data[12:14] in (b"\x08\x00", b"\x86\xdd") and data[:6] == bytes.fromhex("02000000eeee"):
                self.left.append(data[14:])

    def emitted(self):
        self.settle()
        left, self.left = self.left, []
        return left

    def end(self):
        self.other.terminate()
        self.other.wait()


# --- What is tried -----------------------------------------------------------------------------------------

def log_config(listener, group, mode=2, span=0xFFFF, threshold=1, flags=0, more=b""):
    return [listener.ask(LOG << 8 | 1, group, b)[0] for b in (
        attr(1, b"\1"), attr(2, struct.pack("!IBB", span, mode, 0)) + be32(5, threshold) + attr(6, struct.pack("!H", flags)) +
        be32(4, 3000) + more)]


def logs(sides, chance):
    """Random frames, four groups with other wishes."""
    wishes = {1: {"flags": 3}, 2: {"threshold": 9, "flags": 1}, 3: {"mode": 1}, 4: {"threshold": 4, "span": 45}}
    frames = []
    for _ in range(60):
        v6 = chance.random() < 0.4
        us = "2001:db8:1::1" if v6 else "10.0.0.1"
        frames.append(frame(chance.choice((6, 17, 17)), 1000 + chance.randrange(8),
                            bytes(chance.randrange(chance.choice((30, 1400)))), to=us if chance.random() < 0.3 else None,
                            v6=v6, sport=4000 + chance.randrange(5)))
    heard = []
    for side in sides:
        listeners = {g: side.listener() for g in wishes}
        for g, wish in wishes.items():
            ok(log_config(listeners[g], g, **wish) == [0, 0], f"group {g} is bound")
        for f in frames:
            side.send(f)
        side.emitted()
        got = {}
        for g, listener in listeners.items():
            before = listener.datagrams()
            code, last = listener.ask(LOG << 8 | 1, g, attr(1, b"\2"))
            got[g] = [masked(d) for d in before + last] + [code]
        heard.append(got)
    for g in wishes:
        compare(f"nflog, group {g}", heard[0][g], heard[1][g])


def compare(name, kernel, ours):
    if kernel == ours:
        ok(len(kernel) > 0, f"{name}: {len(kernel)} equal")
        return
    at = next((i for i, (a, b) in enumerate(zip(kernel, ours)) if a != b), min(len(kernel), len(ours)))
    ok(False, name, f"{len(kernel)} and {len(ours)}; first difference at {at}", "kernel:", kernel[at:at + 1], "ours:",
       ours[at:at + 1])


def queue_config(listener, queue, mode=2, span=0xFFFF, flags=0, length=None):
    codes = [listener.ask(QUEUE << 8 | 2, queue, attr(1, b"\1\0\0\0"))[0],
             listener.ask(QUEUE << 8 | 2, queue, attr(2, struct.pack("!IB", span, mode)) + be32(4, flags) + be32(5, flags))[0]]
    if length is not None:
        codes.append(listener.ask(QUEUE << 8 | 2, queue, be32(3, length))[0])
    return codes


def verdict(ident, value, more=b""):
    return attr(2, struct.pack("!II", value, ident)) + more


DROP, ACCEPT, REPEAT, ASK = 0, 1, 4, 3


def udp_with(payload, v6):
    return frame(17, 3000, payload, v6=v6)[14:]


def answers(v6):
    """Verdicts, each for one packet of queue 5."""
    ct_mark = attr(11 | 0x8000, be32(8, 77))
    return [
        (ACCEPT, b""), (DROP, b""), (ACCEPT, be32(3, 9)), (REPEAT, be32(3, 1)), (6 << 16 | ASK, b""),
        (ACCEPT, attr(10, udp_with(b"longer than it was before", v6))), (ACCEPT, attr(10, udp_with(b"s", v6))),
        (ACCEPT, attr(10, b"too short")), (7 << 16 | ASK, b""), (7 << 16 | 0x8000 | ASK, b""), (ACCEPT, ct_mark),
        (ACCEPT, b""), (5, b""),
    ]


def decide(side, v6):
    """One packet after the other: what is said of it, what leaves, what errors there are."""
    got = []
    five, six = side.listener(), side.listener()
    got.append(queue_config(five, 5) + queue_config(six, 6, mode=1))
    for i, (value, more) in enumerate(answers(v6)):
        side.send(frame(17, 3000, bytes([i]) * 20, v6=v6, sport=5000 + i // 2))
        side.settle()
        seen = five.datagrams()
        got.append([masked(d) for d in seen])
        got.append(five.ask(QUEUE << 8 | 1, 5, verdict(i + 1, value, more))[0])
        side.settle()
        for d in six.datagrams():
            got.append(masked(d))
            six.ask(QUEUE << 8 | 1, 6, verdict(struct.unpack_from("!I", d[0][3], 8)[0], ACCEPT))
        got.append(side.emitted())
    for listener, queue in ((five, 5), (six, 6)):
        got.append(listener.ask(QUEUE << 8 | 2, queue, attr(1, b"\2\0\0\0"))[0])
    return got


def batches(side):
    got = []
    five = side.listener()
    got.append(queue_config(five, 5, span=33, length=6))
    for i in range(9):
        side.send(frame(17, 3000, bytes([i]) * 20, sport=6000 + i // 3))
    side.settle()
    got.append([masked(d) for d in five.datagrams()])
    got.append(five.ask(QUEUE << 8 | 3, 5, verdict(3, ACCEPT, be32(3, 4)))[0])
    got.append(side.emitted())
    got.append(five.ask(QUEUE << 8 | 3, 5, verdict(3, ACCEPT))[0])
    got.append(five.ask(QUEUE << 8 | 2, 5, be32(4, 1) + be32(5, 1))[0])
    for i in range(6):
        side.send(frame(17, 3000, bytes([i]) * 21, sport=6100 + i))
    got.append(side.emitted())
    five.s.close()
    got.append(side.emitted())
    for port in (3002, 3003):
        side.send(frame(17, port, b"nobody"))
        got.append(side.emitted())
    return got


def errors(side):
    """Messages right and wrong, by two programs."""
    first, second = side.listener(), side.listener()
    said = []

    def say(listener, kind, resource, body):
        said.append(listener.ask(kind, resource, body)[0])

    config, judge, batch = QUEUE << 8 | 2, QUEUE << 8 | 1, QUEUE << 8 | 3
    for cmd in (b"\1\0\0\0", b"\1\0\0\0", b"\2\0\0\0", b"\2\0\0\0", b"\3\0\0\2", b"\4\0\0\2", b"\0\0\0\0", b"\x63\0\0\0", b"\1"):
        say(first, config, 9, attr(1, cmd))
    say(first, config, 9, attr(1, b"\1\0\0\0"))
    for body in (attr(1, b"\1\0\0\0"), attr(1, b"\2\0\0\0"), be32(3, 5), attr(1, b"\3\0\0\2"), verdict(1, 1)):
        say(second, config, 9, body)
    say(second, judge, 9, verdict(1, 1))
    for body in (be32(5, 1), be32(4, 1) + be32(5, 32), be32(4, 31) + be32(5, 16), be32(4, 0) + be32(5, 31), be32(4, 31) + be32(5, 5),
                 attr(2, b"\0\0\0\1"), attr(2, b"\0\0\0\1\7"), attr(3, b"\0\0"), b"", attr(2, b"\0\0\0\0\2")):
        say(first, config, 9, body)
    for kind in (judge, batch):
        for body in (b"", attr(2, b"\0\0\0\1"), verdict(5, 1), verdict(1, 2), verdict(1, 6), verdict(1, 5), verdict(1, 0x10001)):
            say(first, kind, 9, body)
        say(first, kind, 10, verdict(1, 1))
    say(first, QUEUE << 8, 9, b"")
    say(first, QUEUE << 8 | 9, 9, b"")
    config = LOG << 8 | 1
    for cmd in (b"\1", b"\1", b"\2", b"\2", b"\3", b"\4", b"\0", b"\x63", b""):
        say(first, config, 9, attr(1, cmd))
    say(first, config, 9, attr(1, b"\1"))
    for body in (attr(1, b"\1"), attr(1, b"\2"), be32(5, 5), attr(1, b"\3")):
        say(second, config, 9, body)
    for body in (attr(2, b"\0\0\0\0\7\0"), attr(2, b"\0\0\0\0"), be32(3, 100), be32(3, 1 << 20), attr(5, b"\0"), attr(6, b"\0\x08"),
                 b"", attr(4, b"\0\0\0\1\2")):
        say(first, config, 9, body)
    say(first, config, 11, be32(5, 1))
    say(first, LOG << 8, 9, b"")
    return said


def main():
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    try:
        kernel = Kernel()
    except PermissionError:
        print("1..0 # SKIP needs root")
        return
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        stack.callback(kernel.end)
        ours = Ours(sys.argv[1], folder)
        stack.callback(ours.end)
        sides = (kernel, ours)
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        logs(sides, random.Random(seed))
        for v6 in (False, True):
            compare(f"nfqueue, verdict by verdict, {'IPv6' if v6 else 'IPv4'}", *(decide(side, v6) for side in sides))
        compare("nfqueue, batches, a full queue, a listener that goes", *(batches(side) for side in sides))
        compare("every error", *(errors(side) for side in sides))
    print(f"1..{number}")
    sys.exit(bool(failures))


main()
