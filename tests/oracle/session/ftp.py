# SPDX-License-Identifier: GPL-2.0-or-later
"""FTP: vsftpd, with curl and lftp, passive and active, PORT, PASV, EPRT and EPSV."""

import functools
import socket
import struct
import time

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


class Control:
    """A control connection that sends what it is told, and waits only when asked."""

    def __init__(self, net, where, address, target):
        self.socket = net.connect(where, address, (target, 21))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.heard = b""
        self.await_reply(b"220")
        self.say("USER anonymous")
        self.await_reply(b"331")
        self.say("PASS guest@example")
        self.await_reply(b"230")

    def say(self, line):
        self.socket.sendall(line.encode() + b"\r\n")

    def await_reply(self, code):
        """The line that begins with the code; those before it are passed over."""
        while True:
            line, separator, rest = self.heard.partition(b"\r\n")
            if separator:
                self.heard = rest
                if line.startswith(code + b" "):
                    return line.decode()
                continue
            data = self.socket.recv(4096)
            if not data:
                raise n.Failed("the server hung up")
            self.heard += data


def lose_first(net, where, direction, port, text):
    """At this host the first packet with the text is lost: it is sent again, others before it."""
    words = ["iptables-legacy", "-A", "INPUT", "-p", "tcp", direction, str(port)]
    words += ["-m", "string", "--algo", "bm", "--string", text]
    words += ["-m", "statistic", "--mode", "nth", "--every", "1000000", "--packet", "0"]
    words += ["-j", "DROP"]
    with net.inside(where):
        net.command(words)


def active(net, control, where, address, ahead):
    """One file by PORT; so many commands behind it are sent without waiting."""
    listener = net.listen(where, address, 0)
    port = listener.getsockname()[1]
    control.say(f"PORT {address.replace('.', ',')},{port >> 8},{port & 255}")
    for i in range(ahead):
        control.say("NOOP" + " " * i)
    for _ in range(ahead + 1):
        control.await_reply(b"200")
    control.say("RETR notes.txt")
    data, _ = net.accept(listener)
    if data.recv(4096, socket.MSG_WAITALL) != CONTENT.encode():
        raise n.Failed("something else was sent")
    data.close()
    control.await_reply(b"226")


def losses(net, lost, ahead):
    """Packets are lost behind the router, after it changed their length: the command that
    announces, or what follows it, so that the server acknowledges selectively.

    A command that is sent again after three others is not known any more to Linux's helper,
    which remembers where the last two lines ended; so PORT is lost with nothing ahead."""
    server(net, "outer")
    control = Control(net, "inner", n.INNER, n.OUTER)
    lose_first(net, "outer", "--dport", 21, lost)
    active(net, control, "inner", n.INNER, ahead)
    active(net, control, "inner", n.INNER, ahead)
    control.say("QUIT")
    control.await_reply(b"221")
    control.socket.close()


def passive_lost(net):
    """The answer to PASV is lost behind the router, with its address rewritten."""
    server(net, "inner")
    control = Control(net, "outer", n.OUTER, n.ROUTER_OUT)
    lose_first(net, "outer", "--sport", 21, "227 Entering")
    control.say("PASV")
    numbers = control.await_reply(b"227").partition("(")[2].split(")")[0].split(",")
    target = ".".join(numbers[:4]), int(numbers[4]) * 256 + int(numbers[5])
    data = net.connect("outer", n.OUTER, target)
    control.say("RETR notes.txt")
    if data.recv(4096, socket.MSG_WAITALL) != CONTENT.encode():
        raise n.Failed("something else was sent")
    data.close()
    control.await_reply(b"226")
    control.socket.close()


def bounced(net):
    """A command that names somebody else's address foresees nothing."""
    server(net, "outer")
    control = Control(net, "inner", n.INNER, n.OUTER)
    control.say(f"PORT {n.INNER2.replace('.', ',')},4,1")
    control.await_reply(b"200")
    with net.inside("outer"):
        stranger = socket.socket()
    net.sockets.append(stranger)
    stranger.setblocking(False)
    stranger.connect_ex((n.INNER2, 1025))
    control.say("QUIT")
    control.await_reply(b"221")
    control.socket.close()


def split(net):
    """A command in two segments: Linux drops the first, however often it comes."""
    server(net, "outer")
    control = Control(net, "inner", n.INNER, n.OUTER)
    control.socket.sendall(f"PORT {n.INNER.replace('.', ',')},".encode())
    control.say("4,1")
    time.sleep(0.5)
    control.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    control.socket.close()


def words(net):
    """Commands as people type them."""
    server(net, "outer")
    control = Control(net, "inner", n.INNER, n.OUTER)
    for command in ("port {comma},{high},{low}", "eprt |1|{dot}|{port}|", "Eprt !1!{dot}!{port}!"):
        listener = net.listen("inner", n.INNER, 0)
        port = listener.getsockname()[1]
        comma = n.INNER.replace(".", ",")
        low = {"comma": comma, "dot": n.INNER, "high": port >> 8, "low": port & 255, "port": port}
        control.say(command.format(**low))
        control.await_reply(b"200")
        control.say("retr notes.txt")
        data, _ = net.accept(listener)
        data.recv(4096, socket.MSG_WAITALL)
        data.close()
        control.await_reply(b"226")
    for command, code in (("EPSV 1", b"229"), ("epsv", b"229"), ("pasv", b"227")):
        control.say(command)
        control.await_reply(code)
    control.say("EPSV ALL")
    control.say("QUIT")
    control.await_reply(b"221")
    control.socket.close()


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
    Session("ftp-lost", {"ipv4": policy(FTP, snat())},
            functools.partial(losses, lost="NOOP", ahead=3), NEEDS),
    Session("ftp-lost-port", {"ipv4": policy(FTP, snat())},
            functools.partial(losses, lost="PORT", ahead=0), NEEDS),
    Session("ftp-bounced", {"ipv4": policy(FTP)}, bounced, NEEDS),
    Session("ftp-split", {"ipv4": policy(FTP, snat())}, split, NEEDS),
    Session("ftp-words", {"ipv4": policy(FTP, snat())}, words, NEEDS),
    Session("ftp-lost-227", {"ipv4": policy(FTP, dnat(FTP))}, passive_lost, NEEDS),
]  # fmt: skip
