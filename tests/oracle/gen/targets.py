# SPDX-License-Identifier: GPL-2.0-or-later
"""Targets."""

from gen.matches import V4, V6
from gen.place import OUTBOUND, TARGETS, extension

MANGLE = ("mangle",)
REJECT_HOOKS = frozenset(("INPUT", "FORWARD", "OUTPUT"))


@extension(TARGETS, "none", weight=8)
def none(draw, place):
    del draw, place
    return ""


@extension(TARGETS, "ACCEPT", weight=4)
def accept(draw, place):
    del draw, place
    return "-j ACCEPT"


@extension(TARGETS, "DROP", weight=2)
def drop(draw, place):
    del draw, place
    return "-j DROP"


@extension(TARGETS, "RETURN", weight=3)
def return_(draw, place):
    del draw, place
    return "-j RETURN"


LIMIT_CHANGES = "set 64,set 2,set 1,inc 1,dec 1,inc 200,dec 63,dec 200".split(",")
REJECT_WITH = {
    "ipv4": """icmp-net-unreachable icmp-host-unreachable icmp-proto-unreachable
icmp-port-unreachable icmp-net-prohibited icmp-host-prohibited icmp-admin-prohibited""".split(),
    "ipv6": """icmp6-no-route icmp6-adm-prohibited icmp6-addr-unreachable icmp6-port-unreachable
icmp6-policy-fail icmp6-reject-route""".split(),
}


@extension(TARGETS, "REJECT", tables=("filter",), hooks=REJECT_HOOKS, weight=8)
def reject(draw, place):
    return f"-j REJECT --reject-with {draw.pick(REJECT_WITH[place.family])}"


@extension(
    TARGETS, "REJECT reset", tables=("filter",), protocols=("tcp",), hooks=REJECT_HOOKS, weight=10
)
def reject_reset(draw, place):
    del draw, place
    return "-j REJECT --reject-with tcp-reset"


@extension(TARGETS, "LOG", weight=6)
def log(draw, place):
    word = draw.pick(["a", "rule: ", "x y ", ""])
    options = ["tcp-sequence", "tcp-options", "ip-options", "uid", "macdecode"]
    flags = "".join(f" --log-{o}" for o in options if draw.chance(0.4))
    level = draw.pick(["", " --log-level 7", " --log-level info", " --log-level 5"])
    return f'-j LOG --log-prefix "{place.log_prefix}{word}"{level}{flags}'


@extension(TARGETS, "NFLOG", weight=4)
def nflog(draw, place):
    del place
    words = [f"-j NFLOG --nflog-group {draw.randrange(1, 8)}"]
    if draw.chance(0.6):
        words.append(f'--nflog-prefix "{draw.pick(["p", "a prefix", "x:y "])}"')
    if draw.chance(0.3):
        words.append(f"--nflog-size {draw.pick([0, 20, 64])}")
    if draw.chance(0.2):
        words.append(f"--nflog-threshold {draw.pick([1, 5])}")
    return " ".join(words)


@extension(TARGETS, "NFQUEUE", weight=1)
def nfqueue(draw, place):
    del place
    which = draw.pick(["--queue-num 0", "--queue-num 7", "--queue-balance 0:3"])
    return f"-j NFQUEUE {which}" + (" --queue-bypass" if draw.chance(0.6) else "")


@extension(TARGETS, "MARK", weight=9)
def mark(draw, place):
    del place
    value = f"0x{draw.pick(draw.palette.marks):x}"
    mask = draw.pick(["", "/0xff", "/0xf0f0"])
    kinds = [
        f"set-mark {value}{mask}",
        f"set-xmark {value}{mask}",
        f"and-mark {value}",
        f"or-mark {value}",
    ]
    return f"-j MARK --{draw.pick(kinds + [f'xor-mark {value}'])}"


@extension(TARGETS, "TOS", tables=MANGLE, weight=5)
def tos(draw, place):
    del place
    kinds = ["set-tos 0x10", "set-tos 0x28/0xfc", "and-tos 0xfc", "or-tos 0x02", "xor-tos 0x11"]
    return f"-j TOS --{draw.pick(kinds + ['set-tos Minimize-Cost'])}"


@extension(TARGETS, "DSCP", tables=MANGLE, weight=5)
def dscp(draw, place):
    del place
    what = draw.pick(["-dscp 46", "-dscp 0", "-dscp-class AF11", "-dscp-class CS7"])
    return f"-j DSCP --set{what}"


@extension(TARGETS, "ECN", families=V4, tables=MANGLE, protocols=("tcp",), weight=6)
def ecn(draw, place):
    del draw, place
    return "-j ECN --ecn-tcp-remove"


@extension(TARGETS, "ECN fields", families=V4, tables=MANGLE, protocols=("tcp",), weight=3)
def ecn_fields(draw, place):
    del place
    return f"-j ECN {draw.pick(['--ecn-tcp-ece 1', '--ecn-tcp-cwr 1 --ecn-ip-ect 2', '--ecn-ip-ect 1'])}"


@extension(TARGETS, "HMARK", weight=4)
def hmark(draw, place):
    """Hashed without a per-boot secret, so equal to the bit."""
    del place
    words = draw.sample(["src", "dst", "proto"], draw.randrange(1, 4))
    words += draw.pick([[], ["sport", "dport"], ["dport"], ["spi"]])
    what = draw.pick(
        [f"--hmark-tuple {','.join(words)}", "--hmark-src-prefix 20 --hmark-dport-mask 0xff00"]
    )
    return f"-j HMARK {what} --hmark-rnd 0x{draw.randrange(1, 1 << 32):x} --hmark-mod 16"


PREFIXES = ("fd01::/48", "fd02::/56", "fd09::/64", "fd09:8::/32", "2001:db8:7::/48")


@extension(
    TARGETS, "SNPT", families=V6, tables=MANGLE, hooks=frozenset(("INPUT", "POSTROUTING")), weight=3
)
def snpt(draw, place):
    del place
    return f"-j SNPT --src-pfx {draw.pick(PREFIXES)} --dst-pfx {draw.pick(PREFIXES)}"


@extension(
    TARGETS, "DNPT", families=V6, tables=MANGLE, hooks=frozenset(("PREROUTING", "OUTPUT")), weight=3
)
def dnpt(draw, place):
    del place
    return f"-j DNPT --src-pfx {draw.pick(PREFIXES)} --dst-pfx {draw.pick(PREFIXES)}"


@extension(TARGETS, "TTL", families=V4, tables=MANGLE, weight=6)
def ttl(draw, place):
    del place
    return f"-j TTL --ttl-{draw.pick(LIMIT_CHANGES)}"


@extension(TARGETS, "HL", families=V6, tables=MANGLE, weight=6)
def hl(draw, place):
    del place
    return f"-j HL --hl-{draw.pick(LIMIT_CHANGES)}"


@extension(TARGETS, "TCPMSS", protocols=("tcp syn",), weight=20)
def tcpmss(draw, place):
    del place
    return f"-j TCPMSS --set-mss {draw.pick([536, 1000, 1360, 1400, 9000])}"


@extension(TARGETS, "TCPMSS clamp", protocols=("tcp syn",), hooks=OUTBOUND, weight=20)
def tcpmss_clamp(draw, place):
    del draw, place
    return "-j TCPMSS --clamp-mss-to-pmtu"


@extension(TARGETS, "TCPOPTSTRIP", tables=MANGLE, protocols=("tcp",), weight=8)
def tcpoptstrip(draw, place):
    del place
    names = ["wscale", "mss", "sack-permitted", "sack", "timestamp", "md5", "30", "34"]
    return f"-j TCPOPTSTRIP --strip-options {','.join(draw.sample(names, draw.randrange(1, 4)))}"


@extension(TARGETS, "CLASSIFY", hooks=OUTBOUND, weight=1)
def classify(draw, place):
    del place
    return f"-j CLASSIFY --set-class {draw.pick(['1:2', '0:0', 'ffff:ffff'])}"


@extension(TARGETS, "CHECKSUM", tables=MANGLE, weight=1)
def checksum(draw, place):
    del draw, place
    return "-j CHECKSUM --checksum-fill"


@extension(TARGETS, "TRACE", tables=("raw",), weight=1)
def trace(draw, place):
    del draw, place
    return "-j TRACE"


@extension(TARGETS, "NOTRACK", tables=("raw",), weight=3)
def notrack(draw, place):
    """Needs no tracking itself: where nothing is tracked it does nothing."""
    del place
    return draw.pick(["-j NOTRACK", "-j CT --notrack"])


@extension(TARGETS, "TEE", tables=MANGLE, weight=3)
def tee(draw, place):
    far = draw.palette.far[place.family]
    # A copy to a group would be looped back and meet POSTROUTING twice; one to the router
    # itself may be routed anew, to come back and be copied again.
    away = "-m addrtype ! --dst-type LOCAL -m addrtype ! --dst-type MULTICAST"
    if place.family == "ipv4":
        away += " -m addrtype ! --dst-type BROADCAST"
    gateway = draw.pick([far["out0"][0], far["out0"][1], far["in0"][0]])
    return f"{away} -j TEE --gateway {gateway}"


@extension(TARGETS, "SET", weight=4)
def set_(draw, place):
    known = [
        (name, kind)
        for name, (family, kind, _) in place.sets.items()
        if family in (place.family, None) and not kind.startswith("list")
    ]
    if not known:
        return None
    name, kind = draw.pick(known)
    sides = ",".join(draw.pick(["src", "dst"]) for _ in range(kind.count(",") + 1))
    if "skbinfo" in place.sets[name][2] and place.table == "mangle" and draw.chance(0.6):
        return f"-j SET --map-set {name} {sides} --map-mark"
    if draw.chance(0.4):
        return f"-j SET --del-set {name} {sides}"
    options = " --exist" if draw.chance(0.4) else ""
    if "timeout 0" in place.sets[name][2] and draw.chance(0.5):
        options += " --timeout 500"
    return f"-j SET --add-set {name} {sides}{options}"
