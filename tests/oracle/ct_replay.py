# SPDX-License-Identifier: GPL-2.0-or-later
"""The engine's side of flows: `pktt replay` with settings, and its table at the end."""

import os

from replay import Replay


class FlowReplay(Replay):
    def command(self, scenario):
        words = super().command(scenario)
        for name, value in scenario.settings.items():
            words += ["--set", f"{name}={value}"]
        return words + ["--save-conntrack", self.path("conntrack")]

    def run(self, scenario):
        if os.path.exists(self.path("conntrack")):
            os.unlink(self.path("conntrack"))
        found = super().run(scenario)
        if not found.error:
            with open(self.path("conntrack"), encoding="ascii") as file:
                found.conntrack = file.read()
        return found
