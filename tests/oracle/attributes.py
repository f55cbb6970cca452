# SPDX-License-Identifier: GPL-2.0-or-later
"""Netlink attributes, for those who write and read messages by hand."""

import struct


def attr(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def attrs(data):
    """[(kind with its flags, payload)], in their order."""
    found = []
    while len(data) >= 4:
        size, kind = struct.unpack_from("=HH", data)
        found.append((kind, data[4:size]))
        data = data[max(size + 3 & ~3, 4) :]
    return found
