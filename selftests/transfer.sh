#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Large transfers over a veth pair whose packets are lost, reordered, doubled
# and spoilt on the way, mini to Linux, Linux to mini, mini to mini: what
# arrives has the checksum of what was sent.
. "$(dirname "$0")/lib.sh"

modprobe sch_netem 2> /dev/null

# transfer_once FROM TO: the stacks of a and b are those
transfer_once() {
	local sum status

	start b transfer "$2" receive 0.0.0.0 5001 > >(sha256sum > "$tmp/sum")
	on a transfer "$1" send 10.9.0.2 5001 < "$tmp/data"
	status=$?
	wait_for 10 test -s "$tmp/sum"
	read -r sum _ < "$tmp/sum"
	rm -f "$tmp/sum"
	note "sent $wanted"
	note "came $sum"
	[[ $status -eq 0 && $sum == "$wanted" ]]
}

# case_of OCTETS 'what the wire does' NETEM...
case_of() {
	local octets=$1 what=$2 pair from to start

	shift 2
	transfer generate "$octets" > "$tmp/data"
	read -r wanted _ < <(sha256sum "$tmp/data")
	for pair in 'mini inet' 'inet mini' 'mini mini'; do
		read -r from to <<< "$pair"
		two_hosts "$from" "$to"
		tc -n a qdisc add dev eth0 root netem limit 10000 "$@"
		tc -n b qdisc add dev eth0 root netem limit 10000 "$@"
		[[ $gso == on ]] || for name in a b; do
			on $name ethtool -K eth0 tso off gso off gro off > /dev/null
		done
		start=$SECONDS
		check "$from to $to, $octets octets, $what" transfer_once "$from" "$to"
		note "$((SECONDS - start)) s; $(counts a) $(counts b)"
		no_hosts
	done
}

counts() {
	mini -n "$1" stat TcpRetransSegs TcpTimeouts TcpFastRetrans drop/TCP_CSUM 2> /dev/null |
		awk -v host="$1" '{ printf "%s.%s=%s ", host, $1, $2 }'
}

gso=on
case_of "$(scaled 100000000)" 'lost 2 %, reordered, doubled' \
	loss 2% duplicate 1% delay 1ms reorder 95% 50%
# Packet by packet, as a wire without segmentation offload would treat it
gso=off
case_of "$(scaled 20000000)" 'packets lost 2 %, reordered, doubled' \
	loss 2% duplicate 1% delay 1ms reorder 95% 50%
case_of "$(scaled 5000000)" 'packets spoilt 1 %' corrupt 1% delay 1ms
finish
