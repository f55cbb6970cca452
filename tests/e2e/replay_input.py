#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pktt replay: captures, interfaces and time."""

import packets as p
from bench import CLIENT, DEFAULT, ROUTER, SERVER, equal, filter_rules, main, said, sent

PING = p.ping4(CLIENT, SERVER)
OPTIONS = [*ROUTER, *DEFAULT]


def test_pcap(b):
    """pcap in both byte orders, micro- and nanoseconds"""
    for order in "<>":
        for nano in (False, True):
            capture = p.pcap([(p.START_NS + 5000, PING)], order=order, nano=nano)
            record = b.json(capture, [*OPTIONS, "--in", "in0"])[0]
            equal(said(record), ("accept", "postrouting", None))
            run = b.run(capture, [*OPTIONS, "--in", "in0", "-q", "--write", "{folder}/out.pcapng"])
            equal(p.read_pcapng(run.written())[1][0][1], p.START_NS + 5000)


def test_pcapng_time(b):
    """if_tsresol and if_tsoffset are honoured, in both byte orders"""
    for order in "<>":
        for resolution, unit in ((6, 1000), (9, 1), (0x94, 10**9 / 2**20)):
            stamp = int(7 * 10**9 / unit)
            capture = (
                p.section(order)
                + p.interface_block("in0", order=order, tsresol=resolution, tsoffset=100)
                + p.packet_block(0, stamp, PING, order)
            )
            run = b.run(capture, [*OPTIONS, "-q", "--write", "{folder}/out.pcapng"])
            equal(p.read_pcapng(run.written())[1][0][1], 107 * 10**9)


def test_link_types(b):
    """Ethernet, RAW, LINUX_SLL, LINUX_SLL2"""
    frame = p.ether("02:00:00:00:01:01", "02:00:00:00:00:09", PING)
    sll = bytes.fromhex("0000 0001 0006 020000000009 0000 0800") + PING
    sll2 = bytes.fromhex("0800 0000 00000001 0001 00 06 020000000009 0000") + PING
    for link, data in ((p.ETHERNET, frame), (p.RAW, PING), (p.SLL, sll), (p.SLL2, sll2)):
        record = b.one(data, link=link)
        equal(said(record), ("accept", "postrouting", None))
        equal(len(sent(record)), 1)


def test_unknown_link_type(b):
    """A link type that is not read: none, linktype"""
    record = b.one(PING, link=147)
    equal(said(record), ("none", "none", "linktype"))
    equal(record["emitted"], [])


def test_sections(b):
    """Interfaces of pcapng resolve per section"""
    capture = (
        p.section()
        + p.interface_block("in0")
        + p.packet_block(0, p.START_NS, PING)
        + p.section()
        + p.interface_block("out0")
        + p.packet_block(0, p.START_NS, p.ping4(SERVER, CLIENT))
    )
    equal([r["interface"] for r in b.json(capture, OPTIONS)], ["in0", "out0"])


def test_unknown_interface(b):
    """Without a name that the router has, --in stands in; without that the record is skipped"""
    capture = p.pcap([(p.START_NS, PING)])
    equal(said(b.json(capture, OPTIONS)[0]), ("none", "none", "unknown-interface"))
    record = b.json([("eth7", p.START_NS, PING)], OPTIONS)[0]
    equal(said(record), ("none", "none", "unknown-interface"))
    equal(b.json(capture, [*OPTIONS, "--in", "in0"])[0]["interface"], "in0")


def test_outbound(b):
    """What is flagged outbound is skipped and counts in packet"""
    capture = p.section() + p.interface_block("in0")
    capture += p.packet_block(0, p.START_NS, PING, flags=2)
    capture += p.packet_block(0, p.START_NS, PING, flags=1)
    first, second = b.json(capture, OPTIONS)
    equal((first["packet"], *said(first)), (0, "none", "none", "outbound"))
    equal((second["packet"], *said(second)), (1, "accept", "postrouting", None))


def test_other_host(b):
    """With mac= frames to others are dropped; without, all are ours"""
    frame = p.ether("02:00:00:00:77:77", "02:00:00:00:00:09", PING)
    equal(said(b.one(frame, link=p.ETHERNET)), ("drop", "none", "otherhost"))
    capture = p.pcapng([("in0", p.START_NS, frame)], p.ETHERNET)
    options = ["--interface", "in0=10.0.0.1/24", "--interface", "out0=192.0.2.1/24"]
    equal(said(b.json(capture, options)[0]), ("accept", "postrouting", None))


def test_packet_type(b):
    """Broadcast and multicast frames set pkttype"""
    rules = filter_rules(
        "-A INPUT -m pkttype --pkt-type broadcast -j DROP",
        "-A INPUT -m pkttype --pkt-type multicast -j DROP",
    )
    to_all = p.ether("ff:ff:ff:ff:ff:ff", "02:00:00:00:00:09", p.udp4(CLIENT, "10.0.0.255"))
    to_group = p.ether("01:00:5e:00:00:01", "02:00:00:00:00:09", p.udp4(CLIENT, "224.0.0.1"))
    for data, number in ((to_all, 1), (to_group, 2)):
        record = b.one(data, link=p.ETHERNET, ipv4=rules)
        equal((record["verdict"], record["rule"]["number"]), ("drop", number))


def test_unicast_in_broadcast(b):
    """A unicast packet in a broadcast frame is not forwarded"""
    frame = p.ether("ff:ff:ff:ff:ff:ff", "02:00:00:00:00:09", PING)
    record = b.one(frame, link=p.ETHERNET)
    equal((record["verdict"], record["emitted"]), ("drop", []))


def test_padding(b):
    """Padding of a frame is cut and does not count"""
    small = p.udp4(CLIENT, SERVER, data=b"")
    frame = p.ether("02:00:00:00:01:01", "02:00:00:00:00:09", small) + b"\xaa" * 18
    capture = p.pcapng([("in0", p.START_NS, frame)], p.ETHERNET)
    run = b.run(capture, ["--json", *OPTIONS, "--save-rules", "{folder}/saved"], ipv4=filter_rules())
    equal(len(sent(run.records[0])[0][1]), 28)
    assert ":FORWARD ACCEPT [1:28]" in run.saved("v4"), run.saved("v4")


def test_truncated_packet(b):
    """A packet that the capture cut is judged on what is there"""
    data = p.tcp4(CLIENT, SERVER, data=b"x" * 400)
    rules = filter_rules("-A FORWARD -p tcp --dport 80 -j MARK --set-mark 5", table="mangle")
    run = b.run(
        p.pcap([(p.START_NS, data)], cut=60),
        ["--json", *OPTIONS, "--in", "in0", "--save-rules", "{folder}/saved"],
        ipv4=rules,
    )
    record = run.records[0]
    equal((*said(record), record["mark"]), ("accept", "postrouting", None, 5))
    equal(len(sent(record)[0][1]), 60)
    assert "[1:440] -A FORWARD" in run.saved("v4"), run.saved("v4")


def test_unreadable(b):
    """What a match cannot read is BAD: dropped, negated or not"""
    data = p.ip4(CLIENT, SERVER, p.TCP, b"\0\1")
    for rule in ("-A FORWARD -p tcp --dport 80 -j ACCEPT", "-A FORWARD -p tcp ! --dport 80 -j ACCEPT"):
        record = b.one(data, ipv4=filter_rules(rule))
        equal(said(record), ("drop", "forward", "unreadable"))
        assert "rule" not in record


def test_time_monotone(b):
    """A packet earlier than its predecessor is set to its time"""
    packets = [("in0", p.START_NS, PING), ("in0", p.START_NS - p.HOUR_NS, PING)]
    run = b.run(packets, [*OPTIONS, "-q", "--write", "{folder}/out.pcapng"])
    equal([t for _, t, _ in p.read_pcapng(run.written())[1]], [p.START_NS] * 2)


def test_limit_by_capture_time(b):
    """Rates follow the capture's clock, exactly; hz rounds to jiffies"""
    rules = filter_rules("-A FORWARD -m limit --limit 10/s --limit-burst 1 -j ACCEPT", policy="DROP")
    step = 10**9 // 10
    packets = [("in0", p.START_NS + i * step, PING) for i in range(5)]
    equal([r["verdict"] for r in b.json(packets, OPTIONS, ipv4=rules)], ["accept"] * 5)
    early = [("in0", p.START_NS + i * (step - 1), PING) for i in range(2)]
    equal([r["verdict"] for r in b.json(early, OPTIONS, ipv4=rules)], ["accept", "drop"])


def test_seed(b):
    """The same seed gives the same run; another gives another"""
    packets = [("in0", p.START_NS, p.ping4(CLIENT, SERVER, ttl=1)) for _ in range(8)]
    runs = [b.run(packets, ["--json", *OPTIONS, "--seed", s]).out for s in ("1", "1", "2")]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_standard_input(b):
    """- is standard input and output"""
    run = b.run(p.pcapng([("in0", p.START_NS, PING)]), [*OPTIONS, "-q", "--write", "-"], stdin=True)
    interfaces, packets = p.read_pcapng(run.out)
    equal(interfaces, [("in0", p.RAW), ("out0", p.RAW)])
    equal(packets[0][0], "out0")


def test_truncated_capture(b):
    """A capture that is cut off: what there was is told, exit 1"""
    capture = p.pcapng([("in0", p.START_NS, PING), ("in0", p.START_NS, PING)])
    run = b.run(capture[:-20], ["--json", *OPTIONS, "--save-rules", "{folder}/saved"], ipv4=filter_rules())
    equal((run.status, len(run.records)), (1, 1))
    assert "cut off" in run.err, run.err
    assert "FORWARD ACCEPT [1:32]" in run.saved("v4"), run.saved("v4")


if __name__ == "__main__":
    main(globals())
