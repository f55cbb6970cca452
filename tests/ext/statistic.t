# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/INPUT
-m statistic --mode random --probability 0.5 ; -m statistic --mode random --probability 0.50000000000 ; ok
-m statistic --mode random ! --probability 0.1 ; -m statistic --mode random ! --probability 0.10000000009 ; ok
-m statistic --mode nth --every 3 ; -m statistic --mode nth --every 3 --packet 0 ; ok
-m statistic --mode nth --every 3 --packet 2 ; = ; ok
-m statistic --mode nth ! --every 3 --packet 3 ; ; error: --packet: 3 is outside 0 to 2
-m statistic --mode nth --packet 2 ; ; error: --packet needs --every beside it
-m statistic --mode nth ; ; error: --mode nth needs --every
-m statistic --mode random --probability 1 ; -m statistic --mode random --probability 1.00000000000 ; ok
-m statistic --mode random --probability 1.5 ; ; error: --probability: '1.5' is not a probability
-m statistic --mode random --probability 0 ; -m statistic --mode random --probability 0.00000000000 ; ok
-m statistic --mode random --every 2 ; ; error: --mode random needs --probability
-m statistic --mode random --probability 0.333333333 ; -m statistic --mode random --probability 0.33333333302 ; ok
: ipv4,ipv6,inet filter/INPUT
-m statistic --mode nth --every 3 --packet 0 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m statistic --mode nth --every 3 --packet 1 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m statistic --mode nth ! --every 3 --packet 1 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m statistic --mode random --probability 1 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m statistic --mode random --probability 0 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m statistic --mode random ! --probability 0 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
