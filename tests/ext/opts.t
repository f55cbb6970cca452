# SPDX-License-Identifier: GPL-2.0-or-later
: ipv6 filter/INPUT
-m hbh --hbh-len 8 ; = ; ok
-m hbh ! --hbh-len 8 --hbh-opts 1:4,5,7:0 ; = ; ok
-m hbh --hbh-opts 1:4,5 --hbh-not-strict ; ; error: unknown option --hbh-not-strict
-m hbh ! --hbh-opts 5 ; ; error: "!" does not apply to --hbh-opts
-m hbh ; = ; ok
-m dst --dst-len 8 --dst-opts 1:4,5 ; = ; ok
-m dst ! --dst-len 8 ; = ; ok
-m dst ! --dst-opts 5 ; ; error: "!" does not apply to --dst-opts
-m dst --dst-opts 0x5:0x4 ; -m dst --dst-opts 5:4 ; ok
-m dst --dst-not-strict ; ; error: unknown option --dst-not-strict
-m dst --dst-opts 1:300 ; ; error: --dst-opts: '1:300' is not TYPE[:LENGTH], each 0 to 255
-m dst --dst-len 5 --dst-len 6 ; ; error: --dst-len is given twice
: ipv6 filter/INPUT
-m hbh --hbh-len 8 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|050200000100| ; hit
-m hbh ! --hbh-len 8 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|050200000100| ; miss
-m hbh --hbh-opts 5:2 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|050200000100| ; hit
-m hbh --hbh-opts 5 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|050200000100| ; hit
-m hbh --hbh-opts 5:3 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|050200000100| ; miss
-m hbh --hbh-opts 5,1:0 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|050200000100| ; hit
-m hbh --hbh-opts 1,5 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|050200000100| ; miss
-m hbh --hbh-opts 5,1,1 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|050200000100| ; miss
-m hbh | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; miss
-m dst --dst-opts 5:2 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 dst=|050200000100| ; hit
-m dst --dst-opts 5:2 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|050200000100| ; miss
-m dst ! --dst-len 16 | hex 6000000000013c4020010db800000000000000000000000120010db8000000000000000000000002 11 ; bad
-m dst ! --dst-len 16 | hex 6000000000083c4020010db800000000000000000000000120010db8000000000000000000000002 1101000000000000 ; bad
