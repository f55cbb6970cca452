# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-m tos --tos 0x10 ; -m tos --tos 0x10/0xff ; ok
-m tos --tos Minimize-Delay ; -m tos --tos 0x10/0x3f ; ok
-m tos --tos 0x10/0xf0 ; = ; ok
-m tos ! --tos 16 ; -m tos ! --tos 0x10/0xff ; ok
-m tos --tos 0x10/0xff ; = ; ok
-m tos --tos 0x3/0x3f ; -m tos --tos 0x03/0x3f ; ok
-m tos --tos Normal-Service ; -m tos --tos 0x00/0x3f ; ok
-m tos --tos 256 ; ; error: --tos: '256' is not a TOS
-m tos --tos min ; ; error: --tos: 'min' is not a TOS
: ipv6 filter/INPUT
-m tos --tos 0x10 ; -m tos --tos 0x10/0xff ; ok
: ipv4,ipv6,inet filter/FORWARD
-m tos --tos 0x10 | udp 10.0.0.1:1 > 10.0.0.2:2 tos=0x10 ; hit
-m tos --tos 0x10 | udp 10.0.0.1:1 > 10.0.0.2:2 tos=0x11 ; miss
-m tos --tos Minimize-Delay | udp 10.0.0.1:1 > 10.0.0.2:2 tos=0xd0 ; hit
-m tos ! --tos 0x10/0xf0 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 tos=0x2f ; hit
-m tos --tos 0xb8 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 tos=0xb8 ; hit
