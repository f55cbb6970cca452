# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's side of flows: tracking, NAT, and what is left in its table at the end.

The observer sees one thing more than that of kernel.py: the state of each packet at the
end of each hook. For that the namespace tracks always, whatever the rules say. Local
delivery ends after the last hook of tracking, so that what is delivered is confirmed.
"""

import os
import re
import shutil
import socket
import struct
import time

import kernel
import topology
from gen import flows_rules, flows_wire
from gen.flows_flow import Outcome
from gen.packets import ETHERTYPE, mac
from observation import Observation
from scenario import Packet, Table

LAST = 2147483647
CTNETLINK_DELETE = 1 << 8 | 2
PREFIX = "net.netfilter.nf_conntrack_"
STATES = ("invalid", "new", "established", "related", "untracked")
HOOKS = ("prerouting", "input", "forward", "output", "postrouting")
EPOCH_NS = 1_700_000_000 * 10**9
SENT_LOCALLY = 1280
OURS = {flows_wire.address(a.split("/")[0]) for i in topology.INTERFACES for a in i.addresses}


class RandomPort(Exception):
    """The kernel drew a port by chance, which no replay can know."""


def is_fragment(packet):
    if packet[0] >> 4 == 4:
        return bool(packet[6] & 0x3F or packet[7])
    return packet[6] == flows_wire.FRAGMENT


def is_silenced(seen):
    """What the observer takes for an error of the kernel's own about fragments."""
    return seen.data[:2] == (b"\x0b\1" if seen.protocol == 1 else b"\3\1") and seen.is_error


def observer():
    """The chains first, so that they stand last; then rules that need tracking."""
    text = kernel.OBSERVER
    text = re.sub(r"(?s)table bridge observer.*", "", text)
    text = re.sub(r'\n\t\tlog prefix "\w+" group \d+ snaplen 1', "", text)
    text = text.replace("priority 2000;\n\t\tdrop", "priority 2000;")
    late = "\tchain end {\n\t\ttype filter hook input priority LAST;\n\t\tdrop\n\t}\n}\n"
    # What is left of fragments tells its sender half a minute later.
    silence = (
        "\tchain silence {\n\t\ttype filter hook output priority -1000;\n"
        "\t\ticmp type time-exceeded icmp code 1 ip ttl 64 drop\n"
        "\t\ticmpv6 type time-exceeded icmpv6 code 1 drop\n"
    )
    text = text.replace("\tchain silence {\n\t\ttype filter hook output priority -1000;\n", silence)
    return text.rstrip().removesuffix("}") + late.replace("LAST", str(LAST))


def observer_rules():
    lines = []
    for hook in HOOKS:
        for state in STATES:
            size = "" if hook == "input" else " snaplen 1"
            lines.append(
                f"add rule inet observer {hook} ct state {state} "
                f'log prefix "{hook} {state}" group {kernel.OBSERVER_GROUP}{size}'
            )
    return "\n".join(lines) + "\n"


class FlowRouter(kernel.Router):
    """A router that tracks."""

    def __init__(self):
        self.is_worn = False
        """Whether fragments may be left that wait for what never comes."""
        self.changed = {}
        self.loaded = set()
        super().__init__()
        self.command(["nft", "-f", "-"], observer_rules())
        self.defaults = {}
        self.netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
        kernel.set_sysctls({PREFIX + "acct": "1"})

    def observer(self):
        return observer()

    def flush(self):
        """Forgets all connections, and expectations with them."""
        message = struct.pack("=IHHII", 20, CTNETLINK_DELETE, 5, 1, 0) + bytes(4)
        self.netlink.send(message)
        code = struct.unpack_from("=i", self.netlink.recv(4096), 16)[0]
        if code != 0:
            raise OSError(-code, "the kernel does not flush its connections")

    def set_settings(self, settings):
        """Sets the scenario's sysctls, and the last one's back."""
        for name in settings.keys() - self.defaults.keys():
            with open(f"/proc/sys/net/netfilter/nf_conntrack_{name}", encoding="ascii") as file:
                self.defaults[name] = file.read().strip()
        wanted = {n: settings.get(n, self.defaults[n]) for n in self.changed | settings}
        kernel.set_sysctls({PREFIX + n: v for n, v in wanted.items()})
        self.changed = dict(settings)

    def load(self, scenario):
        self.set_settings(scenario.settings)
        for family in self.loaded | set(scenario.families):
            tables = scenario.rules.get(family, {})
            text = ""
            for name, chains in flows_rules.TABLES.items():
                empty = Table(chains={c: "ACCEPT" for c in chains})
                text += tables.get(name, empty).text(name)
            self.restore(family, text)
        self.loaded = set(scenario.families)
        self.flush()

    def listing(self):
        return self.command(["conntrack", "-L", "-o", "extended"])

    @staticmethod
    def holds_fragments(scenario):
        """Of IPv6 the kernel does not tell how many wait in tracking."""
        with open("/proc/thread-self/net/sockstat", encoding="ascii") as file:
            if re.search(r"FRAG: inuse [1-9]", file.read()):
                return True
        return any(is_fragment(p.layer3) and p.layer3[0] >> 4 == 6 for p in scenario.packets)

    def close(self):
        """Gives the namespaces back; they end with their last descriptor."""
        self.netlink.close()
        self.listener.socket.close()
        self.marker_socket.close()
        self.collector.close()
        self.member.close()
        for raw in self.raw.values():
            raw.close()
        os.close(self.kmsg.fd)
        os.close(self.peer)
        os.close(self.own)
        shutil.rmtree(self.locks)

    def run(self, scenario):
        """Runs a scenario; one with a script is played, and has its packets then."""
        self.load(scenario)
        found = Observation()
        with kernel.one_processor():
            self.settle()
            self.listener.drain()
            self.kmsg.skip()
            if scenario.script:
                self.play(scenario, found)
            else:
                self.rerun(scenario, found)
        self.is_worn = self.holds_fragments(scenario)
        found.conntrack = self.listing()
        for family in scenario.families:
            found.saved[family] = self.save(family)
        return found

    def rerun(self, scenario, found):
        due = time.monotonic_ns()
        for packet in scenario.packets:
            due = self.inject(packet, found, due)

    def inject(self, packet, found, due):
        due = max(due, time.monotonic_ns()) if not packet.wait_ms else due
        due += packet.wait_ms * 1_000_000
        self.wait_until(due)
        found.packets.append(self.judge(packet, "\n"))
        if (
            packet.wait_ms > kernel.LATE_MS
            and time.monotonic_ns() - due > kernel.LATE_MS * 1_000_000
        ):
            raise kernel.Late
        return due

    def now_ns(self):
        """A clock that goes on steadily, read as an epoch's."""
        return EPOCH_NS + time.monotonic_ns()

    def play(self, scenario, found):
        script, outcome = scenario.script, None
        due = time.monotonic_ns()
        while step := script.step(outcome):
            outcome = Outcome()
            packet = self.packet(step)
            if packet is None:
                continue
            scenario.packets.append(packet)
            due = self.inject(packet, found, due)
            seen = found.packets[-1]
            outcome = Outcome(seen.emitted, seen.delivered)
            self.refuse_chance(script, step.packet, outcome)
        scenario.script = None
        families = " and ".join(scenario.families)
        scenario.title = (
            f"{families}, {scenario.rule_count()} rules, {len(scenario.packets)} packets"
        )

    @staticmethod
    def packet(step):
        """A step as a packet; None for what would not fit a wire, or not leave locally."""
        data = step.packet
        if step.place == topology.LOCAL_OUT:
            seen = flows_wire.read(data)
            is_far = seen.destination not in OURS and seen.destination[0] not in (0, 127)
            if len(data) > SENT_LOCALLY or not is_far or is_silenced(seen):
                return None
            return Packet(step.place, data, step.wait_ms, step.note)
        wire = topology.interface(step.place)
        if len(data) > wire.mtu:
            return None
        kind = ETHERTYPE["ipv4" if data[0] >> 4 == 4 else "ipv6"]
        frame = mac(wire.mac) + mac(wire.peer_mac) + kind + data
        return Packet(step.place, frame, step.wait_ms, step.note)

    @staticmethod
    def refuse_chance(script, packet, outcome):
        """Ports that neither the packet nor the rules have were drawn by chance."""
        sent = flows_wire.read(packet)
        if sent is None or sent.offset:
            return
        known = script.known_ports | set(sent.ports)
        for data in [p for _, p in outcome.emitted] + outcome.delivered:
            seen = flows_wire.read(data)
            is_same = seen and not seen.offset and seen.protocol == sent.protocol
            if is_same and not seen.is_error and not set(seen.ports) <= known:
                raise RandomPort

    def record(self, seen, record):
        """The observer's prefix holds the state beside the hook."""
        hook, state = record.prefix.split(" ")
        seen.hooks.append((hook, record.mark))
        seen.states.append((hook, state))
        if hook == "input":
            seen.delivered.append(record.payload)
