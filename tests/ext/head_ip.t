# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-s 10.0.0.1 -d 10.0.0.0/8 -i eth0 -o eth1 -p tcp -f ; -s 10.0.0.1/32 -d 10.0.0.0/8 -i eth0 -o eth1 -p tcp -f ; ok
! -s 10.0.0.1/255.0.255.0 ! -d 0/0 ! -i eth+ ! -o + ! -p udp ! -f ; ! -s 10.0.0.0/255.0.255.0 ! -d 0.0.0.0/0 ! -i eth+ ! -o + ! -p udp ! -f ; ok
-i + -o + ;  ; ok
-s 0/0 -d 0.0.0.0/0 ;  ; ok
-s 10.1/16 ; -s 10.1.0.0/16 ; ok
-p 0 ;  ; ok
-p all ;  ; ok
! -p all ; ; error: "! -p all" would never match
-p 6 ; -p tcp ; ok
-p 250 ; = ; ok
-p icmp ; = ; ok
-p ipv6-icmp ; = ; ok
-p sctp ; = ; ok
: ipv6 filter/INPUT
-s 2001:db8::1 -d 2001:db8::/32 -i eth0 -o eth1 -p tcp ; -s 2001:db8::1/128 -d 2001:db8::/32 -i eth0 -o eth1 -p tcp ; ok
! -s 2001:db8::1/ffff::ffff ! -d ::/0 ! -p udp ; ! -s 2001::1/ffff::ffff ! -d ::/0 ! -p udp ; ok
-p ipv6-icmp ; = ; ok
-p icmpv6 ; -p ipv6-icmp ; ok
-p icmp ; = ; ok
-p 0 ;  ; ok
-p all ;  ; ok
-p hopopt ;  ; ok
-p ipv6-nonxt ; = ; ok
-p 59 ; -p ipv6-nonxt ; ok
-p esp ; = ; ok
-p ipv6-frag ; = ; ok
-p mobility-header ! --mh-type 5:6 ; -p mobility-header -m mh ! --mh-type 5:6 ; ok
: ipv4 filter/FORWARD
-s 10.0.0.1 | tcp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-s 10.0.0.1 | tcp 10.0.0.3:1 > 10.0.0.2:2 ; miss
! -s 10.0.0.1 | tcp 10.0.0.3:1 > 10.0.0.2:2 ; hit
-s 10.0.9.1/255.0.255.0 | tcp 10.7.9.9:1 > 10.0.0.2:2 ; hit
-s 10.0.9.1/255.0.255.0 | tcp 10.7.8.9:1 > 10.0.0.2:2 ; miss
-d 10.0.0.0/30 | tcp 10.0.0.1:1 > 10.0.0.3:2 ; hit
-d 10.0.0.0/30 | tcp 10.0.0.1:1 > 10.0.0.4:2 ; miss
! -d 0.0.0.0/0 | tcp 10.0.0.1:1 > 10.0.0.4:2 ; miss
-i eth0 | in=eth0 tcp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-i eth0 | in=eth01 tcp 10.0.0.1:1 > 10.0.0.2:2 ; miss
-i eth+ | in=eth01 tcp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-i eth+ | in=eth tcp 10.0.0.1:1 > 10.0.0.2:2 ; hit
! -i eth+ | in=wlan0 tcp 10.0.0.1:1 > 10.0.0.2:2 ; hit
! -i + | in=wlan0 tcp 10.0.0.1:1 > 10.0.0.2:2 ; miss
-o eth1 | out=eth1 tcp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-o eth1 | out=eth2 tcp 10.0.0.1:1 > 10.0.0.2:2 ; miss
! -o eth1 | out=eth2 tcp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-p tcp | udp 10.0.0.1:1 > 10.0.0.2:2 ; miss
! -p tcp | udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-p udp | udp 10.0.0.1:1 > 10.0.0.2:2 frag=64 ; hit
-f | udp 10.0.0.1:1 > 10.0.0.2:2 mf ; miss
-f | udp 10.0.0.1:1 > 10.0.0.2:2 frag=64 ; hit
! -f | udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
! -f | udp 10.0.0.1:1 > 10.0.0.2:2 frag=64 ; miss
: ipv4 filter/INPUT
# no interface has the empty name
! -i eth0 | tcp 10.0.0.1:1 > 10.0.0.2:2 ; miss
: ipv6 filter/FORWARD
-s 2001:db8::/32 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; hit
-s 2001:db8::/32 | udp6 [2001:db9::1]:53 > [2001:db8::2]:53 ; miss
! -d 2001:db8::2 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; miss
-p udp | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|05020000| ; hit
-p udp | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 frag=64 ; hit
-p ipv6-nonxt | hex 6000000000003b4020010db800000000000000000000000120010db8000000000000000000000002 ; hit
# the way along the headers ends in the dark: not even "!" may guess
-p udp | hex 600000000001004020010db800000000000000000000000120010db800000000000000000000000211 ; bad
! -p udp | hex 600000000001004020010db800000000000000000000000120010db800000000000000000000000211 ; bad
# a later fragment whose first bytes would be another extension header
! -p udp | hex 6000000000102c4020010db800000000000000000000000120010db80000000000000000000000023c000041000000010102030405060708 ; bad
-s 2001:db8::1 | hex 600000000001004020010db800000000000000000000000120010db800000000000000000000000211 ; hit
: inet filter/FORWARD
-s 10.0.0.1 | tcp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-s 10.0.0.1 | tcp6 [2001:db8::1]:1 > [2001:db8::2]:2 ; miss
! -s 10.0.0.1 | tcp6 [2001:db8::1]:1 > [2001:db8::2]:2 ; miss
-p tcp | tcp6 [2001:db8::1]:1 > [2001:db8::2]:2 ; hit
-p tcp | tcp 10.0.0.1:1 > 10.0.0.2:2 ; hit
