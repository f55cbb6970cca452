#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Records sessions of the protocols that have helpers: the kernel is the router.

helpers_record.py --out FOLDER [NAME...]     as root; the default is every session
"""

import argparse
import pathlib
import sys

from session import catalog, network


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("name", nargs="*")
    options = parser.parse_args()
    options.out.mkdir(exist_ok=True)
    for name in options.name or catalog.SESSIONS:
        # Tables that were once there leave their hooks behind: a router for each.
        with network.Network() as net:
            found = net.record(catalog.SESSIONS[name])
        found.write(options.out, name)
        print(f"{name}: {len(found.packets)} packets, {len(found.connections)} connections, "
              f"{len(found.expectations)} events of expectations")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
