#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every header compiles alone; those that are installed also as C++. TAP.

usage: headers.py ROOT CC [CXX]
"""
import pathlib
import subprocess
import sys

C_FLAGS = ["-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]
CXX_FLAGS = ["-std=c++17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"]


def compiles(command, text):
    """What the compiler says of a file that only includes the header; "" when it is content."""
    done = subprocess.run(command + ["-"], input=text, text=True, capture_output=True, check=False)
    return "" if done.returncode == 0 else done.stderr or "failed"


def cases(root, cc, cxx):
    for folder in ("include", "src"):
        for path in sorted((root / folder).rglob("*.h")):
            name = path.relative_to(root / folder).as_posix()
            include = ["-I", str(root / "include"), "-I", str(root / "src")]
            # twice: the guard works; a declaration: the unit is not empty
            text = f'#include "{name}"\n#include "{name}"\nint unit;\n'
            yield f"{folder}/{name} in C", cc + ["-x", "c"] + C_FLAGS + include, text
            if folder == "include" and cxx:
                yield f"{folder}/{name} in C++", cxx + ["-x", "c++"] + CXX_FLAGS + include, text


def main():
    root, cc, cxx = pathlib.Path(sys.argv[1]), sys.argv[2].split(), sys.argv[3:4]
    number = 0
    # the check must be able to fail
    if not compiles(cc + ["-x", "c"] + C_FLAGS, "size_t lonely;\n"):
        print("Bail out! the compiler accepts anything")
        return 1
    for name, command, text in cases(root, cc, cxx):
        number += 1
        complaint = compiles(command, text)
        print(f"{'not ok' if complaint else 'ok'} {number} - {name}")
        for line in complaint.splitlines():
            print("#", line)
    if not cxx:
        number += 1
        print(f"ok {number} - installed headers in C++ # SKIP no C++ compiler")
    print(f"1..{number}")
    return 0


sys.exit(main())
