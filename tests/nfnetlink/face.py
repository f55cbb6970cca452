#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The face of libnfnetlink: header, symbol map, shared object and manual page agree; its example works. TAP.

usage: face.py ROOT LIBRARY CC [CXX]
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

NUMBER = 0


def say(good, what, more=""):
    global NUMBER
    NUMBER += 1
    print(f"{'ok' if good else 'not ok'} {NUMBER} - {what}")
    for line in [] if good else str(more).splitlines():
        print("#", line)


def build(command, source, target):
    done = subprocess.run(command + ["-o", str(target), "-"], input=source, text=True,
                          capture_output=True, check=False)
    return done.returncode == 0, done.stderr


def main():
    root, library, cc, cxx = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3], sys.argv[4:5]
    header = (root / "include/libnfnetlink/libnfnetlink.h").read_text()
    page = (root / "man/libnfnetlink.3.scd").read_text()
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    declared = set(re.findall(r"\b(nfl_\w+)\(", code))
    mapped = set(re.findall(r"\b(nfl_\w+);", (root / "src/libnfnetlink/libnfnetlink.map").read_text()))
    listed = subprocess.run(["nm", "-D", "--defined-only", str(library)], text=True,
                            capture_output=True, check=True).stdout
    exported = {line.split()[-1].split("@")[0] for line in listed.splitlines()
                if line.split()[1] != "A"}
    say(len(declared) > 20 and declared == mapped, "every function of the header is in the map", declared ^ mapped)
    say(declared == exported, "the shared object shows these and nothing else", declared ^ exported)
    unsaid = [name for name in declared if f"*{name}*(" not in page]
    say(not unsaid, "the manual page tells of each", unsaid)
    soname = subprocess.run(["readelf", "-d", str(library)], text=True, capture_output=True,
                            check=True).stdout
    say("[libpktt-nfnetlink.so.0]" in soname, "its soname is not that of Debian's library", soname)

    example = page.split("```")[1]
    flags = ["-Wall", "-Wextra", "-Werror", "-I", str(root / "include"), "-L", str(library.parent)]
    env = dict(os.environ, PKTT_SOCKET="/nonexistent/socket", LD_LIBRARY_PATH=str(library.parent))
    with tempfile.TemporaryDirectory() as folder:
        for name, compiler in [("C", cc.split() + ["-x", "c"])] + \
                ([("C++", [cxx[0], "-x", "c++"])] if cxx else []):
            program = pathlib.Path(folder) / "example"
            # the library stands behind the source, as linkers want it
            command = compiler + flags + ["-Wl,--no-as-needed", "-lpktt-nfnetlink", "-lmnl"]
            good, more = build(command, example, program)
            say(good, f"the page's example compiles as {name}", more)
            done = good and subprocess.run([str(program)], env=env, text=True, capture_output=True,
                                           check=False, timeout=20)
            wanted = "watch: there is no pkttd: /nonexistent/socket does not exist\n"
            say(good and (done.returncode, done.stderr) == (3, wanted), "and says that there is no pkttd",
                done)
    print(f"1..{NUMBER}")


main()
