# SPDX-License-Identifier: GPL-2.0-or-later
"""Plays a recording through `pktt replay` and says where the engine and the kernel differ.

Nothing is masked: no session takes a port that is taken already, which is where the kernel
would draw one by chance. Not compared are the seconds that an expectation has left and how
many hold a connection (use=), which say nothing about what was foreseen.
"""

import difflib
import json
import pathlib
import re
import subprocess
import tempfile
from dataclasses import dataclass, field

from compare import counter_differences
from ct_compare import table_differences
from observation import read_counters

from session import network
from session.recording import SUFFIX, Recording, capture, without_counters

PATIENCE_S = 60
EVENT = re.compile(r"^ *\[(NEW|UPDATE|DESTROY)\] \d+ (.*?) *$")


@dataclass
class Played:
    """What a replay said."""

    error: str = ""
    records: list = field(default_factory=list)
    rules: dict = field(default_factory=dict)
    connections: str = ""


def play(pktt, recording):
    with tempfile.TemporaryDirectory(prefix="session-") as name:
        folder = pathlib.Path(name)
        (folder / "in.pcapng").write_bytes(capture(recording.packets))
        words = [pktt, "replay", "--json", "--read", str(folder / "in.pcapng")]
        words += network.REPLAY_OPTIONS + ["--save-rules", str(folder / "saved")]
        words += ["--save-conntrack", str(folder / "conntrack")]
        for family, text in recording.rules.items():
            path = folder / f"rules.{family}"
            path.write_text(without_counters(text), encoding="ascii")
            words += [f"--{family}-rules", str(path)]
        return run(words, folder)


def run(words, folder):
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    if done.returncode != 0:
        return Played(error=f"exit {done.returncode}: {done.stderr.strip()[-2000:]}")
    found = Played(records=[json.loads(line) for line in done.stdout.splitlines()])
    for family, suffix in SUFFIX.items():
        if (path := folder / f"saved.{suffix}").exists():
            found.rules[family] = path.read_text(encoding="ascii")
    found.connections = (folder / "conntrack").read_text(encoding="ascii")
    return found


def show(frames):
    return ", ".join(f"{name} {data.hex()}" for name, data in frames) or "nothing"


def first_difference(theirs, ours):
    """Where two packets part, for whoever has to find out why."""
    for (_, a), (_, b) in zip(theirs, ours):
        at = next((i for i, pair in enumerate(zip(a, b)) if pair[0] != pair[1]), None)
        if at is not None:
            return f" (byte {at}: {a[at : at + 40]!r} - {b[at : at + 40]!r})"
    return ""


def packet_differences(recording, records):
    for number, packet, sent in recording.received():
        record = records[number]
        theirs = [(p.interface, p.layer3) for p in sent]
        ours = [(e["interface"], bytes.fromhex(e["data"])) for e in record.get("emitted") or []]
        if theirs != ours:
            why = f"{record['verdict']} {record.get('reason') or ''} at {record.get('hook')}"
            yield (
                f"packet {number} of {packet.interface}: kernel {show(theirs)} - "
                f"replay {show(ours)}, {why}{first_difference(theirs, ours)}"
            )


def older(connections, age_s):
    """The replay's list, of the time of the last packet, as it would be a little later."""

    def later(match):
        return f"{match[1]}{max(0, int(match[2]) - round(age_s))}"

    return re.sub(r"(?m)^(\S+ +\d+ \S+ +\d+ )(\d+)", later, connections)


def endpoints(tuple_):
    """A tuple of JSON as conntrack(8) writes it."""
    names = [x for x in ("src", "dst", "sport", "dport", "type", "code", "id") if x in tuple_]
    text = " ".join(f"{x}={tuple_[x]}" for x in names)
    keys = [f" {x}={tuple_[x]:#x}" for x in ("srckey", "dstkey") if x in tuple_]
    return text + "".join(keys)


def status_differences(recording, played):
    """Connections of an expectation that live, told by the status that each last packet shows."""
    ours = set()
    for record in played.records:
        ct = record.get("ct") or {}
        if "expected" in ct.get("status", []):
            ours.add(f" {endpoints(ct['orig'])} packets=")
    ours = {x for x in ours if x in played.connections}
    theirs = {x for x in ours if any(x in line for line in recording.expected)}
    if len(recording.expected) != len(theirs) or ours != theirs:
        yield f"EXPECTED are {recording.expected} of the kernel, {sorted(ours)} of replay"


def kernel_events(recording):
    return [f"{m[1]} {m[2]}" for line in recording.expectations if (m := EVENT.match(line))]


def replay_events(records):
    """Each record's "expectations": objects of an event and a text as conntrack -E has it."""
    found = []
    for record in records:
        for event in record.get("expectations") or []:
            found.append(f"{event['event']} {re.sub(r'^[0-9]+ ', '', event['text'].strip())}")
    return found


def event_differences(recording, records):
    theirs, ours = kernel_events(recording), replay_events(records)
    opcodes = difflib.SequenceMatcher(None, theirs, ours, autojunk=False).get_opcodes()
    for kind, a, b, c, d in opcodes:
        if kind != "equal":
            said = f"kernel {theirs[a:b]} - replay {ours[c:d]}"
            yield f"from event {a} of expectations on: {said}"


def differences(recording, played):
    if played.error:
        return [played.error]
    if len(played.records) != len(recording.packets):
        return [f"{len(recording.packets)} packets, {len(played.records)} records"]
    found = list(packet_differences(recording, played.records))
    if recording.is_packets_only:
        return found
    for family, text in recording.rules.items():
        said = read_counters(played.rules.get(family, ""))
        found += counter_differences(family, read_counters(text), said)
    aged = older(played.connections, recording.age_s)
    found += table_differences("\n".join(recording.connections), aged)
    found += status_differences(recording, played)
    found += event_differences(recording, played.records)
    return found


# The judge on trial: the kernel's own data, first as it is, then with one thing changed.


def as_played(recording):
    """What a replay equal to the kernel would say."""
    records = [{"verdict": "none", "reason": "outbound"} for _ in recording.packets]
    for number, _, sent in recording.received():
        emitted = [{"interface": p.interface, "data": p.layer3.hex()} for p in sent]
        records[number] = {"verdict": "accept" if sent else "drop", "emitted": emitted}
    first = records[recording.received()[0][0]]
    for record, line in zip(records, recording.expected):
        ends = re.findall(r"(\w+)=(\S+)", line)[:4]
        record["ct"] = {"status": ["expected"], "orig": dict(ends)}
    first["expectations"] = [
        {"event": event.split()[0], "text": "9 " + event.split(" ", 1)[1]}
        for event in kernel_events(recording)
    ]
    listed = older("\n".join(recording.connections), -recording.age_s)
    return Played("", records, dict(recording.rules), listed)


def spoilt(recording):
    """(what was changed, the changed play)"""
    emitting = next(i for i, r in enumerate(as_played(recording).records) if r.get("emitted"))

    def change_byte(p):
        sent = p.records[emitting]["emitted"][0]
        sent["data"] = sent["data"][:-1] + ("0" if sent["data"][-1] != "0" else "1")

    def change_interface(p):
        p.records[emitting]["emitted"][0]["interface"] = "other0"

    def lose_packet(p):
        p.records[emitting]["emitted"] = []

    def lose_record(p):
        p.records.pop()

    def lose_connection(p):
        p.connections = p.connections.partition("\n")[2]

    def change_timeout(p):
        p.connections = re.sub(r"^(\S+ +\d+ \S+ +\d+ )(\d+)", r"\g<1>5\2", p.connections)

    def lose_helper(p):
        p.connections = p.connections.replace(" helper=", " ", 1)

    def change_counter(p):
        p.rules = {f: re.sub(r"\[\d", "[9", t, count=1) for f, t in p.rules.items()}

    def forget_expected(p):
        for record in p.records:
            record.pop("ct", None)

    def lose_event(p):
        next(r for r in p.records if "expectations" in r)["expectations"].pop()

    changes = (change_byte, change_interface, lose_packet, lose_record, lose_connection)
    changes += (change_timeout, lose_helper, change_counter, forget_expected, lose_event)
    for change in changes:
        played = as_played(recording)
        change(played)
        yield change.__name__, played


def trial(recording):
    """Sentences about what the judge overlooks or invents."""
    found = [f"unspoilt: {x}" for x in differences(recording, as_played(recording))]
    for name, played in spoilt(recording):
        if not differences(recording, played):
            found.append(f"{name} went unnoticed")
    return found


def read_and_play(pktt, folder, name):
    recording = Recording.read(folder, name)
    return differences(recording, play(pktt, recording))
