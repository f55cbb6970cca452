# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules with state: every match and target that asks or changes a connection.

A rule's parts are drawn from tables of makers, each a function of the draw and a Spot
that returns text, or None: not here.
"""

from dataclasses import dataclass

from gen import flows_nat
from scenario import Table

TABLES = {
    "raw": ("PREROUTING", "OUTPUT"),
    "mangle": ("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"),
    "nat": ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"),
    "filter": ("INPUT", "FORWARD", "OUTPUT"),
}
WEIGHTS = {"PREROUTING": 4, "FORWARD": 5, "POSTROUTING": 4, "INPUT": 2, "OUTPUT": 2}
STATES = ["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"]
STATUSES = ["NONE", "EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED"]


@dataclass
class Spot:
    """Where a rule stands, and the protocol that it has named."""

    family: str
    table: str
    chain: str
    protocol: str = None
    named: tuple = ()
    """The selectors that it has already."""


def state(draw, spot):
    del spot
    return f"-m state {draw.not_()}--state {draw.some(STATES, 1, 3)}"


def network(draw, spot):
    where = flows_nat.some_address(draw, spot.family)
    sizes = ["", "", "/24", "/16"] if spot.family == "ipv4" else ["", "", "/64", "/32"]
    return where + draw.pick(sizes)


def port_span(draw):
    port = draw.pick(draw.palette.ports)
    return draw.pick(
        [f"{port}", f"{port}", f"{port}:{min(65535, port + 500)}", f"{max(0, port - 9)}:{port}"]
    )


def conntrack(draw, spot):
    parts = {
        "ctstate": lambda: draw.some(STATES + ["SNAT", "DNAT"], 1, 3),
        "ctproto": lambda: draw.pick(draw.palette.protocols[spot.family]),
        "ctorigsrc": lambda: network(draw, spot),
        "ctorigdst": lambda: network(draw, spot),
        "ctreplsrc": lambda: network(draw, spot),
        "ctrepldst": lambda: network(draw, spot),
        "ctorigsrcport": lambda: port_span(draw),
        "ctorigdstport": lambda: port_span(draw),
        "ctreplsrcport": lambda: port_span(draw),
        "ctrepldstport": lambda: port_span(draw),
        "ctstatus": lambda: draw.some(STATUSES, 1, 2),
        "ctexpire": lambda: draw.pick(["0:15", "20:100", "101:400000", "25:32", "0", "100:130"]),
    }
    names = draw.sample(sorted(parts), draw.pick([1, 1, 2, 3]))
    words = [f"{draw.not_()}--{n} {parts[n]()}" for n in sorted(names)]
    if draw.chance(0.2):
        words.append(f"--ctdir {draw.pick(['ORIGINAL', 'REPLY'])}")
    return "-m conntrack " + " ".join(words)


def mark_value(draw):
    return f"0x{draw.pick(draw.palette.marks):x}" + draw.pick(["", "", "/0xff", "/0xf0f"])


def connmark(draw, spot):
    del spot
    return f"-m connmark {draw.not_()}--mark {mark_value(draw)}"


def mark(draw, spot):
    del spot
    return f"-m mark {draw.not_()}--mark {mark_value(draw)}"


def connlimit(draw, spot):
    count = draw.pick([0, 1, 1, 2, 3])
    bits = draw.pick([0, 8, 24, 32] if spot.family == "ipv4" else [0, 16, 64, 128])
    which = draw.pick(["upto", "above"])
    side = draw.pick(["", " --connlimit-saddr", " --connlimit-daddr"])
    return f"-m connlimit --connlimit-{which} {count} --connlimit-mask {bits}{side}"


def connbytes(draw, spot):
    del spot
    mode = draw.pick(["packets", "bytes", "avgpkt"])
    low = draw.pick(
        {"packets": [0, 1, 2, 3, 5], "bytes": [0, 60, 200, 1000], "avgpkt": [0, 50, 60, 100]}[mode]
    )
    high = draw.pick(["", str(low + draw.pick([0, 1, 3, 500]))])
    direction = draw.pick(["original", "reply", "both"])
    # iptables loses the "!" of a range that is one number, and the end of one that ends at 0.
    high = high if high != "0" else "7"
    is_range = high != str(low)
    return (
        f"-m connbytes {draw.not_() if is_range else ''}--connbytes {low}:{high} "
        f"--connbytes-mode {mode} --connbytes-dir {direction}"
    )


def connlabel(draw, spot):
    del spot
    label = draw.pick([0, 1, 31, 32, 64, 127])
    return f"-m connlabel {draw.not_()}--label {label}" + draw.pick(["", " --set"])


def helper(draw, spot):
    del spot
    return f"-m helper {draw.not_()}--helper {draw.pick(['ftp', 'tftp', 'irc'])}"


def cluster(draw, spot):
    del spot
    total = draw.pick([1, 2, 3])
    return (
        f"-m cluster --cluster-total-nodes {total} {draw.not_()}--cluster-local-node "
        f"{draw.randrange(1, total + 1)} --cluster-hash-seed 0x{draw.getrandbits(32):x}"
    )


def ports(draw, spot):
    if spot.protocol not in ("tcp", "udp", "sctp"):
        return None
    return f"-m {spot.protocol} --{draw.pick(['dport', 'dport', 'sport'])} {port_span(draw)}"


def syn(draw, spot):
    return f"-m tcp {draw.not_()}--syn" if spot.protocol == "tcp" else None


MATCHES = {
    state: 5,
    conntrack: 12,
    connmark: 3,
    mark: 2,
    connlimit: 0.5,
    connbytes: 4,
    connlabel: 3,
    helper: 1,
    cluster: 1,
    ports: 4,
    syn: 2,
}


def nothing(draw, spot):
    del draw, spot
    return ""


def ending(verdict):
    def make(draw, spot):
        del draw, spot
        return f"-j {verdict}"

    return make


def set_mark(draw, spot):
    del spot
    kind = draw.pick(["set-mark", "set-xmark", "or-mark", "and-mark"])
    value = f"0x{draw.pick(draw.palette.marks):x}"
    return f"-j MARK --{kind} {value}"


def set_connmark(draw, spot):
    value = f"0x{draw.pick(draw.palette.marks):x}"
    kinds = [
        f"set-xmark {mark_value(draw)}",
        f"set-mark {mark_value(draw)}",
        f"or-mark {value}",
        f"and-mark {value}",
        f"xor-mark {value}",
        "save-mark",
        "save-mark --nfmask 0xff --ctmask 0xffff",
        "save-mark --mask 0xf",
    ]
    if spot.table == "mangle":
        kinds += [
            "restore-mark",
            "restore-mark --mask 0xff",
            "restore-mark --nfmask 0xf0 --ctmask 0xff",
        ]
    return f"-j CONNMARK --{draw.pick(kinds)}"


def zone(draw, spot):
    which = draw.pick(["zone", "zone", "zone-orig"])  # for the other see doc/differences.md
    return f"-j CT --{which} {draw.pick([1, 5, 5, 'mark'])}"


def set_helper(draw, spot):
    names = {"tcp": ["ftp", "irc"], "udp": ["tftp"]}
    if spot.family == "ipv6":
        names["tcp"] = ["ftp"]  # the only one of the two that Linux has there
    if spot.protocol not in names:
        return None
    return f"-j CT --helper {draw.pick(names[spot.protocol])}"


def events(draw, spot):
    del spot
    return f"-j CT --ctevents {draw.some(['new', 'destroy', 'mark', 'reply'], 1, 2)}"


def notrack(draw, spot):
    del spot
    return draw.pick(["-j NOTRACK", "-j CT --notrack"])


def reject(draw, spot):
    """Not of what the router itself sends: the answer would come in again."""
    if spot.chain not in ("INPUT", "FORWARD"):
        return None
    if spot.protocol == "tcp" and draw.chance(0.5):
        return "-j REJECT --reject-with tcp-reset"
    kinds = {
        "ipv4": ["icmp-port-unreachable", "icmp-host-prohibited", "icmp-net-unreachable"],
        "ipv6": ["icmp6-port-unreachable", "icmp6-adm-prohibited", "icmp6-no-route"],
    }
    return f"-j REJECT --reject-with {draw.pick(kinds[spot.family])}"


def hop_limit(draw, spot):
    name, word = ("TTL", "ttl") if spot.family == "ipv4" else ("HL", "hl")
    return f"-j {name} --{word}-{draw.pick(['set 64', 'dec 1', 'set 1', 'inc 5'])}"


def mss(draw, spot):
    if spot.protocol != "tcp" or spot.chain == "PREROUTING":
        return None
    return "-m tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1000"


def prefix(draw, spot):
    """Stateless prefixes beside state; only what its hooks allow."""
    if spot.family != "ipv6":
        return None
    pairs = draw.pick(["fd00:2::/64 --dst-pfx fd07::/64", "fd00:1::/64 --dst-pfx 2001:db8:7::/64"])
    if spot.chain in ("PREROUTING", "OUTPUT"):
        return f"-j DNPT --src-pfx {pairs}"
    return f"-j SNPT --src-pfx {pairs}" if spot.chain in ("INPUT", "POSTROUTING") else None


TARGETS = {
    "raw": {
        nothing: 3,
        ending("ACCEPT"): 1,
        ending("DROP"): 0.3,
        set_mark: 3,
        zone: 3,
        set_helper: 2,
        events: 1,
        notrack: 2,
    },
    "mangle": {
        nothing: 4,
        ending("ACCEPT"): 1,
        ending("DROP"): 0.4,
        set_mark: 5,
        set_connmark: 7,
        hop_limit: 1,
        mss: 1,
        prefix: 0.5,
    },
    "nat": flows_nat.TARGETS | {nothing: 1, ending("ACCEPT"): 0.7},
    "filter": {
        nothing: 7,
        ending("ACCEPT"): 5,
        ending("DROP"): 1.2,
        reject: 1.5,
        set_mark: 1,
        set_connmark: 1,
    },
}


def choose(draw, makers, spot):
    while True:
        found = draw.choices(list(makers), list(makers.values()))[0](draw, spot)
        if found is not None:
            return found


def selectors(draw, spot):
    words = []
    spot.named = tuple(side for side in ("-s", "-d") if draw.chance(0.15))
    words += [f"{draw.not_()}{side} {network(draw, spot)}" for side in spot.named]
    if draw.chance(0.15) and spot.chain in ("PREROUTING", "INPUT", "FORWARD"):
        words.append(f"-i {draw.pick(['in0', 'out0'])}")
    if draw.chance(0.15) and spot.chain in ("POSTROUTING", "OUTPUT", "FORWARD"):
        words.append(f"-o {draw.pick(['in0', 'out0'])}")
    if draw.chance(0.6 if spot.table == "nat" else 0.4):
        spot.protocol = draw.pick(draw.palette.protocols[spot.family])
        words.append(f"-p {spot.protocol}")
    return words


def matches(draw, spot, count):
    """A rule may hold several matches, but one of a kind."""
    found = {}
    while len(found) < count:
        make = draw.choices(list(MATCHES), list(MATCHES.values()))[0]
        if spot.table == "raw" and make in (connlimit, connlabel, helper, connbytes, cluster):
            make = mark
        text = make(draw, spot)
        if text is not None:
            found[make] = text
    return list(found.values())


def rule(draw, family, table, chain):
    spot = Spot(family, table, chain)
    words = selectors(draw, spot)
    few = [0, 0, 0, 1] if table == "nat" else [0, 1, 1, 1, 2]
    words += matches(draw, spot, draw.pick(few))
    words.append(choose(draw, TARGETS[table], spot))
    return " ".join(w for w in words if w)


def table(draw, family, name, count):
    found = Table(chains={c: "ACCEPT" for c in TABLES[name]})
    names = list(TABLES[name])
    for chain in draw.choices(names, [WEIGHTS[c] for c in names], k=count):
        found.rules.append((chain, rule(draw, family, name, chain)))
    if name == "filter" and draw.chance(0.2):
        chain = draw.pick(TABLES[name])
        found.chains[chain] = "DROP"
        found.rules.insert(0, (chain, "-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT"))
        found.rules.append(
            (chain, f"-m state --state NEW -p {draw.pick(['tcp', 'udp'])} -j ACCEPT")
        )
    return found


def ruleset(draw, family):
    """All tables of a family. A last rule asks for state, so that both sides track."""
    found = {}
    for name, least, most in (("raw", 1, 4), ("mangle", 0, 8), ("nat", 1, 6), ("filter", 2, 10)):
        if name == "filter" or draw.chance({"raw": 0.55, "mangle": 0.7, "nat": 0.8}[name]):
            found[name] = table(draw, family, name, draw.randrange(least, most + 1))
    found["filter"].rules.append(("OUTPUT", "-m conntrack --ctstate INVALID"))
    return found
