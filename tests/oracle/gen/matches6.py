# SPDX-License-Identifier: GPL-2.0-or-later
"""Matches that IPv6 alone has."""

from gen.matches import V6, number_range
from gen.place import INBOUND, MATCHES, extension

ICMPV6_NAMES = """echo-request echo-reply destination-unreachable no-route port-unreachable
packet-too-big time-exceeded ttl-zero-during-transit parameter-problem unknown-option
router-solicitation router-advertisement neighbour-solicitation neighbour-advertisement
redirect 1 1/4 128/0 129/1 143 200/1 3/1 255""".split()


@extension(MATCHES, "icmp6", families=V6, protocols=("icmpv6",), weight=14)
def icmp6(draw, place):
    del place
    return f"-m icmp6 {draw.not_()}--icmpv6-type {draw.pick(ICMPV6_NAMES)}"


@extension(MATCHES, "hl", families=V6)
def hl(draw, place):
    del place
    value = draw.pick(draw.palette.ttls)
    return "-m hl " + draw.pick(
        [f"{draw.not_()}--hl-eq {value}", f"--hl-gt {value}", f"--hl-lt {value}"]
    )


@extension(MATCHES, "frag", families=V6, weight=6)
def frag(draw, place):
    del place
    words = []
    if draw.chance(0.4):
        words.append(
            f"{draw.not_()}--fragid {number_range(draw, [0, 1, 0x1234, 0xFFFFFFFF], 0xFFFFFFFF)}"
        )
    if draw.chance(0.15):
        words.append(f"{draw.not_()}--fraglen {draw.pick([0, 8])}")
    if draw.chance(0.2):
        words.append("--fragres")
    if draw.chance(0.3):
        words.append("--fragfirst")
    if draw.chance(0.4):
        words.append(draw.pick(["--fragmore", "--fraglast"]))
    return " ".join(["-m frag", *words])


@extension(MATCHES, "rt", families=V6, weight=6)
def rt(draw, place):
    del place
    if draw.chance(0.35):
        count = draw.randrange(1, 4)
        addresses = ",".join(draw.pick(draw.palette.far["ipv6"]["out0"]) for _ in range(count))
        strict = " --rt-0-not-strict" if draw.chance(0.5) else ""
        return f"-m rt --rt-type 0 --rt-0-addrs {addresses}{strict}"
    if draw.chance(0.15):
        return "-m rt --rt-type 0 --rt-0-res"
    words = []
    if draw.chance(0.5):
        words.append(f"{draw.not_()}--rt-type {draw.pick([0, 0, 2, 3, 4, 5])}")
    if draw.chance(0.5):
        words.append(f"{draw.not_()}--rt-segsleft {number_range(draw, [0, 1, 2, 3], 255)}")
    if draw.chance(0.3):
        words.append(f"{draw.not_()}--rt-len {draw.pick([0, 2, 4, 6, 8, 16, 24, 40, 56])}")
    return " ".join(["-m rt", *words])


def options_match(draw, name):
    words = []
    if draw.chance(0.4):
        words.append(f"{draw.not_()}--{name}-len {draw.pick([0, 1, 2, 8, 16, 24])}")
    if draw.chance(0.6):
        known = ["1:0", "1", "5:2", "5", "201", "0", "30:2", "4", "62", "1:4", "201:4"]
        words.append(f"--{name}-opts {','.join(draw.sample(known, draw.randrange(1, 4)))}")
    return " ".join([f"-m {name}", *words])


@extension(MATCHES, "hbh", families=V6, weight=6)
def hbh(draw, place):
    del place
    return options_match(draw, "hbh")


@extension(MATCHES, "dst", families=V6, weight=6)
def dst(draw, place):
    del place
    return options_match(draw, "dst")


@extension(MATCHES, "ipv6header", families=V6, weight=6)
def ipv6header(draw, place):
    del place
    names = ["hop", "dst", "route", "frag", "auth", "esp", "none", "prot"]
    soft = " --soft" if draw.chance(0.5) else ""
    return f"-m ipv6header {draw.not_()}--header {draw.some(names)}{soft}"


@extension(MATCHES, "mh", families=V6, protocols=("mh",), weight=14)
def mh(draw, place):
    del place
    kinds = ["brr", "hoti", "bu", "ba", "binding-error", "0:5", "6", "7:200", "1:"]
    return f"-m mh {draw.not_()}--mh-type {draw.pick(kinds)}"


@extension(MATCHES, "eui64", families=V6, hooks=INBOUND, weight=3)
def eui64(draw, place):
    del draw, place
    return "-m eui64"


@extension(MATCHES, "ah", families=V6, weight=4)
def ah(draw, place):
    del place
    words = []
    if draw.chance(0.6):
        words.append(f"{draw.not_()}--ahspi {number_range(draw, draw.palette.spis, 0xFFFFFFFF)}")
    if draw.chance(0.3):
        words.append(f"{draw.not_()}--ahlen {draw.pick([0, 12, 24, 16])}")
    if draw.chance(0.3):
        words.append("--ahres")
    return " ".join(["-m ah", *words])


def some_prefix(draw):
    address = draw.pick(draw.palette.far["ipv6"]["out0"])
    return address + draw.pick(["", "/64", "/32", "/128"])


@extension(MATCHES, "srh", families=V6, weight=4)
def srh(draw, place):
    del place
    no = draw.not_
    words = [
        f"{no()}--srh-next-hdr {draw.pick([6, 17, 58, 60])}",
        f"{no()}--srh-hdr-len-{draw.pick(['eq', 'gt', 'lt'])} {draw.pick([0, 2, 4, 6])}",
        f"{no()}--srh-segs-left-{draw.pick(['eq', 'gt', 'lt'])} {draw.pick([0, 1, 2, 3])}",
        f"{no()}--srh-last-entry-{draw.pick(['eq', 'gt', 'lt'])} {draw.pick([0, 1, 2])}",
        f"{no()}--srh-tag {draw.pick([0, 7])}",
        f"{no()}--srh-psid {some_prefix(draw)}",
        f"{no()}--srh-nsid {some_prefix(draw)}",
        f"{no()}--srh-lsid {some_prefix(draw)}",
    ]
    return " ".join(["-m srh", *draw.sample(words, draw.randrange(0, 4))])
