# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-p esp -m esp --espspi 0x10:20 ; -p esp -m esp --espspi 16:20 ; ok
-p esp -m esp ! --espspi 500 ; = ; ok
-p 50 -m esp --espspi :5 ; -p esp -m esp --espspi 0:5 ; ok
-m esp --espspi 5 ; ; error: match esp needs -p esp
: ipv6 filter/INPUT
-m esp --espspi 5 ; ; error: match esp needs -p esp
-p esp -m esp --espspi 5 ; = ; ok
: ipv4 filter/FORWARD
-p esp -m esp --espspi 5:10 | esp 10.0.0.1 > 10.0.0.2 spi=7 ; hit
-p esp -m esp --espspi 5:10 | esp 10.0.0.1 > 10.0.0.2 spi=11 ; miss
-p esp -m esp ! --espspi 5:10 | esp 10.0.0.1 > 10.0.0.2 spi=11 ; hit
-p esp -m esp ! --espspi 5:10 | esp 10.0.0.1 > 10.0.0.2 spi=11 frag=64 ; miss
-p esp -m esp ! --espspi 5:10 | hex 4500001800010000403266b1 0a0000010a000002 00000007 ; bad
: ipv6 filter/FORWARD
-p esp -m esp --espspi 7 | esp 2001:db8::1 > 2001:db8::2 spi=7 ; hit
