# SPDX-License-Identifier: GPL-2.0-or-later
"""SNMP version 1: snmpd, snmpget, snmpwalk and snmptrap; addresses in values are translated."""

import functools

from session import network as n
from session.rules import Service, Session, dnat, policy, snat

SNMP = [Service("-p udp --dport 161", "snmp")]
TRAP = [Service("-p udp --dport 162", "snmp_trap")]
NEEDS = ("snmpd", "snmpget", "snmptrap")
CONFIGURATION = """
rocommunity public
sysName office
sysLocation here
pass .1.3.6.1.4.1.8072.9999 /bin/sh {script}
"""
# An agent that knows of addresses; the fourth word of its command is the object asked for.
SCRIPT = """
case "$1 $2" in
"-g .1.3.6.1.4.1.8072.9999.1") echo "$2"; echo ipaddress; echo %s;;
"-g .1.3.6.1.4.1.8072.9999.2") echo "$2"; echo ipaddress; echo %s;;
"-g .1.3.6.1.4.1.8072.9999.3") echo "$2"; echo counter; echo 70000;;
"-g .1.3.6.1.4.1.8072.9999.4") echo "$2"; echo timeticks; echo 4711;;
"-g .1.3.6.1.4.1.8072.9999.5") echo "$2"; echo objectid; echo .1.3.6.1;;
esac
""" % (
    n.INNER,
    n.INNER2,
)
ADDRESSES = "1.3.6.1.2.1.4.20.1.1"
OBJECTS = [f"1.3.6.1.4.1.8072.9999.{i}" for i in range(1, 6)]


def agent(net, where):
    path, script = net.folder / "snmpd.conf", net.folder / "agent.sh"
    path.write_text(CONFIGURATION.format(script=script), encoding="ascii")
    script.write_text(SCRIPT, encoding="ascii")
    net.env["SNMP_PERSISTENT_DIR"] = str(net.folder / "snmp")
    net.start(where, "snmpd", "-f", "-C", "-c", str(path), "-Lo", "-I", "-smux", "udp:0.0.0.0:161")
    net.await_listener(where, 161, "udp")


def ask(net, target, server, client):
    """Both versions, one and many objects, an error, the end of the tree."""
    agent(net, server)
    options = ["-c", "public", "-On", "-r", "0", target]
    net.run(client, "snmpwalk", "-v1", *options, ADDRESSES)
    net.run(client, "snmpget", "-v1", *options, *OBJECTS)
    net.run(client, "snmpget", "-v2c", *options, OBJECTS[0], "1.3.6.1.2.1.1.5.0")
    net.run(client, "snmpget", "-v2c", *options, OBJECTS[1], "1.3.6.1.2.1.1.99.0", OBJECTS[0])
    net.run(client, "snmpget", "-v1", *options, "1.3.6.1.2.1.1.99.0", may_fail=True)
    net.run(client, "snmpbulkget", "-v2c", *options, ADDRESSES)


def tell(net, version):
    """Traps. Linux knows no Trap-PDU of version 1, and drops it where it would translate."""
    net.udp("outer", n.OUTER, 162)
    words = ["snmptrap", "-v", version, "-c", "public", n.OUTER]
    value = ["1.3.6.1.4.1.8072.2.3.2.1", "a"]
    trap = ["4711", "1.3.6.1.4.1.8072.2.3.0.1"]
    cold = ["4712", "1.3.6.1.6.3.1.1.5.1"]
    if version == "1":
        trap = ["1.3.6.1.4.1.8072", n.INNER, "6", "17", "4711"]
        cold = ["1.3.6.1.4.1.8072", n.INNER, "0", "0", "4712"]
    net.run("inner", *words, *trap, *value, n.INNER)
    net.run("inner", *words, *trap, *value, n.INNER2, *value, n.INNER, value[0], "s", "text")
    net.run("inner", *words, *cold)


def make(name, services, play, nat=()):
    return Session(name, {"ipv4": policy(services, nat)}, play, NEEDS)


ASK_OUT = functools.partial(ask, target=n.OUTER, server="outer", client="inner")
ASK_IN = functools.partial(ask, target=n.ROUTER_OUT, server="inner", client="outer")
TELL, TELL1 = functools.partial(tell, version="2c"), functools.partial(tell, version="1")
SESSIONS = [
    make("snmp-plain", SNMP, ASK_OUT),
    make("snmp-snat", SNMP, ASK_OUT, snat()),
    make("snmp-dnat", SNMP, ASK_IN, dnat(SNMP)),
    make("snmp-trap-plain", TRAP, TELL),
    make("snmp-trap-snat", TRAP, TELL, snat()),
    make("snmp-trap1-plain", TRAP, TELL1),
    make("snmp-trap1-snat", TRAP, TELL1, snat()),
]
