# SPDX-License-Identifier: GPL-2.0-or-later
: bridge filter/FORWARD
# ebtables-save writes "!" behind the option
-p IPv4 -s 00:11:22:33:44:55 -d 00:11:22:33:44:66/ff:ff:ff:00:00:00 -i eth0 -o eth1 --logical-in br0 --logical-out br1 ; -p IPv4 -s 00:11:22:33:44:55 -d 00:11:22:00:00:00/ff:ff:ff:00:00:00 -i eth0 -o eth1 --logical-in br0 --logical-out br1 ; ok
! -p ARP ! -s Unicast ! -d Multicast ! -i eth+ ! -o eth1 ! --logical-in br0 ! --logical-out br+ ; = ; ok
-p ! ARP ; ! -p ARP ; ok
-p 0x86dd ; -p IPv6 ; ok
-p 2048 ; -p 0x2048 ; ok
-p length ; -p LENGTH ; ok
! -p LENGTH ; = ; ok
-p 802_1Q ; = ; ok
-p 0x1234 ; = ; ok
-p nonsense ; ; error: -p
-s 01:00:00:00:00:00/01:00:00:00:00:00 ; -s Multicast ; ok
-s ff:ff:ff:ff:ff:ff -d BGA ; -s Broadcast -d BGA ; ok
-p IPv4 | udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-p IPv6 | udp 10.0.0.1:1 > 10.0.0.2:2 ; miss
! -p IPv6 | udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-p LENGTH | udp 10.0.0.1:1 > 10.0.0.2:2 ; miss
-p 802_1Q | vlan=5 udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-p IPv4 | vlan=5 udp 10.0.0.1:1 > 10.0.0.2:2 ; miss
-s 00:11:22:33:44:55 | mac=00:11:22:33:44:55 udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
! -s 00:11:22:33:44:55 | mac=00:11:22:33:44:55 udp 10.0.0.1:1 > 10.0.0.2:2 ; miss
-d Multicast | to-mac=01:00:5e:00:00:01 udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-d Broadcast | to-mac=01:00:5e:00:00:01 udp 10.0.0.1:1 > 10.0.0.2:2 ; miss
-d Unicast | udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-i eth0 -o eth+ | in=eth0 out=eth1 udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-i eth1 | in=eth0 udp 10.0.0.1:1 > 10.0.0.2:2 ; miss
# not asked where the interface is in no bridge
--logical-in br0 | in=eth0 udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-p LENGTH | frame ffffffffffff0200000000010003424203 ; hit
-p 0x1234 | frame ffffffffffff0200000000011234aabb ; hit
