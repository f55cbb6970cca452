# Targets that can only be inert here, and TPROXY: read, checked, printed.
: ipv4,ipv6 filter/INPUT
-j AUDIT --type drop ; = ; ok
-j AUDIT --type ACCEPT ; -j AUDIT --type accept ; ok
-j AUDIT ; ; error: needs --type
-j IDLETIMER --timeout 5 --label foo ; = ; ok
-j IDLETIMER --timeout 5 --label foo2 --alarm ; = ; ok
-j IDLETIMER --timeout 0 --label foo ; ; error: outside
-j IDLETIMER --timeout 5 ; ; error: needs --label
-j LED --led-trigger-id foo --led-delay 50 --led-always-blink ; = ; ok
-j LED --led-trigger-id foo --led-delay inf ; = ; ok
-j LED ; ; error: needs --led-trigger-id
-j LED --led-trigger-id foo --led-delay 0 ; -j LED --led-trigger-id foo ; ok
-j RATEEST --rateest-name foo --rateest-interval 250ms --rateest-ewmalog 0.5s ; -j RATEEST --rateest-name foo --rateest-interval 250.0ms --rateest-ewmalog 500.0ms ; ok
-j RATEEST --rateest-name foo --rateest-interval 1s --rateest-ewmalog 2s ; -j RATEEST --rateest-name foo --rateest-interval 1.0s --rateest-ewmalog 2.0s ; ok
-j RATEEST --rateest-name foo --rateest-interval 2s --rateest-ewmalog 1s ; ; error: longer than
-j RATEEST --rateest-name foo --rateest-interval 2x --rateest-ewmalog 1s ; ; error: a time
-m rateest --rateest1 foo --rateest-bps1 1mbit --rateest-gt ; -m rateest --rateest1 foo --rateest-bps1 1000Kbit --rateest-gt ; ok
-m rateest --rateest foo --rateest-bps 20kbps --rateest-gt ; -m rateest --rateest1 foo --rateest-bps1 160000bit --rateest-gt ; ok
-m rateest --rateest-delta --rateest1 foo --rateest-pps1 10 ! --rateest-gt --rateest-pps2 20 --rateest2 bar ; = ; ok
-m rateest --rateest1 foo ; ; error: rateest needs
: ipv4 filter/INPUT
-j CLUSTERIP --new --hashmode sourceip --clustermac 01:00:5e:00:00:01 --total-nodes 2 --local-node 1 --hash-init 0 ; = ; ok
-j CLUSTERIP ; = ; ok
-j CLUSTERIP --total-nodes 2 ; ; error: needs --new
: ipv4,ipv6 mangle/INPUT
-j SECMARK --selctx system_u:object_r:http_packet_t:s0 ; = ; ok
-j CONNSECMARK --save ; = ; ok
-j CONNSECMARK --restore ; = ; ok
-j CONNSECMARK ; ; error: CONNSECMARK needs
-j CONNSECMARK --save --restore ; ; error: must not stand beside
: ipv4,ipv6 filter/FORWARD
-j SECMARK --selctx x ; ; error: belongs in table
: ipv4 mangle/PREROUTING
-p tcp -j TPROXY --on-port 80 ; -p tcp -j TPROXY --on-port 80 --on-ip 0.0.0.0 --tproxy-mark 0x0/0x0 ; ok
-p udp -j TPROXY --on-port 80 --on-ip 1.2.3.4 --tproxy-mark 5/0xff ; -p udp -j TPROXY --on-port 80 --on-ip 1.2.3.4 --tproxy-mark 0x5/0xff ; ok
-j TPROXY --on-port 80 ; ; error: needs -p tcp
-p tcp -j TPROXY ; ; error: needs --on-port
: ipv6 mangle/PREROUTING
-p tcp -j TPROXY --on-port 80 --on-ip fd00::1 ; -p tcp -j TPROXY --on-port 80 --on-ip fd00::1 --tproxy-mark 0x0/0x0 ; ok
-j DNPT --src-pfx fd00::/48 --dst-pfx 2001:db8::/48 ; = ; ok
-j DNPT --src-pfx fd00::/48 ; ; error: needs --dst-pfx
-j DNPT --src-pfx fd00::/65 --dst-pfx 2001:db8::/48 ; ; error: at most 64
-j SNPT --src-pfx fd00::/48 --dst-pfx 2001:db8::/48 ; ; error: works in
-j DNPT --src-pfx 2001:db8::/48 --dst-pfx fd00:1:2::/48 | udp [fd00::1]:1 > [2001:db8::5]:2 ; continue -> 6000000000081140fd000000000000000000000000000001fd000001000230b50000000000000005000100020008d51b
: ipv6 mangle/POSTROUTING
# The checksum of UDP stays right though it is not touched: RFC 6296, 3.1 and 3.5.
-j SNPT --src-pfx fd01:203:405::/48 --dst-pfx 2001:db8:1::/48 ; = ; ok
-j SNPT --src-pfx fd01:203:405::/48 --dst-pfx 2001:db8:1::/48 | udp [fd01:203:405:1::1234]:1 > [2001:db8::5]:2 ; continue -> 600000000008114020010db80001d550000000000000123420010db8000000000000000000000005000100020008bcde
-j SNPT --src-pfx fd00::/64 --dst-pfx 2001:db8:0:7::/64 | udp [fd00::1]:1 > [2001:db8::5]:2 ; continue -> 600000000008114020010db800000007cf4000000000000120010db8000000000000000000000005000100020008d51b
-j SNPT --src-pfx fd00::/56 --dst-pfx 2001:db8::/60 | udp [fd00::ff:ffff:ffff:1]:1 > [2001:db8::5]:2 ; continue -> 600000000008114020010db800000000d046ffffffff000120010db8000000000000000000000005000100020008d41c
-j SNPT --src-pfx fd00::/64 --dst-pfx 2001:db8::/64 | udp [fd00::ffff:ffff:ffff:ffff]:1 > [2001:db8::5]:2 ; drop => 6000000000383a4020010db800000000000000000000000120010db800000000ffffffffffffffff0400fe2a00000008600000000008114020010db800000000ffffffffffffffff20010db8000000000000000000000005000100020008d51c
: ipv4 nat/PREROUTING
-j NAT ; = ; ok
