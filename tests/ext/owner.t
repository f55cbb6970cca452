# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/OUTPUT
-m owner --uid-owner 5 ; = ; ok
-m owner --uid-owner root ; -m owner --uid-owner 0 ; ok
-m owner --uid-owner 5-10 ! --gid-owner 7 ; = ; ok
-m owner --gid-owner 5 --suppl-groups ; = ; ok
-m owner --socket-exists ; = ; ok
-m owner ! --socket-exists ! --uid-owner 5 ; = ; ok
-m owner ; ; error: owner needs --uid-owner, --gid-owner or --socket-exists
-m owner --uid-owner 10-5 ; ; error: --uid-owner: the range is backwards
-m owner --gid-owner daemon ; -m owner --gid-owner 1 ; ok
: ipv4 filter/OUTPUT
# packets of a capture have no socket
-m owner --uid-owner 0 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m owner ! --uid-owner 0 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m owner ! --socket-exists | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m owner ! --socket-exists --gid-owner 5 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
: ipv4 filter/INPUT
-m owner --uid-owner 0 ; ; error: INPUT
