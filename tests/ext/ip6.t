# SPDX-License-Identifier: GPL-2.0-or-later
: bridge filter/FORWARD
-p IPv6 --ip6-src 2001:db8::1 --ip6-dst 2001:db8::/32 --ip6-tclass 0x10 --ip6-proto tcp --ip6-sport 1:2 --ip6-dport 80 ; = ; ok
-p IPv6 ! --ip6-src 2001:db8::1 ! --ip6-dst 2001:db8::/ffff:ffff:: ! --ip6-tclass 32 ! --ip6-proto udp ; -p IPv6 ! --ip6-src 2001:db8::1 ! --ip6-dst 2001:db8::/32 ! --ip6-tclass 0x20 ! --ip6-proto udp ; ok
-p IPv6 --ip6-proto ipv6-icmp --ip6-icmp-type echo-request ; = ; ok
-p IPv6 --ip6-proto ipv6-icmp ! --ip6-icmp-type 130:131/0:255 ; -p IPv6 --ip6-proto ipv6-icmp ! --ip6-icmp-type 130:131 ; ok
--ip6-src ::1 ; ; error: needs -p IPv6
-p IPv6 --ip6-proto ipv6-icmp --ip6-sport 1 ; ; error: need --ip6-proto tcp
-p IPv6 --ip6-src 2001:db8::/64 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; hit
-p IPv6 ! --ip6-src 2001:db8::/64 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; miss
-p IPv6 --ip6-tclass 0xb8 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 tos=0xb8 ; hit
-p IPv6 --ip6-proto udp --ip6-dport 53 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|05020000| ; hit
-p IPv6 --ip6-proto udp --ip6-dport 54 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; miss
# a later fragment's protocol is that of its fragment header
-p IPv6 --ip6-proto udp | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 frag=64 ; miss
-p IPv6 --ip6-proto 44 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 frag=64 ; hit
-p IPv6 --ip6-proto ipv6-icmp --ip6-icmp-type 128 | icmp6 2001:db8::1 > 2001:db8::2 type=128 ; hit
