# SPDX-License-Identifier: GPL-2.0-or-later
"""What scenarios of flows reach: proof that the generator gets everywhere."""

import re
from collections import Counter

from gen import flows_wire

EXTENSION = re.compile(r"-[mj] (\w+)")
OPTION = re.compile(
    r"--(ct\w+|zone[\w-]*|helper|notrack|persistent|set-\w+|save-mark|restore-mark)\b"
)


def counts(scenario, seen):
    """Names and how often each was reached in one scenario."""
    found = Counter(scenarios=1, packets=len(scenario.packets))
    for packet, what in zip(scenario.packets, seen.packets):
        found.update(of_packet(packet, what))
    for line in seen.conntrack.splitlines():
        found.update(of_entry(line))
    for family in scenario.families:
        for chain in seen.counters(family).values():
            found.update(of_rules(chain[1:]))
    found.update({f"setting {n}": 1 for n in scenario.settings})
    return found


def of_packet(packet, what):
    last = what.states[-1] if what.states else ("stopped early", "")
    yield f"end {last[0]} {last[1]}".strip()
    if not what.emitted and not what.delivered:
        yield "emitted nothing"
    if any(is_translated(packet, data) for _, data in what.emitted):
        yield "translated"
    if len(what.emitted) > 1:
        yield "emitted several"
    if "piece" in packet.note:
        yield "fragment"
    if "damaged" in packet.note:
        yield "damaged"
    sent = flows_wire.read(packet.layer3)
    if sent and sent.is_error:
        yield f"error {last[1]}"


def is_translated(packet, data):
    sent, seen = flows_wire.read(packet.layer3), flows_wire.read(data)
    if not sent or not seen or sent.is_error != seen.is_error:
        return False
    return (sent.source, sent.destination) != (seen.source, seen.destination)


def of_entry(line):
    words = line.split()
    protocol = words[2]
    state = words[5] if words[5].isupper() else "-"
    yield f"entry {words[0]} {protocol} {state}"
    for flag in re.findall(r"\[\w+\]", line):
        yield f"entry {flag}"
    for name in ("zone", "zone-orig", "zone-reply", "helper"):
        if re.search(rf" {name}=", line):
            yield f"entry {name}"
    if " mark=0" not in line:
        yield "entry mark"
    sides = re.findall(r"src=(\S+) dst=(\S+)(?: sport=(\d+) dport=(\d+))?", line)
    if len(sides) == 2:
        if sides[0][0] != sides[1][1]:
            yield "entry SNAT"
        if sides[0][1] != sides[1][0]:
            yield "entry DNAT"
        if sides[0][2:] and sides[0][2:] != sides[1][:1:-1]:
            yield "entry port changed"


def of_rules(rules):
    for counter, text in rules:
        if counter == "[0:0]":
            continue
        names = EXTENSION.findall(text) + ["--" + n for n in OPTION.findall(text)]
        for name in names:
            yield f"hit {name}"


def text(total):
    return "\n".join(f"# {count:8} {name}" for name, count in sorted(total.items()))
