#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Ports that are drawn by chance: both sides must draw from the same set.

Clients with one port in common talk through a source that they share. What comes out is
not compared byte by byte but by what a rule promises: the port kept or not, inside which
range, never the same twice towards one server, and refused when none is left.

    ct_ports.py --pktt build/pktt [--seed N] [--count N]
"""

import argparse
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import ct_kernel  # noqa: E402
import machine  # noqa: E402
from ct_replay import FlowReplay  # noqa: E402
from ct_scenario import FlowScenario  # noqa: E402
from gen import flows_wire as wire  # noqa: E402
from gen.draw import Draw  # noqa: E402
from gen.flows_flow import Step  # noqa: E402
from gen.flows_rules import TABLES  # noqa: E402
from gen.layer4 import TCP, UDP  # noqa: E402
from oracle import Tap  # noqa: E402
from scenario import Table  # noqa: E402

CLIENTS = {"ipv4": "10.0.1.{}", "ipv6": "fd00:1::{:x}"}
SERVERS = {"ipv4": ["10.0.2.9", "10.0.2.2"], "ipv6": ["fd00:2::9", "fd00:2::2"]}
SOURCES = {"ipv4": "10.0.2.100", "ipv6": "fd00:2::100"}
BANDS = ((511, 1, 511), (1023, 600, 1023), (65535, 1024, 65535))
"""Where Linux looks for another port when a rule names none: sent up to, low, high."""
NAMES = {TCP: "tcp", UDP: "udp"}


class Promise:
    """What the rule of a scenario says about ports."""

    def __init__(self, draw, protocol):
        self.low = self.high = None
        self.has_ports = protocol in NAMES
        self.words = draw.pick(["", "", "", " --random", " --random-fully"])
        if protocol in NAMES and draw.chance(0.6):
            self.low = draw.pick([2000, 40000, 1])
            self.high = self.low + draw.pick([0, 1, 3, 20, 5000])

    @property
    def ports(self):
        return "" if self.low is None else f"{self.low}-{self.high}"

    @property
    def is_random(self):
        return bool(self.words)

    def kind(self, sent, seen):
        """The name of the set in which a port lies."""
        if seen == sent and not self.is_random:
            return "kept"
        if self.low is not None:
            return "in range" if self.low <= seen <= self.high else f"outside: {seen}"
        low, high = 0, 65535  # the id of an echo
        if self.has_ports:
            low, high = next(b[1:] for b in BANDS if sent <= b[0])
        return f"in {low} to {high}" if low <= seen <= high else f"outside: {seen}"


def message(view_port, server_port, protocol):
    if protocol == TCP:
        return (
            bytes.fromhex(f"{view_port:04x}{server_port:04x}") + bytes(8) + b"\x50\x02" + bytes(6)
        )
    if protocol == UDP:
        return bytes.fromhex(f"{view_port:04x}{server_port:04x}") + b"\0\x0c\0\0" + b"data"
    kind = 8 if protocol == 1 else 128
    return bytes([kind, 0, 0, 0]) + view_port.to_bytes(2, "big") + b"\0\1" + b"data"


def scenario(seed):
    """(FlowScenario, Promise): many clients of one port, few servers."""
    draw = Draw(f"ports {seed}")
    family = draw.pick(["ipv4", "ipv6"])
    protocol = draw.pick([TCP, UDP, wire.control(bytes(4 if family == "ipv4" else 16))])
    promise = Promise(draw, protocol)
    port = draw.pick([33000, 5000, 600, 80, 2001])
    found = FlowScenario(seed=f"ports {seed}")
    found.rules[family] = {"nat": nat(draw, family, protocol, promise)}
    for number in range(draw.randrange(2, 30)):
        server = wire.address(draw.pick(SERVERS[family][: draw.pick([1, 1, 2])]))
        client = wire.address(CLIENTS[family].format(number % 200 + 2))
        data = message(port, 80, protocol)
        data = wire.summed(client, server, protocol, data)
        packet = wire.network(client, server, protocol, data, wire.Look(ident=number + 1))
        found.packets.append(ct_kernel.FlowRouter.packet(Step("in0", packet)))
    name = NAMES.get(protocol, "icmp")
    found.title = (
        f"{name} {family} {len(found.packets)} clients: {found.rules[family]['nat'].rules[0][1]}"
    )
    return found, promise


def nat(draw, family, protocol, promise):
    table = Table(chains={c: "ACCEPT" for c in TABLES["nat"]})
    where = f"-p {NAMES[protocol]} " if protocol in NAMES else ""
    if draw.chance(0.3):
        ports = f" --to-ports {promise.ports}" if promise.ports else ""
        rule = f"{where}-o out0 -j MASQUERADE{ports}{promise.words}"
    else:
        source = SOURCES[family]
        if promise.ports:
            source = f"[{source}]" if family == "ipv6" else source
            source += f":{promise.ports}"
        rule = f"{where}-o out0 -j SNAT --to-source {source}{promise.words}"
    table.rules.append(("POSTROUTING", rule))
    return table


def kinds(promise, packets, seen):
    """What became of each packet, in words that both sides must share."""
    used = set()
    for packet, what in zip(packets, seen):
        if not what.emitted:
            yield "refused"
            continue
        sent, got = wire.read(packet.layer3), wire.read(what.emitted[0][1])
        key = got.protocol, got.source, got.destination, *got.ports
        again = " as another has" if key in used else ""
        used.add(key)
        said = promise.kind(sent.ports[0], got.ports[0])
        yield f"from {wire.text_of(got.source)}, port {said}{again}"


def judge(router, replay, seed):
    """(title, differences) of one scenario."""
    found, promise = scenario(seed)
    theirs = list(kinds(promise, found.packets, router.run(found).packets))
    said = replay.run(found)
    if said.error:
        return found.title, [said.error]
    ours = list(kinds(promise, found.packets, said.packets))
    pairs = enumerate(zip(theirs, ours))
    return found.title, [f"packet {n}: kernel {a} - replay {b}" for n, (a, b) in pairs if a != b]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pktt", required=True, help="the program under test")
    parser.add_argument("--seed", type=int, default=1, help="first seed")
    parser.add_argument("--count", type=int, default=60, help="how many scenarios")
    options = parser.parse_args()
    if os.geteuid() != 0:
        print("1..0 # SKIP network namespaces need root")
        return 0
    tap = Tap()
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    with machine.prepared():
        router, replay = ct_kernel.FlowRouter(), FlowReplay(options.pktt)
        for seed in range(options.seed, options.seed + options.count):
            title, found = judge(router, replay, seed)
            tap.line(not found, f"seed {seed}: {title}", found[:12])
        ct_kernel.kernel.enter(home)
    tap.plan()
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
