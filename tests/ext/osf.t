# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/INPUT
-m osf --genre Linux ; ; error: match osf needs -p tcp
-p tcp -m osf --genre Linux --ttl 2 --log 0 ; = ; ok
-p tcp -m osf ! --genre Linux:2.6 --ttl 0 ; -p tcp -m osf ! --genre "Linux:2.6" --ttl 0 ; ok
: ipv4 filter/INPUT
# without a file of fingerprints nothing matches; ! has no effect, as on Linux
-p tcp -m osf --genre Linux | tcp 10.0.0.9:1 > 10.0.0.2:2 syn ; miss
-p tcp -m osf ! --genre Linux | tcp 10.0.0.9:1 > 10.0.0.2:2 syn ; miss
: ipv4 filter/OUTPUT
-p tcp -m osf --genre Linux ; ; error: OUTPUT
