# SPDX-License-Identifier: GPL-2.0-or-later
"""A scenario of flows: settings of connection tracking beside rules and packets.

Its packets are played once, each in answer to what the kernel made of those before;
from then on they are plain data like those of any scenario.
"""

import json
from dataclasses import dataclass, field

from scenario import Scenario


@dataclass
class FlowScenario(Scenario):
    settings: dict = field(default_factory=dict)
    """Sysctls without their prefix nf_conntrack_; the same names for `--set`."""
    script: object = None
    """Gives the packets as they are played; None once they are known."""

    def to_json(self):
        return super().to_json() | {"settings": self.settings}

    @staticmethod
    def from_json(found):
        plain = Scenario.from_json(found)
        return FlowScenario(**vars(plain), settings=found.get("settings", {}))


def read_case(path):
    with open(path, encoding="ascii") as file:
        return FlowScenario.from_json(json.load(file))
