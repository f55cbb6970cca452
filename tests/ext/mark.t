# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-m mark --mark 1 ; -m mark --mark 0x1 ; ok
-m mark --mark 0x10/0xff ; = ; ok
-m mark ! --mark 0x10/0xffffffff ; -m mark ! --mark 0x10 ; ok
-m mark --mark 0/0 ; -m mark --mark 0x0/0x0 ; ok
-m mark --mark 0x1ff/0xff ; = ; ok
-m mark --mark 5000000000 ; ; error: --mark: 5000000000 is outside 0 to 4294967295
: ipv4,ipv6,inet filter/FORWARD
-m mark --mark 0x10/0xf0 | mark=0x1f tcp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-m mark --mark 0x10/0xf0 | mark=0x2f tcp 10.0.0.1:1 > 10.0.0.2:2 ; miss
-m mark ! --mark 1 | mark=0x2 tcp6 [::1]:1 > [::2]:2 ; hit
-m mark --mark 0/0 | mark=0x2 tcp6 [::1]:1 > [::2]:2 ; hit
# VALUE has bits that MASK lacks: never, as in Linux
-m mark --mark 0x1ff/0xff | mark=0x1ff tcp6 [::1]:1 > [::2]:2 ; miss
: arp filter/INPUT
-m mark --mark 7 ; -m mark --mark 0x7 ; ok
-m mark --mark 7 | mark=0x7 arp 10.0.0.1 > 10.0.0.2 op=1 ; hit
: bridge filter/FORWARD
--mark 1 ; --mark 0x1 ; ok
-m mark --mark 1 ; --mark 0x1 ; ok
! --mark 0x10/0xff ; = ; ok
--mark /5 ; --mark /0x5 ; ok
--mark /0x ; ; error: --mark
--mark /5 | mark=0x4 tcp 10.0.0.1:1 > 10.0.0.2:2 ; hit
--mark /5 | mark=0xa tcp 10.0.0.1:1 > 10.0.0.2:2 ; miss
! --mark /5 | mark=0xa tcp 10.0.0.1:1 > 10.0.0.2:2 ; hit
--mark 0x10/0xff | mark=0x210 tcp 10.0.0.1:1 > 10.0.0.2:2 ; hit
