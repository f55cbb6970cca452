# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's side of l4_oracle.py: packets of two hosts through a router that tracks, and
what ctnetlink says of their connection after each of them."""

import ipaddress
import os
import select
import socket
import struct
import subprocess
import time

import kernel
from attributes import attr, attrs

HOST = ("10.0.0.1", "10.0.1.1")
PATIENCE_S = 2  # with a packet that conntrack did not say it dropped
ETH_IPV4 = b"\x08\x00"
TCP, GRE, SCTP = 6, 47, 132
STATES = {
    TCP: "NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE SYN_SENT2".split(),
    SCTP: "NONE CLOSED COOKIE_WAIT COOKIE_ECHOED ESTABLISHED SHUTDOWN_SENT SHUTDOWN_RECD"
    " SHUTDOWN_ACK_SENT HEARTBEAT_SENT".split(),
}
SEEN_REPLY, ASSURED = 2, 4
# linux/netfilter/nfnetlink_conntrack.h
NEW, GET, DELETE, STATS_CPU = 0, 1, 2, 4
TUPLE_ORIG, STATUS, PROTOINFO, TIMEOUT, COUNTERS = 1, 3, 4, 7, (9, 10)
STATS_INVALID, STATS_DROP = 4, 10
NLM_REQUEST, NLM_ACK, NLM_REPLACE, NLM_DUMP = 1, 4, 0x100, 0x300


def attributes(data):
    return {kind & 0x3FFF: payload for kind, payload in attrs(data)}


def nest(kind, data):
    return attr(kind | 0x8000, data)


class Netlink:
    """ctnetlink, as far as it is needed here."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
        self.socket.bind((0, 0))
        self.socket.settimeout(5)
        self.number = 1

    def ask(self, kind, flags, body):
        """The bodies that came; [] is an acknowledgement, None a refusal."""
        self.number += 1
        head = struct.pack("=IHHII", 20 + len(body), 1 << 8 | kind, NLM_REQUEST | flags, self.number, 0)
        self.socket.send(head + struct.pack("=BBH", socket.AF_INET, 0, 0) + body)
        found = []
        while True:
            data = self.socket.recv(1 << 17)
            while data:
                length, what, _, number, _ = struct.unpack_from("=IHHII", data)
                payload, data = data[16:length], data[(length + 3) & ~3 :]
                if number != self.number:
                    continue
                if what == 3:
                    return found
                if what == 2:
                    return None if struct.unpack_from("=i", payload)[0] else found
                found.append(payload[4:])
                if flags & NLM_DUMP != NLM_DUMP:
                    return found

    @staticmethod
    def tuple_of(packet):
        """The tuple of a packet's own direction."""
        addresses = attr(1, packet[12:16]) + attr(2, packet[16:20])
        ports = packet[20:24] if packet[9] in (TCP, SCTP) else bytes(4)
        if packet[9] == GRE and len(packet) >= 28 and packet[21] & 7 == 1:
            ports = bytes(2) + packet[26:28]  # the key of the sender is not known
        inner = attr(1, packet[9:10]) + attr(2, ports[:2]) + attr(3, ports[2:])
        return nest(TUPLE_ORIG, nest(1, addresses) + nest(2, inner))

    def connection(self, packet):
        found = self.ask(GET, 0, self.tuple_of(packet))
        return attributes(found[0]) if found else None

    def age(self, packet, seconds):
        """So much time passed for the connection: it has less left, or is gone."""
        found = self.connection(packet)
        if not found:
            return
        left = struct.unpack("!I", found[TIMEOUT])[0] - seconds
        timeout = attr(TIMEOUT, struct.pack("!I", max(left, 0)))
        if left <= 0:
            self.ask(DELETE, NLM_ACK, self.tuple_of(packet))
        else:
            self.ask(NEW, NLM_ACK, self.tuple_of(packet) + timeout)

    def flush(self):
        self.ask(DELETE, NLM_ACK, b"")

    def refusals(self):
        """How many packets were invalid, and how many of them dropped."""
        cpus = [attributes(c) for c in self.ask(STATS_CPU, NLM_DUMP, b"")]
        return tuple(
            sum(struct.unpack("!I", c[what])[0] for c in cpus) for what in (STATS_INVALID, STATS_DROP)
        )


class Wire:
    """One host's end: frames go in, what was forwarded to it comes out."""

    def __init__(self, name, own, router):
        self.head = bytes.fromhex(router.replace(":", "") + own.replace(":", "")) + ETH_IPV4
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        self.socket.bind((name, 0))
        self.socket.setblocking(False)

    def send(self, packet):
        self.socket.send(self.head + packet)

    def hears(self, packet, is_dropped):
        """Whether the packet comes: by its addresses and protocol, the others being ours."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            if not select.select([self.socket], [], [], 0.02)[0] and is_dropped():
                return False
            try:
                frame = self.socket.recv(65536)
            except BlockingIOError:
                continue
            if frame[26:34] == packet[12:20] and frame[23] == packet[9]:
                return True
        return False


class Kernel:
    """A router of its own in a namespace; it goes with the process."""

    def __init__(self):
        peer = kernel.new_namespace()
        kernel.set_sysctls({"net.ipv6.conf.default.disable_ipv6": "1"})
        own = kernel.new_namespace()
        kernel.set_sysctls({"net.ipv6.conf.default.disable_ipv6": "1", "net.ipv4.ip_forward": "1"})
        self.make_wires(peer)
        kernel.enter(peer)
        self.command("ip link set p0 up")
        self.command("ip link set p1 up")
        self.wires = [Wire(f"p{i}", f"02:00:00:00:01:0{i}", f"02:00:00:00:00:0{i}") for i in (0, 1)]
        kernel.enter(own)
        self.command("iptables-legacy -A FORWARD -m conntrack --ctstate INVALID -j ACCEPT")
        self.netlink = Netlink()
        self.settings = {}

    def make_wires(self, peer):
        for i in (0, 1):
            self.command(
                f"ip link add r{i} address 02:00:00:00:00:0{i} type veth"
                f" peer name p{i} address 02:00:00:00:01:0{i}"
            )
            self.command(f"ip link set p{i} netns /proc/{os.getpid()}/fd/{peer}")
            self.command(f"ip address add 10.0.{i}.254/24 dev r{i}")
            self.command(f"ip link set r{i} up")
            self.command(
                f"ip neigh replace {HOST[i]} lladdr 02:00:00:00:01:0{i} dev r{i} nud permanent"
            )

    @staticmethod
    def command(text):
        subprocess.run(text.split(), check=True, capture_output=True)

    def begin(self, settings):
        """Nothing is tracked; settings beside these have their defaults."""
        self.netlink.flush()
        names = {"acct": "1"} | settings
        for name in self.settings:
            if name not in names:
                names[name] = self.settings[name]
        for name, value in names.items():
            path = "net.netfilter.nf_conntrack_" + name
            if name not in self.settings:
                with open("/proc/sys/" + path.replace(".", "/"), encoding="ascii") as file:
                    self.settings[name] = file.read().strip()
            kernel.set_sysctls({path: value})

    def age(self, packet, seconds):
        self.netlink.age(packet, seconds)

    def send(self, direction, packet):
        """What became of the packet and its connection, as l4_probe.c says it."""
        before = self.netlink.refusals()
        self.wires[direction].send(packet)
        heard = self.wires[1 - direction].hears(packet, lambda: self.netlink.refusals()[1] > before[1])
        after = self.netlink.refusals()
        word = "drop" if not heard else "invalid" if after[0] > before[0] else "ok"
        found = self.netlink.connection(packet)
        return f"{word} {self.describe(packet[9], found) if found else 'gone'}"

    def describe(self, protocol, found):
        status, seconds = (struct.unpack("!I", found[what])[0] for what in (STATUS, TIMEOUT))
        packets = [struct.unpack("!Q", attributes(found[what])[1])[0] for what in COUNTERS]
        source = ipaddress.ip_address(attributes(attributes(found[TUPLE_ORIG])[1])[1])
        state, detail = self.protocol_state(protocol, found)
        assured = " assured" if status & ASSURED else ""
        turned = " turned" if str(source) != HOST[0] else ""
        return f"{state} {seconds}{assured}{turned} n={packets[0]}/{packets[1]}{detail}"

    @staticmethod
    def protocol_state(protocol, found):
        if protocol not in STATES:
            return "-", ""
        info = attributes(attributes(found[PROTOINFO])[1 if protocol == TCP else 3])
        state = STATES[protocol][info[1][0]]
        if protocol == SCTP:
            tags = (struct.unpack("!I", info[n])[0] for n in (2, 3))
            return state, " tags={}/{}".format(*tags)
        flags, scales = (info[4][0], info[5][0]), (info[2][0], info[3][0])
        return state, f" flags={flags[0]:x}/{flags[1]:x} scale={scales[0]}/{scales[1]}"
