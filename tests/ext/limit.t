# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-m limit ; -m limit --limit 3/hour ; ok
-m limit --limit 5/sec ; = ; ok
-m limit --limit 1/s --limit-burst 10 ; -m limit --limit 1/sec --limit-burst 10 ; ok
-m limit --limit 5/min ; = ; ok
-m limit --limit 60/min ; -m limit --limit 1/sec ; ok
-m limit --limit 120/min ; -m limit --limit 2/sec ; ok
-m limit --limit 3/day ; = ; ok
-m limit --limit 10/h ; -m limit --limit 10/hour ; ok
-m limit --limit 3/second ; -m limit --limit 3/sec ; ok
-m limit --limit 10000/s ; -m limit --limit 10000/sec ; ok
-m limit --limit 10001/s ; ; error: --limit: more than 10000/sec is too fast
-m limit --limit 7/min ; = ; ok
-m limit --limit 100/hour ; = ; ok
-m limit --limit 1/year ; ; error: --limit: '1/year' is not a rate
-m limit --limit 0/s ; ; error: --limit: a rate of 0 is no rate
-m limit --limit 5 ; -m limit --limit 5/sec ; ok
-m limit --limit-burst 0 ; ; error: --limit-burst: 0 is outside 1 to 10000
-m limit --limit-burst 10001 ; ; error: --limit-burst: 10001 is outside 1 to 10000
-m limit --limit-burst 5 ; -m limit --limit 3/hour ; ok
-m limit ! --limit 5/s ; ; error: "!" does not apply to --limit
-m limit --limit 1000/min ; = ; ok
-m limit --limit 333/s ; -m limit --limit 333/sec ; ok
-m limit --limit 30/minu ; -m limit --limit 30/min ; ok
-m limit --limit 30/mi ; -m limit --limit 30/min ; ok
-m limit --limit 30/m ; -m limit --limit 30/min ; ok
: ipv4,ipv6,inet filter/FORWARD
-m limit --limit 1/s | udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-m limit --limit 5kb/s ; ; error: counts packets
: bridge filter/FORWARD
--limit 5/sec ; --limit 5/sec --limit-burst 5 ; ok
--limit 120/min ; --limit 2/sec --limit-burst 5 ; ok
--limit-burst 7 ; --limit 3/hour --limit-burst 7 ; ok
--limit 1/day ; --limit 1/day --limit-burst 5 ; ok
--limit 5/sec | udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
: arp filter/INPUT
-m limit --limit 5/s ; -m limit --limit 5/sec ; ok
: bridge filter/FORWARD
--limit 0/sec ; ; error: limit
