# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-m addrtype --src-type LOCAL ; = ; ok
-m addrtype ! --src-type LOCAL ! --dst-type UNICAST,BROADCAST ; = ; ok
-m addrtype --dst-type LOCAL,UNSPEC,XRESOLVE ; -m addrtype --dst-type UNSPEC,LOCAL,XRESOLVE ; ok
-m addrtype --dst-type local ; -m addrtype --dst-type LOCAL ; ok
-m addrtype --dst-type local --limit-iface-in ; -m addrtype --dst-type LOCAL --limit-iface-in ; ok
-m addrtype --dst-type local --limit-iface-out ; -m addrtype --dst-type LOCAL --limit-iface-out ; ok
-m addrtype --limit-iface-out ; ; error: --limit-iface-out needs --src-type or --dst-type beside it
-m addrtype ; ; error: addrtype needs --src-type or --dst-type
: ipv6 filter/INPUT
-m addrtype --src-type LOCAL ; = ; ok
-m addrtype --src-type PROHIBIT ; ; error: addrtype: IPv6 knows no BROADCAST, BLACKHOLE, PROHIBIT, THROW, NAT or XRESOLVE
-m addrtype --src-type BROADCAST ; ; error: addrtype: IPv6 knows no BROADCAST, BLACKHOLE, PROHIBIT, THROW, NAT or XRESOLVE
: ipv4 filter/FORWARD
-m addrtype --dst-type MULTICAST | udp 10.0.0.9:1 > 224.0.0.5:2 ; hit
-m addrtype --dst-type MULTICAST | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m addrtype ! --dst-type MULTICAST | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m addrtype --dst-type BROADCAST | udp 10.0.0.9:1 > 255.255.255.255:2 ; hit
-m addrtype --src-type BROADCAST | udp 0.0.0.0:1 > 255.255.255.255:2 ; hit
-m addrtype --src-type UNICAST --dst-type BROADCAST,MULTICAST | udp 10.0.0.9:1 > 224.0.0.5:2 ; hit
-m addrtype --dst-type LOCAL --limit-iface-in --limit-iface-out ; ; error: must not stand beside
: ipv6 filter/FORWARD
-m addrtype --dst-type MULTICAST | udp6 [2001:db8::1]:53 > [ff02::1]:53 ; hit
-m addrtype --src-type UNICAST | udp6 [2001:db8::1]:53 > [ff02::1]:53 ; hit
-m addrtype --src-type UNSPEC | udp6 [::]:53 > [ff02::1]:53 ; hit
# of these both must hold
-m addrtype --src-type UNSPEC,UNICAST | udp6 [2001:db8::1]:53 > [ff02::1]:53 ; miss
: ipv4 filter/INPUT
-m addrtype --dst-type LOCAL --limit-iface-out ; ; error: INPUT
