# SPDX-License-Identifier: GPL-2.0-or-later
: bridge filter/FORWARD
-p LENGTH --802_3-sap 0x42 ; = ; ok
-p LENGTH ! --802_3-sap 0x42 ; = ; ok
-p LENGTH --802_3-sap 0xaa --802_3-type 0x1234 ; = ; ok
--802_3-sap 1 ; ; error: needs -p LENGTH
-p IPv4 --802_3-sap 1 ; ; error: needs -p LENGTH
-p LENGTH | frame ffffffffffff0200000000010003424203 ; hit
! -p LENGTH | frame ffffffffffff0200000000010003424203 ; miss
-p LENGTH --802_3-sap 0x42 | frame ffffffffffff0200000000010003424203 ; hit
-p LENGTH --802_3-sap 0x43 | frame ffffffffffff0200000000010003424203 ; miss
-p LENGTH ! --802_3-sap 0x43 | frame ffffffffffff0200000000010003424203 ; hit
-p LENGTH --802_3-type 0x1234 | frame ffffffffffff0200000000010008aaaa030000001234 ; hit
-p LENGTH --802_3-type 0x1234 | frame ffffffffffff0200000000010009aaaa00000000001234 ; hit
-p LENGTH ! --802_3-type 0x1235 | frame ffffffffffff0200000000010008aaaa030000001234 ; hit
-p LENGTH ! --802_3-type 0x1235 | frame ffffffffffff0200000000010003424203 ; miss
