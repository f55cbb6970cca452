# SPDX-License-Identifier: GPL-2.0-or-later
"""Packed encoding (X.691, aligned variant): as much of it as H.225.0 and H.245 need here."""

import ipaddress


class Per:
    """A value that is being written, bit by bit."""

    def __init__(self):
        self.value = 0
        self.size = 0

    def bits(self, value, size):
        self.value = self.value << size | value
        self.size += size
        return self

    def flags(self, text):
        """Bits as text, spaces between them for the reader."""
        text = text.replace(" ", "")
        return self.bits(int(text, 2), len(text))

    def align(self):
        return self.bits(0, -self.size % 8)

    def octets(self, data):
        """A string of fixed size above two, or what a length stands before."""
        self.align()
        return self.bits(int.from_bytes(data, "big"), 8 * len(data)) if data else self

    def number(self, value, low, high):
        """An integer within bounds."""
        span = high - low + 1
        value -= low
        if span <= 255:
            return self.bits(value, (span - 1).bit_length())
        if span <= 65536:
            return self.align().bits(value, 8 if span == 256 else 16)
        size = max(1, (value.bit_length() + 7) // 8)
        self.bits(size - 1, 2)
        return self.align().bits(value, 8 * size)

    def length(self, value):
        """Without bounds."""
        self.align()
        return self.bits(value, 8) if value < 128 else self.bits(0x8000 | value, 16)

    def choice(self, index, count):
        """One of the first alternatives of a choice that may grow."""
        return self.bits(0, 1).bits(index, (count - 1).bit_length())

    def added_choice(self, index, inner):
        """One of the alternatives that were added later."""
        self.bits(1, 1).bits(index, 7)
        return self.open(inner)

    def open(self, inner):
        data = inner.data()
        return self.length(len(data)).octets(data)

    def additions(self, *given):
        """The later part of a sequence: each either None or written."""
        self.bits(len(given) - 1, 7)
        for inner in given:
            self.bits(inner is not None, 1)
        for inner in given:
            if inner is not None:
                self.open(inner)
        return self

    def data(self):
        """The octets; a value that is nothing is one octet of zero."""
        size = max(8, self.size + -self.size % 8)
        return (self.value << (size - self.size)).to_bytes(size // 8, "big")


def signal_address(per, address, port):
    """TransportAddress of H.225.0."""
    ip = ipaddress.ip_address(address)
    if ip.version == 4:
        per.choice(0, 7)
    else:
        per.choice(3, 7).bits(0, 1)
    return per.octets(ip.packed).number(port, 0, 65535)


def media_address(per, address, port):
    """TransportAddress of H.245, unicast."""
    ip = ipaddress.ip_address(address)
    per.choice(0, 2).choice(0 if ip.version == 4 else 2, 5).bits(0, 1)
    return per.octets(ip.packed).number(port, 0, 65535)


class Reader:
    """Finds the addresses in what was heard, without knowing where they should be."""

    def __init__(self, data):
        self.data = data

    def find(self, address):
        """The port behind each place where the address stands, in order."""
        wanted, at, found = ipaddress.ip_address(address).packed, 0, []
        while (at := self.data.find(wanted, at)) >= 0:
            at += len(wanted)
            found.append(int.from_bytes(self.data[at : at + 2], "big"))
        return found
