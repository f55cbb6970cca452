# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-m comment --comment foo ; = ; ok
-m comment --comment "foo bar" ; = ; ok
-m comment --comment "" ; = ; ok
-m comment --comment "!" ; = ; ok
-m comment --comment "a\"b\\\\c" ; = ; ok
-m comment --comment "it's" ; -m comment --comment "it\'s" ; ok
-m comment --comment "-x" ; -m comment --comment -x ; ok
: ipv4,ipv6,inet,bridge filter/FORWARD
-m comment --comment "any \\ \" '" ; -m comment --comment "any \\ \" \'" ; ok
-m comment ; ; error: comment needs --comment
-m comment --comment x | tcp 10.0.0.1:1 > 10.0.0.2:2 ; hit
