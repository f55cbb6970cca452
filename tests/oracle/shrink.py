# SPDX-License-Identifier: GPL-2.0-or-later
"""Cuts a failing scenario down while it still fails in the same way."""

import re

SHORT_WAIT_MS = 20
"""What some counting in the kernel needs between two packets to be exact."""
PART = re.compile(r" (?=(?:! )?-[a-z] )")


def without(values, chunk, start):
    return values[:start] + values[start + chunk :]


def reduce_list(values, still_fails):
    """Delta debugging: leaves out ever smaller chunks."""
    chunk = max(1, len(values) // 2)
    while values:
        start, is_smaller = 0, False
        while start < len(values):
            fewer = without(values, chunk, start)
            if still_fails(fewer):
                values, is_smaller = fewer, True
            else:
                start += chunk
        if chunk == 1 and not is_smaller:
            break
        chunk = max(1, chunk // 2)
    return values


class Shrinker:
    """`differs(scenario)` answers whether the difference looked for is still there."""

    def __init__(self, scenario, differs, budget=400):
        self.scenario = scenario
        self.differs = differs
        self.budget = budget

    def try_(self, candidate):
        """Keeps a candidate that still fails."""
        if self.budget <= 0:
            return False
        self.budget -= 1
        if not self.differs(candidate):
            return False
        self.scenario = candidate
        return True

    def packets(self):
        def still_fails(fewer):
            candidate = self.scenario.copy()
            candidate.packets = fewer
            return self.try_(candidate)

        reduce_list(self.scenario.packets, still_fails)

    def rules(self, family, table):
        def still_fails(fewer):
            candidate = self.scenario.copy()
            candidate.rules[family][table].rules = fewer
            return self.try_(candidate)

        reduce_list(self.scenario.rules[family][table].rules, still_fails)

    def tables(self):
        for family in list(self.scenario.rules):
            for table in list(self.scenario.rules[family]):
                candidate = self.scenario.copy()
                del candidate.rules[family][table]
                if not candidate.rules[family]:
                    del candidate.rules[family]
                self.try_(candidate)

    def chains(self, family, table):
        here = self.scenario.rules[family][table]
        used = " ".join(f"{c} {r}" for c, r in here.rules).split()
        candidate = self.scenario.copy()
        kept = {c: p and "ACCEPT" for c, p in here.chains.items() if p or c in used}
        candidate.rules[family][table].chains = kept
        if kept != here.chains:
            self.try_(candidate)

    def sets(self):
        candidate = self.scenario.copy()
        candidate.sets = []
        if self.scenario.sets and not self.try_(candidate):
            for line in [s for s in self.scenario.sets if s.startswith("add")]:
                candidate = self.scenario.copy()
                candidate.sets.remove(line)
                self.try_(candidate)

    def settings(self):
        """Those of connection tracking, which only scenarios of flows have."""
        for name in list(getattr(self.scenario, "settings", {})):
            candidate = self.scenario.copy()
            del candidate.settings[name]
            self.try_(candidate)

    def words(self, family, table):
        """Leaves out single conditions of the rules that remain."""
        for number in range(len(self.scenario.rules[family][table].rules)):
            chain, rule = self.scenario.rules[family][table].rules[number]
            parts = PART.split(" " + rule)[1:]
            for part in parts:
                fewer = [
                    p
                    for p in PART.split(" " + self.scenario.rules[family][table].rules[number][1])[
                        1:
                    ]
                    if p != part
                ]
                candidate = self.scenario.copy()
                candidate.rules[family][table].rules[number] = (chain, " ".join(fewer))
                self.try_(candidate)

    def waits(self):
        candidate = self.scenario.copy()
        for packet in candidate.packets:
            packet.wait_ms = packet.wait_ms if packet.wait_ms <= SHORT_WAIT_MS else 0
        if any(p.wait_ms > SHORT_WAIT_MS for p in self.scenario.packets):
            self.try_(candidate)

    def run(self):
        self.waits()
        self.packets()
        self.tables()
        for step in (self.rules, self.chains, self.words):
            for family, tables in list(self.scenario.rules.items()):
                for table in list(tables):
                    step(family, table)
        self.packets()
        self.sets()
        self.settings()
        return self.scenario
