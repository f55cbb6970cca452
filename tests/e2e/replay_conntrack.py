#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pktt replay with state: the "ct" of each record, NAT, fragments, --save-conntrack. TAP output."""

import os

import packets as p
from bench import AWAY, CLIENT, CLIENT6, DEFAULT, ROUTER, SERVER, SERVER6, equal, filter_rules, main, sent

SECOND = 10**9
STATEFUL = filter_rules(
    "-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT",
    "-A FORWARD -m conntrack --ctstate INVALID -j DROP",
    "-A FORWARD -i in0 -j ACCEPT",
    "-A FORWARD -j DROP",
)
SNAT = "*nat\n:PREROUTING ACCEPT\n:POSTROUTING ACCEPT\n-A POSTROUTING -o out0 -j SNAT --to-source 192.0.2.1\nCOMMIT\n"
SYN, ACK, RST = 2, 16, 4


def at(seconds, interface, data):
    return (interface, p.START_NS + int(seconds * SECOND), data)


def run(b, packets, *options, **rules):
    """The records, and the lines of --save-conntrack."""
    done = b.run(packets, ["--json", "--save-conntrack", "{folder}/saved.ct", *ROUTER, *DEFAULT, *options], **rules)
    assert done.status == 0, done.err
    return done.records, done.saved("ct").splitlines()


def handshake():
    return [
        at(0, "in0", p.tcp4(CLIENT, SERVER, flags=SYN, seq=99)),
        at(0.1, "out0", p.tcp4(SERVER, CLIENT, 80, 1024, flags=SYN | ACK, seq=499, ack=100)),
        at(0.2, "in0", p.tcp4(CLIENT, SERVER, flags=ACK, seq=100, ack=500)),
    ]


def test_handshake(b):
    """TCP: the connection after each packet, and its line at the end"""
    records, saved = run(b, handshake(), ipv4=STATEFUL)
    ct = [r["ct"] for r in records]
    equal([c["state"] for c in ct], ["SYN_SENT", "SYN_RECV", "ESTABLISHED"])
    equal([c["timeout"] for c in ct], [120, 60, 432000])
    equal([c["id"] for c in ct], [ct[0]["id"]] * 3)
    equal([set(c["status"]) - {"src-nat-done", "dst-nat-done"} for c in ct],
          [{"confirmed"}, {"confirmed", "seen-reply"}, {"confirmed", "seen-reply", "assured"}])
    equal(ct[2]["l4"], "tcp")
    equal(ct[2]["orig"], {"src": CLIENT, "dst": SERVER, "sport": 1024, "dport": 80, "packets": 2, "bytes": 80})
    equal(ct[2]["reply"], {"src": SERVER, "dst": CLIENT, "sport": 80, "dport": 1024, "packets": 1, "bytes": 40})
    equal(ct[2]["mark"], 0)
    equal(saved, [
        f"ipv4     2 tcp      6 432000 ESTABLISHED src={CLIENT} dst={SERVER} sport=1024 dport=80 packets=2 bytes=80 "
        f"src={SERVER} dst={CLIENT} sport=80 dport=1024 packets=1 bytes=40 [ASSURED] mark=0 use=1"
    ])


def test_source_nat(b):
    """SNAT: what leaves, what comes back, and both tuples"""
    packets = [
        at(0, "in0", p.udp4(CLIENT, SERVER)),
        at(1, "out0", p.ip4(SERVER, "192.0.2.1", p.UDP, p.udp(SERVER, "192.0.2.1", 53, 1024))),
    ]
    records, saved = run(b, packets, ipv4=SNAT + STATEFUL)
    (interface, data), = sent(records[0])
    equal((interface, data[12:16]), ("out0", p.addr("192.0.2.1")))
    (interface, data), = sent(records[1])
    equal((interface, data[16:20]), ("in0", p.addr(CLIENT)))
    assert "src-nat" in records[0]["ct"]["status"]
    assert f"src={CLIENT} dst={SERVER} sport=1024 dport=53" in saved[0]
    assert f"src={SERVER} dst=192.0.2.1 sport=53 dport=1024" in saved[0]


def test_time_out(b):
    """An entry ends in capture time; one that has ended is not saved"""
    packets = [at(0, "in0", p.udp4(CLIENT, SERVER, 53)), at(29.9, "in0", p.udp4(CLIENT, SERVER, 54))]
    records, saved = run(b, packets, ipv4=STATEFUL)
    equal(len(saved), 2)
    packets.append(at(30, "in0", p.udp4(CLIENT, SERVER, 53)))
    records, saved = run(b, packets, ipv4=STATEFUL)
    equal(len(saved), 2)
    assert records[0]["ct"]["id"] != records[2]["ct"]["id"]
    equal(records[2]["ct"]["orig"]["packets"], 1)


def test_reply_of_nobody(b):
    """What nobody asked for is new, and dropped it leaves nothing"""
    records, saved = run(b, [at(0, "out0", p.udp4(SERVER, CLIENT))], ipv4=STATEFUL)
    equal((records[0]["verdict"], records[0]["rule"]["number"]), ("drop", 4))
    assert "confirmed" not in records[0]["ct"]["status"]
    equal(saved, [])


def test_invalid(b):
    """An invalid packet says so"""
    records, saved = run(b, [at(0, "in0", p.tcp4(CLIENT, SERVER, flags=RST))], ipv4=STATEFUL)
    equal((records[0]["verdict"], records[0]["rule"]["number"]), ("drop", 2))
    equal(records[0]["ct"]["state"], "INVALID")
    assert "id" not in records[0]["ct"]
    equal(saved, [])


def test_loose(b):
    """--set tcp_loose=0: no connection is picked up in its middle"""
    packets = [at(0, "in0", p.tcp4(CLIENT, SERVER, flags=ACK, seq=7, ack=8))]
    records, _ = run(b, packets, ipv4=STATEFUL)
    equal((records[0]["verdict"], records[0]["ct"]["state"]), ("accept", "ESTABLISHED"))
    records, _ = run(b, packets, "--set", "tcp_loose=0", ipv4=STATEFUL)
    equal((records[0]["verdict"], records[0]["ct"]["state"]), ("drop", "INVALID"))


def test_untracked(b):
    """NOTRACK: null; without rules that need state there is no ct at all"""
    rules = filter_rules("-A PREROUTING -p udp -j CT --notrack", table="raw") + STATEFUL
    records, saved = run(b, [at(0, "in0", p.udp4(CLIENT, SERVER))], ipv4=rules)
    equal((records[0]["ct"], saved), (None, []))
    records, saved = run(b, [at(0, "in0", p.udp4(CLIENT, SERVER))], ipv4=filter_rules("-A FORWARD -j ACCEPT"))
    assert "ct" not in records[0]
    equal(saved, [])


def test_families_apart(b):
    """A family without such rules is not tracked beside one that has them"""
    packets = [at(0, "in0", p.udp4(CLIENT, SERVER)), at(0, "in0", p.udp6(CLIENT6, SERVER6))]
    records, saved = run(b, packets, ipv4=STATEFUL, ipv6=filter_rules("-A FORWARD -j ACCEPT"))
    assert records[0]["ct"] and "ct" not in records[1]
    records, saved = run(b, packets, ipv6=STATEFUL)
    assert "ct" not in records[0] and records[1]["ct"]
    assert saved[0].startswith("ipv6     10 udp      17 30 src=")


def test_errors(b):
    """An ICMP error belongs to the connection that it is about"""
    first = p.udp4(CLIENT, AWAY)
    error = p.struct.pack("!BBHI", 3, 1, 0, 0) + first[:28]
    error = error[:2] + p.struct.pack("!H", p.checksum(error)) + error[4:]
    packets = [at(0, "in0", first), at(1, "out0", p.ip4("192.0.2.80", CLIENT, p.ICMP, error))]
    records, saved = run(b, packets, ipv4=STATEFUL)
    equal((records[1]["verdict"], records[1]["rule"]["number"]), ("accept", 1))
    equal(records[1]["ct"]["id"], records[0]["ct"]["id"])
    equal((len(saved), "[UNREPLIED]" in saved[0]), (1, True))


def test_fragments(b):
    """Fragments: held, then judged and sent as one"""
    whole = p.udp(CLIENT, SERVER, 1024, 53, b"x" * 1000)
    packets = [
        at(0, "in0", p.ip4(CLIENT, SERVER, p.UDP, whole[:504], mf=True, ident=7)),
        at(1, "in0", p.ip4(CLIENT, SERVER, p.UDP, whole[504:], offset=504, ident=7)),
    ]
    records, saved = run(b, packets, ipv4=STATEFUL)
    equal((records[0]["verdict"], records[0]["hook"], records[0]["emitted"]), ("stolen", "prerouting", []))
    equal((records[1]["verdict"], len(records[1]["emitted"])), ("accept", 2))
    equal([len(data) for _, data in sent(records[1])], [524, 524])
    assert "packets=1 bytes=1028" in saved[0], saved


def test_zone_and_settings(b):
    """Zones, and a table without accounting"""
    rules = filter_rules("-A PREROUTING -i in0 -j CT --zone 5", "-A PREROUTING -i out0 -j CT --zone 5", table="raw")
    records, saved = run(b, [at(0, "in0", p.ping4(CLIENT, SERVER))], "--set", "acct=0", ipv4=rules + STATEFUL)
    equal(records[0]["ct"]["zone"], 5)
    equal(records[0]["ct"]["orig"], {"src": CLIENT, "dst": SERVER, "id": 7, "type": 8, "code": 0})
    equal(saved, [
        f"ipv4     2 icmp     1 30 src={CLIENT} dst={SERVER} type=8 code=0 id=7 [UNREPLIED] "
        f"src={SERVER} dst={CLIENT} type=0 code=0 id=7 mark=0 zone=5 use=1"
    ])


def test_full(b):
    """A full table of assured connections drops what is new; they flow on"""
    packets = []
    for i in range(10):
        port = 2000 + i
        packets += [
            at(i, "in0", p.tcp4(CLIENT, SERVER, port, flags=SYN, seq=99)),
            at(i, "out0", p.tcp4(SERVER, CLIENT, 80, port, flags=SYN | ACK, seq=499, ack=100)),
            at(i, "in0", p.tcp4(CLIENT, SERVER, port, flags=ACK, seq=100, ack=500)),
        ]
    packets.append(at(20, "in0", p.udp4(CLIENT, SERVER)))
    packets.append(at(21, "in0", p.tcp4(CLIENT, SERVER, 2000, flags=ACK, seq=100, ack=500)))
    records, saved = run(b, packets, "--set", "max=10", ipv4=STATEFUL)
    equal([(r["verdict"], r.get("reason")) for r in records[-2:]], [("drop", "conntrack"), ("accept", None)])
    equal((records[-2]["hook"], records[-2]["emitted"]), ("prerouting", []))
    equal([len(saved), sum("[ASSURED]" in line for line in saved)], [10, 10])


def test_timeout_policy(b):
    """CT --timeout: the policy's seconds for its connections, the settings' for others; what is wrong is named"""
    rules = "*raw\n:PREROUTING ACCEPT\n-A PREROUTING -p tcp --dport 80 -j CT --timeout web\nCOMMIT\n"
    policy = ["--timeout-policy", "web inet tcp syn_sent 7 established 77"]
    records, _ = run(b, handshake(), *policy, ipv4=rules)
    equal([r["ct"]["timeout"] for r in records], [7, 60, 77])
    for text, why in [
        ("web inet tcp establishd 5", "column 14: tcp has no state establishd; did you mean established?"),
        ("web inet tcp established", "column 25: expected a number of seconds"),
        ("web inet tcp established 0", "column 26: expected a number of seconds, not 0"),
        ("web ipx tcp", "column 5: expected inet or inet6, not ipx"),
        ("web inet tpc", "column 10: expected a protocol"),
        ("", "column 1: expected the name of the policy"),
    ]:
        done = b.run(handshake(), ["--timeout-policy", text, *ROUTER], ipv4=rules)
        equal(done.status, 1)
        assert why in done.err, done.err
    done = b.run(handshake(), ROUTER, ipv4=rules)
    equal(done.status, 1)
    assert "ipv4:3:" in done.err and "there is no policy web" in done.err, done.err


def test_accounting(b):
    """nfacct: rules of one name count in one object, which the summary shows"""
    rules = "*filter\n:FORWARD ACCEPT\n" + "-A FORWARD -p tcp -m nfacct --nfacct-name web\n" * 2 + "COMMIT\n"
    done = b.run(handshake(), ["--quiet", "--summary", *ROUTER, *DEFAULT], ipv4=rules)
    assert f"{{ pkts = {6:020}, bytes = {240:020} }} = web;" in done.out.decode(), done.out


def test_file(b):
    """A file that cannot be written is 1 and named"""
    done = b.run(handshake(), ["--save-conntrack", "{folder}/no/such", *ROUTER], ipv4=STATEFUL)
    equal(done.status, 1)
    assert os.path.join("no", "such") in done.err, done.err


main(dict(globals()))
