# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's side: a router in a network namespace, judged by its own legacy tables.

Overview
	Each worker process lives in a namespace R, the router, with one veth for every
	interface of topology.py; the peers are in a namespace P where one packet socket
	injects whole frames and one collects all that leaves. Nobody has an address in P
	and the interfaces do no ARP, so that neighbours always resolve and nothing but
	what a scenario causes is ever on a wire.

Seeing without touching
	An nftables table sits at the far end of every hook (after all legacy tables,
	whose counters it therefore cannot disturb), reports each packet with its mark
	through NFLOG, and ends local delivery, for the router of REPLAY.md answers nothing.
	At the near end of OUTPUT it drops what a kernel says unasked (MLD, router
	solicitation). It also marks every packet as traced, so that each rule that a packet
	met is reported too.

Attribution
	All of a packet's doings happen in the soft interrupts of the processor that sent
	it. After each packet a marker of a foreign ethertype follows it through the same
	queues: R hears it when the router has finished, and sends on every interface a
	second one that P hears after the last frame. The worker stays on one processor
	meanwhile, for queues are ordered only within one.
"""

import contextlib
import ctypes
import os
import re
import select
import socket
import struct
import subprocess
import tempfile
import time

import kmsg
import nflog
import topology
from observation import Observation, Seen
from scenario import BUILTIN, Table

CLONE_NEWNET = 0x40000000
ETH_P_ALL = 0x0003
MARKER_TYPE = 0x88B5
SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 263, 8, 23
TP_STATUS_VLAN_VALID = 1 << 4
OBSERVER_GROUP = 60000
TRACE_GROUP = 0
SCENARIO_GROUPS = range(1, 8)
PROGRAM = {
    "ipv4": "iptables-legacy",
    "ipv6": "ip6tables-legacy",
    "arp": "arptables-nft",
    "bridge": "ebtables-nft",
}
LATE_MS = 20
MARKER_PATIENCE_S = 60

OBSERVER = """
table inet observer {
	chain silence {
		type filter hook output priority -1000;
		ip6 saddr { ::, fe80::/10 } icmpv6 type { 130-132, 133-137, 143 } drop
	}
	chain trace {
		type filter hook prerouting priority -1000;
		meta nftrace set 1
	}
	chain trace_local {
		type filter hook output priority -999;
		meta nftrace set 1
	}
	chain prerouting {
		type filter hook prerouting priority 2000;
		log prefix "prerouting" group GROUP snaplen 1
	}
	chain input {
		type filter hook input priority 2000;
		log prefix "input" group GROUP snaplen 1
		drop
	}
	chain forward {
		type filter hook forward priority 2000;
		log prefix "forward" group GROUP snaplen 1
	}
	chain output {
		type filter hook output priority 2000;
		log prefix "output" group GROUP snaplen 1
	}
	chain postrouting {
		type filter hook postrouting priority 2000;
		log prefix "postrouting" group GROUP snaplen 1
	}
}
table bridge observer {
	chain prerouting {
		type filter hook prerouting priority 2000;
		log prefix "prerouting" group GROUP snaplen 1
	}
	chain input {
		type filter hook input priority 2000;
		log prefix "input" group GROUP snaplen 1
	}
	chain forward {
		type filter hook forward priority 2000;
		log prefix "forward" group GROUP snaplen 1
	}
	chain postrouting {
		type filter hook postrouting priority 2000;
		log prefix "postrouting" group GROUP snaplen 1
	}
}
table arp observer {
	chain input {
		type filter hook input priority 2000;
		log prefix "input" group GROUP snaplen 1
		drop
	}
}
""".replace(
    "GROUP", str(OBSERVER_GROUP)
)

SYSCTLS_ROUTER = {
    "net.ipv4.ip_forward": "1",
    "net.ipv4.icmp_ratelimit": "0",
    "net.ipv4.icmp_ratemask": "0",
    "net.ipv6.icmp.ratelimit": "0",
    "net.ipv6.icmp.ratemask": "",
    "net.ipv6.auto_flowlabels": "0",
    "net.netfilter.nf_log.2": "nfnetlink_log",
    "net.netfilter.nf_log.10": "nfnetlink_log",
    "net.bridge.bridge-nf-call-iptables": "0",
    "net.bridge.bridge-nf-call-ip6tables": "0",
    "net.bridge.bridge-nf-call-arptables": "0",
    "net.ipv6.conf.all.forwarding": "1",
    "net.ipv6.conf.default.forwarding": "1",
} | {
    f"net.{name.replace('*', which)}": value
    for which in ("all", "default")
    for name, value in {
        "ipv4.conf.*.rp_filter": "0",
        "ipv4.conf.*.send_redirects": "0",
        "ipv4.conf.*.log_martians": "0",
        "ipv6.conf.*.accept_dad": "0",
        "ipv6.conf.*.dad_transmits": "0",
        "ipv6.conf.*.accept_ra": "0",
        "ipv6.conf.*.router_solicitations": "0",
    }.items()
}

SYSCTLS_PEER = {
    "net.ipv6.conf.all.disable_ipv6": "1",
    "net.ipv6.conf.default.disable_ipv6": "1",
}

libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """The kernel does not take the rules of a scenario."""


class Late(Exception):
    """A packet left so late that what depends on time is no longer what was meant."""


def new_namespace():
    if libc.unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    return os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


def enter(namespace):
    if libc.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def set_sysctls(settings):
    for name, value in settings.items():
        path = "/proc/sys/" + name.replace(".", "/")
        with open(path, "w", encoding="ascii") as file:
            file.write(value + "\n")


@contextlib.contextmanager
def one_processor():
    """Keeps the process where it is for as long as queues must stay in order."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(before)[os.getpid() % len(before)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def trace(prefix):
    """(table, chain, "rule" or "policy" or "return", number) of a line of TRACE."""
    table, chain, kind, number = prefix.removeprefix("TRACE: ").strip().split(":")
    return table, chain, kind, int(number)


def with_tag(frame, extra):
    """The frame with its VLAN tag, which the kernel takes off and tells beside it."""
    for level, kind, data in extra:
        if level == SOL_PACKET and kind == PACKET_AUXDATA:
            status, _, _, _, _, tci, protocol = struct.unpack("=IIIHHHH", data)
            if status & TP_STATUS_VLAN_VALID:
                return frame[:12] + struct.pack("!HH", protocol, tci) + frame[12:]
    return frame


class Router:
    """The two namespaces of one worker; they go when the process does."""

    def __init__(self):
        self.locks = tempfile.mkdtemp(prefix="oracle-")
        self.env = os.environ | {
            "XTABLES_LOCKFILE": os.path.join(self.locks, "lock"),
            "EBTABLES_SAVE_COUNTER": "yes",
        }
        self.peer = new_namespace()
        set_sysctls(SYSCTLS_PEER)
        self.own = new_namespace()
        set_sysctls(SYSCTLS_ROUTER)
        self.make_wires()
        self.make_bridge()
        self.listener = nflog.Listener([OBSERVER_GROUP, TRACE_GROUP, *SCENARIO_GROUPS])
        self.marker_socket = self.packet_socket(MARKER_TYPE)
        self.raw = {
            is_v4: socket.socket(kind, socket.SOCK_RAW, socket.IPPROTO_RAW)
            for is_v4, kind in ((True, socket.AF_INET), (False, socket.AF_INET6))
        }
        enter(self.peer)
        self.collector = self.packet_socket(ETH_P_ALL)
        self.collector.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        enter(self.own)
        self.names = dict(socket.if_nameindex())
        self.kmsg = kmsg.Reader()
        self.command(["nft", "-f", "-"], self.observer())
        with one_processor():
            self.settle()

    def observer(self):
        return OBSERVER

    def make_wires(self):
        self.command(["ip", "link", "set", "lo", "up"])
        for i in topology.INTERFACES + topology.PORTS:
            self.command(
                ["ip", "link", "add", i.name, "address", i.mac, "type", "veth"]
                + ["peer", "name", i.peer, "address", i.peer_mac]
            )
            self.command(
                ["ip", "link", "set", i.peer, "netns", f"/proc/{os.getpid()}/fd/{self.peer}"]
            )
            self.bring_up(i.name, 9000)
            for address in i.addresses:
                nodad = ["nodad"] if ":" in address else ["broadcast", "+"]
                self.command(["ip", "address", "add", address, "dev", i.name, *nodad])
        enter(self.peer)
        for i in topology.INTERFACES + topology.PORTS:
            self.bring_up(i.peer, 9000)
        enter(self.own)
        for i in topology.INTERFACES:
            self.command(["ip", "link", "set", i.name, "mtu", str(i.mtu), "group", str(i.group)])
        self.join_groups()
        for prefix, name, via in topology.ROUTES:
            hop = ["via", via] if via else []
            self.command(["ip", "route", "add", prefix, *hop, "dev", name])

    def join_groups(self):
        """The solicited-node groups, which an interface without ARP does not join itself."""
        self.member = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        for i in topology.INTERFACES:
            for tail in i.solicited_tails:
                group = socket.inet_pton(socket.AF_INET6, "ff02::1:ff00:0")[:13] + tail
                request = group + struct.pack("=I", socket.if_nametoindex(i.name))
                self.member.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, request)

    def make_bridge(self):
        """A bridge without addresses but the one of its link."""
        kind = ["type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0"]
        self.command(["ip", "link", "add", topology.BRIDGE, *kind])
        for port in topology.PORTS:
            set_sysctls({f"net.ipv6.conf.{port.name}.disable_ipv6": "1"})
        for port in topology.PORTS:
            self.command(["ip", "link", "set", port.name, "mtu", str(port.mtu)])
            self.command(["ip", "link", "set", port.name, "master", topology.BRIDGE])
        self.command(["ip", "link", "set", topology.BRIDGE, "up"])

    def bring_up(self, name, mtu):
        self.command(["ip", "link", "set", name, "arp", "off", "mtu", str(mtu), "up"])
        off = ("rx", "tx", "gro", "gso", "tso")
        self.command(["ethtool", "-K", name, *(w for f in off for w in (f, "off"))])

    def packet_socket(self, protocol):
        found = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol))
        found.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        found.setsockopt(socket.SOL_SOCKET, nflog.SO_RCVBUFFORCE, 8 << 20)
        found.setblocking(False)
        return found

    def command(self, words, text=None):
        done = subprocess.run(
            words, input=text, text=True, capture_output=True, env=self.env, check=False
        )
        if done.returncode != 0:
            raise Refused(f"{words[0]} exit {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def load(self, scenario):
        """Replaces all rules and sets. Old rules go first: named state dies with them."""
        for family in ("ipv4", "ipv6"):
            self.restore(family, "".join(Table.empty(t).text(t) for t in BUILTIN))
        if "arp" in scenario.rules:
            self.command(["arptables-nft", "-F"])
            self.command(["arptables-nft", "-X"])
        if "bridge" in scenario.rules:
            self.command(["ip", "link", "set", topology.BRIDGE, "type", "bridge", "fdb_flush"])
            text = scenario.rules_text("bridge").replace(" - [0:0]", " RETURN")
            self.restore("bridge", text.replace(" [0:0]", ""))
            return
        self.command(["ipset", "restore"], "flush\ndestroy\n")
        if scenario.sets:
            self.command(["ipset", "restore"], scenario.sets_text())
        for family in scenario.families:
            self.restore(family, scenario.rules_text(family))

    def restore(self, family, text):
        self.command([f"{PROGRAM[family]}-restore"], text)

    def save(self, family):
        if family != "bridge":
            return self.command([f"{PROGRAM[family]}-save", "-c"])
        text = self.command(["ebtables-nft-save"])
        return re.sub(r"(?m)^(-A .*) -c (\d+) (\d+)$", r"[\2:\3] \1", text)

    def speak_arp(self, is_on):
        """ARP is heard only by interfaces that speak it; all others are easier without."""
        for i in topology.INTERFACES:
            self.command(["ip", "link", "set", i.name, "arp", "on" if is_on else "off"])

    def run(self, scenario):
        """Runs a scenario; notes in its packets when each was sent."""
        self.load(scenario)
        has_arp = "arp" in scenario.rules
        if has_arp:
            self.speak_arp(True)
        found = Observation()
        with one_processor():
            self.settle()
            self.listener.drain()
            self.kmsg.skip()
            due = time.monotonic_ns()
            for packet in scenario.packets:
                due = max(due, time.monotonic_ns()) if not packet.wait_ms else due
                due += packet.wait_ms * 1_000_000
                self.wait_until(due)
                found.packets.append(self.judge(packet, scenario.log_prefix))
                if scenario.is_timed and time.monotonic_ns() - due > LATE_MS * 1_000_000:
                    raise Late
        for family in scenario.families:
            found.saved[family] = self.save(family)
        if has_arp:
            self.speak_arp(False)
        return found

    @staticmethod
    def wait_until(due):
        ahead = due - time.monotonic_ns()
        if ahead > 0:
            time.sleep(ahead / 1e9)

    def now_ns(self):
        """The time of a packet, as its capture will have it."""
        return time.time_ns()

    def record(self, seen, record):
        """Notes what the observer said at the end of a hook."""
        seen.hooks.append((record.prefix, record.mark))

    def judge(self, packet, log_prefix):
        packet.time_ns = self.now_ns()
        if packet.interface == topology.LOCAL_OUT:
            self.send_locally(packet.frame)
        else:
            peer = topology.interface(packet.interface).peer
            self.collector.sendto(packet.frame, (peer, 0))
        seen = Seen(emitted=self.settle(), log=self.kmsg.drain(log_prefix))
        for record in self.listener.drain():
            if record.group == OBSERVER_GROUP:
                self.record(seen, record)
            elif record.group == TRACE_GROUP:
                name = self.names.get(record.ifindex_in, "")
                seen.trace.append((name, *trace(record.prefix)))
            else:
                seen.nflog.append((record.group, record.prefix, record.payload))
        return seen

    def send_locally(self, packet):
        """Sends through a raw socket, header included. A rule's refusal is an error here."""
        is_v4 = packet[0] >> 4 == 4
        where = socket.inet_ntop(
            socket.AF_INET if is_v4 else socket.AF_INET6, packet[16:20] if is_v4 else packet[24:40]
        )
        # PermissionError: a rule refused it. OSError: it has no route, as replay says of it too.
        with contextlib.suppress(PermissionError, OSError):
            self.raw[is_v4].sendto(packet, (where, 0))

    def settle(self):
        """Waits until all that the last frame caused has happened; returns what left."""
        marker = bytes(12) + MARKER_TYPE.to_bytes(2, "big") + bytes(46)
        self.collector.sendto(marker, (topology.INTERFACES[0].peer, 0))
        while not self.readable(self.marker_socket).startswith(marker[:14]):
            pass
        wires = topology.INTERFACES + topology.PORTS
        for i in wires:
            self.marker_socket.sendto(marker, (i.name, 0))
        missing = len(wires)
        emitted = []
        while missing:
            frame, address = self.readable(self.collector, with_address=True)
            if frame[12:14] == marker[12:14]:
                missing -= 1
            else:
                name = address[0][1:]
                is_port = name in (p.name for p in topology.PORTS)
                emitted.append((name, frame if is_port else frame[14:]))
        return emitted

    @staticmethod
    def readable(source, with_address=False):
        while True:
            try:
                frame, extra, _, address = source.recvmsg(1 << 17, 64)
                return (with_tag(frame, extra), address) if with_address else frame
            except BlockingIOError:
                if not select.select([source], [], [], MARKER_PATIENCE_S)[0]:
                    raise TimeoutError("a marker is lost") from None
