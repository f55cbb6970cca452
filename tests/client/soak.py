#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A session of many changes leaks nothing. TAP. usage: soak.py BUILD PROGRAM CHANGES"""
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import daemon  # noqa: E402

BUILD, PROGRAM, CHANGES = sys.argv[1:4]


def main():
    with tempfile.TemporaryDirectory() as folder:
        with daemon.Pkttd(BUILD, folder) as pkttd:
            done = subprocess.run([PROGRAM, CHANGES, str(pkttd.process.pid)], text=True, check=False,
                                  capture_output=True, env=pkttd.environment())
        print(f"{'not ok' if done.returncode else 'ok'} 1 - {CHANGES} changes")
        for line in (done.stdout + done.stderr).splitlines():
            print("#", line)
        print(f"{'not ok' if pkttd.status else 'ok'} 2 - pkttd ends well")
        for line in (pathlib.Path(folder) / "log").read_text().splitlines()[-20:] if pkttd.status else []:
            print("#", line)
    print("1..2")


main()
