# MARK: one operation, five spellings; arptables and ebtables have their own.
: ipv4,ipv6,inet mangle/PREROUTING
-j MARK --set-xmark 0x1/0xffffffff ; = ; ok
-j MARK --set-xmark 5/0xff ; -j MARK --set-xmark 0x5/0xff ; ok
-j MARK --set-mark 1 ; -j MARK --set-xmark 0x1/0xffffffff ; ok
-j MARK --set-mark 5/0xf0 ; -j MARK --set-xmark 0x5/0xf5 ; ok
-j MARK --and-mark 0xf0 ; -j MARK --set-xmark 0x0/0xffffff0f ; ok
-j MARK --or-mark 0xf0 ; -j MARK --set-xmark 0xf0/0xf0 ; ok
-j MARK --xor-mark 0xf0 ; -j MARK --set-xmark 0xf0/0x0 ; ok
-j MARK ; ; error: needs --set-xmark
-j MARK --set-mark 1 --or-mark 3 ; ; error: given twice
-j MARK --set-mark 4294967296 ; ; error: set-mark
: ipv4 filter/INPUT
-j MARK --set-mark 1 ; -j MARK --set-xmark 0x1/0xffffffff ; ok
: arp filter/OUTPUT
-j MARK --set-mark 0x1f ; = ; ok
-j MARK --and-mark 0x1f ; = ; ok
-j MARK --or-mark 0x1f ; = ; ok
-j MARK ; ; error: MARK needs
-j MARK --set-mark 1 --or-mark 1 ; ; error: must not stand beside
: bridge filter/FORWARD
-j mark --mark-set 5 ; -j mark --mark-set 0x5 --mark-target ACCEPT ; ok
-j mark --set-mark 5 ; -j mark --mark-set 0x5 --mark-target ACCEPT ; ok
-j mark --mark-or 5 --mark-target CONTINUE ; -j mark --mark-or 0x5 --mark-target CONTINUE ; ok
-j mark --mark-and 0x5 --mark-target DROP ; = ; ok
-j mark --mark-xor 0x5 --mark-target RETURN ; = ; ok
-j mark ; ; error: mark needs
-j mark --mark-target ACCEPT ; ; error: mark needs
: ipv4 mangle/PREROUTING
-j MARK --set-mark 1 | udp 10.0.0.1:1 > 10.0.0.2:2 ; continue
: bridge filter/FORWARD
-j mark --mark-set 5 | udp 10.0.0.1:1 > 10.0.0.2:2 ; accept
-j mark --mark-set 5 --mark-target DROP | udp 10.0.0.1:1 > 10.0.0.2:2 ; drop
