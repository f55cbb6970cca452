# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the two sides against each other."""

from dataclasses import dataclass

import masks
import topology

PASSED_BEFORE = {
    "none": (),
    "prerouting": (),
    "input": ("prerouting",),
    "forward": ("prerouting",),
    "postrouting": ("prerouting", "forward"),
}


@dataclass
class Difference:
    kind: str
    text: str
    packet: int = -1

    def __str__(self):
        where = f"packet {self.packet}: " if self.packet >= 0 else ""
        return f"{where}{self.kind}: {self.text}"


def frames(emitted):
    return [(name, masks.emitted(data)) for name, data in emitted]


def show(emitted):
    return " + ".join(f"{name} {data.hex()}" for name, data in emitted) or "nothing"


def passed(is_arp, record):
    """The hooks that a packet left alive, by what replay says of it."""
    hook, verdict = record["hook"], record["verdict"]
    before = PASSED_BEFORE.get(hook, ())
    if record["interface"] == topology.LOCAL_OUT:
        before = ("output",) if hook == "postrouting" else ()
        if record.get("reason") == "no-route":
            return before  # mangle sent it elsewhere, before OUTPUT's end
    if is_arp:
        before = ()
    ended_by_rule = "rule" in record or record.get("reason") == "unreadable"
    if verdict == "accept" or not ended_by_rule and hook != "none":
        return (*before, hook)
    return before


def log_lines(record):
    """The LOG lines of a replay record."""
    return [e["text"] for e in record.get("log") or [] if e["kind"] == "LOG"]


def has_copies(scenario):
    return any("-j TEE" in scenario.rules_text(f) for f in scenario.families)


def terminal(scenario, kernel, record):
    """The rule or policy that ended the packet's way, as the kernel's trace has it."""
    interface = record["interface"] if record["interface"] != topology.LOCAL_OUT else ""
    tables = scenario.rules.get(record["rule"]["family"], {})
    known = {(name, chain) for name, table in tables.items() for chain in table.chains}
    met = [m[1:] for m in kernel.trace if m[0] == interface and m[1:3] in known]
    if not met:
        return None
    table, chain, kind, number = met[-1]
    # The trace takes a rule without conditions for the end of its chain.
    is_rule = number <= sum(c == chain for c, _ in tables[table].rules)
    return table, chain, "rule" if is_rule else kind, number


def rule_difference(scenario, kernel, record):
    """A rule that replay says ended it must be the last that the kernel's packet met."""
    said = record.get("rule")
    # Nothing tells a packet of our own from our answer to it, nor either from its copies.
    if record["verdict"] == "reject" and record["interface"] == topology.LOCAL_OUT:
        return None
    if has_copies(scenario):
        return None
    met = terminal(scenario, kernel, record) if said else None
    if not met:
        return None
    is_policy = bool(said.get("policy") or record.get("policy"))
    ours = (said["table"], said["chain"], "policy" if is_policy else "rule")
    if ours == met[:3] and (is_policy or said["number"] == met[3]):
        return None
    return f"kernel {met} - replay {said}"


def agree(hooks, expected):
    """Whether a packet that passed `expected` left these traces, its copies' among them."""
    left = iter(hooks)
    if not all(h in left for h in expected):
        return False
    # What the router itself sends may come back to it.
    return "output" in hooks or all(h in expected for h in hooks)


def nflog_records(record):
    """The NFLOG records of a replay record, as (group, prefix, payload)."""
    for entry in record.get("log") or []:
        if entry["kind"] == "NFLOG":
            payload = masks.nflog_payload(bytes.fromhex(entry.get("data", "")))
            yield entry["group"], entry["prefix"], payload


def packet_differences(scenario, kernel, replay):
    """Differences of one packet, as (kind, text)."""
    record = replay.raw
    ours, theirs = frames(replay.emitted), frames(kernel.emitted)
    if has_copies(scenario):
        # Replies stand last in a record, a copy's own among them; in Linux they leave first.
        ours, theirs = sorted(ours), sorted(theirs)
    if ours != theirs:
        yield "emitted", f"kernel {show(theirs)} - replay {show(ours)}"
    if "bridge" in scenario.rules:
        return
    hooks, expected = [hook for hook, _ in kernel.hooks], passed("arp" in scenario.rules, record)
    if not agree(hooks, expected):
        why = f"{record['verdict']}, {record.get('reason')}"
        yield "hooks", f"kernel {hooks} - replay {expected} ({why})"
    marks = [mark for hook, mark in kernel.hooks if hook == record["hook"]]
    if record["verdict"] == "accept" and marks and marks[-1] != record.get("mark", 0):
        yield "mark", f"kernel {marks[-1]:#x} - replay {record.get('mark', 0):#x}"
    text = rule_difference(scenario, kernel, record)
    if text:
        yield "rule", text
    lines = [masks.log_line(t) for t in kernel.log]
    said = [masks.log_line(t) for t in log_lines(record)]
    if lines != said:
        yield "log", f"\nkernel {lines}\nreplay {said}"
    theirs = [(g, p, masks.nflog_payload(d)) for g, p, d in kernel.nflog]
    ours = list(nflog_records(record))
    if theirs != ours:
        yield "nflog", f"\nkernel {theirs}\nreplay {ours}"


def counter_differences(family, kernel, replay):
    for key in sorted(kernel.keys() | replay.keys()):
        where = f"{family} {' '.join(key)}"
        if key not in kernel or key not in replay:
            yield f"{where}: only {'replay' if key in replay else 'the kernel'} has it"
            continue
        theirs, ours = kernel[key], replay[key]
        if len(theirs) != len(ours):
            yield f"{where}: kernel {len(theirs) - 1} rules - replay {len(ours) - 1}"
        for number, (a, b) in enumerate(zip(theirs, ours)):
            if a and b and a[0] != b[0]:
                what = f"rule {number} ({a[1]})" if number else "policy"
                yield f"{where} {what}: kernel {a and a[0]} - replay {b and b[0]}"


def text_differences(family, kernel, replay):
    """Rules that the two sides write differently, of those that both have."""
    for key in sorted(kernel.keys() & replay.keys()):
        for theirs, ours in zip(kernel[key][1:], replay[key][1:]):
            a, b = masks.rule_text(family, theirs[1]), masks.rule_text(family, ours[1])
            if a != b:
                yield f"{family} {' '.join(key)}: kernel {a} - replay {b}"


def differences(scenario, kernel, replay):
    """All differences, the first cause first."""
    if replay.error:
        return [Difference("error", replay.error)]
    if len(replay.packets) != len(kernel.packets):
        return [
            Difference("records", f"{len(kernel.packets)} packets, {len(replay.packets)} records")
        ]
    found = []
    for number, (theirs, ours) in enumerate(zip(kernel.packets, replay.packets)):
        here = packet_differences(scenario, theirs, ours)
        found += [Difference(kind, text, number) for kind, text in here]
    for family in scenario.families:
        tables = scenario.rules[family]
        seen = {k: v for k, v in kernel.counters(family).items() if k[0] in tables}
        said = replay.counters(family)
        pairs = counter_differences(family, seen, said)
        found += [Difference("counters", text) for text in pairs]
        if family not in ("arp", "bridge"):
            pairs = text_differences(family, seen, said)
            found += [Difference("text", text) for text in pairs]
    return found
