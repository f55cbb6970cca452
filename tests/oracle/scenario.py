# SPDX-License-Identifier: GPL-2.0-or-later
"""A scenario: rules of both families, sets and packets, as plain data.

It is what the generators make, what both sides run, what the shrinker cuts down and
what a case file in cases/ holds.
"""

import copy
import json
import re
from dataclasses import dataclass, field

import topology
from observation import Observation

FAMILIES = ("ipv4", "ipv6", "arp", "bridge")

BUILTIN = {
    "raw": ("PREROUTING", "OUTPUT"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
    "security": ("INPUT", "FORWARD", "OUTPUT"),
}


@dataclass
class Packet:
    """A frame that arrives at an interface, wait_ms after the one before it.

    A packet of topology.LOCAL_OUT is sent by the router itself.
    """

    interface: str
    frame: bytes
    wait_ms: int = 0
    note: str = ""
    time_ns: int = 0

    @property
    def layer3(self):
        return self.frame if self.interface == topology.LOCAL_OUT else self.frame[14:]

    @property
    def is_later_ipv6_fragment(self):
        """By a simple look: a fragment header somewhere, with an offset."""
        data = self.layer3
        if not data or data[0] >> 4 != 6 or len(data) < 48:
            return False
        kind, at = data[6], 40
        while kind in (0, 43, 44, 51, 60) and at + 8 <= len(data):
            if kind == 44 and (data[at + 2] or data[at + 3] & 0xF8):
                return True
            size = {44: 8, 51: data[at + 1] * 4 + 8}.get(kind, data[at + 1] * 8 + 8)
            kind, at = data[at], at + size
        return False

    def to_json(self):
        found = {"interface": self.interface, "frame": self.frame.hex()}
        found.update(
            {k: v for k, v in vars(self).items() if k in ("wait_ms", "note", "time_ns") and v}
        )
        return found

    @staticmethod
    def from_json(found):
        return Packet(**{**found, "frame": bytes.fromhex(found["frame"])})


@dataclass
class Table:
    """One table: its chains with their policies (None: user-defined), its rules in order."""

    chains: dict = field(default_factory=dict)
    rules: list = field(default_factory=list)

    @staticmethod
    def empty(name):
        return Table(chains={c: "ACCEPT" for c in BUILTIN[name]})

    def text(self, name):
        lines = [f"*{name}"]
        lines += [f":{chain} {policy or '-'} [0:0]" for chain, policy in self.chains.items()]
        lines += [f"-A {chain} {rule}" for chain, rule in self.rules]
        return "\n".join(lines + ["COMMIT", ""])


@dataclass
class Scenario:
    """Everything that a run needs; `seed` names it and prefixes its log lines."""

    seed: str
    rules: dict = field(default_factory=dict)
    sets: list = field(default_factory=list)
    packets: list = field(default_factory=list)
    title: str = ""

    @property
    def families(self):
        return [f for f in FAMILIES if self.rules.get(f)]

    @property
    def log_prefix(self):
        return f"{self.seed} "

    def native_text(self, family):
        """The rules of a family in the engine's own form, whose tables name it."""
        return re.sub(r"(?m)^(\*\w+)$", rf"\1 {family}", self.rules_text(family))

    @property
    def is_timed(self):
        """Whether it matters how fast it runs."""
        return any(p.wait_ms for p in self.packets)

    def rules_text(self, family):
        return "".join(table.text(name) for name, table in self.rules.get(family, {}).items())

    def sets_text(self):
        return "".join(line + "\n" for line in self.sets)

    def rule_count(self):
        return sum(len(t.rules) for f in self.rules.values() for t in f.values())

    def copy(self):
        return copy.deepcopy(self)

    def to_json(self):
        return {
            "seed": self.seed,
            "title": self.title,
            "sets": self.sets,
            "rules": {
                family: {
                    name: {"chains": t.chains, "rules": [f"{c} {r}" for c, r in t.rules]}
                    for name, t in tables.items()
                }
                for family, tables in self.rules.items()
            },
            "packets": [p.to_json() for p in self.packets],
        }

    @staticmethod
    def from_json(found):
        rules = {
            family: {
                name: Table(t["chains"], [tuple(r.split(" ", 1)) for r in t["rules"]])
                for name, t in tables.items()
            }
            for family, tables in found["rules"].items()
        }
        return Scenario(
            seed=found["seed"],
            title=found.get("title", ""),
            sets=found.get("sets", []),
            rules=rules,
            packets=[Packet.from_json(p) for p in found["packets"]],
        )


def read_case(path):
    with open(path, encoding="ascii") as file:
        return Scenario.from_json(json.load(file))


def read_expected(path):
    """What the kernel said when the case was written."""
    with open(path, encoding="ascii") as file:
        return Observation.from_json(json.load(file)["expected"])


def write_case(scenario, expected, path):
    found = scenario.to_json() | {"expected": expected.to_json()}
    with open(path, "w", encoding="ascii") as file:
        json.dump(found, file, indent=1)
        file.write("\n")
