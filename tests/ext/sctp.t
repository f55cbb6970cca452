# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-p sctp --sport 1:2 --dport 3 --chunk-types all INIT,DATA:Be ; -p sctp -m sctp --sport 1:2 --dport 3 --chunk-types all DATA:Be,INIT ; ok
-p sctp ! --sport 1:2 ! --dport 3 ! --chunk-types only INIT ; -p sctp -m sctp ! --sport 1:2 ! --dport 3 ! --chunk-types only INIT ; ok
-p sctp --chunk-types any ALL ; -p sctp -m sctp --chunk-types any ALL ; ok
-p sctp --chunk-types any NONE ; -p sctp -m sctp --chunk-types any NONE ; ok
-p sctp --chunk-types any DATA:IUBEiube ; -p sctp -m sctp --chunk-types any DATA:IUBE ; ok
-p sctp --chunk-types any ABORT:T,SHUTDOWN_COMPLETE:t,INIT ; -p sctp -m sctp --chunk-types any INIT,ABORT:T,SHUTDOWN_COMPLETE:t ; ok
-p sctp --chunk-types any RE_CONFIG,ASCONF,FORWARD_TSN ; -p sctp -m sctp --chunk-types any RE_CONFIG,FORWARD_TSN,ASCONF ; ok
-p sctp --chunk-types any INIT:x ; ; error: --chunk-types: chunk INIT has no flags
-p sctp --chunk-types none INIT ; ; error: --chunk-types: 'none' is not any, all or only
-p sctp --chunk-types any DATA:I ; -p sctp -m sctp --chunk-types any DATA:I ; ok
-p sctp --chunk-types any init ; -p sctp -m sctp --chunk-types any INIT ; ok
-p sctp -m sctp ; = ; ok
: ipv4 filter/FORWARD
-p sctp --dport 3 | sctp 10.0.0.1:1 > 10.0.0.2:3 type=1 ; hit
-p sctp --dport 3 | sctp 10.0.0.1:1 > 10.0.0.2:4 type=1 ; miss
-p sctp ! --sport 1:2 | sctp 10.0.0.1:1 > 10.0.0.2:4 type=1 ; miss
-p sctp --chunk-types any INIT | sctp 10.0.0.1:1 > 10.0.0.2:4 type=1 ; hit
-p sctp --chunk-types any DATA | sctp 10.0.0.1:1 > 10.0.0.2:4 type=1 ; miss
-p sctp ! --chunk-types any DATA | sctp 10.0.0.1:1 > 10.0.0.2:4 type=1 ; hit
-p sctp --chunk-types all INIT | sctp 10.0.0.1:1 > 10.0.0.2:4 type=1 ; hit
-p sctp --chunk-types all INIT,DATA | sctp 10.0.0.1:1 > 10.0.0.2:4 type=1 ; miss
-p sctp --chunk-types only INIT,DATA | sctp 10.0.0.1:1 > 10.0.0.2:4 type=1 ; hit
-p sctp --chunk-types only DATA | sctp 10.0.0.1:1 > 10.0.0.2:4 type=1 ; miss
-p sctp --chunk-types any DATA:Be | sctp 10.0.0.1:1 > 10.0.0.2:4 type=0 code=2 ; hit
-p sctp --chunk-types any DATA:Be | sctp 10.0.0.1:1 > 10.0.0.2:4 type=0 code=3 ; miss
# a chunk of length 0, and none
-p sctp --chunk-types any INIT | hex 450000240001000040846653 0a0000010a000002 000100040000000000000000 01000000 ; bad
-p sctp ! --chunk-types any INIT | hex 450000240001000040846653 0a0000010a000002 000100040000000000000000 01000000 ; bad
-p sctp ! --chunk-types any INIT | hex 450000200001000040846657 0a0000010a000002 000100040000000000000000 ; bad
-p sctp --dport 3 | sctp 10.0.0.1:1 > 10.0.0.2:3 type=1 frag=64 ; miss
-p sctp --dport 3 | hex 4500001c000100004084665b 0a0000010a000002 0001000300000000 ; bad
