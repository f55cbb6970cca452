#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""libctnetlink as programs find it: it exports what its header declares, and the manual's example works.

usage: ct_library.py ROOT BUILD CT_SERVER CC [CXX]
"""
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

from daemon import sanitizers

DECLARED = re.compile(r"^(?!typedef)[a-z][\w \*]*?[ \*](ctnl_\w+)\(", re.M)


def exported(library):
    said = subprocess.run(["nm", "-D", "--defined-only", library], text=True, check=True, capture_output=True)
    words = [line.split() for line in said.stdout.splitlines()]
    return {w[2].split("@")[0] for w in words if w[1] in "TDBR"}


def example(page):
    return re.search(r"```\n(/\* example: list \*/\n.*?)```", page, re.S).group(1)


def root_of(library):
    """The build's folder, in which src/libctnetlink stands."""
    return library.parents[2]


def compiles(compiler, suffix, root, library, text, folder):
    source, program = folder / f"list{suffix}", folder / f"list{suffix}.out"
    source.write_text(text)
    args = [*shlex.split(compiler), *sanitizers(root_of(library)), "-Wall", "-Wextra", "-Werror",
            f"-I{root}/include", str(source), "-o", str(program)]
    done = subprocess.run([*args, str(library), f"-Wl,-rpath,{library.parent}"], capture_output=True, text=True)
    return program if done.returncode == 0 else print("#", done.stderr)


def run(program, server, folder):
    """What it lists of two connections."""
    path = str(folder / "socket")
    with subprocess.Popen([server, path, "2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        done = subprocess.run([program], env={"PKTT_SOCKET": path}, capture_output=True, text=True)
        process.stdin.close()
        process.wait()
    return done.returncode, done.stdout.splitlines()


def main():
    root, build, server, *compilers = sys.argv[1:]
    library = pathlib.Path(build) / "src/libctnetlink/libctnetlink.so"
    header = (pathlib.Path(root) / "include/libctnetlink/libctnetlink.h").read_text()
    declared, offered = set(DECLARED.findall(header)), exported(library)
    text = example((pathlib.Path(root) / "man/libctnetlink.3.scd").read_text())
    results = [
        (len(declared) > 40, "the header was read"),
        (declared == offered, f"what is declared is exported, and nothing else: {declared ^ offered}"),
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for compiler, suffix in zip(compilers, (".c", ".cc")):
            program = compiles(compiler, suffix, root, library, text, folder)
            results.append((program is not None, f"the manual's example compiles with {compiler}"))
            if program:
                code, lines = run(program, server, folder)
                good = code == 0 and len(lines) == 2 and all("dport=443" in x for x in lines)
                results.append((good, f"and lists what is there: {code} {lines}"))
    for number, (good, what) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {what if not good else what.split(':')[0]}")
    print(f"1..{len(results)}")


main()
