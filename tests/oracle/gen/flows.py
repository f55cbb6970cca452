# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios of flows: a seed makes rules, settings and interleaved conversations."""

from dataclasses import dataclass, field

import topology
from gen import flows_other, flows_rules, flows_tcp, palette
from gen import flows_wire as wire
from gen.draw import Draw
from gen.flows_flow import Flow, View
from gen.layer4 import SCTP, TCP, UDP, UDPLITE
from ct_scenario import FlowScenario

GRE = 47
FAMILIES = [["ipv4"], ["ipv4"], ["ipv6"], ["ipv6"], ["ipv4", "ipv6"]]
SERVER_PORTS = [80, 443, 53, 8080, 21, 69, 5060]
HOPS = {
    (4, "in0"): ["10.0.1.3"],
    (4, "out0"): ["10.0.2.2", "10.9.255.1"],
    (4, topology.LOCAL_OUT): ["10.0.1.1"],
    (16, "in0"): ["fd00:1::3"],
    (16, "out0"): ["fd00:2::2", "fd09::ff"],
    (16, topology.LOCAL_OUT): ["fd00:1::1"],
}
PROTOCOL_WEIGHTS = {
    "tcp": 10,
    "udp": 5,
    "icmp": 4,
    "sctp": 1.2,
    "udplite": 0.7,
    "gre": 0.8,
    "other": 0.8,
}
NUMBERS = {"tcp": TCP, "udp": UDP, "sctp": SCTP, "udplite": UDPLITE, "gre": GRE}
SPEAKERS = {
    TCP: flows_tcp.Tcp,
    UDP: flows_other.Udp,
    UDPLITE: flows_other.Udp,
    SCTP: flows_other.Sctp,
}
RULE_NAMES = {"udplite": "136", "gre": "47", "other": "253"}
SETTINGS = {
    "tcp_loose": ["0"],
    "tcp_be_liberal": ["1"],
    "tcp_ignore_invalid_rst": ["1"],
    "checksum": ["0"],
    "tcp_max_retrans": ["1", "5"],
    "tcp_timeout_established": ["1000"],
    "tcp_timeout_syn_sent": ["60"],
    "tcp_timeout_time_wait": ["30"],
    "tcp_timeout_max_retrans": ["200"],
    "tcp_timeout_unacknowledged": ["200"],
    "udp_timeout": ["20", "60"],
    "udp_timeout_stream": ["90"],
    "icmp_timeout": ["15"],
    "icmpv6_timeout": ["15"],
    "generic_timeout": ["300"],
    "gre_timeout": ["45"],
    "sctp_timeout_established": ["1000"],
    "timestamp": ["1"],
}
SHORT = {
    "tcp_timeout_syn_sent": "1",
    "tcp_timeout_time_wait": "1",
    "tcp_timeout_close": "1",
    "udp_timeout": "1",
    "udp_timeout_stream": "2",
    "icmp_timeout": "1",
    "icmpv6_timeout": "1",
    "generic_timeout": "2",
    "tcp_timeout_established": "2",
}
WAIT_MS = 1300
COUNTING_MS = 16
"""connlimit forgets what ended after two jiffies, which are eight milliseconds."""
TIMED_SHARE = 0.02


@dataclass
class FlowPalette:
    """What rules and flows of one scenario share."""

    far: dict
    ours: dict
    words: list
    marks: list
    server_ports: list
    client_ports: list
    protocols: dict
    routers: dict
    fragment_share: float
    odd_share: float
    large_share: float
    """Of messages that fit the wire of in0 and not that of out0."""
    fragment_id: int
    free_ports: list = field(default_factory=list)

    @property
    def ports(self):
        return self.server_ports + self.client_ports

    def next_fragment_id(self):
        self.fragment_id += 1
        return self.fragment_id


def new_palette(draw, count):
    base = palette.narrow(draw)
    names = list(PROTOCOL_WEIGHTS)
    few = set(draw.choices(names, list(PROTOCOL_WEIGHTS.values()), k=draw.pick([1, 2, 3, 4])))
    known = sorted(few)
    low = draw.pick([1024, 20000, 33000, 600])
    clients = [low + 7 * n for n in range(count)]
    if draw.chance(0.1):
        clients[0] = draw.pick([500, 1023, 65535])
    return (
        FlowPalette(
            far=base.far,
            ours={
                f: [a for a in some if not a.startswith("fe80")] or palette.OURS[f][:1]
                for f, some in base.ours.items()
            },
            words=base.words,
            marks=base.marks,
            server_ports=draw.sample(SERVER_PORTS, 2),
            client_ports=clients,
            protocols={
                "ipv4": [RULE_NAMES.get(n, n) for n in known],
                "ipv6": ["icmpv6" if n == "icmp" else RULE_NAMES.get(n, n) for n in known],
            },
            routers={key: [wire.address(a) for a in some] for key, some in HOPS.items()},
            fragment_share=draw.pick([0, 0, 0, 0, 0, 0.05, 0.3]),
            odd_share=draw.pick([0.1, 0.3, 0.3, 0.6]),
            large_share=draw.pick([0, 0, 0.05, 0.2]),
            fragment_id=draw.getrandbits(15),
            free_ports=list(clients),
        ),
        known,
    )


def ends(draw, family):
    """(place, address) of the client, and of whom it means to talk to."""
    far, ours = draw.palette.far[family], draw.palette.ours[family]
    kind = draw.random()
    if kind < 0.62:
        return "in0", draw.pick(far["in0"]), "out0", draw.pick(far["out0"])
    if kind < 0.72:
        return "out0", draw.pick(far["out0"]), "in0", draw.pick(far["in0"])
    if kind < 0.84:
        place = draw.often(["in0"], ["out0"], 0.3)
        return place, draw.pick(far[place]), topology.LOCAL_OUT, draw.pick(ours)
    if kind < 0.95:
        place = draw.often(["out0"], ["in0"], 0.2)
        return topology.LOCAL_OUT, draw.pick(ours), place, draw.pick(far[place])
    return "in0", far["in0"][0], "in0", far["in0"][-1]


def protocol_number(draw, name, family):
    if name == "icmp":
        return wire.control(bytes(4 if family == "ipv4" else 16))
    return NUMBERS.get(name) or draw.pick([253, 89, 50, 51])


def new_flow(draw, number, known, families):
    family = draw.pick(families)
    name = draw.choices(known, [PROTOCOL_WEIGHTS[k] for k in known])[0]
    protocol = protocol_number(draw, name, family)
    place, own, other_place, other = ends(draw, family)
    own, other = wire.address(own), wire.address(other)
    port = draw.palette.free_ports.pop()
    far_port = draw.pick(draw.palette.server_ports)
    if name == "icmp":
        far_port = port
    look = wire.Look(
        ttl=draw.often([64, 255, 128], [2, 1], 0.04),
        tos=draw.pick([0, 0, 0x10]),
        df=draw.chance(0.5),
        has_options=draw.chance(0.04),
    )
    flow = Flow(
        draw=draw,
        name=f"{name} {number}",
        protocol=protocol,
        client=View(place, own, port, other, far_port),
        server=View(other_place, other, far_port, own, port),
        look=look,
        ident=draw.getrandbits(15),
    )
    if protocol in SPEAKERS:
        return SPEAKERS[protocol](draw, flow).conversation()
    speaker = flows_other.Echo if name == "icmp" else flows_other.Bare
    return speaker(draw, flow).conversation()


class Script:
    """Plays the conversations of a scenario by turns: next(outcome) gives the next step."""

    def __init__(self, seed):
        self.draw = Draw(f"flows {seed}")
        draw = self.draw
        self.families = draw.pick(FAMILIES)
        count = draw.randrange(2, 9)
        draw.palette, self.known = new_palette(draw, count)
        self.budget = draw.randrange(20, 81)
        self.is_timed = draw.chance(TIMED_SHARE)
        self.rules = {f: flows_rules.ruleset(draw, f) for f in self.families}
        self.settings = self.new_settings()
        rules = str(self.rules)
        self.pause_ms = COUNTING_MS if "connlimit" in rules else 0
        self.waits = [draw.randrange(5, 40) for _ in range(2)] if self.is_timed else []
        self.waiting = [new_flow(draw, n, self.known, self.families) for n in range(count)]
        self.pending = {}
        """The step that each running conversation wants to make next."""
        self.turn = None

    def new_settings(self):
        draw = self.draw
        if self.is_timed:
            return dict(SHORT)
        if draw.chance(0.6):
            return {}
        names = draw.sample(sorted(SETTINGS), draw.randrange(1, 4))
        return {n: draw.pick(SETTINGS[n]) for n in sorted(names)}

    @property
    def known_ports(self):
        """Every port that Linux need not have drawn by chance."""
        return set(self.draw.palette.ports) | {5000, 8000, 8001}

    def start(self):
        """Sometimes one more conversation begins; always where none is running."""
        while self.waiting and (not self.pending or self.draw.chance(0.25)):
            conversation = self.waiting.pop()
            if (step := next(conversation, None)) is not None:
                self.pending[conversation] = step

    def heard(self, outcome):
        """The conversation whose turn it was learns what came of it."""
        try:
            self.pending[self.turn] = self.turn.send(outcome)
        except StopIteration:
            del self.pending[self.turn]
            self.turn = None

    def step(self, outcome):
        """The next step, or None at the end; the outcome is that of the step before."""
        if self.turn is not None:
            self.heard(outcome)
        self.start()
        if not self.pending or self.budget == 0:
            return None
        self.budget -= 1
        if self.turn is None or self.draw.chance(0.5):
            self.turn = self.draw.pick(list(self.pending))
        step = self.pending[self.turn]
        step.wait_ms = self.pause_ms
        if self.budget in self.waits:
            step.wait_ms = WAIT_MS
        return step


def scenario(seed, attempt=0):
    """A scenario whose packets are still to be played."""
    script = Script(f"{seed} {attempt}" if attempt else seed)
    found = FlowScenario(seed=f"{seed:x}", rules=script.rules, settings=script.settings)
    found.script = script
    return found
