# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-m ttl --ttl-eq 5 ; = ; ok
-m ttl ! --ttl-eq 5 ; = ; ok
-m ttl --ttl-lt 5 ; = ; ok
-m ttl --ttl-gt 5 ; = ; ok
-m ttl --ttl 5 ; -m ttl --ttl-eq 5 ; ok
-m ttl --ttl-gt 256 ; ; error: --ttl-gt: 256 is outside 0 to 255
-m ttl ! --ttl-lt 5 ; ; error: "!" does not apply to --ttl-lt
-m ttl ; ; error: ttl needs --ttl-eq, --ttl-lt or --ttl-gt
: ipv6 filter/INPUT
-m hl --hl-eq 5 ; = ; ok
-m hl --hl 5 ; -m hl --hl-eq 5 ; ok
-m hl ! --hl-eq 5 ; = ; ok
-m hl --hl-lt 5 ; = ; ok
-m hl --hl-gt 5 ; = ; ok
-m hl ! --hl-gt 5 ; ; error: "!" does not apply to --hl-gt
-m ttl --ttl-eq 5 ; ; error: match ttl is not for family ipv6
: ipv4 filter/FORWARD
-m ttl --ttl-eq 5 | udp 10.0.0.1:1 > 10.0.0.2:2 ttl=5 ; hit
-m ttl --ttl-eq 5 | udp 10.0.0.1:1 > 10.0.0.2:2 ttl=6 ; miss
-m ttl ! --ttl-eq 5 | udp 10.0.0.1:1 > 10.0.0.2:2 ttl=6 ; hit
-m ttl --ttl-lt 5 | udp 10.0.0.1:1 > 10.0.0.2:2 ttl=4 ; hit
-m ttl --ttl-lt 5 | udp 10.0.0.1:1 > 10.0.0.2:2 ttl=5 ; miss
-m ttl --ttl-gt 5 | udp 10.0.0.1:1 > 10.0.0.2:2 ttl=6 ; hit
-m ttl --ttl-gt 5 | udp 10.0.0.1:1 > 10.0.0.2:2 ttl=5 ; miss
-m ttl --ttl-gt 5 --ttl-lt 9 ; ; error: must not stand beside
: ipv6 filter/FORWARD
-m hl --hl-eq 5 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ttl=5 ; hit
-m hl ! --hl-eq 5 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ttl=5 ; miss
-m hl --hl-lt 5 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ttl=4 ; hit
-m hl --hl-gt 5 | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ttl=5 ; miss
