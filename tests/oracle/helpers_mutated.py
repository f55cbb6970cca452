#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds what helpers make of spoilt messages against the kernel's, live. TAP.

helpers_mutated.py PKTT [--seed N] [--count N] [--time-box S] [--keep FOLDER] [PROTOCOL...]

q931 and ras only if named: in an encoding that is broken, Linux's decoder at times goes on
where ours ends, and so it rewrites addresses of messages that nobody else could read.
"""

import argparse
import os
import pathlib
import sys
import time

from helpers import report
from session import judge, mutate, network

UNASKED = [x for x in mutate.SPEECHES if x not in ("q931", "ras")]


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("pktt")
    parser.add_argument("protocol", nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1, help="seeds of each protocol")
    parser.add_argument("--time-box", type=float, default=86400)
    parser.add_argument("--keep", type=pathlib.Path, help="folder for what differs")
    return parser.parse_intermixed_args()


def main():
    options = arguments()
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root, to make namespaces")
        return False
    deadline = time.monotonic() + options.time_box
    number = failed = 0
    for seed in range(options.seed, options.seed + options.count):
        for name in options.protocol or UNASKED:
            if time.monotonic() > deadline:
                break
            number += 1
            session = mutate.session(name, seed)
            with network.Network() as net:
                recording = net.record(session)
            found = judge.differences(recording, judge.play(options.pktt, recording))
            failed += report(number, f"{name}, seed {seed}: as the kernel", found)
            if found and options.keep:
                recording.write(options.keep, session.name)
    print(f"1..{number}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
