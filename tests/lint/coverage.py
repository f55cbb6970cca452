#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every extension has .t lines: one accepted and, if it takes options, one refused; one that does
something has a packet that hits and one that misses, or, for a target, a packet. TAP output."""
import json
import re
import subprocess
import sys
from pathlib import Path

PKTT, FOLDER = sys.argv[1], Path(sys.argv[2])
# Bridge matches are loaded by their options alone, as ebtables does: the option tells which it is.
ALIASES = {"ipv6-icmp": ["icmpv6"], "ipv6-mh": ["mobility-header", "mh"], "mobility-header": ["ipv6-mh", "mh"]}
KIND = {"match": "m", "target": "j"}


def lines():
    """(families, rule, packet or None, result) of every .t line."""
    for path in sorted(FOLDER.glob("*.t")):
        families = []
        for line in path.read_text().splitlines():
            line = line.strip()
            if line.startswith(":"):
                families = line[1:].split()[0].split(",")
            elif line and line[0] not in "#+":
                parts = line.split(" ; ")
                rule, _, packet = parts[0].partition(" | ")
                yield families, rule, packet or None, parts[-1].strip(" ;")


def uses(ext, families, rule):
    """Whether the rule has the extension: by name, or a match by its options alone, as -p NAME and
    the matches of bridges are loaded."""
    if not set(families) & set(ext["families"]):
        return False
    names = [ext["name"], *ext.get("aliases", [])]
    if any(re.search(rf"-{KIND[ext['kind']]} {re.escape(n)}(\s|$)", rule) for n in names):
        return True
    protocols = [n for p in ext.get("protocols", []) for n in (p, *ALIASES.get(p, []))]
    by_option = ("bridge" in families and "implicit" in ext["flags"]) or any(
        re.search(rf"-p {re.escape(p)}(\s|$)", rule) for p in protocols)
    options = [o for p in ext["params"] for o in (p["name"], *p.get("aliases", []))]
    return by_option and any(
        re.search(rf"--{re.escape(o)}(\s|$)", rule) for o in options)


# What one packet alone cannot show, and where it is shown instead.
ELSEWHERE = {
    "comment": {"miss"},  # it never misses
    "nfacct": {"miss"},  # only below a quota, which a program sets: tests/unit/test_nfacct.c
    "limit": {"miss"},  # the first packet always has credit: tests/unit/test_match_state.c, the oracle
    "osf": {"hit"},  # needs a file of fingerprints: tests/unit/test_match_state.c
}


def wants(ext):
    """What kinds of line an extension has to have."""
    kinds = {"ok"}
    if ext["params"]:
        kinds.add("error")
    flags = set(ext.get("flags", []))
    if ext["kind"] == "match" and not flags & {"inert", "needs-ct", "live-only"}:
        kinds |= {"hit", "miss"}
    if ext["kind"] == "target" and not flags & {"inert", "needs-ct", "live-only"}:
        kinds.add("packet")
    return kinds


def main():
    out = subprocess.run([PKTT, "modules", "--json"], capture_output=True, text=True, check=True)
    extensions = [e for e in json.loads(out.stdout) if e["kind"] in KIND and e["name"] != "jump"]
    all_lines = list(lines())
    for number, ext in enumerate(extensions, 1):
        has = set()
        for families, rule, packet, result in all_lines:
            if not uses(ext, families, rule):
                continue
            has.add("packet" if packet else result.split(":")[0])
            if packet:
                has.add(result.split()[0])
        missing = wants(ext) - has - ELSEWHERE.get(ext["name"], set())
        name = f"{ext['name']} ({ext['kind']}, {' '.join(ext['families'])})"
        print(f"{'not ok' if missing else 'ok'} {number} - {name}")
        if missing:
            print(f"# no line with: {', '.join(sorted(missing))}")
    print(f"1..{len(extensions)}")


main()
