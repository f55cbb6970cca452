# SPDX-License-Identifier: GPL-2.0-or-later
"""A listener on nfnetlink_log: what NFLOG rules and the observer chains report.

The messages are those of linux/netfilter/nfnetlink_log.h. One socket is bound to
every group asked for; each instance hands a record over at once (threshold 1), in
the same call chain that judged the packet, so that nothing is left to arrive later.
"""

import socket
import struct
from dataclasses import dataclass

from attributes import attr, attrs

NETLINK_NETFILTER = 12
NFNL_SUBSYS_ULOG = 4
NFULNL_MSG_PACKET, NFULNL_MSG_CONFIG = 0, 1
NLM_F_REQUEST, NLM_F_ACK = 1, 4
NLMSG_ERROR = 2
NFULA_CFG_CMD, NFULA_CFG_MODE, NFULA_CFG_QTHRESH = 1, 2, 5
NFULNL_CFG_CMD_BIND = 1
NFULNL_COPY_PACKET = 2
NFULA_PACKET_HDR, NFULA_MARK, NFULA_IFINDEX_IN, NFULA_IFINDEX_OUT = 1, 2, 4, 5
NFULA_PAYLOAD, NFULA_PREFIX = 9, 10
SO_RCVBUFFORCE = 33


class Overrun(Exception):
    """Records were lost: they came faster than they were read."""


@dataclass
class Record:
    """One logged packet."""

    family: int
    group: int
    hook: int
    prefix: str
    mark: int
    ifindex_in: int
    ifindex_out: int
    payload: bytes


class Listener:
    """Holds the socket; make it in the namespace that it listens to."""

    def __init__(self, groups):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20)
        self.socket.bind((0, 0))
        for group in groups:
            self.bind(group)
        self.socket.setblocking(False)

    def configure(self, group, payload):
        """Sends one configuration message and waits for its answer."""
        header = struct.pack("=BBH", 0, 0, socket.htons(group))
        kind = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG
        size = 16 + len(header) + len(payload)
        flags = NLM_F_REQUEST | NLM_F_ACK
        message = struct.pack("=IHHII", size, kind, flags, 1, 0) + header + payload
        self.socket.send(message)
        answer = self.socket.recv(4096)
        code = struct.unpack_from("=i", answer, 16)[0]
        if struct.unpack_from("=H", answer, 4)[0] != NLMSG_ERROR or code != 0:
            raise OSError(-code, f"nfnetlink_log refuses group {group}")

    def bind(self, group):
        self.configure(group, attr(NFULA_CFG_CMD, bytes([NFULNL_CFG_CMD_BIND])))
        mode = struct.pack("!IBB", 0xFFFF, NFULNL_COPY_PACKET, 0)
        self.configure(
            group,
            attr(NFULA_CFG_MODE, mode) + attr(NFULA_CFG_QTHRESH, struct.pack("!I", 1)),
        )

    def drain(self):
        """Returns the records that have come in."""
        records = []
        while True:
            try:
                data = self.socket.recv(1 << 18)
            except BlockingIOError:
                return records
            except OSError as e:
                raise Overrun from e
            while len(data) >= 20:
                size, kind = struct.unpack_from("=IH", data)
                if kind == NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET:
                    records.append(self.record(data[16:size]))
                data = data[(size + 3) & ~3 :]

    @staticmethod
    def record(body):
        family, _, group = struct.unpack_from("!BBH", body)
        found = {kind & 0x7FFF: payload for kind, payload in attrs(body[4:])}

        def number(kind):
            return struct.unpack("!I", found[kind])[0] if kind in found else 0

        return Record(
            family=family,
            group=group,
            hook=found[NFULA_PACKET_HDR][2],
            prefix=found.get(NFULA_PREFIX, b"").rstrip(b"\0").decode("latin-1"),
            mark=number(NFULA_MARK),
            ifindex_in=number(NFULA_IFINDEX_IN),
            ifindex_out=number(NFULA_IFINDEX_OUT),
            payload=found.get(NFULA_PAYLOAD, b""),
        )
