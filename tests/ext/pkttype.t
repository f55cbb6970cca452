# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-m pkttype --pkt-type unicast ; = ; ok
-m pkttype --pkt-type host ; -m pkttype --pkt-type unicast ; ok
-m pkttype ! --pkt-type broadcast ; = ; ok
-m pkttype --pkt-type bcast ; -m pkttype --pkt-type broadcast ; ok
-m pkttype --pkt-type mcast ; -m pkttype --pkt-type multicast ; ok
-m pkttype --pkt-type MULTICAST ; -m pkttype --pkt-type multicast ; ok
-m pkttype --pkt-type otherhost ; = ; ok
: ipv4,ipv6,inet filter/INPUT
-m pkttype --pkt-type broadcast | to-mac=ff:ff:ff:ff:ff:ff udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m pkttype --pkt-type broadcast | to-mac=01:00:5e:00:00:01 udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m pkttype --pkt-type multicast | to-mac=01:00:5e:00:00:01 udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m pkttype ! --pkt-type unicast | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m pkttype --pkt-type foo ; ; error: --pkt-type
: bridge filter/FORWARD
--pkttype-type host ; = ; ok
--pkttype-type 4 ; --pkttype-type outgoing ; ok
! --pkttype-type otherhost ; = ; ok
--pkttype-type broadcast | to-mac=ff:ff:ff:ff:ff:ff udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
--pkttype-type broadcast | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
: bridge filter/FORWARD
--pkttype-type foo ; ; error: pkttype-type
