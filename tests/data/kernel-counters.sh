#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the kernel's own iptables counts when a recording arrives at a router with the rules of
# examples/office: the files of kernel/, which a replay of the same must reproduce.
#
#   kernel-counters.sh [--out DIR] [NAME...]    as root; NAME.pcapng of this folder
#
# The router is as the contract of `pktt replay` has it: forwarding, no limit on ICMP errors,
# neighbours known, and whatever would be delivered to it is dropped behind the last INPUT
# chain, so that it answers nothing by itself. Everything is in namespaces of its own.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
rules=$here/../../examples/office

if [ "${1-}" != --inside ]; then
	out=$here/kernel
	[ "${1-}" != --out ] || { out=$(cd "$2" && pwd) && shift 2; }
	[ "$(id -u)" -eq 0 ] || { echo "kernel-counters.sh: needs root" >&2; exit 1; }
	[ $# -gt 0 ] || set -- office scan icmp fragments ipv6 broadcast errors
	for name; do
		unshare --mount --pid --fork --kill-child --mount-proc --net \
			"$here/kernel-counters.sh" --inside "$out" "$name"
	done
	exit 0
fi
out=$2 name=$3
mount -t tmpfs tmpfs /run

peers() { ip netns exec peers "$@"; }

up()
{
	local dev=$1 peer=$2 mac=$3 a
	shift 3
	ip link add "$dev" type veth peer name "$peer" netns peers
	ethtool -K "$dev" rx off tx off sg off tso off gso off gro off >/dev/null
	ip link set "$dev" address "$mac" up
	peers ip link set "$peer" up
	for a; do
		ip address add "$a" dev "$dev" nodad 2>/dev/null || ip address add "$a" dev "$dev"
	done
}

neighbours()
{
	local dev=$1 mac=$2 a
	shift 2
	for a; do
		ip neigh replace "$a" lladdr "$mac" dev "$dev" nud permanent
	done
}

network()
{
	local k
	ip netns add peers
	peers sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	for k in net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 \
		net.ipv6.icmp.ratelimit=0 net.ipv4.conf.{all,default}.rp_filter=0 \
		net.ipv4.conf.{all,default}.send_redirects=0; do
		sysctl -qw "$k"
	done
	ip link set lo up
	up in0 client 02:00:00:00:01:01 10.0.0.1/24 2001:db8:1::1/64
	up out0 server 02:00:00:00:02:01 192.0.2.1/24 2001:db8:2::1/64
	ip route add default via 192.0.2.80
	ip route add default via 2001:db8:2::80
	neighbours in0 02:00:00:00:01:05 10.0.0.{5,77,99,100,101,102,103} 2001:db8:1::{5,6} \
		fe80::ff:fe00:105
	neighbours out0 02:00:00:00:02:80 192.0.2.80 2001:db8:2::80 fe80::ff:fe00:280
	nft -f - <<-END
		table inet deaf {
			chain input { type filter hook input priority 1000; policy drop; }
		}
	END
	sleep 3 # the router's own multicast reports
}

counters() { grep -v '^#'; }

network
ipset restore <"$rules/sets.ipset"
iptables-legacy-restore <"$rules/rules.v4"
ip6tables-legacy-restore <"$rules/rules.v6"
peers python3 "$here/play.py" "$here/$name.pcapng" client server
sleep 0.3
iptables-legacy-save -c | counters >"$out/$name.v4"
ip6tables-legacy-save -c | counters >"$out/$name.v6"
echo "$name: $(awk '/^\[[1-9]/ { n++ } END { print n }' "$out/$name".v?) rules hit"
