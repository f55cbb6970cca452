# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-p ah -m ah --ahspi 5 ; = ; ok
-p ah -m ah ! --ahspi 5:10 ; = ; ok
-p ah -m ah --ahspi 5: ; -p ah -m ah --ahspi 5:4294967295 ; ok
-p ah -m ah --ahspi 0:4294967295 ; -p ah -m ah ; ok
-p ah -m ah ; = ; ok
: ipv6 filter/INPUT
-m ah --ahspi 5 ; = ; ok
-m ah ! --ahspi 5:6 --ahlen 12 --ahres ; = ; ok
-m ah ! --ahlen 24 ; = ; ok
-m ah ; = ; ok
-m ah --ahspi 0:4294967295 ; -m ah ; ok
: ipv4 filter/FORWARD
-p ah -m ah --ahspi 5:10 | ah 10.0.0.1 > 10.0.0.2 spi=7 ; hit
-p ah -m ah --ahspi 5:10 | ah 10.0.0.1 > 10.0.0.2 spi=11 ; miss
-p ah -m ah ! --ahspi 5:10 | ah 10.0.0.1 > 10.0.0.2 spi=11 ; hit
-p ah -m ah --ahspi 5:10 | ah 10.0.0.1 > 10.0.0.2 spi=7 frag=64 ; miss
-p ah -m ah ! --ahspi 5:10 | hex 4500001c00010000403366ac 0a0000010a000002 0604000000000007 ; bad
-m ah --ahspi 5 ; ; error: needs -p
: ipv6 filter/INPUT
-m ah --ahspi 7 | hex 600000000018334020010db800000000000000000000000120010db8000000000000000000000002 110400000000000700000001000000000000000000000000 ; hit
-m ah --ahspi 8 | hex 600000000018334020010db800000000000000000000000120010db8000000000000000000000002 110400000000000700000001000000000000000000000000 ; miss
-m ah --ahlen 24 | hex 600000000018334020010db800000000000000000000000120010db8000000000000000000000002 110400000000000700000001000000000000000000000000 ; hit
-m ah --ahlen 24 --ahres | hex 600000000018334020010db800000000000000000000000120010db8000000000000000000000002 110400010000000700000001000000000000000000000000 ; miss
-m ah --ahspi 7 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; miss
-m ah ! --ahspi 7 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; miss
-m ah ! --ahspi 8 | hex 600000000008334020010db800000000000000000000000120010db8000000000000000000000002 1104000000000007 ; bad
: ipv6 filter/FORWARD
-m ah --ahlen 70000000000 ; ; error: ahlen
