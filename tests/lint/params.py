#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Numbers and types of parameters are the wire format: what is in params.golden never changes. TAP.

A parameter may be added at the end of its table, an extension anywhere, a family to an extension. To
record what was added: gen-doc params > tests/lint/params.golden. usage: params.py GEN-DOC GOLDEN
"""
import subprocess
import sys


def read(text):
    """[(kind, name, families, [parameter lines])]"""
    exts = []
    for line in text.splitlines():
        if line.startswith("\t"):
            exts[-1][3].append(line.strip())
        elif line:
            kind, name, families = line.split()
            exts.append((kind, name, int(families), []))
    return exts


def faults(golden, now):
    for kind, name, families, params in golden:
        same = [e for e in now if e[:2] == (kind, name) and e[2] & families == families]
        if not same:
            yield f"{kind} {name} is gone, or no longer serves all its families"
            continue
        have = same[0][3]
        for i, line in enumerate(params):
            if i >= len(have):
                yield f"{kind} {name}: parameter {line} is gone"
            elif have[i] != line:
                yield f"{kind} {name}: parameter {line} has become {have[i]}"


def additions(golden, now):
    known = {(e[0], e[1], e[2]): len(e[3]) for e in golden}
    for kind, name, families, params in now:
        if len(params) > known.get((kind, name, families), -1):
            yield f"{kind} {name}"


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        golden = read(file.read())
    now = read(subprocess.run([sys.argv[1], "params"], check=True, text=True,
                              stdout=subprocess.PIPE).stdout)
    trial = read("match a 1\n\t1 x u8\n\t2 y u8\n")
    able = (list(faults(trial, read("match a 1\n\t1 y u8\n\t2 x u8\n")))
            and list(faults(trial, read("match a 1\n\t1 x u8\n")))
            and list(faults(trial, []))
            and not list(faults(trial, read("match a 3\n\t1 x u8\n\t2 y u8\n\t3 z u8\n"))))
    print(f"{'ok' if able else 'not ok'} 1 - the judge knows changes from additions")
    found = list(faults(golden, now))
    print(f"{'not ok' if found or not golden else 'ok'} 2 - no parameter has changed its number")
    for line in found:
        print("#", line)
    for line in additions(golden, now):
        print("# not recorded yet:", line)
    print("1..2")


main()
