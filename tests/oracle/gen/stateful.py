# SPDX-License-Identifier: GPL-2.0-or-later
"""Matches that remember, and those that look at the clock.

A timed scenario has pauses of palette length PAUSE_MS; its rates are such that every
sum of pauses stays more than 40 ms away from every multiple of a credit's time. In
the others a credit takes a minute and more: only bursts count.
"""

import datetime

from gen.place import MATCHES, extension

PAUSE_MS = 290
MAX_PAUSES = 4
FAST_RATES = ["1/second", "2/second", "1/second"]
SLOW_RATES = ["1/minute", "1/hour", "3/hour", "2/minute", "1/minute"]


def rate(draw, place):
    return draw.pick(FAST_RATES if place.is_timed else SLOW_RATES)


@extension(MATCHES, "limit", weight=7)
def limit(draw, place):
    return f"-m limit --limit {rate(draw, place)} --limit-burst {draw.pick([1, 2, 3, 5, 8])}"


@extension(MATCHES, "hashlimit", weight=7)
def hashlimit(draw, place):
    name = f"h{draw.getrandbits(24):x}"
    if draw.chance(0.15):
        amount = draw.pick(["32b/s", "64b/s"])
        burst = f"{draw.pick([200, 500])}b"
    else:
        amount, burst = rate(draw, place), draw.pick([1, 2, 4])
    side = draw.pick(["upto", "above"])
    what = f"--hashlimit-{side} {amount} --hashlimit-burst {burst}"
    modes = ["srcip", "dstip", "srcport", "dstport"]
    mode = draw.sample(modes, draw.randrange(0, 4))
    words = ["-m hashlimit", what]
    if mode:
        words.append(f"--hashlimit-mode {','.join(mode)}")
    longest = 32 if place.family == "ipv4" else 128
    if "srcip" in mode and draw.chance(0.4):
        words.append(f"--hashlimit-srcmask {draw.pick([0, 8, 24, 31, longest])}")
    if "dstip" in mode and draw.chance(0.4):
        words.append(f"--hashlimit-dstmask {draw.pick([0, 8, 24, 31, longest])}")
    return " ".join([*words, f"--hashlimit-name {name}"])


@extension(MATCHES, "recent", weight=8)
def recent(draw, place):
    name = f"r{draw.randrange(2)}"
    words = [f"-m recent --name {name}{place.family[-1]}"]
    action = draw.pick(["--set", "--set", "--rcheck", "--update", "--remove"])
    words.insert(1, draw.not_() + action)
    if action in ("--rcheck", "--update"):
        if draw.chance(0.5):
            words.append(f"--hitcount {draw.pick([1, 2, 3, 5])}")
        if draw.chance(0.5):
            words.append(f"--seconds {draw.pick([1, 60]) if place.is_timed else 60}")
            if draw.chance(0.3):
                words.append("--reap")
    if action in ("--rcheck", "--update") and draw.chance(0.3):
        words.append("--rttl")
    if draw.chance(0.4):
        words.append(draw.pick(["--rsource", "--rdest"]))
    # One mask a list, for it is that of the list's first rule, and Linux reads chains in
    # an order of its own.
    if name == "r1":
        words.append(
            "--mask " + ("255.255.255.0" if place.family == "ipv4" else "ffff:ffff:ffff:ffff::")
        )
    return " ".join(words)


@extension(MATCHES, "statistic", weight=6)
def statistic(draw, place):
    del place
    if draw.chance(0.1):
        return f"-m statistic --mode random {draw.not_()}--probability {draw.pick(['0', '1'])}"
    every = draw.pick([1, 2, 3, 7])
    return f"-m statistic --mode nth {draw.not_()}--every {every} --packet {draw.randrange(every)}"


@extension(MATCHES, "quota", weight=5)
def quota(draw, place):
    del place
    return f"-m quota {draw.not_()}--quota {draw.pick([0, 60, 100, 200, 500, 2000])}"


DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


@extension(MATCHES, "time", weight=5)
def time(draw, place):
    """Windows whose ends are hours away, but for weekdays and days of the month."""
    hour = datetime.timedelta(hours=1)
    words = ["-m time"]
    if draw.chance(0.6):
        begin = (place.now + draw.pick([-5, -3, 2, 4]) * hour).strftime("%H:%M:%S")
        end = (place.now + draw.pick([-2, -4, 3, 6]) * hour).strftime("%H:%M:%S")
        words.append(f"--timestart {begin} --timestop {end}")
        if begin > end and draw.chance(0.4):
            words.append("--contiguous")
    if draw.chance(0.4):
        words.append(f"{draw.not_()}--weekdays {','.join(draw.sample(DAYS, draw.randrange(1, 6)))}")
    if draw.chance(0.3):
        days = sorted(draw.sample(range(1, 32), 12) + ([place.now.day] if draw.chance(0.5) else []))
        words.append(f"{draw.not_()}--monthdays {','.join(map(str, sorted(set(days))))}")
    if draw.chance(0.3):
        words.append(
            "--datestart " + (place.now + draw.pick([-48, 30]) * hour).strftime("%Y-%m-%dT%H:%M:%S")
        )
    if draw.chance(0.3):
        words.append(
            "--datestop " + (place.now + draw.pick([-24, 300]) * hour).strftime("%Y-%m-%dT%H:%M:%S")
        )
    return " ".join(words)


@extension(MATCHES, "set", weight=8)
def match_set(draw, place):
    known = [
        (name, kind)
        for name, (family, kind, _) in place.sets.items()
        if family in (place.family, None)
    ]
    if not known:
        return None
    name, kind = draw.pick(known)
    sides = ",".join(draw.pick(["src", "dst"]) for _ in range(kind.count(",") + 1))
    # Of a packet whose ports are cut off "!" makes a match in Linux, not with us.
    no = "" if "port" in kind or "list" in kind else draw.not_()
    words = [f"-m set {no}--match-set {name} {sides}"]
    if draw.chance(0.2):
        words.append("--return-nomatch")
    if "counters" in place.sets[name][2] and draw.chance(0.5):
        what = draw.pick(
            ["packets-eq 1", "packets-gt 1", "packets-lt 3", "bytes-gt 100", "bytes-lt 200"]
        )
        words.append(f"{draw.not_() if 'eq' in what else ''}--{what}")
    if draw.chance(0.1):
        words.append("! --update-counters")
    return " ".join(words)
