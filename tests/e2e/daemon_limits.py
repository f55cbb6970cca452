#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How much there may be, in all and of one user: each limit is reached, told by name, and what was refused
has changed nothing. usage: daemon_limits.py BUILD NFQ_TALK  (TAP)
"""
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import packets as p  # noqa: E402
from pkttd import Daemon, Tap, wait_for  # noqa: E402
from queues import ACCEPT, DROP, Injection, Talk, inject  # noqa: E402
from users import Actor, let_in  # noqa: E402

RULES = "create bad hash:ip\nadd bad 192.0.2.1\nadd bad 192.0.2.2\n*filter\n:A - [0:0]\n-A A -j DROP\n-A A -j ACCEPT\nCOMMIT\n"
MEMBERS = "group games\n"


def holds(pktt):
    return [pktt(*words)[1] for words in (["-S"], ["-S", "-t", "mangle"], ["set", "save"])]


def refused(tap, pktt, words, why):
    before = holds(pktt)
    status, out, err = pktt(*words)
    tap.ok(status == 1 and why in err, f"{' '.join(map(str, words))}: {why}", status, out, err)
    tap.equal(holds(pktt), before, "and nothing has changed")


def done(tap, pktt, *words):
    status, out, err = pktt(*words)
    tap.ok(status == 0, " ".join(map(str, words)), status, out, err)


def in_all(tap, build):
    limits = "limits {\n rules 5\n chains 2\n sets 2\n elements 4\n}"
    with Daemon(build, RULES, limits) as d:
        pktt = d.pktt
        many = d.path / "many"
        many.write_text("*filter\n" + "-A FORWARD -j DROP\n" * 4 + "COMMIT\n")
        for _ in range(3):
            done(tap, pktt, "-A", "FORWARD", "-j", "DROP")
        refused(tap, pktt, ["-A", "FORWARD", "-j", "DROP"], "there may be 5 rules in all, and not more")
        refused(tap, pktt, ["-I", "A", "1", "-j", "DROP"], "5 rules in all")
        refused(tap, pktt, ["-t", "mangle", "-A", "INPUT", "-j", "DROP"], "5 rules in all")
        refused(tap, pktt, ["-6", "-A", "INPUT", "-j", "DROP"], "5 rules in all")
        done(tap, pktt, "-R", "FORWARD", "1", "-j", "ACCEPT")
        refused(tap, pktt, ["restore", "-n", many], "5 rules in all")
        done(tap, pktt, "restore", many)
        tap.equal(pktt("-S")[1].count("\n-A "), 4, "a restore that replaces the table counts what goes")
        done(tap, pktt, "-A", "FORWARD", "-j", "ACCEPT")
        refused(tap, pktt, ["-A", "FORWARD", "-j", "DROP"], "5 rules in all")
        done(tap, pktt, "-F")
        for _ in range(5):
            done(tap, pktt, "-A", "FORWARD", "-j", "DROP")
        refused(tap, pktt, ["-A", "FORWARD", "-j", "DROP"], "5 rules in all")
        done(tap, pktt, "-D", "FORWARD", "1")
        done(tap, pktt, "rollback", "--yes")
        refused(tap, pktt, ["-A", "FORWARD", "-j", "DROP"], "5 rules in all")
        done(tap, pktt, "load", d.path / "rules", "--yes")
        done(tap, pktt, "-N", "B")
        refused(tap, pktt, ["-N", "C"], "there may be 2 chains in all, and not more")
        done(tap, pktt, "-X", "B")
        done(tap, pktt, "-N", "C")
        refused(tap, pktt, ["-N", "B"], "2 chains in all")
        done(tap, pktt, "set", "create", "more", "hash:net")
        refused(tap, pktt, ["set", "create", "third", "hash:ip"], "there may be 2 sets in all, and not more")
        done(tap, pktt, "set", "add", "more", "10.0.0.0/8")
        done(tap, pktt, "set", "add", "more", "11.0.0.0/8")
        refused(tap, pktt, ["set", "add", "more", "12.0.0.0/8"], "there may be 4 elements in all, and not more")
        done(tap, pktt, "set", "add", "more", "11.0.0.0/8", "--exist")
        done(tap, pktt, "set", "del", "more", "11.0.0.0/8")
        refused(tap, pktt, ["set", "add", "more", "12.0.0.0/8", "13.0.0.0/8"], "4 elements in all")
        done(tap, pktt, "set", "flush", "bad")
        done(tap, pktt, "set", "add", "more", "12.0.0.0/8", "13.0.0.0/8")
        done(tap, pktt, "set", "destroy", "more")
        done(tap, pktt, "set", "create", "more", "hash:ip", "timeout", "1")
        done(tap, pktt, "set", "add", "more", "192.0.2.0-192.0.2.3", "timeout", "1")
        tap.ok(wait_for(lambda: pktt("set", "test", "more", "192.0.2.3")[0] == 1), "elements have gone by their time")
        refused(tap, pktt, ["set", "add", "more", "192.0.2.0-192.0.2.4"], "4 elements in all")
        done(tap, pktt, "set", "add", "more", "192.0.2.8-192.0.2.11", "timeout", "0")
        refused(tap, pktt, ["set", "add", "more", "192.0.2.12"], "4 elements in all")
        (d.path / "flushed").write_text("flush more\nadd more 192.0.2.1\nadd more 192.0.2.2\n")
        done(tap, pktt, "restore", "-n", d.path / "flushed")
        done(tap, pktt, "set", "destroy", "more")
        (d.path / "rules").write_text(RULES.replace("COMMIT", "-A A -j DROP\n-A A -j DROP\nCOMMIT"))
        d.process.send_signal(signal.SIGHUP)
        tap.ok(wait_for(lambda: pktt("-S", "A")[1].count("-j") == 4), "the administrator's file is loaded", d.said())
        done(tap, pktt, "-A", "FORWARD", "-j", "DROP")
        refused(tap, pktt, ["-A", "FORWARD", "-j", "DROP"], "5 rules in all")
        tap.equal(d.stop(), 0, "pkttd goes on, and ends in order")


def of_one_user(tap, build):
    limits = MEMBERS + "limits {\n client-rules 3\n client-chains 1\n client-sets 1\n client-elements 2\n}"
    with Daemon(build, RULES, limits) as d:
        let_in(d)
        root = Actor(d, "root", 0, [])
        one, two = Actor(d, "one", 4000, ["games"]), Actor(d, "two", 4001, ["games"])
        for actor in (one, two):
            pktt, uid = actor.pktt, actor.uid
            for _ in range(3):
                done(tap, pktt, "-A", "FORWARD", "-j", "DROP")
            refused(tap, pktt, ["-A", "FORWARD", "-j", "DROP"], f"uid {uid} may have 3 rules, and not more")
            done(tap, pktt, "-R", "FORWARD", "1", "-j", "ACCEPT")
            done(tap, pktt, "-D", "FORWARD", "1")
            done(tap, pktt, "-A", "FORWARD", "-j", "DROP")
            refused(tap, pktt, ["-I", "FORWARD", "1", "-j", "DROP"], f"uid {uid} may have 3 rules")
            done(tap, pktt, "-N", f"C{uid}")
            refused(tap, pktt, ["-N", "MORE"], f"uid {uid} may have 1 chain, and not more")
            done(tap, pktt, "set", "create", f"s{uid}", "hash:ip")
            refused(tap, pktt, ["set", "create", "more", "hash:ip"], f"uid {uid} may have 1 set, and not more")
            done(tap, pktt, "set", "add", f"s{uid}", "192.0.2.1", "192.0.2.2")
            refused(tap, pktt, ["set", "add", "bad", "192.0.2.9"], f"uid {uid} may have 2 elements, and not more")
        tap.equal(root.pktt("-S", "FORWARD")[1].count("-A"), 6, "each has its own")
        for actor in (one, two):
            done(tap, root.pktt, "-D", "FORWARD", "1")
        done(tap, root.pktt, "-F")
        done(tap, one.pktt, "-A", "FORWARD", "-j", "DROP")
        tap.ok(True, "what others took away is nobody's any more")
        tap.equal(d.stop(), 0, "pkttd goes on, and ends in order")


ROUTER = """router {
	interface in0=10.0.0.1/24,mac=02:00:00:00:01:01
	interface out0=192.0.2.1/24,mac=02:00:00:00:02:01
}
"""
QUEUES = """*filter
:FORWARD ACCEPT [0:0]
-A FORWARD -p udp -m udp --dport 1 -j NFQUEUE --queue-num 1
-A FORWARD -p udp -m udp --dport 2 -j NFQUEUE --queue-num 2
-A FORWARD -p udp -m udp --dport 3 -j NFQUEUE --queue-num 3
COMMIT
"""


def udp(port, n):
    return [p.udp4("10.0.0.5", "192.0.2.80", port, bytes([i])) for i in range(n)]


def queues_of(d):
    return {q["queue"]: q for q in json.loads(d.pktt("queue", "list", "--json")[1])["queues"]}


def seen(d):
    """Packets that came to a queue, whatever became of them."""
    return sum(q["queued"] + q["dropped"] for q in queues_of(d).values())


def waiting(d, tap, talks, packets, want, name):
    """Of these packets so many wait at each program's queue; the others were dropped. They are let go then."""
    before = seen(d)
    injection = Injection(d, *packets)
    tap.ok(wait_for(lambda: seen(d) == before + len(packets)), f"{name}: all have come", queues_of(d))
    got = [[t.packet() for _ in range(n)] for t, n in zip(talks, want)]
    tap.equal(sum(q["length"] for q in queues_of(d).values()), sum(want), f"{name}: so many wait")
    for t, of_it in zip(talks, got):
        for packet in of_it:
            t.verdict(packet, ACCEPT)
    verdicts = [r["verdict"] for r in injection.records()]
    tap.equal((verdicts.count("accept"), verdicts.count("drop")), (sum(want), len(packets) - sum(want)),
              f"{name}: those that found no room are dropped")


def lengths(tap, build, program):
    with Daemon(build, QUEUES, ROUTER + "limits {\n queue-length 3\n}") as d:
        with Talk(d, program, "1") as one, Talk(d, program, "2:5") as two:
            tap.equal([queues_of(d)[n]["max"] for n in (1, 2)], [3, 5],
                      "queue-length is what a queue begins with, unless its program says")
            waiting(d, tap, [one, two], udp(1, 9) + udp(2, 9), [3, 5], "a queue's length")
            tap.equal([queues_of(d)[n]["dropped"] for n in (1, 2)], [6, 4], "which are counted")
        with Talk(d, program, "1", fail_open=True) as one, Talk(d, program, "2") as last:
            injection = Injection(d, *udp(1, 5), *udp(2, 1))
            last.verdict(last.packet(), DROP)  # it came behind the others
            for packet in [one.packet() for _ in range(3)]:
                one.verdict(packet, DROP)
            tap.equal(sorted(r["verdict"] for r in injection.records()), ["accept"] * 2 + ["drop"] * 4,
                      "fail-open lets pass what finds no room")


def queued(tap, build, program):
    lengths(tap, build, program)
    with Daemon(build, QUEUES, ROUTER + "limits {\n queued 4\n}") as d:
        with Talk(d, program, "1") as one, Talk(d, program, "2") as two:
            waiting(d, tap, [one, two], udp(1, 3) + udp(2, 9), [3, 1], "queued, in all")
            waiting(d, tap, [one, two], udp(2, 9), [0, 4], "queued, once more")
    with Daemon(build, QUEUES, ROUTER + "limits {\n client-queued 4\n}") as d:
        with Talk(d, program, "1", "2") as both, Talk(d, program, "3") as other:
            waiting(d, tap, [both, other], udp(1, 3) + udp(2, 3) + udp(3, 9), [4, 4],
                    "client-queued, of all queues of one program")
            waiting(d, tap, [both, other], udp(2, 9), [4, 0], "client-queued, once more")
        with Talk(d, program, "3") as other:
            waiting(d, tap, [other], udp(3, 9), [4], "client-queued, of another that takes the queue")
    with Daemon(build, QUEUES, ROUTER + "limits {\n queued-bytes 1\n}") as d:
        with Talk(d, program, "1") as one:
            waiting(d, tap, [one], udp(1, 2), [0], "queued-bytes")
        tap.equal(d.stop(), 0, "pkttd goes on, and ends in order")


def clients(tap, build):
    """A tenth of the places is root's."""
    with Daemon(build, RULES, MEMBERS + "limits {\n clients 10\n transaction 20000\n}") as d:
        let_in(d)
        root, one = Actor(d, "root", 0, []), Actor(d, "one", 4000, ["games"])
        held = []
        for _ in range(9):
            s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            s.connect(str(d.socket))
            held.append(s)
        status, out, err = one.pktt("-S")
        tap.ok(status == 3 and "9 programs are connected" in err or "cannot speak" in err, "no place for one more",
               status, out, err)
        tap.equal(root.pktt("-S")[0], 0, "but for root")
        for s in held:
            s.close()
        tap.ok(wait_for(lambda: one.pktt("-S")[0] == 0), "places that were left are free")
        big = d.path / "big"
        big.write_text("*filter\n" + "-A FORWARD -p tcp -m tcp --dport 80 -j DROP\n" * 1000 + "COMMIT\n")
        refused(tap, root.pktt, ["restore", big], "a transaction may have at most 20000 bytes")
        tap.equal(d.stop(), 0, "pkttd goes on, and ends in order")


LOG = """*filter
:FORWARD ACCEPT [0:0]
-A FORWARD -j LOG --log-level 0 --log-prefix "logged "
COMMIT
"""


def lines(d, text):
    return d.said().count(text)


def journal(tap, build):
    """Packets do not hide changes, one user's changes do not hide another's, and nobody's an error."""
    config = ROUTER + MEMBERS + "limits {\n log-rate 40\n client-log-rate 1\n}"
    with Daemon(build, LOG, config) as d:
        inject(d, *udp(1, 200))
        tap.ok(0 < lines(d, "logged ") < 200, "what rules log has a rate, whatever its level", lines(d, "logged "))
        let_in(d)
        one, two = Actor(d, "one", 4000, ["games"]), Actor(d, "two", 4001, ["games"])
        more = d.path / "more"
        more.write_text("".join(f"-N C{i}\n" for i in range(100)))
        more.chmod(0o644)
        for i in range(100):
            one.pktt("-P", "FORWARD", "ACCEPT" if i % 2 else "DROP")
        tap.ok(0 < lines(d, "(uid 4000, ") < 100, "so have one user's changes", lines(d, "(uid 4000, "))
        two.pktt("-P", "FORWARD", "ACCEPT")
        tap.equal(lines(d, "(uid 4001, "), 1, "which do not hide another's")
        (d.path / "rules").write_text("*nonsense\n")
        d.process.send_signal(signal.SIGHUP)
        tap.ok(wait_for(lambda: lines(d, "was not loaded")), "pkttd's own errors are told")
        tap.ok(wait_for(lambda: two.pktt("-N", f"W{time.monotonic_ns()}")[0] == 0 and lines(d, "lines were not said")),
               "and how many lines were not", d.said())
        metric = [line for line in d.pktt("metrics")[1].splitlines() if "journal" in line or "log_lines" in line]
        tap.ok(any("suppressed" in line or "lost" in line for line in metric), "metrics count them", metric)


def main():
    tap, build = Tap(), sys.argv[1]
    in_all(tap, build)
    queued(tap, build, sys.argv[2])
    if os.geteuid() == 0:
        of_one_user(tap, build)
        clients(tap, build)
        journal(tap, build)
    return tap.end()


sys.exit(main())
