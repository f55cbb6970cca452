# Targets that hand over, copy, classify and hash.
: ipv4,ipv6 mangle/FORWARD
-j CLASSIFY --set-class 1:f ; -j CLASSIFY --set-class 0001:000f ; ok
-j CLASSIFY --set-class 1 ; ; error: MAJOR:MINOR
-j CLASSIFY --set-class 1:g ; ; error: hexadecimal
-j CLASSIFY ; ; error: needs --set-class
-j CHECKSUM --checksum-fill ; = ; ok
-j CHECKSUM ; ; error: needs --checksum-fill
-j NFLOG ; = ; ok
-j NFLOG --nflog-group 3 --nflog-size 10 --nflog-threshold 5 --nflog-prefix "x y" ; -j NFLOG --nflog-prefix "x y" --nflog-group 3 --nflog-size 10 --nflog-threshold 5 ; ok
-j NFLOG --nflog-range 0 ; -j NFLOG ; ok
-j NFLOG --nflog-range 5 ; = ; ok
-j NFLOG --nflog-size 0 ; = ; ok
-j NFLOG --nflog-size 5 --nflog-range 7 ; ; error: must not stand beside
-j NFLOG --nflog-group 65536 ; ; error: nflog-group
-j NFQUEUE ; -j NFQUEUE --queue-num 0 ; ok
-j NFQUEUE --queue-num 4 ; = ; ok
-j NFQUEUE --queue-bypass ; -j NFQUEUE --queue-num 0 --queue-bypass ; ok
-j NFQUEUE --queue-balance 1:4 --queue-bypass --queue-cpu-fanout ; = ; ok
-j NFQUEUE --queue-balance 4:4 ; ; error: should be less than
-j NFQUEUE --queue-balance 4:1 ; ; error: should be less than
-j NFQUEUE --queue-num 5 --queue-balance 1:4 ; ; error: must not stand beside
-j NFQUEUE --queue-cpu-fanout ; ; error: needs --queue-balance
-j HMARK --hmark-mod 4 --hmark-rnd 1 ; ; error: hmark-tuple
-j HMARK --hmark-tuple src --hmark-rnd 1 ; ; error: needs --hmark-mod
-j HMARK --hmark-tuple src --hmark-mod 4 ; ; error: needs --hmark-rnd
-j HMARK --hmark-tuple src --hmark-mod 0 --hmark-rnd 1 ; ; error: outside
-j HMARK --hmark-tuple sport,spi --hmark-mod 4 --hmark-rnd 1 ; ; error: either ports or the SPI
-j HMARK --hmark-sport 5 --hmark-dport 6 --hmark-mod 4 --hmark-rnd 1 ; -j HMARK --hmark-sport 0x0005 --hmark-dport 0x0006 --hmark-rnd 0x00000001 --hmark-mod 4 ; ok
: ipv4 mangle/FORWARD
-j HMARK --hmark-tuple src,dst,sport,dport,proto --hmark-mod 4 --hmark-rnd 0xfeed --hmark-offset 100 ; -j HMARK --hmark-src-prefix 32 --hmark-dst-prefix 32 --hmark-sport-mask 0xffff --hmark-dport-mask 0xffff --hmark-proto-mask 0xffff --hmark-rnd 0x0000feed --hmark-mod 4 --hmark-offset 100 ; ok
-j HMARK --hmark-src-prefix 24 --hmark-sport-mask 0xff --hmark-mod 4 --hmark-rnd 0xfeed ; -j HMARK --hmark-src-prefix 24 --hmark-sport-mask 0x00ff --hmark-rnd 0x0000feed --hmark-mod 4 ; ok
-j HMARK --hmark-tuple ct,src --hmark-mod 4 --hmark-rnd 1 ; -j HMARK --hmark-src-prefix 32 --hmark-rnd 0x00000001 --hmark-mod 4 --hmark-tuple ct ; ok
-j HMARK --hmark-src-prefix 33 --hmark-mod 4 --hmark-rnd 1 ; ; error: longer than 32
-j TEE --gateway 1.2.3.4 --oif eth0 ; = ; ok
-j TEE ; ; error: needs --gateway
-j TEE --gateway fd00::1 ; ; error: gateway
-j ULOG ; = ; ok
-j ULOG --ulog-nlgroup 3 --ulog-cprange 100 --ulog-qthreshold 10 --ulog-prefix x ; -j ULOG --ulog-prefix x --ulog-nlgroup 3 --ulog-cprange 100 --ulog-qthreshold 10 ; ok
-j ULOG --ulog-nlgroup 33 ; ; error: outside
: ipv6 mangle/FORWARD
-j TEE --gateway fd00::1 ; = ; ok
-j HMARK --hmark-tuple dst --hmark-mod 4 --hmark-rnd 1 ; -j HMARK --hmark-dst-prefix 128 --hmark-rnd 0x00000001 --hmark-mod 4 ; ok
: ipv4,ipv6 mangle/PREROUTING
-j CLASSIFY --set-class 1:2 ; ; error: works in
: ipv4,ipv6 raw/PREROUTING
-j TRACE ; = ; ok
: ipv4 filter/FORWARD
-j TRACE ; ; error: belongs in table raw
-j CHECKSUM --checksum-fill ; ; error: belongs in table mangle
-j NFQUEUE --queue-num 3 | udp 10.0.0.1:1 > 10.0.0.2:2 ; queue
-j NFLOG --nflog-group 3 --nflog-prefix abc | udp 10.0.0.1:1 > 10.0.0.2:2 ; continue log nflog group=3 range=0 prefix=abc
-j ULOG --ulog-prefix abc | udp 10.0.0.1:1 > 10.0.0.2:2 ; continue log ulog group=1 range=0 prefix=abc
-j TEE --gateway 10.0.0.9 | udp 10.0.0.1:1 > 10.0.0.2:2 ttl=9 ; continue => 4500001c0000400009115dcf0a0000010a000002000100020008ebd8
: ipv4 mangle/PREROUTING
-j TEE --gateway 10.0.0.9 | udp 10.0.0.1:1 > 10.0.0.2:2 ttl=9 ; continue => 4500001c0000400008115ecf0a0000010a000002000100020008ebd8
: arp filter/OUTPUT
-j CLASSIFY --set-class 1:2 ; = ; ok
-j mangle --mangle-ip-s 1.2.3.4 --mangle-mac-d 01:02:03:04:05:06 --mangle-target CONTINUE ; = ; ok
-j mangle --mangle-mac-s 1:2:3:4:5:6 --mangle-ip-d 1.2.3.4 ; -j mangle --mangle-mac-s 01:02:03:04:05:06 --mangle-ip-d 1.2.3.4 ; ok
-j mangle --mangle-ip-s 1.2.3.4 --mangle-target RETURN ; ; error: is not one of
-j mangle --mangle-ip-s 1.2.3.4 --mangle-mac-d 01:02:03:04:05:06 | arp 10.0.0.1 > 10.0.0.2 op=1 ; accept -> 0001080006040001020000000001010203040102030405060a000002
: bridge nat/PREROUTING
-j dnat --to-destination 0:1:2:3:4:5 ; -j dnat --to-dst 00:01:02:03:04:05 --dnat-target ACCEPT ; ok
-j dnat --to-dst 00:01:02:03:04:05 --dnat-target CONTINUE ; = ; ok
-j dnat ; ; error: needs --to-dst
-j redirect ; = ; ok
-j redirect --redirect-target DROP ; = ; ok
-p ARP -j arpreply --arpreply-mac 01:02:03:04:05:06 ; = ; ok
-p ARP -j arpreply ; -p ARP -j arpreply --arpreply-mac 00:00:00:00:00:00 ; ok
-j snat --to-src 00:01:02:03:04:05 ; ; error: works in
-p ARP -j arpreply --arpreply-mac 01:02:03:04:05:06 | arp 10.0.0.1 > 10.0.0.2 op=1 ; drop => 020000000001010203040506080600010800060400020102030405060a0000020200000000010a000001
: bridge nat/POSTROUTING
-j snat --to-source 0:1:2:3:4:5 --snat-arp --snat-target DROP ; -j snat --to-src 00:01:02:03:04:05 --snat-arp --snat-target DROP ; ok
-j snat --to-src 00:01:02:03:04:05 --snat-arp | arp 10.0.0.1 > 10.0.0.2 op=1 ; accept -> 00010800060400010001020304050a0000010000000000000a000002
-j snat --to-src 00:01:02:03:04:05 | udp 10.0.0.1:1 > 10.0.0.2:2 ; accept
: bridge nat/PREROUTING
-j dnat --to-dst 00:01:02:03:04:05 --dnat-target DROP | udp 10.0.0.1:1 > 10.0.0.2:2 ; drop
-j dnat --to-dst ff:ff:ff:ff:ff:ff | udp 10.0.0.1:1 > 10.0.0.2:2 ; accept
-j redirect --redirect-target NONE ; ; error: is not one of
-j redirect | udp 10.0.0.1:1 > 10.0.0.2:2 ; drop
-p ARP -j arpreply --arpreply-mac 1:2:3 ; ; error: arpreply-mac
-p ARP -j arpreply --arpreply-mac 01:02:03:04:05:06 --arpreply-target ACCEPT | arp 10.0.0.1 > 10.0.0.2 op=2 ; continue =>
: bridge filter/FORWARD
--nflog --nflog-group 3 --nflog-prefix abc --nflog-range 4 --nflog-threshold 5 ; --nflog-prefix abc --nflog-group 3 --nflog-range 4 --nflog-threshold 5 ; ok
--nflog ; --nflog-group 1 ; ok
--nflog-group 0 ; ; error: outside
--nflog --nflog-prefix abc -j DROP | udp 10.0.0.1:1 > 10.0.0.2:2 ; drop log nflog group=1 range=0 prefix=abc
: arp filter/OUTPUT
-j CLASSIFY --set-class 1 ; ; error: MAJOR:MINOR
-j CLASSIFY --set-class 1:2 | arp 10.0.0.1 > 10.0.0.2 op=1 ; continue
-j MARK --set-mark 1 | arp 10.0.0.1 > 10.0.0.2 op=1 ; continue
: ipv4,ipv6 mangle/FORWARD
-j CHECKSUM --checksum-fill | udp 10.0.0.1:1 > 10.0.0.2:2 ; continue
-j CLASSIFY --set-class 1:2 | udp 10.0.0.1:1 > 10.0.0.2:2 ; continue
-j HMARK --hmark-tuple src,dst,sport,dport,proto --hmark-mod 4 --hmark-rnd 1 | udp 10.0.0.1:1 > 10.0.0.2:2 ; continue
-j HMARK --hmark-tuple src,dst,sport,dport,proto --hmark-mod 4 --hmark-rnd 1 | udp [fd00::1]:1 > [fd00::2]:2 ; continue
: ipv4 raw/PREROUTING
-j TRACE | udp 10.0.0.1:1 > 10.0.0.2:2 ; continue
