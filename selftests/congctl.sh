#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Which congestion control a connection has: the program's choice, the route's,
# the namespace's; one in a module of its own, which cannot go while it is in
# use.  And congestion marks between this stack and Linux's.
. "$(dirname "$0")/lib.sh"

kernel=${MINI_KERNEL:-6.1}
example=$top/build/$kernel/mini_cc_example/mini_cc_example.ko
for module in bridge sch_netem sch_tbf sch_fq_codel; do
	modprobe $module 2> /dev/null
done

knob() { on "$1" sh -c "cat /proc/sys/net/mini/$2"; }
set_knob() { on "$1" sh -c "echo '$3' > /proc/sys/net/mini/$2"; }
some() { [[ $(mini -n "$1" ss -Hta | grep -c "$2") -gt 0 ]]; }
listening() {
	if [[ $1 == mini ]]; then
		some "$2" LISTEN
	else
		[[ -n $(on "$2" cat /proc/net/tcp | awk '$4 == "0A"') ]]
	fi
}

# talk FROM TO MS [CONTROL]: a sends to b; what they say in sent, received
talk() {
	start b congctl "$2" receive 10.9.0.2 5001 > "$tmp/received"
	local receiver=$!

	wait_for 20 listening "$2" b || return 1
	# shellcheck disable=SC2086
	on a congctl "$1" send 10.9.0.2 5001 "$3" 0 ${4:-} > "$tmp/sent" || {
		kill $receiver
		wait $receiver
		return 1
	}
	wait $receiver
}

uses() { grep -q "^control $2 " "$tmp/$1" || { cat "$tmp/$1"; false; }; }
says() { grep -Eq "$2" "$tmp/$1" || { cat "$tmp/$1"; false; }; }

two_hosts mini mini

#
# The program's, the route's, the namespace's
#
check 'what there is' test "$(knob a tcp_available_congestion_control)" = 'cubic newreno bbr'
check 'what all may use' test "$(knob a tcp_allowed_congestion_control)" = 'cubic newreno'
check 'the default is CUBIC' talk mini mini 100
check '  of who connects' uses sent cubic
check '  of who accepts' uses received cubic
for name in newreno bbr; do
	check "the program chooses $name" talk mini mini 300 $name
	check '  and has it' uses sent $name
done
set_knob a tcp_congestion_control newreno
check 'the namespace prefers New Reno' talk mini mini 100
check '  of who connects' uses sent newreno
check '  of who accepts, in another namespace' uses received cubic
check 'a route that prefers BBR' mini -n a route add 10.9.0.2/32 dev eth0 congctl bbr
check 'is shown' grep -q 'congctl bbr' <(mini -n a route)
check 'also as JSON' grep -q '"congctl":"bbr"' <(mini -n a -j route)
check 'a connection over it' talk mini mini 100
check '  has it' uses sent bbr
check 'the program goes before the route' talk mini mini 100 cubic
check '  and has its own' uses sent cubic
check 'so for who accepts' mini -n b route add 10.9.0.1/32 dev eth0 congctl newreno
check 'a connection from there' talk mini mini 100
check '  has it' uses received newreno
check_refused 'a route with one that is not there' 'no congestion control' \
	mini -n a route add 10.9.0.3/32 dev eth0 congctl nobody
check_refused 'nor can it be the default' '' set_knob a tcp_congestion_control nobody
check_refused 'nor can a program' 'no such file' on a congctl mini send 10.9.0.2 5001 10 0 nobody
check 'the route goes by its control' mini -n a route del 10.9.0.2/32 congctl bbr

# Without CAP_NET_ADMIN: only what is allowed
as_nobody() { on a setpriv --reuid 65534 --clear-groups congctl mini send 10.9.0.2 5001 10 0 "$1"; }
check_refused 'BBR is not for everybody' 'not permitted' as_nobody bbr
check_refused 'CUBIC is; nobody listens, though' 'refused' as_nobody cubic
check 'until it is allowed' set_knob a tcp_allowed_congestion_control 'cubic newreno bbr'
check_refused '  then it may be chosen' 'refused' as_nobody bbr
check_refused 'what is not there cannot be allowed' '' set_knob a tcp_allowed_congestion_control 'cubic nobody'
check '  and nothing has changed' test "$(knob a tcp_allowed_congestion_control)" = 'cubic newreno bbr'
set_knob a tcp_allowed_congestion_control 'cubic newreno'
set_knob a tcp_congestion_control cubic

#
# A module of its own
#
if [[ -e $example ]]; then
	check 'the example is loaded' insmod "$example" alpha=2
	check 'and is there' grep -qw example <(knob a tcp_available_congestion_control)
	start b congctl mini receive 10.9.0.2 5001 > "$tmp/received"
	wait_for 20 some b LISTEN
	start a congctl mini send 10.9.0.2 5001 10000 0 example > "$tmp/sent"
	sender=$!
	wait_for 20 some a ESTAB
	check_refused 'it cannot go while a connection uses it' 'in use' rmmod mini_cc_example
	check 'which ends' wait $sender
	check '  and had it' uses sent example
	check 'then it goes' wait_for 20 rmmod mini_cc_example
	insmod "$example"
	mini -n a route add 10.9.0.2/32 dev eth0 congctl example
	check_refused 'nor while a route names it' 'in use' rmmod mini_cc_example
	mini -n a route del 10.9.0.2/32 congctl example
	check 'and goes after that' wait_for 20 rmmod mini_cc_example
else
	skip 'a control in a module of its own' "$example is not there"
fi
no_hosts

#
# Marks: 8 Mbit/s, and a queue that marks what waits for long
#
marks() {
	local from=$1 to=$2 queue=$3

	host a
	host b
	host s
	wire a eth0 s to_a
	wire b eth0 s to_b
	stack a "$from" eth0 10.9.0.1/24
	stack b "$to" eth0 10.9.0.2/24
	ip -n s link add bridge up type bridge
	ip -n s link set to_a master bridge
	ip -n s link set to_b master bridge
	# Across veth a stack sees what of its data waits here, and holds
	# back; not behind a delay.
	on a tc qdisc add dev eth0 root netem delay 10ms limit 1000
	on s tc qdisc add dev to_b root handle 1: tbf rate 8mbit burst 20k limit 400k
	# shellcheck disable=SC2086
	on s tc qdisc add dev to_b parent 1:1 handle 2: $queue
	if [[ $from == mini ]]; then
		set_knob a tcp_ecn 1
	else
		on a sh -c 'echo 1 > /proc/sys/net/ipv4/tcp_ecn'
	fi
	check "$from to $to, ${queue%% *}: data goes" talk "$from" "$to" 4000
	check '  both agreed' says sent 'ecn 1'
	check '  data is sent as capable' says received 'ecn 1 seen 1'
	check '  marks were told of' says sent 'ce [1-9]'
	check '  and nothing was lost' says sent 'retrans 0 '
	check '  the queue marked, and dropped nothing' \
		grep -Eq 'ecn_mark [1-9]|marked [1-9]' <(on s tc -s qdisc show dev to_b)
	if [[ $from == mini ]]; then
		check '  the window was reduced for it' test "$(counter a TcpEcnReductions)" -gt 0
	fi
	if [[ $to == mini ]]; then
		check '  the receiver counted them' test "$(counter b TcpEcnMarksIn)" -gt 0
	fi
	no_hosts
}

codel='fq_codel limit 1000 target 5ms interval 50ms ecn'
red='red limit 400000 min 15000 max 60000 avpkt 1500 burst 20 probability 0.1 bandwidth 8mbit ecn'
marks mini inet "$codel"
marks inet mini "$codel"
if modprobe sch_red 2> /dev/null; then
	marks mini mini "$red"
else
	skip 'marks of RED' 'this kernel has none'
fi
finish
