# SPDX-License-Identifier: GPL-2.0-or-later
: bridge filter/FORWARD
-p LENGTH --802_3-sap 0x42 ; = ; ok
-p LENGTH ! --802_3-sap 0x42 ; = ; ok
-p LENGTH --802_3-sap 0xaa --802_3-type 0x1234 ; = ; ok
--802_3-sap 1 ; ; error: needs -p LENGTH
-p IPv4 --802_3-sap 1 ; ; error: needs -p LENGTH
