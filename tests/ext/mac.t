# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-m mac --mac-source 00:11:22:aA:44:55 ; -m mac --mac-source 00:11:22:aa:44:55 ; ok
-m mac ! --mac-source 00:11:22:aA:44:55 ; -m mac ! --mac-source 00:11:22:aa:44:55 ; ok
-m mac --mac-source 0:1:2:3:4:5 ; -m mac --mac-source 00:01:02:03:04:05 ; ok
: ipv4,ipv6,inet filter/FORWARD
-m mac --mac-source 00:11:22:33:44:55 | mac=00:11:22:33:44:55 udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m mac --mac-source 00:11:22:33:44:55 | mac=00:11:22:33:44:56 udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m mac ! --mac-source 00:11:22:33:44:55 | mac=00:11:22:33:44:56 udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m mac ; ; error: mac needs --mac-source
-m mac --mac-source 00:11:22:33:44 ; ; error: is not a hardware address
: ipv4 filter/OUTPUT
-m mac --mac-source 00:11:22:33:44:55 ; ; error: OUTPUT
