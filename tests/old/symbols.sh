#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The libraries export what their ancestors did, under the names that binaries ask for. usage: symbols.sh LIBIPQ LIBIPULOG. TAP.
echo 1..4
names() { nm -D --defined-only "$1" | sed 's/^[0-9a-f]* . //' | LC_ALL=C sort | tr '\n' ' '; }
soname() { readelf -d "$1" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p'; }
is() { [ "$2" = "$3" ] && echo "ok $1" || { echo "not ok $1"; echo "# $2"; echo "# $3"; }; }
is 1 "$(names "$1")" "ipq_create_handle ipq_ctl ipq_destroy_handle ipq_errmap ipq_errstr ipq_get_msgerr ipq_get_packet \
ipq_message_type ipq_perror ipq_read ipq_set_mode ipq_set_verdict "
is 2 "$(soname "$1")" libipq.so.0
is 3 "$(names "$2")" "ipulog_create_handle ipulog_destroy_handle ipulog_errmap ipulog_errno ipulog_get_fd ipulog_get_packet \
ipulog_group2gmask ipulog_perror ipulog_read ipulog_strerror "
is 4 "$(soname "$2")" libipulog.so.0
