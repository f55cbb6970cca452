# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-m length --length 5 ; = ; ok
-m length ! --length 5:10 ; = ; ok
-m length --length :10 ; -m length --length 0:10 ; ok
-m length --length 10: ; -m length --length 10:65535 ; ok
-m length --length 0:65535 ; = ; ok
-m length --length 0 ; = ; ok
-m length --length 10:5 ; = ; ok
-m length --length 65536 ; ; error: --length: 65536 is outside 0 to 65535
: ipv4 filter/FORWARD
-m length --length 28:30 | udp 10.0.0.1:1 > 10.0.0.2:2 len=2 ; hit
-m length --length 28:30 | udp 10.0.0.1:1 > 10.0.0.2:2 len=3 ; miss
-m length ! --length 28:30 | udp 10.0.0.1:1 > 10.0.0.2:2 len=3 ; hit
-m length --length 10:5 | udp 10.0.0.1:1 > 10.0.0.2:2 len=3 ; miss
: ipv6 filter/FORWARD
-m length --length 48 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; hit
-m length --length 49 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; miss
