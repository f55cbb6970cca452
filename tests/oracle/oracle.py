#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel as oracle: the same rules and packets through the kernel's own tables and
through `pktt replay`. Prints TAP, one line a scenario.

    oracle.py --pktt build/pktt                       cases, then 300 scenarios
    oracle.py --pktt build/pktt --seed 1000 --count 5000 --jobs 2
    oracle.py --pktt build/pktt --seed 42 --count 1 --keep    leaves its reduced case
    oracle.py --pktt build/pktt --case cases/x.json

Network namespaces need root. Without it only the cases run, against what the kernel
said when they were written.
"""

import argparse
import contextlib
import multiprocessing
import os
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import kernel  # noqa: E402
import kmsg  # noqa: E402
import machine  # noqa: E402
import nflog  # noqa: E402
from compare import differences, show  # noqa: E402
from gen import scenarios  # noqa: E402
from replay import Replay  # noqa: E402
from scenario import read_case, read_expected, write_case  # noqa: E402
from shrink import Shrinker  # noqa: E402

ATTEMPTS = 8
SHOWN = 12


@dataclass
class Job:
    """A scenario to run: of a seed, or of a case file."""

    seed: int = None
    case: str = None

    @property
    def name(self):
        return f"seed {self.seed}" if self.case is None else f"case {Path(self.case).stem}"

    def scenario(self):
        return scenarios.scenario(self.seed) if self.case is None else read_case(self.case)


@dataclass
class Result:
    job: Job
    title: str = ""
    is_ok: bool = True
    report: list = field(default_factory=list)


class Bench:
    """Both sides of one worker. Without a router only cases can be judged."""

    differences_of = staticmethod(differences)

    def __init__(self, options):
        self.options = options
        self.make_sides()

    def make_sides(self):
        self.router = kernel.Router() if self.options.has_kernel else None
        self.replay = Replay(self.options.pktt)

    def run_kernel(self, scenario):
        return self.router.run(scenario)

    def drawn(self, job):
        """The scenario of a job, its packets known."""
        return job.scenario()

    def judge_stored(self, job):
        """A case against what the kernel said when it was written."""
        scenario = job.scenario()
        found = self.differences_of(scenario, read_expected(job.case), self.replay.run(scenario))
        return Result(job, f"{scenario.title} (stored)", not found, [str(d) for d in found[:SHOWN]])

    def observe(self, scenario):
        """Runs both sides; again if the machine was too slow for what was meant."""
        for attempt in range(ATTEMPTS):
            try:
                seen = self.run_kernel(scenario)
                return seen, self.replay.run(scenario)
            except (kernel.Late, kmsg.Overrun, nflog.Overrun):
                if attempt == ATTEMPTS - 1:
                    raise
                time.sleep(attempt)
        return None

    def differences(self, scenario):
        """The differences that two runs agree on; a delay of the machine shows once."""
        found = self.differences_of(scenario, *self.observe(scenario))
        return found and self.differences_of(scenario, *self.observe(scenario))

    def still_has(self, kind, scenario):
        try:
            found = self.differences_of(scenario, *self.observe(scenario))
            return any(d.kind == kind for d in found)
        except kernel.Refused:
            return False

    def judge(self, job):
        if self.router is None:
            return self.judge_stored(job)
        scenario = self.drawn(job)
        result = Result(job, scenario.title)
        found = self.differences(scenario)
        if not found:
            return result
        result.is_ok = False
        result.report = [str(d) for d in found[:SHOWN]]
        if self.options.shrink:
            kind = found[0].kind
            small = Shrinker(scenario, lambda s: self.still_has(kind, s)).run()
            result.report += ["reduced to:", *self.describe(small)]
            if self.options.keep:
                path = f"oracle-{job.seed or Path(job.case).stem}.json"
                write_case(small, self.run_kernel(small), path)
                result.report.append(f"kept in {path}")
        return result

    def describe(self, scenario):
        lines = scenario.sets_text().splitlines()
        for family in scenario.families:
            lines += [f"{family}:"] + scenario.rules_text(family).splitlines()
        seen, said = self.observe(scenario)
        for number, packet in enumerate(scenario.packets):
            lines.append(f"packet {number} on {packet.interface}: {packet.frame.hex()}")
        for number, record in enumerate(said.packets):
            lines.append(f"replay {number}: {record.raw}")
        for number, what in enumerate(seen.packets):
            lines.append(f"kernel {number}: {what.hooks} emits {show(what.emitted)}")
        return lines + [
            f"difference: {d}" for d in self.differences_of(scenario, seen, said)[:SHOWN]
        ]


def work(options, jobs, results):
    """One worker process: takes jobs until there is none."""
    try:
        bench = options.bench(options)
    except BaseException:
        results.put(Result(options.job(), is_ok=False, report=traceback.format_exc().splitlines()))
        return
    for job in iter(jobs.get, None):
        try:
            results.put(bench.judge(job))
        except Exception:
            results.put(Result(job, is_ok=False, report=traceback.format_exc().splitlines()))
    results.put(None)


def feed(options, jobs):
    """Fills the queue of jobs: the cases first, then the seeds."""
    wanted = [options.job(case=c) for c in options.case]
    if not options.case:
        wanted += [options.job(case=str(c)) for c in sorted(options.cases.glob("*.json"))]
    if not options.case and options.has_kernel:
        wanted += [options.job(seed=options.seed + n) for n in range(options.count)]
    for job in wanted:
        jobs.put(job)
    for _ in range(options.jobs):
        jobs.put(None)
    return len(wanted)


class Tap:
    def __init__(self):
        self.number = 0
        self.failed = 0

    def line(self, is_ok, text, report=()):
        self.number += 1
        self.failed += not is_ok
        print(f"{'ok' if is_ok else 'not ok'} {self.number} - {text}")
        for entry in report:
            for part in entry.splitlines():
                print(f"# {part}")
        sys.stdout.flush()

    def plan(self):
        print(f"1..{self.number}")


def collect(options, results, wanted, tap):
    """Prints results as they come, until all are there or the time is up."""
    deadline = time.monotonic() + options.time_box
    running, seen = options.jobs, 0
    while running and seen < wanted:
        try:
            result = results.get(timeout=max(0.1, deadline - time.monotonic()))
        except multiprocessing.queues.Empty:
            break
        if result is None:
            running -= 1
            continue
        seen += 1
        options.on_result(result)
        name = result.job.name if result.job.case or result.job.seed is not None else "worker"
        tap.line(result.is_ok, f"{name}: {result.title}", result.report)
        if time.monotonic() > deadline:
            break
    return seen


def parser(description):
    found = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawTextHelpFormatter
    )
    found.add_argument("--pktt", required=True, help="the program under test")
    found.add_argument("--seed", type=int, default=1, help="first seed")
    found.add_argument("--count", type=int, default=300, help="how many scenarios")
    found.add_argument("--jobs", type=int, default=os.cpu_count(), help="workers side by side")
    found.add_argument("--time-box", type=float, default=86400, metavar="SECONDS")
    found.add_argument("--case", action="append", default=[], metavar="FILE", help="run these only")
    found.add_argument("--keep", action="store_true", help="write reduced scenarios to files")
    found.add_argument("--no-shrink", dest="shrink", action="store_false")
    return found


def run(options, tap):
    jobs, results = multiprocessing.Queue(), multiprocessing.Queue()
    wanted = feed(options, jobs)
    workers = [
        multiprocessing.Process(target=work, args=(options, jobs, results), daemon=True)
        for _ in range(options.jobs)
    ]
    with machine.prepared() if options.has_kernel else contextlib.nullcontext():
        for worker in workers:
            worker.start()
        seen = collect(options, results, wanted, tap)
        for worker in workers:
            worker.terminate()
            worker.join()
    tap.line(seen == wanted, f"{seen} of {wanted} scenarios ran")


def main(options):
    """Runs what the options ask for; `bench` and `job` are the classes that know how."""
    options.has_kernel = os.geteuid() == 0
    tap = Tap()
    run(options, tap)
    tap.plan()
    return 1 if tap.failed else 0


def default_options():
    options = parser(__doc__).parse_args()
    options.bench, options.job = Bench, Job
    options.cases = HERE / "cases"
    options.on_result = lambda result: None
    return options


if __name__ == "__main__":
    sys.exit(main(default_options()))
