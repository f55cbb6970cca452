# SPDX-License-Identifier: GPL-2.0-or-later
: ipv6 filter/INPUT
-p mh -m mh --mh-type 1 ; -p mobility-header -m mh --mh-type 1 ; ok
-p mh --mh-type binding-refresh-request ; -p mobility-header -m mh --mh-type 0 ; ok
-p 135 -m mh --mh-type cot ; -p mobility-header -m mh --mh-type 4 ; ok
-p 135 -m mh --mh-type brr:bu ; -p mobility-header -m mh --mh-type 0:5 ; ok
-p 135 -m mh ; -p mobility-header -m mh ; ok
-m mh --mh-type 1 ; ; error: match mh needs -p mh
: ipv6 filter/INPUT
-p mh --mh-type 5:6 | hex 600000000008874020010db800000000000000000000000120010db8000000000000000000000002 3b00050000000000 ; hit
-p mh --mh-type hoti | hex 600000000008874020010db800000000000000000000000120010db8000000000000000000000002 3b00050000000000 ; miss
-p mh ! --mh-type hoti | hex 600000000008874020010db800000000000000000000000120010db8000000000000000000000002 3b00050000000000 ; hit
# something claims to follow
-p mh ! --mh-type hoti | hex 600000000008874020010db800000000000000000000000120010db8000000000000000000000002 1100050000000000 ; bad
-p mh ! --mh-type hoti | hex 600000000004874020010db800000000000000000000000120010db8000000000000000000000002 3b000500 ; bad
