#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Every canonical text of the .t files through the machine's own iptables: it must take the rule
and print it back as we do. TAP, one line a .t file. Needs root; skips what the kernel lacks.

    canonical.py FOLDER [FILE.t ...]
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

TOOLS = {"ipv4": "iptables-legacy", "ipv6": "ip6tables-legacy"}

# What differs, and why. A rule text that the expression finds is not compared.
KNOWN = {
    r"-m connlabel": "iptables quotes every label and needs connlabel.conf for names",
    r"-m rateest": "the kernel wants the estimator to exist",
    r"--timeout \w+|-j SET|-m set|-m nfacct": "the kernel wants the object to exist",
    r"-j SECMARK|-m cgroup --path|--object-pinned": "the kernel asks SELinux, cgroup or bpf",
    r"-j (ULOG|LED|CLUSTERIP|NAT)\b|-m (ipvs|l2tp|udplite)\b": "this kernel or iptables lacks it",
    r"--hashlimit-(above|upto) \d+b/s": "iptables rounds byte rates to multiples of 16",
    r"-m time": "iptables 1.8.9 prints --datestop 2038-01-19 where none was given",
    r"! -o \+|! --dport 0:65535|--tcp-flags NONE NONE": "iptables leaves out what never matches",
    r"-m osf .*--genre \"": "iptables does not quote a genre",
    r"-m limit --limit 3/day": "the kernel refuses a limit whose credit overflows",
}


def known(chain, rule):
    """iptables refuses interfaces that a hook has not; here `check` warns of them."""
    if chain == "INPUT" and re.search(r"(^| )-o ", rule):
        return True
    return any(re.search(pattern, rule) for pattern in KNOWN)


def accepted(path):
    """(family, table, chain, canonical text) of a .t file's lines that end in ok."""
    families, table, chain = [], None, None
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.strip()
        if line.startswith(":"):
            names, place = line[1:].split()
            families = [f for f in names.split(",") if f in TOOLS]
            table, chain = place.split("/")
        parts = line.split(" ; ")
        if line[:1] in ("", "#", ":", "+") or " | " in line or len(parts) != 3 or parts[2] != "ok":
            continue
        rule = parts[0] if parts[1].strip() == "=" else parts[1].strip()
        for family in families:
            if rule and not known(chain, rule):
                yield family, table, chain, rule


def restored(tool, table, rules):
    """What the kernel has after loading the rules: lines of -save, or None and the reason."""
    text = f"*{table}\n" + "".join(f"-A {chain} {rule}\n" for chain, rule in rules) + "COMMIT\n"
    script = f"{tool}-restore && {tool}-save -t {table}"
    run = subprocess.run(
        ["unshare", "-n", "sh", "-c", script], input=text, capture_output=True, text=True
    )
    if run.returncode:
        return None, run.stderr.strip()
    return [line for line in run.stdout.splitlines() if line.startswith("-A ")], ""


def compare(tool, table, rules):
    """Sentences on what differs. Rules that fail together are tried one by one."""
    printed, why = restored(tool, table, rules)
    if printed is None and len(rules) == 1:
        return [f"{tool} refuses {rules[0][1]}: {why.splitlines()[0] if why else '?'}"]
    if printed is None or len(printed) != len(rules):
        return [said for rule in rules for said in compare(tool, table, [rule])]
    wanted = sorted(f"-A {chain} {rule}" for chain, rule in rules)
    return [f"ours  {w}\n  {tool}  {p}" for w, p in zip(wanted, sorted(printed)) if w != p]


def differences(path):
    groups = {}
    for family, table, chain, rule in accepted(path):
        groups.setdefault((family, table), []).append((chain, rule))
    for (family, table), rules in groups.items():
        yield from compare(TOOLS[family], table, rules)


def is_possible():
    if not all(shutil.which(tool + "-restore") for tool in TOOLS.values()):
        return False
    return subprocess.run(["unshare", "-n", "true"], capture_output=True).returncode == 0


def main():
    folder = Path(sys.argv[1])
    files = [folder / name for name in sys.argv[2:]] or sorted(folder.glob("*.t"))
    if not is_possible():
        print("1..0 # SKIP needs root and iptables-legacy")
        return
    print(f"1..{len(files)}")
    for number, path in enumerate(files, 1):
        found = list(differences(path))
        print(f"{'not ok' if found else 'ok'} {number} - {path.name}")
        for said in found:
            print("# " + said.replace("\n", "\n# "))


main()
