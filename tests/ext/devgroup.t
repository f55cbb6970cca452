# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/INPUT
-m devgroup --src-group 5 ; -m devgroup --src-group 0x5 ; ok
-m devgroup --src-group 0x5/0xf ! --dst-group 7 ; ; error: devgroup works in FORWARD, not in INPUT
-m devgroup ; ; error: devgroup needs --src-group or --dst-group
: ipv4 filter/FORWARD
-m devgroup --src-group 0x5/0xf ! --dst-group 7 ; -m devgroup --src-group 0x5/0xf ! --dst-group 0x7 ; ok
-m devgroup --src-group 0 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m devgroup ! --src-group 0 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m devgroup ! --dst-group 1 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
