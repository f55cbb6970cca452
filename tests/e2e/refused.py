#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections that new rules would refuse: told on load and rollback, listed, and ended by --cut. TAP output.

Runs in a network namespace of its own, whose interfaces and routes are what pktt judges by."""
import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from pkttd import Daemon, Tap  # noqa: E402 pylint: disable=wrong-import-position

OPEN = """*filter inet
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
COMMIT
"""

STRICT = """*filter inet
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
-A INPUT -i eth0 -p tcp -m tcp --dport 443 -j ACCEPT
-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT
-A FORWARD -i eth1 -o eth0 -p udp -m udp --dport 53 -j ACCEPT
-A OUTPUT -o eth0 -p tcp -m tcp --dport 25 -j REJECT
COMMIT
"""

HOST = """set -e
ip link set lo up
for n in 0 1; do ip link add eth$n type veth peer name peer$n; ip link set eth$n up; ip link set peer$n up; done
ip address add 192.0.2.1/24 dev eth0
ip address add 2001:db8:1::1/64 dev eth0 nodad
ip address add 10.0.0.1/24 dev eth1
ip route add default via 192.0.2.254
ip route add 10.9.0.0/16 via 10.0.0.9
"""

# what, original source, destination, ports, whether STRICT would let it begin
CONNECTIONS = [
    ("to the host, 443", "tcp", "198.51.100.7", "192.0.2.1", 40000, 443, True),
    ("to the host, 22", "tcp", "198.51.100.7", "192.0.2.1", 40001, 22, False),
    ("to the host, 22, IPv6", "tcp", "2001:db8:2::7", "2001:db8:1::1", 40002, 22, None),
    ("to the host, 443, on the link, IPv6", "tcp", "2001:db8:1::7", "2001:db8:1::1", 40003, 443, True),
    ("to the host, 80, on the link, IPv6", "tcp", "2001:db8:1::7", "2001:db8:1::1", 40004, 80, False),
    ("DNS from inside", "udp", "10.0.0.5", "198.51.100.53", 5353, 53, True),
    ("NTP from inside, behind a router", "udp", "10.9.3.5", "198.51.100.53", 5354, 123, False),
    ("DNS from outside", "udp", "198.51.100.53", "10.0.0.5", 5355, 53, False),
    ("mail from the host", "tcp", "192.0.2.1", "198.51.100.25", 40005, 25, False),
    ("the web from the host", "tcp", "192.0.2.1", "198.51.100.25", 40006, 80, True),
]
REFUSED = [c for c in CONNECTIONS if c[6] is False]


def ports(text):
    """The source ports of the connections that a listing has."""
    return sorted(int(line.split("sport=")[1].split()[0]) for line in text.splitlines() if "sport=" in line)


def fill(pkttd, tap):
    for what, proto, src, dst, sport, dport, _ in CONNECTIONS:
        more = ["--state", "ESTABLISHED"] if proto == "tcp" else []
        status, _, err = pkttd.pktt("ct", "add", "-s", src, "-d", dst, "-p", proto, "--sport", sport, "--dport", dport,
                                    "--timeout", 600, *more)
        if status and "there is a connection" not in err:
            tap.ok(False, f"a connection: {what}", err)


def check(pkttd, tap):
    strict = pkttd.path / "strict.rules"
    strict.write_text(STRICT)
    want = sorted(c[4] for c in REFUSED)

    fill(pkttd, tap)
    states = pkttd.pktt("metrics")[1]
    tap.ok('conntrack_states{l4="tcp",protocol="6",state="ESTABLISHED"} 7\n' in states and
           'conntrack_states{l4="udp",protocol="17",state=""} 3\n' in states, "metrics count them by state", states)
    status, out, err = pkttd.pktt("ct", "list", "--refused")
    tap.ok(status == 0 and not ports(out), "open rules refuse none", out, err)
    status, out, err = pkttd.pktt("load", strict)
    words = f"{len(CONNECTIONS) - len(want)} connections kept, {len(want)} no longer allowed (pktt ct list --refused)"
    tap.ok(status == 0 and words in out, "load tells how many", out, err)
    tap.equal(ports(pkttd.pktt("ct", "list")[1]), sorted(c[4] for c in CONNECTIONS), "and leaves them all")
    tap.equal(ports(pkttd.pktt("ct", "list", "--refused")[1]), want, "those that could not begin are listed")
    tap.equal(ports(pkttd.pktt("ct", "list", "--refused", "-p", "udp")[1]), [c[4] for c in REFUSED if c[1] == "udp"],
              "with other options")
    status, out, err = pkttd.pktt("ct", "del", "--refused", "-p", "udp")
    tap.ok(status == 0 and ports(pkttd.pktt("ct", "list", "--refused")[1]) == [c[4] for c in REFUSED if c[1] == "tcp"],
           "del --refused ends them", out, err)
    status, out, err = pkttd.pktt("rollback")
    tap.ok(status == 0 and f"; {len(CONNECTIONS) - 2} connections kept" in out, "rollback tells, too", out, err)
    status, out, err = pkttd.pktt("load", "--cut", strict)
    left = sorted(c[4] for c in CONNECTIONS if c not in REFUSED)
    tap.equal((status, ports(out)), (0, [c[4] for c in REFUSED if c[1] == "tcp"]), "load --cut shows what it ends")
    tap.equal(ports(pkttd.pktt("ct", "list")[1]), left, "and only that has ended")
    status, out, err = pkttd.pktt("load", "--json", strict)
    tap.ok(json.loads(out).get("connections_refused") == 0, "as JSON", out, err)
    fill(pkttd, tap)
    status, out, err = pkttd.pktt("load", "--json", "--cut", strict)
    tap.equal(json.loads(out).get("connections_ended"), len(want), "--cut as JSON")
    broken = pkttd.path / "broken.rules"
    broken.write_text(STRICT.replace("--dport 443", "--dport 99999"))
    fill(pkttd, tap)
    tap.ok(pkttd.pktt("load", "--cut", broken)[0] == 1 and ports(pkttd.pktt("ct", "list", "--refused")[1]) == want,
           "rules that are refused end nothing")


def main():
    if os.environ.get("PKTT_OWN_NETNS") != "1":
        env = dict(os.environ, PKTT_OWN_NETNS="1")
        if subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True).returncode:
            print("1..0 # SKIP needs the right to make a network namespace")
            return 0
        return subprocess.run(["unshare", "-n", sys.executable, *sys.argv], env=env, check=False).returncode
    subprocess.run(["bash", "-c", HOST], check=True)
    tap = Tap()
    with Daemon(sys.argv[1], rules=OPEN) as pkttd:
        check(pkttd, tap)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
