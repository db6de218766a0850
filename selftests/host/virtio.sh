#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two guests with network cards of their own, joined by QEMU: transfers mini
# to mini, and mini to Linux in both directions.  virtio-net over QEMU's
# socket network has no offloads; e1000e does checksums and segmentation by
# itself, and virtio-net between tap devices leaves them to the other side.
set -uo pipefail

top=${MINI_TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
vm=$top/tools/vm/vm
octets=${MINI_TEST_OCTETS:-10000000}
tmp=$(mktemp -d)
tests=0
failures=0
trap 'kill $(jobs -p) 2> /dev/null; rm -rf "$tmp"' EXIT

result() {
	local status=$1

	shift
	if [[ $status -eq 0 ]]; then
		echo "ok $((++tests)) $*"
	else
		echo "not ok $((++tests)) $*"
		: $((++failures))
	fi
}

read -r wanted _ < <("$top/build/selftests/transfer" generate "$octets" | sha256sum)

guest() {
	local end=$1 segmentation=$2

	shift 2
	"$vm" --kernel 6.1 --smp 1 --timeout 180 "$@" -- \
		"$top/selftests/host/virtio-guest.sh" "$end" "$octets" "$segmentation" \
		> "$tmp/out.$end" 2> "$tmp/err.$end"
}

both() {
	local a

	guest a "${@//END/a}" &
	a=$!
	guest b "${@//END/b}"
	wait $a
}

# judge WHAT OFFLOAD: what both have said
judge() {
	local what=$1 offload=$2 number names average

	grep -h '^#' "$tmp"/out.?
	names=([1]='mini to mini' [2]='mini to mini, back'
	       [3]='mini to Linux' [4]='Linux to mini')
	for number in 1 2 3 4; do
		grep -hq "^CAME $number $wanted\$" "$tmp"/out.?
		result $? "$what: ${names[number]}, $octets octets"
	done
	if [[ $offload == yes ]]; then
		average=$(sed -n 's/^SENT 3 //p' "$tmp/out.a")
		[[ ${average:-0} -gt 1514 ]]
		result $? "$what: segments larger than the MTU are left to the card"
		echo "# $average octets a frame"
	fi
	[[ $failures -eq 0 ]] || sed 's/^/# /' "$tmp"/out.? "$tmp"/err.?
}

mkdir "$tmp/cable"
both whole --link "$tmp/cable" --link-end END
judge virtio-net no
both cut --link "$tmp/cable" --link-end END --nic e1000e
judge e1000e yes
if "$top/tools/vm/cable" true 2> "$tmp/why"; then
	export -f guest both
	export top vm octets tmp
	"$top/tools/vm/cable" bash -c 'both whole --tap END'
	judge 'virtio-net with offloads' yes
else
	echo "ok $((++tests)) virtio-net with offloads # SKIP $(head -1 "$tmp/why")"
fi
echo "1..$tests"
[[ $failures -eq 0 ]]
