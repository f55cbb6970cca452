# SPDX-License-Identifier: GPL-2.0-or-later
"""An office, its router and the world: three namespaces of the network, and a recorder.

      inner                     router                      outer
   10.0.0.5, .6     ---  in0  10.0.0.1
   2001:db8:1::5              2001:db8:1::1
                         out0 192.0.2.1         ---   192.0.2.80, .81
                              2001:db8:2::1           2001:db8:2::80

Neighbours are entered by hand, so there is no ARP and no neighbour discovery; offloads are
off, so that every checksum is the one of the wire. The process and all that it starts stay
on one processor: a packet is through the router before the next one comes, and its recorder,
one packet socket for both interfaces, sees cause and effect in order.
"""

import contextlib
import os
import pathlib
import signal
import socket
import struct
import subprocess
import tempfile
import time

from kernel import enter, new_namespace, one_processor, set_sysctls

from session.recording import Packet, Recording

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 3, 0x0800, 0x86DD
PACKET_OUTGOING = 4
SO_RCVBUFFORCE, SO_TIMESTAMPNS = 33, 35
ICMPV6, MULTICAST_AND_NEIGHBOURS = 58, {130, 131, 132, 133, 134, 135, 136, 137, 143}
QUIET_S, PATIENCE_S = 0.25, 60

PROGRAM = {"ipv4": "iptables-legacy", "ipv6": "ip6tables-legacy"}
IN0, OUT0 = "02:00:00:00:01:01", "02:00:00:00:02:01"
INNER_MAC, OUTER_MAC = "02:00:00:00:01:05", "02:00:00:00:02:80"
INNER, INNER2, ROUTER_IN = "10.0.0.5", "10.0.0.6", "10.0.0.1"
OUTER, OUTER2, ROUTER_OUT = "192.0.2.80", "192.0.2.81", "192.0.2.1"
INNER6, ROUTER_IN6 = "2001:db8:1::5", "2001:db8:1::1"
OUTER6, ROUTER_OUT6 = "2001:db8:2::80", "2001:db8:2::1"
OWN = {ROUTER_IN, ROUTER_OUT, ROUTER_IN6, ROUTER_OUT6}

REPLAY_OPTIONS = [
    "--interface", f"in0={ROUTER_IN}/24,{ROUTER_IN6}/64,mac={IN0}",
    "--interface", f"out0={ROUTER_OUT}/24,{ROUTER_OUT6}/64,mac={OUT0}",
    "--route", f"0.0.0.0/0=out0,via {OUTER}",
    "--route", f"::/0=out0,via {OUTER6}",
]  # fmt: skip

SYSCTLS = {
    "net.ipv6.conf.all.forwarding": "1",
    "net.ipv6.conf.default.forwarding": "1",
    "net.ipv6.conf.all.accept_dad": "0",
    "net.ipv6.conf.default.accept_dad": "0",
    "net.ipv6.conf.all.router_solicitations": "0",
    "net.ipv6.conf.default.router_solicitations": "0",
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.default.rp_filter": "0",
    "net.ipv4.conf.all.send_redirects": "0",
    "net.ipv4.conf.default.send_redirects": "0",
}
# SNMP, TFTP and the like have their ports below 1024, and programs of anybody use them.
SYSCTLS_HOST = {"net.ipv4.ip_unprivileged_port_start": "0"}
SYSCTLS_ROUTER = {
    "net.ipv4.ip_forward": "1",
    "net.ipv4.icmp_ratelimit": "0",
    "net.ipv6.icmp.ratelimit": "0",
    "net.netfilter.nf_conntrack_acct": "1",
    "net.netfilter.nf_conntrack_events": "1",
}

WIRES = f"""
ip link set lo up
ip link add in0 address {IN0} type veth peer name eth0 address {INNER_MAC} netns INNER
ip link add out0 address {OUT0} type veth peer name eth0 address {OUTER_MAC} netns OUTER
ip address add {ROUTER_IN}/24 broadcast + dev in0
ip address add {ROUTER_IN6}/64 dev in0 nodad
ip address add {ROUTER_OUT}/24 broadcast + dev out0
ip address add {ROUTER_OUT6}/64 dev out0 nodad
ethtool -K in0 rx off tx off sg off tso off gso off gro off
ethtool -K out0 rx off tx off sg off tso off gso off gro off
ip link set in0 up
ip link set out0 up
ip neigh add {INNER} lladdr {INNER_MAC} dev in0
ip neigh add {INNER2} lladdr {INNER_MAC} dev in0
ip neigh add {INNER6} lladdr {INNER_MAC} dev in0
ip neigh add {OUTER} lladdr {OUTER_MAC} dev out0
ip neigh add {OUTER2} lladdr {OUTER_MAC} dev out0
ip neigh add {OUTER6} lladdr {OUTER_MAC} dev out0
ip route add default via {OUTER}
ip route add default via {OUTER6}
"""


def host(addresses, addresses6, router, router6, mac):
    lines = ["ip link set lo up"]
    lines += [f"ip address add {a}/24 broadcast + dev eth0" for a in addresses]
    lines += [f"ip address add {a}/64 dev eth0 nodad" for a in addresses6]
    lines += ["ethtool -K eth0 rx off tx off sg off tso off gso off gro off"]
    lines += ["ip link set eth0 up"]
    lines += [f"ip neigh add {a} lladdr {mac} dev eth0" for a in (router, router6)]
    lines += [f"ip route add default via {a}" for a in (router, router6)]
    return "\n".join(lines)


HOSTS = {
    "inner": host([INNER, INNER2], [INNER6], ROUTER_IN, ROUTER_IN6, IN0),
    "outer": host([OUTER, OUTER2], [OUTER6], ROUTER_OUT, ROUTER_OUT6, OUT0),
}


# What hosts and routers say without being asked, and what a router hears of its own broadcasts,
# which a replay does not. Before everything, so that nothing counts it.
SILENCE = f"""
table inet silence {{
	chain output {{
		type filter hook output priority -1000;
		icmpv6 type {{ 130-132, 133-137, 143 }} drop
	}}
	chain prerouting {{
		type filter hook prerouting priority -1000;
		ip saddr {{ {ROUTER_IN}, {ROUTER_OUT} }} fib saddr type local drop
	}}
}}
"""


class Failed(Exception):
    """A session did not go as it should: a program failed, or nothing came."""


def is_of_interest(frame):
    """Not what hosts say on a link without being asked."""
    kind = struct.unpack_from("!H", frame, 12)[0]
    if kind == ETH_P_IP:
        return True
    if kind != ETH_P_IPV6:
        return False
    header, body = frame[20], frame[54:]
    if header == 0:
        header, body = body[0], body[8 + 8 * body[1] :]
    return header != ICMPV6 or body[0] not in MULTICAST_AND_NEIGHBOURS


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


class Recorder:
    """A packet socket in the router, for both its interfaces and both ways."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 32 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.packets = []

    def drain(self, quiet_s):
        """Takes what has come and what comes until nothing did for so long."""
        self.socket.settimeout(quiet_s)
        with contextlib.suppress(TimeoutError):
            while True:
                frame, extra, _, address = self.socket.recvmsg(1 << 16, 256)
                self.take(frame, extra, address)

    def take(self, frame, extra, address):
        if address[0] not in ("in0", "out0") or not is_of_interest(frame):
            return
        stamp = next(data for _, kind, data in extra if kind == SO_TIMESTAMPNS)
        seconds, nanoseconds = struct.unpack("@qq", stamp)
        time_ns = seconds * 10**9 + nanoseconds
        self.packets.append(Packet(address[0], time_ns, frame, address[2] == PACKET_OUTGOING))


def from_the_router(packets):
    """What the router said by itself starts, for a replay, at its own `lo`."""
    found = []
    for p in packets:
        if p.is_outbound:
            source = p.layer3[12:16] if p.layer3[0] >> 4 == 4 else p.layer3[8:24]
            family = socket.AF_INET if len(source) == 4 else socket.AF_INET6
            if socket.inet_ntop(family, source) in OWN:
                found.append(Packet("lo", p.time_ns, p.layer3))
        found.append(p)
    return found


class Network:
    """The namespaces of this process, until close(). The process itself is in the router's."""

    def __init__(self):
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        self.cleanup = contextlib.ExitStack()
        self.cleanup.callback(enter, self.home)
        self.folder = pathlib.Path(self.cleanup.enter_context(tempfile.TemporaryDirectory()))
        self.folder.chmod(0o755)
        self.cleanup.enter_context(one_processor())
        self.env = os.environ | {
            "XTABLES_LOCKFILE": str(self.folder / "lock"), "HOME": str(self.folder), "LC_ALL": "C"
        }  # fmt: skip
        self.children = []
        self.sockets = []
        self.namespaces = {}
        for name in ("inner", "outer", "router"):
            self.namespaces[name] = new_namespace()
            set_sysctls(SYSCTLS | (SYSCTLS_ROUTER if name == "router" else SYSCTLS_HOST))
            self.command(["nft", "-f", "-"], SILENCE)
        self.build()

    def build(self):
        text = WIRES
        for name in ("inner", "outer"):
            text = text.replace(name.upper(), f"/proc/{os.getpid()}/fd/{self.namespaces[name]}")
        self.commands(text)
        for name, lines in HOSTS.items():
            with self.inside(name):
                self.commands(lines)
        self.await_links("router", ("in0", "out0"))
        for name in HOSTS:
            with self.inside(name):
                self.await_links(name, ("eth0",))

    def await_links(self, where, names):
        """Until they are up: before, they lose what is sent."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            said = [self.command(["ip", "-o", "link", "show", "dev", x]) for x in names]
            if all("state UP" in x for x in said):
                return
            time.sleep(0.01)
        raise Failed(f"links of {where} do not come up")

    def close(self):
        self.stop()
        self.cleanup.close()
        for namespace in [*self.namespaces.values(), self.home]:
            os.close(namespace)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @contextlib.contextmanager
    def inside(self, name):
        enter(self.namespaces[name])
        try:
            yield
        finally:
            enter(self.namespaces["router"])

    def commands(self, text):
        for line in text.strip().splitlines():
            self.command(line.split())

    def command(self, words, text=None):
        done = subprocess.run(
            words, input=text, text=True, capture_output=True, env=self.env, check=False
        )
        if done.returncode != 0:
            raise Failed(f"{' '.join(words)}: exit {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    # What sessions are made of: programs and sockets at either end.

    def run(self, name, *words, text=None, may_fail=False):
        """A program, to its end; returns what it said."""
        with self.inside(name):
            done = subprocess.run(
                words, input=text, text=True, capture_output=True, env=self.env,
                cwd=self.folder, timeout=PATIENCE_S, check=False,
            )  # fmt: skip
        if done.returncode != 0 and not may_fail:
            said = (done.stdout + done.stderr).strip()[-600:]
            raise Failed(f"{' '.join(words)}: exit {done.returncode}: {said}")
        return done.stdout

    def start(self, name, *words, output=subprocess.DEVNULL, stdin=subprocess.DEVNULL):
        """A program that goes on until the session ends."""
        with self.inside(name):
            child = subprocess.Popen(
                words, stdin=stdin, stdout=output, stderr=subprocess.STDOUT,
                env=self.env, cwd=self.folder, start_new_session=True,
            )  # fmt: skip
        self.children.append(child)
        return child

    def socket(self, name, family, kind, protocol=0):
        with self.inside(name):
            made = socket.socket(family, kind, protocol)
        made.settimeout(PATIENCE_S)
        self.sockets.append(made)
        return made

    def udp(self, name, address, port=0):
        made = self.socket(name, family_of(address), socket.SOCK_DGRAM)
        made.bind((address, port))
        return made

    def listen(self, name, address, port):
        made = self.socket(name, family_of(address), socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        made.listen(4)
        return made

    def accept(self, listener):
        made, peer = listener.accept()
        made.settimeout(PATIENCE_S)
        self.sockets.append(made)
        return made, peer[:2]

    def connect(self, name, source, target, port=0):
        made = self.socket(name, family_of(source), socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((source, port))
        made.connect(target)
        return made

    def await_listener(self, name, port, kind="tcp"):
        """Until a program has the port."""
        deadline = time.monotonic() + PATIENCE_S
        wanted = f":{port:04X} "
        state = " 0A " if kind == "tcp" else " 07 "
        while time.monotonic() < deadline:
            with self.inside(name):
                lines = ""
                for table in (kind, kind + "6"):
                    text = pathlib.Path(f"/proc/thread-self/net/{table}").read_text("ascii")
                    lines += "".join(f"{x}\n" for x in text.splitlines() if state in x)
            if any(wanted in line[:48] for line in lines.splitlines()):
                return
            time.sleep(0.02)
        raise Failed(f"nobody listens at {kind} port {port} of {name}")

    def stop(self):
        for child in self.children:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        for made in self.sockets:
            made.close()
        self.children, self.sockets = [], []

    # Recording.

    def record(self, session):
        """Plays one session through the kernel; returns its Recording."""
        for family, text in session.rules.items():
            self.command([f"{PROGRAM[family]}-restore"], text)
        recorder = Recorder()
        with open(self.folder / "expect", "wb") as said:
            self.start("router", "stdbuf", "-oL", "conntrack", "-E", "expect", output=said)
            self.await_subscriber()
            session.play(self)
            recorder.drain(QUIET_S)
            found = self.after(session)
            found.age_s = (time.time_ns() - recorder.packets[-1].time_ns) / 1e9
            self.stop()
        recorder.socket.close()
        found.packets = from_the_router(recorder.packets) if session.is_local else recorder.packets
        found.expectations = (self.folder / "expect").read_text("ascii").splitlines()
        if session.engine_rules:
            found.rules, found.is_packets_only = session.engine_rules, True
        return found

    def await_subscriber(self):
        """Until the watcher of expectations has joined its groups."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            table = pathlib.Path("/proc/thread-self/net/netlink").read_text("ascii")
            for line in table.splitlines()[1:]:
                fields = line.split()
                if fields[1] == "12" and int(fields[3], 16) & 0b111000:
                    return
            time.sleep(0.01)
        raise Failed("nobody watches expectations")

    def after(self, session):
        """Rules, connections and their families as they stand after the session."""
        found = Recording()
        for family in session.rules:
            found.rules[family] = self.command([f"{PROGRAM[family]}-save", "-c"])
            words = ["conntrack", "-L", "-f", family, "-o", "extended"]
            found.connections += sorted(self.command(words).splitlines())
            words += ["-u", "EXPECTED"]
            found.expected += sorted(self.command(words).splitlines())
        return found
