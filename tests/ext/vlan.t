# SPDX-License-Identifier: GPL-2.0-or-later
: bridge filter/FORWARD
-p 802_1Q --vlan-id 5 ; = ; ok
-p 802_1Q ! --vlan-id 5 ; = ; ok
-p 802_1Q ! --vlan-prio 3 ; = ; ok
-p 802_1Q --vlan-id 0 --vlan-prio 7 ; = ; ok
# the priority has no effect beside an id
-p 802_1Q --vlan-id 5 --vlan-prio 3 --vlan-encap 0800 ; -p 802_1Q --vlan-id 5 --vlan-encap IPv4 ; ok
-p 802_1Q --vlan-id 4096 ; ; error: outside 0 to 4095
-p 802_1Q --vlan-encap 20 ; ; error: outside 60
--vlan-id 5 ; ; error: needs -p 802_1Q
-p 802_1Q --vlan-id 5 | vlan=5 udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-p 802_1Q --vlan-id 5 | vlan=6 udp 10.0.0.1:1 > 10.0.0.2:2 ; miss
-p 802_1Q ! --vlan-id 5 | vlan=6 udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-p 802_1Q --vlan-prio 3 | vlan=24581 udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-p 802_1Q --vlan-encap IPv4 | vlan=5 udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-p 802_1Q --vlan-encap ARP | vlan=5 udp 10.0.0.1:1 > 10.0.0.2:2 ; miss
