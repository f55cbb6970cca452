# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables, chains and rules."""

from gen import matches, matches6, stateful, targets
from gen.place import ALL_HOOKS, MATCHES, TARGETS, Place, choose
from scenario import BUILTIN, Table

EXTENSIONS = (matches, matches6, stateful, targets)
"""The modules that fill MATCHES and TARGETS."""

PROTOCOLS = {
    "ipv4": ["tcp", "udp", "icmp", "sctp", "dccp", "ah", "esp", "udplite", "ipcomp"],
    "ipv6": ["tcp", "udp", "icmpv6", "sctp", "dccp", "esp", "udplite", "ipcomp", "mh"],
}
BARE_PROTOCOLS = ["tcp", "udp", "icmp", "gre", "47", "ah", "4", "all", "89", "ipv6", "255", "sctp"]
BARE_PROTOCOLS6 = [
    "tcp",
    "udp",
    "icmpv6",
    "gre",
    "47",
    "esp",
    "41",
    "59",
    "255",
    "sctp",
    "mh",
]
NUMBERS = {"dccp": "33", "udplite": "136", "ipcomp": "108", "mh": "135"}


def mask(draw, family):
    if family == "ipv4":
        return draw.pick(
            ["", "", "/24", "/8", "/31", "/0", "/255.255.0.255", "/0.0.0.255", "/255.0.0.3", "/29"]
        )
    return draw.pick(["", "", "/64", "/16", "/127", "/0", "/ffff::ffff", "/ffff:ffff::"])


def network(draw, family):
    return matches.some_address(draw, family) + mask(draw, family)


def interface(draw):
    return draw.pick(["in0", "out0", "in+", "out+", "o+", "lo", "+", "in0+", "out"])


def selectors(draw, place):
    """-s -d -i -o and -f."""
    words = []
    if draw.chance(0.15):
        words.append(f"{draw.not_()}-s {network(draw, place.family)}")
    if draw.chance(0.15):
        words.append(f"{draw.not_()}-d {network(draw, place.family)}")
    if draw.chance(0.1) and not place.hooks & {"OUTPUT", "POSTROUTING"}:
        words.append(f"{draw.not_()}-i {interface(draw)}")
    if draw.chance(0.1) and not place.hooks & {"INPUT", "PREROUTING"}:
        words.append(f"{draw.not_()}-o {interface(draw)}")
    if place.family == "ipv4" and draw.chance(0.06):
        words.append(f"{draw.not_(0.5)}-f")
    return words


def some_protocol(draw, family):
    """Mostly one that the scenario's packets have."""
    names = ["icmpv6" if p == "icmp" and family == "ipv6" else p for p in draw.palette.protocols]
    return draw.often([p for p in names if p in PROTOCOLS[family]], PROTOCOLS[family], 0.15)


def rule(draw, place):
    """One rule without its chain. Its text names only what the place allows."""
    words = selectors(draw, place)
    protocol = some_protocol(draw, place.family) if draw.chance(0.5) else None
    if protocol == "tcp" and draw.chance(0.12):
        words += ["-p tcp -m tcp --syn"]
        protocol = "tcp syn"
    elif protocol:
        words.append(f"-p {NUMBERS.get(protocol, protocol)}")
    elif draw.chance(0.2):
        bare = BARE_PROTOCOLS if place.family == "ipv4" else BARE_PROTOCOLS6
        words.append(f"{draw.not_()}-p {draw.pick(bare)}".replace("! -p all", "-p all"))
    used = set()
    for _ in range(draw.pick([0, 1, 1, 1, 1, 2])):
        found = choose(draw, MATCHES, place, (protocol or "").split(" ")[0])
        name = found.name.split(" ")[0]
        if name in used or protocol == "tcp syn" and name == "tcp":
            continue
        used.add(name)
        words.append(found.make(draw, place) or "")
    target = choose(draw, TARGETS, place, protocol).make(draw, place)
    if target is None:
        target = "-j ACCEPT"
    return " ".join(w for w in [*words, target] if w)


class Chains:
    """The user-defined chains of a table: a chain jumps only to later ones."""

    def __init__(self, draw, table):
        self.hooks = {c: frozenset((c,)) for c in BUILTIN[table]}
        self.user = [f"U{n}" for n in range(draw.pick([0, 1, 2, 3]))]
        for name in self.user:
            self.hooks[name] = draw.pick(
                [ALL_HOOKS & set(BUILTIN[table]), frozenset((draw.pick(BUILTIN[table]),))]
            )

    def reachable(self, chain):
        later = self.user[self.user.index(chain) + 1 :] if chain in self.user else self.user
        return [c for c in later if self.hooks[chain] <= self.hooks[c]]


CHAIN_WEIGHT = {"PREROUTING": 4, "FORWARD": 4, "POSTROUTING": 3, "INPUT": 2, "OUTPUT": 1}


def jump(draw, place, below):
    """A rule that enters another chain, of few conditions."""
    few = selectors(draw, place)
    if draw.chance(0.3):
        few.append(f"-p {NUMBERS.get(p := some_protocol(draw, place.family), p)}")
    return " ".join([*few, draw.pick(["-j", "-j", "-g"]), draw.pick(below)])


def table(draw, place, name, count):
    """One table of `count` rules."""
    chains = Chains(draw, name)
    policy = {c: draw.often(["ACCEPT"], ["DROP"], 0.04) for c in BUILTIN[name]}
    found = Table(chains=policy | {c: None for c in chains.user})
    names = list(chains.hooks)
    weights = [CHAIN_WEIGHT.get(c, 3) for c in names]
    for chain in draw.choices(names, weights, k=count):
        here = Place(**{**vars(place), "table": name, "hooks": chains.hooks[chain]})
        below = chains.reachable(chain)
        if below and draw.chance(0.35):
            found.rules.append((chain, jump(draw, here, below)))
        else:
            found.rules.append((chain, rule(draw, here)))
    return found


def ruleset(draw, place, count):
    """The tables of one family, {name: Table}."""
    names = [t for t in BUILTIN if t == "filter" or draw.chance(0.5)]
    return {name: table(draw, place, name, max(1, count // len(names))) for name in names}
