#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Programs that nobody rebuilt, over multicast and broadcast: from host a to
# host b, one with AF_MINI and one with Linux's stack.
. "$(dirname "$0")/lib.sh"

modprobe -q af_packet

declare -A launcher

# The stacks of both, and where groups are
hosts_with() {
	local h

	two_hosts "$1" "$2"
	for h in "a $1" "b $2"; do
		if [[ ${h#* } == mini ]]; then
			launcher[${h% *}]=mini-run
			mini -n "${h% *}" route add 224.0.0.0/4 dev eth0
		else
			launcher[${h% *}]=
			ip -n "${h% *}" route add 224.0.0.0/4 dev eth0
		fi
	done
}

# shellcheck disable=SC2086
at() { on "$1" ${launcher[$1]} "${@:2}"; }

# Does b listen to the group?  Either stack asks the device for its frames.
joined() {
	ip -n b maddr show dev eth0 | grep -q "link *01:00:5e:$1"
}

bound() { [[ $(listeners b) == *":$1 "* ]]; }

listeners() {
	case ${launcher[$1]} in
	'') on "$1" ss -Huan ;;
	*) mini -n "$1" ss -Hua ;;
	esac
}

# b hears with iperf what a sends to a group; of a source alone if one is named
iperf_group() {
	local group=$1 mac=$2 ssm=("${@:3}") server status

	at b stdbuf -oL iperf -s -u -P 1 -p 5001 -B "$group" "${ssm[@]}" \
		> "$tmp/iperf" 2>&1 < /dev/null &
	server=$!
	wait_for 60 joined "$mac" || return
	at a iperf -u -c "$group" -p 5001 -T 4 -n 30K -b 2M > "$tmp/iperf.a" 2>&1
	status=$?
	wait_for 60 eval "! kill -0 $server" || { kill $server; status=1; }
	cat "$tmp/iperf" "$tmp/iperf.a"
	# Seconds, octets, rate, jitter, lost of all: none is lost on a cable.
	[[ $status -eq 0 ]] && grep -Eq ' 0/ *2[0-9] \(0%\)' "$tmp/iperf"
}

# said ADDRESS OPTION RECEIVER...: what a sends there comes to b's socat
said() {
	local to=$1 option=$2 ready=$3 status

	rm -f "$tmp/heard"
	at b socat -u "$4" "CREATE:$tmp/heard" < /dev/null &
	wait_for 60 eval "$ready" || return
	echo "hello $to" | at a socat -u - "UDP4-DATAGRAM:$to,$option"
	wait_for 60 grep -q "^hello $to$" "$tmp/heard"
	status=$?
	kill $!
	wait $! 2> /dev/null
	return $status
}

for pair in mini-inet inet-mini; do
	hosts_with "${pair%-*}" "${pair#*-}"
	check "$pair: iperf, a group" iperf_group 239.1.2.3 01:02:03
	check "$pair: iperf, a group of one source" \
		iperf_group 232.1.2.4 01:02:04 -H 10.9.0.1
	check "$pair: socat, a group joined by the device's name" \
		said 239.1.2.5:5005 ip-multicast-ttl=3 'joined 01:02:05' \
		UDP4-RECV:5005,ip-add-membership=239.1.2.5:eth0
	check "$pair: socat, by its address, sent by an address" \
		said 239.1.2.6:5006 ip-multicast-if=10.9.0.1 'joined 01:02:06' \
		UDP4-RECV:5006,ip-add-membership=239.1.2.6:10.9.0.2
	check "$pair: socat, broadcast on the network" \
		said 10.9.0.255:5007 broadcast 'bound 5007' UDP4-RECV:5007
	check "$pair: socat, broadcast on the link" \
		said 255.255.255.255:5008 broadcast,so-bindtodevice=eth0 \
		'bound 5008' UDP4-RECV:5008
	no_hosts
done

# mDNS: who is there?  The daemon was unpacked only, and not given its user.
cat > "$tmp/avahi.conf" <<- 'END'
	[server]
	host-name=there
	use-ipv6=no
	allow-interfaces=eth0
	enable-dbus=no
	[publish]
	publish-workstation=yes
END
if [[ -e /run/mini-vm ]]; then
	echo avahi:x:960: >> /etc/group
	echo avahi:x:960:960::/:/usr/sbin/nologin >> /etc/passwd
fi
hosts_with mini inet
start b avahi-daemon --no-drop-root --no-chroot --no-rlimits \
	-f "$tmp/avahi.conf" > "$tmp/avahi" 2>&1
at a mdns-scan > "$tmp/scan" 2>&1 < /dev/null &
check 'mdns-scan finds the services of avahi-daemon' \
	wait_for 60 grep -q 'there.*_workstation' "$tmp/scan" ||
	sed 's/^/#   /' "$tmp/avahi"
no_hosts
finish
