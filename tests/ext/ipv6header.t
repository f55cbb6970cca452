# SPDX-License-Identifier: GPL-2.0-or-later
: ipv6 filter/INPUT
-m ipv6header --header hop ; -m ipv6header --header hop-by-hop ; ok
-m ipv6header --header hop-by-hop,dst,route --soft ; -m ipv6header --header hop-by-hop,ipv6-opts,ipv6-route --soft ; ok
-m ipv6header ! --header ah,esp,none,prot ; -m ipv6header ! --header ah,esp,ipv6-nonxt,protocol ; ok
-m ipv6header --header 0,60,43,44,51,50,59,255 ; -m ipv6header --header hop-by-hop,ipv6-opts,ipv6-route,ipv6-frag,ah,esp,ipv6-nonxt,protocol ; ok
-m ipv6header --header auth,esp,ipv6-route,ipv6-frag,ipv6-opts,ipv6-nonxt,proto,frag ; ; error: --header: 'proto' is not known here
-m ipv6header ; ; error: ipv6header needs --header
-m ipv6header --soft ; ; error: ipv6header needs --header
: ipv6 filter/INPUT
-m ipv6header --header prot | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; hit
-m ipv6header --header hop,prot | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|050200000100| ; hit
-m ipv6header --header hop | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|050200000100| ; miss
-m ipv6header --header hop --soft | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|050200000100| ; hit
-m ipv6header --header hop,dst --soft | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|050200000100| ; miss
-m ipv6header ! --header hop --soft | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; hit
-m ipv6header ! --header hop,dst --soft | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 hbh=|050200000100| ; miss
-m ipv6header ! --header prot | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; miss
-m ipv6header --header frag,prot | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 mf ; hit
-m ipv6header --header esp | esp 2001:db8::1 > 2001:db8::2 spi=5 ; hit
-m ipv6header --header none | hex 6000000000003b4020010db800000000000000000000000120010db8000000000000000000000002 ; hit
-m ipv6header --header dst --soft | hex 6000000000013c4020010db800000000000000000000000120010db8000000000000000000000002 11 ; miss
