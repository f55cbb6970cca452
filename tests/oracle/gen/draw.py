# SPDX-License-Identifier: GPL-2.0-or-later
"""Chance: one seeded source, with the few ways of drawing that generators need."""

import random


class Draw(random.Random):
    """`palette` is what the scenario draws from; see palette.narrow()."""

    palette = None

    def chance(self, share):
        return self.random() < share

    def pick(self, values):
        return values[self.randrange(len(values))]

    def often(self, usual, rare, share=0.1):
        """One of `usual`, but with the given share one of `rare`."""
        return self.pick(rare if self.chance(share) else usual)

    def byte(self):
        return self.randrange(256)

    def some(self, values, least=1, most=4):
        """A few of the values, joined by commas."""
        return ",".join(self.sample(values, self.randrange(least, most + 1)))

    def octets(self, count):
        return self.randbytes(count)

    def bounds(self, values, highest, lowest=0):
        """A range that often holds one of the values: (low, high)."""
        low = self.pick(values)
        high = low if self.chance(0.5) else low + self.randrange(1, 20)
        if self.chance(0.2):
            low = max(lowest, low - self.randrange(1, 20))
        return min(low, highest), min(high, highest)

    def not_(self, share=0.2):
        """The word that negates what follows it, sometimes."""
        return "! " if self.chance(share) else ""
