# SPDX-License-Identifier: GPL-2.0-or-later
"""What one session left: packets, rules with their counters, connections, expectations.

Files of a recording NAME, in tests/data/helpers
	NAME.pcapng     all that the router received and, flagged outbound, all that it sent
	NAME.v4 .v6     its rules: iptables-legacy-save -c after the session; where the kernel has
	                no such helper, those that the engine is to have instead
	NAME.conntrack  conntrack -L -o extended so long after it; what is EXPECTED told apart
	NAME.expect     conntrack -E expect while it ran; these two are missing where the kernel
	                has no such helper

Everything was handled by one processor. So what the router sent because of a packet stands
behind that packet and before the next that it received.
"""

import re
import struct
from dataclasses import dataclass, field

import pcapng

ETHERNET_HEADER = 14
EPB_FLAGS, INBOUND, OUTBOUND = 2, 1, 2
SUFFIX = {"ipv4": "v4", "ipv6": "v6"}
AGE_HEADING, EXPECTED_HEADING = "# seconds after the last packet: ", "# expected\n"


class Malformed(Exception):
    """A file is not what write() makes."""


@dataclass
class Packet:
    interface: str
    time_ns: int
    frame: bytes
    """From layer 2 on; from layer 3 on if the interface is `lo`."""
    is_outbound: bool = False

    @property
    def layer3(self):
        """The packet without its Ethernet header and what pads the frame."""
        data = self.frame if self.interface == "lo" else self.frame[ETHERNET_HEADER:]
        is_v4 = data[0] >> 4 == 4
        size = struct.unpack_from("!H", data, 2 if is_v4 else 4)[0] + (0 if is_v4 else 40)
        return data[:size]


@dataclass
class Recording:
    packets: list = field(default_factory=list)
    rules: dict = field(default_factory=dict)
    """family: text, with the counters after the session."""
    connections: list = field(default_factory=list)
    expected: list = field(default_factory=list)
    """Those of the connections that an expectation foresaw."""
    age_s: float = 0
    """How long after the last packet the connections were listed."""
    expectations: list = field(default_factory=list)
    is_packets_only: bool = False
    """The kernel knew less than we do: it forwarded everything, and only that can be equal."""

    def received(self):
        """(number of the record, packet, the packets sent because of it)"""
        found = []
        for number, packet in enumerate(self.packets):
            if not packet.is_outbound:
                found.append((number, packet, []))
            elif not found:
                raise Malformed("the router sends before it receives")
            else:
                found[-1][2].append(packet)
        return found

    def write(self, folder, name):
        write(folder / f"{name}.pcapng", capture(self.packets))
        for family, text in self.rules.items():
            write(folder / f"{name}.{SUFFIX[family]}", text)
        if self.is_packets_only:
            return
        text = f"{AGE_HEADING}{self.age_s:.3f}\n"
        text += "".join(f"{x}\n" for x in self.connections) + EXPECTED_HEADING
        write(folder / f"{name}.conntrack", text + "".join(f"{x}\n" for x in self.expected))
        write(folder / f"{name}.expect", "".join(f"{x}\n" for x in self.expectations))

    @staticmethod
    def read(folder, name):
        found = Recording(packets=packets_of((folder / f"{name}.pcapng").read_bytes()))
        for family, suffix in SUFFIX.items():
            path = folder / f"{name}.{suffix}"
            if path.exists():
                found.rules[family] = path.read_text(encoding="ascii")
        if not (folder / f"{name}.conntrack").exists():
            found.is_packets_only = True
            return found
        text = (folder / f"{name}.conntrack").read_text(encoding="ascii")
        all_of_them, expected = text.split(EXPECTED_HEADING)
        age, _, all_of_them = all_of_them.removeprefix(AGE_HEADING).partition("\n")
        found.age_s = float(age)
        found.connections, found.expected = all_of_them.splitlines(), expected.splitlines()
        found.expectations = (folder / f"{name}.expect").read_text(encoding="ascii").splitlines()
        return found


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode("ascii"))


def capture(packets):
    links = {"in0": pcapng.LINKTYPE_ETHERNET, "out0": pcapng.LINKTYPE_ETHERNET}
    links["lo"] = pcapng.LINKTYPE_RAW
    parts = [pcapng.capture(links, [])]
    for p in packets:
        size, index = len(p.frame), list(links).index(p.interface)
        body = struct.pack("<IIIII", index, p.time_ns >> 32, p.time_ns & 0xFFFFFFFF, size, size)
        body += p.frame + bytes(-size % 4)
        way = struct.pack("<I", OUTBOUND if p.is_outbound else INBOUND)
        body += pcapng.option(EPB_FLAGS, way) + pcapng.option(pcapng.OPT_END, b"")
        parts.append(pcapng.block(pcapng.ENHANCED_PACKET, body))
    return b"".join(parts)


def blocks(data):
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if size < 12 or at + size > len(data):
            raise Malformed(f"block length {size} at {at}")
        yield kind, data[at + 8 : at + size - 4]
        at += size


def options(data):
    at = 0
    while at + 4 <= len(data):
        code, size = struct.unpack_from("<HH", data, at)
        yield code, data[at + 4 : at + 4 + size]
        at += 4 + (size + 3) // 4 * 4


def packets_of(data):
    """The packets of a file that capture() wrote."""
    names, found = [], []
    for kind, body in blocks(data):
        if kind == pcapng.INTERFACE:
            names.append(dict(options(body[8:]))[pcapng.IF_NAME].decode())
        elif kind == pcapng.ENHANCED_PACKET:
            index, high, low, size = struct.unpack_from("<IIII", body)
            way = dict(options(body[20 + (size + 3) // 4 * 4 :]))[EPB_FLAGS]
            is_outbound = struct.unpack("<I", way)[0] & 3 == OUTBOUND
            found.append(Packet(names[index], high << 32 | low, body[20 : 20 + size], is_outbound))
    return found


def without_counters(rules):
    """The rules as they were before the session."""
    return re.sub(r"(?m)\[\d+:\d+\]", "[0:0]", rules)
