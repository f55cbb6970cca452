# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a rule stands, and the table of what may stand there.

Matches and targets register themselves with `@extension`; a rule draws only from
what its family, table, hooks and protocol allow, so that the kernel takes it.
"""

from dataclasses import dataclass

ALL_HOOKS = frozenset(("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"))
INBOUND = frozenset(("PREROUTING", "INPUT", "FORWARD"))
OUTBOUND = frozenset(("FORWARD", "OUTPUT", "POSTROUTING"))


@dataclass
class Place:
    """A chain: the hooks from which it can be reached, and what a rule may use."""

    family: str
    table: str
    hooks: frozenset
    sets: dict
    is_timed: bool
    log_prefix: str
    hides_tcp: bool
    """Some of the packets are later fragments of IPv6, where Linux looks for TCP at the
    wrong place with the few matches that do not ask whether there is any."""
    now: object
    """The hour in which the scenario is drawn: time windows lie around it."""


@dataclass
class Extension:
    make: object
    name: str
    families: tuple
    protocols: tuple
    tables: tuple
    hooks: frozenset
    weight: int

    def fits(self, place, protocol):
        return (
            place.family in self.families
            and (not self.protocols or protocol in self.protocols)
            and (not self.tables or place.table in self.tables)
            and place.hooks <= self.hooks
        )


MATCHES, TARGETS = [], []


def extension(
    registry,
    name,
    families=("ipv4", "ipv6"),
    protocols=(),
    tables=(),
    hooks=ALL_HOOKS,
    weight=4,
):
    """Declares a maker(draw, place) -> text; None: not this time."""

    def register(make):
        registry.append(Extension(make, name, families, protocols, tables, hooks, weight))
        return make

    return register


def choose(draw, registry, place, protocol):
    fitting = [e for e in registry if e.fits(place, protocol)]
    return draw.choices(fitting, [e.weight for e in fitting])[0]
