# SPDX-License-Identifier: GPL-2.0-or-later
"""Sets, as `ipset restore` reads them, with elements from the palette."""


KINDS = {
    "hash:ip": ("ip",),
    "hash:net": ("net",),
    "hash:ip,port": ("ip", "port"),
    "hash:ip,port,ip": ("ip", "port", "ip"),
    "hash:ip,port,net": ("ip", "port", "net"),
    "hash:net,port": ("net", "port"),
    "hash:net,iface": ("net", "iface"),
    "bitmap:port": ("bitport",),
    "bitmap:ip": ("ip10",),
    "bitmap:ip,mac": ("ip10", "mac"),
    "list:set": ("set",),
}


def part(draw, what, family):
    far = draw.palette.far[family]
    address = draw.pick(far["in0"] + far["out0"] + draw.palette.ours[family])
    if what == "ip":
        return address
    if what == "net":
        lengths = [8, 16, 24, 30, 32] if family == "ipv4" else [16, 32, 64, 120, 128]
        return f"{address}/{draw.pick(lengths)}"
    if what == "port":
        ports = [
            f"tcp:{draw.pick(draw.palette.ports)}",
            f"udp:{draw.pick(draw.palette.ports)}",
            str(draw.pick(draw.palette.ports)),
        ]
        ports += (
            ["icmp:echo-request", "icmp:3/1"]
            if family == "ipv4"
            else ["icmpv6:echo-request", "icmpv6:1/4"]
        )
        return draw.pick(ports)
    if what == "iface":
        return draw.pick(["in0", "out0"])
    if what == "bitport":
        return str(draw.pick(draw.palette.ports))
    if what == "ip10":
        return draw.pick(["10.0.1.2", "10.0.1.3", "10.0.1.77", "10.0.1.1"])
    return draw.pick(draw.palette.source_macs)


def header(draw, kind, family, options):
    words = [kind]
    if kind.startswith("hash"):
        words.append("family " + ("inet" if family == "ipv4" else "inet6"))
        if kind == "hash:ip" and draw.chance(0.3):
            words.append(f"netmask {24 if family == 'ipv4' else 64}")
    elif kind == "bitmap:port":
        words.append("range 0-65535")
    elif kind.startswith("bitmap"):
        words.append("range 10.0.1.0/24")
    return " ".join(words + options)


def one(draw, name, kind, family):
    """The lines of one set, and the options that rules need to know of."""
    options = [o for o in ("counters", "skbinfo", "timeout 0", "comment") if draw.chance(0.2)]
    lines = [f"create {name} {header(draw, kind, family, options)}"]
    seen = set()
    for _ in range(draw.randrange(1, 7)):
        element = ",".join(part(draw, what, family) for what in KINDS[kind])
        if element in seen:
            continue
        seen.add(element)
        extra = ""
        if "net" in KINDS[kind] and draw.chance(0.2):
            extra = " nomatch"
        elif "skbinfo" in options and draw.chance(0.6):
            extra = f" skbmark 0x{draw.pick(draw.palette.marks):x}/0xff"
        elif "timeout 0" in options and draw.chance(0.4):
            extra = " timeout 3000"
        lines.append(f"add {name} {element}{extra} -exist")
    return lines, options


def sets(draw, families):
    """(lines, {name: (family or None, kind, options)})."""
    lines, known = [], {}
    if draw.chance(0.5):
        return lines, known
    for number in range(draw.randrange(1, 5)):
        family = draw.pick(families)
        kind = draw.pick([k for k in KINDS if k != "list:set"])
        if kind.startswith("bitmap:ip"):
            family = "ipv4"
        name = f"s{number}"
        found, options = one(draw, name, kind, family)
        lines += found
        known[name] = (None if kind == "bitmap:port" else family, kind, options)
    if draw.chance(0.3):
        family, kind, _ = known["s0"]
        members = [
            n for n, (f, k, _) in known.items() if (f, k.count(",")) == (family, kind.count(","))
        ]
        lines += ["create lst list:set"] + [f"add lst {n}" for n in members]
        known["lst"] = (family, "list:set" + "," * kind.count(","), [])
    return lines, known
