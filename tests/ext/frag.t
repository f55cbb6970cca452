# SPDX-License-Identifier: GPL-2.0-or-later
: ipv6 filter/INPUT
-m frag --fragid 5 --fraglen 6 --fragres --fragfirst --fraglast ; = ; ok
-m frag ! --fragid 5:10 ! --fraglen 5 --fragmore ; = ; ok
-m frag --fragfirst --fragmore --fragres ; -m frag --fragres --fragfirst --fragmore ; ok
-m frag --fraglast --fragmore ; ; error: --fragmore must not stand beside --fraglast
-m frag --fragid :5 ; -m frag --fragid 0:5 ; ok
-m frag --fragid 5: ; -m frag --fragid 5:4294967295 ; ok
-m frag ; = ; ok
: ipv6 filter/INPUT
-m frag --fragfirst | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 mf ; hit
-m frag --fragfirst | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 frag=64 ; miss
-m frag --fragmore | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 frag=64 mf ; hit
-m frag --fragmore | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 frag=64 ; miss
-m frag --fraglast | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 frag=64 ; hit
-m frag --fraglast | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; miss
-m frag | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; miss
# nexthdr 44, then: 17, reserved, offset 0 with more, id 0x07
-m frag --fragid 7 | hex 6000000000102c4020010db800000000000000000000000120010db8000000000000000000000002 1100000100000007 0035003500080000 ; hit
-m frag --fragid 8 | hex 6000000000102c4020010db800000000000000000000000120010db8000000000000000000000002 1100000100000007 0035003500080000 ; miss
-m frag ! --fragid 8 | hex 6000000000102c4020010db800000000000000000000000120010db8000000000000000000000002 1100000100000007 0035003500080000 ; hit
-m frag --fragres | hex 6000000000102c4020010db800000000000000000000000120010db8000000000000000000000002 1101000100000007 0035003500080000 ; miss
-m frag --fragres | hex 6000000000102c4020010db800000000000000000000000120010db8000000000000000000000002 1100000100000007 0035003500080000 ; hit
-m frag ! --fragid 8 | hex 6000000000042c4020010db800000000000000000000000120010db8000000000000000000000002 11000001 ; bad
