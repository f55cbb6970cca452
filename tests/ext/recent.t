# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/INPUT
-m recent --set ; -m recent --set --name DEFAULT --mask 255.255.255.255 --rsource ; ok
-m recent ! --set ; -m recent ! --set --name DEFAULT --mask 255.255.255.255 --rsource ; ok
-m recent --rcheck --seconds 10 --hitcount 5 --name foo --rsource ; -m recent --rcheck --seconds 10 --hitcount 5 --name foo --mask 255.255.255.255 --rsource ; ok
-m recent --update --seconds 10 --reap --hitcount 2 --rttl --rdest --name bar ; -m recent --update --seconds 10 --reap --hitcount 2 --rttl --name bar --mask 255.255.255.255 --rdest ; ok
-m recent --remove --name foo ; -m recent --remove --name foo --mask 255.255.255.255 --rsource ; ok
-m recent --rcheck --mask 255.255.0.0 ; -m recent --rcheck --name DEFAULT --mask 255.255.0.0 --rsource ; ok
-m recent --update --mask 24 ; ; error: --mask: '24' is not an IPv4 address
-m recent --rcheck --hitcount 300 ; -m recent --rcheck --hitcount 300 --name DEFAULT --mask 255.255.255.255 --rsource ; ok
-m recent --set --hitcount 5 ; ; error: --hitcount needs --rcheck or --update beside it
-m recent --rcheck --reap ; ; error: --reap needs --seconds beside it
-m recent --set --rcheck ; ; error: --set must not stand beside --rcheck
-m recent --rcheck ! --update ; ; error: --rcheck must not stand beside --update
-m recent ! --update --seconds 5 ; -m recent ! --update --seconds 5 --name DEFAULT --mask 255.255.255.255 --rsource ; ok
-m recent ; ; error: recent needs --set, --rcheck, --update or --remove
: ipv6 filter/INPUT
-m recent --rcheck --mask ffff:: ; -m recent --rcheck --name DEFAULT --mask ffff:: --rsource ; ok
-m recent --rcheck ; -m recent --rcheck --name DEFAULT --mask ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff --rsource ; ok
: ipv4 filter/INPUT
-m recent --set | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m recent ! --set | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m recent --rcheck | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m recent ! --rcheck | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m recent --update --name a | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m recent --remove | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
# rules share the list
-m recent --set -m recent --rcheck | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m recent --set --name a -m recent --rcheck --name b | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m recent --set -m recent --rcheck --hitcount 2 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m recent --set -m recent --update --hitcount 1 -m recent --rcheck --hitcount 2 --seconds 5 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m recent --set -m recent ! --rcheck | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m recent --set -m recent --remove -m recent --rcheck | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m recent --set -m recent --rcheck --rdest | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
# The mask is that of the rule that made the list.
-m recent --set -m recent --rcheck --rdest --mask 255.255.255.0 | udp 10.0.0.0:1 > 10.0.0.2:2 ; miss
-m recent --set --mask 255.255.255.0 -m recent --rcheck --rdest | udp 10.0.0.0:1 > 10.0.0.2:2 ; hit
-m recent --set -m recent --rcheck --rttl | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m recent --set --name a/b ; ; error: --name
