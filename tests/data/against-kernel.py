#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Replays recordings through examples/office and compares each counter with the kernel's.

against-kernel.py PKTT [NAME...]    TAP; the default is every NAME that kernel/ has

The kernel's counters are those that kernel-counters.sh took (kernel/NAME.v4, NAME.v6).
Tables may stand in any order; policies, rules, their order and counters must be equal.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
OFFICE = os.path.join(HERE, "../../examples/office")
# Kernel jiffies: what a rate has earned between two packets is rounded as the kernel rounds.
ROUTER = [
    "--interface", "in0=10.0.0.1/24,2001:db8:1::1/64,mac=02:00:00:00:01:01",
    "--interface", "out0=192.0.2.1/24,2001:db8:2::1/64,mac=02:00:00:00:02:01",
    "--route", "0.0.0.0/0=out0,via 192.0.2.80",
    "--route", "::/0=out0,via 2001:db8:2::80",
    "--set", "hz=250",
]  # fmt: skip

# Linux puts an IPv4 datagram for itself together before INPUT, tracking or not; a replay without
# tracking judges each fragment by itself (doc/differences.md). These recordings have such fragments,
# so what INPUT and the chains behind it count is not comparable.
FRAGMENTS_TO_US = {"fragments", "office"}
BEHIND_INPUT = re.compile(r"(-A |:)(INPUT|LOGDROP|ADMIN) ")


def comparable(name, family, line):
    return name not in FRAGMENTS_TO_US or family != "v4" or not BEHIND_INPUT.search(line)


def tables(path):
    """{table: [lines]} of iptables-save -c text, without remarks."""
    found, lines = {}, None
    with open(path, encoding="utf-8") as f:
        for line in f:
            line = line.rstrip("\n")
            if line.startswith("*"):
                lines = found.setdefault(line[1:], [])
            elif line and not line.startswith("#") and line != "COMMIT":
                lines.append(line)
    return found


def plain(lines):
    """Chains sorted (their declarations have no order), rules of a chain in theirs."""
    chains = sorted(x for x in lines if x.startswith(":"))
    rules = [x for x in lines if not x.startswith(":")]
    rules.sort(key=lambda x: re.search(r"-A (\S+)", x).group(1))
    return chains + rules


def differences(ours, kernels):
    """Sentences; a table that the kernel has and that is empty may be missing."""
    for table, want in kernels.items():
        have = plain(ours.get(table, []))
        want = plain(want)
        if table not in ours and not any("-A" in x for x in want):
            continue
        for a, b in zip(have, want):
            if a != b:
                yield f"{table}: ours   {a}"
                yield f"{table}: kernel {b}"
        if len(have) != len(want):
            yield f"{table}: {len(have)} lines, the kernel has {len(want)}"


def replay(pktt, name, prefix):
    command = [pktt, "replay", "--read", f"{HERE}/{name}.pcapng"]
    command += ["--ipv4-rules", f"{OFFICE}/rules.v4", "--ipv6-rules", f"{OFFICE}/rules.v6"]
    command += ["--sets", f"{OFFICE}/sets.ipset", "--save-rules", prefix] + ROUTER
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def judge(pktt, name):
    with tempfile.TemporaryDirectory() as tmp:
        run = replay(pktt, name, f"{tmp}/r")
        if run.returncode != 0:
            return [f"pktt replay ended with {run.returncode}"] + run.stderr.splitlines()[:10]
        found = []
        for family in ("v4", "v6"):
            kernels = tables(f"{HERE}/kernel/{name}.{family}")
            ours = tables(f"{tmp}/r.{family}")
            for table in kernels.keys() | ours.keys():
                for side in (kernels, ours):
                    lines = side.get(table, [])
                    side[table] = [x for x in lines if comparable(name, family, x)]
            found += [f"{family} {x}" for x in differences(ours, kernels)]
        return found


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    names = sys.argv[2:]
    if not names:
        names = sorted(os.path.basename(x)[:-3] for x in glob.glob(f"{HERE}/kernel/*.v4"))
    print(f"1..{len(names)}")
    failed = 0
    for number, name in enumerate(names, 1):
        found = judge(sys.argv[1], name)
        failed += bool(found)
        print(f"{'not ' if found else ''}ok {number} - {name}: counters as the kernel's")
        for line in found[:40]:
            print(f"# {line}")
    sys.exit(failed > 0)


main()
