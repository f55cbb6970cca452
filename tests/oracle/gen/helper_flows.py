# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios of helpers: a conversation with what its protocol announces, and with what
almost does; then who was announced comes, or somebody else does."""

import struct
from dataclasses import dataclass

import topology
from gen import flows_tcp, flows_wire as wire, helper_words as words, palette
from gen.draw import Draw
from gen.flows_flow import CLIENT, SERVER, Flow, View
from gen.layer4 import TCP, UDP
from ct_scenario import FlowScenario
from scenario import Table

ACK, PSH, SYN = flows_tcp.ACK, flows_tcp.PSH, flows_tcp.SYN
BOTH = ("ipv4", "ipv6")


@dataclass(frozen=True)
class Protocol:
    name: str
    number: int
    port: int
    make: object
    families: tuple = BOTH
    weight: float = 1
    speakers: tuple = (CLIENT, SERVER)


PROTOCOLS = (
    Protocol("ftp", TCP, 21, words.ftp, weight=4),
    Protocol("irc", TCP, 6667, words.irc, ("ipv4",), 2, (CLIENT, CLIENT, SERVER)),
    Protocol("sane", TCP, 6566, words.sane),
    Protocol("tftp", UDP, 69, words.tftp, speakers=(CLIENT, CLIENT, SERVER)),
    Protocol("amanda", UDP, 10080, words.amanda, weight=2, speakers=(SERVER, SERVER, CLIENT)),
    Protocol("snmp", UDP, 161, words.snmp, ("ipv4",), 2, (SERVER, SERVER, CLIENT)),
    Protocol("snmp_trap", UDP, 162, words.snmp, ("ipv4",), 1, (CLIENT, CLIENT, SERVER)),
)
SEEN = {"ipv4": ["10.0.2.1", "10.0.2.100"], "ipv6": ["fd00:2::1", "fd00:2::100"]}
"""Behind which address of out0 those of in0 are."""
SHARES = {
    "fragment_share": 0,
    "odd_share": 0,
    "large_share": 0,
}


def datagram(port, peer_port, data):
    return struct.pack("!HHHH", port, peer_port, 8 + len(data), 0) + data


class Quiet:
    """What conversations ask of a palette, for scenarios that are about payloads."""

    def __init__(self, base):
        self.words, self.routers = base.words, {}
        vars(self).update(SHARES)


def rules(draw, family, protocol, server):
    """The helper by rule; NAT of the one side, of the other, of both, or none."""
    name = "tcp" if protocol.number == TCP else "udp"
    service = f"-p {name} -m {name} --dport {protocol.port}"
    kind = draw.pick(["plain", "snat", "snat", "dnat", "dnat", "both", "masquerade"])
    found = {
        "raw": Table({"PREROUTING": "ACCEPT", "OUTPUT": "ACCEPT"}),
        "nat": Table({c: "ACCEPT" for c in ("PREROUTING", "INPUT", "OUTPUT", "POSTROUTING")}),
        "filter": Table({"INPUT": "ACCEPT", "FORWARD": "ACCEPT", "OUTPUT": "ACCEPT"}),
    }
    found["raw"].rules.append(("PREROUTING", f"{service} -j CT --helper {protocol.name}"))
    if kind in ("snat", "both"):
        port = draw.often([""], [":5000"], 0.2) if family == "ipv4" else ""
        where = f"{draw.pick(SEEN[family])}{port}"
        text = f"-p {name} -j SNAT --to-source {where}" if port else f"-j SNAT --to-source {where}"
        found["nat"].rules.append(("POSTROUTING", f"-o out0 {text}"))
    if kind == "masquerade":
        found["nat"].rules.append(("POSTROUTING", "-o out0 -j MASQUERADE"))
    if kind in ("dnat", "both"):
        text = f"-i in0 {service} -j DNAT --to-destination {server}"
        found["nat"].rules.append(("PREROUTING", text))
    forward = [
        "-m conntrack --ctstate INVALID",
        f"-m helper --helper {protocol.name}",
        "-m conntrack --ctstate RELATED",
        "-m conntrack --ctstatus EXPECTED --ctstate NEW,ESTABLISHED",
    ]
    found["filter"].rules += [("FORWARD", text) for text in forward]
    found["filter"].rules.append(("OUTPUT", "-m conntrack --ctstate INVALID"))
    return found


class Talk:
    """The conversation, and those that it announces."""

    def __init__(self, script, flow):
        self.script, self.flow, self.draw = script, flow, script.draw
        self.protocol = script.protocol
        self.is_tcp = self.protocol.number == TCP
        self.tcp = flows_tcp.Tcp(self.draw, flow) if self.is_tcp else None
        self.port = 2000

    def speaker(self, side):
        view = self.flow.view(side)
        return words.Speaker(side, view.own, view.peer, self.script.others, self.script.ports)

    def send(self, side, data):
        """Whether it came through. What is dropped is sometimes said again, changed."""
        if not self.is_tcp:
            view = self.flow.view(side)
            message = datagram(view.own_port, view.peer_port, data)
            outcome = yield from self.flow.send(side, message, repr(data)[:60])
            return bool(outcome.emitted or outcome.delivered)
        flags = ACK | PSH
        message = self.tcp.message(side, flags, data)
        outcome = yield from self.flow.send(side, message, repr(data)[:60])
        passed = bool(outcome.emitted or outcome.delivered)
        if passed or self.draw.chance(0.5):
            self.tcp.moved(side, flags, data)
        return passed

    def open(self):
        for end in self.tcp.ends:
            end.window, end.scale = 65535, None
        yield from self.tcp.segment(CLIENT, SYN)
        yield from self.tcp.segment(SERVER, SYN | ACK)
        yield from self.tcp.segment(CLIENT, ACK)
        for side in (SERVER, CLIENT):
            yield from self.send(side, b"hello\r\n")

    def comer(self, side, port):
        """The other end, or a stranger, comes to where it was told."""
        draw, view = self.draw, self.flow.view(1 - side)
        own = draw.often([view.own], [self.script.stranger(view.place)], 0.15)
        port = draw.often([port], [port ^ 1], 0.1) or 1
        self.port += 1
        self.script.known_ports |= {port, self.port}
        number = TCP if self.protocol.name != "tftp" else UDP
        flow = Flow(
            draw=draw,
            name="comer",
            protocol=number,
            client=View(view.place, own, self.port, view.peer, port),
            server=View(self.flow.view(side).place, view.peer, port, own, self.port),
            look=wire.Look(),
            ident=draw.getrandbits(15),
        )
        if number == UDP:
            message = datagram(self.port, port, b"\0\3\0\1data")
            yield from flow.send(CLIENT, message, "data")
            return
        tcp = flows_tcp.Tcp(draw, flow)
        yield from tcp.segment(CLIENT, SYN)
        if flow.last[SERVER] and draw.chance(0.8):
            yield from tcp.segment(SERVER, SYN | ACK)
            yield from tcp.segment(CLIENT, ACK)

    def conversation(self):
        draw = self.draw
        if self.is_tcp:
            yield from self.open()
        else:
            yield from self.send(CLIENT, b"\0\1f" if self.protocol.name == "tftp" else b"x\n")
        for _ in range(draw.randrange(2, 8)):
            side = draw.pick(self.protocol.speakers)
            data, port = self.protocol.make(draw, self.speaker(side))
            data = words.mutated(draw, data)
            passed = yield from self.send(side, data)
            if self.protocol.name == "tftp":
                side, port = CLIENT, self.flow.server.peer_port
            if passed and port and draw.chance(0.6):
                yield from self.comer(side, port)
            if self.is_tcp and draw.chance(0.3):
                yield from self.tcp.segment(1 - side, ACK)
            if self.is_tcp and draw.chance(0.1):
                yield from self.flow.again(side)


class Script:
    def __init__(self, seed):
        self.draw = draw = Draw(f"helpers {seed}")
        base = palette.narrow(draw)
        draw.palette = Quiet(base)
        weights = [p.weight for p in PROTOCOLS]
        self.protocol = draw.choices(PROTOCOLS, weights)[0]
        self.family = draw.pick(self.protocol.families)
        self.far = {i: some[:] for i, some in base.far[self.family].items()}
        client, server = draw.pick(self.far["in0"]), draw.pick(self.far["out0"])
        self.others = [wire.address(a) for a in self.far["in0"] + self.far["out0"]]
        self.ports = [draw.randrange(1024, 65000) for _ in range(3)]
        self.known_ports = {self.protocol.port, 5000, 33000, *self.ports, 0, 1, 65535, 80}
        self.rules = {self.family: rules(draw, self.family, self.protocol, server)}
        self.settings = {}
        flow = Flow(
            draw=draw,
            name=self.protocol.name,
            protocol=self.protocol.number,
            client=View("in0", wire.address(client), 33000, wire.address(server), self.protocol.port),
            server=View("out0", wire.address(server), self.protocol.port, wire.address(client), 33000),
            look=wire.Look(),
            ident=draw.getrandbits(15),
        )
        if "DNAT" in str(self.rules):
            flow.client.peer = wire.address(SEEN[self.family][0])
        self.conversation = Talk(self, flow).conversation()
        self.started = False

    def stranger(self, place):
        if place == topology.LOCAL_OUT:
            place = "out0"
        return wire.address(self.far[place][-1])

    def step(self, outcome):
        try:
            if not self.started:
                self.started = True
                return next(self.conversation)
            return self.conversation.send(outcome)
        except StopIteration:
            return None


def scenario(seed, attempt=0):
    script = Script(f"{seed} {attempt}" if attempt else seed)
    found = FlowScenario(seed=f"{seed:x}", rules=script.rules, settings=script.settings)
    found.script = script
    return found
