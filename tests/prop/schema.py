#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever arguments are written as JSON, their schema accepts; what is unknown it refuses. TAP.

usage: schema.py DUMP-ARGS
"""
import json
import subprocess
import sys

try:
    from jsonschema import Draft202012Validator as Validator
except ImportError:
    print("1..0 # SKIP python3-jsonschema is not installed")
    sys.exit(0)

BAD = ({"zebra": 1}, [], "text", 7)


def faults(case):
    Validator.check_schema(case["schema"])
    validator = Validator(case["schema"])
    for args in case["args"]:
        for error in validator.iter_errors(args):
            yield f"{json.dumps(args)}: {error.message}"
    for args in BAD:
        if validator.is_valid(args):
            yield f"{json.dumps(args)} is accepted"
    if not case["args"]:
        yield "no arguments to try"


def main():
    dump = subprocess.run([sys.argv[1]], check=True, stdout=subprocess.PIPE, text=True).stdout
    number = 0
    for number, line in enumerate(dump.splitlines(), 1):
        case = json.loads(line)
        found = list(faults(case))
        print(f"{'not ok' if found else 'ok'} {number} - {case['name']}")
        for fault in found[:3]:
            print("#", fault[:300])
    print(f"1..{number}")


main()
