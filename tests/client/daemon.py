# SPDX-License-Identifier: GPL-2.0-or-later
"""A pkttd of the tests' own, in a folder of theirs."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from pkttd import start_pkttd  # noqa: E402 pylint: disable=wrong-import-position


def sanitizers(build):
    """Flags with which a program must be linked that loads this build's libraries."""
    said = subprocess.run(["nm", "-D", f"{build}/src/libpkttnetlink/libpkttnetlink.so"], text=True,
                          capture_output=True, check=True).stdout
    return ["-fsanitize=address,undefined"] if "__asan_" in said else []


def loads_library(build):
    """This process is about to load the build's library: one with sanitizers needs theirs loaded first."""
    if not sanitizers(build) or "libasan" in os.environ.get("LD_PRELOAD", ""):
        return
    found = [subprocess.run(["gcc", f"-print-file-name={name}"], text=True, capture_output=True,
                            check=True).stdout.strip() for name in ("libasan.so", "libubsan.so")]
    environment = {**os.environ, "LD_PRELOAD": " ".join(found), "ASAN_OPTIONS": "detect_leaks=0"}
    os.execve(sys.executable, [sys.executable, *sys.argv], environment)


def own_environment(**more):
    """For programs of the build, which have their sanitizers in them."""
    return {**{name: value for name, value in os.environ.items()
               if name not in ("LD_PRELOAD", "ASAN_OPTIONS")}, **more}


class Pkttd:
    """with Pkttd(BUILD, FOLDER) as pkttd: it is ready."""

    def __init__(self, build, folder, plugins=None, rules=None):
        self.build, self.folder = pathlib.Path(build), pathlib.Path(folder)
        self.socket = str(self.folder / "pkttd.sock")
        config = self.folder / "pkttd.conf"
        state = self.folder / "state"
        state.mkdir(exist_ok=True)
        lines = [f"state {state}", "on-failure open"]
        if plugins:
            lines.append(f"plugins {plugins}")
        config.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        self.log = open(self.folder / "log", "ab")  # pylint: disable=consider-using-with
        command = [str(self.build / "pkttd"), "--foreground", "--config", str(config), "--socket",
                   self.socket]
        if rules:
            command += ["--rules", str(rules)]
        # pkttd has given up the rights without which leaks cannot be looked for; freed memory that is
        # kept aside would look like one that grows
        environment = own_environment(ASAN_OPTIONS="detect_leaks=0:quarantine_size_mb=1:"
                                                   "thread_local_quarantine_size_kb=64")
        self.process = start_pkttd(command, self.folder, environment, self.log)

    def environment(self):
        """For programs that are to find it."""
        return {**own_environment(), "PKTT_SOCKET": self.socket}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.status = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.status = self.process.wait()
        self.log.close()
