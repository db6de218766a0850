# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For lib.sh's users: two hosts whose path leads through a third, so that what
# delays and drops is the network and not the sender's own queue, of which a
# TCP is told.
#
#	path NAME FROM TO		hosts NAMEa and NAMEb with these stacks,
#					and NAMEm, a bridge, between them
#	qdiscs RTT LOSS REORDER MORE	sets $there and $back; what a line of
#					tools/matrix/cells says
#	path_is NAME THERE BACK		the qdiscs of both directions, '-': none
#	path_flow NAME FROM TO		how flow's argument says it

modprobe -a sch_netem bridge 2> /dev/null

# A device as most are: large segments come to it whole and are cut before the
# wire, and what comes is put together (GRO).  And Linux shall not remember
# for the next connection what the path was like.
path_end() {
	on "$1" ethtool -K eth0 tso off gro on > /dev/null 2>&1
	on "$1" sysctl -qw net.ipv4.tcp_no_metrics_save=1
}

path() {
	host "$1a"
	host "$1m"
	host "$1b"
	wire "$1a" eth0 "$1m" to_a
	wire "$1b" eth0 "$1m" to_b
	path_end "$1a"
	path_end "$1b"
	ip -n "$1m" link add bridge type bridge
	ip -n "$1m" link set bridge up
	ip -n "$1m" link set to_a master bridge
	ip -n "$1m" link set to_b master bridge
	stack "$1a" "$2" eth0 10.9.0.1/24
	stack "$1b" "$3" eth0 10.9.0.2/24
}

qdiscs() {
	local rtt=$1 loss=$2 reorder=$3 more=$4 both=

	[[ $loss == 0 ]] || both+=" loss $loss%"
	case $more in
	dup=*) both+=" duplicate ${more#*=}%" ;;
	corrupt=*) both+=" corrupt ${more#*=}%" ;;
	esac
	there=$both back=$both
	if [[ $reorder != 0 ]]; then
		there+=" delay $([[ $rtt == 0 ]] && echo 0.1 || echo 1)ms"
		there+=" reorder $((100 - reorder))%"
	fi
	[[ $rtt == 0 ]] || back+=" delay ${rtt}ms"
	there=${there:+netem limit 100000$there}
	back=${back:+netem limit 100000$back}
	if [[ $more == rate=* ]]; then
		more=${more#*=}
		there=$(narrow "${more%/*}" "${more#*/}")
	fi
	there=${there:--}
	back=${back:--}
}

# The bottleneck: MBIT KIB.  Not tbf, for a queue that leaves the packets their
# sender's lets a TCP count what waits there as its own device's: it would hold
# back rather than fill the buffer.  netem's limit is of packets.
narrow() { echo "netem rate ${1}mbit limit $((($2 * 1024 + 757) / 1514))"; }

path_is() {
	tc -n "$1m" qdisc del dev to_a root 2> /dev/null
	tc -n "$1m" qdisc del dev to_b root 2> /dev/null
	# shellcheck disable=SC2086
	[[ $2 == - ]] || tc -n "$1m" qdisc add dev to_b root $2 || exit 1
	# shellcheck disable=SC2086
	[[ $3 == - ]] || tc -n "$1m" qdisc add dev to_a root $3 || exit 1
}

path_flow() { echo "$2@${1}a,$3@${1}b,10.9.0.2,5001"; }
