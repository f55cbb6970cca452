# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-m dscp --dscp 10 ; -m dscp --dscp 0x0a ; ok
-m dscp --dscp 0x3f ; = ; ok
-m dscp ! --dscp 64 ; ; error: --dscp: 64 is outside 0 to 63
-m dscp ! --dscp-class EF ; -m dscp ! --dscp 0x2e ; ok
-m dscp --dscp-class af11 ; -m dscp --dscp 0x0a ; ok
-m dscp --dscp-class BE ; -m dscp --dscp 0x00 ; ok
-m dscp --dscp-class CS7 ; -m dscp --dscp 0x38 ; ok
-m dscp --dscp-class xx ; ; error: --dscp-class: 'xx' is not one of
: ipv4,ipv6,inet filter/FORWARD
-m dscp --dscp-class EF | udp 10.0.0.1:1 > 10.0.0.2:2 tos=0xb9 ; hit
-m dscp --dscp-class EF | udp 10.0.0.1:1 > 10.0.0.2:2 tos=0xb4 ; miss
-m dscp ! --dscp 0x2e | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 tos=0xb8 ; miss
-m dscp --dscp 0x2e | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 tos=0xb8 ; hit
