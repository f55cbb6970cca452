#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An extension that pktt was built without: used from text, JSON and help. TAP output."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

PKTT, OBJECT = sys.argv[1], sys.argv[2]
count = 0

RULES = """*mangle
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A FORWARD -m parity --odd -j FLIP
-A FORWARD -p tcp -m parity ! --odd --parity-mask 0xff -j DROP
COMMIT
"""


def run(*args, stdin=None):
    p = subprocess.run([PKTT, *args], input=stdin, capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


def ok(good, name, why=""):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    if not good:
        for line in str(why).splitlines():
            print(f"# {line}")


def main():
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    shutil.copy(OBJECT, folder)
    os.chmod(os.path.join(folder, "parity.so"), 0o644)
    plugins = ["--plugins", folder]
    rules = os.path.join(folder, "rules")
    with open(rules, "w") as f:
        f.write(RULES)

    status, out, err = run("check", rules)
    ok(status == 1 and "there is no match parity" in err, "unknown without the plug-in", err)
    status, out, err = run("check", rules, *plugins, "--quiet")
    ok(status == 0, "accepted with it", err)
    status, out, err = run("save", "--ipv4-rules", rules, "--format", "iptables", *plugins)
    ok(out == RULES, "text is printed as it was read", out + err)
    status, text, err = run("save", "--ipv4-rules", rules, "--format", "json", *plugins)
    rule = [o["rule"] for o in json.loads(text)["pkttables"] if "rule" in o][1]
    ok(rule["matches"][0]["parity"]["parity-mask"] == 255, "JSON has its values", rule)
    status, out, err = run("save", "--rules", "-", "--format", "iptables", *plugins, stdin=text)
    ok(out == RULES, "JSON comes back as the same text", out + err)
    status, out, err = run("help", "parity", *plugins)
    ok("--parity-mask" in out and "the parity of the source address" in out, "help knows it", out)
    status, out, err = run("describe", "FLIP", *plugins)
    ok("invert every bit of the mark" in out, "targets are described too", out + err)
    status, out, err = run("modules", "--json", *plugins)
    ok("parity" in [m["name"] for m in json.loads(out)], "it is listed", err)

    bad = RULES.replace("0xff -j", "0x1ffffffff -j")
    status, out, err = run("check", "-", *plugins, stdin=bad)
    ok(status == 1 and ":8:51:" in err and "parity-mask" in err, "bounds act, with their place", err)
    bad = RULES.replace("-m parity --odd", "-m parity --ood")
    status, out, err = run("check", "-", *plugins, stdin=bad)
    ok(status == 1 and "did you mean --odd" in err, "misspelt options are answered", err)

    os.chmod(os.path.join(folder, "parity.so"), 0o666)
    status, out, err = run("check", rules, *plugins)
    ok(status == 1 and "others than its owner may write it" in err,
       "an object that others may write is refused", err)
    shutil.rmtree(folder)
    print(f"1..{count}")


main()
