# SPDX-License-Identifier: GPL-2.0-or-later
"""Matches on headers that both families, or IPv4, have."""

import ipaddress

from gen.place import INBOUND, MATCHES, OUTBOUND, extension

PORT_PROTOCOLS = ("tcp", "udp", "udplite", "sctp", "dccp")
V4, V6 = ("ipv4",), ("ipv6",)


def port_range(draw):
    low, high = draw.bounds(draw.palette.ports, 65535)
    if low == high:
        return str(low)
    return draw.pick([f"{low}:{high}", f"{low}:{high}", f":{high}", f"{low}:"])


def number_range(draw, values, highest):
    low, high = draw.bounds(values, highest)
    return str(low) if low == high else f"{low}:{high}"


def ports(draw):
    words = []
    if draw.chance(0.5):
        words.append(f"{draw.not_()}--sport {port_range(draw)}")
    if draw.chance(0.6) or not words:
        words.append(f"{draw.not_()}--dport {port_range(draw)}")
    return " ".join(words)


@extension(MATCHES, "tcp", protocols=("tcp",), weight=14)
def tcp(draw, place):
    del place
    kind = draw.randrange(5)
    if kind <= 1:
        return "-m tcp " + ports(draw)
    if kind == 2:
        return f"-m tcp {draw.not_()}--syn"
    if kind == 3:
        names = ["FIN", "SYN", "RST", "PSH", "ACK", "URG"]
        mask = draw.pick(
            ["ALL", "SYN,ACK", "SYN,RST,ACK,FIN", "FIN", ",".join(draw.sample(names, 3))]
        )
        among = names if mask == "ALL" else mask.split(",")
        wanted = draw.pick(
            ["NONE", ",".join(draw.sample(among, draw.randrange(1, len(among) + 1)))]
        )
        return f"-m tcp {draw.not_()}--tcp-flags {mask} {wanted}"
    return f"-m tcp {draw.not_()}--tcp-option {draw.pick([2, 3, 4, 5, 8, 19, 30, 34, 1, 7])}"


@extension(MATCHES, "udp", protocols=("udp",), weight=8)
def udp(draw, place):
    del place
    return "-m udp " + ports(draw)


ICMP_NAMES = """any echo-request echo-reply destination-unreachable port-unreachable
fragmentation-needed host-unreachable redirect time-exceeded ttl-zero-during-transit
parameter-problem ip-header-bad timestamp-request 3 3/4 8/0 8/1 11/1 42 13 5/1 255/255""".split()


@extension(MATCHES, "icmp", families=V4, protocols=("icmp",), weight=14)
def icmp(draw, place):
    del place
    return f"-m icmp {draw.not_()}--icmp-type {draw.pick(ICMP_NAMES)}"


@extension(MATCHES, "sctp", protocols=("sctp",), weight=14)
def sctp(draw, place):
    del place
    if draw.chance(0.3):
        return "-m sctp " + ports(draw)
    names = [
        "DATA:Ube",
        "DATA:u",
        "DATA",
        "INIT",
        "INIT_ACK",
        "SACK",
        "ABORT:T",
        "ABORT:t",
        "HEARTBEAT",
    ]
    names += [
        "SHUTDOWN",
        "ERROR",
        "COOKIE_ECHO",
        "ECN_CWR",
        "SHUTDOWN_COMPLETE:t",
        "ASCONF",
        "FORWARD_TSN",
    ]
    unique = {n.split(":")[0]: n for n in draw.sample(names, draw.randrange(1, 5))}
    chunks = draw.pick([",".join(unique.values())] * 4 + ["ALL", "NONE"])
    # Without "!": in Linux it makes a match, target included, of what it then drops.
    return f"-m sctp --chunk-types {draw.pick(['any', 'all', 'only'])} {chunks}"


@extension(MATCHES, "dccp", protocols=("dccp",), weight=14)
def dccp(draw, place):
    del place
    kind = draw.randrange(3)
    if kind == 0:
        return "-m dccp " + ports(draw)
    if kind == 1:
        names = (
            "REQUEST RESPONSE DATA ACK DATAACK CLOSEREQ CLOSE RESET SYNC SYNCACK INVALID".split()
        )
        return f"-m dccp {draw.not_()}--dccp-types {draw.some(names)}"
    # Without "!": in Linux it makes a match, target included, of what it then drops.
    return f"-m dccp --dccp-option {draw.pick([1, 2, 32, 33, 37, 41])}"


@extension(MATCHES, "multiport", protocols=PORT_PROTOCOLS, weight=6)
def multiport(draw, place):
    del place
    words, room = [], 15
    for _ in range(draw.randrange(1, 6)):
        word = number_range(draw, draw.palette.ports, 65535)
        room -= 2 if ":" in word else 1
        if room >= 0:
            words.append(word)
    return (
        f"-m multiport {draw.not_()}--{draw.pick(['sports', 'dports', 'ports'])} {','.join(words)}"
    )


@extension(MATCHES, "esp", protocols=("esp",), weight=14)
def esp(draw, place):
    del place
    return f"-m esp {draw.not_()}--espspi {number_range(draw, draw.palette.spis, 0xFFFFFFFF)}"


@extension(MATCHES, "ah", families=V4, protocols=("ah",), weight=14)
def ah(draw, place):
    del place
    return f"-m ah {draw.not_()}--ahspi {number_range(draw, draw.palette.spis, 0xFFFFFFFF)}"


@extension(MATCHES, "ipcomp", protocols=("ipcomp",), weight=14)
def ipcomp(draw, place):
    del place
    reserved = " --compres" if draw.chance(0.2) else ""
    spi = number_range(draw, [1, 2, 256, 0x1234], 0xFFFF)
    return f"-m ipcomp {draw.not_()}--ipcompspi {spi}{reserved}"


def some_address(draw, family):
    groups = (
        draw.palette.far[family]["in0"]
        + draw.palette.far[family]["out0"]
        + draw.palette.ours[family]
    )
    return draw.often(groups, draw.palette.groups[family] + draw.palette.odd[family], 0.1)


@extension(MATCHES, "iprange", weight=5)
def iprange(draw, place):
    words = []
    for side in draw.pick([("src",), ("dst",), ("src", "dst")]):
        low = ipaddress.ip_address(some_address(draw, place.family))
        high = (
            low + draw.randrange(0, 300)
            if int(low) + 300 < 2**32 or place.family == "ipv6"
            else low
        )
        if int(high).bit_length() > low.max_prefixlen:
            high = low
        words.append(f"{draw.not_()}--{side}-range {low}-{high}")
    return "-m iprange " + " ".join(words)


@extension(MATCHES, "mac", hooks=INBOUND)
def mac(draw, place):
    del place
    return f"-m mac {draw.not_()}--mac-source {draw.pick(draw.palette.source_macs)}"


@extension(MATCHES, "length")
def length(draw, place):
    del place
    sizes = number_range(draw, [20, 28, 40, 60, 84, 100, 150, 1400, 1500], 65535)
    return f"-m length {draw.not_()}--length {sizes}"


@extension(MATCHES, "ttl", families=V4)
def ttl(draw, place):
    del place
    value = draw.pick(draw.palette.ttls)
    return "-m ttl " + draw.pick(
        [f"{draw.not_()}--ttl-eq {value}", f"--ttl-gt {value}", f"--ttl-lt {value}"]
    )


@extension(MATCHES, "tos")
def tos(draw, place):
    del place
    value = draw.pick(
        ["0x10", "0xb8", "0x28/0xfc", "0x00/0x03", "0x01/0x01", "Minimize-Delay", "0x00"]
    )
    return f"-m tos {draw.not_()}--tos {value}"


@extension(MATCHES, "dscp")
def dscp(draw, place):
    del place
    which = draw.pick(
        [
            "--dscp 0",
            "--dscp 0x2e",
            "--dscp-class EF",
            "--dscp-class AF11",
            "--dscp-class CS0",
            "--dscp 4",
        ]
    )
    return f"-m dscp {draw.not_()}{which}"


@extension(MATCHES, "ecn ip")
def ecn_ip(draw, place):
    del place
    return f"-m ecn {draw.not_()}--ecn-ip-ect {draw.randrange(4)}"


@extension(MATCHES, "ecn tcp", protocols=("tcp",))
def ecn_tcp(draw, place):
    if place.family == "ipv6" and place.hides_tcp:
        return None
    return f"-m ecn {draw.not_()}--ecn-tcp-{draw.pick(['cwr', 'ece'])}"


@extension(MATCHES, "tcpmss", protocols=("tcp",), weight=5)
def tcpmss(draw, place):
    if place.family == "ipv6" and place.hides_tcp:
        return None
    sizes = number_range(draw, [536, 1200, 1360, 1460, 65535, 0, 100], 65535)
    return f"-m tcpmss {draw.not_()}--mss {sizes}"


@extension(MATCHES, "mark", weight=8)
def mark(draw, place):
    del place
    value = draw.pick(draw.palette.marks)
    mask = draw.pick(["", "", "/0xff", "/0x80000001", "/0x0"])
    return f"-m mark {draw.not_()}--mark 0x{value:x}{mask}"


@extension(MATCHES, "pkttype")
def pkttype(draw, place):
    del place
    return f"-m pkttype {draw.not_()}--pkt-type {draw.pick(['unicast', 'broadcast', 'multicast'])}"


TYPES = "UNSPEC UNICAST LOCAL BROADCAST ANYCAST MULTICAST BLACKHOLE UNREACHABLE PROHIBIT".split()


def addrtype_words(draw, family):
    usual = ["UNICAST", "LOCAL", "MULTICAST"] + (
        ["BROADCAST"] if family == "ipv4" else ["UNREACHABLE"]
    )
    rare = TYPES if family == "ipv4" else ["ANYCAST", "UNICAST", "UNSPEC"]
    words = []
    for side in draw.pick([("src",), ("dst",), ("dst",), ("src", "dst")]):
        types = draw.sample(usual, draw.randrange(1, 3)) if draw.chance(0.8) else [draw.pick(rare)]
        words.append(f"{draw.not_()}--{side}-type {','.join(types)}")
    return " ".join(words)


@extension(MATCHES, "addrtype", weight=5)
def addrtype(draw, place):
    return "-m addrtype " + addrtype_words(draw, place.family)


@extension(MATCHES, "addrtype in", hooks=INBOUND, weight=2)
def addrtype_in(draw, place):
    return f"-m addrtype {addrtype_words(draw, place.family)} --limit-iface-in"


@extension(MATCHES, "addrtype out", hooks=OUTBOUND, weight=2)
def addrtype_out(draw, place):
    return f"-m addrtype {addrtype_words(draw, place.family)} --limit-iface-out"


@extension(MATCHES, "comment", weight=2)
def comment(draw, place):
    del place
    return "-m comment --comment " + draw.pick(
        ['"a comment"', "word", '"it\'s \\"quoted\\""', '"x: y, z (1)"']
    )


@extension(MATCHES, "string", weight=8)
def string(draw, place):
    del place
    word = draw.pick(draw.palette.words)
    word = word[draw.randrange(len(word) - 2) :] if draw.chance(0.3) else word
    is_plain = all(32 < b < 127 and b not in b"|\\\"'" for b in word)
    if is_plain and draw.chance(0.6):
        text = word.decode()
        text = text.swapcase() if draw.chance(0.3) else text
        pattern = f'{draw.not_()}--string "{text}"'
    else:
        pattern = f'{draw.not_()}--hex-string "|{word.hex()}|"'
    options = " --icase" if draw.chance(0.3) else ""
    if draw.chance(0.3):
        options += f" --from {draw.pick([0, 20, 28, 40, 50])}"
    if draw.chance(0.3):
        options += f" --to {draw.pick([60, 70, 100, 1000])}"
    return f"-m string {pattern} --algo {draw.pick(['bm', 'kmp'])}{options}"


U32 = [
    "0>>22&0x3C@0>>16=53,80,443",
    "0&0xFFFF=0x14:0x60",
    "6&0xFF=6,17",
    "4&0x3FFF=0",
    "0>>22&0x3C@12>>26&0x3C@0=0x47455420",
    "8>>24=0:63&&6&0xFF=1",
    "12=0x0A000102",
    "40&0xFFFF=53:443",
    "4>>8&0xFF=6,17,58",
    "0>>28=6",
    "36<<8>>24=0",
    "0>>22&0x3C@4000=0",
]


@extension(MATCHES, "u32", weight=5)
def u32(draw, place):
    del place
    return f'-m u32 {draw.not_()}--u32 "{draw.pick(U32)}"'


BPF = {
    "ipv4": [
        "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0",
        "4,48 0 0 9,21 0 1 17,6 0 0 1,6 0 0 0",
        "1,6 0 0 0",
        "1,6 0 0 65535",
        "5,177 0 0 0,72 0 0 2,21 0 1 53,6 0 0 1,6 0 0 0",
        "4,128 0 0 0,53 0 1 100,6 0 0 1,6 0 0 0",
        "6,32 0 0 12,84 0 0 4294967040,21 0 1 167772416,6 0 0 1,6 0 0 0,6 0 0 0",
        "3,48 0 0 2000,6 0 0 1,6 0 0 0",
    ],
    "ipv6": [
        "4,48 0 0 6,21 0 1 6,6 0 0 1,6 0 0 0",
        "4,48 0 0 6,21 0 1 17,6 0 0 1,6 0 0 0",
        "4,40 0 0 42,21 0 1 53,6 0 0 1,6 0 0 0",
        "4,128 0 0 0,53 0 1 100,6 0 0 1,6 0 0 0",
        "3,48 0 0 2000,6 0 0 1,6 0 0 0",
    ],
}


@extension(MATCHES, "bpf", weight=3)
def bpf(draw, place):
    return f'-m bpf --bytecode "{draw.pick(BPF[place.family])}"'


@extension(MATCHES, "realm", families=V4, hooks=OUTBOUND | {"INPUT"}, weight=1)
def realm(draw, place):
    del place
    return f"-m realm {draw.not_()}--realm {draw.pick(['0', '1', '0x0/0xff', '7/0x7'])}"


@extension(MATCHES, "devgroup in", hooks=INBOUND, weight=2)
def devgroup_in(draw, place):
    del place
    return f"-m devgroup {draw.not_()}--src-group {draw.pick(['0', '1', '0x1/0xff'])}"


@extension(MATCHES, "devgroup out", hooks=OUTBOUND, weight=2)
def devgroup_out(draw, place):
    del place
    return f"-m devgroup {draw.not_()}--dst-group {draw.pick(['0', '1', '0x0/0xff'])}"


@extension(MATCHES, "physdev", hooks=INBOUND | {"POSTROUTING"}, weight=1)
def physdev(draw, place):
    del place
    what = draw.pick(["is-in", "in in0", "in in+", "is-bridged"])
    return f"-m physdev {draw.not_(0.5)}--physdev-{what}"


@extension(
    MATCHES, "rpfilter", tables=("raw", "mangle"), hooks=frozenset(("PREROUTING",)), weight=6
)
def rpfilter(draw, place):
    del place
    options = [
        o for o in ("--loose", "--validmark", "--accept-local", "--invert") if draw.chance(0.3)
    ]
    return " ".join(["-m rpfilter", *options])
