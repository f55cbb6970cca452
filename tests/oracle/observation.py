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
    """(came in from outside, table, chain, kind, number) of each rule met, the kernel's."""
    raw: dict = None
    """The record as `pktt replay --json` wrote it; None for the kernel."""


@dataclass
class Observation:
    """A whole run: one Seen a packet, and the counters at its end."""

    packets: list = field(default_factory=list)
    saved: dict = field(default_factory=dict)
    """family: the text of iptables-save -c."""
    error: str = ""

    def counters(self, family):
        return read_counters(self.saved.get(family, ""))


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
