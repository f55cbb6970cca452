# SPDX-License-Identifier: GPL-2.0-or-later
: arp filter/OUTPUT
# arptables-save 1.8.9 has the target first, and does not show a hardware type or length that is Ethernet's
! -s 10.0.0.1 ! -d 10.0.0.2/16 ! -o eth1 ! --opcode Request ; ! -o eth1 ! -s 10.0.0.1 ! -d 10.0.0.0/16 ! --opcode Request ; ok
--opcode 2 ; --opcode Reply ; ok
--opcode inarp_request ; --opcode InARP_Request ; ok
--opcode 20 ; = ; ok
--opcode foo ; ; error: --opcode
-l 6 ; = ; ok
--h-length 6 ; -l 6 ; ok
--source-mac 00:11:22:33:44:55 --destination-mac 00:11:22:33:44:66/ff:ff:ff:00:00:00 ; --src-mac 00:11:22:33:44:55 --dst-mac 00:11:22:00:00:00/ff:ff:ff:00:00:00 ; ok
--h-type 1 ; --h-type Ethernet ; ok
--h-type 5 ; = ; ok
--proto-type 0x800 ; --proto-type IPv4 ; ok
--proto-type 0x86dd ; = ; ok
-s 2001:db8::1 ; ; error: IPv4
-p tcp ; ; error: -p
-s 10.0.0.1 | arp 10.0.0.1 > 10.0.0.2 op=1 ; hit
-s 10.0.0.1 | arp 10.0.0.3 > 10.0.0.2 op=1 ; miss
! -s 10.0.0.1 | arp 10.0.0.3 > 10.0.0.2 op=1 ; hit
-d 10.0.0.0/24 | arp 10.0.0.3 > 10.0.0.2 op=1 ; hit
-o eth1 | out=eth1 arp 10.0.0.3 > 10.0.0.2 op=1 ; hit
-o eth2 | out=eth1 arp 10.0.0.3 > 10.0.0.2 op=1 ; miss
--opcode Request | arp 10.0.0.3 > 10.0.0.2 op=1 ; hit
! --opcode Request | arp 10.0.0.3 > 10.0.0.2 op=2 ; hit
--opcode Request | arp 10.0.0.3 > 10.0.0.2 op=2 ; miss
--h-length 6 --h-type 1 --proto-type 0x800 | arp 10.0.0.3 > 10.0.0.2 op=1 ; hit
--h-length 8 | arp 10.0.0.3 > 10.0.0.2 op=1 ; miss
--src-mac 00:11:22:33:44:55 | mac=00:11:22:33:44:55 arp 10.0.0.3 > 10.0.0.2 op=1 ; hit
--src-mac 00:11:22:00:00:00/ff:ff:ff:00:00:00 | mac=00:11:23:33:44:55 arp 10.0.0.3 > 10.0.0.2 op=1 ; miss
! --dst-mac 00:11:22:33:44:55 | arp 10.0.0.3 > 10.0.0.2 op=1 ; hit
: arp filter/INPUT
-i eth+ | in=eth7 arp 10.0.0.3 > 10.0.0.2 op=1 ; hit
