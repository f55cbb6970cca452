# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-p icmp --icmp-type 8 ; -p icmp -m icmp --icmp-type 8 ; ok
-p icmp --icmp-type echo-request ; -p icmp -m icmp --icmp-type 8 ; ok
-p icmp --icmp-type any ; -p icmp -m icmp --icmp-type any ; ok
-p icmp --icmp-type 3/1 ; -p icmp -m icmp --icmp-type 3/1 ; ok
-p icmp ! --icmp-type network-unreachable ; -p icmp -m icmp ! --icmp-type 3/0 ; ok
-p icmp --icmp-type 3/256 ; ; error: --icmp-type: '3/256' is not an ICMP type
-p icmp --icmp-type redirect ; -p icmp -m icmp --icmp-type 5 ; ok
-p icmp --icmp-type 255 ; -p icmp -m icmp --icmp-type any ; ok
-p icmp --icmp-type 255/0 ; -p icmp -m icmp --icmp-type any ; ok
-p icmp -m icmp ; ; error: icmp needs --icmp-type
-p icmp --icmp-type foo ; ; error: --icmp-type: 'foo' is not one of
-p icmp --icmp-type echo ; ; error: --icmp-type: 'echo' may be echo-reply or echo-request
-p icmp --icmp-type time ; ; error: --icmp-type: 'time' may be time-exceeded or timestamp-request
-p icmp ! --icmp-type any ; -p icmp -m icmp ! --icmp-type any ; ok
: ipv6 filter/INPUT
-p icmp --icmpv6-type 2 ; ; error: unknown option --icmpv6-type;
: ipv4 filter/FORWARD
-p icmp --icmp-type echo-request | icmp 10.0.0.1 > 10.0.0.2 type=8 ; hit
-p icmp --icmp-type echo-request | icmp 10.0.0.1 > 10.0.0.2 type=0 ; miss
-p icmp ! --icmp-type echo-request | icmp 10.0.0.1 > 10.0.0.2 type=0 ; hit
-p icmp --icmp-type 3 | icmp 10.0.0.1 > 10.0.0.2 type=3 code=7 ; hit
-p icmp --icmp-type 3/1 | icmp 10.0.0.1 > 10.0.0.2 type=3 code=1 ; hit
-p icmp --icmp-type 3/1 | icmp 10.0.0.1 > 10.0.0.2 type=3 code=2 ; miss
-p icmp --icmp-type any | icmp 10.0.0.1 > 10.0.0.2 type=77 code=9 ; hit
-p icmp ! --icmp-type any | icmp 10.0.0.1 > 10.0.0.2 type=77 code=9 ; miss
-p icmp --icmp-type 8 | icmp 10.0.0.1 > 10.0.0.2 type=8 frag=64 ; miss
-p icmp --icmp-type 8 | hex 45000018000100004001 66e20a0000010a000002 0800f7ff ; bad
-p icmp ! --icmp-type 8 | hex 45000018000100004001 66e20a0000010a000002 0800f7ff ; bad
