#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 2,000 connections at a time that open, talk and end in every way there is,
# for a minute, through a link that loses, doubles and reorders.  Then nothing
# is left: no socket, no record, no memory, and the module can go.
# (kmemleak looks at the end of the guest's life, see tools/vm/guest.)
. "$(dirname "$0")/lib.sh"

file=$top/build/${MINI_KERNEL:-6.1}/mini.ko
modprobe sch_netem 2> /dev/null
seed=${MINI_TEST_SEED:-$((RANDOM * 32768 + RANDOM))}
note "seed $seed"

# soak_pair COUNT SECONDS FROM TO
soak_pair() {
	soak -n "$1" -t "$2" -r "$seed" "$3@a" "$4@b" 10.9.0.2 5001
}

# Sockets and records, LISTEN apart
rows() { mini -n "$1" ss -Hta | wc -l; }
no_rows() { [[ $(rows "$1") -eq 0 ]]; }

# Sockets of a namespace, as /proc/net/protocols counts them
sockets() { on "$1" awk '$1 == "MINI-TCP" { print $3 }' /proc/net/protocols; }

# Pages for what is queued.  A processor keeps up to a MiB of a protocol's
# memory to itself, in either direction.
memory() { awk '$1 == "MINI-TCP" { print $4 }' /proc/net/protocols; }
little_memory() {
	local pages

	pages=$(memory)
	[[ ${pages#-} -le $((256 * $(nproc))) ]]
}

no_sockets() { [[ $(sockets "$1") -eq 0 ]]; }

left() {
	mini -n "$1" ss -ta | head -20
	echo "$(rows "$1") rows, $(sockets "$1") sockets, $(memory) pages"
	false
}

ended() { wait_for 150 no_rows "$1" && wait_for 10 no_sockets "$1" || left "$1"; }

# between COUNT SECONDS FROM TO
between() {
	local from=$3 to=$4 name

	two_hosts "$from" "$to"
	for name in a b; do
		# There are more connections than ports in a minute of TIME-WAIT.
		on $name sysctl -qw net.ipv4.ip_local_port_range='1024 65535' \
			net.ipv4.tcp_fin_timeout=5 net.ipv4.tcp_tw_reuse=1
		on $name sysctl -qw net.mini.ip_local_port_range='1024 65535' \
			net.mini.tcp_fin_timeout=5 net.mini.tcp_time_wait=2
		tc -n $name qdisc add dev eth0 root netem limit 100000 \
			loss 2% duplicate 0.5% delay 5ms reorder 90%
	done
	check "$from to $to, $1: every octet right, every end as it should be" \
		soak_pair "$@"
	sed -n '/^#/p' "$tmp/said"
	[[ $from != mini ]] || nothing_left a
	[[ $to != mini ]] || nothing_left b
	no_hosts
	[[ $from$to == inetinet ]] || check 'no memory is held' \
		wait_for 10 little_memory
}

nothing_left() {
	check "$1 has no socket and no record left" ended "$1"
	note "$(mini -n "$1" stat | awk '/Retrans|Timeouts|OutRsts|Challenge/ {
		printf "%s=%s ", $1, $2 }')"
}

between 500 5 inet inet
between 2000 60 mini mini
between 500 10 mini inet
between 500 10 inet mini
check 'rmmod' wait_for 20 rmmod mini
check 'and insmod' insmod "$file"
finish
