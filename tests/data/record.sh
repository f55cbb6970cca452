#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Records the captures of this folder: real programs talk through a router made of network
# namespaces, and what ARRIVES at the router is written.
#
#   record.sh [--install] [--out DIR] [FILE...]     as root; FILE as in README.md, default all
#
#      client              router                    server                 far
#   10.0.0.5/24 --- in0 10.0.0.1/24
#                       out0 192.0.2.1/24 --- 192.0.2.80/24
#                                             203.0.113.1/24 --- 203.0.113.66/24
#   2001:db8:1::5   2001:db8:1::1 | 2001:db8:2::1   2001:db8:2::80 | 2001:db8:3::1   2001:db8:3::66
#                                                  (the far link has an MTU of 1300)
#
# Everything runs in a mount, process and network namespace of its own, where the file system
# is read-only but for the output folder, and /run and /var/log are fresh. The namespace ends with
# the script, whatever way that is, and with it go its processes, network and files.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
packages="tshark tcpdump nginx-light dnsmasq-base bind9-dnsutils iperf3 openssh-server
	openssh-client traceroute lftp vsftpd curl iproute2 ethtool iputils-ping iputils-arping
	ndisc6 nmap hping3 busybox bsdutils python3"
subjects="http.pcapng download.pcapng dns.pcapng icmp.pcapng fragments.pcapng iperf.pcapng
	ssh.pcapng ftp.pcapng traceroute.pcapng arp.pcap ipv6.pcapng errors.pcapng pmtu.pcapng
	scan.pcapng broadcast.pcapng both.pcapng any.pcap any-sll1.pcap snap96.pcap tunnel.pcap
	office.pcapng gateway.pcapng"

die()
{
	echo "record.sh: $*" >&2
	exit 1
}

missing_packages()
{
	local p
	for p in $packages; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] ||
			echo "$p"
	done
}

# --- outside: options, packages, then once more inside the namespaces ---------------------

outside()
{
	local install=0 out=$here missing
	while [ $# -gt 0 ]; do
		case $1 in
		--install) install=1 ;;
		--out) out=$(cd "$2" && pwd) && shift ;;
		-*) die "usage: record.sh [--install] [--out DIR] [FILE...]" ;;
		*) break ;;
		esac
		shift
	done
	[ "$(id -u)" -eq 0 ] || die "needs root, to make namespaces and to capture"

	missing=$(missing_packages)
	if [ -n "$missing" ] && [ "$install" = 1 ]; then
		# Runlevel 1 keeps the packages from starting their services.
		# shellcheck disable=SC2086
		RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
			--no-install-recommends $missing
	elif [ -n "$missing" ]; then
		die "missing packages (record.sh --install installs them): ${missing//$'\n'/ }"
	fi
	exec unshare --mount --pid --fork --kill-child --mount-proc --net --uts \
		"$here/record.sh" --inside "$out" "$@"
}

# --- inside: the network -------------------------------------------------------------------

private_files()
{
	local d
	for d in "$out" "$here"; do
		mount --bind "$d" "$d"
	done
	mount -o remount,bind,ro /
	mount -t tmpfs tmpfs /run
	mount -t tmpfs tmpfs /var/log
	work=/run/work
	export TMPDIR=$work HOME=$work
	mkdir -m 755 $work /run/sshd $work/www
	hostname office
	# users as the servers need them, whoever has an account on this machine
	cat >$work/passwd <<-END
		root:x:0:0:root:$work:/bin/sh
		sshd:x:100:65534::/run/sshd:/usr/sbin/nologin
		ftp:x:101:65534::$work/www:/usr/sbin/nologin
		nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
	END
	mount --bind $work/passwd /etc/passwd
}

client() { ip netns exec client "$@"; }
server() { ip netns exec server "$@"; }
far() { ip netns exec far "$@"; }

# The stack as the contract of `pktt replay` has it: forwarding, no reverse-path filter, no
# redirects, no limit on ICMP errors. Offloads would put unfinished checksums in the captures.
tune()
{
	local ns=$1 k
	for k in net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
		net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
		net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0 \
		net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 net.ipv4.tcp_ecn=1 \
		net.ipv6.conf.default.accept_dad=0; do
		ip netns exec "$ns" sysctl -qw "$k"
	done
	ip -n "$ns" link set lo up
}

up()
{
	local ns=$1 dev=$2 mac=$3
	shift 3
	ip netns exec "$ns" ethtool -K "$dev" rx off tx off sg off tso off gso off gro off >/dev/null
	ip -n "$ns" link set "$dev" address "$mac" up
	local a
	for a; do
		ip -n "$ns" address add "$a" dev "$dev" nodad 2>/dev/null ||
			ip -n "$ns" address add "$a" dev "$dev"
	done
}

network()
{
	local ns
	for ns in client router server far; do
		ip netns add $ns
		tune $ns
	done
	ip -n router link add in0 type veth peer name eth0 netns client
	ip -n router link add out0 type veth peer name eth0 netns server
	ip -n server link add eth1 type veth peer name eth0 netns far
	ip -n server link set eth1 mtu 1300
	ip -n far link set eth0 mtu 1300
	up router in0 02:00:00:00:01:01 10.0.0.1/24 2001:db8:1::1/64
	up client eth0 02:00:00:00:01:05 10.0.0.5/24 2001:db8:1::5/64
	up router out0 02:00:00:00:02:01 192.0.2.1/24 2001:db8:2::1/64
	up server eth0 02:00:00:00:02:80 192.0.2.80/24 2001:db8:2::80/64
	up server eth1 02:00:00:00:03:01 203.0.113.1/24 2001:db8:3::1/64
	up far eth0 02:00:00:00:03:66 203.0.113.66/24 2001:db8:3::66/64
	ip -n client route add default via 10.0.0.1
	ip -n client route add default via 2001:db8:1::1
	ip -n router route add default via 192.0.2.80
	ip -n router route add default via 2001:db8:2::80
	ip -n server route add 10.0.0.0/24 via 192.0.2.1
	ip -n server route add 2001:db8:1::/64 via 2001:db8:2::1
	ip -n server route add unreachable 198.51.100.0/25
	ip -n server route add prohibit 198.51.100.128/25
	ip -n server route add unreachable 2001:db8:dead::/48
	ip -n server route add prohibit 2001:db8:beef::/48
	ip -n far route add default via 203.0.113.1
	ip -n far route add default via 2001:db8:3::1
	sleep 2 # link-local addresses, multicast listener reports
}

# --- inside: the servers -------------------------------------------------------------------

web_server()
{
	mkdir "$work/www/pub"
	cat >"$work/nginx.conf" <<-END
		daemon off; pid $work/nginx.pid; worker_processes 1; error_log $work/nginx.log;
		events { worker_connections 64; }
		http {
			access_log off; server_tokens off; sendfile off;
			client_body_temp_path $work/n1; proxy_temp_path $work/n2;
			fastcgi_temp_path $work/n3; uwsgi_temp_path $work/n4; scgi_temp_path $work/n5;
			server { listen 80; listen [::]:80; root $work/www;
				location /echo { return 200 "heard you"; } }
		}
	END
	echo '<h1>Office intranet</h1>' >"$work/www/index.html"
	head -c 3000 /dev/urandom | base64 >"$work/www/notes.txt"
	head -c 200000 /dev/urandom >"$work/www/large.bin"
	head -c 60000 /dev/urandom >"$work/www/middle.bin"
	head -c 5000 /dev/urandom >"$work/www/pub/report.pdf"
	server nginx -e "$work/nginx.log" -p "$work" -c "$work/nginx.conf" &
}

# A TXT record over the size of one answer makes dig turn to TCP by itself.
name_server()
{
	local long
	long=$(printf 'x%.0s' $(seq 240))
	server dnsmasq -k -C /dev/null --user=root --no-resolv --no-hosts --no-daemon \
		--pid-file="$work/dns.pid" --listen-address=192.0.2.80,2001:db8:2::80 \
		--bind-interfaces --local=/example/ --edns-packet-max=1232 \
		--host-record=www.example,192.0.2.80,2001:db8:2::80 \
		--host-record=far.example,203.0.113.66,2001:db8:3::66 \
		--cname=intranet.example,www.example --mx-host=example,www.example,10 \
		--txt-record=small.example,"v=spf1 -all" \
		--txt-record=long.example,"$long","$long","$long","$long","$long","$long" \
		>/dev/null 2>&1 &
	ip netns exec router dnsmasq -k -C /dev/null --user=root --no-resolv --no-hosts \
		--no-daemon --pid-file="$work/dhcp.pid" --interface=in0 --bind-interfaces \
		--no-ping --server=192.0.2.80 --dhcp-range=10.0.0.100,10.0.0.120,1h \
		--dhcp-leasefile="$work/leases" >/dev/null 2>&1 &
}

shell_server()
{
	ssh-keygen -q -t ed25519 -N '' -C record -f "$work/host_key"
	ssh-keygen -q -t ed25519 -N '' -C record -f "$work/user_key"
	cp "$work/user_key.pub" "$work/authorized"
	cat >"$work/sshd.conf" <<-END
		HostKey $work/host_key
		AuthorizedKeysFile $work/authorized
		PidFile none
		StrictModes no
		UsePAM no
		PermitRootLogin prohibit-password
		PermitTunnel yes
		PrintLastLog no
	END
	server /usr/sbin/sshd -D -q -f "$work/sshd.conf" &
	ip netns exec router /usr/sbin/sshd -D -q -f "$work/sshd.conf" &
}

file_server()
{
	mkdir "$work/empty"
	cat >"$work/vsftpd.conf" <<-END
		listen_ipv6=YES
		listen=NO
		background=NO
		anonymous_enable=YES
		ftp_username=ftp
		nopriv_user=nobody
		anon_root=$work/www
		secure_chroot_dir=$work/empty
		connect_from_port_20=YES
		pasv_min_port=50000
		pasv_max_port=50100
		seccomp_sandbox=NO
		isolate=NO
		isolate_network=NO
		xferlog_enable=NO
		use_localtime=NO
	END
	server vsftpd "$work/vsftpd.conf" &
}

servers()
{
	web_server
	name_server
	shell_server
	file_server
	server iperf3 -s >/dev/null 2>&1 &
	sleep 1
}

# --- inside: the traffic -------------------------------------------------------------------

S=192.0.2.80 S6=2001:db8:2::80
F=203.0.113.66 F6=2001:db8:3::66
R=10.0.0.1 R6=2001:db8:1::1
C=10.0.0.5 C6=2001:db8:1::5

# Programs here are meant to fail at times (404, refused, no answer): their status says nothing.
get() { client curl -q -s -m 8 "$@" >/dev/null || :; }
ask() { client dig +tries=1 +time=1 "$@" >/dev/null || :; }
png() { client ping -q -i 0.05 -W 1 "$@" >/dev/null 2>&1 || :; }
trace() { client traceroute -n -q 1 -w 0.3 -N 1 -m 5 "$@" >/dev/null 2>&1 || :; }
shell()
{
	local to=$1
	shift
	client ssh -F none -q -i "$work/user_key" -o BatchMode=yes -o ConnectTimeout=5 \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "$@" \
		"root@$to" 'id -un; head -c 2000 /dev/zero' >/dev/null || :
}
scan() { far nmap -n -Pn --max-retries 0 --host-timeout 5s "$@" >/dev/null 2>&1 || :; }
pry() { client nmap -n -Pn --max-retries 0 --host-timeout 5s "$@" >/dev/null 2>&1 || :; }
forge() { far timeout 3 hping3 -q -n -i u50000 "$@" >/dev/null 2>&1 || :; }

http()
{
	get "http://$S/" "http://$S/notes.txt"
	get "http://[$S6]/" "http://[$S6]/notes.txt"
	get "http://$S/no-such-page"
	get -I "http://$S/pub/report.pdf"
	get -d "name=value&text=hello" "http://$S/echo"
	get "http://$S/scripts/..%255c../winnt/system32/cmd.exe?/c+dir"
}

download()
{
	get "http://$S/large.bin"
}

dns()
{
	ask @$S www.example A
	ask @$S www.example AAAA
	ask @$S intranet.example A
	ask @$S example MX
	ask @$S nothing.example A
	ask @$S small.example TXT +noedns
	ask @$S +tcp www.example A
	ask @$S long.example TXT
	ask @$S6 www.example AAAA
	ask @$S6 +tcp nothing.example AAAA
	ask @$R www.example A
	ask @$S version.bind TXT CH
}

icmp()
{
	png -c 3 $S
	png -c 2 -s 1400 $S
	png -c 2 -Q 0xb8 $S
	png -c 1 -R $S
	png -c 1 -T tsonly $S
	png -c 2 $R
	png -c 1 -t 1 $F
	png -c 1 -t 2 $F
	png -c 2 -6 $S6
	png -c 1 -6 -s 1200 -Q 0x28 $F6
	png -c 2 198.51.100.7
	png -c 1 198.51.100.200
	png -c 1 -6 2001:db8:dead::1
	png -c 1 -6 2001:db8:beef::1
	client timeout 2 hping3 -q -n -c 1 --icmp-ts $S >/dev/null 2>&1 || :
	client timeout 2 hping3 -q -n -c 1 --icmp-addr $S >/dev/null 2>&1 || :
	far ping -q -c 1 -W 1 $C >/dev/null || :
	server ping -q -c 2 -i 0.05 -W 1 -6 $C6 >/dev/null || :
}

fragments()
{
	png -c 2 -s 4000 $S
	png -c 2 -6 -s 4000 $S6
	png -c 1 -s 9000 $R
	server ping -q -c 1 -s 3000 -W 1 $C >/dev/null || :
	server ping -q -c 1 -s 3000 -W 1 -6 $C6 >/dev/null || :
	client iperf3 -c $S -u -b 1M -l 4000 -n 12K >/dev/null 2>&1 || :
	scan -f -sS -p 80 $C
	scan --mtu 16 -sS -p 22 192.0.2.1
}

iperf()
{
	client iperf3 -c $S -n "${1:-500K}" >/dev/null || :
	sleep 0.3
	client iperf3 -c $S -u -b 1M -n "${2:-100K}" >/dev/null || :
}

ssh_() { shell $S && shell $S6 && shell $R; }

ftp()
{
	local u=ftp://$S/pub/report.pdf
	get "$u" --disable-epsv
	get "$u"
	get "$u" --ftp-port - --disable-eprt
	get "$u" --ftp-port -
	get "ftp://[$S6]/pub/report.pdf"
	get "ftp://[$S6]/pub/report.pdf" --ftp-port -
	client lftp --norc -c "set net:timeout 5; set ftp:sync-mode on; open ftp://$S; ls; cat notes.txt" \
		>/dev/null || :
}

traceroutes()
{
	trace $F
	trace -I $F
	trace -T -p 80 $F
	trace -6 $F6
	trace -6 -I $F6
	trace -g $S $F
}

arp()
{
	ip -n client neigh flush dev eth0
	ip -n server neigh flush dev eth0
	png -c 1 $S
	client arping -q -c 2 -I eth0 $R || :
	client arping -q -U -c 1 -I eth0 $C || :
	client arping -q -A -c 1 -I eth0 $C || :
	client arping -q -D -c 1 -I eth0 10.0.0.77 || :
	client arping -q -c 1 -w 1 -I eth0 10.0.0.99 || :
	server arping -q -c 1 -I eth0 192.0.2.1 || :
}

ipv6()
{
	ip -n client -6 neigh flush dev eth0
	ip -n server -6 neigh flush dev eth0
	client sysctl -qw net.ipv6.conf.eth0.accept_dad=1
	ip -n client address add 2001:db8:1::6/64 dev eth0
	sleep 1.2
	client rdisc6 -q -1 -w 300 eth0 >/dev/null || :
	client ndisc6 -q -1 -w 300 $R6 eth0 >/dev/null || :
	png -6 -c 2 $S6
	png -6 -c 1 -I 2001:db8:1::6 $F6
	png -6 -c 1 -I eth0 ff02::1
	png -6 -c 1 -I eth0 fe80::ff:fe00:101
	get "http://[$S6]/notes.txt"
	get "http://[$F6]:81/"
	ask @$S6 www.example AAAA
	png -6 -c 1 -s 3000 $S6
	png -6 -c 1 -t 1 $F6
	ip -n client address del 2001:db8:1::6/64 dev eth0
}

errors()
{
	get "http://$S:81/"
	get "http://[$S6]:81/"
	get "http://$R:81/"
	ask @$S -p 5353 www.example
	ask @$S6 -p 5353 www.example
	client logger -n $S -P 514 --udp -t office "printer is out of paper" || :
	png -c 1 -t 2 $F
	png -6 -c 1 -t 2 $F6
	get -m 1 "http://$S/" --local-port 1024-1100 --interface 10.0.0.5
	get -m 4 "http://203.0.113.99/"
}

# Two narrow links: the server's to far (the server's error arrives at the router), and for the
# first two pings the router's own out0 (its error does not).
pmtu()
{
	ip -n router link set out0 mtu 1400
	png -c 1 -M "do" -s 1452 $S
	png -6 -c 1 -M "do" -s 1432 $S6
	ip -n router link set out0 mtu 1500
	png -c 2 -M "do" -s 1352 $F
	png -6 -c 2 -M "do" -s 1332 $F6
	ip -n client route flush cache
	png -c 1 -M dont -s 1352 $F
}

scans()
{
	scan -sS -p 22,80,443,445,3389 $C
	scan -sX -p 22,80 $C 192.0.2.1
	scan -sN -p 22,80 $C 192.0.2.1
	scan -sF -p 22,80 $C
	scan -sA -p 80 $C
	scan --scanflags SYNFIN -p 80 $C
	scan -sU -p 53,137,161 192.0.2.1
	scan -sY -p 2905 $C
	scan -sO -p 2,41,47,50,51,103,132 $C
	scan -6 -sS -p 22,80,445 $C6
	scan -sS -p 22 --ttl 3 $C
	forge -c 1 -S -p 139 -a 10.0.0.5 $C
	forge -c 1 -S -p 80 -a 192.168.7.7 $C
	server timeout 2 hping3 -q -n -c 1 -S -p 80 -a 127.0.0.1 $C >/dev/null 2>&1 || :
	server timeout 2 hping3 -q -n -c 1 -S -p 80 -a 240.1.2.3 $C >/dev/null 2>&1 || :
	server timeout 2 hping3 -q -n -c 1 -2 -p 53 -a 169.254.9.9 $C >/dev/null 2>&1 || :
	forge -c 1 -2 -p 0 -s 0 $C
	forge -c 2 -S -p 80 -b $C
	forge -c 8 -S -p 22 -i u20000 192.0.2.1
	pry -sU -p 137,161 $S
	pry -sS -p 25,6667,445 $S
}

broadcasts()
{
	client busybox udhcpc -i eth0 -n -q -t 2 -T 1 -s /bin/true >/dev/null 2>&1 || :
	client timeout 4 nmap -e eth0 --script broadcast-dns-service-discovery,broadcast-upnp-info \
		--script-timeout 2 >/dev/null 2>&1 || :
	client ping -q -b -c 1 -W 1 10.0.0.255 >/dev/null 2>&1 || :
	client ping -q -b -c 1 -W 1 255.255.255.255 >/dev/null 2>&1 || :
	client ping -q -c 1 -W 1 -I eth0 224.0.0.1 >/dev/null 2>&1 || :
	client ping -q -c 1 -W 1 -I eth0 239.1.2.3 >/dev/null 2>&1 || :
}

short_talk()
{
	png -c 2 $S
	png -6 -c 2 $S6
	get "http://$S/"
	ask @$S www.example A
	get "http://$S:81/"
}

# A tunnel of ssh's own: its device has no link layer (LINKTYPE_RAW).
tunnel()
{
	png -c 2 -I tun0 10.9.0.1
	png -c 1 -I tun0 -s 1400 $S
	client dig +tries=1 +time=1 -b 10.9.0.2 @10.9.0.1 www.example >/dev/null || :
	png -6 -c 1 -I tun0 2001:db8:9::1
}

tunnel_up()
{
	client ssh -F none -q -f -N -w 0:0 -i "$work/user_key" -o BatchMode=yes \
		-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "root@$R" || :
	sleep 0.5
	ip -n client address add 10.9.0.2 peer 10.9.0.1 dev tun0
	ip -n router address add 10.9.0.1 peer 10.9.0.2 dev tun0
	ip -n client address add 2001:db8:9::2/64 dev tun0 nodad
	ip -n router address add 2001:db8:9::1/64 dev tun0 nodad
	ip -n client link set tun0 up
	ip -n router link set tun0 up
}

# A day at the office, pressed together: everything at once.
office()
{
	local p
	for p in http download dns icmp ssh_ ftp traceroutes "iperf 150K 40K"; do
		$p &
		jobs="$jobs $!"
	done
	for p in fragments errors broadcasts scans ipv6 arp pmtu; do
		$p &
		jobs="$jobs $!"
		sleep 0.4
	done
}

# The office behind one address: the router translates as examples/gateway says, and nobody
# outside knows a way to the office.
gateway_up()
{
	local rules="$here/../../examples/gateway"
	ip netns exec router iptables-legacy-restore "$rules/rules.v4"
	ip netns exec router ip6tables-legacy-restore "$rules/rules.v6"
	ip -n server route del 10.0.0.0/24
	client busybox httpd -f -p 80 -h "$work/www" >/dev/null 2>&1 &
}

gateway()
{
	local p
	for p in http dns icmp ssh_ ftp traceroutes "iperf 60K 20K" errors fragments; do
		$p &
		jobs="$jobs $!"
		sleep 0.3
	done
	far curl -q -s -m 5 http://192.0.2.1:8080/ http://192.0.2.1:8080/notes.txt >/dev/null || :
	server curl -q -s -m 5 http://192.0.2.1:8080/no-such-page >/dev/null || :
	scan -sS -p 22,80,443 192.0.2.1
	scan -sA -p 80 192.0.2.1
	scan -sF -p 22 192.0.2.1
	scan -6 -sS -p 22,80 $C6
	far ping -q -c 2 -W 1 192.0.2.1 >/dev/null || :
}

# --- inside: the recorders -----------------------------------------------------------------

# A recorder says that it listens some time before it does.  So pings go through the router
# until some from each side stand in its file; what came before this point is cut off later.
recording()
{
	local file=$1 sides=$2 n=0
	shift 2
	ip netns exec router "$@" 2>"$file.log" &
	recorder=$!
	until heard "$file" "$sides"; do
		n=$((n + 1))
		[ $n -lt 50 ] || die "recorder did not start: $(cat "$file.log")"
		probe
		sleep 0.1
	done
	sleep 0.5
	since=$(date +%s.%N)
}

probe() { png -c 1 $S; }

# Does the recording FILE hold packets of SIDES interfaces?
heard()
{
	[ -s "$1" ] && [ "$(tshark -n -r "$1" -T fields -e frame.interface_id 2>/dev/null |
		sort -u | wc -l)" -ge "$2" ]
}

stop()
{
	sleep 1
	kill -INT $recorder
	wait $recorder || :
}

# NAME.pcapng: both interfaces in one file, inbound only.
pcapng()
{
	local name=$1 what=$2
	recording "$work/$name.raw" 2 dumpcap -q -s 0 -w "$work/$name.raw" \
		-i in0 -f inbound -i out0 -f inbound
	run "$what"
	tidy "$name"
}

# NAME.pcapng: both interfaces, what arrives and what leaves, told apart by epb_flags.
pcapng_both()
{
	local name=$1 what=$2
	recording "$work/$name.raw" 2 dumpcap -q -s 0 -w "$work/$name.raw" -i in0 -i out0
	run "$what"
	tidy "$name" --outbound 02:00:00:00:01:01 --outbound 02:00:00:00:02:01
}

# NAME.pcap: tcpdump with the options given.
pcap()
{
	local name=$1 what=$2
	shift 2
	recording "$work/$name.raw" 1 tcpdump -n -U -Z root -w "$work/$name.raw" "$@"
	run "$what"
	tidy "$name"
}

# A subject may leave jobs of its own, never the servers, in $jobs to be waited for.
run()
{
	jobs=
	$1
	# shellcheck disable=SC2086
	[ -z "$jobs" ] || wait $jobs
	stop
}

tidy()
{
	local name=$1
	shift
	python3 "$here/tidy-capture.py" --since "$since" "$@" "$work/$name.raw" "$out/$file"
}

record()
{
	local file=$1
	case $1 in
	http.pcapng) pcapng http http ;;
	download.pcapng) pcapng download download ;;
	dns.pcapng) pcapng dns dns ;;
	icmp.pcapng) pcapng icmp icmp ;;
	fragments.pcapng) pcapng fragments fragments ;;
	iperf.pcapng) pcapng iperf iperf ;;
	ssh.pcapng) pcapng ssh ssh_ ;;
	ftp.pcapng) pcapng ftp ftp ;;
	traceroute.pcapng) pcapng traceroute traceroutes ;;
	arp.pcap) pcap arp arp -i in0 -Q in ;;
	ipv6.pcapng) pcapng ipv6 ipv6 ;;
	errors.pcapng) pcapng errors errors ;;
	pmtu.pcapng) pcapng pmtu pmtu ;;
	scan.pcapng) pcapng scan scans ;;
	broadcast.pcapng) pcapng broadcast broadcasts ;;
	both.pcapng) pcapng_both both short_talk ;;
	any.pcap) pcap any short_talk -i any -y LINUX_SLL2 ;;
	any-sll1.pcap) pcap any-sll1 short_talk -i any -y LINUX_SLL ;;
	snap96.pcap) pcap snap96 http -i in0 -Q in -s 96 --time-stamp-precision=nano ;;
	tunnel.pcap) tunnel_up && pcap tunnel tunnel -i tun0 -Q in ;;
	office.pcapng) pcapng office office ;;
	gateway.pcapng) gateway_up && pcapng gateway gateway ;;
	*) die "unknown file '$1'; known: $subjects" ;;
	esac
	echo "$1: $(capinfos -Mc -T -r "$out/$1" | cut -f 2) packets, $(stat -c %s "$out/$1") bytes"
}

inside()
{
	out=$1
	shift
	trap 'kill $(jobs -p) 2>/dev/null || :' EXIT
	private_files
	network
	servers
	local s
	# shellcheck disable=SC2086
	[ $# -gt 0 ] || set -- $subjects
	for s; do
		record "$s"
	done
}

if [ "${1-}" = --inside ]; then
	shift
	inside "$@"
else
	outside "$@"
fi
