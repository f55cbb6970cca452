#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pktt replay: the command line, files in and out, exit codes."""

import os
import pty
import subprocess
import tempfile

import packets as p
from bench import CLIENT, DEFAULT, ROUTER, SERVER, equal, filter_rules, main, said

PING = p.ping4(CLIENT, SERVER)
PACKETS = [("in0", p.START_NS, PING)]


def refused(b, *options, says=(), status=2, **files):
    run = b.run(PACKETS, [*ROUTER, *options], **files)
    equal((run.status, run.out), (status, b""))
    for text in says:
        assert text in run.err, run.err


def test_usage(b):
    """A wrong command line is 2 and says what was meant"""
    refused(b, "--jsno", says=["--jsno", "did you mean --json"])
    refused(b, "--set", "hzz=250", says=["hzz", "did you mean hz"])
    refused(b, "--set", "hz=fast", says=["hz"])
    refused(b, "--in", "in1", says=["did you mean in0"])
    refused(b, "--local-out", "nothing", says=["no interface nothing"])
    refused(b, "--route", "0.0.0.0/0=out1", says=["did you mean out0"])
    refused(b, "--route", "10.0.0.0/33=out0", says=["0 to 32"])
    refused(b, "--route", "10.0.0.1/24=out0", says=["beyond its length"])
    refused(b, "--interface", "x0=10.0.0.300/24", says=["10.0.0.300"])
    refused(b, "--interface", "in0=10.0.0.1/24", says=["given twice"])
    refused(b, "--interface", "x0=mac=zz", says=["zz"])
    refused(b, "--seed", "x", says=["--seed"])
    refused(b, "extra", says=["extra"])
    refused(b, "--json", "--write", "-", says=["standard output"])
    done = subprocess.run([b.pktt, "replay"], capture_output=True, check=False)
    equal(done.returncode, 2)
    assert b"--read" in done.stderr


def test_help(b):
    """--help is no error and names every option"""
    done = subprocess.run([b.pktt, "replay", "--help"], capture_output=True, check=False)
    equal(done.returncode, 0)
    for name in ("read", "write", "rules", "ipv4-rules", "sets", "interface", "route", "bridge"):
        assert f"--{name}".encode() in done.stdout, name
    done = subprocess.run([b.pktt, "repaly"], capture_output=True, check=False)
    equal(done.returncode, 2)
    assert b"did you mean replay" in done.stderr


def test_refused_rules(b):
    """Rules refused: 1, file:line:column, nothing run"""
    rules = "*filter\n:FORWARD ACCEPT\n-A FORWARD -p tcp --dprot 80 -j ACCEPT\nCOMMIT\n"
    refused(b, "--json", status=1, says=["ipv4:3:19: error", "did you mean --dport"], ipv4=rules)


def test_stateful_rules(b):
    """What a rule with state names and the engine has not is refused with its place"""
    rules = "*raw\n:PREROUTING ACCEPT\n-A PREROUTING -p tcp -j CT --helper nobody\nCOMMIT\n"
    refused(b, "--json", status=1, says=["ipv4:3:", "error", "no helper nobody"], ipv4=rules)


def test_absent_files(b):
    """Files that are not there: 1"""
    refused(b, "--ipv4-rules", "/nonexistent/rules", status=1, says=["/nonexistent/rules"])
    done = subprocess.run(
        [b.pktt, "replay", *ROUTER, "--read", "/nonexistent/in"], capture_output=True, check=False
    )
    equal(done.returncode, 1)
    assert b"/nonexistent/in" in done.stderr


def test_no_capture(b):
    """What is no capture: 1"""
    run = b.run(b"this is no capture at all", ROUTER)
    equal(run.status, 1)


def test_json_rules(b):
    """JSON rules are taken by their first byte"""
    text = filter_rules("-A FORWARD -p icmp -j DROP")
    run = b.run(PACKETS, [*ROUTER, "--json"], ipv4=text)
    path = os.path.join(run.folder, "ipv4")
    saved = subprocess.run([b.pktt, "save", "--json", path], capture_output=True, check=False)
    if saved.returncode != 0:
        saved = subprocess.run(
            [b.pktt, "save", "--json", "--ipv4-rules", path], capture_output=True, check=True
        )
    record = b.json(PACKETS, ROUTER, rules=saved.stdout.decode())[0]
    equal(said(record), ("drop", "forward", None))


def test_sets(b):
    """--sets: what ipset save printed, before rules that name them"""
    sets = "create bad hash:net family inet\nadd bad 192.0.2.64/26\n"
    rules = filter_rules("-A FORWARD -m set --match-set bad dst -j DROP")
    equal(said(b.json(PACKETS, ROUTER, ipv4=rules, sets=sets)[0])[0], "drop")


def test_save_rules(b):
    """--save-rules: iptables-save -c text; a replay counts from zero; it loads again unchanged"""
    rules = filter_rules("[7:700] -A FORWARD -p icmp -j ACCEPT").replace("[0:0]", "[5:500]")
    run = b.run(PACKETS, [*ROUTER, "-q", "--save-rules", "{folder}/saved"], ipv4=rules)
    equal(run.status, 0)
    expected = [
        "*filter",
        ":INPUT ACCEPT [0:0]",
        ":FORWARD ACCEPT [0:0]",
        ":OUTPUT ACCEPT [0:0]",
        "[1:32] -A FORWARD -p icmp -j ACCEPT",
        "COMMIT",
    ]
    lines = [s for s in run.saved("v4").splitlines() if not s.startswith("#")]
    equal(lines, expected)
    assert os.path.exists(os.path.join(run.folder, "saved.v6"))
    again = b.run([], [*ROUTER, "-q", "--save-rules", "{folder}/saved"], ipv4=run.saved("v4"))
    zeroed = [s.replace("[1:32]", "[0:0]") for s in expected]
    equal([s for s in again.saved("v4").splitlines() if not s.startswith("#")], zeroed)


def test_save_refuses(b):
    """What iptables cannot say is refused by --save-rules with the reason"""
    rules = "*filter ipv4\n:FORWARD ACCEPT\n-A FORWARD -j MARK --set-mark 1 -j ACCEPT\nCOMMIT\n"
    rules = rules.replace("filter", "mangle")
    run = b.run(PACKETS, [*ROUTER, "-q", "--save-rules", "{folder}/saved"], rules=rules)
    equal(run.status, 1)
    assert "handle" in run.err, run.err


def test_write(b):
    """--write: LINKTYPE_RAW, a block for each interface, the time of the cause"""
    packets = [
        ("in0", p.START_NS, PING),
        ("in0", p.START_NS + 5, p.ping4(CLIENT, SERVER, ttl=1)),
        ("out0", p.START_NS + 9, p.ping4(SERVER, CLIENT)),
    ]
    run = b.run(packets, [*ROUTER, "-q", "--write", "{folder}/out.pcapng"])
    interfaces, found = p.read_pcapng(run.written())
    equal(interfaces, [("in0", p.RAW), ("out0", p.RAW)])
    equal([(n, t - p.START_NS) for n, t, _ in found], [("out0", 0), ("in0", 5), ("in0", 9)])
    equal(found[0][2], p.ping4(CLIENT, SERVER, ttl=63))


def test_unwritable(b):
    """Output that cannot be written is 1"""
    run = b.run(PACKETS, [*ROUTER, "-q", "--write", "/nonexistent/out"])
    equal(run.status, 1)
    run = b.run(PACKETS, [*ROUTER, "-q", "--write", "/dev/full"])
    equal(run.status, 1)


def test_order_of_options(b):
    """Options may stand in any order: routes before their interfaces"""
    options = [*DEFAULT, *ROUTER]
    equal(said(b.json(PACKETS, options)[0])[0], "accept")


def test_progress(b):
    """A bar on a terminal, taken away at the end; nothing where there is none"""
    one = p.packet_block(0, p.START_NS, PING)
    path = os.path.join(b.folder(), "in")
    with open(path, "wb") as file:
        file.write(p.section() + p.interface_block("in0"))
        for _ in range(400):
            file.write(one * 1000)
    words = [b.pktt, "replay", *ROUTER, "--read", path, "-q", "--json"]
    terminal, theirs = pty.openpty()
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=theirs) as child:
        os.close(theirs)
        shown = b""
        while True:
            try:
                some = os.read(terminal, 4096)
            except OSError:
                break
            if not some:
                break
            shown += some
        child.wait()
    os.close(terminal)
    equal(child.returncode, 0)
    if shown:  # a machine that does it all within a fifth of a second shows none
        assert b"[#" in shown and b"packets" in shown, shown
        assert shown.endswith(b"\r\x1b[K"), shown
    done = subprocess.run(words, capture_output=True, check=False)
    equal((done.returncode, done.stdout, done.stderr), (0, b"", b""))


def memory_for(b, packets):
    """Peak kB of a replay of so many packets."""
    one = p.packet_block(0, p.START_NS, PING)
    path = os.path.join(b.folder(), "in")
    with open(path, "wb") as file:
        file.write(p.section() + p.interface_block("in0"))
        for _ in range(packets // 1000):
            file.write(one * 1000)
    # A sanitizer keeps freed memory for a while, which is not what is asked here.
    env = dict(os.environ)
    env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"
    words = [b.pktt, "replay", *ROUTER, "--read", path, "-q", "--summary"]
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen(words, stdout=out, env=env)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        equal(child.returncode, 0)
        out.seek(0)
        assert f"{packets} packets".encode() in out.read()
    return used.ru_maxrss


def test_constant_memory(b):
    """A file of many packets needs no more memory than a small one"""
    small, large = memory_for(b, 1000), memory_for(b, 300000)
    assert large < small + (8 << 10), f"{small} kB for 1,000 packets, {large} kB for 300,000"


if __name__ == "__main__":
    main(globals())
