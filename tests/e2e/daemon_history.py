#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is taken back: history, rollback against saved texts, loads that nobody confirms, restarts within the
time, clients that die. usage: daemon_history.py BUILD  (TAP)
"""
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from pkttd import Daemon, Tap, wait_for  # noqa: E402

RULES = "create known hash:ip\nadd known 192.0.2.1\n*filter\n:OWN -\n-A FORWARD -j OWN\n-A OWN -j ACCEPT\nCOMMIT\n"
LOAD = "*filter\n:FORWARD DROP\n-A FORWARD -p udp -j ACCEPT --name udp\nCOMMIT\n"


def rules(d):
    """Rules in their order; elements of a set have none."""
    lines = d.pktt("save")[1].splitlines()
    return "\n".join(sorted(line for line in lines if line.startswith("add ")) +
                     [line for line in lines if not line.startswith("add ")])


def generation(d):
    for line in d.pktt("history")[1].splitlines():
        if line.strip().startswith("*"):
            return int(line.split()[0].lstrip("*") or line.split()[1])
    return 0


def change(d, chance):
    """One change through a client; some are refused."""
    n = chance.randrange(1, 250)
    return d.pktt(*chance.choice([
        ["-A", "OWN", "-s", f"10.0.0.{n}", "-j", "DROP"],
        ["-I", "FORWARD", "-p", "tcp", "--dport", str(n), "-j", "ACCEPT", "--name", f"r{n}"],
        ["-D", "OWN", "1"], ["-D", "FORWARD", "1"], ["-F", "OWN"],
        ["-P", "FORWARD", chance.choice(["ACCEPT", "DROP"])],
        ["-R", "OWN", "1", "-m", "comment", "--comment", f"c {n}", "-j", "RETURN"],
        ["-N", f"C{n % 3}"], ["-X", f"C{n % 3}"], ["-E", f"C{n % 3}", f"C{(n + 1) % 3}"],
        ["set", "add", "known", f"192.0.2.{n % 9 + 2}"], ["set", "del", "known", "192.0.2.1"],
    ]))


def test_rollback(tap, build):
    chance = random.Random(7)
    with Daemon(build, RULES) as d:
        saved = {generation(d): rules(d)}
        for _ in range(40):
            change(d, chance)
            saved[generation(d)] = rules(d)
        wrong = []
        for _ in range(12):
            to = chance.choice([g for g in saved if g < generation(d)])
            status, out, err = d.pktt("rollback", str(to), "--yes")
            if status or rules(d) != saved[to]:
                wrong.append((to, status, out, err, saved[to], rules(d)))
            saved[generation(d)] = rules(d)
            change(d, chance)
            saved[generation(d)] = rules(d)
        tap.ok(len(saved) > 20 and not wrong, f"back to any of {len(saved)} generations, as saved", wrong)
        status, _, err = d.pktt("rollback", "99999", "--yes")
        tap.ok(status == 1 and "not there yet" in err, "a generation to come is none", err)
        tap.ok("back to the content of" in d.pktt("history")[1], "history tells of it")
        tap.ok("+1 rule by pktt (uid" in d.said(), "the journal tells who did what", d.said()[-300:])
    with Daemon(build, RULES, "history 3\n") as d:
        for n in range(6):
            d.pktt("-A", "OWN", "-s", f"10.0.0.{n}", "-j", "DROP")
        status, _, err = d.pktt("rollback", "2", "--yes")
        tap.ok(status == 1 and "not kept any more" in err, "history is bounded", err)


def test_counters(tap, build):
    with Daemon(build, RULES) as d:
        d.pktt("restore", "--counters", "--noflush",
               stdin="*filter\n[5:300] -A OWN -s 10.9.9.9 -j DROP\nCOMMIT\n")
        before = d.pktt("-S", "OWN", "-v")[1]
        d.pktt("-A", "FORWARD", "-j", "DROP")
        d.pktt("rollback", "--yes")
        tap.equal(d.pktt("-S", "OWN", "-v")[1], before, "counters of untouched rules stay")


def load(d, seconds):
    file = d.path / "new"
    file.write_text(LOAD)
    return d.pktt("load", file, "--family", "ipv4", "--confirm", str(seconds), "--yes")


def confirmed_load(tap, d, pending):
    """Its seconds, as many as this machine needs, and the rules that it made."""
    for seconds in (2, 10, 50):
        load(d, seconds)
        after, was_pending = rules(d), pending.exists()
        if d.pktt("confirm")[0] == 0:
            break
    tap.ok(was_pending, "what was before is on the disk meanwhile")
    return seconds, after


def test_confirm(tap, build):
    with Daemon(build, RULES, "settle 0") as d:
        before, pending = rules(d), d.path / "state" / "pending"
        tap.equal(load(d, 1)[0], 0, "a load, for a second")
        tap.ok(wait_for(lambda: not pending.exists()) and rules(d) == before, "nobody confirms: it is taken back",
               rules(d), d.said())
        seconds, after = confirmed_load(tap, d, pending)
        tap.ok(after != before, "a load holds, then it is confirmed", after)
        time.sleep(seconds + 0.5)
        tap.equal(rules(d), after, "it stays")
        tap.ok("FORWARD DROP" in (d.path / "state" / "good").read_text(), "and is the last good")
        tap.equal(d.pktt("confirm")[0], 1, "there is nothing to confirm any more")
        tap.ok(list((d.path / "state" / "history").iterdir()), "a checkpoint was written")


def test_restart(tap, build):
    with Daemon(build, RULES) as d:
        before = rules(d)
        load(d, 60)
        d.stop(signal.SIGKILL)
        d.start()
        tap.equal(rules(d), before, "killed before anybody confirmed: what was before")
        load(d, 60)
        d.stop()
        d.start()
        tap.equal(rules(d), before, "stopped before anybody confirmed: likewise")
        load(d, 60)
        d.pktt("confirm")
        (d.path / "rules").write_text("*broken")
        d.stop(signal.SIGKILL)
        d.start()
        tap.ok("FORWARD DROP" in rules(d), "what was confirmed is the last good", d.said()[-500:])


def test_killed_clients(tap, build):
    text = "*filter\n:FORWARD DROP\n" + "-A FORWARD -s 10.1.2.3 -j ACCEPT\n" * 60000 + "COMMIT\n"
    with Daemon(build, RULES) as d:
        (d.path / "many").write_text(text)
        before = rules(d)

        def is_half():
            now = rules(d)
            return now != before and now.count("-A FORWARD") != 60000
        bad = 0
        for wait in (0.01, 0.03, 0.06, 0.1, 0.15):
            p = d.popen(d.build / "pktt", "restore", d.path / "many", stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL)
            time.sleep(wait)
            p.kill()
            p.wait()
            bad += is_half()
            # pkttd may have heard all of it and carry it out before or after this
            d.pktt("rollback", "1", "--yes")
            bad += is_half()
        tap.equal(bad, 0, "a client that is killed has changed everything or nothing")


def main():
    tap, build = Tap(), sys.argv[1]
    for test in (test_rollback, test_counters, test_confirm, test_restart, test_killed_clients):
        test(tap, build)
    return tap.end()


sys.exit(main())
