# SPDX-License-Identifier: GPL-2.0-or-later
: bridge filter/FORWARD
-d BGA --stp-type config ; = ; ok
-d BGA --stp-type 0x80 ; -d BGA --stp-type tcn ; ok
-d BGA --stp-type 5 ; = ; ok
-d BGA --stp-flags topology-change ; = ; ok
-d BGA --stp-flags 0x80 ; -d BGA --stp-flags topology-change-ack ; ok
-d BGA --stp-flags 5 --stp-root-prio 1:2 --stp-root-addr 00:11:22:33:44:55 --stp-root-cost 5 --stp-sender-prio 6 --stp-sender-addr 00:11:22:33:44:55/ff:ff:ff:ff:ff:00 --stp-port 5:6 --stp-msg-age 1 --stp-max-age 2:3 --stp-hello-time 4 --stp-forward-delay 5 ; -d BGA --stp-flags 5 --stp-root-prio 1:2 --stp-root-addr 00:11:22:33:44:55 --stp-root-cost 5 --stp-sender-prio 6 --stp-sender-addr 00:11:22:33:44:00/ff:ff:ff:ff:ff:00 --stp-port 5:6 --stp-msg-age 1 --stp-max-age 2:3 --stp-hello-time 4 --stp-forward-delay 5 ; ok
-d BGA ! --stp-type config ! --stp-flags 1 ! --stp-root-prio 1 ; -d BGA ! --stp-type config ! --stp-flags topology-change ! --stp-root-prio 1 ; ok
-d BGA --stp-root-prio 1: --stp-root-cost :5 ; -d BGA --stp-root-prio 1:65535 --stp-root-cost 0:5 ; ok
--stp-type config | udp 10.0.0.1:1 > 10.0.0.2:2 ; miss
