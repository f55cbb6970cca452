# The targets of connection tracking and NAT: declared; they are refused where they would run.
: ipv4 nat/POSTROUTING
-j SNAT --to-source 1.2.3.4 ; = ; ok
-p tcp -j SNAT --to-source 1.2.3.4-1.2.3.8:100-200 --random --persistent ; = ; ok
-p tcp -j SNAT --to-source :100 --random-fully ; = ; ok
-p icmp -j SNAT --to-source :5 ; = ; ok
-j SNAT --to-source 1.2.3.4:5-6 ; ; error: needs -p tcp
-j SNAT ; ; error: needs --to-source
-j MASQUERADE ; = ; ok
-p udp -j MASQUERADE --to-ports 100-200 --random --random-fully ; = ; ok
-j MASQUERADE --to-ports 100 ; ; error: needs -p tcp
-j DNAT --to-destination 1.2.3.4 ; ; error: works in
: ipv4 nat/PREROUTING
-p tcp -j DNAT --to-destination 1.2.3.4:80 ; = ; ok
-p tcp -j DNAT --to-destination 1.2.3.4-1.2.3.5:80-90/100 --random --persistent ; = ; ok
-j DNAT --to-destination 1.2.3.4 --random-fully ; ; error: random-fully
-p tcp -j REDIRECT --to-ports 80 ; = ; ok
-p tcp -j REDIRECT --to-ports 80-90 --random ; = ; ok
-j REDIRECT --random ; = ; ok
-j NETMAP --to 10.0.0.0/24 ; = ; ok
-j NETMAP ; ; error: needs --to
-j REDIRECT --to-ports 80 ; ; error: needs -p tcp
-j NETMAP --to 10.0.0.1 ; -j NETMAP --to 10.0.0.1/32 ; ok
-j MASQUERADE ; ; error: works in
: ipv6 nat/POSTROUTING
-p tcp -j SNAT --to-source [fd00::1]:80 ; = ; ok
-p tcp -j SNAT --to-source [fd00::1-fd00::5]:80-90 ; = ; ok
-j SNAT --to-source fd00::1-fd00::5 ; = ; ok
-j NETMAP --to fd00::/64 ; = ; ok
: ipv4 filter/FORWARD
-j SNAT --to-source 1.2.3.4 ; ; error: belongs in table nat
: ipv4,ipv6 raw/PREROUTING
-j CT --notrack ; = ; ok
-p tcp -j CT --helper ftp ; = ; ok
-j CT --zone 5 ; = ; ok
-j CT --zone-orig mark ; = ; ok
-j CT --zone-reply 3 --ctevents new,destroy,mark ; -j CT --ctevents new,destroy,mark --zone-reply 3 ; ok
-j CT --ctevents new,related,destroy,reply,assured,protoinfo,helper,mark,natseqinfo,secmark --expevents new ; = ; ok
-p tcp -j CT --timeout foo ; = ; ok
-j CT --notrack --zone 3 ; = ; ok
-j CT --zone 70000 ; ; error: zone
-j CT ; = ; ok
-j NOTRACK ; = ; ok
-j NOTRACK | udp 10.0.0.1:1 > 10.0.0.2:2 ; continue
-j NOTRACK | udp [fd00::1]:1 > [fd00::2]:2 ; continue
-j CT --notrack | udp 10.0.0.1:1 > 10.0.0.2:2 ; continue
: ipv4,ipv6 mangle/PREROUTING
-j CONNMARK --set-mark 5 ; -j CONNMARK --set-xmark 0x5/0xffffffff ; ok
-j CONNMARK --set-xmark 5/0xff ; -j CONNMARK --set-xmark 0x5/0xff ; ok
-j CONNMARK --set-mark 5/0xf0 ; -j CONNMARK --set-xmark 0x5/0xf5 ; ok
-j CONNMARK --and-mark 0xf ; -j CONNMARK --set-xmark 0x0/0xfffffff0 ; ok
-j CONNMARK --or-mark 0xf ; -j CONNMARK --set-xmark 0xf/0xf ; ok
-j CONNMARK --xor-mark 0xf ; -j CONNMARK --set-xmark 0xf/0x0 ; ok
-j CONNMARK --save-mark ; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff ; ok
-j CONNMARK --save-mark --mask 0xff ; -j CONNMARK --save-mark --nfmask 0xff --ctmask 0xff ; ok
-j CONNMARK --save-mark --nfmask 0xff --ctmask 0xf ; = ; ok
-j CONNMARK --restore-mark ; -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff ; ok
-j CONNMARK --restore-mark --ctmask 0xff ; -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xff ; ok
-j CONNMARK --set-mark 5 --left-shift-mark 3 ; -j CONNMARK --set-xmark 0x5/0xffffffff --left-shift-mark 3 ; ok
-j CONNMARK --save-mark --right-shift-mark 3 ; -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff --right-shift-mark 3 ; ok
-j CONNMARK ; ; error: CONNMARK needs
-j CONNMARK --save-mark --restore-mark ; ; error: must not stand beside
-j CONNMARK --set-mark 5 --ctmask 3 ; ; error: needs
: ipv4,ipv6 filter/INPUT
-p tcp -j SYNPROXY ; = ; ok
-p tcp -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460 --ecn ; = ; ok
-p udp -j SYNPROXY ; ; error: needs -p tcp
-p tcp -j SYNPROXY --wscale 15 ; ; error: outside
