#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds the helpers against the kernel's, by recorded sessions of real programs. TAP.

helpers.py PKTT FOLDER [NAME...]     the default is every recording of the folder
"""

import pathlib
import sys

from session import judge
from session.recording import Recording

ON_TRIAL = "ftp-snat"


def report(number, title, found):
    print(f"{'not ' if found else ''}ok {number} - {title}")
    for line in found[:30]:
        print(f"# {line}")
    return bool(found)


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    pktt, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    names = sys.argv[3:] or sorted(p.stem for p in folder.glob("*.pcapng"))
    print(f"1..{len(names) + 1}")
    found = judge.trial(Recording.read(folder, ON_TRIAL))
    failed = report(1, "the judge knows good from bad", found)
    for number, name in enumerate(names, 2):
        found = judge.read_and_play(pktt, folder, name)
        failed += report(number, f"{name}: as the kernel", found)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
