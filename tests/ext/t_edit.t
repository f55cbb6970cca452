# TOS, DSCP, TTL, HL, ECN: fields of the IP header.
: ipv4,ipv6,inet mangle/FORWARD
-j TOS --set-tos 0x10 ; -j TOS --set-tos 0x10/0xff ; ok
-j TOS --set-tos Minimize-Delay ; -j TOS --set-tos 0x10/0x3f ; ok
-j TOS --set-tos 8/0xff ; -j TOS --set-tos 0x08/0xff ; ok
-j TOS --and-tos 8 ; -j TOS --set-tos 0x00/0xf7 ; ok
-j TOS --or-tos 8 ; -j TOS --set-tos 0x08/0x08 ; ok
-j TOS --xor-tos 8 ; -j TOS --set-tos 0x08/0x00 ; ok
-j TOS ; ; error: needs --set-tos
-j TOS --set-tos 256 ; ; error: is not
-j DSCP --set-dscp 0x2e ; = ; ok
-j DSCP --set-dscp 8 ; -j DSCP --set-dscp 0x08 ; ok
-j DSCP --set-dscp-class EF ; -j DSCP --set-dscp 0x2e ; ok
-j DSCP --set-dscp-class cs1 ; -j DSCP --set-dscp 0x08 ; ok
-j DSCP --set-dscp-class af43 ; -j DSCP --set-dscp 0x26 ; ok
-j DSCP --set-dscp 64 ; ; error: outside
-j DSCP --set-dscp-class XX ; ; error: is not
-j DSCP ; ; error: needs --set-dscp
: ipv4,ipv6 filter/FORWARD
-j TOS --set-tos 3 ; ; error: belongs in table mangle
-j DSCP --set-dscp 3 ; ; error: belongs in table mangle
: ipv4 mangle/FORWARD
-j TTL --ttl-set 3 ; = ; ok
-j TTL --ttl-set 0 ; = ; ok
-j TTL --ttl-dec 3 ; = ; ok
-j TTL --ttl-inc 3 ; = ; ok
-j TTL --ttl-inc 0 ; ; error: outside
-j TTL --ttl-set 300 ; ; error: ttl-set
-j TTL --ttl-set 3 --ttl-inc 3 ; ; error: must not stand beside
-j TTL ; ; error: needs --ttl-set
-p tcp -j ECN --ecn-tcp-remove ; = ; ok
-p tcp -j ECN --ecn-tcp-ece 0 --ecn-tcp-cwr 0 ; -p tcp -j ECN --ecn-tcp-remove ; ok
-p tcp -j ECN --ecn-tcp-remove --ecn-ip-ect 1 ; -p tcp -j ECN --ecn-tcp-ece 0 --ecn-tcp-cwr 0 --ecn-ip-ect 1 ; ok
-p tcp -j ECN --ecn-tcp-cwr 1 ; = ; ok
-j ECN --ecn-ip-ect 1 ; = ; ok
-j ECN --ecn-tcp-remove ; ; error: needs -p tcp
-j ECN ; ; error: ECN needs
-p tcp -j ECN --ecn-tcp-ece 2 ; ; error: outside
: ipv4 filter/FORWARD
-j TTL --ttl-set 3 ; ; error: belongs in table mangle
: ipv6 mangle/FORWARD
-j HL --hl-set 3 ; = ; ok
-j HL --hl-dec 3 ; = ; ok
-j HL --hl-inc 3 ; = ; ok
-j HL --hl-dec 0 ; ; error: outside
-j HL ; ; error: needs --hl-set
-j TTL --ttl-set 3 ; ; error: TTL
: ipv4 mangle/FORWARD
-j TOS --set-tos 0x10 | hex 4500001c000000004011 ; continue
-j TTL --ttl-set 9 | hex 4500001c000000004011 ; drop
-j TOS --set-tos 0x10 | udp 10.0.0.1:1 > 10.0.0.2:2 tos=3 ; continue -> 4510001c00000000401166bf0a0000010a000002000100020008ebd8
-j TOS --or-tos 0x10 | udp 10.0.0.1:1 > 10.0.0.2:2 tos=3 ; continue -> 4513001c00000000401166bc0a0000010a000002000100020008ebd8
-j DSCP --set-dscp-class ef | udp 10.0.0.1:1 > 10.0.0.2:2 tos=3 ; continue -> 45bb001c00000000401166140a0000010a000002000100020008ebd8
-j TTL --ttl-set 9 | udp 10.0.0.1:1 > 10.0.0.2:2 ttl=64 ; continue -> 4500001c0000000009119dcf0a0000010a000002000100020008ebd8
-j TTL --ttl-inc 200 | udp 10.0.0.1:1 > 10.0.0.2:2 ttl=64 ; continue -> 4500001c00000000ff11a7ce0a0000010a000002000100020008ebd8
-j TTL --ttl-dec 65 | udp 10.0.0.1:1 > 10.0.0.2:2 ttl=64 ; continue -> 4500001c000000000011a6cf0a0000010a000002000100020008ebd8
-p tcp -j ECN --ecn-tcp-remove | tcp 10.0.0.1:1 > 10.0.0.2:2 syn ece cwr ; continue -> 4500002800000000400666ce0a0000010a0000020001000200000000000000005002ffff9bdd0000
-j ECN --ecn-ip-ect 1 | tcp 10.0.0.1:1 > 10.0.0.2:2 syn ; continue -> 4501002800000000400666cd0a0000010a0000020001000200000000000000005002ffff9bdd0000
: ipv6 mangle/FORWARD
-j TOS --set-tos 0x10 | udp [fd00::1]:1 > [fd00::2]:2 ; continue -> 6100000000081140fd000000000000000000000000000001fd00000000000000000000000000000200010002000805d7
-j DSCP --set-dscp 63 | udp [fd00::1]:1 > [fd00::2]:2 ; continue -> 6fc0000000081140fd000000000000000000000000000001fd00000000000000000000000000000200010002000805d7
-j HL --hl-dec 3 | udp [fd00::1]:1 > [fd00::2]:2 ; continue -> 600000000008113dfd000000000000000000000000000001fd00000000000000000000000000000200010002000805d7
