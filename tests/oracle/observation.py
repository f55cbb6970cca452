# SPDX-License-Identifier: GPL-2.0-or-later
"""What either side saw: the common form in which kernel and replay are compared."""

import re
from dataclasses import dataclass, field


@dataclass
class Seen:
    """What became of one packet."""

    emitted: list = field(default_factory=list)
    """(interface, bytes from layer 3 on), in order of leaving."""
    hooks: list = field(default_factory=list)
    """(hook, mark) of each hook that the packet left alive, at its last priority."""
    log: list = field(default_factory=list)
    """Lines of LOG."""
    nflog: list = field(default_factory=list)
    """(group, prefix, payload) of NFLOG."""
    trace: list = field(default_factory=list)
    """(interface that it came in by, table, chain, kind, number) of each rule met, the kernel's."""
    states: list = field(default_factory=list)
    """(hook, state of the connection) as `hooks`; only of scenarios of flows."""
    delivered: list = field(default_factory=list)
    """What reached the router itself, from layer 3 on; only of scenarios of flows."""
    raw: dict = None
    """The record as `pktt replay --json` wrote it; None for the kernel."""

    def to_json(self):
        return {
            "emitted": [[name, data.hex()] for name, data in self.emitted],
            "hooks": self.hooks,
            "log": self.log,
            "nflog": [[group, prefix, data.hex()] for group, prefix, data in self.nflog],
            "trace": self.trace,
        } | ({"states": self.states} if self.states else {})

    @staticmethod
    def from_json(found):
        return Seen(
            emitted=[(name, bytes.fromhex(data)) for name, data in found["emitted"]],
            hooks=[tuple(h) for h in found["hooks"]],
            log=found["log"],
            nflog=[(g, p, bytes.fromhex(d)) for g, p, d in found["nflog"]],
            trace=[tuple(t) for t in found["trace"]],
            states=[tuple(s) for s in found.get("states", [])],
        )


@dataclass
class Observation:
    """A whole run: one Seen a packet, and the counters at its end."""

    packets: list = field(default_factory=list)
    saved: dict = field(default_factory=dict)
    """family: the text of iptables-save -c."""
    conntrack: str = ""
    """The table at the end, as `conntrack -L -o extended` prints it."""
    error: str = ""

    def counters(self, family):
        return read_counters(self.saved.get(family, ""))

    def to_json(self):
        """What the kernel said, for a case file."""
        found = {"saved": self.saved, "packets": [p.to_json() for p in self.packets]}
        return found | ({"conntrack": self.conntrack} if self.conntrack else {})

    @staticmethod
    def from_json(found):
        packets = [Seen.from_json(p) for p in found["packets"]]
        return Observation(packets, found["saved"], found.get("conntrack", ""))


def read_counters(text):
    """{(table, chain): [policy counters or None, (rule counters, rule) ...]}"""
    found = {}
    table = None
    for line in text.splitlines():
        if line.startswith("*"):
            table = line[1:].strip()
        elif line.startswith(":"):
            chain, policy, *counters = line[1:].split()
            is_builtin = policy != "-" and counters
            found[table, chain] = [(counters[0], policy) if is_builtin else None]
        elif line.startswith("["):
            m = re.match(r"(\[\d+:\d+\]) -A (\S+) ?(.*)", line)
            found[table, m.group(2)].append((m.group(1), m.group(3)))
    return found
