# What SET takes and prints. What it does to sets is in tests/unit/test_set.c.
+ create a hash:ip timeout 5 counters skbinfo
+ add a 10.0.0.1 skbmark 0x7/0xff skbprio 1:10
+ create p hash:ip,port
+ create a6 hash:ip family inet6 skbinfo
+ add a6 2001:db8::1 skbmark 0x9

: ipv4,ipv6 filter/FORWARD
-j SET --add-set a src ; = ; ok
-j SET --add-set a src --del-set a dst ; = ; ok
-j SET --timeout 7 --exist --add-set a src ; -j SET --add-set a src --exist --timeout 7 ; ok
-j SET --del-set p src,dst ; = ; ok
-j SET ; ; error: SET needs --add-set, --del-set or --map-set
-j SET --exist ; ; error: add-set
-j SET --del-set a src --exist ; ; error: add-set
-j SET --map-mark ; ; error: map-set
-j SET --add-set p src ; ; error: needs 2 of src and dst
-j SET --add-set nosuch src ; ; error: there is no set nosuch
-j SET --map-set a src --map-mark ; ; error: SET belongs in table mangle, not in filter
-j SET --add-set a src | tcp 10.0.0.1:1 > 10.0.0.2:2 ; continue
-j SET --add-set a src | tcp [2001:db8::1]:1 > [2001:db8::2]:2 ; continue
-j SET --add-set a src -j DROP | tcp 10.0.0.1:1 > 10.0.0.2:2 ; drop

: ipv4,ipv6 mangle/FORWARD
-j SET --map-set a src --map-mark ; = ; ok
-j SET --map-queue --map-set a src --add-set a src ; -j SET --add-set a src --map-set a src --map-queue ; ok
-j SET --map-set a src --map-mark --map-prio --map-queue ; = ; ok
-j SET --map-set a src ; ; error: --map-set needs
-j SET --map-set a src --map-mark -m mark --mark 7 ; -m mark --mark 0x7 -j SET --map-set a src --map-mark ; ok

: ipv4,ipv6 mangle/PREROUTING
-j SET --map-set a src --map-mark ; = ; ok
-j SET --map-set a src --map-prio ; ; error: SET works in FORWARD, OUTPUT, POSTROUTING, not in PREROUTING
