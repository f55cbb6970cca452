# LOG: the kernel's text, to the letter.
: ipv4,ipv6,inet filter/INPUT
-j LOG ; = ; ok
-j LOG --log-level 4 ; -j LOG ; ok
-j LOG --log-level warning ; -j LOG ; ok
-j LOG --log-level debug ; -j LOG --log-level 7 ; ok
-j LOG --log-level EMERG ; -j LOG --log-level 0 ; ok
-j LOG --log-level 8 ; ; error: outside
-j LOG --log-uid --log-tcp-options --log-level 7 --log-prefix "a b\"c" ; -j LOG --log-prefix "a b\"c" --log-level 7 --log-tcp-options --log-uid ; ok
-j LOG --log-prefix x --log-tcp-sequence --log-ip-options --log-macdecode ; = ; ok
: bridge filter/FORWARD
--log ; --log-level notice ; ok
--log --log-ip ; --log-level notice --log-ip ; ok
--log-level debug --log-prefix x --log-arp --log-ip6 -j ACCEPT ; = ; ok
-j ACCEPT --log ; --log-level notice -j ACCEPT ; ok
--log --nflog -j DROP ; --log-level notice --nflog-group 1 -j DROP ; ok
--log --log-level 9 ; ; error: outside
: ipv4 filter/INPUT
-j LOG --log-prefix "p: " | in=eth0 tcp 10.0.0.1:1000 > 10.0.0.2:22 syn ; continue log [p: IN=eth0 OUT= MAC=02:00:00:00:00:02:02:00:00:00:00:01:08:00 SRC=10.0.0.1 DST=10.0.0.2 LEN=40 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=TCP SPT=1000 DPT=22 WINDOW=65535 RES=0x00 SYN URGP=0 ]
-j LOG --log-tcp-sequence --log-tcp-options --log-macdecode | in=eth0 tcp 10.0.0.1:1000 > 10.0.0.2:22 syn ; continue log [IN=eth0 OUT= MACSRC=02:00:00:00:00:01 MACDST=02:00:00:00:00:02 MACPROTO=0800 SRC=10.0.0.1 DST=10.0.0.2 LEN=40 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=TCP SPT=1000 DPT=22 SEQ=0 ACK=0 WINDOW=65535 RES=0x00 SYN URGP=0 ]
-j LOG | in=eth0 udp 10.0.0.1:1000 > 10.0.0.2:22 ; continue log [IN=eth0 OUT= MAC=02:00:00:00:00:02:02:00:00:00:00:01:08:00 SRC=10.0.0.1 DST=10.0.0.2 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=0 PROTO=UDP SPT=1000 DPT=22 LEN=8 ]
-j LOG | in=eth0 icmp 10.0.0.1 > 10.0.0.2 type=8 id=7 ; continue log [IN=eth0 OUT= MAC=02:00:00:00:00:02:02:00:00:00:00:01:08:00 SRC=10.0.0.1 DST=10.0.0.2 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=7 PROTO=ICMP TYPE=8 CODE=0 ID=7 SEQ=0 ]
-j LOG | hex 4500001c000100004001 ; continue log [IN=eth0 OUT= MAC=02:00:00:00:00:02:02:00:00:00:00:01:08:00 TRUNCATED]
: ipv6 filter/INPUT
-j LOG | in=eth0 udp [2001:db8::1]:53 > [2001:db8::2]:53 ; continue log [IN=eth0 OUT= MAC=02:00:00:00:00:02:02:00:00:00:00:01:86:dd SRC=2001:0db8:0000:0000:0000:0000:0000:0001 DST=2001:0db8:0000:0000:0000:0000:0000:0002 LEN=48 TC=0 HOPLIMIT=64 FLOWLBL=0 PROTO=UDP SPT=53 DPT=53 LEN=8 ]
-j LOG | in=eth0 tcp [2001:db8::1]:53 > [2001:db8::2]:53 ack psh ; continue log [IN=eth0 OUT= MAC=02:00:00:00:00:02:02:00:00:00:00:01:86:dd SRC=2001:0db8:0000:0000:0000:0000:0000:0001 DST=2001:0db8:0000:0000:0000:0000:0000:0002 LEN=60 TC=0 HOPLIMIT=64 FLOWLBL=0 PROTO=TCP SPT=53 DPT=53 WINDOW=65535 RES=0x00 ACK PSH URGP=0 ]
: bridge filter/FORWARD
--log --log-ip -j ACCEPT | udp 10.0.0.1:1 > 10.0.0.2:2 ; accept log [ IN=eth0 OUT=eth1 MAC source = 02:00:00:00:00:01 MAC dest = 02:00:00:00:00:02 proto = 0x0800 IP SRC=10.0.0.1 IP DST=10.0.0.2, IP tos=0x00, IP proto=17 SPT=1 DPT=2]
--log --log-arp -j DROP | arp 10.0.0.1 > 10.0.0.2 op=1 ; drop log [ IN=eth0 OUT=eth1 MAC source = 02:00:00:00:00:01 MAC dest = 02:00:00:00:00:02 proto = 0x0806 ARP HTYPE=1, PTYPE=0x0800, OPCODE=1 ARP MAC SRC=02:00:00:00:00:01 ARP IP SRC=10.0.0.1 ARP MAC DST=00:00:00:00:00:00 ARP IP DST=10.0.0.2]
--log --log-ip6 | udp [2001:db8::1]:53 > [2001:db8::2]:53 ; continue log [ IN=eth0 OUT=eth1 MAC source = 02:00:00:00:00:01 MAC dest = 02:00:00:00:00:02 proto = 0x86dd IPv6 SRC=2001:0db8:0000:0000:0000:0000:0000:0001 IPv6 DST=2001:0db8:0000:0000:0000:0000:0000:0002, IPv6 priority=0x0, Next Header=17 SPT=53 DPT=53]
