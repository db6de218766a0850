#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# An unmodified DHCP client gives AF_MINI its address, route and name server:
# busybox's udhcpc, with tools/dhcp/mini-dhcp as its script.
. "$(dirname "$0")/lib.sh"

modprobe -q af_packet
hook=$top/tools/dhcp/mini-dhcp
export MINI_DHCP_STATE=$tmp MINI_DHCP_RESOLV=$tmp/resolv

has() { mini -n a "$1" | grep -q -- "$2"; }
has_not() { ! has "$@"; }

# Leases obtained so far
obtained() { [[ $(grep -c 'lease of 10.9.0.50 obtained' "$tmp/log") -ge $1 ]]; }

host a
host b
wire a eth0 b eth0
ip -n b addr add 10.9.0.1/24 dev eth0
cat > "$tmp/udhcpd.conf" <<- END
	start 10.9.0.50
	end 10.9.0.50
	interface eth0
	lease_file $tmp/leases
	pidfile $tmp/udhcpd.pid
	option subnet 255.255.255.0
	option router 10.9.0.1
	option dns 10.9.0.1
	option domain example.net
	option lease 600
END
touch "$tmp/leases"
start b busybox udhcpd -f "$tmp/udhcpd.conf" > "$tmp/server.log" 2>&1
wait_for 10 eval "on b ss -Huln | grep -q ':67 '"

start a mini-run busybox udhcpc -f -i eth0 -s "$hook" -t 20 -T 1 \
	-p "$tmp/udhcpc.pid" > "$tmp/log" 2>&1
check 'a lease' wait_for 30 obtained 1
check 'its address' wait_for 10 has addr '10.9.0.50/24 dev eth0'
check 'its route' wait_for 10 has route 'default via 10.9.0.1'
check 'its name server' wait_for 10 grep -q '^nameserver 10.9.0.1$' "$tmp/resolv"
check 'Linux has none of it' eval "! ip -n a -4 addr show eth0 | grep -q inet"
pid=$(< "$tmp/udhcpc.pid")
check 'the server is reached' on b ping -c 1 -W 5 10.9.0.50
echo hello > "$tmp/index.html"
start b python3 -m http.server --bind 10.9.0.1 --directory "$tmp" 80 \
	> /dev/null 2>&1
wait_for 20 eval "on b ss -Htln | grep -q ':80 '"
check 'curl goes by it' eval \
	"on a mini-run curl -sS -m 20 http://10.9.0.1/index.html | grep -q hello"

sent=$(counter a UdpOutDatagrams)
kill -USR1 "$pid"
check 'renewed' wait_for 20 obtained 2
check 'by a socket of AF_MINI' test "$(counter a UdpOutDatagrams)" -gt "${sent:-0}"
check 'the address stays' has addr '10.9.0.50/24 dev eth0'
kill -USR2 "$pid"
check 'released: no address' wait_for 20 has_not addr 10.9.0.50
check 'no route' has_not route default
check 'the device stays attached' has dev eth0
kill -9 "$pid"

# ISC's dhclient says the same in other words.
dhclient_says() {
	on a env interface=eth0 reason="$1" new_ip_address=10.9.0.51 \
		new_subnet_mask=255.255.255.128 new_routers='10.9.0.1 10.9.0.2' \
		new_domain_name_servers='10.9.0.1 10.9.0.2' "$hook"
}
check 'dhclient: BOUND' dhclient_says BOUND
check 'its address' has addr '10.9.0.51/25 dev eth0'
check 'the first of its routers' has route 'default via 10.9.0.1'
check 'dhclient: RENEW' dhclient_says RENEW
check 'dhclient: RELEASE' dhclient_says RELEASE
check 'nothing is left' has_not addr 10.9.0.51
mini -n a addr add 10.9.0.60/24 dev eth0
check 'what others set stays' eval 'dhclient_says EXPIRE && has addr 10.9.0.60'
finish
