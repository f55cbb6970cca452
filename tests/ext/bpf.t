# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/INPUT
-m bpf --bytecode "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0" ; = ; ok
-m bpf --bytecode "1,6 0 0 1" ; = ; ok
-m bpf --bytecode "0,6 0 0 1" ; ; error: --bytecode: a program has 1 to 64 instructions, not 0
-m bpf --bytecode "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0," ; -m bpf --bytecode "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0" ; ok
-m bpf --object-pinned /sys/fs/bpf/x ; -m bpf --object-pinned "/sys/fs/bpf/x" ; ok
: ipv4 filter/INPUT
-m bpf --bytecode "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0" | tcp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m bpf --bytecode "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0" | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
# the destination port behind a header of any length: ldx 4*([0]&0xf); ldh [x+2]; jeq #2
-m bpf --bytecode "5,177 0 0 0,72 0 0 2,21 0 1 2,6 0 0 65535,6 0 0 0" | udp 10.0.0.9:1 > 10.0.0.2:2 options=|01010101| ; hit
-m bpf --bytecode "5,177 0 0 0,72 0 0 2,21 0 1 2,6 0 0 65535,6 0 0 0" | udp 10.0.0.9:1 > 10.0.0.2:3 ; miss
# a read beyond the packet ends the program with 0
-m bpf --bytecode "2,32 0 0 100,6 0 0 1" | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
# len; a / x with x 0; memory
-m bpf --bytecode "2,128 0 0 0,22 0 0 0" | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m bpf --bytecode "4,0 0 0 8,1 0 0 0,60 0 0 0,6 0 0 1" | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m bpf --bytecode "5,0 0 0 7,2 0 0 3,0 0 0 0,96 0 0 3,22 0 0 0" | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
# beside the packet: the mark
-m bpf --bytecode "4,32 0 0 4294963220,21 0 1 7,6 0 0 1,6 0 0 0" | mark=0x7 udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m bpf --bytecode "4,32 0 0 4294963220,21 0 1 7,6 0 0 1,6 0 0 0" | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m bpf --object-pinned /sys/fs/bpf/x | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
