#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Includes point down only: base <- desc <- core <- conntrack <- nat, ext, helper <- ... TAP.

The engine (base to helper) knows no sockets and no headers of the kernel, so that it is the same code
over live interfaces, captures and the simulator. usage: arrows.py ROOT
"""
import pathlib
import re
import sys

ENGINE = ["base", "desc", "core", "conntrack", "nat", "ext", "helper"]
# layer -> what it may include besides itself; a layer that is not named here is an error
BELOW = {
    "base": [],
    "desc": ["base"],
    "core": ["base", "desc"],
    "conntrack": ["base", "desc", "core"],
    "nat": ["base", "desc", "core", "conntrack"],
    "ext": ["base", "desc", "core", "conntrack", "nat"],
    "helper": ["base", "desc", "core", "conntrack", "nat"],
    "datapath": ENGINE,
    "wire": ["base", "desc"],  # rules and connections as netlink messages: for bus and clients alike
    "bus": ENGINE + ["wire"],
    "sync": ENGINE,
    "daemon": ENGINE + ["wire", "bus", "sync", "datapath"],
    "tools": ENGINE + ["wire", "datapath"],
    "shim": ["base"],  # what pktt-run preloads
}
CLIENT = ["base", "desc", "wire"]  # src/lib*: no engine inside
FORBIDDEN = re.compile(r"^(linux|asm|net|netpacket|libmnl|bpf)/|^sys/(socket|un|ioctl|epoll)\.h$|^pcap")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def below(layer):
    if layer.startswith("lib"):
        return CLIENT
    return BELOW.get(layer)


def judge(path, quote, name):
    """Why the file src/PATH must not include NAME, or ""."""
    layer, allowed = path.parts[0], below(path.parts[0])
    if allowed is None:
        return f"src/{layer} has no place in the layers"
    if quote == "<":
        if layer in ENGINE and FORBIDDEN.search(name):
            return f"the engine must not know <{name}>"
        return ""
    target = name.split("/")[0] if "/" in name else layer
    if target == layer or target in allowed or (layer == "tools" and target.startswith("lib")):
        return ""
    return f'{layer} must not include "{name}"'


def faults(root):
    for path in sorted((root / "src").rglob("*.[ch]")):
        rel = path.relative_to(root / "src")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = INCLUDE.match(line)
            why = judge(rel, *found.groups()) if found else ""
            if why:
                yield f"src/{rel}:{number}: {why}"


# what the judge must say: (file, quote, header, allowed)
TRIALS = [
    ("base/str.c", '"', "desc/args.h", False),
    ("desc/args.c", '"', "base/str.h", True),
    ("desc/args.c", '"', "core/packet.h", False),
    ("core/l3.c", "<", "linux/ip.h", False),
    ("ext/m_tcp.c", "<", "sys/socket.h", False),
    ("ext/m_tcp.c", '"', "core/packet.h", True),
    ("core/rule.c", '"', "ext/x.h", False),
    ("datapath/linux/attach.c", "<", "linux/if_packet.h", True),
    ("libpktt/x.c", '"', "core/rule.h", False),
    ("unknown/x.c", '"', "base/str.h", False),
]


def main():
    root = pathlib.Path(sys.argv[1])
    wrong = [t for t in TRIALS if (judge(pathlib.PurePath(t[0]), t[1], t[2]) == "") != t[3]]
    print(f"{'not ok' if wrong else 'ok'} 1 - the judge knows good from bad")
    for trial in wrong:
        print("#", trial)
    found = list(faults(root))
    print(f"{'not ok' if found else 'ok'} 2 - includes point down")
    for fault in found:
        print("#", fault)
    print("1..2")


main()
