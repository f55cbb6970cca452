# SPDX-License-Identifier: GPL-2.0-or-later
"""The engine's side: the same scenario through `pktt replay`."""

import json
import os
import subprocess
import tempfile

import pcapng
import topology
from observation import Observation, Seen

PATIENCE_S = 60
SUFFIX = {"ipv4": "v4", "ipv6": "v6", "arp": "arp", "bridge": "bridge"}


class Replay:
    """Runs scenarios through one pktt program, in one folder of its own."""

    def __init__(self, pktt):
        self.pktt = pktt
        base = "/dev/shm" if os.path.isdir("/dev/shm") else None
        self.folder = tempfile.TemporaryDirectory(prefix="oracle-", dir=base)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode("latin-1"))
        return self.path(name)

    def command(self, scenario):
        """Writes the scenario's files and returns the command line that runs them."""
        links = {i.name: pcapng.LINKTYPE_ETHERNET for i in topology.INTERFACES + topology.PORTS}
        links[topology.LOCAL_OUT] = pcapng.LINKTYPE_RAW
        frames = [(p.interface, p.time_ns, p.frame) for p in scenario.packets]
        words = [self.pktt, "replay", "--json", "--set", "hz=250"]
        words += ["--read", self.write("in.pcapng", pcapng.capture(links, frames))]
        for family in scenario.families:
            if family == "bridge":
                words += ["--rules", self.write("native", scenario.native_text(family))]
                continue
            words += [f"--{family}-rules", self.write(family, scenario.rules_text(family))]
        if scenario.sets:
            words += ["--sets", self.write("sets", scenario.sets_text())]
        return (
            words + ["--save-rules", self.path("saved")] + topology.replay_options(scenario.rules)
        )

    def run(self, scenario):
        for suffix in SUFFIX.values():
            if os.path.exists(self.path(f"saved.{suffix}")):
                os.unlink(self.path(f"saved.{suffix}"))
        try:
            done = subprocess.run(
                self.command(scenario), capture_output=True, check=False, timeout=PATIENCE_S
            )
        except subprocess.TimeoutExpired:
            return Observation(error=f"no end within {PATIENCE_S} s")
        if done.returncode != 0:
            said = done.stderr.decode("latin-1").replace(self.folder.name + "/", "").strip()
            return Observation(error=f"exit {done.returncode}: {said[-2000:]}")
        found = Observation()
        for line in done.stdout.decode("latin-1").splitlines():
            found.packets.append(seen(json.loads(line)))
        for family, suffix in SUFFIX.items():
            if os.path.exists(self.path(f"saved.{suffix}")):
                with open(self.path(f"saved.{suffix}"), encoding="latin-1") as file:
                    found.saved[family] = file.read()
        return found


def seen(record):
    """A record of --json in the common form."""
    emitted = [(e["interface"], bytes.fromhex(e["data"])) for e in record.get("emitted") or []]
    return Seen(emitted=emitted, raw=record)
