# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/INPUT
-m cpu --cpu 1 ; = ; ok
-m cpu ! --cpu 5 ; = ; ok
: ipv4,ipv6,inet filter/INPUT
-m cpu --cpu 0 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m cpu --cpu 1 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m cpu ; ; error: cpu needs --cpu
