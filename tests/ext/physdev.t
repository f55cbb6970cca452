# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/INPUT
-m physdev --physdev-in eth0 --physdev-out eth1 ; = ; ok
-m physdev ! --physdev-in eth+ --physdev-is-bridged ; = ; ok
-m physdev --physdev-is-in --physdev-is-out ; = ; ok
-m physdev ! --physdev-is-in ! --physdev-is-bridged ! --physdev-is-out ; -m physdev ! --physdev-is-in ! --physdev-is-out ! --physdev-is-bridged ; ok
-m physdev ; ; error: physdev needs an option
: ipv4,ipv6,inet filter/FORWARD
-m physdev --physdev-in p1 | physin=p1 udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m physdev --physdev-in p+ | physin=p1 udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m physdev --physdev-in p2 | physin=p1 udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m physdev ! --physdev-in p2 | physin=p1 udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m physdev --physdev-out p2 --physdev-is-bridged | physin=p1 physout=p2 udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m physdev --physdev-out p2 --physdev-is-bridged | physin=p1 udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m physdev --physdev-is-in | physin=p1 udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m physdev ! --physdev-is-out | physin=p1 udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
# away from a bridge a condition holds exactly if it is negated
-m physdev --physdev-in p1 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m physdev ! --physdev-in p1 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m physdev ! --physdev-in p1 --physdev-is-in | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
: ipv4 filter/OUTPUT
-m physdev --physdev-out p1 ; ; error: OUTPUT
-m physdev --physdev-out p1 --physdev-is-bridged ; = ; ok
