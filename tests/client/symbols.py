#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What libpkttnetlink exports is what its header declares, no more and no less. TAP.

usage: symbols.py HEADER LIBRARY PYTHON_MODULE
"""
import pathlib
import re
import subprocess
import sys

DECLARED = re.compile(r"^(?!typedef)[a-z][\w \*]*?[ \*](pkttnl_\w+)\(", re.M)


def exported(library):
    said = subprocess.run(["nm", "-D", "--defined-only", library], text=True, check=True,
                          capture_output=True).stdout
    return {line.split()[2].split("@")[0] for line in said.splitlines() if line.split()[1] in "TDBR"}


def soname(library):
    said = subprocess.run(["readelf", "-d", library], text=True, check=True,
                          capture_output=True).stdout
    found = re.search(r"soname: \[(.*?)\]", said)
    return found and found.group(1)


def main():
    header, library, module = sys.argv[1:4]
    declared = set(DECLARED.findall(pathlib.Path(header).read_text(encoding="utf-8")))
    offered = exported(library)
    used = set(re.findall(r"_lib\.(pkttnl_\w+)", pathlib.Path(module).read_text(encoding="utf-8")))
    results = [
        (len(declared) > 100, "the header was read", declared),
        (not declared - offered, "everything declared is exported", declared - offered),
        (not offered - declared, "nothing else is", offered - declared),
        (not used - declared, "the Python module uses what there is", used - declared),
        (soname(library) == "libpkttnetlink.so.0", "the soname", soname(library)),
    ]
    for number, (good, what, why) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {what}")
        if not good:
            print("#", why)
    print(f"1..{len(results)}")


main()
