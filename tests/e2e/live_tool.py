#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pktt against a running pkttd: verbs, load, diff, sets, monitor, and iptables by its name. TAP output."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "client"))
from daemon import Pkttd  # noqa: E402 pylint: disable=wrong-import-position
from pkttd import Tap, wait_for  # noqa: E402 pylint: disable=wrong-import-position

tap = Tap()
ok = tap.ok


class Tool:
    """pktt, or a program by whose name it was called."""

    def __init__(self, path, env):
        self.path, self.env = str(path), env

    def __call__(self, *args, stdin=""):
        p = subprocess.run([self.path, *map(str, args)], input=stdin, capture_output=True, text=True,
                           env=self.env, timeout=60, check=False)
        return p.returncode, p.stdout, p.stderr


RULES = """*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:WEB - [0:0]
-A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -j WEB
-A WEB -p tcp -m tcp --dport 80 -j ACCEPT
COMMIT
"""


def verbs(pktt):
    status, out, err = pktt("-A", "INPUT", "-p", "tcp", "--dport", "22", "-j", "ACCEPT", "--name", "ssh")
    ok(status == 0 and "filter/INPUT #1 handle 1 name ssh (family ipv4); generation 1" in out, "-A tells the handle",
       out, err)
    status, out, err = pktt("-S")
    ok("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT --name ssh" in out, "-S shows it", out, err)
    status, out, err = pktt("-L", "INPUT", "-vn", "--line-numbers")
    ok("tcp dpt:22 name ssh handle 1" in out, "-L in iptables' columns, then name and handle", out, err)
    status, out, err = pktt("-C", "INPUT", "-p", "tcp", "--dport", "22", "-j", "ACCEPT")
    ok(status == 0, "-C finds it", err)
    ok(pktt("-C", "INPUT", "-j", "DROP")[0] == 1, "-C of what is absent is 1")
    ok(pktt("-A", "INPUT", "--nonsense")[0] == 2, "a wrong command line is 2")
    ok(pktt("-A", "NOWHERE", "-j", "DROP")[0] == 1, "a chain that is not there is 1")
    ok(pktt("-A", "INPUT", "-j", "DROP", "--if-generation", "7")[0] == 4, "another generation is 4")
    ok(pktt("--socket", "/nonexistent/sock", "-L")[0] == 3, "no daemon is 3")
    status, out, err = pktt("-A", "INPUT", "-j", "LOG", "--before", "1")
    ok("filter/INPUT #1 " in out, "--before puts it there", out, err)
    status, out, err = pktt("--json", "-D", "INPUT", "--name", "ssh")
    ok(json.loads(out)["deleted"][0]["name"] == "ssh", "-D by name, as JSON", out, err)
    status, out, err = pktt("-L", "--json")
    ok("pkttables" in json.loads(out), "-L as JSON", out, err)
    for line in ("-F", "-N X1", "-E X1 X2", "-P FORWARD DROP", "-P FORWARD ACCEPT", "-X X2", "-Z"):
        status, out, err = pktt(*line.split())
        ok(status == 0, f"{line} succeeds", out, err)
    status, out, err = pktt("-6", "-A", "INPUT", "-s", "2001:db8::/32", "-j", "DROP")
    ok(status == 0 and "family ipv6" in out, "-6 is the other family", out, err)
    ok("2001:db8::/32" in pktt("-S", "-6")[1], "and may stand behind")
    pktt("-6", "-F")


def loads(pktt, folder):
    new = folder / "new.rules"
    new.write_text(RULES, encoding="utf-8")
    status, out, err = pktt("load", new)
    ok(status == 0 and out.startswith("loaded 3 rules, 1 table, family ipv4; generation "), "load", out, err)
    status, out, err = pktt("diff", new)
    ok(status == 0 and out == "", "what was loaded does not differ", out, err)
    other = folder / "other.rules"
    other.write_text(RULES.replace("--dport 80", "--dport 443"), encoding="utf-8")
    status, out, err = pktt("diff", other)
    ok(status == 1 and "-  #1   -p tcp -m tcp --dport 80 -j ACCEPT\n" in out and "1 changed, 0 added, 0 removed" in out,
       "diff tells of a rule", out, err)
    ok(pktt("diff", "/nonexistent")[0] == 2, "trouble is 2")
    status, out, err = pktt("load", "--check", "--diff", "--json", other)
    ok(status == 0 and json.loads(out)["changed"] is True, "load --check --diff --json", out, err)
    status, out, err = pktt("load", other, "--confirm", "60")
    ok(status == 0 and "Confirm within 60 s:  pktt confirm" in out, "load --confirm", out, err)
    status, out, err = pktt("confirm")
    ok(status == 0 and "kept" in out, "confirm", out, err)
    ok(pktt("confirm")[0] == 1, "nothing waits any more")
    status, out, err = pktt("rollback")
    ok(status == 0 and "--dport 80" in pktt("-S")[1], "rollback", out, err)
    status, out, err = pktt("history")
    ok(status == 0 and " *" in out, "history", out, err)
    broken = folder / "broken.rules"
    broken.write_text(RULES.replace("--dport 80", "--dportt 80"), encoding="utf-8")
    status, out, err = pktt("load", broken)
    ok(status == 1 and "did you mean --dport?" in err and "^^^" in err, "an error with its place", err)
    nowhere = folder / "nowhere.rules"
    nowhere.write_text(RULES.replace("-j WEB", "-j NOWHERE"), encoding="utf-8")
    status, out, err = pktt("load", nowhere)
    ok(status == 1 and "NOWHERE" in err, "what pkttd refuses", err)
    saved = pktt("save", "--format", "iptables")[1]
    status, out, err = pktt("restore", "--test", stdin=saved)
    ok(status == 0, "save and restore --test", err)
    status, out, err = pktt("restore", stdin=saved)
    ok(status == 0 and pktt("save", "--format", "iptables")[1] == saved, "save, restore, save is the same", out, err)
    cut = folder / "cut.rules"
    cut.write_text(RULES.replace(":INPUT ACCEPT", ":INPUT DROP").replace("-A INPUT -p tcp -j WEB\n", ""),
                   encoding="utf-8")
    remote = Tool(pktt.path, {**pktt.env, "SSH_CONNECTION": "198.51.100.7 40112 192.0.2.80 22"})
    status, out, err = remote("load", cut)
    ok(status == 1 and "policy of filter/INPUT drops it" in err, "a load that cuts its own connection is refused", err)
    ok(pktt("save", "--format", "iptables")[1] == saved, "and changed nothing")
    ok(remote("load", cut, "--yes")[0] == 0, "--yes does it all the same")
    ok(remote("restore", stdin=cut.read_text(encoding="utf-8"))[0] == 0, "the same rules cut nothing more")
    pktt("load", new)
    status, out, err = remote("load", "-", stdin=cut.read_text(encoding="utf-8"))
    ok(status == 1 and "policy of filter/INPUT drops it" in err and pktt("save", "--format", "iptables")[1] == saved,
       "from standard input, too", out, err)
    status, out, err = remote("load", "-", stdin=saved)
    ok(status == 0 and pktt("save", "--format", "iptables")[1] == saved, "which is read whole", out, err)
    pktt("load", cut)
    pktt("load", new)
    status, out, err = remote("rollback")
    ok(status == 1 and "policy of filter/INPUT drops it" in err and pktt("save", "--format", "iptables")[1] == saved,
       "a rollback that cuts its own connection is taken back", out, err)
    status, out, err = remote("rollback", "--yes")
    ok(status == 0, "unless --yes", out, err)
    pktt("load", new)


SETS = """create bad hash:ip
add bad 192.0.2.1
add bad 192.0.2.2
create all list:set
add all bad
*filter
-A INPUT -m set --match-set bad src -j DROP
-A FORWARD -m set --match-set all src -j DROP
COMMIT
"""


def load_sets(pktt, folder):
    """A file with sets replaces them, as it replaces its tables."""
    def load(name, text):
        path = folder / name
        path.write_text(text, encoding="utf-8")
        return pktt("load", path)

    def members(name):
        return sorted(line.split()[2] for line in pktt("set", "save", name)[1].splitlines() if line.startswith("add"))

    status, out, err = load("sets.rules", SETS)
    ok(status == 0, "load a file with sets", out, err)
    status, out, err = load("sets.rules", SETS)
    ok(status == 0 and members("bad") == ["192.0.2.1", "192.0.2.2"], "and once more", out, err)
    status, out, err = load("sets.rules", SETS.replace("192.0.2.2", "192.0.2.3"))
    ok(status == 0 and members("bad") == ["192.0.2.1", "192.0.2.3"], "elements are those of the file", out, err)
    status, out, err = load("sets.rules", SETS.replace("hash:ip", "hash:net").replace("192.0.2.2", "192.0.2.128/25"))
    ok(status == 0 and members("bad") == ["192.0.2.1", "192.0.2.128/25"], "a set of another type", out, err)
    ok(pktt("rollback")[0] == 0 and members("bad") == ["192.0.2.1", "192.0.2.3"], "rollback brings the old one back")
    ok("match-set bad" in pktt("-S", "INPUT")[1], "and its rule")
    status, out, err = load("twice.rules", SETS.replace("add bad 192.0.2.1\n", "create bad hash:ip\n"))
    ok(status == 1 and "already there" in err, "one file makes a set once", out, err)
    pktt("-t", "mangle", "-A", "INPUT", "-m", "set", "--match-set", "bad", "src", "-j", "ACCEPT")
    status, out, err = load("other.rules", SETS.replace("hash:ip", "hash:net"))
    ok(status == 1 and "used by a rule of chain INPUT, table mangle" in err, "a rule that stays keeps its set", out, err)
    ok(members("bad") == ["192.0.2.1", "192.0.2.3"], "and nothing was changed")
    status, out, err = load("sets.rules", SETS)
    ok(status == 0, "a set alike is replaced under a rule that stays", out, err)
    pktt("-t", "mangle", "-F")
    empty = folder / "empty.rules"
    empty.write_text("*filter\nCOMMIT\n", encoding="utf-8")
    ok(pktt("load", empty)[0] == 0 and members("bad") == ["192.0.2.1", "192.0.2.2"], "a set that no file names stays")
    pktt("set", "destroy", "all")
    pktt("set", "destroy", "bad")
    pktt("load", folder / "new.rules")


def sets(pktt, folder):
    ok(pktt("set", "create", "bl", "hash:net")[0] == 0, "set create")
    feed = folder / "feed"
    feed.write_text("10.0.0.0/8\n192.0.2.1 # one\n\n192.0.2.1\n", encoding="utf-8")
    status, out, err = pktt("set", "add", "bl", "-f", feed)
    ok(status == 0 and "bl: 3 read, 2 added, 1 already there" in out, "a file of elements is counted", out, err)
    ok(pktt("set", "test", "bl", "10.1.2.3")[0] == 0 and pktt("set", "test", "bl", "11.1.2.3")[0] == 1, "set test")
    ok("add bl 10.0.0.0/8" in pktt("set", "list", "bl")[1], "set list")
    ok(pktt("set", "del", "bl", "10.0.0.0/8")[0] == 0 and pktt("set", "flush", "bl")[0] == 0 and
       pktt("set", "destroy", "bl")[0] == 0, "del, flush, destroy")
    ok(pktt("set", "destroy", "bl")[0] == 1, "what is not there is 1")
    ok(pktt("set", "addd", "bl")[0] == 2, "a wrong word is 2")


def metrics(pktt):
    """Every line of OpenMetrics, without its prefix."""
    lines = (line.rsplit(" ", 1) for line in pktt("metrics")[1].splitlines() if not line.startswith("#"))
    return {name.removeprefix("pkttables_"): float(value) for name, value in lines}


def monitors(pktt, folder):
    pcap = folder / "events.pcap"
    watch = [subprocess.Popen([pktt.path, "monitor", *a], stdout=subprocess.PIPE, text=True, env=pktt.env)
             for a in (["rules", "--limit", "2"], ["rules", "--json", "--limit", "2"],
                       ["all", "-w", str(pcap), "--limit", "2"])]
    listeners = 'netlink_subscribers{group="rules"}'
    ok(wait_for(lambda: metrics(pktt)[listeners] == 3), "metrics count those who listen", metrics(pktt))
    before = metrics(pktt)
    pktt("-A", "INPUT", "-s", "192.0.2.99", "-j", "DROP", "--name", "seen")
    said = [w.communicate(timeout=60)[0] for w in watch]
    ok("add rule filter/INPUT" in said[0] and "name seen" in said[0] and "uid 0" in said[0], "monitor as text", said[0])
    ok(json.loads(said[1].splitlines()[0])["event"] == "new-rule", "monitor as JSON lines", said[1])
    if shutil.which("tshark"):
        p = subprocess.run(["tshark", "-r", str(pcap)], capture_output=True, text=True, check=False)
        ok("Netlink netfilter" in p.stdout, "tshark dissects the capture", p.stdout, p.stderr)
    pktt("-D", "INPUT", "--name", "seen")
    ok(wait_for(lambda: metrics(pktt)[listeners] == 0), "and that nobody listens any more", metrics(pktt))
    after = metrics(pktt)
    ok(after["rules"] == before["rules"], "metrics count rules", after)
    ok(after["commit_seconds_count"] == before["commit_seconds_count"] + 2 == after['commit_seconds_bucket{le="+Inf"}'] and
       after["commit_seconds_sum"] > before["commit_seconds_sum"], "and how long commits took", after)
    pktt("set", "create", "counted", "hash:ip")
    pktt("set", "add", "counted", "192.0.2.1", "192.0.2.2")
    ok(metrics(pktt)['set_elements{set="counted"}'] == 2, "and the elements of a set", metrics(pktt))
    pktt("set", "destroy", "counted")
    ok("generation" in pktt("status")[1], "status")
    ok("filter/INPUT #1" in pktt("top", "--once", "--interval", "0.1")[1], "top --once")
    status, out, err = pktt("explain", "tcp 203.0.113.5:4000 > 192.0.2.80:22 syn", "--json")
    ok(status == 0 and json.loads(out)["verdict"] == "accept" and json.loads(out)["chain"] == "INPUT",
       "explain by the running rules", out, err)
    ok("answers at" in pktt("doctor")[1], "doctor finds pkttd")
    # it does not keep whoever types waiting for a pkttd that is slow to answer
    ok(wait_for(lambda: "WEB" in pktt("completion", "words", "--", "2", "pktt", "-F", "W")[1]),
       "completion knows live chains")
    ok("load" in pktt("completion", "words", "--", "1", "pktt", "lo")[1], "completion knows commands")
    script = 'eval "$(pktt completion bash)"; COMP_WORDS=(pktt -F W); COMP_CWORD=2; _pktt; echo "${COMPREPLY[@]}"'

    def by_bash():
        return subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False,
                              env={**pktt.env, "PATH": f"{BUILD}:{os.environ['PATH']}"}).stdout.strip()
    ok(wait_for(lambda: by_bash() == "WEB"), "bash completes it", by_bash())


def aliases(pktt, folder):
    names = folder / "bin"
    names.mkdir()
    for name in ("iptables", "iptables-save", "iptables-restore"):
        (names / name).symlink_to(BUILD / "pktt")
    ours = Tool(names / "iptables", pktt.env)
    save, restore = Tool(names / "iptables-save", pktt.env), Tool(names / "iptables-restore", pktt.env)
    pktt("-F")
    pktt("-X")
    ok(ours("--version")[1].startswith("iptables v1.8.9"), "a version that scripts accept")
    status, out, err = restore("-w", "5", "-n", stdin=save()[1])
    ok(status == 0 and out == "", "iptables-save | iptables-restore -w 5 -n", out, err)
    if os.geteuid() != 0 or not shutil.which("iptables-legacy"):
        return
    # What fail2ban, ufw and container engines do, given to both; answers and statuses are to be equal.
    lines = """-w -N f2b-sshd
-w -A f2b-sshd -j RETURN
-w -I INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
-w -n -L INPUT
-w -I f2b-sshd 1 -s 192.0.2.7 -j REJECT --reject-with icmp-port-unreachable
-w -N f2b-sshd
-w -n -L f2b-sshd -v -x
-w -D f2b-sshd -s 192.0.2.7 -j REJECT --reject-with icmp-port-unreachable
-w -D f2b-sshd -s 192.0.2.7 -j REJECT --reject-with icmp-port-unreachable
-C FORWARD -i docker0 -o docker0 -j ACCEPT
-A FORWARD -i docker0 -o docker0 -j ACCEPT
-C FORWARD -i docker0 -o docker0 -j ACCEPT
-t nat -N DOCKER
-t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-t nat -A DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
-t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-t nat -nL
-t nat -S
-t nat -S DOCKER
-N ufw-user-input
-A INPUT -j ufw-user-input
-A ufw-user-input -p tcp -m tcp --dport 80 -m conntrack --ctstate NEW -m limit --limit 3/min -j LOG --log-prefix UFW
-L ufw-user-input -n
-nvL --line-numbers
-L ufw-user-input 1 -nv
-D INPUT 9
-R INPUT 9 -j DROP
-I INPUT 9 -j DROP
-X f2b-sshd
-F nowhere
-L nowhere
-P INPUT NOWHERE
-P nowhere DROP
-E f2b-sshd ufw-user-input
-A INPUT -j NOWHERE
-A INPUT --nonsense
-A INPUT -p tcp --dport 99999
-P FORWARD DROP
-S
-v -D INPUT 1
-F
-X
-L -n""".splitlines()
    script = "\n".join(f"iptables-legacy {line} 2>/dev/null; echo \"@@ $?\"" for line in lines)
    p = subprocess.run(["unshare", "-n", "bash", "-c", script], capture_output=True, text=True, check=False)
    parts = p.stdout.split("@@ ")
    if len(parts) != len(lines) + 1:
        return
    answer = ""
    for i, line in enumerate(lines):
        text = parts[i] if i == 0 else parts[i].split("\n", 1)[1]
        want = (int(parts[i + 1].split("\n", 1)[0]), text)
        answer = ours(*line.split())
        ok(answer[:2] == want, f"iptables {line} as iptables-legacy", "want", want[0], want[1], "got", *answer)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with Pkttd(BUILD, folder) as pkttd:
            env = {k: v for k, v in pkttd.environment().items() if not k.startswith("SSH_")}
            pktt = Tool(BUILD / "pktt", env)
            verbs(pktt)
            loads(pktt, folder)
            load_sets(pktt, folder)
            sets(pktt, folder)
            monitors(pktt, folder)
            aliases(pktt, folder)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
