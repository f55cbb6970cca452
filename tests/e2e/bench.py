# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs `pktt replay` over packets of a test and tells what it said; TAP."""

import json
import os
import subprocess
import sys
import tempfile
import traceback

import packets as p

IN0 = "in0=10.0.0.1/24,2001:db8:1::1/64,mac=02:00:00:00:01:01"
OUT0 = "out0=192.0.2.1/24,2001:db8:2::1/64,mac=02:00:00:00:02:01"
ROUTER = ["--interface", IN0, "--interface", OUT0]
DEFAULT = ["--route", "0.0.0.0/0=out0,via 192.0.2.80", "--route", "::/0=out0,via 2001:db8:2::80"]
CLIENT, SERVER, AWAY = "10.0.0.5", "192.0.2.80", "203.0.113.9"
CLIENT6, SERVER6, AWAY6 = "2001:db8:1::5", "2001:db8:2::80", "2001:db8:9::9"


class Run:
    """What a run said: status, out, err, records (with --json)."""

    def __init__(self, done, folder):
        self.status = done.returncode
        self.out = done.stdout
        self.err = done.stderr.decode()
        self.folder = folder

    @property
    def records(self):
        return [json.loads(line) for line in self.out.decode().splitlines()]

    def saved(self, suffix):
        with open(os.path.join(self.folder, "saved." + suffix), encoding="utf-8") as file:
            return file.read()

    def written(self, name="out.pcapng"):
        with open(os.path.join(self.folder, name), "rb") as file:
            return file.read()


class Bench:
    def __init__(self, pktt):
        self.pktt = pktt
        self.number = 0
        self.failed = 0
        self.root = tempfile.TemporaryDirectory(prefix="replay-")

    def folder(self):
        return tempfile.mkdtemp(dir=self.root.name)

    def run(self, capture, options=(), stdin=None, **files):
        """files: rules, ipv4, ipv6, arp, sets: text. {folder} in options is the run's folder."""
        folder = self.folder()
        if isinstance(capture, list):
            capture = p.pcapng(capture)
        with open(os.path.join(folder, "in"), "wb") as file:
            file.write(capture)
        words = [self.pktt, "replay", "--read", "-" if stdin else os.path.join(folder, "in")]
        for name, text in files.items():
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            words += [f"--{name}" if name in ("rules", "sets") else f"--{name}-rules", path]
        words += [w.replace("{folder}", folder) for w in options]
        done = subprocess.run(
            words, capture_output=True, check=False, timeout=60, input=capture if stdin else None
        )
        return Run(done, folder)

    def json(self, capture, options=(), **files):
        """The records of a run that must succeed."""
        run = self.run(capture, ["--json", *options], **files)
        assert run.status == 0, f"exit {run.status}: {run.err}"
        return run.records

    def one(self, data, options=(), name="in0", link=p.RAW, **files):
        """The record of a single packet through the usual router."""
        options = [*ROUTER, *DEFAULT, *options]
        return self.json(p.pcapng([(name, p.START_NS, data)], link), options, **files)[0]


def filter_rules(*rules, table="filter", policy="ACCEPT"):
    chains = {
        "filter": "INPUT FORWARD OUTPUT",
        "mangle": "PREROUTING INPUT FORWARD OUTPUT POSTROUTING",
        "raw": "PREROUTING OUTPUT",
    }[table]
    lines = [f"*{table}"] + [f":{c} {policy} [0:0]" for c in chains.split()]
    return "\n".join(lines + list(rules) + ["COMMIT", ""])


def said(record):
    """(verdict, hook, reason or None)"""
    return record["verdict"], record["hook"], record.get("reason")


def sent(record):
    """[(interface, bytes)]"""
    return [(e["interface"], bytes.fromhex(e["data"])) for e in record["emitted"]]


def equal(found, expected):
    assert found == expected, f"\nfound    {found!r}\nexpected {expected!r}"


def main(tests):
    """Runs the functions test_* of a module; a docstring is the title."""
    bench = Bench(sys.argv[1])
    cases = [(n, f) for n, f in tests.items() if n.startswith("test_")]
    print(f"1..{len(cases)}")
    for number, (name, function) in enumerate(cases, 1):
        title = (function.__doc__ or name).strip().splitlines()[0]
        try:
            function(bench)
            print(f"ok {number} - {title}")
        except Exception:  # pylint: disable=broad-except
            bench.failed += 1
            print(f"not ok {number} - {title}")
            for line in traceback.format_exc().splitlines():
                print("# " + line)
    sys.exit(1 if bench.failed else 0)
