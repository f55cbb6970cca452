#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""pkttd as a service: what it tells systemd, sockets that it is handed, another user, its unit file by
systemd's own checkers. usage: daemon_systemd.py BUILD  (TAP)
"""
import grp
import os
import pwd
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from pkttd import Daemon, Tap, wait_for  # noqa: E402
from queues import inject  # noqa: E402
import packets as p  # noqa: E402

ROUTER = "router {\n interface in0=10.0.0.1/24\n interface out0=192.0.2.1/24\n}\n"
RULES = "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p udp -m udp --dport 9 -j DROP\nCOMMIT\n"
DROP_ALL = "*filter\n:FORWARD DROP [0:0]\nCOMMIT\n"
USER = "games"
SOURCE = Path(__file__).resolve().parents[2]


class Service(Daemon):
    """Started as systemd starts it: with its variables, with sockets from descriptor 3 on, and heard."""

    def __init__(self, build, rules="", config="", **more):
        super().__init__(build, rules, config)
        self.sockets, self.wrapper = more.get("sockets", []), more.get("wrapper", [])
        self.variables = more.get("variables", {})
        self.command = [self.build / "pkttd", "--foreground", "--config", self.path / "conf"]
        self.told = []
        self.ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ear.bind(str(self.path / "systemd"))
        self.ear.settimeout(0.1)
        # as systemd's: whoever pkttd becomes may speak
        self.path.chmod(0o755)
        (self.path / "systemd").chmod(0o777)

    def forget(self):
        """What was said until now."""
        self.ear.setblocking(False)
        try:
            while self.ear.recv(4096):
                pass
        except BlockingIOError:
            self.ear.settimeout(0.1)

    def start(self):
        self.forget()
        self.log = open(self.path / "log", "ab")
        # LISTEN_PID is the number of the process itself
        script = 'if [ -n "$LISTEN_FDS" ]; then LISTEN_PID=${LISTEN_PID:-$$}; export LISTEN_PID; fi; exec "$@"'
        files = list(range(3, 3 + len(self.sockets)))

        def hand_over():
            for to, s in zip(files, [os.dup(s.fileno()) for s in self.sockets]):
                os.dup2(s, to)
                os.set_inheritable(to, True)

        env = dict(self.env, NOTIFY_SOCKET=str(self.path / "systemd"), **self.variables)
        if self.sockets:
            env["LISTEN_FDS"] = str(len(self.sockets))
        self.process = subprocess.Popen(
            [*map(str, self.wrapper), "sh", "-c", script, "sh", *map(str, self.command)], stdout=self.log,
            stderr=self.log, env=env, close_fds=not self.sockets, preexec_fn=hand_over if self.sockets else None)
        if not self.hears("READY=1"):
            raise RuntimeError(f"pkttd did not start: {self.said()}")

    def hears(self, text, seconds=20):
        """The first message from here on that has this text; those before it are in told."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                said = self.ear.recv(4096).decode()
            except TimeoutError:
                if self.process.poll() is not None:
                    return None
                continue
            self.told.append(said)
            if text in said:
                return said
        return None

    def fails(self):
        """The exit status of one that does not start, and what it said."""
        status, _, err = self.run(*self.command)
        return status, err


def service(d):
    return d.told[-1] if d.told else ""


def messages(tap, build):
    with Service(build, RULES, ROUTER, variables={"WATCHDOG_USEC": "400000"}) as d:
        tap.ok("STATUS=generation 1" in service(d), "ready, with a status", d.told)
        tap.ok(all(d.hears("WATCHDOG=1") for _ in range(3)), "the watchdog hears of it, again and again", d.told)
        d.process.send_signal(signal.SIGHUP)
        began = d.hears("RELOADING=1")
        now = time.clock_gettime(time.CLOCK_MONOTONIC) * 1e6
        stamp = re.search(r"MONOTONIC_USEC=(\d+)$", began or "")
        tap.ok(stamp and now - 60e6 < int(stamp.group(1)) <= now, "a reload begins, with its time", d.told)
        tap.ok("STATUS=generation 2" in (d.hears("READY=1") or ""), "and has ended", d.told)
        (d.path / "rules").write_text("*nonsense\n")
        d.process.send_signal(signal.SIGHUP)
        tap.ok("not reloaded:" in (d.hears("READY=1") or ""), "one that failed says so, and is over", d.told)
        # a pkttd that hangs is silent: systemd would start it anew
        d.process.send_signal(signal.SIGSTOP)
        wait_for(lambda: "\nState:\tT" in Path(f"/proc/{d.process.pid}/status").read_text())
        d.forget()
        tap.ok(not d.hears("WATCHDOG=1", 1), "one that is stopped says nothing", d.told)
        d.process.send_signal(signal.SIGCONT)
        tap.ok(d.hears("WATCHDOG=1"), "one that goes on does")
        d.process.send_signal(signal.SIGTERM)
        tap.ok(d.hears("STOPPING=1"), "the end is told", d.told)
        tap.equal(d.stop(), 0, "and comes in order")
    with Service(build, RULES, ROUTER, variables={"WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1"}) as d:
        tap.ok(not d.hears("WATCHDOG=1", 1), "another process' watchdog is not ours", d.told)


def listening(path, mode=0o666):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.bind(str(path))
    path.chmod(mode)
    s.listen(16)
    return s


def sockets(tap, build):
    d = Service(build, RULES, ROUTER)
    full, view = d.path / "given.sock", d.path / "given-view.sock"
    d.sockets = [listening(view), listening(full)]
    d.variables = {"LISTEN_FDNAMES": "view:full"}
    with d:
        def at(path, *words):
            return d.pktt(*words, env=dict(d.env, PKTT_SOCKET=str(path)))

        tap.equal(at(full, "-A", "FORWARD", "-j", "ACCEPT")[0], 0, "a socket that systemd made: full")
        tap.ok("--dport 9" in at(view, "-S")[1], "and one for looking")
        status, _, err = at(view, "-F")
        tap.ok(status == 1 and "may only look" in err, "which is only that", err)
        tap.ok(not d.socket.exists() and not d.view.exists(), "pkttd makes none of its own")
        tap.equal(d.stop(), 0, "it ends in order")
        tap.ok(full.exists() and view.exists(), "and leaves them: systemd listens on")
        d.start()
        tap.equal(at(full, "-S")[0], 0, "the next pkttd gets the same")
    d = Service(build, RULES, ROUTER)
    d.sockets = [listening(full := d.path / "given.sock")]
    with d:
        d.socket = full
        tap.equal(d.pktt("-F", env=dict(d.env, PKTT_SOCKET=str(full)))[0], 0, "one without a name is the full one")
    d = Service(build, RULES, ROUTER, variables={"LISTEN_PID": "1"})
    d.sockets = [listening(d.path / "given.sock")]
    with d:
        tap.ok(d.socket.exists() and d.pktt("-S")[0] == 0, "another process' sockets are not ours")


    d = Service(build, RULES, ROUTER)
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stream.bind(str(d.path / "stream.sock"))
    stream.listen(1)
    silent = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for s, what in ((stream, "a stream"), (silent, "one that does not listen")):
        d.sockets = [s]
        try:
            d.start()
            tap.ok(False, f"{what} is refused")
        except RuntimeError:
            tap.ok("is not of ListenSequentialPacket=" in d.said(), f"{what} is refused", d.said())
        tap.equal(d.stop(), 1, "and the start fails")
    d.folder.cleanup()


def status_of(pid, name):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split(":")[1].split() for line in lines if line.startswith(name + ":"))


def other_user(tap, build):
    pw = pwd.getpwnam(USER)
    config = ROUTER + f"user {USER}\nsettle 0\nhistory 5\n"
    with Service(build, RULES, config, variables={"WATCHDOG_USEC": "400000"}) as d:
        d.stop()
        tap.ok(f"/state is not user {USER}'s" in d.said(), "a folder that it cannot write is told", d.said())
        for name in ("state", "run"):
            for file in (d.path / name).rglob("*"):
                file.unlink()
            (d.path / name).rmdir()
        (d.path / "rules").chmod(0o644)
        (d.path / "conf").chmod(0o644)
        d.start()
        tap.equal(status_of(d.process.pid, "Uid"), [str(pw.pw_uid)] * 4, "it is another user")
        tap.equal(status_of(d.process.pid, "Gid"), [str(pw.pw_gid)] * 4, "and of its group")
        groups = {g.gr_gid for g in grp.getgrall() if USER in g.gr_mem} | {pw.pw_gid}
        tap.equal(set(map(int, status_of(d.process.pid, "Groups"))), groups, "and of its other groups")
        kept = 1 << 12 | 1 << 13 | 1 << 38 | 1 << 39
        tap.equal(int(status_of(d.process.pid, "CapEff")[0], 16) & ~kept, 0, "with no capability but the four")
        tap.ok(int(status_of(d.process.pid, "CapEff")[0], 16) & 1 << 12, "with that for networks")
        tap.equal([(d.path / n).stat().st_uid for n in ("state", "run")], [pw.pw_uid] * 2, "folders that it made are its")
        udp = [p.udp4("10.0.0.5", "192.0.2.80", port) for port in (8, 9)]
        tap.equal([r["verdict"] for r in inject(d, *udp)], ["accept", "drop"], "packets are judged")
        tap.equal(d.pktt("-A", "FORWARD", "-j", "DROP")[0], 0, "rules are changed")
        tap.ok(wait_for((d.path / "state" / "good").exists), "rules that stand are kept as good", d.said())
        d.process.send_signal(signal.SIGUSR1)
        tap.ok(wait_for((d.path / "run" / "dump.json").exists), "USR1: dump.json", d.said())
        (d.path / "rules").write_text(DROP_ALL)
        d.process.send_signal(signal.SIGHUP)
        tap.ok(wait_for(lambda: "-P FORWARD DROP" in d.pktt("-S")[1]), "HUP: rules that it may read", d.said())
        (d.path / "rules").chmod(0o600)
        d.process.send_signal(signal.SIGHUP)
        tap.ok(wait_for(lambda: "was not loaded" in d.said()) and "Permission denied" in d.said(),
               "HUP: rules that it may not read are told, and nothing changes", d.said())
        tap.ok("-P FORWARD DROP" in d.pktt("-S")[1], "the rules stay")
        tap.ok(d.hears("WATCHDOG=1"), "the watchdog hears of it")
        tap.equal(d.stop(), 0, "it ends in order")
        tap.equal((d.path / "state" / "good").stat().st_uid, pw.pw_uid, "its last good rules are its own")
        (d.path / "rules").write_text("*nonsense\n")
        d.start()
        tap.ok("-P FORWARD DROP" in d.pktt("-S")[1], "and hold at the next start, before which it is root", d.said())
        d.stop()
        (d.path / "state" / "good").chmod(0o666)
        d.start()
        tap.ok("state/good is refused" in d.said(), "unless others may write them", d.said())
    d = Service(build, RULES, ROUTER + "user none-such\n")
    status, err = d.fails()
    tap.ok(status == 1 and "there is no user none-such" in err, "a user that is not there", status, err)
    d.folder.cleanup()


def pid_file(tap, build):
    d = Daemon(build, RULES, ROUTER)
    file = d.path / "pid"
    d.args = ["--pid-file", file]
    with d:
        tap.equal(file.read_text(), f"{d.process.pid}\n", "--pid-file")
        d.stop()
        tap.ok(not file.exists(), "goes with the process")
        (d.path / "conf").write_text((d.path / "conf").read_text() + f"pid-file {d.path}/other\n")
        d.args = []
        d.start()
        tap.equal((d.path / "other").read_text(), f"{d.process.pid}\n", "pid-file of the configuration")
    d = Service(build, RULES, ROUTER + "pid-file /nonexistent/pid\n")
    status, err = d.fails()
    tap.ok(status == 1 and "/nonexistent/pid: No such file" in err, "one that cannot be written", status, err)
    d.folder.cleanup()


def unit(d, build):
    text = (Path(build) / "systemd" / "pkttd.service").read_text()
    file = d.path / "pkttd.service"
    file.write_text(re.sub("^ExecStart=\\S+", f"ExecStart={d.build}/pkttd", text, flags=re.M))
    return file, text


def calls_of(d, name):
    """System calls of a group, as systemd has them."""
    calls = set()
    for line in d.run("systemd-analyze", "--no-pager", "syscall-filter", name)[1].splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            calls |= calls_of(d, word)
        elif word and not word.startswith("#"):
            calls.add(word)
    return calls


def unit_file(tap, build):
    d = Daemon(build)
    file, text = unit(d, build)
    status, out, err = d.run("systemd-analyze", "verify", "--man=no", file)
    tap.ok(status == 0 and err == "", "systemd-analyze verify", out, err)
    status, out, err = d.run("systemd-analyze", "security", "--offline=yes", "--threshold=40", "--no-pager", file)
    tap.ok(status == 0, "systemd-analyze security: no more exposed than 4.0", out, err)
    allowed = set()
    for word in re.search("^SystemCallFilter=(.*)$", text, re.M).group(1).split():
        allowed |= calls_of(d, word) if word.startswith("@") else {word}
    source = (SOURCE / "src" / "daemon" / "privileges.c").read_text().split("allowed[] = {")[1].split("#ifdef")[0]
    ours = set(re.findall('"([a-z0-9_]+)"', source))
    tap.ok(len(ours) > 50 and ours <= allowed, "the unit lets pkttd call what pkttd lets itself call", ours - allowed)
    root = d.path / "root"
    for folder in ("etc", "run", "var/lib", "usr/lib"):
        (root / folder).mkdir(parents=True)
    status, out, err = d.run("systemd-sysusers", f"--root={root}", SOURCE / "systemd" / "pkttables.sysusers")
    groups = (root / "etc" / "group").read_text() if status == 0 else ""
    tap.ok(status == 0 and re.findall("^(pkttables[a-z-]*):", groups, re.M) ==
           ["pkttables", "pkttables-view", "pkttables-elements"] or
           {"pkttables", "pkttables-view", "pkttables-elements"} <= set(re.findall("^([a-z-]+):", groups, re.M)),
           "systemd-sysusers makes the groups", out, err, groups)
    (root / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc" / "group").write_text("root:x:0:\n")
    status, out, err = d.run("systemd-tmpfiles", f"--root={root}", "--create",
                             SOURCE / "systemd" / "pkttables.tmpfiles")
    modes = [oct((root / f).stat().st_mode & 0o777) if (root / f).exists() else None
             for f in ("run/pkttables", "var/lib/pkttables")]
    tap.ok(modes == ["0o755", "0o700"], "systemd-tmpfiles makes the folders", status, out, err, modes)
    d.folder.cleanup()
    return text


def as_the_unit(tap, build, text, config):
    """With the capabilities that the unit leaves, no new ones, and its mask for files."""
    names = re.search("^CapabilityBoundingSet=(.*)$", text, re.M).group(1).lower().replace("cap_", "+").split()
    wrapper = ["setpriv", "--no-new-privs", "--inh-caps", "-all", "--bounding-set", ",".join(["-all", *names])]
    with Service(build, RULES, ROUTER + config, wrapper=wrapper) as d:
        name = "as the unit has it" + (", as another user" if "user" in config else "")
        tap.equal(int(status_of(d.process.pid, "CapEff")[0], 16) & ~(1 << 12 | 1 << 13 | 1 << 38 | 1 << 39), 0,
                  f"{name}: it runs")
        tap.equal(d.socket.stat().st_gid, grp.getgrnam("audio").gr_gid, f"{name}: the socket is its group's")
        tap.equal(d.pktt("-F")[0], 0, f"{name}: and answers")
        tap.equal(d.stop(), 0, f"{name}: and ends in order")


def main():
    tap, build = Tap(), sys.argv[1]
    messages(tap, build)
    sockets(tap, build)
    pid_file(tap, build)
    text = unit_file(tap, build)
    if os.geteuid() == 0:
        other_user(tap, build)
        as_the_unit(tap, build, text, "group audio\n")
        as_the_unit(tap, build, text, f"group audio\nuser {USER}\n")
    return tap.end()


sys.exit(main())
