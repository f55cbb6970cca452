# Matches on what a host has beside packets.
: ipv4,ipv6 filter/INPUT
-m socket ; = ; ok
-m socket --transparent --nowildcard --restore-skmark ; = ; ok
-m nfacct --nfacct-name foo ; = ; ok
-m nfacct ; ; error: needs --nfacct-name
-m ipvs --ipvs ; = ; ok
-m ipvs --vmethod NONE ; ; error: is not one of
-m ipvs ! --ipvs ; = ; ok
-m ipvs --vproto tcp --vport 80 --vdir REPLY ! --vmethod MASQ --vportctl 21 ; -m ipvs --vproto 6 --vport 80 --vdir REPLY ! --vmethod MASQ --vportctl 21 ; ok
: ipv4 filter/FORWARD
-m policy --dir in --pol none ; = ; ok
-m policy --dir in --pol ipsec --strict --reqid 1 --spi 0x1 --proto esp --mode tunnel --tunnel-src 10.0.0.0/8 --tunnel-dst 1.2.3.4 ; -m policy --dir in --pol ipsec --strict --reqid 1 --spi 0x1 --proto esp --mode tunnel --tunnel-dst 1.2.3.4 --tunnel-src 10.0.0.0/8 ; ok
-m policy --dir in --pol ipsec --proto esp ! --reqid 5 ; -m policy --dir in --pol ipsec ! --reqid 5 --proto esp ; ok
-m policy --dir in --pol none --reqid 5 ; ; error: nothing else
-m policy --dir in --pol ipsec --strict --reqid 1 --proto esp --next ! --reqid 2 --proto ah --next --mode tunnel --tunnel-src 10.0.0.0/8 --next --spi 5 ; -m policy --dir in --pol ipsec --strict --reqid 1 --proto esp --next ! --reqid 2 --proto ah --next --mode tunnel --tunnel-src 10.0.0.0/8 --next --spi 0x5 ; ok
-m policy --dir in --pol ipsec --strict --reqid 1 --next --reqid 2 --next --reqid 3 --next --reqid 4 --next --reqid 5 ; ; error: given twice
-m policy --dir in --pol ipsec --strict --reqid 1 --reqid 2 ; ; error: given twice
-m policy --dir in --pol ipsec --reqid 1 --next --reqid 2 ; ; error: needs --strict
-m policy --dir in --pol ipsec --proto tcp ; ; error: ah, esp or ipcomp
-m policy --pol none ; ; error: needs --dir
-m socket ; ; error: works in
: ipv4,ipv6 filter/OUTPUT
-m cgroup --cgroup 1 ; = ; ok
-m cgroup ! --cgroup 0x10 ; -m cgroup ! --cgroup 16 ; ok
-m cgroup --path a/b ; -m cgroup --path "a/b" ; ok
-m cgroup ; ; error: cgroup needs
-m cgroup --path a --cgroup 1 ; ; error: must not stand beside
: ipv4 filter/FORWARD
-m policy --dir in --pol none | udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-m policy --dir in --pol ipsec | udp 10.0.0.1:1 > 10.0.0.2:2 ; miss
-m nfacct --nfacct-name foo | udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
-m ipvs --ipvs | udp 10.0.0.1:1 > 10.0.0.2:2 ; miss
-m ipvs ! --ipvs | udp 10.0.0.1:1 > 10.0.0.2:2 ; hit
