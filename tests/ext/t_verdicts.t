# The standard target: verdicts, jumps.
: ipv4,ipv6,inet filter/INPUT
-j ACCEPT ; = ; ok
-j DROP ; = ; ok
-j RETURN ; = ; ok
-j QUEUE ; = ; ok
-j CONTINUE ; ; error: CONTINUE
-j ACCEPT --log-level 3 ; ; error: log-level
-j nowhere ; ; error: nowhere
-g nowhere ; ; error: nowhere
: arp filter/INPUT
-j ACCEPT ; = ; ok
-j DROP ; = ; ok
: bridge filter/FORWARD
-j CONTINUE ; = ; ok
-j RETURN ; = ; ok
: ipv4 filter/INPUT
-j ACCEPT | udp 10.0.0.1:1 > 10.0.0.2:2 ; accept
-j DROP | udp 10.0.0.1:1 > 10.0.0.2:2 ; drop
-j QUEUE | udp 10.0.0.1:1 > 10.0.0.2:2 ; queue
-j RETURN | udp 10.0.0.1:1 > 10.0.0.2:2 ; continue
: bridge filter/FORWARD
-j CONTINUE | udp 10.0.0.1:1 > 10.0.0.2:2 ; continue
