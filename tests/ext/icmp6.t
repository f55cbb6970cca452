# SPDX-License-Identifier: GPL-2.0-or-later
: ipv6 filter/INPUT
-p icmpv6 --icmpv6-type 128 ; -p ipv6-icmp -m icmp6 --icmpv6-type 128 ; ok
-p icmpv6 -m icmpv6 --icmpv6-type echo-request ; -p ipv6-icmp -m icmp6 --icmpv6-type 128 ; ok
-p icmpv6 -m icmp6 ! --icmpv6-type 1/4 ; -p ipv6-icmp -m icmp6 ! --icmpv6-type 1/4 ; ok
-p icmpv6 --icmpv6-type port-unreachable ; -p ipv6-icmp -m icmp6 --icmpv6-type 1/4 ; ok
-p icmpv6 --icmpv6-type neighbour-solicitation ; -p ipv6-icmp -m icmp6 --icmpv6-type 135 ; ok
-p icmpv6 --icmpv6-type neighbor-advertisement ; -p ipv6-icmp -m icmp6 --icmpv6-type 136 ; ok
-p icmpv6 --icmpv6-type redirect ; -p ipv6-icmp -m icmp6 --icmpv6-type 137 ; ok
-p icmpv6 --icmpv6-type 255 ; -p ipv6-icmp -m icmp6 --icmpv6-type 255 ; ok
-p icmpv6 --icmpv6-type packet-too-big ; -p ipv6-icmp -m icmp6 --icmpv6-type 2 ; ok
-p icmpv6 --icmpv6-type ttl-exceeded ; -p ipv6-icmp -m icmp6 --icmpv6-type 3 ; ok
-p icmpv6 --icmpv6-type failed-policy ; -p ipv6-icmp -m icmp6 --icmpv6-type 1/5 ; ok
-p icmpv6 --icmpv6-type bad-header ; -p ipv6-icmp -m icmp6 --icmpv6-type 4/0 ; ok
-p icmpv6 --icmpv6-type any ; ; error: --icmpv6-type: 'any' is not one of
-p icmpv6 -m icmp6 ; ; error: icmp6 needs --icmpv6-type
-p icmpv6 --icmpv6-type 2/0 ; -p ipv6-icmp -m icmp6 --icmpv6-type 2/0 ; ok
: ipv6 filter/FORWARD
-p icmpv6 --icmpv6-type 128 | icmp6 2001:db8::1 > 2001:db8::2 type=128 ; hit
-p icmpv6 --icmpv6-type 128 | icmp6 2001:db8::1 > 2001:db8::2 type=129 ; miss
-p icmpv6 ! --icmpv6-type 128 | icmp6 2001:db8::1 > 2001:db8::2 type=129 ; hit
-p icmpv6 --icmpv6-type 1/4 | icmp6 2001:db8::1 > 2001:db8::2 type=1 code=4 ; hit
-p icmpv6 --icmpv6-type 1/4 | icmp6 2001:db8::1 > 2001:db8::2 type=1 code=3 ; miss
# 255 is a type like any other here
-p icmpv6 --icmpv6-type 255 | icmp6 2001:db8::1 > 2001:db8::2 type=128 ; miss
-p icmpv6 --icmpv6-type 128 | icmp6 2001:db8::1 > 2001:db8::2 type=128 frag=64 ; miss
