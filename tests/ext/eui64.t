# SPDX-License-Identifier: GPL-2.0-or-later
: ipv6 filter/INPUT
-m eui64 ; = ; ok
! -m eui64 ; ; error: "!" stands before an option of a match, not here
: ipv6 filter/INPUT
-m eui64 | mac=00:11:22:33:44:55 udp6 [2001:db8::211:22ff:fe33:4455]:53 > [2001:db8::2]:53 ; hit
-m eui64 | mac=00:11:22:33:44:56 udp6 [2001:db8::211:22ff:fe33:4455]:53 > [2001:db8::2]:53 ; miss
: ipv6 filter/OUTPUT
-m eui64 ; ; error: OUTPUT
