# SPDX-License-Identifier: GPL-2.0-or-later
"""What cannot be equal, each with its reason; everything else must be.

Two ways: what a packet says is blanked on both sides before it is compared, or a
packet is not sent at all. doc/differences.md tells users about the second kind.
"""

import ipaddress
import re
import socket
import struct

import topology
from gen import palette

OURS = {
    socket.inet_aton(a.split("/")[0])
    for i in topology.INTERFACES
    for a in i.addresses
    if ":" not in a
}
SUBNET_BROADCASTS = {socket.inet_aton(a) for a in ("10.0.1.255", "10.0.2.255", "172.16.5.7")}
OTHER_LOCAL = {socket.inet_aton(a) for a in ("255.255.255.255", "224.0.0.1")}
FAR_IN = {
    socket.inet_pton(socket.AF_INET6 if ":" in a else socket.AF_INET, a)
    for family in palette.FAR.values()
    for a in family["in0"]
}
FAR_OUT = {
    socket.inet_pton(socket.AF_INET6 if ":" in a else socket.AF_INET, a)
    for family in palette.FAR.values()
    for a in family["out0"]
}
ICMP = 1


NO_OP, END, TIMESTAMP = 1, 0, 68


def stamps(data):
    """Where the header's timestamp options hold times: (offset, size) pairs."""
    end = min(len(data), (data[0] & 15) * 4)
    at = 20
    while at + 1 < end and data[at] != END:
        if data[at] == NO_OP:
            at += 1
            continue
        if data[at + 1] < 2:
            return
        if data[at] == TIMESTAMP and at + 4 < end:
            step = 8 if data[at + 3] & 15 else 4
            stop = min(end, at + data[at + 1], at + data[at + 2] - 1)
            for entry in range(at + 4, stop, step):
                yield entry + step - 4, 4
        at += data[at + 1]


def blank(data, places):
    data = bytearray(data)
    for offset, size in places:
        data[offset : offset + size] = bytes(min(size, max(0, len(data) - offset)))
    return bytes(data)


def sums_up(data):
    """Whether the Internet checksum over the data is right."""
    data += bytes(len(data) % 2)
    return sum(struct.unpack(f"!{len(data) // 2}H", data)) % 0xFFFF == 0


def verdicts(data, header):
    """Which checksums are right; said in place of those that are blanked."""
    said = b""
    if len(data) >= header and not sums_up(data[:header]):
        said += b" header checksum wrong"
    is_whole = len(data) == struct.unpack("!H", data[2:4])[0]
    if data[9] == ICMP and is_whole and not sums_up(data[header:]):
        said += b" ICMP checksum wrong"
    return said


def emitted(data):
    """Two things of an IPv4 packet, and the checksums over them.

    The id of an ICMP error of ours: the kernel draws it from a keyed hash. The times in
    timestamp options: either side stamps with its own clock, some milliseconds apart.
    """
    if len(data) < 20 or data[0] >> 4 != 4:
        return data
    header = (data[0] & 15) * 4
    places = list(stamps(data))
    if data[9] == ICMP and data[12:16] in OURS:
        places += [(4, 2), (header + 2, 2)]
        inner = header + 8
        if len(data) >= inner + 20 and (nested := list(stamps(data[inner:]))):
            places += [(inner + at, size) for at, size in nested] + [(inner + 10, 2)]
    if not places:
        return data
    return blank(data, [*places, (10, 2)]) + verdicts(data, header)


def log_line(text):
    """The same two things in a line of LOG."""
    # A copy of TEE has an input that is its output, and shows whatever stands before it.
    text = re.sub(
        r"( ?IN=(\w+) OUT=\2 )(MAC=[0-9a-f:]* |MACSRC=\S+ MACDST=\S+ MACPROTO=\S+ )?",
        r"\1",
        text,
    )
    # Replay has no sockets, and so no owners.
    text = text.replace(" UID=0 GID=0 ", " ")
    if "IN= OUT=" in text:
        text = re.sub(r"( ID=)\d+( .*?PROTO=ICMP)", r"\1*\2", text, count=1)
    return re.sub(r"OPT \(([0-9A-F]+)\)", lambda m: f"OPT ({options_text(m.group(1))})", text)


def options_text(text):
    header = bytes([0x40 | 5 + len(text) // 8]) + bytes(19) + bytes.fromhex(text)
    return blank(header, stamps(header))[20:].hex()


def prefix_text(text):
    option, prefix = text.split(" ")
    return f"{option} {ipaddress.ip_network(prefix, strict=False)}"


def rule_text(family, text):
    """What iptables-save writes otherwise than we do, though it means the same."""
    # All ports, which iptables-save forgets even where nothing would match.
    text = re.sub(r"! --[sd]port 0:65535 ?", "", text)
    if family == "ipv6":
        # Everywhere is said by us, for an inet rule could not do without it.
        text = re.sub(r"(?<!! )-[sd] ::/0 ?", "", text)
    # ip6tables prints bits that its mask blanks.
    text = re.sub(r"(--srh-[pnl]sid \S+)/\d+", lambda m: prefix_text(m.group()), text)
    # Written though nobody gave it: the end of 32-bit time.
    text = text.replace(" --datestop 2038-01-19T03:14:07", "")
    # iptables quotes labels, for their names may hold blanks; a number needs no quotes.
    text = re.sub(r'(--label) "(\d+)"', r"\1 \2", text)
    # iptables prints bits of a connection's address that its mask blanks.
    text = re.sub(r"(--ct(?:orig|repl)(?:src|dst) \S+/\d+)", lambda m: prefix_text(m.group()), text)
    # Names that files of the machine give to numbers.
    text = re.sub(r"--(src|dst)-group default", r"--\1-group 0x0", text)
    text = text.replace("--realm cosmos", "--realm 0x0")
    # An interface that never matches is kept by us, and lost by iptables-save.
    text = re.sub(r"! -[io] \+ ?", "", text)
    return text.strip()


def nflog_payload(payload):
    """In addition what Linux mends later: a header checksum over options, a reset's own."""
    if payload[:2] == b"\x45\0" and payload[4:10] == b"\0\0\x40\0\x40\6":
        # A reset of our own, whose checksum Linux leaves to the interface.
        return blank(payload, [(36, 2)])
    if len(payload) > 20 and 0x45 < payload[0] < 0x50:
        return blank(emitted(payload)[: len(payload)], [(10, 2)])
    return emitted(payload)


def is_sent_locally(packet):
    """Whether a raw socket sends these bytes as they are, to a wire.

    What goes to the router itself would come in again through `lo`; and an answer to
    a packet of its own would do the same, so the source is somebody else too.
    """
    size, at = (4, 12) if packet[0] >> 4 == 4 else (16, 8)
    source, destination = packet[at : at + size], packet[at + size : at + 2 * size]
    return len(packet) <= 1280 and source in FAR_IN and destination in FAR_OUT


def is_sent(frame):
    """Whether a frame is worth sending. Two kinds are not.

    A fragment of IPv4 to the router itself: Linux reassembles it before INPUT, replay
    judges each fragment by itself (its contract says so); and what never becomes whole
    would be answered half a minute later, in the middle of another scenario.

    A packet whose source is a subnet's broadcast address: with the reverse path filter
    off Linux takes it, and answers an error to everybody, itself included.
    """
    packet = frame[14:]
    if frame[12:14] != b"\x08\x00" or len(packet) < 20:
        return True
    if packet[12:16] in SUBNET_BROADCASTS:
        return False
    is_fragment = packet[6] & 0x3F or packet[7]
    return not is_fragment or packet[16:20] not in OURS | SUBNET_BROADCASTS | OTHER_LOCAL
