#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pktt replay: ARP, and frames on the ports of a bridge."""

import packets as p
from bench import ROUTER, equal, main, said, sent

OURS, HOST_A, HOST_B, HOST_C = (
    "02:00:00:00:03:01",
    "02:00:00:00:0a:01",
    "02:00:00:00:0b:01",
    "02:00:00:00:0c:01",
)
ALL = "ff:ff:ff:ff:ff:ff"
BRIDGE = ["--interface", "p0=mac=02:00:00:00:03:02", "--interface", "p1=mac=02:00:00:00:03:03"]
BRIDGE += ["--interface", "p2=mac=02:00:00:00:03:04"]
BRIDGE += ["--interface", f"br0=10.7.0.1/24,mac={OURS}", "--bridge", "br0=p0,p1,p2"]
BRIDGE += ["--interface", "up0=192.0.2.1/24"]


def table(name, *rules):
    chains = {
        "filter": ("INPUT", "FORWARD", "OUTPUT"),
        "nat": ("PREROUTING", "OUTPUT", "POSTROUTING"),
        "broute": ("BROUTING",),
    }[name]
    lines = [f"*{name} bridge"] + [f":{c} ACCEPT" for c in chains] + list(rules) + ["COMMIT", ""]
    return "\n".join(lines)


def frame(dst, src, payload=None, kind=None):
    return p.ether(dst, src, payload or p.udp4("10.7.0.5", "10.7.0.9"), kind)


def run(b, *frames, options=(), **files):
    """Frames as (port, bytes); the records."""
    packets = [(name, p.START_NS + i, data) for i, (name, data) in enumerate(frames)]
    return b.json(p.pcapng(packets, p.ETHERNET), [*BRIDGE, *options], **files)


def test_arp_input(b):
    """ARP runs INPUT of arptables and gets no answer"""
    question = p.arp(1, HOST_A, "10.0.0.5", "00:00:00:00:00:00", "10.0.0.1")
    rules = "*filter\n:INPUT ACCEPT\n:OUTPUT ACCEPT\n-A INPUT -s 10.0.0.66 -j DROP\nCOMMIT\n"
    data = p.ether(ALL, HOST_A, question, 0x0806)
    record = b.json(p.pcapng([("in0", p.START_NS, data)], p.ETHERNET), ROUTER, arp=rules)[0]
    equal((*said(record), record["emitted"]), ("accept", "input", None, []))
    data = p.ether(ALL, HOST_A, p.arp(1, HOST_A, "10.0.0.66", ALL, "10.0.0.1"), 0x0806)
    record = b.json(p.pcapng([("in0", p.START_NS, data)], p.ETHERNET), ROUTER, arp=rules)[0]
    equal((*said(record), record["rule"]["family"]), ("drop", "input", None, "arp"))


def test_arp_malformed(b):
    """ARP that is cut short, or of another kind of address, is malformed"""
    question = p.arp(1, HOST_A, "10.0.0.5", ALL, "10.0.0.1")
    for wrong in (question[:20], question[:5] + b"\x08" + question[6:]):
        data = p.ether(ALL, HOST_A, wrong, 0x0806)
        record = b.json(p.pcapng([("in0", p.START_NS, data)], p.ETHERNET), ROUTER)[0]
        equal(said(record), ("drop", "none", "malformed"))


def test_arp_output(b):
    """ARP of our own runs OUTPUT and leaves as a frame of layer 2"""
    data = p.ether(ALL, HOST_A, p.arp(1, HOST_A, "10.0.0.1", ALL, "10.0.0.5"), 0x0806)
    capture = p.pcapng([("in0", p.START_NS, data)], p.ETHERNET)
    record = b.json(capture, [*ROUTER, "--local-out", "in0"])[0]
    equal(said(record), ("accept", "output", None))
    equal([(e["interface"], e["layer"]) for e in record["emitted"]], [("in0", 2)])
    equal(sent(record)[0][1], data)


def test_no_handler(b):
    """A protocol that nobody handles is dropped without a hook"""
    data = p.ether(OURS, HOST_A, b"\0" * 46, 0x88CC)
    record = b.json(p.pcapng([("in0", p.START_NS, data)], p.ETHERNET), ["--interface", "in0=10.0.0.1/24"])
    equal(said(record[0]), ("drop", "none", "no-handler"))


def test_vlan(b):
    """A tagged frame belongs to NAME.ID, or to somebody else"""
    inner = p.udp4("10.0.0.5", "10.0.0.1")
    data = p.mac("02:00:00:00:01:01") + p.mac(HOST_A) + b"\x81\0\0\x07\x08\0" + inner
    capture = p.pcapng([("in0", p.START_NS, data)], p.ETHERNET)
    equal(said(b.json(capture, ROUTER)[0])[2], "otherhost")
    rules = "*filter\n:INPUT ACCEPT\n-A INPUT -i in0.7 -j DROP\nCOMMIT\n"
    record = b.json(capture, [*ROUTER, "--interface", "in0.7=10.8.0.1/24"], ipv4=rules)[0]
    equal(said(record), ("drop", "input", None))


def test_flood_and_learn(b):
    """Unknown destinations are flooded, learned ones are not; frames leave as they came"""
    there, back = frame(HOST_B, HOST_A), frame(HOST_A, HOST_B)
    first, second, third = run(b, ("p0", there), ("p1", back), ("p0", there))
    equal(said(first), ("accept", "postrouting", None))
    equal(sorted(sent(first)), [("p1", there), ("p2", there)])
    equal([e["layer"] for e in first["emitted"]], [2, 2])
    equal(sent(second), [("p0", back)])
    equal(sent(third), [("p1", there)])


def test_ageing(b):
    """Learned addresses are forgotten after 300 seconds"""
    packets = [
        ("p1", p.START_NS, frame(HOST_A, HOST_B)),
        ("p0", p.START_NS + 299 * 10**9, frame(HOST_B, HOST_A)),
        ("p0", p.START_NS + 301 * 10**9, frame(HOST_B, HOST_A)),
    ]
    records = b.json(p.pcapng(packets, p.ETHERNET), BRIDGE)
    equal([len(r["emitted"]) for r in records], [2, 1, 2])


def test_same_port(b):
    """A frame whose destination is behind its own port goes nowhere"""
    records = run(b, ("p0", frame(ALL, HOST_B)), ("p0", frame(HOST_B, HOST_A)))
    equal((records[1]["verdict"], records[1]["emitted"]), ("drop", []))


def test_hooks(b):
    """Bridge filter and nat see frames at their hooks, with the ports"""
    rules = table("nat", "-A PREROUTING -i p0 -j mark --mark-or 1 --mark-target CONTINUE")
    rules += table("filter", "-A FORWARD -i p0 -o p1 --logical-in br0 -j DROP")
    record = run(b, ("p1", frame(ALL, HOST_B)), ("p0", frame(HOST_B, HOST_A)), rules=rules)[1]
    equal((*said(record), record["mark"]), ("drop", "forward", None, 1))
    equal(record["rule"]["family"], "bridge")
    # A flooded frame that one port lets out is accepted.
    record = run(b, ("p0", frame(HOST_C, HOST_A)), rules=rules)[0]
    equal((record["verdict"], [n for n, _ in sent(record)]), ("accept", ["p2"]))


def test_to_the_bridge(b):
    """A frame to the bridge itself is for its own IP stack, which may forward it"""
    rules = "*filter\n:INPUT ACCEPT\n-A INPUT -i br0 -j DROP\nCOMMIT\n"
    record = run(b, ("p0", frame(OURS, HOST_A, p.ping4("10.7.0.5", "10.7.0.1"))), ipv4=rules)[0]
    equal((*said(record), record["rule"]["family"]), ("drop", "input", None, "ipv4"))
    data = p.ping4("10.7.0.5", "192.0.2.9")
    record = run(b, ("p0", frame(OURS, HOST_A, data)))[0]
    equal((said(record)[:2], sent(record)[0][0]), (("accept", "postrouting"), "up0"))


def test_broadcast(b):
    """A broadcast goes to all ports and up"""
    rules = "*filter\n:INPUT ACCEPT\n-A INPUT -i br0\nCOMMIT\n"
    data = frame(ALL, HOST_A, p.udp4("10.7.0.5", "10.7.0.255"))
    packets = p.pcapng([("p0", p.START_NS, data)], p.ETHERNET)
    run_ = b.run(packets, ["--json", *BRIDGE, "--save-rules", "{folder}/saved"], ipv4=rules)
    equal(sorted(n for n, _ in sent(run_.records[0])), ["p1", "p2"])
    assert "[1:32] -A INPUT -i br0" in run_.saved("v4"), run_.saved("v4")


def test_broute(b):
    """broute: DROP means that the port's own stack routes the frame"""
    rules = table("broute", "-A BROUTING -p IPv4 -j redirect --redirect-target DROP")
    options = ["--interface", "p9=10.9.0.1/24,mac=02:00:00:00:03:09", "--bridge", "br9=p9"]
    data = frame(HOST_B, HOST_A, p.ping4("10.9.0.5", "192.0.2.9"))
    record = run(b, ("p9", data), options=options, rules=rules)[0]
    equal((said(record)[:2], sent(record)[0][0]), (("accept", "postrouting"), "up0"))


def test_bridge_netfilter(b):
    """bridge-nf=on: bridged IP meets its own family's hooks, the bridge as interface"""
    marks = "*mangle\n:PREROUTING ACCEPT\n:FORWARD ACCEPT\n:POSTROUTING ACCEPT\n"
    marks += "-A PREROUTING -i br0 -m physdev --physdev-in p0 -j MARK --or-mark 1\n"
    marks += "-A FORWARD -i br0 -o br0 -m physdev --physdev-is-bridged --physdev-out p1 -j MARK --or-mark 2\n"
    marks += "-A POSTROUTING -o br0 -m physdev --physdev-is-bridged -j MARK --or-mark 4\nCOMMIT\n"
    frames = (("p1", frame(ALL, HOST_B)), ("p0", frame(HOST_B, HOST_A)))
    equal(run(b, *frames, ipv4=marks)[1]["mark"], 0)
    record = run(b, *frames, options=["--set", "bridge-nf=on"], ipv4=marks)[1]
    equal((*said(record), record["mark"]), ("accept", "postrouting", None, 7))
    equal(sent(record), [("p1", frames[1][1])])
    drop = "*filter\n:FORWARD DROP\nCOMMIT\n"
    record = run(b, *frames, options=["--set", "bridge-nf=on"], ipv4=drop)[1]
    equal((*said(record), record["rule"]["family"]), ("drop", "forward", None, "ipv4"))


def test_bridge_netfilter_input(b):
    """bridge-nf=on: what goes up has met PREROUTING once"""
    rules = "*mangle\n:PREROUTING ACCEPT\n:INPUT ACCEPT\n-A PREROUTING -i br0\n-A INPUT -i br0 -m physdev --physdev-in p0\nCOMMIT\n"
    data = frame(OURS, HOST_A, p.ping4("10.7.0.5", "10.7.0.1"))
    options = ["--json", *BRIDGE, "--set", "bridge-nf=on", "--save-rules", "{folder}/saved"]
    done = b.run(p.pcapng([("p0", p.START_NS, data)], p.ETHERNET), options, ipv4=rules)
    equal(said(done.records[0]), ("accept", "input", None))
    for rule in ("[1:32] -A PREROUTING", "[1:32] -A INPUT"):
        assert rule in done.saved("v4"), done.saved("v4")


def test_bridge_netfilter_arp(b):
    """bridge-nf=on: bridged ARP meets FORWARD of arptables, between the ports"""
    rules = "*filter\n:INPUT ACCEPT\n:OUTPUT ACCEPT\n:FORWARD ACCEPT\n-A FORWARD -i p0 -o p1 -j DROP\nCOMMIT\n"
    data = p.ether(ALL, HOST_A, p.arp(1, HOST_A, "10.7.0.5", ALL, "10.7.0.6"), 0x0806)
    record = run(b, ("p0", data), options=["--set", "bridge-nf=on"], arp=rules)[0]
    equal(sent(record), [("p2", data)])
    equal(len(sent(run(b, ("p0", data), arp=rules)[0])), 2)


def test_reserved_groups(b):
    """Groups of the link are not forwarded; spanning tree is, since it is off"""
    records = run(
        b,
        ("p0", frame("01:80:c2:00:00:0e", HOST_A, b"\0" * 46, 0x88CC)),
        ("p0", frame("01:80:c2:00:00:01", HOST_A, b"\0" * 46, 0x8808)),
        ("p0", frame("01:80:c2:00:00:00", HOST_A, b"\0" * 46, 38)),
    )
    equal([r["emitted"] == [] for r in records], [True, True, False])


def test_foreign_protocol(b):
    """A bridge carries what it cannot read"""
    data = frame(HOST_B, HOST_A, b"\x12" * 50, 0x88B5)
    equal(sorted(sent(run(b, ("p0", data))[0])), [("p1", data), ("p2", data)])


def test_written_bridged(b):
    """--write has the layer 3 of bridged IP and leaves out what is not IP"""
    packets = [
        ("p0", p.START_NS, frame(HOST_B, HOST_A)),
        ("p0", p.START_NS, p.ether(HOST_B, HOST_A, p.arp(1, HOST_A, "10.7.0.5", ALL, "10.7.0.6"), 0x0806)),
    ]
    done = b.run(p.pcapng(packets, p.ETHERNET), [*BRIDGE, "-q", "--write", "{folder}/out.pcapng"])
    found = p.read_pcapng(done.written())[1]
    equal(sorted((n, d) for n, _, d in found), [(n, packets[0][2][14:]) for n in ("p1", "p2")])


if __name__ == "__main__":
    main(globals())
