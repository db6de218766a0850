#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Networks of several hosts, with AF_MINI and Linux in every position: packets
# find their way through routers, around failures, and die where they must.
# Each topology is Linux's first, which proves the test.
. "$(dirname "$0")/lib.sh"

modprobe -a bridge 2> /dev/null

# A kernel that checks itself is slow: there, AF_MINI in all positions alone.
left_out() { [[ $scale -lt 100 && $* == *inet* ]]; }

launcher() { if [[ $1 == mini ]]; then echo mini-run; fi; }

# as HOST STACK COMMAND...: an unmodified program on that stack
as() {
	# shellcheck disable=SC2046	# the launcher may be no word at all
	on "$1" $(launcher "$2") "${@:3}"
}

# route HOST STACK ADD-OR-DEL ROUTE...
route() {
	case $2 in
	mini) mini -n "$1" route "${@:3}" ;;
	inet) ip -n "$1" route "${@:3}" ;;
	esac
}

# router HOST STACK: it forwards, and its errors are not rationed
router() {
	case $2 in
	mini)
		on "$1" sysctl -qw net.mini.ip_forward=1 net.mini.icmp_ratelimit=0
		;;
	inet)
		on "$1" sysctl -qw net.ipv4.ip_forward=1 \
			net.ipv4.icmp_ratelimit=0 net.ipv4.icmp_msgs_per_sec=100000
		;;
	esac
}

# What the stack has forwarded
forwarded() {
	case $2 in
	mini) counter "$1" IpForwDatagrams ;;
	inet) on "$1" awk '/^Ip: [0-9]/ { print $7 }' /proc/net/snmp ;;
	esac
}

# pinged HOST STACK ADDRESS TTL: one answer, and the TTL that it came with
pinged() {
	local said

	said=$(as "$1" "$2" ping -n -c 1 -W 20 "$3") &&
		[[ $said == *"ttl=$4 "* ]] || { echo "$said"; return 1; }
}

# traced HOST STACK ADDRESS HOP...: the routers that a trace names, in order
traced() {
	local said

	said=$(as "$1" "$2" traceroute.db -n -q 1 -w 20 "$3" |
		awk '$1 ~ /^[0-9]+$/ { printf "%s ", $2 }')
	[[ $said == "${*:4} " ]] || { echo "hops: $said"; return 1; }
}

# moved FROM STACK TO STACK ADDRESS OCTETS: they arrive as they were sent
moved() {
	local sum wanted status

	transfer generate "$6" > "$tmp/data"
	read -r wanted _ < <(sha256sum "$tmp/data")
	start "$3" timeout 150 transfer "$4" receive 0.0.0.0 5001 > >(sha256sum > "$tmp/sum")
	on "$1" timeout 150 transfer "$2" send "$5" 5001 < "$tmp/data"
	status=$?
	wait_for 10 test -s "$tmp/sum"
	read -r sum _ < "$tmp/sum"
	rm -f "$tmp/sum"
	echo "sent $wanted, came $sum, status $status"
	[[ $status -eq 0 && $sum == "$wanted" ]]
}

#	c 10.9.0.1 -- 10.9.0.2 r 10.9.1.1 -- 10.9.1.2 s
three_hosts() {
	host c
	host r
	host s
	wire c eth0 r to_c
	wire s eth0 r to_s
	stack c "$1" eth0 10.9.0.1/24
	stack r "$2" to_c 10.9.0.2/24
	stack r "$2" to_s 10.9.1.1/24
	stack s "$3" eth0 10.9.1.2/24
	router r "$2"
	route c "$1" add default via 10.9.0.2
	route s "$3" add default via 10.9.1.1
}


mac() { on "$1" cat "/sys/class/net/$2/address"; }

link_headers_change() {
	local dev before after

	for dev in to_c to_s; do
		on r tcpdump -Z root -neti $dev -c 1 'icmp[0] == 8' \
			> "$tmp/$dev" 2> "$tmp/$dev.log" &
	done
	wait_for 20 grep -q listening "$tmp/to_c.log" &&
		wait_for 20 grep -q listening "$tmp/to_s.log" &&
		as c "$1" ping -n -c 1 -W 20 10.9.1.2 > /dev/null &&
		wait_for 20 test -s "$tmp/to_c" && wait_for 20 test -s "$tmp/to_s" ||
		return 1
	cat "$tmp/to_c" "$tmp/to_s"
	before=$(grep -o '10\.9\.[0-9. >]*: ICMP echo request' "$tmp/to_c")
	after=$(grep -o '10\.9\.[0-9. >]*: ICMP echo request' "$tmp/to_s")
	[[ $before == '10.9.0.1 > 10.9.1.2:'* && $before == "$after" ]] &&
		grep -q "^$(mac c eth0) > $(mac r to_c)," "$tmp/to_c" &&
		grep -q "^$(mac r to_s) > $(mac s eth0)," "$tmp/to_s"
}

positions() {
	local c r s

	for c in inet mini; do for r in inet mini; do for s in inet mini; do
		left_out $c $r $s && continue
		three_hosts $c $r $s
		check "$c - $r - $s: an echo, one hop less each way" \
			pinged c $c 10.9.1.2 63
		check "$c - $r - $s: a trace" traced c $c 10.9.1.2 10.9.0.2 10.9.1.2
		check "$c - $r - $s: 500 kB" moved c $c s $s 10.9.1.2 "$(scaled 500000)"
		[[ $c$s != mini* ]] || check "$c - $r - $s: addresses stay, MACs change" \
			link_headers_change $c
		no_hosts
	done; done; done
}

#	h0 -- h1 -- h2 -- h3 -- h4 -- h5 -- h6; network i is left of host i,
#	where h(i-1) is 10.9.i.1 and h(i) is 10.9.i.2
chain() {
	local i stacks=("$@")

	for i in 0 1 2 3 4 5 6; do
		host h$i
		[[ $i -gt 0 ]] || continue
		wire h$((i - 1)) right h$i left
		stack h$((i - 1)) "${stacks[i - 1]}" right 10.9.$i.1/24
		stack h$i "${stacks[i]}" left 10.9.$i.2/24
	done
	for i in 0 1 2 3 4 5 6; do
		[[ $i -eq 0 || $i -eq 6 ]] || router h$i "${stacks[i]}"
		[[ $i -eq 6 ]] ||
			route h$i "${stacks[i]}" add default via 10.9.$((i + 1)).2
		case $i in
		0 | 1) ;;
		6) route h6 "${stacks[6]}" add default via 10.9.6.1 ;;
		*) route h$i "${stacks[i]}" add 10.9.1.0/24 via 10.9.$i.1 ;;
		esac
	done
}

chains() {
	local line stacks

	for line in 'inet inet inet inet inet inet inet' \
		'mini mini inet mini inet mini inet' \
		'inet mini inet mini inet mini mini' \
		'mini mini mini mini mini mini mini'; do
		left_out $line && continue
		read -ra stacks <<< "$line"
		chain "${stacks[@]}"
		check "chain of five routers, $line: a trace names each" \
			traced h0 "${stacks[0]}" 10.9.6.2 \
			10.9.1.2 10.9.2.2 10.9.3.2 10.9.4.2 10.9.5.2 10.9.6.2
		check "chain of five routers, $line: 500 kB" \
			moved h0 "${stacks[0]}" h6 "${stacks[6]}" 10.9.6.2 \
			"$(scaled 500000)"
		no_hosts
	done
}

#	          10.9.1.2 x 10.9.3.1
#	c -- r <                      > s, which is 10.9.5.1 to 10.9.5.24
#	          10.9.2.2 y 10.9.4.1
diamond() {
	local n

	for n in c r x y s; do host $n; done
	wire c eth0 r to_c
	wire r to_x x to_r
	wire r to_y y to_r
	wire s to_x x to_s
	wire s to_y y to_s
	stack c "$1" eth0 10.9.0.1/24
	stack r "$2" to_c 10.9.0.2/24
	stack r "$2" to_x 10.9.1.1/24
	stack r "$2" to_y 10.9.2.1/24
	stack x "$2" to_r 10.9.1.2/24
	stack x "$2" to_s 10.9.3.1/24
	stack y "$2" to_r 10.9.2.2/24
	stack y "$2" to_s 10.9.4.1/24
	stack s "$3" to_x 10.9.3.2/24
	stack s "$3" to_y 10.9.4.2/24
	for n in {1..24}; do
		case $3 in
		mini) mini -n s addr add 10.9.5.$n/32 dev to_x ;;
		inet) ip -n s addr add 10.9.5.$n/32 dev to_x ;;
		esac
	done
	for n in r x y; do router $n "$2"; done
	route c "$1" add default via 10.9.0.2
	route x "$2" add 10.9.5.0/24 via 10.9.3.2
	route y "$2" add 10.9.5.0/24 via 10.9.4.2
	route x "$2" add default via 10.9.1.1
	route y "$2" add default via 10.9.2.1
}

# A question to each address: by their addresses routers tell flows apart
asked() {
	local i

	for i in {1..24}; do
		transfer generate 1000 |
			on c timeout 60 transfer "$1" send 10.9.5.$i 5002 || return 1
	done
}

answer_all() { while on s transfer "$1" receive 0.0.0.0 5002; do :; done; } > /dev/null 2>&1

# What came to s by a device
came_by() { on s cat "/sys/class/net/$1/statistics/rx_packets"; }

spread() {
	local x y

	x=$(came_by to_x) y=$(came_by to_y)
	asked "$1" || return 1
	x=$(($(came_by to_x) - x)) y=$(($(came_by to_y) - y))
	echo "packets by x $x, by y $y"
	# More than ARP's: two flows at least
	[[ $x -gt 6 && $y -gt 6 ]]
}

# flows STACK KIND HOW-MANY: by r's ways to one address; packets by each
flows() {
	local x y

	x=$(left_by to_x) y=$(left_by to_y)
	as r "$1" python3 - "${@:2}" <<- 'END'
		import socket, sys
		kind = getattr(socket, "SOCK_" + sys.argv[1])
		all = [socket.socket(socket.AF_INET, kind) for i in range(int(sys.argv[2]))]
		for s in all:
		    for i in range(1 if kind == socket.SOCK_STREAM else 128 // len(all)):
		        if kind == socket.SOCK_DGRAM:
		            s.sendto(b"x", ("10.9.5.1", 9))
		        elif s.connect_ex(("10.9.5.1", 9)) == 0:
		            sys.exit("somebody is there")
	END
	by_x=$(($(left_by to_x) - x)) by_y=$(($(left_by to_y) - y))
	echo "packets by x $by_x, by y $by_y"
}

left_by() { on r cat "/sys/class/net/$1/statistics/tx_packets"; }

# More than ARP's and routers' by both; or next to all by one
flows_spread() { flows "$@"; [[ $by_x -gt 6 && $by_y -gt 6 ]]; }
flow_stays() {
	flows "$1" DGRAM 1
	[[ $((by_x + by_y)) -ge 128 && ($by_x -lt 10 || $by_y -lt 10) ]]
}

two_paths() {
	local line c r s by_x by_y

	for line in 'inet inet inet' 'mini mini mini' 'inet mini inet'; do
		left_out $line && continue
		read -r c r s <<< "$line"
		diamond $c $r $s
		route r $r add 10.9.5.0/24 nexthop via 10.9.1.2 nexthop via 10.9.2.2
		route s $s add default via 10.9.4.1
		answer_all $s &
		check "two paths, $line: both are used" spread $c
		if [[ $line != 'inet mini inet' ]]; then
			[[ $r != inet ]] || on r sysctl -qw \
				net.ipv4.fib_multipath_hash_policy=1
			check "two paths, $line: connections to one host" \
				flows_spread $r STREAM 48
			check "two paths, $line: datagrams to one host" \
				flows_spread $r DGRAM 32
			check "two paths, $line: a flow keeps its own" \
				flow_stays $r
		fi
		ip -n r link set to_x down
		check "two paths, $line: one fails, all goes by the other" asked $c
		no_hosts
	done
}

# There by x, back by y
ways_differ() {
	local line c r s

	for line in 'inet inet inet' 'mini mini mini' 'inet mini mini'; do
		left_out $line && continue
		read -r c r s <<< "$line"
		diamond $c $r $s
		route r $r add 10.9.5.0/24 via 10.9.1.2
		route s $s add default via 10.9.4.1
		check "there by one way, back by another, $line" \
			moved c $c s $s 10.9.5.1 "$(scaled 500000)"
		no_hosts
	done
}

#	c -- x == y -- s; == takes 1280 octets
narrow() {
	local n

	for n in c x y s; do host $n; done
	wire c eth0 x to_c
	wire x to_y y to_x
	wire s eth0 y to_s
	ip -n x link set to_y mtu 1280
	ip -n y link set to_x mtu 1280
	stack c "$1" eth0 10.9.0.1/24
	stack x "$2" to_c 10.9.0.2/24
	stack x "$2" to_y 10.9.1.1/24
	stack y "$2" to_x 10.9.1.2/24
	stack y "$2" to_s 10.9.2.1/24
	stack s "$3" eth0 10.9.2.2/24
	router x "$2"
	router y "$2"
	route c "$1" add default via 10.9.0.2
	route x "$2" add default via 10.9.1.2
	route y "$2" add default via 10.9.1.1
	route s "$3" add default via 10.9.2.1
}

# A datagram that may not be cut: the program is told what size would do
told_the_mtu() {
	local said

	said=$(as c "$1" ping -n -c 1 -W 20 -M do -s 1400 10.9.2.2)
	echo "$said"
	[[ $said == *'Frag needed and DF set (mtu = 1280)'* ]]
}

# One that may: the router cuts it, the host puts it together
cut_and_mended() { as c "$1" ping -n -c 1 -W 20 -M dont -s 1400 10.9.2.2; }

narrow_link() {
	local line c r s

	for line in 'inet inet inet' 'mini mini mini' 'mini inet inet' \
		'inet mini mini'; do
		left_out $line && continue
		read -r c r s <<< "$line"
		narrow $c $r $s
		check "a narrow link, $line: ping is told the MTU" told_the_mtu $c
		check "a narrow link, $line: a router cuts" cut_and_mended $c
		check "a narrow link, $line: 500 kB" \
			moved c $c s $s 10.9.2.2 "$(scaled 500000)"
		no_hosts
	done
}

# A bridge drops what is too large for its port, and says nothing.
black_hole() {
	local line c s n

	for line in 'inet inet' 'mini mini' 'mini inet' 'inet mini'; do
		left_out $line && continue
		read -r c s <<< "$line"
		for n in c m s; do host $n; done
		wire c eth0 m to_c
		wire s eth0 m to_s
		ip -n m link add bridge type bridge
		ip -n m link set bridge up
		ip -n m link set to_c master bridge
		ip -n m link set to_s master bridge
		ip -n m link set to_s mtu 1280
		on c ethtool -K eth0 tso off gso off > /dev/null 2>&1
		stack c $c eth0 10.9.0.1/24
		stack s $s eth0 10.9.0.2/24
		on c sysctl -qw "net.${c/inet/ipv4}.tcp_mtu_probing=1"
		check "a narrow link that says nothing, $line: probing finds it" \
			moved c $c s $s 10.9.0.2 "$(scaled 500000)"
		no_hosts
	done
}

#	c -- x == y, each of which believes that the other knows the way
loop() {
	local line c x y before after said

	for line in 'inet inet inet' 'mini mini mini' 'inet mini inet'; do
		left_out $line && continue
		read -r c x y <<< "$line"
		for n in c x y; do host $n; done
		wire c eth0 x to_c
		wire x to_y y to_x
		stack c $c eth0 10.9.0.1/24
		stack x $x to_c 10.9.0.2/24
		stack x $x to_y 10.9.1.1/24
		stack y $y to_x 10.9.1.2/24
		router x $x
		router y $y
		route c $c add default via 10.9.0.2
		route x $x add default via 10.9.1.2
		route y $y add default via 10.9.1.1
		check "a loop, $line: the packet dies of its TTL" dies_of_ttl $c $x $y
		no_hosts
	done
}

dies_of_ttl() {
	local said

	said=$(as c "$1" ping -n -c 1 -W 20 -t 40 192.0.2.1)
	echo "$said"
	[[ $said == *'Time to live exceeded'* ]] || return 1
	# 39 times forwarded, and once not; the answer is forwarded once or not.
	echo "x $(forwarded x "$2"), y $(forwarded y "$3")"
	[[ $(($(forwarded x "$2") + $(forwarded y "$3"))) -le 40 ]]
}

# routers.sh TOPOLOGY...: these alone
for topology in ${*:-positions chains two_paths ways_differ narrow_link black_hole loop}; do
	$topology
done
finish
