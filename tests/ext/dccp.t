# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-p dccp --sport 1 --dport 2:5 ; -p dccp -m dccp --sport 1 --dport 2:5 ; ok
-p dccp ! --dccp-types REQUEST,RESPONSE ; -p dccp -m dccp ! --dccp-types REQUEST,RESPONSE ; ok
-p dccp --dccp-types REQUEST,RESPONSE,DATA,ACK,DATAACK,CLOSEREQ,CLOSE,RESET,SYNC,SYNCACK,INVALID ; -p dccp -m dccp --dccp-types REQUEST,RESPONSE,DATA,ACK,DATAACK,CLOSEREQ,CLOSE,RESET,SYNC,SYNCACK,INVALID ; ok
-p dccp --dccp-option 5 ; -p dccp -m dccp --dccp-option 5 ; ok
-p dccp ! --dccp-option 5 ! --sport 1 ; -p dccp -m dccp ! --sport 1 ! --dccp-option 5 ; ok
: ipv4 filter/FORWARD
-p dccp --dport 3 | dccp 10.0.0.1:1 > 10.0.0.2:3 type=0 ; hit
-p dccp --dport 3 | dccp 10.0.0.1:1 > 10.0.0.2:4 type=0 ; miss
-p dccp --dccp-types REQUEST,RESPONSE | dccp 10.0.0.1:1 > 10.0.0.2:4 type=0 ; hit
-p dccp --dccp-types REQUEST,RESPONSE | dccp 10.0.0.1:1 > 10.0.0.2:4 type=2 ; miss
-p dccp ! --dccp-types REQUEST,RESPONSE | dccp 10.0.0.1:1 > 10.0.0.2:4 type=2 ; hit
-p dccp --dport 3 | dccp 10.0.0.1:1 > 10.0.0.2:3 type=0 frag=64 ; miss
-p dccp ! --dport 3 | hex 4500001c00010000402166be0a0000010a0000020001000305000000 ; bad
# REQUEST (no long sequence number) with a header of 24 bytes: 8 of options, then one of 4 words, too short
-p dccp --dccp-option 37 | hex 4500002c00010000402166ae 0a0000010a000002 0001000306000000 00000001 00000000 2504aabb 00000000 ; hit
-p dccp --dccp-option 38 | hex 4500002c00010000402166ae 0a0000010a000002 0001000306000000 00000001 00000000 2504aabb 00000000 ; miss
-p dccp ! --dccp-option 38 | hex 4500002c00010000402166ae 0a0000010a000002 0001000306000000 00000001 00000000 2504aabb 00000000 ; hit
-p dccp ! --dccp-option 38 | hex 4500002c00010000402166ae 0a0000010a000002 0001000303000000 00000001 00000000 2504aabb 00000000 ; bad
: ipv4,ipv6 filter/FORWARD
-p dccp -m dccp --dccp-types HELLO ; ; error: dccp-types
