#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A short cut of `make matrix`: on some of its paths, with smaller transfers,
# each octet arrives as it was sent, whoever sends to whom.  The goodput is
# told, and beside it what Linux to Linux had; a guest whose clock is the
# wall's is no place to compare them.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/paths.sh"

pairs=('inet inet' 'mini mini' 'mini inet' 'inet mini')

transfer() {
	flow -s "$octets" -g 120 \
		"$(path_flow "${1:0:1}${2:0:1}" "$1" "$2")"
}

mbit() { sed -n 's/.* kbit=\([0-9]*\) retrans=\([0-9]*\) .* cc=\([^ ]*\) .*/\1 \2 \3/p' "$tmp/said"; }

# cell RTT LOSS REORDER MORE OCTETS, as in tools/matrix/cells
cell() {
	local pair from to kbit retrans control linux=

	octets=$(scaled "$5")
	qdiscs "${@:1:4}"
	for pair in "${pairs[@]}"; do
		read -r from to <<< "$pair"
		path_is "${from:0:1}${to:0:1}" "$there" "$back"
		check "$from to $to, $1 ms, loss $2 %, reorder $3 %, $4, $octets octets" \
			transfer "$from" "$to"
		read -r kbit retrans control <<< "$(mbit)"
		linux=${linux:-$kbit}
		note "$((kbit / 1000)).$((kbit / 100 % 10)) Mbit/s by $control," \
			"$retrans sent again; $((kbit * 100 / (linux + 1))) % of Linux"
	done
}

for pair in "${pairs[@]}"; do
	read -r from to <<< "$pair"
	path "${from:0:1}${to:0:1}" "$from" "$to"
done
cell 0 0 0 - 30000000
cell 0 5 0 - 2000000
cell 20 1 0 - 1000000
cell 20 0 10 - 5000000
cell 20 0.1 10 - 2000000
cell 100 0 0 - 5000000
cell 0 0 0 dup=5 5000000
cell 20 0 0 corrupt=1 1000000
cell 20 0 0 rate=50/30 4000000
finish
