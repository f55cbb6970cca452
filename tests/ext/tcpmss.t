# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-p tcp -m tcpmss --mss 500:1000 ; = ; ok
-p tcp -m tcpmss ! --mss 500 ; = ; ok
-p tcp --syn -m tcpmss --mss 500: ; -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m tcpmss --mss 500:65535 ; ok
-p tcp -m tcpmss --mss :500 ; -p tcp -m tcpmss --mss 0:500 ; ok
-m tcpmss --mss 500 ; ; error: match tcpmss needs -p tcp
: ipv4 filter/FORWARD
-p tcp -m tcpmss --mss 500:1460 | tcp 10.0.0.1:1 > 10.0.0.2:2 syn mss=1460 ; hit
-p tcp -m tcpmss --mss 500:1460 | tcp 10.0.0.1:1 > 10.0.0.2:2 syn mss=1461 ; miss
-p tcp -m tcpmss ! --mss 500:1460 | tcp 10.0.0.1:1 > 10.0.0.2:2 syn mss=1461 ; hit
# without the option
-p tcp -m tcpmss --mss 0:65535 | tcp 10.0.0.1:1 > 10.0.0.2:2 syn ; miss
-p tcp -m tcpmss ! --mss 500 | tcp 10.0.0.1:1 > 10.0.0.2:2 syn ; hit
# behind the end of the list, and of a wrong length
-p tcp -m tcpmss --mss 1460 | tcp 10.0.0.1:1 > 10.0.0.2:2 syn options=|00000000020405b4| ; hit
-p tcp -m tcpmss --mss 1460 | tcp 10.0.0.1:1 > 10.0.0.2:2 syn options=|020305b401010101| ; miss
-p tcp -m tcpmss ! --mss 1460 | hex 4500002800010000400666cd0a0000010a00000203e8001600000000000000006002200000000000 ; bad
-p tcp -m tcpmss ! --mss 1460 | hex 4500002800010000400666cd0a0000010a00000203e8001600000000000000004002200000000000 ; bad
# later fragments: the payload is read as if it were a header, in IPv6 the IP header
-p tcp -m tcpmss ! --mss 5 | tcp 10.0.0.1:1 > 10.0.0.2:2 syn frag=64 ; hit
: ipv6 filter/INPUT
-p tcp -m tcpmss ! --mss 5 | tcp6 [2001:db8::1]:1 > [2001:db8::2]:2 syn frag=64 ; bad
-p tcp -m tcpmss ! --mss 5 | tcp6 [2001:db8:5000::1]:1 > [2001:db8::2]:2 syn frag=64 ; hit
