# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole scenario from its number."""

import datetime

from gen import arp, bridge, packets, palette, rules, sets, stateful
from gen.draw import Draw
from gen.place import Place
from scenario import Scenario

FAMILIES = [["ipv4"], ["ipv6"], ["ipv4"], ["ipv6"], ["ipv4", "ipv6"]]
TIMED_SHARE = 0.08


def pauses(draw, frames):
    """Puts a few pauses between the packets of a timed scenario."""
    for index in draw.sample(range(1, len(frames)), min(stateful.MAX_PAUSES, len(frames) - 1)):
        frames[index].wait_ms = stateful.PAUSE_MS


ARP_SHARE = 0.04
BRIDGE_SHARE = 0.05


def arp_scenario(draw, found):
    found.packets = arp.packets(draw, draw.randrange(20, 61))
    found.rules["arp"] = arp.ruleset(draw, draw.randrange(8, 25))
    found.title = f"arp, {found.rule_count()} rules, {len(found.packets)} packets"
    return found


def bridge_scenario(draw, found):
    found.packets = bridge.frames(draw, draw.randrange(20, 61))
    found.rules["bridge"] = bridge.ruleset(draw, draw.randrange(8, 25))
    found.title = f"bridge, {found.rule_count()} rules, {len(found.packets)} packets"
    return found


def scenario(seed):
    draw = Draw(f"oracle {seed}")
    draw.palette = palette.narrow(draw)
    if draw.chance(BRIDGE_SHARE):
        return bridge_scenario(draw, Scenario(seed=f"{seed:x}"))
    if draw.chance(ARP_SHARE):
        return arp_scenario(draw, Scenario(seed=f"{seed:x}"))
    families = draw.pick(FAMILIES)
    found = Scenario(seed=f"{seed:x}")
    found.packets = packets.packets(draw, families, draw.randrange(20, 61))
    is_timed = draw.chance(TIMED_SHARE)
    if is_timed:
        pauses(draw, found.packets)
    found.sets, known = sets.sets(draw, families)
    place = Place(
        family="",
        table="",
        hooks=frozenset(),
        sets=known,
        is_timed=is_timed,
        log_prefix=found.log_prefix,
        hides_tcp=any(p.is_later_ipv6_fragment for p in found.packets),
        now=datetime.datetime.now(datetime.timezone.utc),
    )
    for family in families:
        place.family = family
        count = draw.randrange(10, 41) // len(families)
        found.rules[family] = rules.ruleset(draw, place, count)
    found.title = (
        f"{' and '.join(families)}, {found.rule_count()} rules, {len(found.packets)} packets"
    )
    return found
