#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel as oracle for helpers: payloads, right and almost right, through its helpers
and through `pktt replay`: verdicts, rewritten bytes, counters, both tables at the end.
The command line is that of oracle.py."""

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import ct_kernel  # noqa: E402
import kernel  # noqa: E402
import oracle  # noqa: E402
from ct_oracle import FlowBench, FlowJob  # noqa: E402
from ct_replay import FlowReplay  # noqa: E402
from ct_scenario import read_case  # noqa: E402
from gen import helper_flows  # noqa: E402


def line_of(text):
    """An expectation as both sides write it, without its timeout."""
    return "ipexpect " + re.sub(r"^\d+ ", "", text.strip())


def is_complaint(record):
    return record.group == kernel.TRACE_GROUP and not record.prefix.startswith("TRACE:")


class HelperRouter(ct_kernel.FlowRouter):
    """The kernel says why a helper drops a packet by the way by which it tells of traces."""

    def __init__(self):
        super().__init__()
        drain = self.listener.drain
        self.listener.drain = lambda: [r for r in drain() if not is_complaint(r)]

    def listing(self):
        text = super().listing()
        for family in ("ipv4", "ipv6"):
            expected = self.command(["conntrack", "-L", "expect", "-f", family])
            text += "".join(line_of(t) + "\n" for t in expected.splitlines())
        return text


class HelperReplay(FlowReplay):
    """What is still expected: what was announced, without what went."""

    def run(self, scenario):
        found = super().run(scenario)
        left = []
        for packet in found.packets:
            for event in packet.raw.get("expectations") or []:
                text = line_of(event["text"])
                if event["event"] == "NEW":
                    left.append(text)
                elif text in left:
                    left.remove(text)
        found.conntrack = (found.conntrack or "") + "".join(t + "\n" for t in left)
        return found


class HelperJob(FlowJob):
    def scenario(self, attempt=0):
        if self.case:
            return read_case(self.case)
        return helper_flows.scenario(self.seed, attempt)


class HelperBench(FlowBench):
    def make_sides(self):
        self.router = HelperRouter() if self.options.has_kernel else None
        self.replay = HelperReplay(self.options.pktt)

    def fresh_router(self):
        if self.router.is_worn:
            self.router.close()
            self.router = HelperRouter()
        return self.router


def main():
    options = oracle.parser(__doc__).parse_args()
    options.statistics, options.on_result = False, lambda result: None
    options.bench, options.job = HelperBench, HelperJob
    options.cases = HERE / "cases" / "helpers"
    return oracle.main(options)


if __name__ == "__main__":
    sys.exit(main())
