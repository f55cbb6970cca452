# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-p 6 -m tcp --dport 80 ; -p tcp -m tcp --dport 80 ; ok
-p tcp --dport 80: ; -p tcp -m tcp --dport 80:65535 ; ok
-p tcp --dport :80 ; -p tcp -m tcp --dport 0:80 ; ok
-p tcp --dport 0:65535 ; -p tcp -m tcp ; ok
-p tcp ! --dport 0:65535 ; -p tcp -m tcp ! --dport 0:65535 ; ok
-p tcp --dport 80:80 ; -p tcp -m tcp --dport 80 ; ok
-p tcp --dport 90:80 ; ; error: --dport: the range from port 90 to 80 is backwards
-p tcp --sport ssh ; -p tcp -m tcp --sport 22 ; ok
-p tcp --tcp-flags ALL NONE ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE ; ok
-p tcp --tcp-flags ALL ALL ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG FIN,SYN,RST,PSH,ACK,URG ; ok
-p tcp --tcp-flags NONE NONE ; -p tcp -m tcp --tcp-flags NONE NONE ; ok
-p tcp ! --syn ; -p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN ; ok
-p tcp --syn ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN ; ok
-p tcp --tcp-flags SYN,RST,ACK,FIN SYN ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN ; ok
-p tcp ! --tcp-flags PSH,URG psh ; -p tcp -m tcp ! --tcp-flags PSH,URG PSH ; ok
-p tcp --tcp-option 0 ; ; error: --tcp-option: 0 is outside 1 to 255
-p tcp ! --tcp-option 5 ; -p tcp -m tcp ! --tcp-option 5 ; ok
-p tcp --tcp-option 256 ; ; error: --tcp-option: 256 is outside 1 to 255
-p tcp --tcp-option 5 --syn --sport 1 --dport 2 ; -p tcp -m tcp --sport 1 --dport 2 --tcp-option 5 --tcp-flags FIN,SYN,RST,ACK SYN ; ok
-p tcp --sport 1 --sport 2 ; ; error: --sport is given twice
-p tcp ! --sport 1:2 ! --dport 3:4 ; -p tcp -m tcp ! --sport 1:2 ! --dport 3:4 ; ok
-m tcp --sport 1 ; ; error: match tcp needs -p tcp
: ipv4 filter/FORWARD
-p tcp --dport 22 | tcp 10.0.0.1:1000 > 10.0.0.2:22 syn ; hit
-p tcp --dport 22 | tcp 10.0.0.1:1000 > 10.0.0.2:23 syn ; miss
-p tcp --dport 20:22 | tcp 10.0.0.1:1000 > 10.0.0.2:20 syn ; hit
-p tcp --dport 20:22 | tcp 10.0.0.1:1000 > 10.0.0.2:19 syn ; miss
-p tcp ! --dport 22 | tcp 10.0.0.1:1000 > 10.0.0.2:22 syn ; miss
-p tcp ! --dport 22 | tcp 10.0.0.1:1000 > 10.0.0.2:23 syn ; hit
-p tcp --sport 1000 | tcp 10.0.0.1:1000 > 10.0.0.2:22 syn ; hit
-p tcp --sport 1000 --dport 23 | tcp 10.0.0.1:1000 > 10.0.0.2:22 syn ; miss
-p tcp ! --dport 0:65535 | tcp 10.0.0.1:1000 > 10.0.0.2:22 syn ; miss
-p tcp --syn | tcp 10.0.0.1:1000 > 10.0.0.2:22 syn ; hit
-p tcp --syn | tcp 10.0.0.1:1000 > 10.0.0.2:22 syn ack ; miss
-p tcp ! --syn | tcp 10.0.0.1:1000 > 10.0.0.2:22 ack ; hit
-p tcp --tcp-flags ALL NONE | tcp 10.0.0.1:1000 > 10.0.0.2:22 ; hit
-p tcp --tcp-flags ALL FIN,PSH,URG | tcp 10.0.0.1:1000 > 10.0.0.2:22 fin psh urg ; hit
-p tcp --tcp-flags SYN,RST SYN,RST | tcp 10.0.0.1:1000 > 10.0.0.2:22 syn ; miss
-p tcp --tcp-option 2 | tcp 10.0.0.1:1000 > 10.0.0.2:22 syn mss=1460 ; hit
-p tcp --tcp-option 3 | tcp 10.0.0.1:1000 > 10.0.0.2:22 syn mss=1460 ; miss
-p tcp ! --tcp-option 3 | tcp 10.0.0.1:1000 > 10.0.0.2:22 syn ; hit
-p tcp --tcp-option 3 | tcp 10.0.0.1:1000 > 10.0.0.2:22 syn options=|0101030307000000| ; hit
# the end of the list is passed over, as Linux does
-p tcp --tcp-option 3 | tcp 10.0.0.1:1000 > 10.0.0.2:22 syn options=|00030307| ; hit
# a header that is not all there
-p tcp --dport 22 | hex 45000028000100004006667d0a0000010a00000203e8 ; bad
-p tcp ! --dport 22 | hex 4500002c000100004006 0a0000010a000002 ; bad
# options beyond the packet, a header length of 16
-p tcp --tcp-option 3 | hex 4500002800010000400666cd0a0000010a00000203e8001600000000000000006002200000000000 ; bad
-p tcp ! --tcp-option 3 | hex 4500002800010000400666cd0a0000010a00000203e8001600000000000000004002200000000000 ; bad
# later fragments have no ports; one that could overwrite the flags is bad
-p tcp --dport 22 | tcp 10.0.0.1:1000 > 10.0.0.2:22 frag=16 ; miss
-p tcp ! --dport 22 | tcp 10.0.0.1:1000 > 10.0.0.2:22 frag=16 ; miss
-p tcp --dport 22 | tcp 10.0.0.1:1000 > 10.0.0.2:22 frag=8 ; bad
-p tcp ! --dport 22 | tcp 10.0.0.1:1000 > 10.0.0.2:22 frag=8 ; bad
-p tcp --dport 22 | udp 10.0.0.1:1000 > 10.0.0.2:22 ; miss
: ipv6 filter/FORWARD
-p tcp --dport 22 | tcp6 [2001:db8::1]:1000 > [2001:db8::2]:22 syn ; hit
-p tcp --dport 22 | tcp6 [2001:db8::1]:1000 > [2001:db8::2]:22 syn hbh=|05020000| dst=|01020000| ; hit
-p tcp --dport 22 | tcp6 [2001:db8::1]:1000 > [2001:db8::2]:22 frag=8 ; miss
