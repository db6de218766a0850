#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mini monitor: what happens is told, in its order, and nothing that got lost is
# kept quiet.
. "$(dirname "$0")/lib.sh"

# monitor FILE WORDS...: in the background, once it listens; its process is $!
monitor() {
	local out=$1

	shift
	start a mini "$@" > "$out" 2> "$out.err"
	wait_for 10 listens $!
}

# A netlink socket of its own, in a group (the fourth field of its row)
listens() {
	on a awk -v pid="$1" '$3 == pid && $4 !~ /^0+$/ { found = 1 }
		END { exit !found }' /proc/net/netlink
}

said() { grep -q -- "$2" "$1"; }

# in_order FILE PATTERN...: each in a line after that of the one before it
in_order() {
	python3 - "$@" <<- 'END'
	import re, sys
	rest = iter(open(sys.argv[1]).read().splitlines())
	for pattern in sys.argv[2:]:
	    if not any(re.search(pattern, line) for line in rest):
	        sys.exit(f"not found in its place: {pattern}")
	END
}

host a
host b
host c
wire a eth0 b eth0
all=$tmp/all
json=$tmp/json
only=$tmp/only
monitor "$all" monitor -t
monitor "$json" -j monitor
monitor "$only" monitor route
slow=$tmp/slow
monitor "$slow" monitor -b 1 addr
slow_pid=$!
stack a mini eth0 10.9.0.1/24
stack b inet eth0 10.9.0.2/24
check 'ping' on b ping -c 1 -W 5 10.9.0.1
mini -n a route add 192.0.2.0/24 via 10.9.0.2
mini -n a route del 192.0.2.0/24
mini -n a neigh add 10.9.0.9 lladdr 02:00:00:00:00:09 dev eth0
mini -n a neigh del 10.9.0.9 dev eth0
ip -n a link set eth0 mtu 1400
# The kernel tells of carrier when it gets to it, and a pair of changes never.
ip -n b link set eth0 down
wait_for 20 said "$all" 'change no-carrier'
ip -n b link set eth0 up
wait_for 20 said "$all" 'change carrier'
ip -n a link set eth0 down
ip -n a link set eth0 up
mini -n a detach eth0
wait_for 10 said "$all" '\[DEV\] detach'
check 'devices, in order' in_order "$all" '\[DEV\] attach .* eth0 <UP' \
	'change mtu .* mtu 1400' 'change no-carrier' 'change carrier' \
	'change down' 'change up' 'detach .* eth0'
check 'addresses and the routes that follow, in order' in_order "$all" \
	'\[ADDR\] add 10.9.0.1/24 dev eth0' '\[ROUTE\] add local 10.9.0.1' \
	'\[ROUTE\] add 10.9.0.0/24 dev eth0' '\[ADDR\] del 10.9.0.1/24' \
	'\[ROUTE\] del'
check 'routes of the administrator' in_order "$all" \
	'add 192.0.2.0/24 via 10.9.0.2' 'del 192.0.2.0/24 via 10.9.0.2'
check 'neighbours from state to state' in_order "$all" \
	'\[NEIGH\] change 10.9.0.2 .*STALE' '10.9.0.9.*PERMANENT' \
	'\[NEIGH\] del 10.9.0.9.*PERMANENT'
check 'a time for each line' eval "! grep -v '^\[20..-..-..T' '$all'"
check 'JSON, an object a line' wait_for 10 python3 -c "
import json
rows = [json.loads(line) for line in open('$json')]
def one(**members):
    return any(all(row.get(k) == v for k, v in members.items()) for row in rows)
assert one(object='dev', event='attach', dev='eth0', mtu=1500)
assert one(object='dev', event='change', changed=['mtu'], mtu=1400)
assert one(object='addr', event='add', address='10.9.0.1', prefixlen=24)
assert one(object='route', event='del', dst='192.0.2.0/24')
assert one(object='neigh', event='change', dst='10.9.0.9', state='PERMANENT')
assert rows[-1]['event'] == 'detach', rows[-1]"
check 'a word chooses' eval \
	"grep -q '\[ROUTE\]' '$only' && ! grep -v '\[ROUTE\]' '$only'"

mini -n a attach eth0
kill -STOP $slow_pid
for i in {1..20}; do
	mini -n a addr add "10.9.1.$i/24" dev eth0
done
kill -CONT $slow_pid
check 'lost events are told' wait_for 10 said "$slow.err" 'events were lost'
mini -n a addr add 10.9.2.1/24 dev eth0
check 'and later ones come' wait_for 10 said "$slow" 'add 10.9.2.1/24'
ip -n a link set eth0 netns c
check 'a device that moves away' wait_for 10 in_order "$all" \
	'add 10.9.2.1/24' 'del 10.9.2.1/24' 'detach .* eth0'
ip -n c link add dummy0 type dummy
check 'nobody else hears of it' eval "! grep -q dummy0 '$all'"
check_refused 'a wrong word' 'neither dev' mini -n a monitor nonsense
finish
