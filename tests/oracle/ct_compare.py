# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the two sides of a scenario of flows against each other."""

import re
from collections import defaultdict

import ct_masks
from gen import flows_wire
from compare import (
    Difference,
    counter_differences,
    passed,
    rule_difference,
    show,
    text_differences,
)

TIMEOUT = re.compile(r"^((?:ipv4|ipv6) +\d+ \S+ +\d+ )(\d+) ")
NUMBER = re.compile(r"\b\d+\b")
SLACK_S = 1


def agree(kernel, record):
    """Whether an accepted packet went the same way to its end."""
    hooks = [hook for hook, _ in kernel.hooks]
    if record["verdict"] != "accept" or not record["hook"] in ("input", "postrouting"):
        return True
    left = iter(hooks)
    return all(h in left for h in passed(False, record))


def state_of(record):
    """The state of a replay record in the observer's words; None where it does not say."""
    if "ct" not in record:
        return None
    ct = record["ct"]
    return "untracked" if ct is None else ct["ctstate"].lower()


def packet_differences(scenario, packet, kernel, replay):
    """Differences of one packet, as (kind, text)."""
    record = replay.raw
    theirs = ct_masks.frames(packet, kernel.emitted)
    ours = ct_masks.frames(packet, replay.emitted)
    if ours != theirs:
        yield "emitted", f"kernel {show(theirs)} - replay {show(ours)}"
    if not agree(kernel, record):
        why = f"{record['verdict']}, {record.get('reason')}"
        yield "hooks", f"kernel {kernel.hooks} - replay {passed(False, record)} ({why})"
    at_end = [mark for hook, mark in kernel.hooks if hook == record["hook"]]
    if record["verdict"] == "accept" and at_end and at_end[-1] != record.get("mark", 0):
        yield "mark", f"kernel {at_end[-1]:#x} - replay {record.get('mark', 0):#x}"
    states = [state for hook, state in kernel.states if hook == record["hook"]]
    said = state_of(record)
    if record["verdict"] == "accept" and said and states and states[-1] != said:
        yield "state", f"kernel {states[-1]} - replay {said}"
    text = rule_difference(scenario, kernel, record)
    if text:
        yield "rule", text


def entries(text):
    """{a line without its timeout and use: its timeouts}"""
    found = defaultdict(list)
    for line in text.splitlines():
        if m := TIMEOUT.match(line):
            rest = re.sub(r" use=\d+| delta-time=\d+", "", line[m.end() :])
            found[m.group(1) + rest.strip()].append(int(m.group(2)))
        elif line.startswith("ip"):
            found[re.sub(r" use=\d+", "", line).strip()].append(0)
    return found


def table_differences(kernel, replay):
    """Entries that only one side has, and timeouts too far apart."""
    theirs, ours = entries(kernel), entries(replay)
    for line in sorted(theirs.keys() | ours.keys()):
        a, b = sorted(theirs.get(line, [])), sorted(ours.get(line, []))
        if len(a) != len(b):
            yield f"kernel {len(a)} - replay {len(b)} of: {line}"
        elif any(abs(x - y) > SLACK_S for x, y in zip(a, b)):
            yield f"timeout: kernel {a} - replay {b} of: {line}"


def differences(scenario, kernel, replay):
    """All differences, the first cause first."""
    if replay.error:
        return [Difference("error", replay.error)]
    if len(replay.packets) != len(kernel.packets):
        said = f"{len(kernel.packets)} packets, {len(replay.packets)} records"
        return [Difference("records", said)]
    found = []
    sides = zip(scenario.packets, kernel.packets, replay.packets)
    for number, (packet, theirs, ours) in enumerate(sides):
        here = packet_differences(scenario, packet, theirs, ours)
        found += [Difference(kind, text, number) for kind, text in here]
    for family in scenario.families:
        tables = scenario.rules[family]
        seen = {k: v for k, v in kernel.counters(family).items() if k[0] in tables}
        said = replay.counters(family)
        pairs = counter_differences(family, seen, said)
        found += [Difference("counters", text) for text in pairs]
        pairs = text_differences(family, seen, said)
        found += [Difference("text", text) for text in pairs]
    found += [Difference("table", t) for t in table_differences(kernel.conntrack, replay.conntrack)]
    return found


def has_chance(scenario, kernel):
    """Whether the kernel drew a port that neither packets nor rules name."""
    known = {int(n) for f in scenario.families for n in NUMBER.findall(scenario.rules_text(f))}
    sent = [flows_wire.read(p.layer3) for p in scenario.packets]
    known |= {port for s in sent if s and not s.offset for port in s.ports}
    for what in kernel.packets:
        seen = [flows_wire.read(data) for _, data in what.emitted]
        if any(s and not s.offset and not set(s.ports) <= known for s in seen):
            return True
    return False


def kernel_differences(scenario, first, second):
    """Two runs of the kernel, which must not differ in anything."""
    found = []
    sides = zip(scenario.packets, first.packets, second.packets)
    for number, (packet, a, b) in enumerate(sides):
        for kind in ("hooks", "states", "trace"):
            if getattr(a, kind) != getattr(b, kind):
                said = f"{getattr(a, kind)} - then {getattr(b, kind)}"
                found.append(Difference(kind, said, number))
        once, again = ct_masks.frames(packet, a.emitted), ct_masks.frames(packet, b.emitted)
        if once != again:
            found.append(Difference("emitted", f"{show(once)} - then {show(again)}", number))
    for family in scenario.families:
        pairs = counter_differences(family, first.counters(family), second.counters(family))
        found += [Difference("counters", text) for text in pairs]
    pairs = table_differences(first.conntrack, second.conntrack)
    return found + [Difference("table", text) for text in pairs]
