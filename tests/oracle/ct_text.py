#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""conntrack(8) as oracle of text: what it lists is made anew in the engine and listed by it, byte for byte.

usage: ct_text.py PROBE

Entries come from conntrack -I and from traffic through rules (helpers, labels, NAT), in a namespace of
its own. Ids are the kernel's: masked. Label names of the kernel's side are their numbers.
"""

import ctypes
import os
import re
import socket
import subprocess
import sys

CREATE = """
-s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1234 --dport 80 --state ESTABLISHED -t 300 -u SEEN_REPLY,ASSURED -m 7
-s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1235 --dport 80 --state SYN_SENT -t 120
-s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1236 --dport 80 --state SYN_RECV -t 60 -u SEEN_REPLY
-s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1237 --dport 80 --state SYN_SENT2 -t 60
-s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1238 --dport 80 --state FIN_WAIT -t 60 -u SEEN_REPLY,ASSURED
-s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1239 --dport 80 --state CLOSE_WAIT -t 60 -u SEEN_REPLY
-s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1240 --dport 80 --state LAST_ACK -t 432000 -u SEEN_REPLY
-s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1241 --dport 80 --state TIME_WAIT -t 60 -u SEEN_REPLY,ASSURED
-s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1242 --dport 80 --state CLOSE -t 10 -u SEEN_REPLY
-s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1243 --dport 80 --state NONE -t 10
-s 10.0.0.1 -d 10.0.0.2 -p tcp --sport 1244 --dport 80 --state SYN_SENT -t 120 -g 10.9.9.9:99
-s 10.0.0.1 -d 10.0.0.2 -r 10.0.0.2 -q 10.7.7.7 -p tcp --sport 1 --dport 80 --reply-port-src 80 --reply-port-dst 3333 --state CLOSE -t 300
-s 10.0.0.1 -d 10.0.0.2 -p udp --sport 1234 --dport 53 -t 30 -w 5 -m 4294967295
-s 10.0.0.1 -d 10.0.0.2 -p udp --sport 1235 --dport 53 -t 30 --orig-zone 6
-s 10.0.0.1 -d 10.0.0.2 -p udp --sport 1236 --dport 53 -t 30 --reply-zone 7
-s 10.0.0.1 -d 10.0.0.2 -p icmp --icmp-type 8 --icmp-code 0 --icmp-id 77 -t 30
-s 10.0.0.1 -d 10.0.0.2 -p icmp --icmp-type 13 --icmp-code 0 --icmp-id 65535 -t 30 -u SEEN_REPLY
-s 10.0.0.1 -d 10.0.0.2 -p gre --srckey 0x11 --dstkey 0x2a2b -t 30
-s 10.0.0.1 -d 10.0.0.2 -p sctp --sport 11 --dport 22 --state ESTABLISHED --orig-vtag 1 --reply-vtag 2 -t 30
-s 10.0.0.1 -d 10.0.0.2 -p sctp --sport 12 --dport 22 --state SHUTDOWN_ACK_SENT --orig-vtag 1 --reply-vtag 2 -t 30
-s 10.0.0.1 -d 10.0.0.2 -p udplite --sport 11 --dport 22 -t 30
-s 10.0.0.1 -d 10.0.0.2 -p 89 -t 30
-s 10.0.0.1 -d 10.0.0.2 -p 2 -t 600 -u SEEN_REPLY
-s 2001:db8::1 -d 2001:db8::2 -p icmpv6 --icmpv6-type 128 --icmpv6-code 0 --icmpv6-id 77 -t 30
-s 2001:db8::1 -d ::ffff:1.2.3.4 -p tcp --sport 1 --dport 2 --state SYN_SENT -t 30
-s 2001:db8:0:0:1::1 -d ::1 -p udp --sport 1 --dport 2 -t 30 -w 9
"""

RULES = {
    "iptables": [
        "-t raw -A OUTPUT -p tcp --dport 21 -j CT --helper ftp",
        "-t raw -A OUTPUT -p udp --dport 69 -j CT --helper tftp",
        "-t raw -A OUTPUT -p udp --dport 5060 -j CT --helper sip",
        "-t mangle -A OUTPUT -p tcp --dport 21 -m connlabel --label 1 --set",
        "-t mangle -A OUTPUT -p tcp --dport 21 -m connlabel --label 127 --set",
        "-t mangle -A OUTPUT -p udp -m connlabel --label 64 --set",
        "-t nat -A POSTROUTING -p udp -j SNAT --to 127.0.0.9",
    ],
    "ip6tables": [
        "-t raw -A OUTPUT -p tcp --dport 21 -j CT --helper ftp --zone 3",
        "-t raw -A OUTPUT -p tcp --sport 21 -j CT --zone 3",
        "-t raw -A PREROUTING -p tcp -j CT --zone 3",
    ],
}

OPTIONS = [[], ["extended"], ["id"], ["labels"], ["ktimestamp"], ["extended", "id", "labels", "ktimestamp"]]

SIP = "\r\n".join(
    [
        "REGISTER sip:a.b SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1:5061",
        "From: <sip:u@a.b>;tag=1",
        "To: <sip:u@a.b>",
        "Call-ID: 1@x",
        "CSeq: 1 REGISTER",
        "Contact: <sip:u@127.0.0.1:5061>",
        "Expires: 300",
        "Content-Length: 0",
        "",
        "",
    ]
)


def run(*args, **kw):
    return subprocess.run(args, capture_output=True, text=True, **kw)


def alone():
    """A namespace of networks and mounts of our own, with label names that are numbers."""
    libc = ctypes.CDLL(None, use_errno=True)
    clone_newnet, clone_newns, ms_rec, ms_private = 0x40000000, 0x20000, 0x4000, 1 << 18
    if libc.unshare(clone_newnet | clone_newns) != 0:
        return False
    if libc.mount(b"none", b"/", None, ms_rec | ms_private, None) != 0:
        return False
    # an overlay, for /etc/xtables need not be there
    if run("mount", "-t", "tmpfs", "none", "/mnt").returncode:
        return False
    os.makedirs("/mnt/upper/xtables")
    os.mkdir("/mnt/work")
    with open("/mnt/upper/xtables/connlabel.conf", "w") as f:
        f.write("".join(f"{n} {n}\n" for n in range(128)))
    options = "lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work"
    if run("mount", "-t", "overlay", "none", "-o", options, "/etc").returncode:
        return False
    for name, value in (("acct", 1), ("timestamp", 1)):
        with open(f"/proc/sys/net/netfilter/nf_conntrack_{name}", "w") as f:
            f.write(str(value))
    return run("ip", "link", "set", "lo", "up").returncode == 0


def talk_ftp(host, announce):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server = socket.socket(family)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((host, 21))
    server.listen()
    client = socket.create_connection((host, 21))
    peer, _ = server.accept()
    peer.sendall(b"220 hello\r\n")
    client.recv(100)
    for line in (b"USER x\r\n", announce):
        client.sendall(line)
        peer.recv(100)
    return server, client, peer


def traffic():
    sockets = [talk_ftp("127.0.0.1", b"PORT 127,0,0,1,19,137\r\n"), talk_ftp("::1", b"EPRT |2|::1|5003|\r\n")]
    for port, data in ((69, b"\0\1file\0octet\0"), (5060, SIP.encode()), (99, b"x")):
        u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        u.bind(("127.0.0.1", 5061 if port == 5060 else 0))
        u.sendto(data, ("127.0.0.1", port))
        sockets.append(u)
    return sockets


def compare(name, args, probe):
    """One subtest: the listing and what the probe makes of it."""
    listed = run("conntrack", "-L", *args[0]).stdout.splitlines()
    made = run(*probe, *args[1], input="".join(line + "\n" for line in listed)).stdout.splitlines()
    if "id" in args[1]:
        listed, made = ([re.sub(r"(use=1 id=)\d+", r"\1N", x) for x in lines] for lines in (listed, made))
    wrong = [(a, b) for a, b in zip(listed, made) if a != b]
    same = listed and len(listed) == len(made) and not wrong
    print(f"{'ok' if same else 'not ok'} - {name}: {len(listed)} lines")
    for a, b in wrong:
        print(f"# conntrack: {a}\n# engine:    {b}")
    if not same and not wrong:
        print(f"# {len(listed)} lines of conntrack, {len(made)} of the engine")


def main():
    probe = sys.argv[1]
    if os.geteuid() or run("conntrack", "-V").returncode or not alone():
        print("1..0 # SKIP no root, or no conntrack(8)")
        return
    created = [run("conntrack", "-I", *line.split()) for line in CREATE.strip().splitlines()]
    for program, rules in RULES.items():
        for rule in rules:
            run(program, *rule.split(), check=True)
    sockets = traffic()
    print(f"1..{len(OPTIONS) + 3}")
    failed = [c.stderr for c in created if c.returncode]
    print(f"{'not ok' if failed else 'ok'} - conntrack -I of {len(created)} entries")
    for text in failed:
        print("# " + text.replace("\n", "\n# "))
    for options in OPTIONS:
        compare("-o " + ",".join(options), (["-o", ",".join(options)] if options else [], options), [probe])
    for family in ("ipv4", "ipv6"):
        compare(f"expect {family}", (["expect", "-f", family], ["expect"]), [probe])
    del sockets


main()
