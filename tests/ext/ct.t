# Matches of connection tracking: declared; they are refused where they would run.
: ipv4,ipv6,inet filter/INPUT
-m state --state NEW,ESTABLISHED ; = ; ok
-m state ! --state INVALID ; = ; ok
-m state --state new ; -m state --state NEW ; ok
-m state ; ; error: needs --state
-m state --state SNAT ; ; error: state
-m conntrack --ctstate RELATED,ESTABLISHED,NEW,SNAT,DNAT,UNTRACKED,INVALID ; -m conntrack --ctstate INVALID,NEW,RELATED,ESTABLISHED,UNTRACKED,SNAT,DNAT ; ok
-m conntrack --ctproto 99 --ctstatus NONE --ctexpire 5 --ctdir ORIGINAL ; = ; ok
-m conntrack --ctproto tcp ; -m conntrack --ctproto 6 ; ok
-m conntrack ! --ctstatus ASSURED,EXPECTED ! --ctexpire 5:10 --ctdir REPLY ; -m conntrack ! --ctstatus EXPECTED,ASSURED ! --ctexpire 5:10 --ctdir REPLY ; ok
-m conntrack --ctorigsrcport 10 --ctorigdstport 1:20 ! --ctreplsrcport 5 --ctrepldstport 6 ; = ; ok
-m conntrack ; ; error: at least one option
-m conntrack --ctstate NONE ; ; error: ctstate
-m connmark --mark 5 ; -m connmark --mark 0x5 ; ok
-m connmark ! --mark 5/0xf0 ; -m connmark ! --mark 0x5/0xf0 ; ok
-m connbytes --connbytes 10:10 --connbytes-dir both --connbytes-mode packets ; -m connbytes --connbytes 10:10 --connbytes-mode packets --connbytes-dir both ; ok
-m connbytes --connbytes 10000: --connbytes-dir both --connbytes-mode bytes ; -m connbytes --connbytes 10000 --connbytes-mode bytes --connbytes-dir both ; ok
-m connbytes ! --connbytes 10:20 --connbytes-mode avgpkt --connbytes-dir original ; = ; ok
-m connbytes --connbytes 10 ; ; error: needs --connbytes-mode
-m connlabel --label 5 ; = ; ok
-m connlabel ; ; error: needs --label
-m connmark ; ; error: needs --mark
-m helper ; ; error: needs --helper
-m connlabel ! --label web --set ; = ; ok
-m helper --helper ftp ; = ; ok
-m helper ! --helper ftp-2121 ; = ; ok
-m cluster --cluster-total-nodes 2 --cluster-local-node 1 --cluster-hash-seed 0xdeadbeef ; -m cluster --cluster-local-nodemask 0x00000001 --cluster-total-nodes 2 --cluster-hash-seed 0xdeadbeef ; ok
-m cluster --cluster-total-nodes 4 ! --cluster-local-nodemask 5 --cluster-hash-seed 7 ; -m cluster ! --cluster-local-nodemask 0x00000005 --cluster-total-nodes 4 --cluster-hash-seed 0x00000007 ; ok
-m cluster --cluster-total-nodes 2 --cluster-local-node 3 --cluster-hash-seed 1 ; ; error: no node 3 of 2
: ipv4 filter/INPUT
-m conntrack --ctorigsrc 10.0.0.0/8 ! --ctorigdst 1.2.3.4 --ctreplsrc 1.2.3.4/32 ; -m conntrack --ctorigsrc 10.0.0.0/8 ! --ctorigdst 1.2.3.4 --ctreplsrc 1.2.3.4 ; ok
-m connlimit --connlimit-above 5 ; -m connlimit --connlimit-above 5 --connlimit-mask 32 --connlimit-saddr ; ok
-m connlimit --connlimit-upto 5 --connlimit-mask 24 --connlimit-daddr ; = ; ok
-m connlimit ! --connlimit-above 5 --connlimit-saddr ; -m connlimit --connlimit-upto 5 --connlimit-mask 32 --connlimit-saddr ; ok
-m connlimit --connlimit-upto 5 --connlimit-mask 33 ; ; error: outside
-m connlimit ; ; error: connlimit needs
: ipv6 filter/INPUT
-m connlimit --connlimit-above 5 ; -m connlimit --connlimit-above 5 --connlimit-mask 128 --connlimit-saddr ; ok
