#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# virtio-end.sh a|b OCTETS: what one of the two guests of virtio.sh does.  Guest
# a has AF_MINI on its card throughout; b has it first, then Linux's stack.
# Prints a line `DIRECTION CASE SHA256` for each transfer, sent and received.
set -uo pipefail

end=$1 octets=$2
PATH=$MINI_TOP/build/selftests:$PATH
data=/tmp/data

mini_on() {
	ip link set eth0 up && mini attach eth0 && mini addr add "$1"/24 dev eth0
}

linux_on() {
	mini detach eth0 && ip addr add "$1"/24 dev eth0
}

# send STACK CASE PORT ADDRESS: until the other guest is there to listen
send() {
	local tries=0

	until transfer "$1" send "$4" "$3" < $data; do
		[[ $((++tries)) -lt 20 ]] || exit 1
	done
	echo "sent $2 $(sha256sum < $data | cut -d' ' -f1)"
}

receive() {
	echo "came $2 $(transfer "$1" receive 0.0.0.0 "$3" | sha256sum | cut -d' ' -f1)"
}

transfer generate "$octets" > $data
if [[ $end == a ]]; then
	mini_on 10.9.0.1 || exit 1
	receive mini mini-mini 5001
	send mini mini-mini-back 5002 10.9.0.2
	receive mini linux-mini 5003
	send mini mini-linux 5004 10.9.0.2
else
	mini_on 10.9.0.2 || exit 1
	send mini mini-mini 5001 10.9.0.1
	receive mini mini-mini-back 5002
	linux_on 10.9.0.2 || exit 1
	send inet linux-mini 5003 10.9.0.1
	receive inet mini-linux 5004
fi
for feature in tx-checksumming tcp-segmentation-offload; do
	echo "nic $feature $(ethtool -k eth0 | sed -n "s/^$feature: //p")"
done
