#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Sets against the kernel's: the same lines through ipset, in a network namespace, and through ours. TAP.

Each scenario draws a type that the kernel has, options and lines that add, delete and test elements,
good ones and bad ones; every outcome and the sets at the end must be the same.
usage: set_oracle.py PROBE [--seed N] [--count N] [--time-box SECONDS]
"""
import argparse
import os
import random
import re
import subprocess
import sys
import time

TYPES = {
    "bitmap:ip": ["ip"],
    "bitmap:ip,mac": ["ip", "mac"],
    "bitmap:port": ["bit"],
    "hash:ip": ["ip"],
    "hash:net": ["net"],
    "hash:ip,port": ["ip", "port"],
    "hash:net,port": ["net", "port"],
    "hash:ip,port,ip": ["ip", "port", "ip2"],
    "hash:ip,port,net": ["ip", "port", "net"],
    "hash:net,iface": ["net", "iface"],
    "hash:mac": ["mac"],
    "hash:ip,mac": ["ip", "mac"],
    "hash:ip,mark": ["ip", "mark"],
    "hash:net,net": ["net", "net"],
    "hash:net,port,net": ["net", "port", "net"],
}
PORTS = (
    "80 tcp:80 udp:53 udp:53-55 tcp:81-80 sctp:5 udplite:7 gre:0 esp:0 253:0 132:9 47:0 http "
    "tcp:[http] icmp:8/0 icmp:ping icmp:77/3 icmpv6:128/0 icmpv6:echo-reply "
    "icmpv6:neighbour-solicitation gre:5 0:0 tcp: icmp:8 udp:99999 tcp:80- bogus:1"
).split()


def ipset(*words, text=None):
    return subprocess.run(["ipset", *words], input=text, capture_output=True, text=True)


def address(draw, is_v6):
    last = draw.choice([0, 1, 2, 3, 5, 9, 17, 64, 129, 200, 255])
    if is_v6:
        return draw.choice([f"2001:db8::{last:x}", f"2001:db8:{last:x}::1", "::"])
    return f"10.0.{draw.choice([0, 0, 0, 1])}.{last}"


def part(draw, what, is_v6, is_test):
    one = address(draw, is_v6)
    chance = draw.random()
    if what == "ip2":
        return one
    if what == "ip":
        if is_test or chance < 0.7:
            return one
        if chance < 0.85:
            return f"{one}/{draw.choice([120, 128, 64] if is_v6 else [24, 28, 29, 30, 31, 32])}"
        return f"{one}-{address(draw, is_v6)}"
    if what == "net":
        if chance < (0.7 if is_test else 0.25):
            return one
        if chance < 0.93 or is_test:
            lengths = (
                [0, 16, 32, 48, 64, 126, 128, 129] if is_v6 else [0, 8, 16, 23, 24, 28, 31, 32, 33]
            )
            return f"{one}/{draw.choice(lengths)}"
        return f"{one}-{address(draw, is_v6)}"
    if what == "port":
        return draw.choice(PORTS)
    if what == "bit":
        return draw.choice(["5", "7", "9-12", "tcp:13", "udp:20", "http", "100-90", "200", "x", ""])
    if what == "mac":
        return draw.choice(
            ["02:00:00:00:00:01", "2:0:0:0:aB:2", "00:00:00:00:00:00", "02:00:00", ""]
        )
    if what == "iface":
        return draw.choice(["eth0", "eth1", "eth", "physdev:eth0", "abcdefghijklmnop", ""])
    return draw.choice(["1", "0x63", "077", "4294967295", "4294967296", "x"])


def carried(draw, kind, options):
    words = []
    if draw.random() < (0.6 if "skbinfo" in options else 0.02):
        words.append(
            draw.choice(
                [
                    "skbmark 0x5",
                    "skbmark 0x5/0xff",
                    "skbmark 0x0/0x0",
                    "skbprio 1:10",
                    "skbqueue 3",
                    "skbprio 0:0 skbqueue 0",
                ]
            )
        )
    if draw.random() < (0.5 if "counters" in options else 0.02):
        words.append(draw.choice(["packets 5", "bytes 7", "packets 1 bytes 2"]))
    if draw.random() < (0.5 if "timeout" in options else 0.02):
        words.append("timeout 0")
    if draw.random() < (0.5 if "comment" in options else 0.02):
        words.append('comment "some words"')
    if draw.random() < (0.25 if "net" in kind else 0.02):
        words.append("nomatch")
    if draw.random() < (0.25 if "iface" in kind else 0.0):
        words.append("wildcard")
    return words


def header(draw, kind):
    """(options, whether its addresses are IPv6)"""
    options = [o for o in ("timeout 0", "counters", "comment", "skbinfo") if draw.random() < 0.25]
    is_v6 = False
    if kind == "bitmap:port":
        options.insert(0, draw.choice(["range 5-99", "range 99-5", "range tcp:1-1000"]))
    elif kind.startswith("bitmap"):
        options.insert(0, draw.choice(["range 10.0.0.0/24", "range 10.0.0.3-10.0.1.9"]))
        if kind == "bitmap:ip" and draw.random() < 0.3:
            options.append("netmask 28")
    else:
        is_v6 = kind != "hash:mac" and draw.random() < 0.35
        if is_v6:
            options.insert(0, "family inet6")
        if kind == "hash:ip" and draw.random() < 0.35:
            options.append(
                draw.choice(
                    ["netmask 64", "netmask 124", "bitmask ffff:ffff::f"]
                    if is_v6
                    else ["netmask 24", "netmask 30", "bitmask 255.0.0.255", "netmask 33"]
                )
            )
        if draw.random() < 0.2:
            options.append(draw.choice(["maxelem 3", "maxelem 4", "maxelem 65536"]))
    return options, is_v6


def scenario(draw, kinds):
    kind = draw.choice(kinds)
    options, is_v6 = header(draw, kind)
    lines = [f"create s {kind} {' '.join(options)}".strip()]
    for _ in range(draw.randrange(10, 30)):
        verb = draw.choice(["add", "add", "add", "del", "test", "test"])
        words = [
            part(draw, what, is_v6 if draw.random() < 0.97 else not is_v6, verb == "test")
            for what in TYPES[kind]
        ]
        if draw.random() < 0.03:
            words = words[:-1]
        element = ",".join(words)
        line = f"{verb} s {element or draw.choice(['0', ','])}"
        if verb == "add":
            line = " ".join([line, *carried(draw, kind, " ".join(options))])
        if verb != "test" and draw.random() < 0.3:
            line += " -exist"
        lines.append(line)
    return lines


class Probe:
    def __init__(self, program):
        self.child = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def ask(self, line):
        """(ok, no or error, the lines before it)"""
        self.child.stdin.write(line + "\n")
        self.child.stdin.flush()
        before = []
        while True:
            answer = self.child.stdout.readline().rstrip("\n")
            if answer in ("ok", "no") or answer.startswith("error: "):
                return answer, before
            if not answer:
                raise RuntimeError(f"no answer to: {line}")
            before.append(answer)


def split(line):
    """As a shell would: the comment is one word."""
    return [w.strip('"') for w in re.findall(r'"[^"]*"|\S+', line)]


def kernel(line):
    done = ipset(*split(line))
    if line.startswith("test"):
        if " is in set " in done.stderr + done.stdout:
            return "ok", ""
        if " is NOT in set " in done.stderr + done.stdout:
            return "no", ""
    return ("error" if done.returncode else "ok"), done.stderr.strip().split("\n")[0]


def canonical(lines):
    """What a listing says, in one order, without what is drawn or fitted by the kernel."""
    found = []
    for line in lines:
        line = re.sub(r" (hashsize|bucketsize|initval) \S+", "", line)
        words = line.split()
        if words and words[0] == "create":
            line = " ".join(
                words[:3]
                + sorted(
                    re.findall(
                        r"(?:counters|comment|skbinfo|forceadd|\S+ \S+)", " ".join(words[3:])
                    )
                )
            )
        found.append(line)
    return sorted(found)


# Of a range that fails the kernel keeps what came before the failure; ours keeps nothing.
RANGE = re.compile(r"[0-9a-f](-|/[0-9])")


def is_left_out(header, line):
    """Where ipset is not followed: of a range in a set with a mask the kernel stores addresses unmasked,
    if it is written backwards or the mask is no prefix. Ours masks all, and takes what becomes equal as
    one element. An element that is deleted from a bitmap and added again has its old counters there.
    """
    if "bitmap" in header and "counters" in header and line.startswith("del"):
        return True
    pattern = r"[0-9a-f]-[0-9]|/[0-9]" if "bitmask" in header else r"[0-9a-f]-[0-9]"
    return "mask" in header and not line.startswith("create") and bool(re.search(pattern, line))


def differences(probe, lines):
    """Yields a sentence for each."""
    ipset("destroy")
    probe.ask("destroy s")
    for line in lines:
        if is_left_out(lines[0], line):
            continue
        ours, _ = probe.ask(line)
        theirs, why = kernel(line)
        ours_is = ours.split(":")[0]
        if ours_is == theirs or (line.startswith("test") and ours_is == "error"):
            if theirs == "error" and (line.startswith("create") or RANGE.search(line)):
                return
            continue
        yield f"{line}: kernel {theirs} {why} - ours {ours}"
        return
    theirs = canonical(ipset("save").stdout.splitlines())
    ours = canonical(probe.ask("save")[1])
    for line in sorted(set(theirs) ^ set(ours)):
        yield f"{'kernel' if line in theirs else 'ours'} has: {line}"


def known_types():
    """The types that this kernel has."""
    found = []
    for kind in TYPES:
        extra = (
            ["range", "1-2"]
            if kind == "bitmap:port"
            else (["range", "10.0.0.0/24"] if kind.startswith("bitmap") else [])
        )
        if ipset("create", "x", kind, *extra).returncode == 0:
            found.append(kind)
        ipset("destroy")
    return found


def in_namespace():
    """Start again in a network namespace of our own, or say that there is none to be had."""
    if os.environ.get("SET_ORACLE_INSIDE"):
        return True
    able = (
        os.geteuid() == 0
        and subprocess.run(["unshare", "-n", "ipset", "list"], capture_output=True).returncode == 0
    )
    if able:
        os.environ["SET_ORACLE_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "-n", sys.executable, *sys.argv])
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("probe")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--time-box", type=float, default=60)
    args = parser.parse_args()
    try:
        able = in_namespace()
    except FileNotFoundError:
        able = False
    if not able:
        print("1..0 # SKIP needs root, network namespaces and ipset")
        return 0
    kinds, failed, start, n = known_types(), 0, time.monotonic(), 0
    probe = Probe(args.probe)
    for n in range(1, args.count + 1):
        if time.monotonic() - start > args.time_box:
            n -= 1
            break
        lines = scenario(random.Random(f"sets {args.seed + n - 1}"), kinds)
        found = list(differences(probe, lines))
        failed += bool(found)
        print(f"{'not ok' if found else 'ok'} {n} - seed {args.seed + n - 1}: {lines[0]}")
        for line in found:
            print(f"# {line}")
    print(f"1..{n}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
