# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-m iprange --src-range 10.0.0.1-10.0.0.9 ; = ; ok
-m iprange ! --dst-range 10.0.0.1-10.0.0.9 --src-range 10.0.0.1 ; -m iprange --src-range 10.0.0.1-10.0.0.1 ! --dst-range 10.0.0.1-10.0.0.9 ; ok
-m iprange --src-range 10.0.0.9-10.0.0.1 ; = ; ok
-m iprange ; ; error: iprange needs --src-range or --dst-range
: ipv6 filter/INPUT
-m iprange --src-range 2001:db8::1-2001:db8::5 ; = ; ok
: ipv4 filter/FORWARD
-m iprange --src-range 10.0.0.1-10.0.0.9 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m iprange --src-range 10.0.0.1-10.0.0.9 | udp 10.0.0.10:1 > 10.0.0.2:2 ; miss
-m iprange ! --src-range 10.0.0.1-10.0.0.9 | udp 10.0.0.10:1 > 10.0.0.2:2 ; hit
-m iprange --dst-range 10.0.0.255-10.0.1.3 | udp 10.0.0.10:1 > 10.0.1.0:2 ; hit
-m iprange --src-range 10.0.0.9-10.0.0.1 | udp 10.0.0.5:1 > 10.0.1.0:2 ; miss
: ipv6 filter/FORWARD
-m iprange --src-range 2001:db8::1-2001:db8::5 | udp6 [2001:db8::5]:53 > [2001:db8::2]:53 ; hit
-m iprange --src-range 2001:db8::1-2001:db8::5 | udp6 [2001:db8::6]:53 > [2001:db8::2]:53 ; miss
: inet filter/FORWARD
-m iprange ! --src-range 10.0.0.1-10.0.0.9 | udp6 [2001:db8::5]:53 > [2001:db8::2]:53 ; miss
