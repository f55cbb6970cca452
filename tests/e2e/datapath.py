#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Live packets between namespaces through pkttd: what passes, what does not, what is rewritten, and that
nothing stays behind. usage: datapath.py BUILD  (TAP)
"""
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from hosts import CLIENT, ROUTER, SERVER, Hosts, why_not  # noqa: E402
from pkttd import Daemon, Tap, wait_for  # noqa: E402

TALK = [sys.executable, Path(__file__).parent / "talk.py"]
INTERFACES = "datapath {\n interface in0\n interface out0\n}"
SMALL, LARGE = 1000, 20_000_000

POLICY = """*filter inet
:FORWARD DROP
:INPUT DROP
:OUTPUT ACCEPT
-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT --name established
-A FORWARD -i in0 -o out0 -p tcp --dport 7000 -j ACCEPT --name tcp
-A FORWARD -i in0 -o out0 -p udp --dport 7000 -j ACCEPT --name udp
-A FORWARD -i in0 -o out0 -p icmp -j ACCEPT --name ping
-A FORWARD -i in0 -o out0 -p ipv6-icmp -j ACCEPT --name ping6
-A FORWARD -p tcp --dport 7001 -j REJECT --name refused
-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A INPUT -p ipv6-icmp -j ACCEPT
-A INPUT -i in0 -p tcp --dport 7000 -j ACCEPT --name local
COMMIT
"""

NAT = """*nat
-A PREROUTING -d 10.0.0.1/32 -p tcp --dport 8000 -j DNAT --to-destination 10.1.0.2:7000
-A POSTROUTING -o out0 -j MASQUERADE
-A OUTPUT -d 10.9.9.9/32 -p tcp -j DNAT --to-destination 10.1.0.2
COMMIT
"""


def server(hosts, host, kind, address):
    p = hosts.popen(host, *TALK, kind, address, 7000, stdout=subprocess.PIPE, text=True)
    p.stdout.readline()
    return p


class Servers:
    """One of TCP and UDP for each address."""

    def __init__(self, hosts, host, addresses):
        self.running = [server(hosts, host, kind, a) for a in addresses for kind in ("serve", "udp-serve")]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for p in self.running:
            p.kill()
            p.wait()
            p.stdout.close()


def talk(hosts, host, kind, address, port=7000, size=SMALL):
    return hosts.run(host, *TALK, kind, address, port, size)


def ping(hosts, host, address, *args):
    return hosts.run(host, "ping", "-n", "-c", "2", "-i", "0.2", "-W", "2", *args, address)


def rules(d):
    """Packets that each rule with a name has counted."""
    found = json.loads(d.pktt("-S", "--family", "inet", "--json", "-v")[1])
    return {r["rule"]["name"]: r["rule"].get("packets", 0) for r in found["pkttables"]
            if "rule" in r and r["rule"].get("name")}


def router(build, hosts, text, config=INTERFACES):
    return Daemon(build, text, config, before=hosts.argv(ROUTER))


def test_forwarding(tap, build, hosts):
    with router(build, hosts, POLICY) as d, Servers(hosts, SERVER, ("10.1.0.2", "fd01::2")):
        for address, source in (("10.1.0.2", "10.0.0.2"), ("fd01::2", "fd00::2")):
            tap.equal(talk(hosts, CLIENT, "send", address), (0, source + "\n"), f"TCP to {address}")
            tap.equal(talk(hosts, CLIENT, "send", address, size=LARGE), (0, source + "\n"),
                      f"super-packets to {address}, no byte of which is another")
            tap.equal(talk(hosts, CLIENT, "udp", address), (0, source + "\n"), f"UDP to {address}")
            tap.equal(talk(hosts, CLIENT, "udp", address, size=20000), (0, source + "\n"),
                      f"a datagram in pieces to {address}")
            status, out = ping(hosts, CLIENT, address, "-s", "8000")
            tap.equal(status, 0, f"pings of 8000 bytes to {address}")
            status, out = talk(hosts, CLIENT, "send", address, 7001)
            tap.ok(status and "ConnectionRefused" in out, f"REJECT answers at {address}", out)
            status, out = talk(hosts, CLIENT, "udp", address, 7002)
            tap.ok(status and "Timeout" in out, f"what no rule lets pass does not, to {address}", out)
            status, out = ping(hosts, CLIENT, address, "-t", "1")
            tap.ok(status and re.search("Time to live exceeded|Hop limit", out), f"hops to {address} are counted", out)
        tap.equal({k: v for k, v in rules(d).items() if k in ("tcp", "udp", "refused")},
                  {"tcp": 4, "udp": 4, "refused": 2}, "rules count each packet once")
        status, out, _ = d.pktt("ct", "list", "--json")
        tap.ok(status == 0 and "7000" in out, "connections are there to be listed", out)


def test_local(tap, build, hosts):
    with router(build, hosts, POLICY) as d, Servers(hosts, ROUTER, ("10.0.0.1", "fd00::1")), \
            Servers(hosts, SERVER, ("10.1.0.2", "fd01::2")):
        for ours, theirs in (("10.0.0.1", "10.1.0.2"), ("fd00::1", "fd01::2")):
            tap.equal(talk(hosts, CLIENT, "send", ours, size=LARGE)[0], 0, f"to the router itself, {ours}")
            status, out = talk(hosts, CLIENT, "udp", ours)
            tap.ok(status and "Timeout" in out, f"INPUT refuses at {ours}", out)
            tap.equal(talk(hosts, ROUTER, "send", theirs, size=LARGE)[0], 0, f"of the router itself, to {theirs}")
            tap.equal(ping(hosts, ROUTER, theirs)[0], 0, f"the router pings {theirs}")
        tap.equal(rules(d)["local"], 2, "a rule of INPUT counted its two connections")


def test_translation(tap, build, hosts):
    with router(build, hosts, NAT, INTERFACES.replace("}", " interface lo\n}")) as d, \
            Servers(hosts, SERVER, ("10.1.0.2",)):
        tap.equal(talk(hosts, CLIENT, "send", "10.1.0.2", size=LARGE), (0, "10.1.0.1\n"), "MASQUERADE")
        tap.equal(talk(hosts, CLIENT, "send", "10.0.0.1", 8000, LARGE), (0, "10.1.0.1\n"), "DNAT and MASQUERADE")
        tap.equal(talk(hosts, CLIENT, "udp", "10.1.0.2", size=20000), (0, "10.1.0.1\n"), "pieces are translated")
        tap.equal(ping(hosts, CLIENT, "10.1.0.2", "-s", "3000")[0], 0, "pings are translated")
        hosts.ip("-n", hosts.name[ROUTER], "route", "add", "10.9.9.0/24", "via", "10.0.0.2")
        tap.equal(talk(hosts, ROUTER, "send", "10.9.9.9")[0], 0, "DNAT of what the router itself sends")
        with Servers(hosts, ROUTER, ("127.0.0.1",)):
            tap.equal(talk(hosts, ROUTER, "send", "127.0.0.1", size=LARGE), (0, "127.0.0.1\n"), "lo, judged as well")
        tap.equal(ping(hosts, ROUTER, "::1")[0], 0, "lo of IPv6")
        tap.ok(wait_for(lambda: "10.1.0.1" in d.pktt("ct", "list")[1]), "translations are listed")


def filters(hosts, dev):
    return [line for way in ("ingress", "egress")
            for line in hosts.run(ROUTER, "tc", "filter", "show", "dev", dev, way)[1].splitlines() if "bpf" in line]


def test_life(tap, build, hosts):
    # A filter of somebody else's, which stays as it is.
    hosts.run(ROUTER, "tc", "qdisc", "add", "dev", "out0", "clsact")
    hosts.run(ROUTER, "tc", "filter", "add", "dev", "out0", "egress", "protocol", "all", "pref", "49000",
              "u32", "match", "u32", "0", "0", "flowid", "1:1")
    theirs = hosts.run(ROUTER, "tc", "filter", "show", "dev", "out0", "egress")[1]
    tap.ok("u32" in theirs, "somebody else has a filter", theirs)
    with router(build, hosts, POLICY) as d, Servers(hosts, SERVER, ("10.1.0.2",)):
        tap.equal(talk(hosts, CLIENT, "send", "10.1.0.2")[0], 0, "it runs")
        d.stop(signal.SIGKILL)
        status, _ = talk(hosts, CLIENT, "send", "10.1.0.2")
        tap.ok(status != 0, "killed: closed")
        d.start()
        tap.equal(talk(hosts, CLIENT, "send", "10.1.0.2")[0], 0, "it runs again")
        d.stop()
        tap.ok(talk(hosts, CLIENT, "send", "10.1.0.2")[0] != 0, "stopped: closed, as without-pkttd says")
        status, out = hosts.run(ROUTER, build + "/pkttd", "--config", d.path / "conf", "--stop")
        tap.ok(status == 0 and "in0: let go" in out and "out0: let go" in out, "pkttd --stop lets go", out)
        tap.ok("clsact" not in hosts.run(ROUTER, "tc", "qdisc", "show", "dev", "in0")[1] and
               "clsact" in hosts.run(ROUTER, "tc", "qdisc", "show", "dev", "out0")[1],
               "clsact goes where nobody else uses it",
               hosts.run(ROUTER, "tc", "qdisc", "show")[1])
        tap.equal(talk(hosts, CLIENT, "send", "10.1.0.2")[0], 0, "and packets pass")
        d.start()
        status, out = hosts.run(ROUTER, build + "/pkttd", "--config", d.path / "conf", "--stop")
        tap.ok(status == 0 and f"process {d.process.pid}) has ended" in out, "--stop ends a pkttd that runs", out)
        tap.equal(d.stop(), 0, "in order")
        conf = d.path / "conf"
        conf.write_text(conf.read_text() + "on-stop open\n")
        d.start()
        tap.ok(len(filters(hosts, "in0")) > 0, "programs stand at in0")
        d.stop()
        tap.equal(filters(hosts, "in0") + filters(hosts, "out0"), [], "on-stop open: none stands there any more")
        tap.equal(hosts.run(ROUTER, "tc", "filter", "show", "dev", "out0", "egress")[1], theirs,
                  "somebody else's filter is as it was")
        tap.ok("pktt0:" not in hosts.run(ROUTER, "ip", "-o", "link")[1], "the TAP device has gone")
        tap.equal(talk(hosts, CLIENT, "send", "10.1.0.2")[0], 0, "and packets pass as if nothing had been")


def test_interfaces(tap, build, hosts):
    config = "datapath {\n interface in+\n interface out0\n}"
    with router(build, hosts, POLICY, config) as d:
        hosts.pair(CLIENT, "eth9", "in9", 9)
        tap.ok(wait_for(lambda: "in9: packets are judged" in d.said()), "an interface that comes later", d.said())
        tap.equal(ping(hosts, CLIENT, "10.9.0.1")[0], 0, "it is judged by the rules")
        hosts.ip("-n", hosts.name[ROUTER], "link", "set", "in9", "down")
        hosts.ip("-n", hosts.name[ROUTER], "link", "set", "in9", "name", "other9")
        tap.ok(wait_for(lambda: not filters(hosts, "other9")), "renamed away from the pattern: let go")
        hosts.ip("-n", hosts.name[ROUTER], "link", "del", "other9")
        wait_for(lambda: "other9" not in hosts.run(ROUTER, "ip", "-o", "link")[1])
        tap.equal(ping(hosts, CLIENT, "10.1.0.2")[0], 0, "an interface that goes disturbs nobody")


def test_demo(tap, build):
    p = subprocess.Popen([f"{build}/pktt", "demo"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    out, _ = p.communicate(timeout=120)
    tap.equal(p.returncode, 0, "pktt demo: exit status")
    for part in ("200000000 bytes got there", "name web", "[ASSURED]", 'verdict  DROP by filter/FORWARD',
                 "Everything has been removed"):
        tap.ok(part in out, f"pktt demo shows: {part}", out)
    left = subprocess.run(["ip", "netns"], capture_output=True, text=True, check=True).stdout
    tap.ok(f"pktt-router-{p.pid}" not in left, "and removes it", left)


def main():
    tap, build = Tap(), sys.argv[1]
    if why := why_not():
        print(f"1..0 # SKIP {why}")
        return 0
    for test in (test_forwarding, test_local, test_translation, test_life, test_interfaces):
        with Hosts() as hosts:
            test(tap, build, hosts)
    test_demo(tap, build)
    return tap.end()


sys.exit(main())
