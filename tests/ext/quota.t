# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/INPUT
-m quota --quota 1000 ; = ; ok
-m quota ! --quota 1000 ; = ; ok
-m quota --quota 0 ; = ; ok
-m quota ; ; error: quota needs --quota
: ipv4 filter/INPUT
-m quota --quota 28 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m quota --quota 27 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m quota ! --quota 27 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
