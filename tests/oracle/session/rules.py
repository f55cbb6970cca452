# SPDX-License-Identifier: GPL-2.0-or-later
"""The router's policy in a session, as text for iptables-restore.

Nothing is forwarded but the service, what belongs to it, and what its helper foresees.
Each way in has a rule of its own, so that the counters tell which was taken.
"""

from dataclasses import dataclass, field

from session import network as n


@dataclass(frozen=True)
class Service:
    match: str
    """What finds its first packet: -p tcp --dport 21"""
    helper: str = ""


@dataclass
class Session:
    name: str
    rules: dict
    """family: text"""
    play: callable
    """Plays it: play(network)."""
    needs: tuple = ()
    """Programs."""
    is_local: bool = False
    """The router speaks itself."""
    engine_rules: dict = field(default_factory=dict)
    """Those of the engine where the kernel lacks the helper; its own are then without it."""


def table(name, chains, lines):
    declared = "".join(f":{chain} {policy} [0:0]\n" for chain, policy in chains.items())
    return f"*{name}\n{declared}" + "".join(f"{line}\n" for line in lines) + "COMMIT\n"


def helper_names(services):
    return list(dict.fromkeys(s.helper for s in services if s.helper))


def policy(services, nat=()):
    """nat: lines of the nat table; without any, there is none."""
    raw = [f"-A PREROUTING {s.match} -j CT --helper {s.helper}" for s in services if s.helper]
    forward = ["-A FORWARD -m conntrack --ctstate INVALID -j DROP"]
    forward += ["-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT"]
    forward += [
        f"-A FORWARD -m conntrack --ctstate RELATED -m helper --helper {h} -j ACCEPT"
        for h in helper_names(services)
    ]
    forward += ["-A FORWARD -m conntrack --ctstate RELATED -j ACCEPT"]
    forward += [f"-A FORWARD {s.match} -m conntrack --ctstate NEW -j ACCEPT" for s in services]
    text = table("raw", {"PREROUTING": "ACCEPT", "OUTPUT": "ACCEPT"}, raw)
    if nat:
        chains = dict.fromkeys(("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"), "ACCEPT")
        text += table("nat", chains, nat)
    chains = {"INPUT": "DROP", "FORWARD": "DROP", "OUTPUT": "ACCEPT"}
    return text + table("filter", chains, forward)


# The nat table's lines. The office goes out as the router, or the world comes in by it.


def snat(family="ipv4"):
    to = n.ROUTER_OUT if family == "ipv4" else n.ROUTER_OUT6
    return [f"-A POSTROUTING -o out0 -j SNAT --to-source {to}"]


MASQUERADE = ["-A POSTROUTING -o out0 -j MASQUERADE"]


def dnat(services, family="ipv4", to=None):
    public = n.ROUTER_OUT if family == "ipv4" else n.ROUTER_OUT6
    to = to or (n.INNER if family == "ipv4" else n.INNER6)
    return [f"-A PREROUTING -d {public} {s.match} -j DNAT --to-destination {to}" for s in services]


def both(services, family="ipv4"):
    """The server within sees the router as its client."""
    to = n.ROUTER_IN if family == "ipv4" else n.ROUTER_IN6
    return dnat(services, family) + [f"-A POSTROUTING -o in0 -j SNAT --to-source {to}"]
