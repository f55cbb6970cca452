# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-p tcp -m ecn --ecn-tcp-cwr --ecn-tcp-ece --ecn-ip-ect 1 ; -p tcp -m ecn --ecn-tcp-ece --ecn-tcp-cwr --ecn-ip-ect 1 ; ok
-p tcp -m ecn ! --ecn-tcp-cwr ! --ecn-tcp-ece ! --ecn-ip-ect 3 ; -p tcp -m ecn ! --ecn-tcp-ece ! --ecn-tcp-cwr ! --ecn-ip-ect 3 ; ok
-m ecn --ecn-ip-ect 4 ; ; error: --ecn-ip-ect: 4 is outside 0 to 3
-m ecn --ecn-ip-ect 0 ; = ; ok
-m ecn --ecn-tcp-cwr ; ; error: match ecn needs -p tcp
-m ecn ; ; error: ecn needs --ecn-tcp-ece, --ecn-tcp-cwr or --ecn-ip-ect
: ipv6 filter/INPUT
-m ecn --ecn-ip-ect 1 ; = ; ok
: ipv4,ipv6,inet filter/FORWARD
-m ecn --ecn-ip-ect 2 | udp 10.0.0.1:1 > 10.0.0.2:2 tos=0x12 ; hit
-m ecn --ecn-ip-ect 2 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 tos=0x11 ; miss
-m ecn ! --ecn-ip-ect 2 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 tos=0x11 ; hit
-p tcp -m ecn --ecn-tcp-ece | tcp 10.0.0.1:1 > 10.0.0.2:2 ece ; hit
-p tcp -m ecn --ecn-tcp-ece | tcp 10.0.0.1:1 > 10.0.0.2:2 cwr ; miss
-p tcp -m ecn ! --ecn-tcp-ece --ecn-tcp-cwr | tcp 10.0.0.1:1 > 10.0.0.2:2 cwr ; hit
