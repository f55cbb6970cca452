# SPDX-License-Identifier: GPL-2.0-or-later
"""A client, a router and a server in network namespaces of our own, joined by veth pairs."""
import os
import shutil
import subprocess

CLIENT, ROUTER, SERVER = "client", "router", "server"


def why_not():
    """What this machine lacks to make namespaces with BPF in them, or None."""
    if os.geteuid() != 0:
        return "needs root"
    for path in ("/dev/net/tun", "/proc/self/ns/net"):
        if not os.path.exists(path):
            return f"there is no {path}"
    return None if shutil.which("ip") else "there is no ip"


class Hosts:
    """client 10.0.0.2, fd00::2 -- in0 router out0 -- server 10.1.0.2, fd01::2. The router is .1 and ::1."""

    def __init__(self):
        self.name = {h: f"pktt-{h}-{os.getpid()}" for h in (CLIENT, ROUTER, SERVER)}

    def __enter__(self):
        for h in self.name.values():
            self.ip("netns", "add", h)
            # Addresses of links are good at once: what is sent meanwhile would find no neighbour.
            subprocess.run(["ip", "netns", "exec", h, "sysctl", "-qw", "net.ipv6.conf.default.accept_dad=0"],
                           check=True)
        self.pair(CLIENT, "eth0", "in0", 0)
        self.pair(SERVER, "eth0", "out0", 1)
        for net, h in enumerate((CLIENT, SERVER)):
            self.ip("-n", self.name[h], "route", "add", "default", "via", f"10.{net}.0.1")
            self.ip("-n", self.name[h], "route", "add", "default", "via", f"fd0{net}::1")
        for h in self.name:
            self.ip("-n", self.name[h], "link", "set", "lo", "up")
        self.run(ROUTER, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        return self

    def __exit__(self, *_):
        for h in self.name.values():
            subprocess.run(["ip", "netns", "del", h], check=False)

    @staticmethod
    def ip(*args):
        subprocess.run(["ip", *args], check=True)

    def pair(self, host, name, ours, net):
        """Joins host to the router by a net of its own."""
        host, router = self.name[host], self.name[ROUTER]
        self.ip("link", "add", name, "netns", host, "type", "veth", "peer", "name", ours, "netns", router)
        for where, dev in ((host, name), (router, ours)):
            self.ip("-n", where, "link", "set", dev, "up")
        for where, dev, last in ((host, name, 2), (router, ours, 1)):
            self.ip("-n", where, "addr", "add", f"10.{net}.0.{last}/24", "dev", dev)
            self.ip("-n", where, "addr", "add", f"fd0{net}::{last}/64", "dev", dev, "nodad")

    def argv(self, host, *argv):
        return ["ip", "netns", "exec", self.name[host], *[str(a) for a in argv]]

    def run(self, host, *argv, timeout=60, **more):
        """(status, stdout and stderr)"""
        p = subprocess.run(self.argv(host, *argv), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                           timeout=timeout, check=False, **more)
        return p.returncode, p.stdout

    def popen(self, host, *argv, **more):
        return subprocess.Popen(self.argv(host, *argv), **more)
