#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pktt replay: verdicts, what they emit, and how results are told."""

import packets as p
from bench import CLIENT, DEFAULT, ROUTER, SERVER, equal, filter_rules, main, said, sent

PING = p.ping4(CLIENT, SERVER)
REPLIES = filter_rules("-A FORWARD -j REJECT")


def test_accept(b):
    """accept: the last hook, the rule of its last table"""
    record = b.one(PING, ipv4=filter_rules("-A FORWARD -s 10.9.0.0/16", "-A FORWARD -j ACCEPT"))
    equal(said(record), ("accept", "postrouting", None))
    rule = dict(record["rule"])
    assert rule.pop("handle") > 0
    equal(rule, {"family": "ipv4", "table": "filter", "chain": "FORWARD", "number": 2})


def test_drop(b):
    """drop: the hook of the chain, whatever the table"""
    for table, chain, hook in (
        ("raw", "PREROUTING", "prerouting"),
        ("mangle", "PREROUTING", "prerouting"),
        ("mangle", "POSTROUTING", "postrouting"),
        ("filter", "FORWARD", "forward"),
    ):
        record = b.one(PING, ipv4=filter_rules(f"-A {chain} -j DROP", table=table))
        equal(said(record), ("drop", hook, None))
        equal((record["rule"]["table"], record["rule"]["chain"]), (table, chain))
        equal(record["emitted"], [])


def test_policy(b):
    """A policy gives "policy":true and no number"""
    record = b.one(PING, ipv4=filter_rules(policy="DROP"))
    equal(said(record), ("drop", "forward", None))
    equal(
        record["rule"],
        {"family": "ipv4", "table": "filter", "chain": "FORWARD", "policy": True},
    )


def test_user_chain(b):
    """The rule is named where it stands"""
    rules = "*filter\n:FORWARD ACCEPT\n:INNER -\n-A FORWARD -j INNER\n-A INNER -p tcp\n-A INNER -j DROP\nCOMMIT\n"
    rule = b.one(PING, ipv4=rules)["rule"]
    equal((rule["chain"], rule["number"]), ("INNER", 2))


def test_inet(b):
    """inet rules serve both families and say so"""
    rules = "*filter inet\n:FORWARD ACCEPT\n-A FORWARD -m length --length 0:99 -j DROP\nCOMMIT\n"
    for data in (PING, p.ping6("2001:db8:1::5", "2001:db8:2::80")):
        record = b.one(data, rules=rules)
        equal((record["verdict"], record["rule"]["family"]), ("drop", "inet"))


def test_reject(b):
    """reject: the reply stands in emitted, passes OUTPUT and POSTROUTING, and counts there"""
    capture = p.pcapng([("in0", p.START_NS, PING)])
    run = b.run(
        capture,
        ["--json", *ROUTER, *DEFAULT, "--save-rules", "{folder}/saved"],
        ipv4=REPLIES + filter_rules("-A POSTROUTING -o in0", table="mangle"),
    )
    record = run.records[0]
    equal(said(record), ("reject", "forward", None))
    name, data = sent(record)[0]
    equal((name, data[8], data[12:16], data[20:22]), ("in0", 64, p.addr("10.0.0.1"), b"\3\3"))
    # Quoted as FORWARD saw it.
    equal(data[28:], p.ping4(CLIENT, SERVER, ttl=63))
    assert "[1:32] -A FORWARD -j REJECT" in run.saved("v4"), run.saved("v4")
    assert ":OUTPUT ACCEPT [1:60]" in run.saved("v4"), run.saved("v4")
    assert "[1:60] -A POSTROUTING -o in0" in run.saved("v4"), run.saved("v4")


def test_reject_with_reset(b):
    """A reset answers TCP"""
    rules = filter_rules("-A FORWARD -p tcp -j REJECT --reject-with tcp-reset")
    record = b.one(p.tcp4(CLIENT, SERVER, seq=77), ipv4=rules)
    reset = p.ip4(
        SERVER,
        CLIENT,
        p.TCP,
        p.tcp(SERVER, CLIENT, 80, 1024, seq=0, ack=78, flags=0x14),
        df=True,
        ident=0,
    )
    reset = reset[:34] + b"\0\0" + reset[36:]
    found = sent(record)[0][1]
    equal(found[20:34], reset[20:34])
    equal((found[8], found[12:20]), (64, reset[12:20]))


def test_reject_dropped_reply(b):
    """If the reply is dropped, emitted is empty and the verdict stays"""
    record = b.one(PING, ipv4=filter_rules("-A FORWARD -j REJECT", "-A OUTPUT -j DROP"))
    equal((*said(record), record["emitted"]), ("reject", "forward", None, []))


def test_reject_without_reply(b):
    """Where Linux answers nothing: broadcast, errors, later fragments, bad checksums"""
    rules = filter_rules("-A INPUT -j REJECT", "-A FORWARD -j REJECT")
    error = p.ip4(CLIENT, SERVER, p.ICMP, b"\3\3\xfc\xfc\0\0\0\0")
    later = p.ip4(CLIENT, SERVER, p.UDP, b"x" * 16, offset=64)
    broken = p.udp4(CLIENT, SERVER)
    broken = broken[:26] + b"\x12\x34" + broken[28:]
    for data in (p.udp4(CLIENT, "10.0.0.255"), error, later, broken):
        record = b.one(data, ipv4=rules)
        equal((record["verdict"], record["emitted"]), ("reject", []))


def test_reject_of_our_own(b):
    """Our own packets are answered if their checksum is right, or left to the device"""
    rules = filter_rules("-A OUTPUT -o out0 -j REJECT")
    good = p.udp4("192.0.2.1", SERVER)
    partial = ~p.checksum(p.pseudo("192.0.2.1", SERVER, p.UDP, len(good) - 20)) & 0xFFFF
    for csum, count in ((good[26:28], 1), (partial.to_bytes(2, "big"), 1), (b"\x12\x34", 0)):
        run = b.run(
            [("lo", p.START_NS, good[:26] + csum + good[28:])],
            ["--json", *ROUTER, "--save-rules", "{folder}/saved"],
            ipv4=rules + filter_rules("-A INPUT -i lo -p icmp", table="mangle"),
        )
        equal(said(run.records[0]), ("reject", "output", None))
        assert f"[{count}:" in run.saved("v4").split("-A INPUT")[0].splitlines()[-1], run.saved("v4")


def test_queue(b):
    """QUEUE and NFQUEUE without a listener: queue; with bypass, accept"""
    record = b.one(PING, ipv4=filter_rules("-A FORWARD -j NFQUEUE --queue-num 3"))
    equal((*said(record), record["emitted"]), ("queue", "forward", None, []))
    record = b.one(PING, ipv4=filter_rules("-A FORWARD -j NFQUEUE --queue-num 3 --queue-bypass"))
    equal(said(record)[0], "accept")
    equal(said(b.one(PING, ipv4=filter_rules("-A FORWARD -j QUEUE")))[0], "queue")


def test_tee(b):
    """A copy leaves when it runs: before the packet, not copied again"""
    rules = filter_rules("-A FORWARD -j TEE --gateway 10.0.0.77", table="mangle")
    found = sent(b.one(PING, ipv4=rules))
    equal([name for name, _ in found], ["in0", "out0"])
    equal(found[1][1], p.ping4(CLIENT, SERVER, ttl=63))


def test_mark(b):
    """mark is the value at the end"""
    rules = filter_rules(
        "-A PREROUTING -j MARK --set-mark 0x10", "-A POSTROUTING -j MARK --or-mark 1", table="mangle"
    )
    equal(b.one(PING, ipv4=rules)["mark"], 17)
    equal(b.one(PING)["mark"], 0)


def test_logs(b):
    """LOG and NFLOG: in "log" with --json, on standard error without"""
    rules = filter_rules(
        '-A FORWARD -j LOG --log-prefix "seen: "',
        "-A FORWARD -j NFLOG --nflog-group 7 --nflog-prefix taken --nflog-size 20",
    )
    log, nflog = b.one(PING, ipv4=rules)["log"]
    equal(log["kind"], "LOG")
    assert log["text"].startswith("seen: IN=in0 OUT=out0 "), log
    assert "SRC=10.0.0.5 DST=192.0.2.80" in log["text"], log
    equal((nflog["kind"], nflog["group"], nflog["prefix"]), ("NFLOG", 7, "taken"))
    equal(nflog["data"], p.ping4(CLIENT, SERVER, ttl=63)[:20].hex())
    run = b.run([("in0", p.START_NS, PING)], [*ROUTER, *DEFAULT], ipv4=rules)
    assert "seen: IN=in0" in run.err and "taken" in run.err, run.err
    assert "seen" not in run.out.decode(), run.out


def test_foreign_text_is_escaped(b):
    """Prefixes from rules cannot speak to the terminal"""
    rules = filter_rules('-A FORWARD -j LOG --log-prefix "\x1b[31mred"')
    run = b.run([("in0", p.START_NS, PING)], [*ROUTER, *DEFAULT], ipv4=rules)
    equal(run.status, 0)
    assert "\x1b" not in run.err and "x1b[31mred" in run.err, run.err


def test_order_of_emission(b):
    """Copies when they run, the packet, then replies"""
    rules = filter_rules("-A POSTROUTING -o out0 -j TEE --gateway 10.0.0.77", table="mangle")
    rules += filter_rules("-A FORWARD -j REJECT")
    rules += filter_rules("-A PREROUTING -i in0 -j TEE --gateway 10.0.0.78", table="raw")
    found = sent(b.one(PING, ipv4=rules))
    equal([d[9:10] + d[20:21] for _, d in found], [b"\1\x08", b"\1\3"])


def test_text(b):
    """Without --json a readable line a packet"""
    run = b.run([("in0", p.START_NS, p.tcp4(CLIENT, SERVER))], [*ROUTER, *DEFAULT], ipv4=REPLIES)
    line = run.out.decode()
    for part in ("in0 tcp 10.0.0.5:1024 > 192.0.2.80:80 [S]", "reject", "filter/FORWARD #1", "in0"):
        assert part in line, line


def test_summary(b):
    """--summary: rules with what they counted, verdicts, reasons"""
    packets = [("in0", p.START_NS, PING), ("in0", p.START_NS, p.ping4(CLIENT, SERVER, ttl=1))]
    run = b.run(packets, [*ROUTER, *DEFAULT, "-q", "--summary"], ipv4=REPLIES)
    text = run.out.decode()
    for part in ("filter/FORWARD", "-j REJECT", "1 rejected", "1 dropped", "ttl"):
        assert part in text, text


if __name__ == "__main__":
    main(globals())
