#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# virtio-guest.sh a|b OCTETS whole|cut: one of the two guests of virtio.sh.  Both go
# through the same rounds; each waits for the other by its connection.  What
# is said on standard output, virtio.sh compares.
set -uo pipefail

me=$1
octets=$2
segmentation=$3
PATH=$MINI_TOP/build/tools:$MINI_TOP/build/selftests:$PATH
declare -A address=([a]=10.8.0.1 [b]=10.8.0.2)
other=$([[ $me == a ]] && echo b || echo a)

ip link set eth0 up
ethtool -k eth0 | grep -E '^(tx-checksumming|tcp-segmentation-offload|rx-checksumming):' |
	sed "s/^/# $me: /"
transfer generate "$octets" > /tmp/data

use() {
	if [[ $1 == mini ]]; then
		ip addr flush dev eth0
		mini attach eth0 && mini addr add "${address[$me]}/24" dev eth0
	else
		ip addr add "${address[$me]}/24" dev eth0
	fi
}

leave() {
	if [[ $1 == mini ]]; then
		mini detach eth0
	else
		ip addr flush dev eth0
	fi
}

# QEMU 7's e1000e cuts a large segment into IP fragments, not into segments;
# AF_MINI takes no fragments.  To such a one, segments are sent as they are.
offload() {
	[[ $segmentation == cut ]] || return
	ethtool -K eth0 tso "$([[ $1 == mini ]] && echo off || echo on)"
}

round() {
	local number=$1 from=$2 stack_a=$3 stack_b=$4 mine theirs

	mine=$([[ $me == a ]] && echo "$stack_a" || echo "$stack_b")
	theirs=$([[ $me == a ]] && echo "$stack_b" || echo "$stack_a")
	use "$mine" || exit 1
	offload "$theirs"
	if [[ $me == "$from" ]]; then
		transfer "$mine" send "${address[$other]}" $((5000 + number)) < /tmp/data ||
			echo "FAILED $number"
		[[ $mine != mini ]] || echo "SENT $number $(mini -j dev | python3 -c '
import json, sys
d = [d for d in json.load(sys.stdin) if d["dev"] == "eth0"][0]
print(d["tx_bytes"] // max(d["tx_packets"], 1))')"
	else
		echo "CAME $number $(transfer "$mine" receive 0.0.0.0 $((5000 + number)) |
			sha256sum | cut -d ' ' -f 1)"
	fi
	leave "$mine"
}

round 1 a mini mini
round 2 b mini mini
round 3 a mini inet
round 4 b mini inet
