# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-p udp --dport 53 --sport domain ; -p udp -m udp --sport 53 --dport 53 ; ok
-p udp ! --dport 53 ; -p udp -m udp ! --dport 53 ; ok
-p 17 -m udp ; -p udp -m udp ; ok
: ipv4 filter/FORWARD
-p udp --dport 53 | udp 10.0.0.1:1000 > 10.0.0.2:53 ; hit
-p udp --dport 53 | udp 10.0.0.1:1000 > 10.0.0.2:54 ; miss
-p udp ! --dport 53 | udp 10.0.0.1:1000 > 10.0.0.2:54 ; hit
-p udp --sport 1000:1001 | udp 10.0.0.1:1001 > 10.0.0.2:54 ; hit
-p udp --dport 53 | tcp 10.0.0.1:1000 > 10.0.0.2:53 ; miss
-p udp --dport 53 | udp 10.0.0.1:1000 > 10.0.0.2:53 frag=8 ; miss
-p udp --dport 53 | hex 4500001800010000401166d20a0000010a00000203e80035 ; bad
-p udp ! --dport 53 | hex 4500001800010000401166d20a0000010a00000203e80035 ; bad
: ipv6 filter/FORWARD
-p udp --dport 53 | udp6 [2001:db8::1]:1000 > [2001:db8::2]:53 ; hit
-p udp --dport 53 | udp6 [2001:db8::1]:1000 > [2001:db8::2]:53 frag=64 ; miss
: ipv4,ipv6,inet filter/FORWARD
-p udplite -m udplite --dport 53 ; = ; ok
-p udplite -m udplite --dport 53 | udplite 10.0.0.1:1 > 10.0.0.2:53 ; hit
-p udplite -m udplite ! --dport 53 | udplite 10.0.0.1:1 > 10.0.0.2:53 ; miss
: ipv4,ipv6 filter/FORWARD
-p udp -m udp --dport 70000 ; ; error: dport
-p udplite -m udplite --sport 1:70000 ; ; error: sport
