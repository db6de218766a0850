#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Frames over a veth pair, which the peer may receive in the sender's call: the
# devices' counters are what they would be, and who is to see a frame on its
# way sees it.  Each case runs with Linux at both ends, then with AF_MINI.
. "$(dirname "$0")/lib.sh"

transfer generate "$(scaled 500000)" > "$tmp/data"

# Nothing but what the test sends: IPv6 would say that it is there.
quiet_hosts() {
	host a
	host b
	on a sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	on b sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	wire a eth0 b eth0
	stack a $family eth0 10.9.0.1/24
	stack b $family eth0 10.9.0.2/24
}

# From a to b
sends() { carries "$family" "$family"; }

pings() {
	if [[ $family == mini ]]; then
		on a mini-run ping -c 2 -i 0.2 -w "${1:-5}" 10.9.0.2
	else
		on a ping -c 2 -i 0.2 -w "${1:-5}" 10.9.0.2
	fi
}

no_ping() { ! pings 1; }

# Of a device: octets and packets
stat_of() { on "$1" cat "/sys/class/net/eth0/statistics/$2"; }

both_count_alike() {
	local what

	for what in packets bytes; do
		echo "a sent $(stat_of a tx_$what) $what, b got $(stat_of b rx_$what)"
		[[ $(stat_of a tx_$what) -eq $(stat_of b rx_$what) ]] || return 1
		[[ $(stat_of b tx_$what) -eq $(stat_of a rx_$what) ]] || return 1
	done
	[[ $(stat_of a tx_bytes) -gt $(wc -c < "$tmp/data") ]]
}

# Is what the device sent, and got, what the stack counted?
stack_counts_alike() {
	[[ $family == mini ]] || return 0
	[[ $(counter a LinkOutFrames) -eq $(stat_of a tx_packets) &&
	   $(counter a LinkInFrames) -eq $(stat_of a rx_packets) ]]
}

# direct HOST: frames that the peer received in the sender's call
direct() { counter "$1" LinkOutDirect; }

# The command succeeds, and nothing of a's passes by the device meanwhile.
goes_through() {
	local before

	[[ $family == mini ]] || { "$@"; return; }
	before=$(direct a)
	"$@" && echo "direct: $before, $(direct a)" &&
		[[ $(direct a) -eq $before ]]
}

# Are data and acknowledgements of sends() among what tcpdump has written?
captured() {
	[[ $(tcpdump -Z root -nnr "$tmp/frames" "$1" 2> /dev/null |
		wc -l) -gt 3 ]]
}

# As sends(), and somebody listens at a host's end.
heard() {
	local watch status run=goes_through

	[[ $1 == a ]] || run=
	start "$1" tcpdump -Z root -nni eth0 -U -w "$tmp/frames" \
		'tcp port 5001' 2> "$tmp/tcpdump"
	watch=$!
	wait_for 10 grep -q listening "$tmp/tcpdump" && $run sends &&
		wait_for 10 captured 'src host 10.9.0.1' &&
		wait_for 10 captured 'src host 10.9.0.2'
	status=$?
	kill $watch
	wait $watch
	: > "$tmp/tcpdump"
	return $status
}

# A discipline of a's sees what a sends.
queued() {
	local n

	tc -n a qdisc add dev eth0 root pfifo limit 1000 || return 1
	goes_through sends || return 1
	n=$(tc -n a -s qdisc show dev eth0 |
		sed -n 's/.* \([0-9]*\) pkt .*/\1/p' | head -1)
	tc -n a qdisc del dev eth0 root
	echo "$n packets in the queue"
	[[ $n -gt 3 ]]
}

# drops HOST DIRECTION: a filter that drops all
drops() {
	tc -n "$1" filter add dev eth0 "$2" matchall action drop &&
		no_ping && tc -n "$1" filter del dev eth0 "$2" && pings
}

# with_xdp pass|drop COMMAND: while b's driver asks such a program
with_xdp() {
	local program status

	start b xdp eth0 "$1" > "$tmp/xdp"
	program=$!
	wait_for 10 grep -q attached "$tmp/xdp" || return 1
	goes_through "$2"
	status=$?
	kill $program
	wait $program
	: > "$tmp/xdp"
	return $status
}

# b's ICMP messages that tell of something unreachable
told_unreachable() {
	case $family in
	mini) counter b IcmpOutDestUnreachs ;;
	inet) on b nstat -asz IcmpOutDestUnreachs | awk '/^Icmp/ { print $2 }' ;;
	esac
}

told_once() { [[ $(told_unreachable) -eq 1 ]]; }

# b passes on what a sends to a third network, where nobody answers: it is the
# router that says so.
next_hop_silent() {
	wire b eth1 c eth0
	stack b $family eth1 10.9.1.1/24
	case $family in
	mini)
		on b sysctl -qw net.mini.ip_forward=1
		mini -n a route add 10.9.1.0/24 via 10.9.0.2
		;;
	inet)
		on b sysctl -qw net.ipv4.ip_forward=1
		ip -n a route add 10.9.1.0/24 via 10.9.0.2
		;;
	esac
	# Neither a timer nor a program that wants time stamps sends it: both
	# would keep it from the way that is looked at here.
	# shellcheck disable=SC2046	# the launcher may be no word at all
	on a $([[ $family == mini ]] && echo mini-run) \
		bash -c 'echo question > /dev/udp/10.9.1.9/9' &&
		wait_for 20 told_once
}

for family in inet mini; do
	quiet_hosts
	host c
	check "$family: data arrives" sends
	check "$family: what one end sent is what the other got" \
		wait_for 5 both_count_alike
	check "$family: the stack counts what the device does" \
		wait_for 5 stack_counts_alike
	if [[ $family == mini ]]; then
		check "$family: received in the sender's call" \
			eval '[[ $(direct a) -gt 3 && $(direct b) -gt 3 ]]'
	fi
	check "$family: tcpdump where it leaves" heard a
	check "$family: tcpdump where it arrives" heard b
	check "$family: a queueing discipline" queued
	if tc -n a qdisc add dev eth0 clsact 2> /dev/null &&
	   tc -n b qdisc add dev eth0 clsact; then
		check "$family: a filter on the way out" drops a egress
		check "$family: a filter on the way in" drops b ingress
		# It would look at every frame that follows.
		tc -n a qdisc del dev eth0 clsact
		tc -n b qdisc del dev eth0 clsact
	else
		skip "$family: filters" 'a kernel without them'
	fi
	check "$family: XDP lets pass" with_xdp pass sends
	check "$family: XDP drops" with_xdp drop no_ping
	on b ethtool -K eth0 gro on > /dev/null
	check "$family: a receiver with GRO" goes_through sends
	on b ethtool -K eth0 gro off > /dev/null
	on a ethtool -K eth0 tx off sg off tso off > /dev/null
	check "$family: a sender without offloads" goes_through sends
	on a ethtool -K eth0 tx on sg on tso on > /dev/null
	ip -n b link set eth0 mtu 600
	check "$family: too large for the receiver" eval '
		! on a $([[ $family == mini ]] && echo mini-run) \
			ping -s 1000 -M do -c 1 -W 1 10.9.0.2 &&
		[[ $(stat_of a tx_dropped) -gt 0 ]]'
	ip -n b link set eth0 mtu 1500
	check "$family: data arrives still" sends
	if [[ $family == mini ]]; then
		before=$(direct a)
		check "$family: in the sender's call again" \
			eval 'sends && [[ $(direct a) -gt $before ]]'
	fi
	check "$family: a router's next hop is silent" next_hop_silent
	no_hosts
done
finish
