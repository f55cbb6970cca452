# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 raw/PREROUTING
-m rpfilter ; = ; ok
-m rpfilter --invert ; = ; ok
-m rpfilter --loose --validmark --accept-local --invert ; = ; ok
: ipv4 raw/PREROUTING
# without a route the test fails
-m rpfilter | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m rpfilter --invert | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
# a host that asks for its address
-m rpfilter | udp 0.0.0.0:68 > 255.255.255.255:67 ; hit
: ipv6 raw/PREROUTING
-m rpfilter | udp6 [::]:53 > [ff02::1]:53 ; hit
: ipv4 filter/INPUT
-m rpfilter ; ; error: rpfilter
