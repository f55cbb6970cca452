#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Says which files of this folder the machine's own programs load, and fails if that is not
# what refused.txt says.
#
#   check.sh [FILE...]        as root; default: every file here
#
# Works in mount and network namespaces of its own, with the sets of sets.ipset there. What
# passes --test is loaded for good as well: only then does the kernel look at it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)

if [ "${1-}" != --inside ]; then
	[ "$(id -u)" -eq 0 ] || { echo "check.sh: needs root, to make namespaces" >&2; exit 1; }
	exec unshare --mount --net "$here/check.sh" --inside "$@"
fi
shift
cd "$here"
mount -t tmpfs tmpfs /run # the lock of iptables

load()
{
	case $1 in
	*.v4) iptables-legacy-restore --test <"$1" && iptables-legacy-restore <"$1" ;;
	*.v6) ip6tables-legacy-restore --test <"$1" && ip6tables-legacy-restore <"$1" ;;
	*.arp) arp_load "$1" ;;
	esac
}

# arptables-legacy-restore is a script around `arptables`, which may be the one of nft: let it be
# the legacy one here. It has no --test, so it loads into the namespace.
arp_load()
{
	local nft
	nft=$(readlink -f "$(command -v arptables)")
	case $nft in
	*nft*) mount --bind "$(command -v arptables-legacy)" "$nft" ;;
	esac
	arptables-legacy-restore <"$1"
}

# Some refusals do not reach the exit status of the legacy ARP script.
loads()
{
	local said
	said=$(load "$1" 2>&1) || { reason=$said; return 1; }
	reason=$said
	case $1 in *.arp) [ -z "$said" ] ;; esac
}

ipset restore <sets.ipset
good=0 bad=0
[ $# -gt 0 ] || set -- *.v4 *.v6 *.arp
for f; do
	expect=loads result=loads
	! grep -q "^$f " refused.txt || expect=refused
	loads "$f" || result=refused
	if [ $result = $expect ]; then
		good=$((good + 1))
		echo "ok      $f ($result)"
	else
		bad=$((bad + 1))
		echo "NOT OK  $f: $result, but $expect was expected"
	fi
	[ $result = loads ] || printf '%s\n' "$reason" | sed '/^$/d; s/^/        | /' | head -3
done
echo "$good passed, $bad failed"
[ $bad -eq 0 ]
