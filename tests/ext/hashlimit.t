# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/INPUT
-m hashlimit --hashlimit-upto 5/sec --hashlimit-name a ; -m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-name a ; ok
-m hashlimit --hashlimit 5/sec --hashlimit-name a --hashlimit-burst 10 --hashlimit-mode srcip,dstport ; -m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 10 --hashlimit-mode srcip,dstport --hashlimit-name a ; ok
-m hashlimit --hashlimit-above 5/min --hashlimit-mode dstip,srcip,srcport --hashlimit-srcmask 24 --hashlimit-dstmask 16 --hashlimit-name b --hashlimit-htable-size 100 --hashlimit-htable-max 200 --hashlimit-htable-gcinterval 300 --hashlimit-htable-expire 400 ; -m hashlimit --hashlimit-above 5/min --hashlimit-burst 5 --hashlimit-mode srcip,srcport,dstip --hashlimit-name b --hashlimit-htable-size 100 --hashlimit-htable-max 200 --hashlimit-htable-gcinterval 300 --hashlimit-htable-expire 400 --hashlimit-srcmask 24 --hashlimit-dstmask 16 ; ok
-m hashlimit --hashlimit-upto 1mb/s --hashlimit-name c ; = ; ok
-m hashlimit --hashlimit-upto 512kb/s --hashlimit-burst 1mb --hashlimit-name c ; = ; ok
-m hashlimit --hashlimit-above 100b/s --hashlimit-name d ; = ; ok
-m hashlimit ! --hashlimit-upto 5/s --hashlimit-name e ; -m hashlimit --hashlimit-above 5/sec --hashlimit-burst 5 --hashlimit-name e ; ok
-m hashlimit --hashlimit-above 5/s --hashlimit-name e --hashlimit-rate-match ; -m hashlimit --hashlimit-above 5/sec --hashlimit-burst 5 --hashlimit-name e --hashlimit-rate-match ; ok
-m hashlimit --hashlimit-above 5/s --hashlimit-name e --hashlimit-rate-match --hashlimit-rate-interval 60 ; -m hashlimit --hashlimit-above 5/sec --hashlimit-burst 5 --hashlimit-name e --hashlimit-rate-match --hashlimit-rate-interval 60 ; ok
-m hashlimit --hashlimit-above 1000000/s --hashlimit-name e ; -m hashlimit --hashlimit-above 1000000/sec --hashlimit-burst 5 --hashlimit-name e ; ok
-m hashlimit --hashlimit-above 1000001/s --hashlimit-name e ; ; error: --hashlimit-above: the rate is too fast: at most 1000000/sec or 4294967295b/s
-m hashlimit --hashlimit-above 10/day --hashlimit-name e --hashlimit-mode srcip ; -m hashlimit --hashlimit-above 10/day --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name e ; ok
-m hashlimit --hashlimit-above 120/min --hashlimit-name e --hashlimit-mode srcip ; -m hashlimit --hashlimit-above 2/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name e --hashlimit-htable-expire 60000 ; ok
-m hashlimit --hashlimit-above 10/hour --hashlimit-name e --hashlimit-mode srcip --hashlimit-burst 5 ; -m hashlimit --hashlimit-above 10/hour --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name e ; ok
-m hashlimit --hashlimit-above 10/hour --hashlimit-mode srcip ; ; error: hashlimit needs --hashlimit-name
-m hashlimit --hashlimit-name x --hashlimit-mode srcip ; ; error: hashlimit needs --hashlimit-upto or --hashlimit-above
-m hashlimit --hashlimit-upto 10/s --hashlimit-above 10/hour --hashlimit-name x ; ; error: --hashlimit-upto must not stand beside --hashlimit-above
-m hashlimit --hashlimit-upto 10/s --hashlimit-mode none --hashlimit-name x ; ; error: --hashlimit-mode: 'none' is not one of
-m hashlimit --hashlimit-upto 10/s --hashlimit-mode srcip --hashlimit-srcmask 33 --hashlimit-name x ; ; error: --hashlimit-srcmask: 33 is outside 0 to 32
-m hashlimit --hashlimit-upto 10/s --hashlimit-mode srcip --hashlimit-srcmask 0 --hashlimit-name x ; -m hashlimit --hashlimit-upto 10/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name x --hashlimit-srcmask 0 ; ok
-m hashlimit --hashlimit-upto 1000kb/s --hashlimit-mode srcip --hashlimit-name x ; = ; ok
-m hashlimit --hashlimit-upto 5000/min --hashlimit-mode srcip --hashlimit-name x ; -m hashlimit --hashlimit-upto 5000/min --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name x ; ok
-m hashlimit --hashlimit-upto 7/day --hashlimit-mode srcip --hashlimit-name x ; -m hashlimit --hashlimit-upto 7/day --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name x ; ok
-m hashlimit --hashlimit-upto 86400/day --hashlimit-mode srcip --hashlimit-name x ; -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name x --hashlimit-htable-expire 86400000 ; ok
: ipv6 filter/INPUT
-m hashlimit --hashlimit-upto 10/s --hashlimit-mode srcip --hashlimit-srcmask 64 --hashlimit-name x ; -m hashlimit --hashlimit-upto 10/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name x --hashlimit-srcmask 64 ; ok
: ipv4 filter/INPUT
-m hashlimit --hashlimit-upto 1/s --hashlimit-name a --hashlimit-mode srcip | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m hashlimit --hashlimit-above 1/s --hashlimit-name a --hashlimit-mode srcip | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m hashlimit --hashlimit-upto 512kb/s --hashlimit-name a | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m hashlimit --hashlimit-upto 512kb/s --hashlimit-burst 5kb --hashlimit-name a ; ; error: cannot be less than
-m hashlimit --hashlimit-upto 5/s --hashlimit-burst 5kb --hashlimit-name a ; ; error: in bytes
# there have to be ports to tell by
-m hashlimit --hashlimit-upto 1/s --hashlimit-name a --hashlimit-mode dstport | hex 4500001600010000401166d40a0000010a00000203e8 ; bad
-m hashlimit --hashlimit-above 1/s --hashlimit-name a --hashlimit-mode dstport | hex 4500001600010000401166d40a0000010a00000203e8 ; bad
-m hashlimit --hashlimit-upto 1/s --hashlimit-name a --hashlimit-mode dstport | icmp 10.0.0.1 > 10.0.0.2 ; hit
: ipv6 filter/INPUT
-m hashlimit --hashlimit-upto 10/s --hashlimit-mode srcip,dstip --hashlimit-srcmask 64 --hashlimit-name x | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; hit
-m hashlimit --hashlimit-upto 10/s --hashlimit-mode srcip --hashlimit-srcmask 129 --hashlimit-name x ; ; error: outside 0 to 128
