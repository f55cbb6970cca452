#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pktt replay: the way of a packet through the router, in Linux's order."""

import struct

import packets as p
from bench import (
    AWAY,
    AWAY6,
    CLIENT,
    CLIENT6,
    DEFAULT,
    ROUTER,
    SERVER,
    SERVER6,
    equal,
    filter_rules,
    main,
    said,
    sent,
)

EXCEEDED, UNREACHABLE, PROBLEM = 11, 3, 12
MARK_ALL = filter_rules(
    "-A PREROUTING -j MARK --or-mark 1",
    "-A INPUT -j MARK --or-mark 2",
    "-A FORWARD -j MARK --or-mark 4",
    "-A OUTPUT -j MARK --or-mark 8",
    "-A POSTROUTING -j MARK --or-mark 16",
    table="mangle",
)


def icmp_error(record, interface, kind, code, info=0):
    """The one packet emitted is this ICMP error to the client, its checksums right; the quote."""
    found = sent(record)
    equal([name for name, _ in found], [interface])
    data = found[0][1]
    hlen = 40 if data[0] >> 4 == 6 else (data[0] & 15) * 4
    equal(struct.unpack("!BBxxI", data[hlen : hlen + 8]), (kind, code, info))
    if hlen == 40:
        equal(data[7], 64)
        head = data[8:40] + struct.pack("!IHBB", len(data) - 40, 0, 0, p.ICMP6)
        equal(p.checksum(head + data[40:]), 0)
    else:
        equal((data[8], p.checksum(data[:hlen]), p.checksum(data[hlen:])), (64, 0, 0))
    return data[hlen + 8 :]


def test_hooks_of_forwarding(b):
    """Forwarding: PRE_ROUTING, FORWARD, POST_ROUTING; TTL - 1, checksum right"""
    record = b.one(p.ping4(CLIENT, SERVER, ttl=9), ipv4=MARK_ALL)
    equal((*said(record), record["mark"]), ("accept", "postrouting", None, 21))
    equal(sent(record), [("out0", p.ping4(CLIENT, SERVER, ttl=8))])
    record = b.one(p.ping6(CLIENT6, SERVER6, hop=9), ipv6=MARK_ALL)
    equal((*said(record), record["mark"]), ("accept", "postrouting", None, 21))
    equal(sent(record), [("out0", p.ping6(CLIENT6, SERVER6, hop=8))])


def test_hooks_of_delivery(b):
    """Delivery: PRE_ROUTING, LOCAL_IN; accept, input, nothing emitted"""
    for data in (p.ping4(CLIENT, "10.0.0.1"), p.ping6(CLIENT6, "2001:db8:1::1")):
        record = b.one(data, ipv4=MARK_ALL, ipv6=MARK_ALL)
        equal((*said(record), record["mark"]), ("accept", "input", None, 3))
        equal(record["emitted"], [])


def test_hooks_of_output(b):
    """lo and --local-out start at LOCAL_OUT; what is sent to ourselves comes back on lo"""
    data = p.ping4("192.0.2.1", AWAY)
    for name, options in (("lo", []), ("in0", ["--local-out", "out0"])):
        record = b.one(data, options, name=name, ipv4=MARK_ALL)
        equal((*said(record), record["mark"]), ("accept", "postrouting", None, 24))
        equal(sent(record), [("out0", data)])
    record = b.one(p.ping4("127.0.0.1", "127.0.0.1"), name="lo", ipv4=MARK_ALL)
    equal((*said(record), record["mark"]), ("accept", "input", None, 27))
    equal(record["emitted"], [])


def test_malformed(b):
    """Sanity: version, header length, total length, header checksum; drop, none, malformed"""
    good = p.udp4(CLIENT, SERVER)
    frame = ("02:00:00:00:01:01", "02:00:00:00:00:09")
    wrong = [
        p.ip4(CLIENT, SERVER, p.UDP, good[20:], version=5),
        p.ip4(CLIENT, SERVER, p.UDP, good[20:], ihl=4),
        p.ip4(CLIENT, SERVER, p.UDP, good[20:], total=19),
        p.ip4(CLIENT, SERVER, p.UDP, good[20:], total=len(good) + 1),
        p.ip4(CLIENT, SERVER, p.UDP, good[20:], csum=0x1234),
        good[:19],
    ]
    wrong += [p.ip6(CLIENT6, SERVER6, p.UDP, b"x" * 8, version=7), p.udp6(CLIENT6, SERVER6)[:39]]
    wrong += [p.ip6(CLIENT6, SERVER6, p.UDP, b"x" * 8, length=9)]
    for data in wrong:
        kind = 0x86DD if data[0] >> 4 in (6, 7) else 0x0800
        record = b.one(p.ether(*frame, data, kind), link=p.ETHERNET, ipv4=MARK_ALL, ipv6=MARK_ALL)
        equal((*said(record), record["mark"]), ("drop", "none", "malformed", 0))
        equal(record["emitted"], [])


def test_ttl(b):
    """TTL or hop limit <= 1: drop, prerouting, ttl; time exceeded"""
    for ttl in (0, 1):
        data = p.ping4(CLIENT, SERVER, ttl=ttl)
        record = b.one(data, ipv4=filter_rules("-A FORWARD -j DROP"))
        equal(said(record), ("drop", "prerouting", "ttl"))
        equal(icmp_error(record, "in0", EXCEEDED, 0), data)
        data = p.ping6(CLIENT6, SERVER6, hop=ttl)
        record = b.one(data)
        equal(said(record), ("drop", "prerouting", "ttl"))
        equal(icmp_error(record, "in0", 3, 0), data)


def test_ttl_of_delivery(b):
    """A packet to us may have any TTL"""
    equal(said(b.one(p.ping4(CLIENT, "10.0.0.1", ttl=0)))[0], "accept")


def test_forward_sees_lowered_ttl(b):
    """FORWARD sees the lowered TTL, PREROUTING the old one"""
    rules = filter_rules(
        "-A PREROUTING -m ttl --ttl-eq 9 -j MARK --or-mark 1",
        "-A FORWARD -m ttl --ttl-eq 8 -j MARK --or-mark 2",
        table="mangle",
    )
    equal(b.one(p.ping4(CLIENT, SERVER, ttl=9), ipv4=rules)["mark"], 3)


def test_mtu(b):
    """MTU with DF or IPv6: mtu, and the error names it"""
    options = ["--interface", "far0=198.18.0.1/24,2001:db8:7::1/64,mtu=1400"]
    data = p.udp4(CLIENT, "198.18.0.9", data=b"x" * 1373, df=True)
    record = b.one(data, options)
    equal(said(record), ("drop", "prerouting", "mtu"))
    equal(icmp_error(record, "in0", UNREACHABLE, 4, 1400), data[:548])
    data = p.udp6(CLIENT6, "2001:db8:7::9", data=b"x" * 1353)
    record = b.one(data, options)
    equal(said(record), ("drop", "prerouting", "mtu"))
    equal(icmp_error(record, "in0", 2, 0, 1400), data[:1232])
    equal(said(b.one(p.udp4(CLIENT, "198.18.0.9", data=b"x" * 1372, df=True), options))[0], "accept")


def test_fragmentation(b):
    """IPv4 without DF is cut, the options that are not copied left to the first fragment"""
    options = ["--interface", "far0=198.18.0.1/24,mtu=600"]
    data = p.udp4(CLIENT, "198.18.0.9", data=bytes(range(256)) * 5, options=b"\x94\4\0\0\x08\4\1\1")
    fragments = [d for name, d in sent(b.one(data, options)) if name == "far0"]
    equal([len(d) for d in fragments], [596, 596, 180])
    whole = b""
    for number, d in enumerate(fragments):
        equal(p.checksum(d[:28]), 0)
        equal(struct.unpack("!H", d[6:8])[0], len(whole) >> 3 | (0x2000 if number < 2 else 0))
        equal(d[20:28], b"\x94\4\0\0\x08\4\1\1" if number == 0 else b"\x94\4\0\0\1\1\1\1")
        whole += d[28:]
    equal(whole, data[28:])


def test_fragment_of_fragment(b):
    """A fragment that is cut again keeps its place and its more-fragments flag"""
    options = ["--interface", "far0=198.18.0.1/24,mtu=100"]
    data = p.ip4(CLIENT, "198.18.0.9", p.UDP, b"x" * 120, offset=800, mf=True)
    found = [struct.unpack("!H", d[6:8])[0] for _, d in sent(b.one(data, options))]
    equal(found, [0x2000 | 100, 0x2000 | 110])


def test_fragments_judged_alone(b):
    """Without tracking each fragment is judged by itself"""
    rules = filter_rules("-A FORWARD -p udp --dport 53 -j DROP")
    whole = p.udp4(CLIENT, SERVER, data=b"x" * 64)[20:]
    first = p.ip4(CLIENT, SERVER, p.UDP, whole[:40], mf=True)
    rest = p.ip4(CLIENT, SERVER, p.UDP, whole[40:], offset=40)
    equal(said(b.one(first, ipv4=rules)), ("drop", "forward", None))
    equal(said(b.one(rest, ipv4=rules)), ("accept", "postrouting", None))


def test_longest_prefix(b):
    """The longest prefix wins, of equals the last"""
    options = ["--interface", "a0=198.18.0.1/24", "--interface", "b0=198.19.0.1/24"]
    options += ["--route", "203.0.113.0/24=a0", "--route", "203.0.113.0/25=b0"]
    options += ["--route", "198.51.100.0/24=a0", "--route", "198.51.100.0/24=b0"]
    for dst, name in ((AWAY, "b0"), ("203.0.113.200", "a0"), ("198.51.100.1", "b0")):
        equal([i for i, _ in sent(b.one(p.ping4(CLIENT, dst), options))], [name])


def test_no_route(b):
    """No route: drop, no-route, unreachable"""
    for name, src, dst, make, kind in (
        ("in0", CLIENT, AWAY, p.ping4, UNREACHABLE),
        ("in0", CLIENT6, AWAY6, p.ping6, 1),
    ):
        data = make(src, dst)
        record = b.json([(name, p.START_NS, data)], ROUTER)[0]
        equal(said(record), ("drop", "prerouting", "no-route"))
        equal(icmp_error(record, "in0", kind, 0), data)


def test_local_addresses(b):
    """Own addresses, subnet and limited broadcast, joined multicast, 127/8 and link-locals are local"""
    local = ["10.0.0.1", "192.0.2.1", "10.0.0.255", "255.255.255.255", "224.0.0.1"]
    local6 = ["2001:db8:1::1", "2001:db8:2::1", "ff02::1", "ff02::1:ff00:1", "fe80::ff:fe00:101"]
    local6 += ["ff02::1:ff00:101"]
    for dst in local:
        equal(said(b.one(p.udp4(CLIENT, dst)))[:2], ("accept", "input"))
    for dst in local6:
        equal(said(b.one(p.udp6("fe80::9", dst)))[:2], ("accept", "input"))
    # The address of a link counts on this link only.
    equal(said(b.one(p.udp6("fe80::9", "fe80::ff:fe00:201")))[1], "postrouting")


def test_other_multicast(b):
    """Other multicast has no route and no answer"""
    for data in (p.udp4(CLIENT, "239.1.2.3"), p.udp6(CLIENT6, "ff0e::1")):
        record = b.one(data)
        equal((*said(record), record["emitted"]), ("drop", "prerouting", "no-route", []))


def test_martian(b):
    """A martian source is a drop"""
    sources = ["10.0.0.1", "192.0.2.1", "127.0.0.1", "0.0.0.1", "224.0.0.5", "255.255.255.255"]
    for src in sources:
        record = b.one(p.udp4(src, SERVER))
        equal((*said(record), record["emitted"]), ("drop", "prerouting", "martian", []))
    equal(said(b.one(p.udp4(CLIENT, "127.0.0.1")))[2], "martian")
    for src in ("::1", "ff02::1"):
        equal(said(b.one(p.udp6(src, SERVER6)))[2], "martian")
    equal(said(b.one(p.udp6("::", SERVER6))), ("drop", "prerouting", "martian"))
    equal(said(b.one(p.udp4("0.0.0.0", "255.255.255.255")))[0], "accept")


def test_link_local_stays(b):
    """A link-local source does not leave its link: beyond scope of source address"""
    data = p.udp6("fe80::9", SERVER6)
    record = b.one(data)
    equal(said(record)[0], "drop")
    equal(icmp_error(record, "in0", 1, 2), data)


def test_record_route(b):
    """Record route takes our address on receiving and is corrected on leaving"""
    room = b"\7\x0b\4" + b"\0" * 8
    record = b.one(p.ping4(CLIENT, SERVER, options=room, ttl=9))
    data = sent(record)[0][1]
    equal(data[20:31], b"\7\x0b\x08" + p.addr("192.0.2.1") + b"\0" * 4)
    equal(p.checksum(data[: (data[0] & 15) * 4]), 0)


def test_timestamp(b):
    """Timestamps are milliseconds of the capture's day"""
    stamp = p.START_NS % (86400 * 10**9) // 10**6
    record = b.one(p.ping4(CLIENT, SERVER, options=b"\x44\x0c\5\0" + b"\0" * 8))
    equal(sent(record)[0][1][20:32], b"\x44\x0c\x09\0" + struct.pack("!I", stamp) + b"\0" * 4)
    record = b.one(p.ping4(CLIENT, SERVER, options=b"\x44\x08\x09\x20" + b"\1" * 4))
    equal(sent(record)[0][1][20:28], b"\x44\x08\x09\x30" + b"\1" * 4)


def test_source_route(b):
    """Source routes are refused unless they are accepted"""
    route = b"\x83\x07\x08" + p.addr("10.0.0.1")
    equal(said(b.one(p.ping4(CLIENT, SERVER, options=route))), ("drop", "prerouting", "options"))


def test_wrong_options(b):
    """Wrong options: parameter problem, pointing at the byte"""
    for options, at in ((b"\7\x02\4\0", 21), (b"\7\x0b\3" + b"\0" * 9, 22), (b"\x44\x28\5\0", 20)):
        record = b.one(p.ping4(CLIENT, SERVER, options=options))
        equal(said(record), ("drop", "prerouting", "options"))
        icmp_error(record, "in0", PROBLEM, 0, at << 24)


def hop_by_hop(options):
    options += b"\0" * (-(len(options) + 2) % 8)
    return bytes([p.UDP, (len(options) + 2) // 8 - 1]) + options


def test_hop_by_hop(b):
    """Hop-by-hop options are read before PRE_ROUTING"""
    payload = p.udp(CLIENT6, SERVER6, 1, 2)
    cases = (
        (b"\5\2\0\0", "accept"),
        (b"\x1e\2\0\0", "accept"),
        (b"\x5e\2\0\0", "drop"),
        (b"\5\1\0\1\0\0", "drop"),
        (b"\1\4\0\0\0\1", "drop"),
    )
    for options, verdict in cases:
        data = p.ip6(CLIENT6, SERVER6, 0, hop_by_hop(options) + payload)
        record = b.one(data, ipv6=MARK_ALL)
        equal((record["verdict"], record["mark"]), (verdict, 21 if verdict == "accept" else 0))
        if verdict == "drop":
            equal((*said(record), record["emitted"]), ("drop", "none", "options", []))
    data = p.ip6(CLIENT6, SERVER6, 0, hop_by_hop(b"\x9e\2\0\0") + payload)
    equal(icmp_error(b.one(data), "in0", 4, 2, 42), data)


def test_forwarding_off(b):
    """--set forwarding=off: a host"""
    record = b.one(p.ping6(CLIENT6, SERVER6), ["--set", "forwarding=off"])
    equal((record["verdict"], record["emitted"]), ("drop", []))
    record = b.one(p.ping4(CLIENT, SERVER), ["--set", "forwarding=off"])
    equal((record["verdict"], record["emitted"]), ("drop", []))


def test_rate_of_errors(b):
    """ICMP is not rate-limited unless set"""
    packets = [("in0", p.START_NS + i * 10**6, p.ping4(CLIENT, SERVER, ttl=1)) for i in range(10)]
    options = [*ROUTER, *DEFAULT]
    equal(sum(len(r["emitted"]) for r in b.json(packets, options)), 10)
    options += ["--set", "icmp-ratelimit=1000"]
    equal(sum(len(r["emitted"]) for r in b.json(packets, options)), 6)


if __name__ == "__main__":
    main(globals())
