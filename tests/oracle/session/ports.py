# SPDX-License-Identifier: GPL-2.0-or-later
"""Ports to announce that a slip of the pen does not make another's.

Where two want the same one, Linux draws a free port by chance, which cannot be compared.
"""

LOWEST, HIGHEST, DISTANCE = 20000, 59990, 3


def distance(a, b):
    """In how many digits two of five digits differ."""
    return sum(x != y for x, y in zip(f"{a:05}", f"{b:05}"))


def apart(draw, count, step=10):
    """Multiples of step, each with so many digits of its own that one fault does not meet another."""
    found = []
    while len(found) < count:
        port = draw.randrange(LOWEST, HIGHEST, step)
        if all(distance(port, x) >= DISTANCE - 1 for x in found):
            found.append(port)
    return found
