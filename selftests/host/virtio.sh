#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two guests and real drivers: mini to mini and mini to Linux, both ways.
#
#	QEMU's socket network	virtio-net without offloads
#	tools/vm/cable		virtio-net with checksum and TSO
#
# The whole of the work is done by virtio-end.sh in the guests.
set -uo pipefail

top=${MINI_TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
tmp=$(mktemp -d "${TMPDIR:-/tmp}/virtio.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
tests=0
failures=0
limit=180

result() {
	printf '%s %d %s\n' "$1" $((++tests)) "$2"
	[[ $1 == ok ]] || : $((++failures))
}

# compare NETWORK CASE: what came is what was sent
compare() {
	local sent came

	sent=$(cat "$tmp"/[ab].out | sed -n "s/^sent $2 //p")
	came=$(cat "$tmp"/[ab].out | sed -n "s/^came $2 //p")
	if [[ -n $sent && $sent == "$came" ]]; then
		result ok "$1: $2 sha256 $came"
	else
		result 'not ok' "$1: $2"
		echo "# sent '$sent' came '$came'"
	fi
}

# judge NETWORK STATUS_A STATUS_B
judge() {
	local case

	for case in mini-mini mini-mini-back linux-mini mini-linux; do
		compare "$1" $case
	done
	sed -n 's/^nic /# &/p' "$tmp/a.out"
	if [[ $2 -eq 0 && $3 -eq 0 ]]; then
		result ok "$1: both guests end well, their kernels have no complaint"
	else
		result 'not ok' "$1: guests end with status $2 and $3"
		sed 's/^/# /' "$tmp/a.err" "$tmp/b.err" | tail -n 60
	fi
}

guest() {
	local name=$1 octets=$2

	shift 2
	"$top/tools/vm/vm" --check --timeout $limit "$@" -- \
		"$top/selftests/host/virtio-end.sh" "$name" "$octets" \
		> "$tmp/$name.out" 2> "$tmp/$name.err"
}

pair() {
	local network=$1 octets=$2 other status

	shift 2
	guest b "$octets" "${@//@/b}" &
	other=$!
	guest a "$octets" "${@//@/a}"
	status=$?
	wait $other
	judge "$network" $status $?
}

# Inside the cable's namespaces this script runs again, as root of them.
if [[ ${1:-} == --tap ]]; then
	tests=$2
	pair 'virtio-net with offloads' 30000000 --kernel 6.12 --tap @
	exit $((failures > 0))
fi

mkdir "$tmp/link"
pair 'virtio-net' 10000000 --kernel 6.1 --link "$tmp/link" --link-end @
"$top/tools/vm/cable" "$0" --tap $tests
status=$?
if [[ $status -eq 4 ]]; then
	echo "ok $((++tests)) virtio-net with offloads # SKIP no tap devices on this machine"
else
	tests=$((tests + 5))
	[[ $status -eq 0 ]] || : $((++failures))
fi
echo "1..$tests"
exit $((failures > 0))
