# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP: vsftpd, with curl and lftp, passive and active, PORT, PASV, EPRT and EPSV."""

import functools

from session import network as n
from session.rules import MASQUERADE, Service, Session, both, dnat, policy, snat

FTP = [Service("-p tcp --dport 21", "ftp")]
CONFIGURATION = """
listen_ipv6=YES
listen=NO
background=NO
anonymous_enable=YES
ftp_username=ftp
nopriv_user=nobody
anon_root={folder}/files
secure_chroot_dir={folder}/empty
connect_from_port_20=YES
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
xferlog_enable=NO
use_localtime=NO
pasv_promiscuous=YES
port_promiscuous=YES
"""
NEEDS = ("vsftpd", "curl", "lftp")
PASV, EPSV = ("--disable-epsv",), ()
PORT, EPRT = ("--disable-eprt", "-P", "-"), ("-P", "-")
CONTENT = "Nothing is forwarded but what belongs to something.\n" * 8


def server(net, where):
    for name in ("files", "empty"):
        (net.folder / name).mkdir(exist_ok=True)
    (net.folder / "files" / "notes.txt").write_text(CONTENT, encoding="ascii")
    path = net.folder / "vsftpd.conf"
    path.write_text(CONFIGURATION.format(folder=net.folder), encoding="ascii")
    net.start(where, "vsftpd", str(path))
    net.await_listener(where, 21)


def fetch(net, where, target, ways):
    """Fetches the file once each way."""
    url = f"ftp://{f'[{target}]' if ':' in target else target}/notes.txt"
    for way in ways:
        if net.run(where, "curl", "-q", "-sS", "-m", "8", *way, url) != CONTENT:
            raise n.Failed("curl fetched something else")


def out(net, target, ways):
    server(net, "outer")
    fetch(net, "inner", target, ways)


def in_(net, target, ways):
    server(net, "inner")
    fetch(net, "outer", target, ways)


def listing(net, passive):
    """One control connection, several data connections."""
    server(net, "outer")
    settings = "set net:timeout 5; set net:max-retries 1; set ftp:sync-mode yes;"
    settings += f"set ftp:passive-mode {passive}; set ftp:use-feat no;"
    command = f"{settings} open -u anonymous,guest@example {n.OUTER}; ls; cat notes.txt; ls; bye"
    net.run("inner", "lftp", "--norc", "-c", command)


def make(name, play, target, ways, nat=()):
    family = "ipv6" if ":" in target else "ipv4"
    run = functools.partial(play, target=target, ways=ways)
    return Session(name, {family: policy(FTP, nat)}, run, NEEDS)


SESSIONS = [
    make("ftp-plain", out, n.OUTER, [PASV, PORT]),
    make("ftp-snat", out, n.OUTER, [PASV, EPSV, PORT, EPRT], snat()),
    make("ftp-dnat", in_, n.ROUTER_OUT, [PASV, EPSV, PORT, EPRT], dnat(FTP)),
    make("ftp-both", in_, n.ROUTER_OUT, [PASV, EPSV, PORT, EPRT], both(FTP)),
    make("ftp6-plain", out, n.OUTER6, [EPSV, EPRT]),
    make("ftp6-snat", out, n.OUTER6, [EPSV, EPRT], snat("ipv6")),
    make("ftp6-dnat", in_, n.ROUTER_OUT6, [EPSV, EPRT], dnat(FTP, "ipv6")),
    Session("ftp-list", {"ipv4": policy(FTP, MASQUERADE)},
            functools.partial(listing, passive="yes"), NEEDS),
    Session("ftp-list-active", {"ipv4": policy(FTP, MASQUERADE)},
            functools.partial(listing, passive="no"), NEEDS),
]  # fmt: skip
