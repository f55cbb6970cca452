#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The examples of libpkttnetlink(3) compile, as C and as C++, and do against pkttd what they say. TAP.

usage: examples.py PAGE ROOT BUILD CC [CXX]
"""
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import daemon  # noqa: E402

FENCE = re.compile(r"^```\n/\* example: (\w+) \*/\n(.*?)^```$", re.M | re.S)


def examples(page):
    """name -> source, as scdoc shows it."""
    text = pathlib.Path(page).read_text(encoding="utf-8")
    return {name: body.replace("\\\\", "\\") for name, body in FENCE.findall(text)}


def compile_with(compiler, language, source, target, root, build):
    lib = pathlib.Path(build) / "src/libpkttnetlink"
    done = subprocess.run(
        compiler + ["-x", language, "-Wall", "-Wextra", "-Wno-missing-field-initializers", "-Werror", "-I", f"{root}/include",
                    "-o", target, source, "-x", "none", f"{lib}/libpkttnetlink.so",
                    f"-Wl,-rpath,{lib}"], text=True, capture_output=True, check=False)
    return done.stderr if done.returncode else ""


def main():
    page, root, build, cc = sys.argv[1:5]
    cxx = sys.argv[5:6]
    compilers = [("c", cc.split())] + [("c++", cxx)] * bool(cxx)
    found, number, sanitize = examples(page), 0, daemon.sanitizers(build)
    with tempfile.TemporaryDirectory() as folder, daemon.Pkttd(build, folder) as pkttd:
        for name, text in found.items():
            for language, compiler in compilers:
                number += 1
                source, target = f"{folder}/{name}.source", f"{folder}/{name}.{number}"
                pathlib.Path(source).write_text(text, encoding="utf-8")
                why = compile_with(compiler + sanitize, language, source, target, root, build)
                if not why:
                    done = subprocess.run([target] + ["0"] * (name == "events"), text=True,
                                          capture_output=True, check=False, timeout=60,
                                          env=pkttd.environment())
                    why = done.stderr if done.returncode else EXPECTED[name](done.stdout)
                print(f"{'not ok' if why else 'ok'} {number} - {name} in {language}")
                for line in why.splitlines():
                    print("#", line)
    print(f"1..{number}")


def contains(*words):
    return lambda said: "" if all(w in said for w in words) else f"it says: {said[:500]}"


EXPECTED = {
    "rule": contains("-p tcp -m tcp --dport 22 -j ACCEPT\n"),
    "list": contains(""),
    "transaction": contains("generation "),
    "events": contains(""),
    "describe": contains("tcp: ", "  --dport PORT[:PORT]\n", "ACCEPT: "),
}

main()
