# SPDX-License-Identifier: GPL-2.0-or-later
"""What of flows cannot be equal, each with its reason; the rest of masks.py holds too.

The port that Linux draws by chance is not masked: scenarios do not let it come to that
(see gen/flows_nat.py), and where it does a scenario is drawn anew.
"""


import masks
from gen import flows_wire

BEFORE_FRAGMENT = (0, 43, 60)


def frames(packet, emitted):
    return [(name, data_of(packet, data)) for name, data in emitted]


def data_of(packet, data):
    """Two things of a packet that left.

    The id of an ICMP error of ours, which NAT may have given any source: the kernel draws
    it from a keyed hash. No error answers an error, so what came in tells which is ours.

    The id of IPv6 fragments: Linux draws a new one when it cuts again what tracking put
    together.
    """
    if data[0] >> 4 == 6:
        return without_fragment_id(data)
    sent, seen = flows_wire.read(packet.layer3), flows_wire.read(data)
    if sent and seen and seen.is_error and not sent.is_error and seen.protocol == 1:
        return error_of_ours(data)
    return masks.emitted(data)


def without_fragment_id(data):
    kind, at = data[6], 40
    while kind in BEFORE_FRAGMENT and at + 8 <= len(data):
        kind, at = data[at], at + data[at + 1] * 8 + 8
    if kind != flows_wire.FRAGMENT or at + 8 > len(data):
        return data
    return data[: at + 4] + bytes(4) + data[at + 8 :]


def error_of_ours(data):
    header = (data[0] & 15) * 4
    said = masks.verdicts(data, header)
    return masks.blank(data, [(4, 2), (10, 2)]) + said
