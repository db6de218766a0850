#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Programs that speak ICMP, unmodified: ping, traceroute, mtr, tracepath, nmap
# and busybox's ping, under mini-run.  Each does the same on the same path with
# AF_INET, and says the same.
#
#	a 10.9.0.1 -- 10.9.0.2 router 10.9.1.1 -- 10.9.1.2 b
#
# a is the stack that is looked at; the router and b are Linux.
. "$(dirname "$0")/lib.sh"

range_of() { echo "net.${1/inet/ipv4}.ping_group_range"; }

network() {
	host a
	host router
	host b
	wire a eth0 router to_a
	wire b eth0 router to_b
	stack a "$1" eth0 10.9.0.1/24
	stack router inet to_a 10.9.0.2/24
	stack router inet to_b 10.9.1.1/24
	stack b inet eth0 10.9.1.2/24
	on router sysctl -qw net.ipv4.ip_forward=1
	# Errors are not rationed: a trace asks for many at once.
	on router sysctl -qw net.ipv4.icmp_ratelimit=0
	on b sysctl -qw net.ipv4.icmp_ratelimit=0
	on router sysctl -qw net.ipv4.icmp_msgs_per_sec=100000
	on b sysctl -qw net.ipv4.icmp_msgs_per_sec=100000
	ip -n b route add default via 10.9.1.1
	on a sysctl -qw "$(range_of "$1")"='65534 65534'
	case $1 in
	mini)
		mini -n a route add 0.0.0.0/0 via 10.9.0.2 ;;
	inet)
		ip -n a route add default via 10.9.0.2
		;;
	esac
	start b nc -lk -p 7777 > /dev/null
	wait_for 20 on b nc -z 127.0.0.1 7777
}

# What differs from run to run, and what is not about the answer, is left out.
answer() {
	sed -E 's/time[=<][0-9.]+ ?m?s?/time/; s/ +[0-9.]+ ?ms//g; s/seq ([0-9]+)/\1/
		/^(rtt|round-trip)/d; s/, time$//; s/ in [0-9.]+ seconds?//
		/^Starting Nmap/d; s/\([0-9.]+s latency\)//; /^Start: /d
		s/^( +[0-9]+\.\|-- [0-9.]+ +[0-9.]+% +[0-9]+).*/\1/' "$1"
}

pings='ping -n -c 3 -i 0.2 10.9.1.2
ping -n -c 2 -i 0.2 -t 1 10.9.1.2
ping -n -c 1 -s 1400 -Q 0x10 10.9.1.2
ping -n -c 1 -M do -s 3000 -W 5 10.9.1.2
ping -n -c 1 -W 10 10.9.0.77'

# name, a tab, the command; "raw" and "echo" are the sockets that ping opens:
# a raw one when its group may have no other
commands() {
	local line

	while read -r line; do
		printf 'raw: %s\t%s\n' "$line" "$line"
		printf 'echo: %s\tas_user %s\n' "$line" "$line"
	done <<< "$pings"
	for line in \
		'traceroute.db -n -q 1 -w 10 10.9.1.2' \
		'traceroute.db -n -q 1 -w 10 -I 10.9.1.2' \
		'traceroute.db -n -q 1 -w 10 -T -p 7777 10.9.1.2' \
		'traceroute.db -n -q 1 -w 10 -T -p 7778 10.9.1.2' \
		'tracepath -n 10.9.1.2' \
		'mtr --report -n -c 2 -i 0.3 10.9.1.2' \
		'mtr --report -n -c 2 -i 0.3 -u 10.9.1.2' \
		'nmap -n -sT -Pn -p 7777,7778 10.9.1.2' \
		'busybox ping -c 2 10.9.1.2'; do
		printf '%s\t%s\n' "$line" "$line"
	done
}

run_all() {
	local n=0 name command

	while IFS=$'\t' read -r name command; do
		n=$((n + 1))
		# Without privileges, and so without raw sockets
		if [[ $command == as_user* ]]; then
			set -- setpriv --reuid 65534 --regid 65534 \
				--clear-groups --no-new-privs
			command=${command#as_user }
		else
			set --
		fi
		# shellcheck disable=SC2086
		on a $runner "$@" timeout 60 $command > "$tmp/$kind.$n" 2>&1 < /dev/null
		echo "status $?" >> "$tmp/$kind.$n"
	done < <(commands)
}

says_the_same() {
	[[ -s $tmp/inet.$1 ]] &&
		diff <(answer "$tmp/inet.$1") <(answer "$tmp/mini.$1")
}

kind=inet
runner=
network inet
run_all
no_hosts
kind=mini
runner=mini-run
network mini
run_all
n=0
while IFS=$'\t' read -r name _; do
	check "$name" says_the_same $((n += 1))
done < <(commands)
# That it was so, and not by Linux's own stack.
check 'the echoes went by mini' eval '[[ $(counter a IcmpOutMsgs) -gt 10 ]]'
check 'no raw socket is left' eval '[[ -z $(mini -n a ss -Hw) ]]'
finish
