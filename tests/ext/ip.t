# SPDX-License-Identifier: GPL-2.0-or-later
: bridge filter/FORWARD
-p IPv4 --ip-source 10.0.0.1 --ip-destination 10.0.0.0/8 --ip-tos 0x10 --ip-protocol tcp --ip-source-port 1:2 --ip-destination-port 80 ; -p IPv4 --ip-src 10.0.0.1 --ip-dst 10.0.0.0/8 --ip-tos 0x10 --ip-proto tcp --ip-sport 1:2 --ip-dport 80 ; ok
-p IPv4 ! --ip-src 10.0.0.1 ! --ip-dst 10.0.0.0/255.0.255.0 ! --ip-tos 16 ! --ip-proto udp ; -p IPv4 ! --ip-src 10.0.0.1 ! --ip-dst 10.0.0.0/255.0.255.0 ! --ip-tos 0x10 ! --ip-proto udp ; ok
-p IPv4 --ip-proto 17 ! --ip-sport 5 ! --ip-dport 1:65535 ; -p IPv4 --ip-proto udp ! --ip-sport 5 ! --ip-dport 1:65535 ; ok
-p IPv4 --ip-proto icmp --ip-icmp-type 3/1 ; -p IPv4 --ip-proto icmp --ip-icmp-type host-unreachable ; ok
-p IPv4 --ip-proto icmp --ip-icmp-type 3:5/1:2 ; = ; ok
-p IPv4 --ip-proto igmp --ip-igmp-type membership-query ; -p IPv4 --ip-proto igmp --ip-igmp-type 17 ; ok
--ip-src 10.0.0.1 ; ; error: needs -p IPv4
! -p IPv4 --ip-src 10.0.0.1 ; ; error: needs -p IPv4
-p IPv4 --ip-sport 5 ; ; error: needs --ip-proto
-p IPv4 --ip-proto icmp --ip-sport 5 ; ; error: need --ip-proto tcp
-p IPv4 ! --ip-proto tcp --ip-sport 5 ; ; error: need --ip-proto tcp
-p IPv4 --ip-proto tcp --ip-icmp-type 3 ; ; error: needs --ip-proto icmp
-p IPv4 --ip-src 10.0.0.1 | udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-p IPv4 --ip-src 10.0.0.1 | udp 10.0.0.3:1 > 10.0.0.2:2 ; miss
-p IPv4 ! --ip-dst 10.0.0.0/24 | udp 10.0.0.3:1 > 10.0.1.2:2 ; hit
-p IPv4 --ip-tos 0x10 | udp 10.0.0.3:1 > 10.0.1.2:2 tos=0x10 ; hit
-p IPv4 --ip-proto udp --ip-dport 2 | udp 10.0.0.3:1 > 10.0.1.2:2 ; hit
-p IPv4 --ip-proto udp --ip-dport 2 | udp 10.0.0.3:1 > 10.0.1.2:2 frag=8 ; miss
-p IPv4 --ip-proto udp ! --ip-sport 1 | udp 10.0.0.3:1 > 10.0.1.2:2 ; miss
-p IPv4 --ip-proto icmp --ip-icmp-type 3:5/1:2 | icmp 10.0.0.3 > 10.0.1.2 type=4 code=2 ; hit
-p IPv4 --ip-proto icmp --ip-icmp-type 3:5/1:2 | icmp 10.0.0.3 > 10.0.1.2 type=4 code=3 ; miss
-p IPv4 --ip-proto udp ! --ip-sport 1 | hex 45000016000100004011000045000016 ; miss
