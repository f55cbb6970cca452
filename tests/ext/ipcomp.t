# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/FORWARD
-p ipcomp -m ipcomp --ipcompspi 5 ; = ; ok
-p 108 -m ipcomp ! --ipcompspi 5:7 ; -p ipcomp -m ipcomp ! --ipcompspi 5:7 ; ok
-p 108 -m ipcomp --ipcompspi 5 --compres ; -p ipcomp -m ipcomp --ipcompspi 5 --compres ; ok
: ipv6 filter/INPUT
-m ipcomp --ipcompspi 4 ; ; error: match ipcomp needs -p ipcomp
-p ipcomp -m ipcomp --ipcompspi 4 ; = ; ok
: ipv4 filter/FORWARD
-p ipcomp -m ipcomp --ipcompspi 5:7 | ipcomp 10.0.0.1 > 10.0.0.2 spi=7 ; hit
-p ipcomp -m ipcomp --ipcompspi 5:7 | ipcomp 10.0.0.1 > 10.0.0.2 spi=8 ; miss
-p ipcomp -m ipcomp ! --ipcompspi 5:7 | ipcomp 10.0.0.1 > 10.0.0.2 spi=8 ; hit
-p ipcomp -m ipcomp ! --ipcompspi 5:7 | hex 4500001600010000406c6679 0a0000010a000002 1100 ; bad
