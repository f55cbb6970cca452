#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pkttd from start to end: configuration, rules at the start, signals, what it gives up, packets handed in
by programs that die. usage: daemon_life.py BUILD  (TAP)
"""
import json
import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from pkttd import Daemon, Tap, wait_for  # noqa: E402

ROUTER = "router {\n interface in0=10.0.0.1/24\n interface out0=10.1.0.1/24\n}"
ACCEPT = "*filter\n-A FORWARD -p udp --dport 53 -j ACCEPT --name dns\n-A FORWARD -j DROP\nCOMMIT\n"
DROP = "*filter\n-A FORWARD -j DROP --name nothing\nCOMMIT\n"
BAD = "*filter\n-A FORWARD -p udp --dprt 53 -j ACCEPT\nCOMMIT\n"


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def packet(sport, dport=53):
    """An Ethernet frame with a UDP packet from in0's subnet to out0's."""
    udp = struct.pack("!HHHH", sport, dport, 13, 0) + b"hello"
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0,
                     bytes([10, 0, 0, 5]), bytes([10, 1, 0, 9]))
    ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
    return bytes(6) + b"\2\0\0\0\0\2" + b"\x08\0" + ip + udp


def capture(path, frames):
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i, frame in enumerate(frames):
            f.write(struct.pack("<IIII", 1700000000 + i, 0, len(frame), len(frame)) + frame)
    return path


def verdicts(d, frames, *args):
    """What pkttd says of frames that arrive at in0."""
    file = capture(d.path / "capture", frames)
    status, out, err = d.pktt("inject", "--in", "in0", "--read", file, "--json", *args)
    found = [json.loads(line) for line in out.splitlines()]
    return status, [(r["verdict"], r.get("rule", {}).get("name")) for r in found], err


def test_configuration(tap, build):
    d = Daemon(build, ACCEPT, ROUTER)
    conf = d.path / "conf"
    text = conf.read_text()

    def check():
        return d.run(d.build / "pkttd", "--config", conf, "--check")

    tap.equal(check()[0], 0, "a good configuration and its rules")
    for broken, wanted in (("limits {\n ruls 5\n}\n", "conf:7:2: error: unknown setting ruls; did you mean rules?"),
                           ("router {\n", "conf:6:1: error: block router is not closed"),
                           ("workers 0\n", "conf:6:9: error: workers: 0 is outside 1 to 256"),
                           ("on-failure opne\n", "conf:6:12: error: on-failure: "),
                           ("nonsense\n", "conf:6:1: error: unknown setting nonsense"),
                           ("workers\n", "conf:6:1: error: workers needs a value"),
                           ("}\n", "conf:6:1: error: there is no open block"),
                           ("router {\n interface in0=10.0.0.1/99\n}\n", "conf:7:12: error: ")):
        head = "".join(text.splitlines(True)[:5])
        conf.write_text(head + broken)
        status, _, err = check()
        tap.ok(status == 1 and wanted in err, f"{broken.split()[0]}: the place and the reason", err)
    conf.write_text(text)
    (d.path / "rules").write_text(BAD)
    status, _, err = check()
    tap.ok(status == 1 and "rules:2:19: error: unknown option --dprt" in err and "--dport?" in err,
           "rules that are wrong, with the place", err)
    os.chmod(conf, 0o666)
    tap.ok(check()[0] == 1,
           "a configuration that anybody may write is refused")
    tap.equal(d.run(d.build / "pkttd", "--sokcet", "x")[0], 2, "a wrong command line is told so")
    d.folder.cleanup()


def test_packets(tap, build):
    with Daemon(build, ACCEPT, ROUTER) as d:
        status, got, err = verdicts(d, [packet(1000), packet(1001, 80)])
        tap.equal((status, got), (0, [("accept", "dns"), ("drop", None)]), "packets are judged")
        file = capture(d.path / "more", [packet(2000 + i % 1000) for i in range(20000)])
        for _ in range(5):
            p = d.popen(d.build / "pktt", "inject", "--in", "in0", "--read", file,
                        stdout=subprocess.DEVNULL)
            time.sleep(0.03)
            p.kill()
            p.wait()
        status, got, err = verdicts(d, [packet(1002)])
        tap.equal((status, got), (0, [("accept", "dns")]), "clients that are killed change nothing")
        status, _, err = d.pktt("inject", "--in", "nowhere", "--read", file)
        tap.ok(status == 1 and "no interface nowhere" in err, "an interface that is not there", err)
        env = dict(d.env, PKTT_SOCKET=str(d.view))
        status, _, err = d.run(d.build / "pktt", "inject", "--in", "in0", "--read", file, env=env)
        tap.ok(status == 1, "the view socket judges nothing", err)
        tap.equal(d.stop(), 0, "it ends in order")
        tap.ok(not d.socket.exists(), "its socket has gone")


def test_reload(tap, build):
    with Daemon(build, ACCEPT, ROUTER) as d:
        (d.path / "rules").write_text(DROP)
        d.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "loaded: generation" in d.said())
        tap.equal(verdicts(d, [packet(1)])[1], [("drop", "nothing")], "HUP: the new rules hold")
        (d.path / "rules").write_text(BAD)
        d.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "was not loaded" in d.said())
        tap.ok("rules:2:19: error: unknown option --dprt" in d.said(), "a bad file is told with its place",
               d.said())
        tap.equal(verdicts(d, [packet(2)])[1], [("drop", "nothing")], "and the rules stay")
        conf = d.path / "conf"
        conf.write_text(conf.read_text() + "workers 3\nhistory 7\n")
        (d.path / "rules").write_text(ACCEPT)
        d.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "after a restart only" in d.said())
        tap.ok("after a restart only: workers" in d.said(), "what needs a restart is said", d.said())
        d.process.send_signal(signal.SIGUSR1)
        dump = d.path / "run" / "dump.json"
        tap.ok(wait_for(dump.exists) and "pkttables" in json.loads(dump.read_text()), "USR1: dump.json")
        d.process.send_signal(signal.SIGUSR2)
        tap.equal(verdicts(d, [packet(3)])[1], [("accept", "dns")], "USR2 harms nothing")
        d.process.send_signal(signal.SIGTERM)
        d.process.wait(60)
        tap.ok((d.path / "state" / "good").exists(), "what held at the end is the last good")


def test_start(tap, build):
    with Daemon(build, DROP, ROUTER + "\nsettle 0") as d:
        tap.ok(wait_for((d.path / "state" / "good").exists), "rules that stand are kept as good")
        d.stop(signal.SIGKILL)
        (d.path / "rules").write_text(BAD)
        d.start()
        tap.ok("last good rules hold" in d.said(), "a bad file at the start: the last good rules",
               d.said())
        tap.equal(verdicts(d, [packet(1)])[1], [("drop", "nothing")], "and they do hold")
    with Daemon(build, BAD, ROUTER) as d:
        tap.equal(verdicts(d, [packet(1)])[1], [("drop", None)], "none good: closed")
    with Daemon(build, BAD, ROUTER + "\non-failure open") as d:
        tap.equal(verdicts(d, [packet(1)])[1], [("accept", None)], "on-failure open")
    with Daemon(build, "", ROUTER) as d:
        d.stop()
        (d.path / "rules").unlink()
        (d.path / "state" / "good").unlink()
        d.start()
        tap.ok("everything passes" in d.said() and verdicts(d, [packet(1)])[1] == [("accept", None)],
               "no file: open, with a warning", d.said())
    d = Daemon(build, BAD, ROUTER + "\non-failure keep")
    status, _, err = d.run(d.build / "pkttd", "--foreground", "--config", d.path / "conf")
    tap.ok(status == 1 and "on-failure is keep" in err, "on-failure keep: it does not start", err)
    d.folder.cleanup()


def status_of(pid):
    return dict(line.split(":\t", 1) for line in
                Path(f"/proc/{pid}/status").read_text().splitlines() if ":\t" in line)


def test_privileges(tap, build):
    with Daemon(build, ACCEPT, ROUTER + "\nworkers 2") as d:
        s = status_of(d.process.pid)
        tap.equal(s["NoNewPrivs"], "1", "no new privileges")
        tap.equal(s["Seccomp"], "2", "system calls are filtered")
        if os.geteuid() == 0:
            kept = 1 << 12 | 1 << 13 | 1 << 38 | 1 << 39
            tap.equal(int(s["CapEff"], 16) & ~kept, 0, "no capability but the four")
            tap.equal(int(s["CapBnd"], 16) & ~kept, 0, "and none to be had again")
        tap.equal(oct(d.socket.stat().st_mode & 0o777), "0o660", "the socket is the group's")
        threads = os.listdir(f"/proc/{d.process.pid}/task")
        tap.ok(all(status_of(f"{d.process.pid}/task/{t}")["Seccomp"] == "2" for t in threads
                   if Path(f"/proc/{d.process.pid}/task/{t}").exists()),
               "the workers' are filtered as well")
        tap.equal(verdicts(d, [packet(i) for i in range(1, 200)])[1], [("accept", "dns")] * 199,
                  "two workers judge, and answers come")


def is_over(pid):
    """Whoever adopted it need not have asked for its status yet."""
    try:
        return status_of(pid)["State"].startswith("Z")
    except OSError:
        return True


def test_background(tap, build):
    d = Daemon(build, ACCEPT, ROUTER)
    pid_file = d.path / "pid"
    status, _, err = d.run(d.build / "pkttd", "--config", d.path / "conf", "--pid-file", pid_file)
    tap.equal((status, err), (0, ""), "into the background, once it runs")
    pid = int(pid_file.read_text())
    tap.equal(verdicts(d, [packet(1)])[1], [("accept", "dns")], "it is there")
    tap.equal(os.getsid(pid) != os.getsid(0), True, "in a session of its own")
    os.kill(pid, signal.SIGTERM)
    # to its end: its last good rules are written then
    tap.ok(wait_for(lambda: is_over(pid)) and not d.socket.exists(), "and ends by TERM")
    (d.path / "rules").write_text(BAD)
    (d.path / "state" / "good").unlink(missing_ok=True)
    (d.path / "conf").write_text((d.path / "conf").read_text() + "on-failure keep\n")
    status, _, err = d.run(d.build / "pkttd", "--config", d.path / "conf")
    tap.equal(status, 1, "a start that fails is told by the exit status")
    d.folder.cleanup()


def main():
    tap, build = Tap(), sys.argv[1]
    for test in (test_configuration, test_packets, test_reload, test_start, test_privileges,
                 test_background):
        test(tap, build)
    return tap.end()


sys.exit(main())
