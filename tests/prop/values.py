#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Values as iptables prints them.

Good texts of options, and the same texts damaged, go through `pktt save --format iptables`. What it
prints must be taken by iptables-legacy-restore, whose save must print the same, letter for letter.
Runs in a network namespace of its own. VALUES_SEED and VALUES_ROUNDS choose others.

usage: values.py PKTT
"""
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

# Where we differ knowingly, by what our line looks like.
KNOWN = [
    (r"--tcp-flags NONE ", "iptables-save drops the option, and so the condition"),
    (r"--datestart (2039|20[4-9]|21)", "iptables knows no date after 2038"),
    (r"--hashlimit-upto \d+[km]?b/s", "iptables rounds rates of bytes"),
    (r"-i \"|--name \"", "iptables-save prints a quote or blank bare, and cannot load it again"),
    (r"--(dst|hbh)-opts (.*,)?[01]:", "iptables wants no length for options that only pad"),
    (r"--gateway ::$", "the kernel refuses it"),
    (r"--src-group 0x0$", "a group that has a name on this host"),
    (r"--queue-balance \d+:65535$", "the kernel refuses so many"),
]

IPV4 = [
    ("filter", "-s {}", "10.0.0.0/8 10.0.0.1/255.0.255.0 1.2.3.4 0/0 10/8 10.1"),
    ("filter", "! -d {}", "10.0.0.0/8 10.0.0.1/0.0.0.255 1.2.3.4"),
    ("filter", "-i {}", "eth0 eth+ br-lan.12"),
    ("filter", "-p {}", "tcp 17 icmp esp 132 255 ipv6-icmp"),
    ("filter", "-p tcp -m tcp --dport {}", "80 1024: :1023 ssh:http 1:2"),
    ("filter", "-p tcp -m tcp --tcp-flags {} SYN", "SYN,ACK ALL FIN,SYN,RST,PSH"),
    ("filter", "-p tcp -m multiport --dports {}", "22,80 1:2,3 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"),
    ("filter", "-p icmp -m icmp --icmp-type {}", "8 3/4 any echo-request 255 host-unreachable"),
    ("filter", "-m limit --limit {}", "7/sec 120/min 3/hour 5/day 100/minute 10000/sec 90/hour"),
    ("filter", "-m mark --mark {}", "1 0x1/0xff 5/7"),
    ("filter", "-m mac --mac-source {}", "00:11:22:33:44:55 a:b:c:d:e:f"),
    ("filter", "-m length --length {}", "100 100:200 100: :100"),
    ("filter", "-m iprange --src-range {}", "10.0.0.1-10.0.0.9 1.2.3.4"),
    ("filter", "-m tos --tos {}", "0x10 Minimize-Delay 0x10/0x3f"),
    ("filter", "-m dscp --dscp {}", "0x0a 10 63"),
    ("filter", "-m time --timestart {} --timestop 23:00", "08:00 8:5 17:30:05"),
    ("filter", "-m time --weekdays {}", "Mon,Tue 1,2 Su,Sat"),
    ("filter", "-m time --datestart {}", "2020 2020-05 2020-05-06T07:08"),
    ("filter", "-m comment --comment {}", "two_words plain a\"b\\c'd x.y"),
    ("filter", "-m u32 --u32 {}", "0>>22&0x3C@0&0xFF=0x1:0x5&&4&0x1F=0,5:6 6&0xFF=1 0=1,2:3"),
    ("filter", "-m addrtype --src-type {}", "LOCAL LOCAL,BROADCAST unicast"),
    ("filter", "-p sctp -m sctp --chunk-types any {}", "DATA:Be,INIT ALL NONE ABORT:t"),
    ("filter", "-m string --algo bm --string {}", "GET a\"b x|y"),
    ("filter", "-m string --algo bm --hex-string {}", "|0d0a|abc abc |00|"),
    ("filter", "-m statistic --mode random --probability {}", "0.5 0.25 1"),
    ("filter", "-m hashlimit --hashlimit-name x --hashlimit-upto {}", "512kb/s 7/sec 1mb/s 120/min"),
    ("filter", "-p ah -m ah --ahspi {}", "1:5 7 5:"),
    ("filter", "-m devgroup --src-group {}", "1 0x1/0xff"),
    ("filter", "-m recent --name {} --set", "DEFAULT ssh a.b"),
    ("filter", "-m conntrack --ctstate {}", "NEW,ESTABLISHED INVALID RELATED EST"),
    ("filter", "-m conntrack --ctorigsrc {}", "10.0.0.0/8 1.2.3.4"),
    ("filter", "-j LOG --log-prefix {}", "abc: x DROP[1]"),
    ("filter", "-j LOG --log-level {}", "debug 4 warning"),
    ("filter", "-j REJECT --reject-with {}", "icmp-port-unreachable port-unreach icmp-admin-prohibited"),
    ("filter", "-j NFQUEUE --queue-balance {}", "0:3 5:9"),
    ("filter", "-j NFLOG --nflog-prefix {}", "abc: x"),
    ("mangle", "-j TOS --set-tos {}", "0x10 Minimize-Cost 0x10/0x3f"),
    ("mangle", "-j MARK --set-mark {}", "1 0x1/0xff"),
    ("mangle", "-j MARK --and-mark {}", "1 0xff"),
    ("mangle", "-p tcp -j TCPOPTSTRIP --strip-options {}", "mss,wscale 5,2 timestamp"),
    ("nat", "-p tcp -j DNAT --to-destination {}", "1.2.3.4 1.2.3.4-1.2.3.9:80-90 :80 1.2.3.4:80-90/5"),
    ("nat", "-p tcp -j REDIRECT --to-ports {}", "80 80-90 http"),
    ("nat", "-j NETMAP --to {}", "10.0.0.0/24 1.2.3.4"),
]
IPV6 = [
    ("filter", "-s {}", "2001:db8::/32 ::1 fe80::1/64 2001:db8::1/ffff:0:ffff:: ::/0 ::ffff:1.2.3.4"),
    ("filter", "-p {}", "icmpv6 58 mh 135 ipv6-frag 44"),
    ("filter", "-p icmpv6 -m icmp6 --icmpv6-type {}", "128 1/3 echo-request 255 packet-too-big no-route"),
    ("filter", "-m frag --fragid {}", "1:5 7"),
    ("filter", "-m rt --rt-type 0 --rt-0-addrs {} --rt-0-not-strict", "::1,::2 ::1"),
    ("filter", "-m dst --dst-opts {}", "5:2,3,4:0 5 5:255"),
    ("filter", "-p mh -m mh --mh-type {}", "1:5 7 binding-update brr"),
    ("filter", "-m ipv6header --header {} --soft", "hop,route dst frag,auth"),
    ("filter", "-j REJECT --reject-with {}", "icmp6-no-route adm-prohibited icmp6-port-unreachable"),
    ("nat", "-p tcp -j DNAT --to-destination {}", "::1 [::1]:80 ::1-::5 [::1-::5]:80-90 :80 [::1]"),
    ("mangle", "-j TEE --gateway {}", "::1 2001:db8::1"),
]
CHAIN = {"filter": "INPUT", "mangle": "PREROUTING", "nat": "PREROUTING"}
LETTERS = "0123456789abcdefx:/,.-+&<>@=|\"' "


class Machine:
    """Both programs, for one family."""

    def __init__(self, pktt, folder, family):
        self.pktt, self.file = pktt, os.path.join(folder, "rules")
        self.family = family
        self.tool = {"ipv4": "iptables-legacy", "ipv6": "ip6tables-legacy"}[family]

    def ours(self, table, rule):
        """Our canonical text of a rule, or None where it is refused."""
        with open(self.file, "w", encoding="utf-8") as out:
            out.write(f"*{table}\n{rule}\nCOMMIT\n")
        done = subprocess.run([self.pktt, "save", "--format", "iptables", "--family", self.family,
                               f"--{self.family}-rules", self.file],
                              capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(f"Bail out! pktt ended with {done.returncode}: {rule}\n{done.stderr}")
        rules = [line for line in done.stdout.splitlines() if line.startswith("-A")]
        return rules[0] if done.returncode == 0 else None

    def theirs(self, table, rules):
        """What iptables prints of rules that it took, and the one at which it gave up, or None."""
        text = "\n".join([f"*{table}", *rules, "COMMIT", ""])
        done = subprocess.run([self.tool + "-restore"], input=text, capture_output=True, text=True,
                              check=False)
        if done.returncode:
            said = re.search(r"line:? (\d+)", done.stderr)
            line = int(said.group(1)) - 2 if said else -1
            return None, rules[line] if 0 <= line < len(rules) else done.stderr
        done = subprocess.run([self.tool + "-save", "-t", table], capture_output=True, text=True,
                              check=True)
        return [line for line in done.stdout.splitlines() if line.startswith("-A")], None


def quoted(value):
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def damaged(rng, text):
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at, letter = rng.randrange(len(text) + 1), rng.choice(LETTERS)
        text = rng.choice([text[:at] + letter + text[at + 1:], text[:at] + text[at + 1:],
                           text[:at] + letter + text[at:], text + text[at:]])
    return text


def is_rounded(rule):
    """iptables keeps the time between two packets, in 1/10000 of a second (hashlimit: 1/1000000)."""
    found = re.search(r"--(limit|hashlimit-upto) (\d+)/(sec|min|hour|day)", rule)
    if not found:
        return False
    scale = 10000 if found.group(1) == "limit" else 1000000
    seconds = {"sec": 1, "min": 60, "hour": 3600, "day": 86400}[found.group(3)]
    return scale * seconds % int(found.group(2)) != 0


def is_known(rule):
    return is_rounded(rule) or any(re.search(pattern, rule) for pattern, _ in KNOWN)


def compare(machine, rules):
    """Pairs (table, our line) that iptables refuses or prints otherwise."""
    faults = []
    for table in CHAIN:
        mine = [rule for where, rule in rules if where == table]
        while mine:
            shown, refused = machine.theirs(table, mine)
            if shown is not None:
                faults += [f"{a}   is to iptables   {b}" for a, b in zip(mine, shown) if a != b]
                break
            faults.append(f"refused by iptables: {refused}")
            if refused not in mine:
                break
            mine.remove(refused)
    return faults


def report(number, what, faults, count):
    print(f"{'not ' if faults or not count else ''}ok {number} - {what} ({count} rules)")
    for fault in faults[:20]:
        print(f"# {fault}")


def main():
    if len(sys.argv) == 2:
        missing = [tool for tool in ("unshare", "iptables-legacy", "ip6tables-legacy")
                   if not shutil.which(tool)]
        if os.geteuid() != 0 or missing:
            print("1..0 # SKIP needs root, unshare, iptables-legacy and ip6tables-legacy")
            return
        os.execvp("unshare", ["unshare", "-n", sys.executable, *sys.argv, "inside"])
    seed = int(os.environ.get("VALUES_SEED", "20261123"))
    rounds = int(os.environ.get("VALUES_ROUNDS", "600"))
    rng = random.Random(seed)
    number = 0
    print(f"# seed {seed}, {rounds} damaged texts a family")
    with tempfile.TemporaryDirectory() as folder:
        for family, options in (("ipv4", IPV4), ("ipv6", IPV6)):
            machine = Machine(sys.argv[1], folder, family)
            texts = [(table, f"-A {CHAIN[table]} {option}", text)
                     for table, option, list_ in options for text in list_.split()]
            good = [(table, option, machine.ours(table, option.replace("{}", quoted(text))), text)
                    for table, option, text in texts]
            faults = [f"refused by us: {option} {text}" for _, option, ours, text in good if not ours]
            faults += compare(machine, [(table, ours) for table, _, ours, _ in good if ours])
            number += 1
            report(number, f"{family}: good texts print as iptables prints them", faults, len(good))
            hurt = []
            for _ in range(rounds):
                table, option, text = rng.choice(texts)
                text = damaged(rng, text)
                ours = machine.ours(table, option.replace("{}", quoted(text)))
                if ours and not is_known(ours):
                    hurt.append((table, ours))
            number += 1
            report(number, f"{family}: damaged texts that are taken print so too",
                   compare(machine, hurt), len(hurt))
    print(f"1..{number}")


if __name__ == "__main__":
    main()
