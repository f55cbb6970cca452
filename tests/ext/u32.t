# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/INPUT
-m u32 --u32 "6&0xff=1" ; -m u32 --u32 "0x6&0xff=0x1" ; ok
-m u32 ! --u32 "6&0xFF=6 && 0>>22&0x3C@12>>26&0x3C@0=0x1:0x5,9" ; -m u32 ! --u32 "0x6&0xff=0x6&&0x0>>0x16&0x3c@0xc>>0x1a&0x3c@0x0=0x1:0x5,0x9" ; ok
-m u32 --u32 "0=1&&" ; ; error: --u32: at character 6, before the end: a number from 0 to 0xffffffff is expected
: ipv4 filter/FORWARD
-m u32 --u32 "6&0xff=17" | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m u32 --u32 "6&0xff=6" | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m u32 ! --u32 "6&0xff=6" | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m u32 --u32 "0>>22&0x3c@0>>16=1" | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m u32 --u32 "0>>22&0x3c@0&0xffff=0:1,3" | udp 10.0.0.9:1 > 10.0.0.2:3 ; hit
-m u32 --u32 "6&0xff=17&&0>>22&0x3c@0>>16=2" | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
# beyond the packet is no match, and with ! one
-m u32 --u32 "25=0:0xffffffff" | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m u32 ! --u32 "25=0:0xffffffff" | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m u32 --u32 "24=0:0xffffffff" | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m u32 --u32 "0@0=0" | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
: ipv6 filter/FORWARD
-m u32 --u32 "6>>24=17" | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; hit
-m u32 --u32 "4>>8&0xff=17" | udp6 [2001:db8::1]:53 > [2001:db8::2]:53 ; hit
