# SPDX-License-Identifier: GPL-2.0-or-later
: ipv4 filter/INPUT
-m time --timestart 10:00 --timestop 12:30 ; -m time --timestart 10:00:00 --timestop 12:30:00 --datestop 2038-01-19T03:14:07 ; ok
-m time --timestart 10:00:05 --timestop 12:30:06 --weekdays Mon,Tue,Sat --monthdays 1,5,31 ; -m time --timestart 10:00:05 --timestop 12:30:06 --monthdays 1,5,31 --weekdays Mon,Tue,Sat --datestop 2038-01-19T03:14:07 ; ok
-m time ! --weekdays Mon ! --monthdays 2 ; -m time --monthdays 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31 --weekdays Tue,Wed,Thu,Fri,Sat,Sun --datestop 2038-01-19T03:14:07 ; ok
-m time --datestart 2020-01-01 --datestop 2021-02-03T04:05:06 ; -m time --datestart 2020-01-01T00:00:00 --datestop 2021-02-03T04:05:06 ; ok
-m time --datestart 2020 ; -m time --datestart 2020-01-01T00:00:00 --datestop 2038-01-19T03:14:07 ; ok
-m time --datestart 2020-05 ; -m time --datestart 2020-05-01T00:00:00 --datestop 2038-01-19T03:14:07 ; ok
-m time --datestart 2020-05-06T10 ; -m time --datestart 2020-05-06T10:00:00 --datestop 2038-01-19T03:14:07 ; ok
-m time --datestart 2020-05-06T10:11 ; -m time --datestart 2020-05-06T10:11:00 --datestop 2038-01-19T03:14:07 ; ok
-m time --timestart 23:00 --timestop 01:00 --contiguous ; -m time --timestart 23:00:00 --timestop 01:00:00 --datestop 2038-01-19T03:14:07 --contiguous ; ok
-m time --timestart 10:00 --timestop 12:30 --contiguous ; ; error: --contiguous only makes sense when --timestop is before --timestart
-m time --kerneltz --weekdays 1,2 ; -m time --weekdays Mon,Tue --datestop 2038-01-19T03:14:07 --kerneltz ; ok
-m time --weekdays Mo,Tu ; -m time --weekdays Mon,Tue --datestop 2038-01-19T03:14:07 ; ok
-m time --weekdays mon,tuesday ; -m time --weekdays Mon,Tue --datestop 2038-01-19T03:14:07 ; ok
-m time ; -m time --datestop 2038-01-19T03:14:07 ; ok
-m time --timestart 25:00 ; ; error: --timestart: '25:00' is not a time of day
-m time --timestart 10 ; ; error: --timestart: '10' is not a time of day
-m time --utc --timestop 5:6 ; -m time --timestart 00:00:00 --timestop 05:06:00 --datestop 2038-01-19T03:14:07 ; ok
-m time --localtz ; -m time --datestop 2038-01-19T03:14:07 --kerneltz ; ok
-m time --weekdays Mon,Tue,Wed,Thu,Fri,Sat,Sun ; -m time --datestop 2038-01-19T03:14:07 ; ok
# packets are of Monday, 2026-11-23 12:00:00
: ipv4 filter/INPUT
-m time --timestart 11:00 --timestop 12:00 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m time --timestart 12:00:01 --timestop 13:00 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m time --timestart 23:00 --timestop 13:00 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m time --timestart 23:00 --timestop 11:00 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m time --weekdays Mon | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m time ! --weekdays Mon | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m time --monthdays 22,23 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m time ! --monthdays 23 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m time --weekdays Tue --monthdays 23 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m time --datestart 2026-11-23T12 --datestop 2026-11-23T12 | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m time --datestart 2026-11-23T12:00:01 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m time --datestop 2026-11-23T11:59:59 | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
# what began on Sunday night is of Sunday
-m time --timestart 23:00 --timestop 13:00 --contiguous --weekdays Sun | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
-m time --timestart 23:00 --timestop 13:00 --contiguous --weekdays Mon | udp 10.0.0.9:1 > 10.0.0.2:2 ; miss
-m time --timestart 23:00 --timestop 13:00 --weekdays Mon | udp 10.0.0.9:1 > 10.0.0.2:2 ; hit
