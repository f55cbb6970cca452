#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel as oracle for what has state: flows through its own tracking and NAT and
through `pktt replay`. The command line is that of oracle.py, and one option more:

    ct_oracle.py --pktt build/pktt --count 200 --statistics
                        the kernel alone, twice: both runs must be equal, and what the
                        scenarios reached is counted
"""

import re
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import ct_kernel  # noqa: E402
import ct_scenario  # noqa: E402
import ct_statistics  # noqa: E402
import kernel  # noqa: E402
import oracle  # noqa: E402
from ct_compare import differences, has_chance, kernel_differences  # noqa: E402
from ct_replay import FlowReplay  # noqa: E402
from gen import flows  # noqa: E402
from scenario import read_expected  # noqa: E402

TRACKS = re.compile(r"ctstate INVALID|-j (SNAT|DNAT|MASQUERADE|CONNMARK)")
DRAWS = 20
SERVES = 400
"""After so many scenarios a worker's namespaces are made anew."""


class FlowJob(oracle.Job):
    def scenario(self, attempt=0):
        if self.case:
            return ct_scenario.read_case(self.case)
        return flows.scenario(self.seed, attempt)


class FlowBench(oracle.Bench):
    """Both sides of one worker. A scenario is played once, then run."""

    differences_of = staticmethod(differences)
    read_expected = staticmethod(read_expected)

    def make_sides(self):
        self.router = ct_kernel.FlowRouter() if self.options.has_kernel else None
        self.replay = FlowReplay(self.options.pktt)

    def fresh_router(self):
        """What a namespace still holds of fragments must not meet the next run's."""
        if self.router.is_worn:
            self.router.close()
            self.router = ct_kernel.FlowRouter()
        return self.router

    def run_kernel(self, scenario):
        return self.fresh_router().run(scenario)

    def drawn(self, job):
        """A scenario whose packets are known; drawn anew where the kernel threw dice."""
        for attempt in range(DRAWS):
            scenario = job.scenario(attempt)
            if scenario.script is None:
                return scenario
            try:
                self.run_kernel(scenario)
                return scenario
            except (ct_kernel.RandomPort, kernel.Late):
                continue
        raise RuntimeError(f"{job.name}: no scenario in {DRAWS} draws")

    def still_has(self, kind, scenario):
        """The kernel tracks whatever the rules are, replay only where they need it."""
        seen = {"ipv4" if p.layer3[0] >> 4 == 4 else "ipv6" for p in scenario.packets}
        for family in seen:
            if not TRACKS.search(scenario.rules_text(family)):
                return False
        try:
            seen, said = self.observe(scenario)
        except kernel.Refused:
            return False
        found = differences(scenario, seen, said)
        return any(d.kind == kind for d in found) and not has_chance(scenario, seen)

    def differences(self, scenario):
        """Those that two runs agree on, if the kernel's two agree: else it drew a port."""
        first = self.observe(scenario)
        found = differences(scenario, *first)
        if not found:
            return found
        second = self.observe(scenario)
        if kernel_differences(scenario, first[0], second[0]):
            raise ct_kernel.RandomPort
        return differences(scenario, *second)

    def judge(self, job):
        if self.options.statistics:
            return self.measure(job)
        try:
            return super().judge(job)
        except ct_kernel.RandomPort:
            return oracle.Result(job, "left out, for the kernel drew a port by chance")

    def measure(self, job):
        """The kernel against itself."""
        scenario = self.drawn(job)
        first, second = self.run_kernel(scenario), self.run_kernel(scenario)
        found = kernel_differences(scenario, first, second)
        result = oracle.Result(
            job, scenario.title, not found, [str(d) for d in found[: oracle.SHOWN]]
        )
        result.counts = ct_statistics.counts(scenario, first)
        return result

    def describe(self, scenario):
        settings = [f"set {n}={v}" for n, v in scenario.settings.items()]
        notes = [f"packet {n}: {p.note}" for n, p in enumerate(scenario.packets)]
        seen, said = self.observe(scenario)
        tables = ["kernel " + t for t in seen.conntrack.splitlines()]
        tables += ["replay " + t for t in said.conntrack.splitlines()]
        states = [f"kernel {n}: {s.states}" for n, s in enumerate(seen.packets)]
        return settings + notes + super().describe(scenario) + states + tables


def main():
    parser = oracle.parser(__doc__)
    parser.add_argument("--statistics", action="store_true", help="the kernel alone, counted")
    options = parser.parse_args()
    options.bench, options.job = FlowBench, FlowJob
    options.cases = HERE / "cases" / "flows"
    total = Counter()
    options.on_result = lambda result: total.update(getattr(result, "counts", {}))
    failed = oracle.main(options)
    if options.statistics:
        print(ct_statistics.text(total))
    return failed


if __name__ == "__main__":
    sys.exit(main())
