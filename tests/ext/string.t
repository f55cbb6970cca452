# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/INPUT
-m string --algo bm --string foo ; -m string --string "foo" --algo bm ; ok
-m string --algo kmp ! --string "foo bar" --icase --from 5 --to 100 ; -m string ! --string "foo bar" --algo kmp --from 5 --to 100 --icase ; ok
-m string --algo bm --hex-string "|03|www|07|exam" ; -m string --hex-string "|03777777076578616d|" --algo bm ; ok
-m string --algo bm --hex-string "abc" ; -m string --string "abc" --algo bm ; ok
-m string --algo bm --hex-string "|3a 3b|" ; -m string --string ":;" --algo bm ; ok
-m string --algo bm --string "a\"b" ; -m string --string "a\"b" --algo bm ; ok
-m string --algo bm --string "a\\b" ; -m string --string "a\\b" --algo bm ; ok
-m string --algo bm --string "|" ; -m string --string "|" --algo bm ; ok
-m string --algo bm --hex-string "a\\|b" ; -m string --string "a|b" --algo bm ; ok
-m string --algo bm --string foo --from 10 --to 5 ; ; error: --from 10 is after --to 5
-m string --algo bm --string foo --to 65535 ; -m string --string "foo" --algo bm ; ok
-m string --algo bm --string foo --from 0 ; -m string --string "foo" --algo bm ; ok
-m string --string foo ; ; error: string needs --algo
-m string --algo xx --string foo ; ; error: --algo: 'xx' is not one of
-m string --algo bm ; ; error: string needs --string or --hex-string
-m string --algo bm --string foo --hex-string bar ; ; error: --string must not stand beside --hex-string
: ipv4,ipv6,inet filter/FORWARD
-m string --algo bm --string foo | udp 10.0.0.9:1 > 10.0.0.2:2 payload=xfoox ; hit
-m string --algo kmp --string foo | udp 10.0.0.9:1 > 10.0.0.2:2 payload=xfoox ; hit
-m string --algo bm --string foo | udp 10.0.0.9:1 > 10.0.0.2:2 payload=xFoox ; miss
-m string --algo bm --string foo --icase | udp 10.0.0.9:1 > 10.0.0.2:2 payload=xFoOx ; hit
-m string --algo bm ! --string foo | udp 10.0.0.9:1 > 10.0.0.2:2 payload=xfoox ; miss
-m string --algo bm ! --string foo | udp 10.0.0.9:1 > 10.0.0.2:2 payload=bar ; hit
-m string --algo bm --hex-string "|00 01|f" | udp 10.0.0.9:1 > 10.0.0.2:2 payload=x|0001|f ; hit
: ipv4 filter/FORWARD
# the header is searched too: 28 bytes, then the payload
-m string --algo bm --hex-string "|0a000009|" | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m string --algo bm --string foo --from 29 | udp 10.0.0.9:1 > 10.0.0.2:2 payload=xfoo ; hit
-m string --algo bm --string foo --from 30 | udp 10.0.0.9:1 > 10.0.0.2:2 payload=xfoo ; miss
-m string --algo bm --string foo --to 32 | udp 10.0.0.9:1 > 10.0.0.2:2 payload=xfoo ; hit
-m string --algo bm --string foo --to 31 | udp 10.0.0.9:1 > 10.0.0.2:2 payload=xfoo ; miss
