#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian's conntrack, iptstate and pyroute2 against pkttd, by pktt-run: what they print is what pkttd holds. TAP."""
import re
import signal
import sys
import xml.etree.ElementTree

from pkttd import Daemon, Tap, wait_for

SYSTEM_PYTHON = "/usr/bin/python3"  # which Debian's modules are for
TCP = ["-p", "tcp", "-s", "10.0.0.5", "-d", "192.0.2.80", "--sport", "40000", "--dport", "443",
       "--state", "ESTABLISHED", "-u", "ASSURED,SEEN_REPLY", "-t", "3000"]
UDP = ["-p", "udp", "-s", "10.0.0.6", "-d", "192.0.2.53", "--sport", "5353", "--dport", "53", "-t", "300",
       "--mark", "7"]
NAT = ["-p", "tcp", "-s", "10.0.0.7", "-d", "192.0.2.80", "-r", "192.0.2.80", "-q", "203.0.113.1",
       "--sport", "1025", "--dport", "80", "--reply-port-src", "80", "--reply-port-dst", "1025", "--state", "SYN_SENT", "-t", "120"]
SIX = ["-p", "udp", "-s", "2001:db8::5", "-d", "2001:db8::53", "--sport", "9", "--dport", "53",
       "-t", "100"]
tap = Tap()


def timeless(text):
    """Lines in an order of their own; seconds that pass meanwhile and references do not count."""
    text = re.sub(r"^((?:ipv\d +\d+ )?\w+ +\d+) \d+ ", r"\1 T ", text, flags=re.M)
    text = re.sub(r" -t \d+", " -t T", re.sub(r" use=\d+", "", text))
    return sorted(line.rstrip() for line in text.splitlines() if line.strip())


def lists(d):
    for name, options in (("plain", []), ("extended", ["-o", "extended"]), ("id", ["-o", "id"]),
                          ("save", ["-o", "save"])):
        status, out, err = d.shimmed("conntrack", "-L", *options)
        mine, ours, why = d.pktt("ct", "list", *options)
        tap.ok(status == 0 and mine == 0 and out and timeless(out) == timeless(ours),
               f"conntrack -L {name}: the lines of pktt ct list", out, err, ours, why)
        tap.ok("4 flow entries have been shown." in err or name != "plain",
               f"conntrack -L {name}: all of them", err)
    status, out, err = d.shimmed("conntrack", "-L", "-o", "xml")
    flows = xml.etree.ElementTree.fromstring(out).findall("flow") if status == 0 else []
    tap.equal(len(flows), 4, "conntrack -L -o xml: every flow")
    marks = sorted(f.findtext("meta[@direction='independent']/mark") or "0" for f in flows)
    tap.equal(marks, ["0", "0", "0", "7"], "conntrack -L -o xml: their marks")
    status, out, _ = d.shimmed("conntrack", "-L", "-p", "udp")
    tap.ok(status == 0 and out.count("\n") == 2 and "tcp" not in out, "conntrack -L -p udp filters", out)
    status, out, _ = d.shimmed("conntrack", "-L", "--src-nat")
    tap.ok(status == 0 and out.count("\n") == 1 and "dst=203.0.113.1" in out, "conntrack -L --src-nat", out)
    status, out, _ = d.shimmed("conntrack", "-L", "-m", "7")
    tap.ok(status == 0 and out.count("\n") == 1 and "mark=7" in out, "conntrack -L -m filters by mark", out)


def create(d):
    for name, entry in (("tcp", TCP), ("udp", UDP), ("translated", NAT), ("IPv6", SIX)):
        status, out, err = d.shimmed("conntrack", "-I", *entry)
        tap.ok(status == 0, f"conntrack -I: {name}", out, err)
    status, out, err = d.shimmed("conntrack", "-I", *TCP)
    tap.ok(status == 1 and "exists" in (out + err).lower(), "conntrack -I: not twice", out, err)


def change(d):
    status, out, err = d.shimmed("conntrack", "-U", "-p", "udp", "-s", "10.0.0.6", "--mark", "9")
    tap.ok(status == 0, "conntrack -U", out, err)
    _, ours, _ = d.pktt("ct", "list", "-p", "udp", "-s", "10.0.0.6")
    tap.ok("mark=9" in ours, "pkttd has the new mark", ours)
    status, out, err = d.shimmed("conntrack", "-G", *TCP[:10])
    tap.ok(status == 0 and "ESTABLISHED" in out and "[ASSURED]" in out, "conntrack -G", out, err)


def statistics(d):
    status, out, err = d.shimmed("conntrack", "-C")
    tap.equal((status, out.strip()), (0, "4"), "conntrack -C counts")
    status, out, err = d.shimmed("conntrack", "-S")
    tap.ok(status == 0 and re.match(r"cpu=0 +\tfound=\d+ invalid=\d+ insert=\d+ insert_failed=\d+ drop=\d+ "
                                    r"early_drop=\d+ error=\d+ search_restart=\d+", out), "conntrack -S", out, err)


def others(d):
    # where no terminal says how wide it is, iptstate takes any number for it
    status, out, err = d.run("script", "-qec", f"stty cols 200 rows 50; {d.build}/pktt-run iptstate -1", "/dev/null")
    seen = sum(address in out for address in ("10.0.0.5", "10.0.0.6", "10.0.0.7"))
    tap.ok(status == 0 and seen == 3, "iptstate shows the connections", out, err)
    script = ("from pyroute2 import Conntrack\n"
              "with Conntrack() as ct:\n"
              "    print(ct.count())\n"
              "    for e in ct.dump_entries():\n"
              "        print(e.tuple_orig.saddr, e.tuple_orig.daddr, e.tuple_orig.proto)\n")
    status, out, err = d.shimmed(SYSTEM_PYTHON, "-c", script)
    lines = out.splitlines()
    tap.ok(status == 0 and lines[:1] == ["4"] and "10.0.0.5 192.0.2.80 6" in lines and
           "10.0.0.6 192.0.2.53 17" in lines, "pyroute2 counts and dumps", out, err)


def watch(d, file):
    """conntrack -E, which writes to the file."""
    with open(file, "wb") as out:
        return d.popen(d.build / "pktt-run", "conntrack", "-E", "-o", "id", stdout=out, stderr=out)


def of_tcp(file):
    return [line for line in file.read_text().splitlines() if "src=10.0.0.5" in line]


def events(d):
    said = d.path / "events"
    watcher = watch(d, said)
    # it listens when it is told of what happens
    probe = ["-p", "udp", "-s", "10.9.9.9", "-d", "10.9.9.8", "--sport", "1", "--dport", "1", "-t", "60"]

    def hears():
        d.shimmed("conntrack", "-I", *probe)
        d.shimmed("conntrack", "-D", *probe[:6])
        return "src=10.9.9.9" in said.read_text()
    tap.ok(wait_for(hears), "conntrack -E listens", said.read_text())
    d.shimmed("conntrack", "-I", *TCP)
    d.shimmed("conntrack", "-U", *TCP[:10], "--mark", "3")
    d.shimmed("conntrack", "-D", *TCP[:10])
    wait_for(lambda: any("[DESTROY]" in line for line in of_tcp(said)))
    watcher.send_signal(signal.SIGINT)
    watcher.wait(60)
    lines = of_tcp(said)
    kinds = [re.search(r"\[(\w+)\]", line).group(1) for line in lines]
    tap.ok(kinds[:1] == ["NEW"] and kinds[-1:] == ["DESTROY"] and "UPDATE" in kinds,
           "conntrack -E tells of birth, change and end", said.read_text())
    ids = {re.search(r" id=(\d+)", line).group(1) for line in lines}
    tap.equal(len(ids), 1, "of one connection by its id")


def flush(d):
    status, out, err = d.shimmed("conntrack", "-D", "-p", "udp", "-s", "10.0.0.6")
    tap.ok(status == 0 and "1 flow entries have been deleted" in err, "conntrack -D", out, err)
    status, out, err = d.shimmed("conntrack", "-D", "-p", "udp", "-s", "10.0.0.6")
    tap.ok(status == 1, "conntrack -D of nothing is status 1", out, err)
    status, out, err = d.shimmed("conntrack", "-F")
    _, count, _ = d.pktt("ct", "count")
    tap.ok(status == 0 and count.strip() == "0", "conntrack -F empties the table", out, err, count)


def rights(d):
    env = dict(d.env, PKTT_SOCKET=str(d.view))
    status, out, err = d.run(d.build / "pktt-run", "conntrack", "-F", env=env)
    tap.ok(status != 0, "the read-only socket refuses a flush", out, err)
    status, out, err = d.run(d.build / "pktt-run", "conntrack", "-C", env=env)
    tap.ok(status == 0, "and answers a question", out, err)
    env["PKTT_SOCKET"] = str(d.path / "nobody.sock")
    status, out, err = d.run(d.build / "pktt-run", "conntrack", "-L", env=env)
    tap.ok(status != 0, "without pkttd there is no netfilter", out, err)


def main():
    with Daemon(sys.argv[1]) as d:
        create(d)
        lists(d)
        change(d)
        statistics(d)
        others(d)
        rights(d)
        flush(d)
        events(d)
        status = d.stop()
        tap.ok(status == 0, "pkttd ends in order", status, d.said())
    sys.exit(tap.end())


main()
