# REJECT: every type of both families, and when nothing is sent.
: ipv4 filter/INPUT
-j REJECT ; -j REJECT --reject-with icmp-port-unreachable ; ok
-j REJECT --reject-with icmp-net-unreachable ; = ; ok
-j REJECT --reject-with net-unreach ; -j REJECT --reject-with icmp-net-unreachable ; ok
-j REJECT --reject-with icmp-host-unreachable ; = ; ok
-j REJECT --reject-with host-unreach ; -j REJECT --reject-with icmp-host-unreachable ; ok
-j REJECT --reject-with icmp-proto-unreachable ; = ; ok
-j REJECT --reject-with proto-unreach ; -j REJECT --reject-with icmp-proto-unreachable ; ok
-j REJECT --reject-with port-unreach ; -j REJECT --reject-with icmp-port-unreachable ; ok
-j REJECT --reject-with icmp-net-prohibited ; = ; ok
-j REJECT --reject-with net-prohib ; -j REJECT --reject-with icmp-net-prohibited ; ok
-j REJECT --reject-with icmp-host-prohibited ; = ; ok
-j REJECT --reject-with HOST-PROHIB ; -j REJECT --reject-with icmp-host-prohibited ; ok
-j REJECT --reject-with icmp-admin-prohibited ; = ; ok
-j REJECT --reject-with admin-prohib ; -j REJECT --reject-with icmp-admin-prohibited ; ok
-p tcp -j REJECT --reject-with tcp-reset ; = ; ok
-p tcp -j REJECT --reject-with tcp-rst ; -p tcp -j REJECT --reject-with tcp-reset ; ok
-j REJECT --reject-with tcp-reset ; ; error: needs -p tcp
-p udp -j REJECT --reject-with tcp-reset ; ; error: needs -p tcp
! -p tcp -j REJECT --reject-with tcp-reset ; ; error: needs -p tcp
-j REJECT --reject-with icmp6-no-route ; ; error: is not one of
: ipv4 mangle/INPUT
-j REJECT ; ; error: belongs in table filter
: ipv6 filter/FORWARD
-j REJECT ; -j REJECT --reject-with icmp6-port-unreachable ; ok
-j REJECT --reject-with no-route ; -j REJECT --reject-with icmp6-no-route ; ok
-j REJECT --reject-with adm-prohibited ; -j REJECT --reject-with icmp6-adm-prohibited ; ok
-j REJECT --reject-with addr-unreach ; -j REJECT --reject-with icmp6-addr-unreachable ; ok
-j REJECT --reject-with policy-fail ; -j REJECT --reject-with icmp6-policy-fail ; ok
-j REJECT --reject-with reject-route ; -j REJECT --reject-with icmp6-reject-route ; ok
-p tcp -j REJECT --reject-with tcp-reset ; = ; ok
: inet filter/FORWARD
-j REJECT ; -j REJECT --reject-with icmpx-port-unreachable ; ok
-j REJECT --reject-with icmpx-admin-prohibited ; = ; ok
# A reset answers a SYN by acknowledging it, and an ACK with its own number.
: ipv4 filter/INPUT
-p tcp -j REJECT --reject-with tcp-reset | tcp 10.0.0.1:1000 > 10.0.0.2:22 syn ; reject => 45000028000040004006
