#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module comes and goes: while nothing uses it, whatever it still has;
# never while a socket is open.  And its devices come, go, change their names
# and their namespaces.
. "$(dirname "$0")/lib.sh"

file=$top/build/${MINI_KERNEL:-6.1}/mini.ko
[[ -e $file ]] || { echo "1..0 # SKIP $file is not there"; exit 4; }
modprobe sch_netem 2> /dev/null
# Those of the test before may be on their way still.
wait_for 20 rmmod mini
insmod "$file" || exit 1

loaded() { [[ -e /sys/module/mini ]]; }
reload() { wait_for 20 rmmod mini && insmod "$file"; }
reachable() { on "$1" ping -c 1 -W 5 "$2"; }
rows() { mini -n "$1" ss -Hta | grep -c "$2"; }
some() { [[ $(rows "$1" "$2") -gt 0 ]]; }
device() { mini -n "$1" dev | grep -q "$2"; }

three_times() {
	for _ in 1 2 3; do
		rmmod mini || return 1
		loaded && return 1
		insmod "$file" || return 1
	done
}

check 'rmmod and insmod, three times' three_times
check 'parameter family is readable' test "$(cat /sys/module/mini/parameters/family)" = 18
check_refused 'twice is refused' exists insmod "$file"

# Whoever writes knobs then finds the layers that they reach into.
(
	while :; do
		echo 1 > /proc/sys/net/mini/ip_forward
		echo 0 > /proc/sys/net/mini/ip_forward
		cat /proc/sys/net/mini/tcp_fastopen_key
	done > /dev/null 2>&1
) &
writer=$!
check 'and again, while a program writes knobs' three_times
kill $writer
wait $writer 2> /dev/null
rmmod mini
check_refused 'family=2 is AF_INET: refused' '' insmod "$file" family=2
check_refused 'family=1000 is none: refused' invalid insmod "$file" family=1000
check 'nothing is left of the refused' insmod "$file" family=19
host a
start a many mini serve 127.0.0.1 5001 4
wait_for 10 some a LISTEN
check 'programs reach it as family 19' on a many mini connect 127.0.0.1 5001 4
end_programs a
check 'rmmod after connections on the loopback' reload
no_hosts

#
# What rmmod may find
#
two_hosts mini inet
start a transfer mini receive 0.0.0.0 5001 > /dev/null
wait_for 10 some a LISTEN
check_refused 'rmmod is refused while a socket is open' 'in use' rmmod mini
check 'the socket is still there' some a LISTEN
end_programs a
check 'rmmod with a device attached, addresses, neighbours' reload
check 'the device is free for Linux' ip -n a addr add 10.9.0.1/24 dev eth0
check 'and Linux answers on it' reachable b 10.9.0.1
no_hosts

two_hosts mini inet
start b transfer inet receive 0.0.0.0 5001 > /dev/null
tc -n a qdisc add dev eth0 root netem delay 1ms
transfer generate 100000 > "$tmp/data"
# Its standard input has no end.
mkfifo "$tmp/endless"
exec 9<> "$tmp/endless"
start a transfer mini send 10.9.0.2 5001 <&9
check 'a connection' wait_for 20 some a ESTAB
tc -n a qdisc change dev eth0 root netem loss 100%
end_programs a
check 'its orphan waits for an answer' wait_for 10 some a FIN_WAIT1
check 'rmmod with an orphan that has timers' reload
no_hosts

two_hosts inet mini
start b transfer mini receive 0.0.0.0 5001 > /dev/null
receiver=$!
# The receiver closes last; so its peer, on Linux, has TIME_WAIT.
on a transfer inet send 10.9.0.2 5001 < "$tmp/data"
wait $receiver
start a transfer inet receive 0.0.0.0 5002 > /dev/null
on b transfer mini send 10.9.0.1 5002 < "$tmp/data"
check 'who closed first is in TIME_WAIT' some b TIME_WAIT
check 'rmmod with TIME_WAIT' reload
no_hosts

# SYN-ACKs do not get through: connections stay half open.
two_hosts inet mini
reachable a 10.9.0.2 > /dev/null
start b many mini serve 0.0.0.0 5001 5 2> /dev/null
wait_for 10 some b LISTEN
tc -n b qdisc add dev eth0 root netem loss 100%
start a many inet connect 10.9.0.2 5001 5 2> /dev/null
check 'half-open connections' wait_for 20 some b SYN_RECV
end_programs b
check 'rmmod with half-open connections' reload
no_hosts

# Nobody answers: the packet waits in the neighbour's queue.
two_hosts mini inet
on b ip link set eth0 arp off
on a timeout 1 transfer mini send 10.9.0.77 5001 < "$tmp/data" 2> /dev/null
check 'a neighbour that does not answer' eval \
	'mini -n a neigh | grep -Eq "INCOMPLETE|FAILED"'
check 'rmmod with an unresolved neighbour' reload
no_hosts

# Packets of the dead wait in a qdisc.
two_hosts mini inet
start b transfer inet receive 0.0.0.0 5001 > /dev/null
reachable b 10.9.0.1 > /dev/null
tc -n a qdisc add dev eth0 root netem delay 2s
on a timeout 5 transfer mini send 10.9.0.2 5001 < "$tmp/data" 2> /dev/null
check 'rmmod with packets in a qdisc' reload
no_hosts

# A datagram of three fragments, of which some are lost.
some_fragments() {
	on a bash -c 'head -c 3000 /dev/zero > /dev/udp/10.9.0.2/9'
	test "$(on b cat /proc/sys/net/mini/ipfrag_mem)" -gt 0
}

two_hosts inet mini
reachable a 10.9.0.2 > /dev/null
tc -n a qdisc add dev eth0 root netem loss 50%
check 'fragments wait for others' wait_for 20 some_fragments
check 'rmmod with fragments that wait' reload
no_hosts

# A namespace ends with everything in it.
two_hosts mini inet
start a transfer mini receive 0.0.0.0 5001 > /dev/null
wait_for 10 some a LISTEN
no_hosts
check 'rmmod after a namespace has gone with its device' reload

#
# Devices
#
two_hosts mini inet
check 'reachable' reachable b 10.9.0.1
ip -n a link set eth0 down
check 'a device goes down' eval '! device a "eth0 <UP"'
check_refused 'and is not sent by' 'network is' \
	on a timeout 5 transfer mini send 10.9.0.2 5001 < "$tmp/data"
ip -n a link set eth0 up
check 'a device comes up again' wait_for 5 device a 'eth0 <UP'
check 'its address is still there' wait_for 10 reachable b 10.9.0.1
ip -n a link set eth0 mtu 1300
check 'MTU is followed' wait_for 5 device a 'mtu 1300'
ip -n a link set eth0 address 02:00:00:00:00:99
check 'MAC address is followed' wait_for 5 device a '02:00:00:00:00:99'
check 'and the neighbours are told' wait_for 10 reachable b 10.9.0.1
ip -n a link set eth0 down
ip -n a link set eth0 name cable7
ip -n a link set cable7 up
check 'name is followed' wait_for 5 device a cable7
check 'reachable by its new name' wait_for 10 reachable b 10.9.0.1
host c
ip -n a link set cable7 netns c
check 'moved to another namespace: no longer here' eval '! device a cable7'
check 'nor there, before it is attached' eval '! device c cable7'
check 'its address has gone with it' eval '! mini -n a addr | grep -q 10.9.0.1'
stack c mini cable7 10.9.0.1/24
ip -n c link set cable7 up
check 'attached there, it works' wait_for 10 reachable b 10.9.0.1
ip -n c link del cable7
check 'removed: no longer there' eval '! device c cable7'
check 'routes by it have gone' eval '! mini -n c route | grep -q 10.9.0'
no_hosts

# While traffic flows
two_hosts mini inet
start b transfer inet receive 0.0.0.0 5001 > /dev/null
start a transfer mini send 10.9.0.2 5001 < /dev/zero 2> /dev/null
wait_for 20 some a ESTAB
check_refused 'rmmod is refused under traffic' 'in use' rmmod mini
ip -n a link set eth0 down
ip -n a link set eth0 up
mini -n a detach eth0
check 'detached under traffic' eval '! device a eth0'
check 'attached again' eval \
	'mini -n a attach eth0 && mini -n a addr add 10.9.0.1/24 dev eth0'
ip -n a link del eth0
check 'removed under traffic' eval '! device a eth0'
no_hosts
check 'rmmod after all that' reload

#
# What attach refuses
#
host a
host b
wire a eth0 b eth0
ip -n a addr add 10.9.0.1/24 dev eth0
ip -n a route add 192.0.2.0/24 via 10.9.0.2
ip -n a route add default via 10.9.0.2
ip -n b addr add 10.9.0.2/24 dev eth0
check_refused 'a device with addresses of Linux' address mini -n a attach eth0
check 'is left alone' eval 'ip -n a addr show eth0 | grep -q 10.9.0.1'
check '--take takes it' mini -n a attach eth0 --take
check 'addresses have moved' eval 'mini -n a addr | grep -q 10.9.0.1/24'
check 'routes have moved' eval 'mini -n a route | grep -q 192.0.2.0/24'
check 'the default route, too' eval 'mini -n a route | grep -q "default.*10.9.0.2"'
check 'Linux has none of them' eval \
	'! ip -n a -4 addr show eth0 | grep -q inet && [[ -z $(ip -n a -4 route) ]]'
check 'it works' wait_for 10 reachable b 10.9.0.1
check 'detach' mini -n a detach eth0
check_refused 'detach again' 'not attached' mini -n a detach eth0
check_refused 'the loopback of Linux' '' mini -n a attach lo
ip -n a link add br0 type bridge 2> /dev/null &&
	ip -n a link set eth0 master br0 &&
	check_refused 'a port of a bridge' '' mini -n a attach eth0
no_hosts
check 'still removable' reload
finish
