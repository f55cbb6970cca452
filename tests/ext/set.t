# Which packets a set holds, and what the match says of its counters.
+ create ips hash:ip
+ add ips 10.0.0.5
+ add ips 10.1.0.0/30
+ create ips6 hash:ip family inet6
+ add ips6 2001:db8::5
+ create nets hash:net
+ add nets 10.0.0.0/8
+ add nets 10.1.0.0/16 nomatch
+ add nets 10.1.2.0/24
+ create svc hash:ip,port
+ add svc 192.0.2.80,tcp:80
+ add svc 192.0.2.80,udp:53
+ add svc 192.0.2.80,icmp:echo-request
+ add svc 192.0.2.80,gre:0
+ create ports bitmap:port range 0-1023
+ add ports 80
+ add ports 137-139
+ create every list:set size 8
+ add every ips
+ add every nets
+ create counted hash:ip counters
+ add counted 10.0.0.5 packets 4 bytes 100

: ipv4 filter/FORWARD
-m set --match-set ips src ; = ; ok
-m set ! --match-set ips src,dst ; = ; ok
-m set --match-set svc dst,dst --return-nomatch ! --update-counters ! --update-subcounters --packets-gt 5 ! --bytes-eq 7 ; = ; ok
-m set --set ips src ; -m set --match-set ips src ; ok
-m set --match-set ips src --update-counters ; -m set --match-set ips src ; ok
-m set --match-set ips src --packets-lt 0x10 ; -m set --match-set ips src --packets-lt 16 ; ok
-m set --match-set ips src ! --packets-gt 5 ; ; error: packets-gt
-m set --match-set ips src --packets-gt 5 --packets-lt 7 ; ; error: packets
-m set --match-set nosuch src ; ; error: there is no set nosuch
-m set --match-set svc dst ; ; error: needs 2 of src and dst
-m set --match-set ips ; ; error: match-set
-m set --match-set ips sideways ; ; error: src or dst
-m set ; ; error: match-set
-m set --match-set ips src | tcp 10.0.0.5:1 > 10.0.0.9:2 ; hit
-m set --match-set ips dst | tcp 10.0.0.5:1 > 10.0.0.9:2 ; miss
-m set --match-set ips dst | tcp 10.0.0.9:1 > 10.1.0.3:2 ; hit
-m set --match-set ips dst | tcp 10.0.0.9:1 > 10.1.0.4:2 ; miss
-m set ! --match-set ips dst | tcp 10.0.0.9:1 > 10.1.0.4:2 ; hit
-m set --match-set ips6 src | tcp 10.0.0.5:1 > 10.0.0.9:2 ; miss
-m set --match-set nets src | udp 10.9.0.1:1 > 10.0.0.9:2 ; hit
-m set --match-set nets src | udp 10.1.0.1:1 > 10.0.0.9:2 ; miss
-m set --match-set nets src --return-nomatch | udp 10.1.0.1:1 > 10.0.0.9:2 ; hit
-m set --match-set nets src --return-nomatch | udp 10.9.0.1:1 > 10.0.0.9:2 ; miss
-m set --match-set nets src | udp 10.1.2.1:1 > 10.0.0.9:2 ; hit
-m set --match-set nets src | udp 11.1.2.1:1 > 10.0.0.9:2 ; miss
-m set --match-set svc dst,dst | tcp 10.1.2.1:1 > 192.0.2.80:80 ; hit
-m set --match-set svc dst,dst | tcp 10.1.2.1:80 > 192.0.2.80:81 ; miss
-m set --match-set svc dst,src | tcp 10.1.2.1:80 > 192.0.2.80:81 ; hit
-m set --match-set svc dst,dst | udp 10.1.2.1:1 > 192.0.2.80:80 ; miss
-m set --match-set svc dst,dst | icmp 10.1.2.1 > 192.0.2.80 type=8 ; hit
-m set --match-set svc dst,dst | icmp 10.1.2.1 > 192.0.2.80 type=0 ; miss
-m set --match-set ports dst | tcp 10.1.2.1:1 > 192.0.2.80:80 ; hit
-m set --match-set ports dst | udp 10.1.2.1:1 > 192.0.2.80:138 ; hit
-m set --match-set ports dst | tcp 10.1.2.1:1 > 192.0.2.80:8000 ; miss
-m set --match-set ports dst | icmp 10.1.2.1 > 192.0.2.80 type=0 code=80 ; miss
-m set --match-set every src | tcp 10.0.0.5:1 > 10.0.0.9:2 ; hit
-m set --match-set every src | tcp 10.1.0.1:1 > 10.0.0.9:2 ; hit
-m set --match-set every src | tcp 10.1.0.9:1 > 10.0.0.9:2 ; miss
-m set --match-set counted src --packets-eq 5 | tcp 10.0.0.5:1 > 10.0.0.9:2 ; hit
-m set --match-set counted src --packets-eq 4 | tcp 10.0.0.5:1 > 10.0.0.9:2 ; miss
-m set --match-set counted src --packets-eq 4 ! --update-counters | tcp 10.0.0.5:1 > 10.0.0.9:2 ; hit
-m set --match-set counted src ! --packets-eq 4 | tcp 10.0.0.5:1 > 10.0.0.9:2 ; hit
-m set --match-set counted src --packets-lt 5 | tcp 10.0.0.5:1 > 10.0.0.9:2 ; miss
-m set --match-set counted src --packets-gt 4 | tcp 10.0.0.5:1 > 10.0.0.9:2 ; hit
-m set --match-set counted src --bytes-eq 140 | tcp 10.0.0.5:1 > 10.0.0.9:2 ; hit
-m set --match-set counted src --bytes-gt 140 | tcp 10.0.0.5:1 > 10.0.0.9:2 ; miss

: ipv6 filter/FORWARD
-m set --match-set ips6 src | tcp [2001:db8::5]:1 > [2001:db8::6]:2 ; hit
-m set --match-set ips6 src | tcp [2001:db8::6]:1 > [2001:db8::5]:2 ; miss
-m set --match-set ips src | tcp [2001:db8::6]:1 > [2001:db8::5]:2 ; miss
-m set --match-set ports dst | tcp [2001:db8::6]:1 > [2001:db8::5]:139 ; hit
-m set --match-set every dst | tcp [2001:db8::6]:1 > [2001:db8::5]:139 ; miss
