# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-p tcp -m multiport --dports 80,443,1000:2000 ; = ; ok
-p tcp -m multiport ! --sports 80 ; = ; ok
-p tcp -m multiport --ports ssh,http ; -p tcp -m multiport --ports 22,80 ; ok
-p udplite -m multiport --ports 1 ; = ; ok
-p sctp -m multiport --ports 1:65535 ; = ; ok
-p dccp -m multiport --port 1 ; -p dccp -m multiport --ports 1 ; ok
-p icmp -m multiport --ports 1 ; ; error: match multiport needs -p tcp
-m multiport --ports 1 ; ; error: match multiport needs -p tcp
-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 ; = ; ok
-p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 ; ; error: --dports: at most 15 ports are possible, a range counting two
-p tcp -m multiport --dports 5:1 ; ; error: --dports: the range from port 5 to 1 is backwards
-p tcp -m multiport --dports 5: ; ; error: --dports: '' is not a port
-p tcp -m multiport --destination-ports 5:6 --source-ports 5 ; ; error: --sports must not stand beside --dports
: ipv6 filter/INPUT
-m multiport --ports 5 ; ; error: match multiport needs -p tcp
-p tcp -m multiport --ports 5 ; = ; ok
-p sctp -m multiport --ports 5 ; = ; ok
: ipv4 filter/FORWARD
-p tcp -m multiport --dports 80,443,1000:2000 | tcp 10.0.0.1:9 > 10.0.0.2:443 ; hit
-p tcp -m multiport --dports 80,443,1000:2000 | tcp 10.0.0.1:9 > 10.0.0.2:1500 ; hit
-p tcp -m multiport --dports 80,443,1000:2000 | tcp 10.0.0.1:9 > 10.0.0.2:81 ; miss
-p tcp -m multiport ! --sports 80 | tcp 10.0.0.1:80 > 10.0.0.2:81 ; miss
-p tcp -m multiport ! --sports 80 | tcp 10.0.0.1:81 > 10.0.0.2:81 ; hit
-p udp -m multiport --ports 53 | udp 10.0.0.1:53 > 10.0.0.2:81 ; hit
-p udp -m multiport --ports 53 | udp 10.0.0.1:81 > 10.0.0.2:53 ; hit
-p udp -m multiport ! --ports 53 | udp 10.0.0.1:81 > 10.0.0.2:53 ; miss
-p udplite -m multiport --ports 53 | udplite 10.0.0.1:81 > 10.0.0.2:53 ; hit
-p sctp -m multiport --ports 53 | sctp 10.0.0.1:81 > 10.0.0.2:53 ; hit
-p dccp -m multiport --ports 53 | dccp 10.0.0.1:81 > 10.0.0.2:53 ; hit
-p udp -m multiport --ports 53 | udp 10.0.0.1:53 > 10.0.0.2:53 frag=8 ; miss
-p udp -m multiport ! --ports 53 | hex 45000016000100004011 66d40a0000010a000002 03e8 ; bad
