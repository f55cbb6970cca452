# SPDX-License-Identifier: GPL-2.0-or-later
: bridge filter/FORWARD
-p ARP --arp-opcode 1 --arp-htype 1 --arp-ptype IPv4 --arp-ip-src 10.0.0.1 --arp-ip-dst 10.0.0.0/24 --arp-mac-src 00:11:22:33:44:55 --arp-mac-dst 00:11:22:33:44:55/ff:ff:ff:00:00:00 ; -p ARP --arp-op Request --arp-htype Ethernet --arp-ptype IPv4 --arp-ip-src 10.0.0.1 --arp-ip-dst 10.0.0.0/24 --arp-mac-src 00:11:22:33:44:55 --arp-mac-dst 00:11:22:00:00:00/ff:ff:ff:00:00:00 ; ok
-p ARP ! --arp-op 1 ! --arp-htype 2 ! --arp-ptype 0x86dd ! --arp-ip-src 10.0.0.1 ! --arp-mac-src 00:11:22:33:44:55 ; -p ARP ! --arp-op Request ! --arp-htype 2 ! --arp-ptype IPv6 ! --arp-ip-src 10.0.0.1 ! --arp-mac-src 00:11:22:33:44:55 ; ok
-p ARP ! --arp-gratuitous ; = ; ok
-p RARP --arp-op 3 ; -p RARP --arp-op Request_Reverse ; ok
--arp-op 1 ; ; error: needs -p ARP
-p ARP --arp-op Request | arp 10.0.0.1 > 10.0.0.2 op=1 ; hit
-p ARP --arp-op Request | arp 10.0.0.1 > 10.0.0.2 op=2 ; miss
-p ARP --arp-ip-src 10.0.0.1 ! --arp-ip-dst 10.0.0.1 | arp 10.0.0.1 > 10.0.0.2 op=2 ; hit
-p ARP --arp-gratuitous | arp 10.0.0.1 > 10.0.0.1 op=2 ; hit
-p ARP --arp-gratuitous | arp 10.0.0.1 > 10.0.0.2 op=2 ; miss
-p ARP --arp-mac-src 00:11:22:33:44:55 | mac=00:11:22:33:44:55 arp 10.0.0.1 > 10.0.0.2 op=2 ; hit
-p ARP --arp-htype 2 | arp 10.0.0.1 > 10.0.0.2 op=2 ; miss
