#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pktt check, save, explain, test, modules, describe, help: as a person types them. TAP output."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PKTT = sys.argv[1]
DATA = Path(__file__).resolve().parent.parent / "data"
ROUTER = ["--interface", "in0=10.0.0.1/24,2001:db8:1::1/64", "--interface",
          "out0=192.0.2.1/24,2001:db8:2::1/64"]
count = 0


def run(*args, stdin=None):
    p = subprocess.run([PKTT, *map(str, args)], input=stdin, capture_output=True, text=True)
    return p.returncode, p.stdout, p.stderr


def ok(good, name, *why):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    for text in () if good else why:
        for line in str(text).splitlines():
            print(f"# {line}")


def filter_rules(*lines, policy="ACCEPT"):
    return "\n".join(["*filter", f":INPUT {policy} [0:0]", f":FORWARD {policy} [0:0]",
                      ":OUTPUT ACCEPT [0:0]", *lines, "COMMIT", ""])


def warns(name, text, want, *args):
    status, out, err = run("check", "-", *args, stdin=text)
    ok(status == 0 and want in out, f"check warns of {name}", out, err)


def silent(name, text, unwanted, *args):
    status, out, err = run("check", "-", *args, stdin=text)
    ok(status == 0 and unwanted not in out, f"check does not cry wolf: {name}", out, err)


def check_errors():
    text = filter_rules("-A INPUT -p tcp --dportt 443 -j ACCEPT", "-A INPUT -p tcp --dport 80 -j WEB")
    status, out, err = run("check", "-", stdin=text)
    ok(status == 1, "errors end with status 1", err)
    ok("(standard input):5:17: error: unknown option --dportt" in err and "did you mean --dport?" in err,
       "an unknown option is placed and a near one named", err)
    ok("    5 | -A INPUT -p tcp --dportt 443 -j ACCEPT\n      |                 ^^^^^^^^\n" in err,
       "the line stands below with its caret", err)
    ok(err.endswith("1 error, nothing changed\n") or "nothing changed" in err, "and a count closes", err)
    status, out, err = run("check", "-", stdin=filter_rules("-A INPUT -p tcp --dport 80 -j WEB"))
    ok(":5:31: error: chain WEB is not defined (defined: INPUT, FORWARD, OUTPUT)" in err,
       "a missing chain is told with those that are there", err)
    status, out, err = run("check", "-", stdin=filter_rules("-A INPUT -s www.example.org -j DROP"))
    ok(status == 1 and "host name" in err, "host names are refused", err)
    status, out, err = run("check", "-", "--json", stdin=text)
    first = json.loads(out.splitlines()[0])
    ok(first["severity"] == "error" and first["line"] == 5, "errors as JSON", out)
    status, out, err = run("check", "-", stdin=filter_rules('-A INPUT -m comment --comment "\x1b[31m" -j \x1b[0m'))
    ok("\x1b" not in err + out, "control bytes of a file never reach the terminal", repr(err))
    status, out, err = run("check", "/nonexistent/rules")
    ok(status == 1 and "No such file" in err, "a file that is not there", err)
    status, out, err = run("check")
    ok(status == 2 and "FILE" in err, "no file is a usage error", err)


def check_lints():
    warns("rules behind one that takes all", filter_rules("-A INPUT -j DROP", "-A INPUT -p tcp -j ACCEPT"),
          ":6:1: warning: no packet reaches this rule: the one in line 5 takes everything")
    warns("a shadowed rule",
          filter_rules("-A INPUT -s 10.0.0.0/8 -p tcp --dport 20:30 -j ACCEPT",
                       "-A INPUT -s 10.1.0.0/16 -i eth0 -p tcp --dport 22 -j DROP"),
          ":6:1: warning: no packet reaches this rule: the one in line 5 takes all that it could")
    silent("a rate limit shadows nothing",
           filter_rules("-A INPUT -p tcp -m limit --limit 1/s -j ACCEPT", "-A INPUT -p tcp -j DROP"),
           "no packet reaches")
    silent("a narrower rule shadows nothing",
           filter_rules("-A INPUT -s 10.1.0.0/16 -j ACCEPT", "-A INPUT -s 10.0.0.0/8 -j DROP"),
           "no packet reaches")
    warns("an outgoing interface in INPUT", filter_rules("-A INPUT -o eth0 -j ACCEPT"),
          ":5:1: warning: -o in INPUT never matches")
    warns("a chain that nothing leads to", filter_rules(":LOST - [0:0]", "-A LOST -j DROP"),
          "no rule jumps to chain LOST")
    warns("IPv6 left open", filter_rules(policy="DROP"), "IPv6 is left open")
    warns("dropped neighbour discovery", filter_rules("-A INPUT -p tcp -j ACCEPT", policy="DROP"),
          "neighbour solicitation is dropped by its policy", "--family", "ipv6")
    warns("dropped packet too big", filter_rules("-A FORWARD -p ipv6-icmp -j DROP"),
          ":5:1: warning: ipv6 FORWARD: packet too big is dropped by this rule", "--family", "ipv6")
    silent("neighbour discovery that may pass",
           filter_rules("-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 135 -j ACCEPT", policy="DROP"),
           "solicitation", "--family", "ipv6")
    chains = [f":C{i} - [0:0]" for i in range(15)]
    jumps = [f"-A C{i} -j C{i + 1}" for i in range(14) for _ in range(2)]
    warns("jumps that multiply", filter_rules(*chains, "-A INPUT -j C0", *jumps, "-A C14 -p tcp"),
          "jumps multiply")
    warns("what is inert", filter_rules("-A INPUT -j AUDIT --type accept"), "AUDIT does nothing here")
    status, out, err = run("check", "-", "--strict", stdin=filter_rules(policy="DROP"))
    ok(status == 1, "--strict makes warnings fail", out)


def save():
    native = ("*filter inet\n:INPUT DROP [1:60]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:WEB - [0:0]\n"
              "[5:300] -A INPUT -p tcp -m tcp --dport 80 -j LOG --log-prefix \"a b\" -j WEB --name web\n"
              "[0:0] -A WEB -m comment --comment \"x \\\" y\" -j ACCEPT\nCOMMIT\n")
    status, out, err = run("save", "--rules", "-", "-c", stdin=native)
    ok(out == native, "native text is a fixed point", out, err)
    status, text, err = run("save", "--rules", "-", "-c", "--json", stdin=native)
    ok(json.loads(text)["pkttables"][0].keys() == {"metainfo"}, "JSON begins with metainfo", text)
    status, out, err = run("save", "--rules", "-", "-c", stdin=text)
    ok(out == native, "JSON comes back as the same text", out, err)
    status, out, err = run("save", "--rules", "-", "--format", "iptables", "--family", "inet", stdin=native)
    ok(status == 1 and "handle 1" in err and out == "", "what iptables cannot say is refused by handle", out, err)
    status, out, err = run("save", "--rules", "-", "--format", "yaml", stdin=native)
    ok(status == 2, "an unknown format is a usage error", err)


def include():
    with tempfile.TemporaryDirectory() as folder:
        part, main = os.path.join(folder, "part.rules"), os.path.join(folder, "main.rules")
        Path(part).write_text("*filter ipv4\n-A INPUT -p udp -j DROP\nCOMMIT\n")
        Path(main).write_text("include *art.rules\n")
        os.chmod(part, 0o644)
        status, out, err = run("save", "--rules", main)
        ok("-A INPUT -p udp -j DROP" in out, "include takes what stands beside the file", out, err)
        os.chmod(part, 0o666)
        status, out, err = run("save", "--rules", main)
        ok(status == 1 and "others than its owner may write it" in err,
           "a file that others may write is not included", err)


def explain():
    rules = filter_rules("-A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 22 -j ACCEPT", "-A INPUT -j DROP")
    packet = "tcp 198.51.100.7:40112 > 192.0.2.80:22 syn"
    args = ["explain", "-i", "eth0", "--ipv4-rules", "-", packet]
    status, out, err = run(*args, stdin=rules)
    ok(status == 0 and "verdict  DROP by filter/INPUT #2 (handle 2)" in out, "explain names the rule", out, err)
    ok("source is 198.51.100.7" in out and "(all else matched)" in out, "and what failed before", out)
    ok("nearest  #1" in out and "-s 198.51.100.7" in out, "and the nearest rule with its remedy", out)
    status, out, err = run(*args, "--expect", "accept", stdin=rules)
    ok(status == 1, "--expect that is not met is status 1", out)
    status, out, err = run(*args, "--json", stdin=rules)
    answer = json.loads(out)
    ok(answer["verdict"] == "drop" and answer["nearest"]["number"] == 1, "the same as JSON", out)
    explain_state()
    status, out, err = run("explain", "tcpp 1.2.3.4 > 5.6.7.8")
    ok(status == 2 and "begins with its protocol" in err, "a packet that is none is a usage error", err)
    status, out, err = run("explain", "-i", "eth0", "-o", "eth1", "udp 1.2.3.4:1 > 5.6.7.8:2 ttl=1")
    ok("by the router itself: ttl" in out, "explain knows the router's own reasons", out, err)


def explain_state():
    nat = "*nat\n-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 192.0.2.9:8080\n" \
          "-A POSTROUTING -o out0 -j SNAT --to-source 192.0.2.1\nCOMMIT\n"
    rules = nat + filter_rules("-A FORWARD -m conntrack --ctstate INVALID -j DROP", "-A FORWARD -j ACCEPT")
    args = ["explain", "-i", "in0", "--ipv4-rules", "-", *ROUTER]
    packet = "tcp 10.0.0.5:1234 > 198.51.100.7:80 syn"
    route = ["--route", "0.0.0.0/0=out0"]
    status, out, err = run(*args, *route, packet, stdin=rules)
    steps = [line.split(None, 1) for line in out.splitlines() if line.startswith((" conntrack", " nat ", " confirm"))]
    want = [["conntrack", "new connection, tcp SYN_SENT, timeout 120 s"],
            ["nat", "destination 198.51.100.7:80 -> 192.0.2.9:8080"],
            ["nat", "source 10.0.0.5:1234 -> 192.0.2.1:1234"],
            ["confirm", "confirmed: the connection is in the table"]]
    ok(steps == want, "explain tells of connection and NAT", out, err)
    ok("--ctstate INVALID" in out and "state is NEW" in out, "and which state a rule saw", out)
    status, out, err = run(*args, *route, "--json", packet, stdin=rules)
    said = [[s["step"], s["text"]] for s in json.loads(out)["steps"]] if status == 0 else []
    ok(said == want and json.loads(out)["ct"]["reply"]["dst"] == "192.0.2.1", "the same as JSON", out, err)
    status, out, err = run(*args, *route, "tcp 10.0.0.5:1234 > 198.51.100.7:443 rst", stdin=rules)
    ok("INVALID" in out and "verdict  DROP by filter/FORWARD #1" in out, "explain knows invalid packets", out)
    status, out, err = run(*args, *route, "--json", "udp 10.0.0.5:1 > 198.51.100.7:9", stdin=filter_rules("-A FORWARD -j DROP"))
    ok(json.loads(out)["steps"] == [], "without rules that need it nothing is tracked", out)


def policy_test():
    rules = filter_rules("-A FORWARD -p udp -m udp --dport 53 -j ACCEPT", "-A FORWARD -p udp -m udp --sport 53 -j ACCEPT",
                         "-A FORWARD -j DROP")
    with tempfile.TemporaryDirectory() as folder:
        expect = os.path.join(folder, "expect")
        args = ["test", "--read", DATA / "dns.pcapng", "--ipv4-rules", "-", "--expect", expect, *ROUTER]
        Path(expect).write_text('# what is meant\nipv4 accept "questions" -d 192.0.2.80 -p udp --dport 53\n'
                                'ipv4 refuse "tcp" -p tcp\n')
        status, out, err = run(*args, stdin=rules)
        ok(status == 0 and out.startswith("1..2\nok 1 - questions (") and "\nok 2 - tcp (" in out,
           "expectations that are met", out, err)
        Path(expect).write_text('ipv4 drop "no questions" -p udp --dport 53\naccept "nothing" -p 200\n')
        status, out, err = run(*args, stdin=rules)
        ok(status == 1 and "not ok 1 - no questions:" in out and "by #1 of filter/FORWARD, first at packet" in out,
           "an expectation that is not met names rule and packet", out, err)
        ok("not ok 2 - nothing: no packet of the capture fits" in out, "one that nothing tests fails", out)
        Path(expect).write_text('accept "x" -p tcp --bogus 3\nacept "y"\n')
        status, out, err = run(*args, stdin=rules)
        ok(status == 1 and f"{expect}:1:19: error" in err and f"{expect}:2:1: error" in err,
           "errors of the expectations are placed", err)


def learn():
    status, out, err = run("modules")
    ok(status == 0 and "hashlimit" in out and "REJECT" in out, "modules lists extensions", err)
    status, out, err = run("describe", "limit")
    ok("--limit" in out and "[3/hour]" in out and "1..10000" in out, "describe has defaults and bounds", out)
    status, out, err = run("describe", "limit.limit-burst")
    ok(status == 0 and "limit-burst" in out, "describe of one option", out, err)
    ok(run("help")[:2] == run("--help")[:2], "help alone is --help")
    ok(run("help", "replay")[:2] == run("replay", "--help")[:2], "help of a command is its --help")
    status, out, err = run("help", "hashlimt")
    ok(status == 1 and "did you mean hashlimit?" in err, "a misspelt module is answered", err)
    status, out, err = run("chekc")
    ok(status == 2 and "did you mean check?" in err, "so is a misspelt command", err)
    status, out, err = run("--json", "-6", "modules")
    ok(all("ipv6" in m["families"] for m in json.loads(out)), "options may stand before the command", err)
    for command in ("replay", "explain", "test", "check", "save", "modules", "describe", "help"):
        status, out, err = run(command, "--help")
        ok(status == 0 and out.startswith(f"usage: pktt {command}"), f"{command} --help", out, err)


for part in (check_errors, check_lints, save, include, explain, policy_test, learn):
    part()
print(f"1..{count}")
