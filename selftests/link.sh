#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Devices of every kind, attached, with Linux at the other end; frames as large
# as they come; MTUs that change and carriers that go while programs talk.
. "$(dirname "$0")/lib.sh"

transfer generate "$(scaled 500000)" > "$tmp/data"

# From a, of AF_MINI, to b, of Linux
sends() { carries "${1:-mini}" inet; }

# works KIND DEV_A DEV_B: what an attached device must do
works() {
	stack a mini "$2" 10.9.0.1/24
	stack b inet "$3" 10.9.0.2/24
	check "$1: Linux pings" on b ping -c 1 -W 5 10.9.0.1
	check "$1: data arrives" sends
	check "$1: detached, Linux has it again" eval "
		mini -n a detach $2 && ip -n a addr add 10.9.0.1/24 dev $2 &&
		on b ping -c 1 -W 5 10.9.0.1"
	no_hosts
}

two() {
	host a
	host b
	wire a eth0 b eth0
}

#
# Kinds of devices
#
two
for h in a b; do
	ip -n $h link add link eth0 name eth0.10 type vlan id 10 2> /dev/null
	ip -n $h link set eth0.10 up
done
works VLAN eth0.10 eth0.10

# The device below is attached as well, and keeps out of it.
two
for h in a b; do
	ip -n $h link add link eth0 name eth0.10 type vlan id 10
	ip -n $h link set eth0.10 up
done
stack a mini eth0 10.8.0.1/24
works 'VLAN over an attached device' eth0.10 eth0.10

two
ip -n a link add link eth0 name mac0 type macvlan mode bridge
ip -n a link set mac0 up
works macvlan mac0 eth0

two
ip -n a link add br0 type bridge
ip -n a link set eth0 master br0
ip -n a link set br0 up
check_refused 'a port of a bridge is refused' 'port of another' \
	mini -n a attach eth0
works bridge br0 eth0

two
if ip -n a link add bond0 type bond mode active-backup 2> /dev/null; then
	ip -n a link set eth0 down
	ip -n a link set eth0 master bond0
	ip -n a link set bond0 up
	works bond bond0 eth0
else
	skip bond 'this kernel has none'
	no_hosts
fi

host a
ip -n a link add dummy0 type dummy
ip -n a link set dummy0 up
stack a mini dummy0 10.9.0.1/24
check 'dummy: its address is there' on a mini-run ping -c 1 -W 5 10.9.0.1
check 'dummy: what leaves is gone' eval \
	"! on a mini-run ping -c 1 -W 1 10.9.0.2"
no_hosts

# Packet sockets that want frames of one type get them.
two_hosts mini inet
check 'arping on an attached device is answered' eval \
	"! on a busybox arping -D -c 1 -w 5 -I eth0 10.9.0.2"
no_hosts

#
# MTU
#
# At the end all is as at the start.
ip_mtu() {
	ip -n a link set eth0 mtu "$1" && ip -n b link set eth0 mtu "$1"
}

big() { on a "${@:3}" ping -c 1 -W 5 -M "do" -s "$1" "$2"; }

for s in inet mini; do
	run=
	[[ $s == inet ]] || run=mini-run
	two_hosts $s inet
	ip_mtu 9000
	check "$s: 9000 octets, unfragmented" big 8972 10.9.0.2 $run
	check "$s: not one more" eval "! big 8973 10.9.0.2 $run"
	check "$s: jumbo frames carry TCP" sends $s
	ip_mtu 1400
	check "$s: a smaller MTU holds at once" eval \
		"big 1372 10.9.0.2 $run && ! big 1373 10.9.0.2 $run"
	no_hosts
done

two_hosts mini inet
(
	while :; do
		for mtu in 9000 1400 3000 600 1500; do
			ip_mtu $mtu
		done
	done
) &
changing=$!
for i in 1 2 3; do
	check "data arrives while the MTU changes, $i" sends
done
kill $changing
wait $changing 2> /dev/null
no_hosts

#
# Carrier
#
# How a connect() ends, and whether a datagram leaves without complaint
cat > "$tmp/errors.py" <<- 'END'
	import errno, socket
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.sendto(b"x", ("10.9.0.2", 9))
	try:
	    socket.create_connection(("10.9.0.2", 9))
	except OSError as e:
	    print(errno.errorcode[e.errno])
END
for s in inet mini; do
	run=
	[[ $s == inet ]] || run=mini-run
	two_hosts $s inet
	check "$s: reached" on b ping -c 1 -W 5 10.9.0.1
	ip -n b link set eth0 down
	check "$s: without carrier, the host is unreachable" eval \
		"[[ \$(on a $run python3 '$tmp/errors.py') == EHOSTUNREACH ]]"
	if [[ $s == mini ]]; then
		check "$s: the route stays" eval \
			"mini -n a route | grep -q '10.9.0.0/24 dev eth0'"
		check "$s: the neighbour is forgotten" eval \
			"! mini -n a neigh | grep -q '10.9.0.2.*lladdr'"
	fi
	ip -n b link set eth0 up
	check "$s: carrier is back" wait_for 10 on b ping -c 1 -W 1 10.9.0.1
	check "$s: data arrives" sends $s
	no_hosts
done

# A connection survives, as long as TCP is patient.
two_hosts mini inet
(
	for i in 1 2 3; do
		sleep 0.1
		ip -n b link set eth0 down
		ip -n b link set eth0 up
	done
) &
pulling=$!
check 'data arrives over a wire that is pulled and put back' sends
wait $pulling
no_hosts

#
# Proxy ARP: a believes that everything is on its link.
#
for s in inet mini; do
	host a
	host r
	host b
	wire a eth0 r eth0
	wire r eth1 b eth0
	stack a inet eth0 10.9.0.1/16
	stack b inet eth0 10.9.2.2/24
	stack r $s eth0 10.9.1.1/24
	stack r $s eth1 10.9.2.1/24
	ip -n b route add default via 10.9.2.1
	case $s in
	mini)
		on r sysctl -qw net.mini.ip_forward=1
		mini -n r route add 10.9.0.0/24 dev eth0
		on_off='mini -n r dev set eth0 proxy_arp' ;;
	inet)
		on r sysctl -qw net.ipv4.ip_forward=1
		on r sysctl -qw net.ipv4.neigh.eth0.proxy_delay=0
		ip -n r route add 10.9.0.0/24 dev eth0
		on_off='on r sysctl -w net.ipv4.conf.eth0.proxy_arp' ;;
	esac
	asks() { ! on a busybox arping -c 1 -w 1 -I eth0 "$1" | grep -q 'Received 1'; }
	check "$s: no proxy, nobody answers" asks 10.9.2.2
	if [[ $s == mini ]]; then
		# shellcheck disable=SC2086
		check "$s: switched on" $on_off on
		check "$s: mini dev shows it" eval \
			'mini -n r dev | grep -q "eth0.*PROXY_ARP"'
	else
		check "$s: switched on" eval "$on_off=1"
	fi
	check "$s: who is behind the router is reached" \
		on a ping -c 1 -W 5 10.9.2.2
	# shellcheck disable=SC2016
	check "$s: by the router's MAC address" eval '
		mac=$(on r cat /sys/class/net/eth0/address) &&
		ip -n a neigh show 10.9.2.2 | grep -q "$mac"'
	check "$s: no answer for who is on the asker's own link" \
		asks 10.9.1.77
	check "$s: nor where no way leads" asks 10.9.3.1
	no_hosts
done

#
# Address conflict detection: 10.9.0.7 is free, 10.9.0.2 is not.
#
two
stack b inet eth0 10.9.0.2/24
mini -n a attach eth0
mini -n a addr add 10.9.0.7/24 dev eth0 dad
mini -n a addr add 10.9.0.2/24 dev eth0 dad
mini -n a addr add 10.9.0.1/24 dev eth0
is() { mini -n a addr | grep -q "$1"; }
check 'asked for, and not in use yet' is '10.9.0.7/24 dev eth0 TENTATIVE$'
check 'a free address is taken into use' wait_for 20 is '10.9.0.7/24 dev eth0$'
check 'it answers' on b ping -c 1 -W 5 10.9.0.7
check 'one that another host has is not' wait_for 20 \
	is '10.9.0.2/24 dev eth0 TENTATIVE DUPLICATE'
check 'and the other host is reached' on a mini-run ping -c 1 -W 5 10.9.0.2
check 'deleted while tentative' mini -n a addr del 10.9.0.2/24 dev eth0
check_refused 'nobody to ask on the loopback' 'no neighbours' \
	mini -n a addr add 10.9.9.9/32 dev lo dad
mini -n a addr add 10.9.0.8/24 dev eth0 dad
check 'the device goes while it asks' mini -n a detach eth0
no_hosts
finish
