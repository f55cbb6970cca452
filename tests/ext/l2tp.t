# Tunnel and session, versions 2 and 3, over UDP and over IP.
: ipv4,ipv6,inet filter/INPUT
-p udp -m l2tp --tid 5 --sid 7 --pversion 2 --type data ; = ; ok
-p 115 -m l2tp --tid 70000 --type control ; -p l2tp -m l2tp --tid 70000 --type control ; ok
-p udp -m l2tp ; ; error: at least one option
-p udp -m l2tp --pversion 4 ; ; error: outside
-p udp -m l2tp --pversion 2 --tid 70000 ; ; error: at most 65535
-p udp -m l2tp --type control --sid 5 ; ; error: no session
-p tcp -m l2tp --tid 5 ; ; error: needs -p udp
: ipv4 filter/INPUT
-p udp -m l2tp --tid 5 --sid 7 --pversion 2 | hex 4500002400010000401166c60a0000010a00000206a506a5001000000002000500070000 ; hit
-p udp -m l2tp --tid 5 --sid 7 --pversion 2 | hex 4500002400010000401166c60a0000010a00000206a506a5001000004002000800050007 ; hit
-p udp -m l2tp --tid 5 --type control | hex 4500002400010000401166c60a0000010a00000206a506a500100000c802000800050000 ; hit
-p udp -m l2tp --tid 5 --sid 7 --pversion 2 | hex 4500002400010000401166c60a0000010a00000206a506a5001000000003000000011170 ; miss
-p udp -m l2tp --sid 70000 | hex 4500002400010000401166c60a0000010a00000206a506a5001000000003000000011170 ; hit
-p udp -m l2tp --sid 7 | hex 4500002400010000401166c60a0000010a00000206a506a5001000000003000000011170 ; miss
-p udp -m l2tp --tid 70000 | hex 4500002400010000401166c60a0000010a00000206a506a5001000008003000800011170 ; hit
-p udp -m l2tp --tid 5 --sid 7 --pversion 2 | hex 4500001d00010000401166cd0a0000010a00000206a506a50009000031 ; miss
-p 115 -m l2tp --sid 9 | hex 4500001800010000407366700a0000010a00000200000009 ; hit
-p 115 -m l2tp --tid 9 --type control | hex 4500002000010000407366680a0000010a00000200000000c803000000000009 ; hit
-p 115 -m l2tp --tid 8 | hex 4500002000010000407366680a0000010a00000200000000c803000000000009 ; miss
