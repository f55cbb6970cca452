#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Layer-4 tracking against the kernel's, packet by packet. TAP.

    l4_oracle.py PROBE [--lines PROGRAM ...] [--count N] [--seed N] [--time-box S]

First the sequences of tests/unit/*.track, as the unit tests' programs print them (--lines):
what stands there must be what the kernel does. Then N random conversations: after every packet
the kernel's connection and the engine's (l4_probe.c) are the same in state, seconds, assurance,
counters, TCP flags and scales, SCTP tags.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import l4_kernel  # noqa: E402
import l4_packets  # noqa: E402

LENGTH = 20
NO_ORACLE = 33
"""DCCP: Linux 6.18 has no tracking of it."""


class Probe:
    def __init__(self, path):
        self.process = subprocess.Popen(
            [path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def say(self, line):
        self.process.stdin.write(line + "\n")

    def begin(self, settings):
        self.say("new")
        for name, value in settings.items():
            self.say(f"set {name}={value}")

    def send(self, direction, packet):
        self.say(f"time {time.time_ns()}")
        self.say(f"{'><'[direction]} {packet.hex()}")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()


def plain(outcome):
    """Without what only the engine can tell: NEW or ESTABLISHED is no news of the connection."""
    word, _, rest = outcome.partition(" ")
    return f"{word if word in ('invalid', 'drop') else 'ok'} {rest}"


def is_same(kernel, ours):
    """Seconds may differ by one: the two do not look at the same instant."""
    one, two = kernel.split(), plain(ours).split()
    if len(one) != len(two):
        return False
    return all(
        a == b or (i == 2 and a.isdigit() and b.isdigit() and abs(int(a) - int(b)) <= 1)
        for i, (a, b) in enumerate(zip(one, two))
    )


def converse(kernel, probe, seed):
    """None, or the conversation up to where the two differ."""
    talk = l4_packets.talk(seed)
    settings = talk.settings()
    kernel.begin(settings)
    probe.begin(settings)
    lines = [str(settings)]
    for _ in range(LENGTH):
        direction, packet, note = talk.packet()
        theirs, ours = kernel.send(direction, packet), probe.send(direction, packet)
        lines.append(f"{'><'[direction]} {note}")
        if not is_same(theirs, ours):
            return [*lines, f"    kernel: {theirs}", f"    ours:   {ours}"]
        lines[-1] += f" ; {theirs}"
    return None


def sequences(program):
    """(name, lines) of a unit test's sequences, with the packets' bytes."""
    env = os.environ | {"SEQUENCE_SHOW": "hex"}
    text = subprocess.run([program], env=env, capture_output=True, text=True, check=False).stdout
    found = []
    for line in text.splitlines():
        if line.startswith("== "):
            found.append((line[3:], []))
        elif line[:1] in ("s", "+", ">", "<") and found:
            found[-1][1].append(line)
    return found


def without_detail(outcome):
    return outcome.split(" flags=")[0]


def replay_sequence(kernel, lines):
    """None, or the first line that the kernel answers otherwise."""
    settings = dict(line[4:].split("=") for line in lines if line[0] == "s")
    kernel.begin(settings)
    packet = None
    for line in lines:
        if line[0] == "+":
            kernel.age(packet, int(line[1:]))
        if line[0] not in "><":
            continue
        head, _, expected = line.partition(" ; ")
        packet = bytes.fromhex(head[2:])
        came = without_detail(kernel.send("><".index(line[0]), packet))
        if not is_same(came, expected):
            return f"{line}\n    kernel: {came}"
    return None


def is_trackable(lines):
    packets = [line for line in lines if line[0] in "><"]
    return packets and bytes.fromhex(packets[0][2:].split()[0])[9] != NO_ORACLE


class Tap:
    def __init__(self):
        self.number = 0

    def say(self, is_ok, name, trouble=()):
        self.number += 1
        print(f"{'ok' if is_ok else 'not ok'} {self.number} - {name}")
        for line in trouble:
            print("#", line)
        sys.stdout.flush()


def run(options, tap):
    kernel, probe = l4_kernel.Kernel(), Probe(options.probe)
    for program in options.lines:
        for name, lines in sequences(program):
            if is_trackable(lines):
                fault = replay_sequence(kernel, lines)
                tap.say(fault is None, name, (fault or "").splitlines())
    end, done = time.monotonic() + options.time_box, 0
    for seed in range(options.seed, options.seed + options.count):
        if time.monotonic() > end:
            break
        done += 1
        fault = converse(kernel, probe, seed)
        if fault:
            tap.say(False, f"conversation {seed}", fault)
    tap.say(done > 0, f"{done} conversations from seed {options.seed}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("probe")
    parser.add_argument("--lines", nargs="*", default=[])
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    parser.add_argument("--time-box", type=float, default=60)
    options = parser.parse_args()
    tap = Tap()
    if os.geteuid() != 0:
        print("1..0 # SKIP only root makes namespaces")
        return
    run(options, tap)
    print(f"1..{tap.number}")


main()
