#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Rule files of many programs: what pktt makes of each must come back unchanged.

usage: rulesets.py PKTT FOLDER SCHEMA

For every file: save, load that and save again is a fixed point, as text of iptables, as native text
and as JSON. Where the machine has iptables-legacy and lets us make namespaces, iptables must accept
what we save, and print the rules just as we do. TAP.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

try:
    from jsonschema import Draft202012Validator as Validator
except ImportError:
    Validator = None

PKTT, FOLDER, SCHEMA = sys.argv[1:4]
FAMILY = {"v4": "ipv4", "v6": "ipv6", "arp": "arp"}

# Files that pktt refuses, and a part of the sentence.
REFUSED = {
    "ancient-unclean.v4": "there is no match unclean",  # as iptables does since 1.3
    "noflush-pieces.v4": "is not defined",  # pieces for --noflush: the second *filter flushes
}
# Lines that pktt cannot read, and why.
LEFT_OUT = (
    # -m policy --strict with several transformations: an option has one value in a match
    "--next",
)
# Rules that we print in another way than iptables, and why.
OTHERWISE = (
    # quotes only where they are needed
    (re.compile(r'--label "(\d+)"'), r"--label \1"),
    # the longer names of the same options, in the order of the table
    (re.compile(r"--rateest (\S+) (--rateest-gt) --rateest-bps (\S+)"),
     r"--rateest1 \1 --rateest-bps1 \3 \2"),
    # a prefix is kept without the bits behind it
    (re.compile(r"--srh-lsid c::/0"), "--srh-lsid ::/0"),
)


class Tap:
    """Counts tests and prints them."""

    def __init__(self):
        self.n = 0
        self.failed = 0

    def check(self, is_ok, name, why=""):
        self.n += 1
        self.failed += not is_ok
        print(f"{'ok' if is_ok else 'not ok'} {self.n} - {name}")
        for line in why.splitlines()[:12] if not is_ok else ():
            print("#", line)


def without_left_out(path, folder):
    """A copy of the file, without the lines that are known not to be read."""
    copy = os.path.join(folder, os.path.basename(path))
    with open(path, "rb") as f:
        lines = [line for line in f if not any(w.encode() in line for w in LEFT_OUT)]
    with open(copy, "wb") as f:
        f.writelines(lines)
    return copy


def pktt_save(option, path, *more):
    sets = os.path.join(FOLDER, "sets.ipset")
    command = [PKTT, "save", "--counters", option, path, "--sets", sets, *more]
    return subprocess.run(command, capture_output=True, text=True, errors="surrogateescape")


def difference(a, b):
    """The first lines in which two texts differ."""
    for x, y in zip(a.splitlines() + [""], b.splitlines() + [""]):
        if x != y:
            return f"{x}\n{y}"
    return "one is longer"


def check_again(tap, name, option, first, *more):
    """What was saved, loaded and saved again."""
    with tempfile.NamedTemporaryFile("w", suffix=".rules", errors="surrogateescape") as f:
        f.write(first)
        f.flush()
        again = subprocess.run([PKTT, "save", "--counters", option, f.name, *more],
                               capture_output=True, text=True, errors="surrogateescape")
    same = again.returncode == 0 and again.stdout == first
    tap.check(same, name, again.stderr or difference(first, again.stdout))


# --- The machine's own programs -----------------------------------------------------------------


def inside(command, text):
    """Run a shell line in namespaces of its own, with the sets there."""
    script = f"mount -t tmpfs tmpfs /run && ipset restore <'{FOLDER}/sets.ipset' && {command}"
    return subprocess.run(["unshare", "--mount", "--net", "sh", "-c", script], input=text,
                          capture_output=True, text=True, errors="surrogateescape")


def has_oracle():
    if os.geteuid() != 0:
        return False
    done = inside("iptables-legacy-restore && ip6tables-legacy-save", "*filter\nCOMMIT\n")
    return done.returncode == 0


def rules_by_chain(text):
    """{(table, chain): its policy line and its rules, in order}"""
    chains, table = {}, ""
    for line in text.splitlines():
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith(":"):
            chains.setdefault((table, line[1:].split()[0]), []).insert(0, line)
        elif "-A " in line:
            for pattern, ours in OTHERWISE:
                line = pattern.sub(ours, line)
            chain = line.split("-A ", 1)[1].split()[0]
            chains.setdefault((table, chain), []).append(line)
    return chains


def check_oracle(tap, name, program, original, ours):
    accepted = inside(f"{program}-restore --test", ours)
    tap.check(accepted.returncode == 0, f"{name}: {program} accepts what we save", accepted.stderr)
    theirs = inside(f"{program}-restore -c && {program}-save -c", original)
    if theirs.returncode:
        return  # check.sh in the folder says which and why
    want, got = rules_by_chain(theirs.stdout), rules_by_chain(ours)
    for key in want:
        if want[key] != got.get(key):
            tap.check(False, f"{name}: as {program} prints it",
                      difference("\n".join(want[key]), "\n".join(got.get(key, []))))
            return
    tap.check(True, f"{name}: as {program} prints it")


# ------------------------------------------------------------------------------------------------


def check_schema(tap, name, document):
    if not Validator:
        return
    with open(SCHEMA, encoding="utf-8") as f:
        validator = Validator(json.load(f))
    errors = [f"{list(e.absolute_path)}: {e.message[:200]}"
              for e in validator.iter_errors(json.loads(document))]
    tap.check(not errors, f"{name}: JSON is as the schema says", "\n".join(errors))


def check_file(tap, name, oracle, folder):
    path = without_left_out(os.path.join(FOLDER, name), folder)
    kind = name.rsplit(".", 1)[1]
    option = {"v4": "--ipv4-rules", "v6": "--ipv6-rules", "arp": "--arp-rules"}[kind]
    family = ("--format", "iptables", "--family", FAMILY[kind])
    text = pktt_save(option, path, *family)
    if name in REFUSED:
        tap.check(text.returncode == 1 and REFUSED[name] in text.stderr, f"{name}: refused",
                  text.stderr)
        return
    tap.check(text.returncode == 0, f"{name}: loads", text.stderr)
    if text.returncode:
        return
    sets = ("--sets", os.path.join(FOLDER, "sets.ipset"))
    check_again(tap, f"{name}: text is a fixed point", option, text.stdout, *family, *sets)
    native = pktt_save(option, path).stdout
    check_again(tap, f"{name}: native text is a fixed point", "--rules", native)
    document = pktt_save(option, path, "--json").stdout
    check_again(tap, f"{name}: JSON is a fixed point", "--rules", document, "--json")
    check_schema(tap, name, document)
    with tempfile.NamedTemporaryFile("w", suffix=".json", errors="surrogateescape") as f:
        f.write(document)
        f.flush()
        back = subprocess.run([PKTT, "save", "--counters", "--rules", f.name, *family],
                              capture_output=True, text=True, errors="surrogateescape")
    tap.check(back.stdout == text.stdout, f"{name}: JSON says what the text says",
              back.stderr or difference(text.stdout, back.stdout))
    if oracle and kind in ("v4", "v6"):
        program = "iptables-legacy" if kind == "v4" else "ip6tables-legacy"
        with open(path, errors="surrogateescape", newline="") as f:
            check_oracle(tap, name, program, f.read(), text.stdout)


def main():
    tap = Tap()
    oracle = has_oracle()
    if not oracle:
        print("# not root, or no iptables-legacy: only what pktt says itself is compared")
    with tempfile.TemporaryDirectory() as folder:
        for name in sorted(os.listdir(FOLDER)):
            if name.rsplit(".", 1)[-1] in FAMILY:
                check_file(tap, name, oracle, folder)
    print(f"1..{tap.n}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
