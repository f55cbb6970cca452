# SPDX-License-Identifier: GPL-2.0-or-later
"""TFTP: tftpd-hpa and tftp-hpa. The server answers from a port of its own choice."""

import functools
import shutil

from session import network as n
from session.rules import MASQUERADE, Service, Session, dnat, policy, snat

TFTP = [Service("-p udp --dport 69", "tftp")]
NEEDS = ("in.tftpd", "tftp")
CONTENT = "A block of TFTP has 512 bytes, this file has more.\n" * 25


def transfer(net, server, client, target):
    """A file fetched, one that is not there, and one that is put."""
    files = net.folder / "tftp"
    shutil.rmtree(files, ignore_errors=True)
    files.mkdir()
    files.chmod(0o777)
    (files / "notes").write_text(CONTENT, encoding="ascii")
    family, listen = ("-6", "[::]:69") if ":" in target else ("-4", "0.0.0.0:69")
    net.start(server, "in.tftpd", "-L", family, "-c", "-p", "-a", listen, "-s", str(files))
    net.await_listener(server, 69, "udp")
    words = ["tftp", family, target, "-m", "binary", "-c"]
    net.run(client, *words, "get", "notes")
    if (net.folder / "notes").read_text("ascii") != CONTENT:
        raise n.Failed("tftp fetched something else")
    net.run(client, *words, "get", "nothing", may_fail=True)
    net.run(client, *words, "put", "notes", "copy")


def make(name, server, client, target, nat=()):
    family = "ipv6" if ":" in target else "ipv4"
    play = functools.partial(transfer, server=server, client=client, target=target)
    return Session(name, {family: policy(TFTP, nat)}, play, NEEDS)


SESSIONS = [
    make("tftp-plain", "outer", "inner", n.OUTER),
    make("tftp-snat", "outer", "inner", n.OUTER, snat()),
    make("tftp-dnat", "inner", "outer", n.ROUTER_OUT, dnat(TFTP)),
    make("tftp6-plain", "outer", "inner", n.OUTER6),
    make("tftp6-snat", "outer", "inner", n.OUTER6, MASQUERADE),
    make("tftp6-dnat", "inner", "outer", n.ROUTER_OUT6, dnat(TFTP, "ipv6")),
]
