# SPDX-License-Identifier: GPL-2.0-or-later
"""A pkttd of one's own, in a folder of its own, for tests that speak with it."""
import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

READY_S = 60


def start_pkttd(command, folder, env, log):
    """The process, once it says READY=1: its socket answers earlier, before it gave up what it need not have."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ready:
        name = Path(folder) / "notify"
        name.unlink(missing_ok=True)
        ready.bind(str(name))
        ready.settimeout(0.1)
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                   env=dict(env, NOTIFY_SOCKET=str(name)))
        end = time.monotonic() + READY_S
        said = b""
        while b"READY=1" not in said:
            if process.poll() is not None or time.monotonic() > end:
                process.kill()
                raise RuntimeError(f"pkttd did not start ({process.wait()}): {Path(log.name).read_text()}")
            with contextlib.suppress(TimeoutError):
                said = ready.recv(4096)
    return process


class Daemon:
    """Runs from entering to leaving. build: the folder with pkttd, pktt and pktt-run; before: what starts
    pkttd, such as ip netns exec NAME."""

    def __init__(self, build, rules="", config="", args=(), before=()):
        self.build = Path(build).resolve()
        self.folder = tempfile.TemporaryDirectory(prefix="pktt-e2e-")
        self.path = Path(self.folder.name)
        self.socket = self.path / "pkttables.sock"
        self.view = self.path / "view.sock"
        for name in ("state", "run"):
            (self.path / name).mkdir()
        (self.path / "rules").write_text(rules)
        (self.path / "conf").write_text(
            f"socket {self.socket}\nview-socket {self.view}\nstate {self.path}/state\n"
            f"runtime {self.path}/run\nrules {self.path}/rules\n{config}\n")
        self.args = list(args)
        self.before = list(before)
        self.env = dict(os.environ, PKTT_SOCKET=str(self.socket))
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self.folder.cleanup()

    def start(self):
        self.log = open(self.path / "log", "ab")
        self.process = start_pkttd(
            [*self.before, self.build / "pkttd", "--foreground", "--config", self.path / "conf", *self.args],
            self.path, self.env, self.log)

    def stop(self, how=signal.SIGTERM):
        """The exit status; what a sanitizer has to say of pkttd is in it."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        status = self.process.wait(timeout=60)
        self.process = None
        self.log.close()
        return status

    def said(self):
        return (self.path / "log").read_text(errors="replace")

    def run(self, *argv, stdin=None, timeout=60, env=None):
        """(status, stdout, stderr) of a program that finds this pkttd."""
        p = subprocess.run([str(a) for a in argv], input=stdin, capture_output=True, text=True,
                           timeout=timeout, env=env or self.env, check=False)
        return p.returncode, p.stdout, p.stderr

    def pktt(self, *args, **more):
        return self.run(self.build / "pktt", *args, **more)

    def shimmed(self, *argv, **more):
        """A program that is built without sanitizers, by pktt-run."""
        return self.run(self.build / "pktt-run", *argv, **more)

    def popen(self, *argv, **more):
        return subprocess.Popen([str(a) for a in argv], env=self.env, **more)


class Tap:
    """Counts and prints."""

    def __init__(self):
        self.count = self.bad = 0

    def ok(self, good, name, *why):
        self.count += 1
        self.bad += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        for text in () if good else why:
            for line in str(text).splitlines()[-40:]:
                print(f"# {line}")
        return good

    def equal(self, got, want, name):
        return self.ok(got == want, name, f"got  {got!r}", f"want {want!r}")

    def end(self):
        print(f"1..{self.count}")
        return self.bad != 0


def wait_for(test, seconds=60):
    """test()'s first true answer, or its last one."""
    end = time.monotonic() + seconds
    while not (answer := test()) and time.monotonic() < end:
        time.sleep(0.05)
    return answer
