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
# a configuration message; of others Linux looks at none
--stp-type config | frame 0180c2000000020000000001002642420300000001800000112233445500000004800100112233446680020100140002000f00 ; hit
--stp-type tcn | frame 0180c2000000020000000001002642420300000001800000112233445500000004800100112233446680020100140002000f00 ; miss
! --stp-type tcn | frame 0180c2000000020000000001002642420300000001800000112233445500000004800100112233446680020100140002000f00 ; hit
--stp-flags topology-change | frame 0180c2000000020000000001002642420300000001800000112233445500000004800100112233446680020100140002000f00 ; hit
--stp-flags 0 | frame 0180c2000000020000000001002642420300000001800000112233445500000004800100112233446680020100140002000f00 ; miss
--stp-root-prio 32768 --stp-root-addr 00:11:22:33:44:55 --stp-root-cost 4:5 | frame 0180c2000000020000000001002642420300000001800000112233445500000004800100112233446680020100140002000f00 ; hit
! --stp-root-addr 00:11:22:33:44:55 | frame 0180c2000000020000000001002642420300000001800000112233445500000004800100112233446680020100140002000f00 ; miss
--stp-sender-prio 32769 --stp-sender-addr 00:11:22:33:44:00/ff:ff:ff:ff:ff:00 --stp-port 32770 | frame 0180c2000000020000000001002642420300000001800000112233445500000004800100112233446680020100140002000f00 ; hit
--stp-msg-age 256 --stp-max-age 5120 --stp-hello-time 512 --stp-forward-delay 3840 | frame 0180c2000000020000000001002642420300000001800000112233445500000004800100112233446680020100140002000f00 ; hit
--stp-forward-delay 3841 | frame 0180c2000000020000000001002642420300000001800000112233445500000004800100112233446680020100140002000f00 ; miss
--stp-root-cost 4 | frame 0180c20000000200000000010009424203000000010000 ; miss
--stp-type tcn | frame 0180c2000000020000000001000742420300008000 ; miss
: bridge filter/FORWARD
-d BGA --stp-root-prio 70000 ; ; error: stp-root-prio
