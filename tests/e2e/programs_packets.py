#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that get packets of pkttd: ulogd2 (NFLOG, ULOG, NFCT), a libnetfilter_queue program. TAP."""
import json
import signal
import subprocess
import sys

import packets as p
from pkttd import Daemon, Tap, wait_for

CLIENT, SERVER = "10.0.0.5", "192.0.2.80"
ROUTER = """router {
	interface in0=10.0.0.1/24,mac=02:00:00:00:01:01
	interface out0=192.0.2.1/24,mac=02:00:00:00:02:01
}"""
RULES = """*filter ipv4
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate INVALID -j DROP
-A FORWARD -p udp -m udp --dport 514 -j NFLOG --nflog-group 5 --nflog-prefix "by nflog "
-A FORWARD -p udp -m udp --dport 515 -j ULOG --ulog-nlgroup 3 --ulog-prefix "by ulog "
-A FORWARD -p udp -m udp --dport 1:3 -j NFQUEUE --queue-num 7
-A FORWARD -p udp -m udp --dport 4 -j NFQUEUE --queue-num 8 --queue-bypass
COMMIT
"""
tap = Tap()


def inject(d, *packets):
    """What became of each."""
    capture = p.pcapng([("in0", p.START_NS, data) for data in packets])
    (d.path / "in.pcapng").write_bytes(capture)
    status, out, err = d.pktt("inject", "--json", "--in", "in0", "--read", d.path / "in.pcapng")
    tap.ok(status == 0, "pktt inject", out, err)
    return [json.loads(line) for line in out.splitlines()]


def ulogd(d, name, conf, env=None):
    """A running ulogd with this configuration."""
    path = d.path / f"{name}.conf"
    path.write_text(f'[global]\nlogfile="{d.path}/{name}.log"\nloglevel=1\n{conf}')
    program = [d.build / "pktt-run"] if env is None else []
    process = subprocess.Popen([*map(str, program), "ulogd", "-c", str(path)], env=env or d.env,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wait_for(lambda: "initialization finished" in read(d, f"{name}.log") or process.poll() is not None)
    return process


def read(d, name):
    path = d.path / name
    return path.read_text(errors="replace") if path.exists() else ""


def plugin(name):
    return f'plugin="/usr/lib/x86_64-linux-gnu/ulogd/ulogd_{name}.so"\n'


def end(process):
    process.terminate()
    process.communicate(timeout=60)


PACKET_STACK = "".join(plugin(n) for n in ("raw2packet_BASE", "filter_IP2STR", "filter_PRINTPKT", "output_LOGEMU"))
RULE_STACK = ",ip2str1:IP2STR,print1:PRINTPKT,emu1:LOGEMU\n"


def logs_packets(d):
    conf = (plugin("inppkt_NFLOG") + plugin("filter_IFINDEX") + PACKET_STACK +
            "stack=log1:NFLOG,base1:BASE,ifi1:IFINDEX" + RULE_STACK +
            f'[log1]\ngroup=5\n[emu1]\nfile="{d.path}/nflog.out"\nsync=1\n')
    process = ulogd(d, "nflog", conf)
    try:
        inject(d, p.udp4(CLIENT, SERVER, 514, b"one"), p.udp4(CLIENT, SERVER, 514, b"second"),
               p.udp4(CLIENT, SERVER, 99, b"not logged"))
        wait_for(lambda: read(d, "nflog.out").count("\n") >= 2)
    finally:
        end(process)
    lines = read(d, "nflog.out").splitlines()
    tap.equal(len(lines), 2, "ulogd's NFLOG has the packets that the rule logged")
    want = ("by nflog ", f"SRC={CLIENT} DST={SERVER}", "PROTO=UDP", "DPT=514")
    tap.ok(lines and all(w in line for w in want for line in lines), "with prefix, addresses and ports",
           "\n".join(lines), read(d, "nflog.log"), d.said())
    tap.ok(len(lines) == 2 and " LEN=31 " in lines[0] and " LEN=34 " in lines[1], "each with its length",
           "\n".join(lines))


def logs_by_libipulog(d):
    conf = (plugin("inppkt_ULOG") + PACKET_STACK + "stack=ulog1:ULOG,base1:BASE" + RULE_STACK +
            f'[ulog1]\nnlgroup=3\n[emu1]\nfile="{d.path}/ulog.out"\nsync=1\n')
    env = dict(d.env, LD_PRELOAD=str(d.build / "libipulog-plain.so"))
    process = ulogd(d, "ulog", conf, env)
    try:
        inject(d, p.udp4(CLIENT, SERVER, 515, b"x"))
        wait_for(lambda: read(d, "ulog.out").count("\n") >= 1)
    finally:
        end(process)
    out = read(d, "ulog.out")
    tap.ok("by ulog " in out and f"SRC={CLIENT} DST={SERVER}" in out and "DPT=515" in out,
           "ulogd's ULOG plugin logs with libipulog preloaded", out, read(d, "ulog.log"))


def logs_flows(d):
    conf = ("".join(plugin(n) for n in ("inpflow_NFCT", "filter_IP2STR", "filter_PRINTFLOW", "output_LOGEMU")) +
            "stack=ct1:NFCT,ip2str1:IP2STR,print1:PRINTFLOW,emu1:LOGEMU\n"
            f'[ct1]\nhash_enable=0\nevent_mask=0x00000005\n[emu1]\nfile="{d.path}/nfct.out"\nsync=1\n')
    process = ulogd(d, "nfct", conf)
    try:
        inject(d, p.udp4(CLIENT, SERVER, 777, b"flow"))
        d.pktt("ct", "del", "-p", "udp", "-s", CLIENT, "--dport", "777")
        wait_for(lambda: "[DESTROY]" in read(d, "nfct.out"))
    finally:
        end(process)
    lines = [line for line in read(d, "nfct.out").splitlines() if "DPT=777" in line]
    tap.ok(any("[NEW]" in line for line in lines) and any("[DESTROY]" in line for line in lines) and
           all(f"SRC={CLIENT} DST={SERVER}" in line for line in lines), "ulogd's NFCT tells of the flow",
           read(d, "nfct.out"), read(d, "nfct.log"))


def decides(d, nfq):
    records = inject(d, p.udp4(CLIENT, SERVER, 1, b"nobody"), p.udp4(CLIENT, SERVER, 4, b"nobody"))
    tap.equal([r["verdict"] for r in records], ["drop", "accept"],
              "without a listener packets are dropped, with --queue-bypass they go on")
    process = d.popen(d.build / "pktt-run", nfq, "7", "3", stdout=subprocess.PIPE, text=True)
    tap.equal(process.stdout.readline(), "listening\n", "the program listens")
    status, out, err = d.pktt("queue", "list", "--json")
    tap.ok(status == 0 and str(process.pid) in out, "pktt queue list knows the listener", out, err)
    records = inject(d, p.udp4(CLIENT, SERVER, 1, b"data"), p.udp4(CLIENT, SERVER, 2, b"data"),
                     p.udp4(CLIENT, SERVER, 3, b"data"))
    said, _ = process.communicate(timeout=60)
    tap.equal(said.splitlines(), ["packet hook=2 proto=0800 mark=0 len=32"] * 3, "it saw the packets")
    tap.equal([r["verdict"] for r in records], ["accept", "drop", "accept"], "its verdicts hold")
    sent = [bytes.fromhex(e["data"]) for r in records for e in r["emitted"]]
    tap.equal([s[28:] for s in sent], [b"data", b"DATA"], "what it rewrote left rewritten")
    tap.equal([r.get("mark") for r in records], [0, 0, 0x51], "with the mark that it set")


def waits_to_the_end(d, nfq):
    """A program that was given a packet and never answers does not keep pkttd."""
    process = d.popen(d.build / "pktt-run", nfq, "7", "3", stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    process.send_signal(signal.SIGSTOP)
    (d.path / "in.pcapng").write_bytes(p.pcapng([("in0", p.START_NS, p.udp4(CLIENT, SERVER, 1, b"data"))]))
    handed = d.popen(d.build / "pktt", "inject", "--in", "in0", "--read", d.path / "in.pcapng", stdout=subprocess.PIPE,
                     stderr=subprocess.PIPE)

    def lengths():
        return [q["length"] for q in json.loads(d.pktt("queue", "list", "--json")[1])["queues"]]
    tap.ok(wait_for(lambda: 1 in lengths()), "a packet waits for a program that sleeps", lengths())
    status = d.stop()
    tap.ok(status == 0, "pkttd ends in order all the same", status, d.said())
    handed.communicate(timeout=60)
    process.kill()
    process.communicate(timeout=60)


def main():
    with Daemon(sys.argv[1], rules=RULES, config=ROUTER) as d:
        logs_packets(d)
        logs_by_libipulog(d)
        logs_flows(d)
        decides(d, sys.argv[2])
        waits_to_the_end(d, sys.argv[2])
    sys.exit(tap.end())


main()
