#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""ctnetlink as oracle of the manipulation interface: the same random makings and changes, the same errors.

usage: ct_query.py PROBE [--count N] [--seed N]

Each run draws manipulations of a few connections and expectations, has the kernel carry them out over
netlink in a namespace of its own and the probe in the engine, and compares every error, then what
conntrack -L and -L expect list (timeouts rounded up to 50 s, references masked).
"""

import argparse
import ctypes
import errno
import os
import random
import re
import socket
import struct
import subprocess
import sys

CT, EXPECT = 1, 2
NEW, DELETE = 0, 2
CREATE, EXCL = 0x400, 0x200
CLIENT, SERVER = "10.0.0.1", "10.0.0.2"
NAMES = {"ENOTSUP": "EOPNOTSUPP"}


def attr(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def nest(kind, *parts):
    return attr(kind | 0x8000, b"".join(parts))


def u8(kind, value):
    return attr(kind, bytes([value]))


def u32(kind, value):
    return attr(kind, struct.pack("!I", value))


def tuple_of(kind, src, dst, sport, dport):
    ports = [attr(2, struct.pack("!H", sport)), attr(3, struct.pack("!H", dport))]
    addresses = nest(1, attr(1, socket.inet_aton(src)), attr(2, socket.inet_aton(dst)))
    return nest(kind, addresses, nest(2, u8(1, 6), *ports))


class Kernel:
    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
        self.socket.bind((0, 0))
        self.number = 0

    def ask(self, subsystem, message, flags, body, family=socket.AF_INET):
        self.number += 1
        body = struct.pack("=BBH", family, 0, 0) + body
        head = struct.pack("=IHHII", 16 + len(body), subsystem << 8 | message, 1 | 4 | flags, self.number, 0)
        self.socket.send(head + body)
        code = -struct.unpack_from("=i", self.socket.recv(65536), 16)[0]
        name = errno.errorcode[code] if code else "0"
        return NAMES.get(name, name)

    def change(self, flags, sport, dport, more):
        body = tuple_of(1, CLIENT, SERVER, sport, dport) + tuple_of(2, SERVER, CLIENT, dport, sport)
        for key, value in more.items():
            if key == "timeout":
                body += u32(7, value)
            elif key == "status":
                body += u32(3, value)
            elif key == "state":
                body += nest(4, nest(1, u8(1, value)))
            elif key == "mark":
                body += u32(8, value)
            elif key == "mask":
                body += u32(21, value)
            elif key == "helper":
                body += nest(5, attr(1, value.encode() + b"\0"))
            elif key == "master":
                body += tuple_of(14, CLIENT, SERVER, value, dport)
        return self.ask(CT, NEW, flags, body)

    def carry_out(self, verb, words, more):
        if verb == "create":
            return self.change(CREATE | EXCL, *words, more)
        if verb == "update":
            return self.change(0, *words, more)
        if verb == "delete":
            return self.ask(CT, DELETE, 0, tuple_of(1, CLIENT, SERVER, *words))
        if verb == "flush":
            return self.ask(EXPECT, DELETE, 0, attr(6, words[0].encode() + b"\0") if words else b"")
        src = more.get("src", "0.0.0.0")
        body = tuple_of(2, src, CLIENT, 0, words[1])
        if verb == "unexpect":
            return self.ask(EXPECT, DELETE, 0, body)
        body += tuple_of(3, "255.255.255.255" if "src" in more else "0.0.0.0", "255.255.255.255", 0, 0xFFFF)
        body += tuple_of(1, CLIENT, SERVER, words[0], 21)
        body += u32(9, more["class"]) if "class" in more else b""
        body += u32(8, more["flags"]) if "flags" in more else b""
        return self.ask(EXPECT, NEW, CREATE | EXCL, body + u32(4, 100))


def draw_fields(rng):
    more = {}
    if rng.random() < 0.9:
        more["timeout"] = rng.choice([100, 300, 1000, 432000])
    if rng.random() < 0.5:
        bits = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1 << 10, 1 << 11, 1 << 12, 1 << 13]
        more["status"] = sum(rng.sample([2, 4, 1 << 10], rng.randint(0, 3))) | (8 if rng.random() < 0.9 else 0)
        if rng.random() < 0.3:
            more["status"] |= rng.choice(bits)
    if rng.random() < 0.5:
        more["state"] = rng.randint(0, 11)
    if rng.random() < 0.5:
        more["mark"] = rng.getrandbits(32)
        if rng.random() < 0.5:
            more["mask"] = rng.getrandbits(32) | 1
    if rng.random() < 0.4:
        more["helper"] = rng.choice(["ftp", "ftp", "tftp", "irc", "nothing"])
    if rng.random() < 0.1:
        more["master"] = rng.randint(1, 5)
    return more


def draw(rng):
    """(verb, words, more)"""
    verb = rng.choices(
        ["create", "update", "delete", "expect", "unexpect", "flush"], [8, 10, 2, 10, 2, 0.5]
    )[0]
    if verb in ("create", "update"):
        more = draw_fields(rng)
        if verb == "update" and rng.random() < 0.5:
            more.pop("timeout", None)
        return verb, [rng.randint(1, 5), rng.choice([21, 21, 80])], more
    if verb == "delete":
        return verb, [rng.randint(1, 5), rng.choice([21, 80])], {}
    if verb == "flush":
        return verb, rng.choice([[], ["ftp"], ["irc"]]), {}
    more = {}
    if rng.random() < 0.5:
        more["src"] = rng.choice(["10.0.0.2", "10.0.0.3"])
    if verb == "expect" and rng.random() < 0.2:
        more["class"] = rng.randint(0, 2)
    if verb == "expect" and rng.random() < 0.5:
        more["flags"] = rng.randint(0, 7)
    return verb, [rng.randint(1, 5), rng.randint(5000, 5003)], more


def canonical(lines):
    """Without what differs by nature: the time that passed, references, order."""
    found = []
    for line in lines:
        line = re.sub(r"^((?:ipv4 +2 \S+ +\d+ )?)(\d+) ", lambda m: f"{m[1]}{-(-int(m[2]) // 50) * 50} ", line)
        found.append(re.sub(r"use=\d+", "use=1", line))
    return sorted(found)


def listing():
    found = []
    for words in (["-o", "extended"], ["expect"]):
        done = subprocess.run(["conntrack", "-L", *words], capture_output=True, text=True, check=True)
        found += done.stdout.splitlines()
    return found


def text_of(verb, words, more):
    return " ".join([verb, *map(str, words), *(f"{k}={v}" for k, v in more.items())])


def run(kernel, probe, seed):
    """Differences of one run."""
    rng = random.Random(seed)
    subprocess.run(["conntrack", "-F"], capture_output=True, check=True)
    kernel.ask(EXPECT, DELETE, 0, b"", socket.AF_UNSPEC)
    steps = [draw(rng) for _ in range(40)]
    theirs = [kernel.carry_out(*step) for step in steps]
    there = listing()
    lines = [text_of(*step) for step in steps]
    said = subprocess.run(probe, input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    said = said.stdout.splitlines()
    ours, here = said[: len(steps)], said[len(steps) :]
    for line, a, b in zip(lines, theirs, ours):
        if a != b:
            yield f"{line}: kernel {a}, engine {b}"
    for side, have, lack in (("kernel", there, here), ("engine", here, there)):
        for line in set(canonical(have)) - set(canonical(lack)):
            yield f"only the {side} has {line}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("probe")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if os.geteuid() or subprocess.run(["conntrack", "-V"], capture_output=True, check=False).returncode:
        print("1..0 # SKIP no root, or no conntrack(8)")
        return
    if ctypes.CDLL(None).unshare(0x40000000) != 0:
        print("1..0 # SKIP no namespaces")
        return
    kernel = Kernel()
    failed = 0
    print("1..1")
    for seed in range(args.seed, args.seed + args.count):
        for text in run(kernel, args.probe, seed):
            failed += 1
            if failed < 30:
                print(f"# seed {seed}: {text}")
    print(f"{'not ok' if failed else 'ok'} 1 - {args.count} runs of 40 manipulations")
    sys.exit(1 if failed else 0)


main()
