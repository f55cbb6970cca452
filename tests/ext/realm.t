# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/INPUT
-m realm --realm 5 ; -m realm --realm 0x5 ; ok
-m realm --realm 0x5/0xf ; = ; ok
-m realm ! --realm 5 ; -m realm ! --realm 0x5 ; ok
: ipv4 filter/INPUT
-m realm --realm 0 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m realm --realm 5 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
: ipv4 raw/PREROUTING
-m realm --realm 5 ; ; error: PREROUTING
