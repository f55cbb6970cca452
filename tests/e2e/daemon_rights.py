#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may do what: look, change elements of sets, everything; by user and group, on either socket. Each
command of pktt is tried by each, and what is refused has changed nothing. usage: daemon_rights.py BUILD NFQ
(TAP)
"""
import errno
import grp
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import packets as p  # noqa: E402
from pkttd import Daemon, Tap, wait_for  # noqa: E402
from users import Actor, let_in  # noqa: E402

# Groups of every Debian that stand for ours.
ALL, ELEMENTS, VIEW = "games", "audio", "video"
CONFIG = f"""group {ALL}
elements-group {ELEMENTS}
view-group {VIEW}
router {{
	interface in0=10.0.0.1/24
	interface out0=10.1.0.1/24
}}"""
RULES = """create bad hash:ip
create other hash:ip
add bad 192.0.2.1
*filter
:FORWARD ACCEPT [0:0]
:IDLE - [0:0]
-A FORWARD -m set --match-set bad src -j DROP
-A FORWARD -m conntrack --ctstate INVALID -j DROP
-A FORWARD -p udp -m udp --dport 7 -j NFLOG --nflog-group 5
-A FORWARD -p udp -m udp --dport 9 -j NFQUEUE --queue-num 7 --queue-bypass
-A FORWARD -j ULOG --ulog-nlgroup 3
COMMIT
"""
UDP = ("-p", "udp", "-s", "10.0.0.5", "-d", "10.1.0.9", "--sport", "1024", "--dport", "53")

# What only looks; it is answered to whoever may connect.
LOOKS = [line.split() for line in """-L
-S
-L -t nat -6
-C FORWARD -p udp --dport 7 -j NFLOG --nflog-group 5
save
history
status
metrics
top --once --interval 0.1
diff rules
set list bad
set save bad
set test bad 192.0.2.1
ct list
ct count
ct stats
ct list expect
queue list
load --check rules
restore --test rules""".splitlines()]

# What changes elements of sets.
ELEMENT_CHANGES = [line.split() for line in """set add bad 192.0.2.2
set add bad 192.0.2.2 --exist
set del bad 192.0.2.2
set flush other""".splitlines()]

# What takes every right. Whoever has it puts everything back by the line that follows.
CHANGES = [line.split() for line in """-A FORWARD -j ACCEPT
-R FORWARD 6 -j DROP
-D FORWARD 6
-I FORWARD 1 -j ACCEPT
-D FORWARD 1
-N MORE
-E MORE LESS
-X LESS
-P FORWARD DROP
-P FORWARD ACCEPT
-Z FORWARD
-F IDLE
set create more hash:ip
set destroy more
set swap bad other
set swap bad other
load rules --yes
load rules --yes --confirm 600
confirm
rollback --yes
restore rules
inject --in in0 --read packet
ct update {udp} --mark 7
ct list --zero
ct del {udp}
ct add {udp} --reply-src 10.1.0.9 --reply-dst 10.0.0.5 --reply-port-src 53 --reply-port-dst 1024 --timeout 600
ct flush""".replace("{udp}", " ".join(UDP)).splitlines()]


# What programs older than nfnetlink ask for: ULOG's packets of a group, ip_queue's. Prints the errors' numbers.
OLD = """import os, socket, struct
def ask(s, kind, attrs=b"", body=b""):
    head = struct.pack("=IHHII", 16 + len(body or b"1234" + attrs), kind, 5, 7, 0)
    s.send(head + (body or struct.pack("=BBH", 0, 1, 0) + attrs))
    while True:
        data = s.recv(65536)
        while data:
            size, found, _, seq, _ = struct.unpack_from("=IHHII", data)
            if found == 2 and seq == 7:
                return -struct.unpack_from("=i", data, 16)[0]
            data = data[size + 3 & ~3:]
def u32(attr, value):
    return struct.pack("=HH", 8, attr) + struct.pack("!I", value)
BUS, HELLO, JOIN, PROTOCOL, GROUP = 65 << 8, 0, 1, 1, 5
for protocol in (5, 3):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(os.environ["PKTT_SOCKET"])
    first = ask(s, BUS | HELLO, u32(PROTOCOL, protocol))
    if protocol == 5:
        print(first, ask(s, BUS | JOIN, u32(GROUP, 3)))
    else:
        print(first, ask(s, 17, body=struct.pack("=BxxxxxxxQ", 2, 65535) + bytes(40)))
"""


def prepare(d, nfq):
    """What commands take, and who may come in: everybody."""
    (d.path / "packet").write_bytes(p.pcapng([("in0", p.START_NS, p.udp4("10.0.0.5", "10.1.0.9"))]))
    let_in(d, nfq)
    (d.path / "bin" / "old.py").write_text(OLD)


def holds(root):
    """All that a client could have changed, counters apart."""
    parts = [root.pktt(*words)[1] for words in (["-S"], ["-S", "-t", "nat"], ["set", "save", "bad"],
                                                ["set", "save", "other"], ["ct", "list", "--json"])]
    status = root.pktt("status", "--json")[1]
    return parts[:4], parts[4].count('"orig"'), status.split('"generation"', 1)[-1].split(",")[0]


def looks(tap, root, actor):
    if actor.name != "root":
        before = holds(root)
    for words in LOOKS:
        status, out, err = actor.pktt(*words)
        tap.ok(status == 0 and "permitted" not in err, f"{actor.name}: {' '.join(words)}", status, out, err)
    watch = actor.start(root.d.path / "bin" / "pktt", "monitor", "rules", "--limit", "1")
    wait_for(lambda: 'subscribers{group="rules"} 1' in root.pktt("metrics")[1])
    root.pktt("-A", "IDLE", "-j", "RETURN", "--name", "seen")
    out, err = watch.communicate(timeout=60)
    tap.ok("name seen" in out, f"{actor.name}: events", out, err)
    root.pktt("rollback", "--yes")
    if actor.name != "root":
        tap.equal(holds(root)[:2], before[:2], f"{actor.name}: looking changed nothing")


def may(tap, actor, lines):
    for words in lines:
        status, out, err = actor.pktt(*words)
        tap.ok(status == 0, f"{actor.name}: {' '.join(words)}", status, out, err)


def may_not(tap, root, actor, lines):
    before = holds(root)
    for words in lines:
        status, out, err = actor.pktt(*words)
        tap.ok(status == 1 and ("is not permitted: uid" in err or "may change elements of sets only" in err),
               f"{actor.name}: refused: {' '.join(words)}", status, out, err)
    tap.equal(holds(root), before, f"{actor.name}: what was refused changed nothing")


def programs_refused(tap, root, actor):
    """Programs of netfilter, and what they cannot have: packets and the end of connections."""
    before = holds(root)
    for words, why in ((("conntrack", "-D", *UDP), "you must be root"), (("conntrack", "-F"), "you must be root"),
                        (("bin/nfq", "7", "1"), "Operation not permitted")):
        status, out, err = actor.run(*words)
        tap.ok(status == 1 and why in err, f"{actor.name}: refused: {' '.join(words)}", status, out, err)
    status, out, err = actor.run("conntrack", "-L")
    tap.ok(status == 0 and "dport=53" in out, f"{actor.name}: conntrack -L shows what is there", status, out, err)
    status, out, err = actor.pktt("ulog", "--group", "5", "--limit", "1")
    tap.ok(status == 1 and "is not permitted: uid" in err, f"{actor.name}: refused: ulog", status, out, err)
    tap.equal(actor.program("python3", "bin/old.py"), (0, f"0 {errno.EPERM}\n0 {errno.EPERM}\n", ""),
              f"{actor.name}: refused: ULOG's packets and ip_queue's")
    tap.equal(holds(root), before, f"{actor.name}: and nothing has changed")
    queues = root.pktt("queue", "list", "--json")[1]
    tap.ok('"peer_portid"' not in queues and '"program"' not in queues, f"{actor.name}: nobody has a queue", queues)


def mixed(tap, root, actor):
    """A transaction of which one part is permitted and another is not."""
    (root.d.path / "mixed").write_text("add bad 192.0.2.77\n*filter\n-A FORWARD -j DROP\nCOMMIT\n")
    (root.d.path / "mixed").chmod(0o644)
    before = holds(root)
    status, out, err = actor.pktt("restore", "-n", "mixed")
    tap.ok(status == 1 and "may change elements" in err or "not permitted" in err,
           f"{actor.name}: half a transaction is none", status, out, err)
    tap.equal(holds(root), before, f"{actor.name}: its permitted half is not there either")


def nobody(tap, actor):
    """No greeting, and the exit status of no daemon."""
    for words in (["-L"], ["status"], ["set", "add", "bad", "192.0.2.9"], ["ct", "list"], ["ct", "flush"],
                  ["queue", "list"], ["monitor"], ["ulog"], ["inject", "--in", "in0", "--read", "packet"]):
        status, out, err = actor.pktt(*words)
        tap.ok(status == 3 and "this user may not speak with pkttd" in err and out == "",
               f"{actor.name}: refused: {' '.join(words)}", status, out, err)
    status, out, err = actor.run("conntrack", "-L")
    tap.ok(status != 0 and "dport" not in out, f"{actor.name}: refused: conntrack", status, out, err)


def three_groups(tap, build, nfq):
    with Daemon(build, RULES, CONFIG) as d:
        prepare(d, nfq)
        root = Actor(d, "root", 0, [])
        everything = Actor(d, "a member of group", 4000, [ALL])
        elements = Actor(d, "a member of elements-group", 4001, [ELEMENTS])
        both = Actor(d, "a member of both", 4002, [ELEMENTS, "news", ALL])
        for actor in (root, everything, both):
            looks(tap, root, actor)
            may(tap, actor, ELEMENT_CHANGES)
            may(tap, actor, CHANGES)
        tap.equal(everything.program("python3", "bin/old.py"), (0, "0 0\n0 0\n", ""),
                  "a member of group: ULOG's packets and ip_queue's")
        root.pktt("inject", "--in", "in0", "--read", "packet")
        # a connection that is still there however long all of this lasts
        tap.equal(root.pktt("ct", "update", *UDP, "--timeout", "100000")[0], 0, "a connection to look at")
        looks(tap, root, elements)
        may(tap, elements, ELEMENT_CHANGES)
        for actor in (elements, Actor(d, "a viewer", 4003, [VIEW], view=True), Actor(d, "root", 0, [], view=True)):
            looks(tap, root, actor)
            may_not(tap, root, actor, CHANGES)
            if actor is not elements:
                may_not(tap, root, actor, ELEMENT_CHANGES)
            programs_refused(tap, root, actor)
            mixed(tap, root, actor)
        for actor in (Actor(d, "nobody", 4004, ["news"]), Actor(d, "a viewer", 4003, [VIEW]),
                      Actor(d, "nobody", 4004, ["news"], view=True)):
            nobody(tap, actor)
        status, out, _ = root.pktt("history")
        tap.ok("uid 4000" in out and "uid 4001" in out, "the history says who it was", out)


def one_group(tap, build, nfq, setting, name):
    """With one group the file's mode is the guard."""
    groups = {"group": "none-such", "elements-group": "none-such", "view-group": "none-such", setting: ALL}
    with Daemon(build, RULES, "\n".join(map(" ".join, groups.items()))) as d:
        prepare(d, nfq)
        member, other = Actor(d, name, 4000, [ALL]), Actor(d, "nobody", 4004, ["news"])
        tap.equal((oct(d.socket.stat().st_mode & 0o777), d.socket.stat().st_gid),
                  ("0o660", grp.getgrnam(ALL).gr_gid), f"{setting} alone: the socket is its members'")
        tap.equal(member.pktt("set", "add", "bad", "192.0.2.9")[0], 0, f"{name}: set add")
        tap.equal(member.pktt("-P", "FORWARD", "DROP")[0], 0 if setting == "group" else 1, f"{name}: -P")
        nobody(tap, other)


def main():
    tap, (build, nfq) = Tap(), sys.argv[1:3]
    if os.geteuid() != 0:
        print("1..0 # SKIP only root can be other users")
        return 0
    three_groups(tap, build, nfq)
    one_group(tap, build, nfq, "group", "a member of group")
    one_group(tap, build, nfq, "elements-group", "a member of elements-group")
    return tap.end()


sys.exit(main())
