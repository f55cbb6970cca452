#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Plays sessions of helpers through this machine's kernel and, at once, through replay. TAP.

helpers_live.py PKTT [NAME...]     as root; a session whose programs are missing is skipped
"""

import os
import shutil
import sys

from helpers import report
from session import catalog, judge, network

LIVE = (
    "ftp-snat", "ftp-dnat", "ftp6-snat", "irc-snat", "tftp-snat", "tftp6-plain",
    "sip-snat", "sip-tcp-snat", "sip-register-snat", "h323-snat", "h323-fast-dnat",
    "pptp-snat", "amanda-snat", "snmp-trap-snat",
)  # fmt: skip


def missing(session):
    return [x for x in ("conntrack", "ethtool", *session.needs) if not shutil.which(x)]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    names = sys.argv[2:] or LIVE
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root, to make namespaces")
        return False
    print(f"1..{len(names)}")
    failed = 0
    for number, name in enumerate(names, 1):
        session = catalog.SESSIONS[name]
        if lacks := missing(session):
            print(f"ok {number} - {name} # SKIP without {' '.join(lacks)}")
            continue
        with network.Network() as net:
            recording = net.record(session)
        found = judge.differences(recording, judge.play(sys.argv[1], recording))
        failed += report(number, f"{name}: as the kernel, just now", found)
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
