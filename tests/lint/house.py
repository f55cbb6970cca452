#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules of the house that a program can see. TAP. usage: house.py ROOT

Licence line first, and the licence that the folder has; nothing left for later in what is built;
block comments only; lines, functions and files of limited length.
"""
import pathlib
import re
import statistics
import sys

COLUMNS, FUNCTION_LINES, MEDIAN_LINES, FILE_LINES = 108, 80, 12, 700
BSD = re.compile(r"^(include|src/base|src/desc|src/wire|src/lib[^/]*)/")
LATER = re.compile(r"\b(TODO|FIXME|XXX|[Ss]tub(s|bed)?|not implemented)\b")
# a string or character, else a line comment
LINE_COMMENT = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|/\*.*?\*/|(//)")


def licences(name):
    """A plug-in outside the tree, as tests/plugin has one, may choose; BPF objects are under both."""
    if name.startswith("tests/plugin/"):
        return ["BSD-2-Clause", "GPL-2.0-or-later"]
    if name.startswith("src/datapath/linux/bpf/"):
        return ["GPL-2.0-or-later OR BSD-2-Clause"]
    return ["BSD-2-Clause" if BSD.match(name) else "GPL-2.0-or-later"]


def columns(line):
    return len(line.expandtabs(8))


def functions(lines):
    """(first line, number of lines) of every function body."""
    start = 0
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            yield start, number - start - 1
            start = 0


def has_line_comment(line):
    return any(m.group(1) for m in LINE_COMMENT.finditer(line))


def faults(name, text):
    """(line, sentence) for what a file of C does against the rules."""
    lines = text.splitlines()
    if not any(f"SPDX-License-Identifier: {x}" in text.partition("\n")[0] for x in licences(name)):
        yield 1, f"the first line does not say {licences(name)}"
    if len(lines) > FILE_LINES:
        yield len(lines), f"more than {FILE_LINES} lines"
    for number, line in enumerate(lines, 1):
        if columns(line) > COLUMNS and '"' not in line:  # a text that is searched for stays whole
            yield number, f"more than {COLUMNS} columns"
        if has_line_comment(line) and not line.lstrip().startswith("*"):
            yield number, "a line comment"
        if not name.startswith("tests/") and LATER.search(line):
            yield number, "something is left for later"
    for number, length in functions(lines):
        if length > FUNCTION_LINES:
            yield number, f"a function of {length} lines"


TRIALS = [
    ("src/core/a.c", "/* SPDX-License-Identifier: BSD-2-Clause */\n"),
    ("src/base/a.c", "int a;\n"),
    ("src/base/a.c", "/* SPDX-License-Identifier: BSD-2-Clause */\n\tint a; // why\n"),
    ("src/base/a.c", "/* SPDX-License-Identifier: BSD-2-Clause */\n/* TODO */\n"),
    ("src/base/a.c", "/* SPDX-License-Identifier: BSD-2-Clause */\n" + "x" * (COLUMNS + 1) + "\n"),
    ("src/base/a.c", "/* SPDX-License-Identifier: BSD-2-Clause */\n{\n" + "\n" * 81 + "}\n"),
    ("src/base/a.c", "/* SPDX-License-Identifier: BSD-2-Clause */\n" + "\n" * FILE_LINES),
]
GOOD = '/* SPDX-License-Identifier: BSD-2-Clause */\n\tputs("http://x"); /* a */\n'


def main():
    root = pathlib.Path(sys.argv[1])
    able = all(list(faults(*t)) for t in TRIALS) and not list(faults("src/base/a.c", GOOD))
    print(f"{'ok' if able else 'not ok'} 1 - the judge knows good from bad")
    found, sizes = [], []
    for folder in ("include", "src", "tests"):
        for path in sorted((root / folder).rglob("*.[ch]")):
            name, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
            found += [f"{name}:{line}: {why}" for line, why in faults(name, text)]
            if folder == "src":
                sizes += [size for _, size in functions(text.splitlines())]
    print(f"{'not ok' if found else 'ok'} 2 - every file keeps the rules")
    for line in found:
        print("#", line)
    median = statistics.median(sizes)
    tenth = sorted(sizes)[len(sizes) * 9 // 10]
    print(f"{'ok' if median <= MEDIAN_LINES and tenth <= 45 else 'not ok'} 3 - functions are short")
    print(f"# {len(sizes)} functions: half up to {median:g} lines, nine tenths up to {tenth}")
    print("1..3")


main()
