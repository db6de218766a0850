#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mini and mini-run as people use them: what they print, how they refuse, and
# programs of every kind, unmodified, on AF_MINI.
. "$(dirname "$0")/lib.sh"

file=$top/build/${MINI_KERNEL:-6.1}/mini.ko

says() {
	local text=$1

	shift
	"$@" > "$tmp/out" 2>&1 || return
	grep -q -- "$text" "$tmp/out" || { cat "$tmp/out"; return 1; }
}

ends_with() {
	local expected=$1 status

	shift
	"$@"
	status=$?
	[[ $status -eq $expected ]] || { echo "status $status"; return 1; }
}

# One line, on standard error, that starts with the program's name
one_line_error() {
	local status

	"$@" > "$tmp/out" 2> "$tmp/err"
	status=$?
	cat "$tmp/out" "$tmp/err"
	[[ $status -ne 0 && ! -s $tmp/out && $(wc -l < "$tmp/err") -eq 1 ]] &&
		grep -q '^mini' "$tmp/err"
}

json() { "$@" | python3 -m json.tool; }

field() { python3 -c "import json, sys; print($1)" ; }

#
# mini by itself
#
check 'mini -h' says Usage mini -h
check 'mini without words is a mistake' ends_with 2 mini
check 'mini with a wrong word is a mistake' ends_with 2 mini nonsense
for command in addr route neigh maddr ss stat dev attach detach; do
	check "mini $command -h" says "mini.*$command" mini $command -h
done

two_hosts mini inet
check 'dev' wait_for 5 says 'eth0 <UP' mini -n a dev
check 'addr' says 10.9.0.1/24 mini -n a addr
check 'route' says 10.9.0.0/24 mini -n a route
check 'the loopback is always there' says 127.0.0.1/8 mini -n b addr
on b ping -c 1 10.9.0.1 > /dev/null
check 'neigh' says '10.9.0.2.*eth0.*lladdr' mini -n a neigh
check 'stat' says IcmpInEchos mini -n a stat
check 'stat PATTERN' says 'IcmpOutEchoReps *1' mini -n a stat IcmpOutEchoReps
check 'ss' says 'Foreign Address' mini -n a ss
for command in dev addr 'route show all' neigh maddr ss stat 'stat -a'; do
	# shellcheck disable=SC2086
	check "-j $command is JSON" json mini -n a -j $command
	# shellcheck disable=SC2086
	check "-j -p $command is JSON" json mini -n a -j -p $command
done

check 'add and delete an address' eval \
	'mini -n a addr add 10.9.0.3/24 dev eth0 && mini -n a addr del 10.9.0.3/24 dev eth0'
check 'add and delete a route' eval \
	'mini -n a route add 192.0.2.0/24 via 10.9.0.2 metric 7 &&
	 mini -n a route | grep -q "192.0.2.0/24.*10.9.0.2" &&
	 mini -n a route del 192.0.2.0/24'
cat > "$tmp/batch" <<- 'END'
	add 192.0.2.0/24 via 10.9.0.2
	# nowhere
	add 198.51.100.0/24 via 10.77.0.1
	add 203.0.113.0/24 via 10.9.0.2
END
check_refused 'a batch names the line that is refused' 'batch:3: ' \
	mini -n a route -batch "$tmp/batch"
check 'what is before it stays' eval \
	'mini -n a route | grep -q 192.0.2.0/24 && ! mini -n a route | grep -q 203.0'
check_refused 'and the line that is none' 'batch:2: "more"' eval \
	'printf "del 192.0.2.0/24\nmore\n" > "$tmp/batch"; mini -n a route -batch "$tmp/batch"'
mini -n a route del 192.0.2.0/24
# Groups: two sockets in one, one that names sources, and many
on a sysctl -qw net.mini.igmp_max_memberships=400
cat > "$tmp/join.py" <<- 'END'
	import socket, struct, time
	a = socket.inet_aton
	s = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for i in range(3)]
	me = a("10.9.0.1")
	for i in range(2):
	    s[i].setsockopt(0, 35, a("239.1.2.3") + me)
	s[0].setsockopt(0, 39, a("232.1.2.3") + me + a("10.9.0.2"))
	for i in range(300):
	    s[2].setsockopt(0, 35, struct.pack("!I", 0xefff0000 + i) + me)
	time.sleep(1000)
END
start a mini-run python3 "$tmp/join.py"
check 'maddr: a group joined last' wait_for 30 says 239.255.1.43 mini -n a maddr
check 'maddr: the device, and what it speaks' says '^[0-9]*:.eth0 igmp v3' \
	mini -n a maddr show dev eth0
check 'maddr: two members' says '^.inet  239.1.2.3 users 2' mini -n a maddr
check 'maddr: of one source' says '232.1.2.3 include 1 sources' mini -n a maddr
check 'maddr -s: which' says '232.1.2.3 include 10.9.0.2' mini -n a -s maddr
check 'maddr: many, each once' eval \
	'[[ $(mini -n a maddr | grep -o "239.255[0-9.]*" | sort -u | wc -l) == 300 &&
	    $(mini -n a maddr | grep -c "239.255") == 300 ]]'
check 'maddr -j: by device' eval "mini -n a -j maddr | field \
	'[g for d in json.load(sys.stdin) if d[\"ifname\"] == \"eth0\" for g in d[\"maddr\"]
	   if g[\"address\"] == \"232.1.2.3\"][0][\"sources\"]' | grep -q 10.9.0.2"
check 'maddr: none on the loopback' eval '! mini -n a maddr show lo | grep -q .'
end_programs a

check 'add and delete a neighbour' eval \
	'mini -n a neigh add 10.9.0.9 lladdr 02:00:00:00:00:09 dev eth0 &&
	 mini -n a neigh | grep -q "10.9.0.9.*02:00:00:00:00:09.*PERM" &&
	 mini -n a neigh del 10.9.0.9 dev eth0'

while read -r words; do
	# shellcheck disable=SC2086
	check "one clear line: mini $words" one_line_error mini -n a $words
done <<- 'END'
	attach nosuch
	attach eth0
	attach lo
	detach lo
	addr add 10.9.0.1/24 dev eth0
	addr add 10.9.0.300/24 dev eth0
	addr add 10.9.0.3/33 dev eth0
	addr add 10.9.0.3/24 dev nosuch
	addr add 10.9.0.3/24
	addr add 224.0.0.1/24 dev eth0
	addr del 10.9.0.3/24 dev eth0
	route add 192.0.2.1/24 via 10.9.0.2
	route add 192.0.2.0/24
	route add 192.0.2.0/24 via 198.51.100.1
	route del 192.0.2.0/24
	neigh add 10.9.0.9 dev eth0
	neigh add 10.9.0.9 lladdr nonsense dev eth0
	neigh del 10.9.0.9 dev eth0
	stat NoSuchCounter
	ss state nonsense
	-n nosuch dev
END
check 'nobody is told why' one_line_error \
	on a setpriv --reuid 65534 --clear-groups "$top/build/tools/mini" \
	addr add 10.9.0.3/24 dev eth0

#
# The examples, and their rows in mini ss
#
start a server 7 > "$tmp/server"
server=$!
pid_of() { mini -n a -j ss | python3 -c "
import json, sys
for row in json.load(sys.stdin):
    if row['state'] == sys.argv[1]:
        print(row['processes'][0]['pid'], row['processes'][0]['program'])
        break" "$1"; }
check 'the example server listens' wait_for 10 eval \
	'mini -n a ss -Htl | grep -q ":7 .*LISTENING"'
check 'its row has its PID' test "$(pid_of LISTENING)" = "$server server"
check 'the example client is answered' says '^hello$' on a client 127.0.0.1 7 hello
check 'a Linux client is answered' says '^over$' \
	on b sh -c 'printf over | nc -N -w 5 10.9.0.1 7'
mkfifo "$tmp/endless"
exec 9<> "$tmp/endless"
start b nc 10.9.0.1 7 <&9
check 'ESTABLISHED has PID and program' wait_for 10 eval \
	'[[ $(pid_of ESTABLISHED) == *" server" ]]'
check 'ESTABLISHED has both names' eval \
	'mini -n a ss -Ht | grep -q "10.9.0.1:7 *10.9.0.2:"'
check 'ss -i, -o, -e' eval 'mini -n a ss -toei | grep -qi rtt'
end_programs a
end_programs b

#
# mini-run
#
check 'mini-run -h' says Usage mini-run -h
check 'exit status is passed on' ends_with 7 mini-run -- sh -c 'exit 7'
check 'death by a signal is passed on' ends_with 143 mini-run sh -c 'kill -TERM $$'
check 'no such program' ends_with 127 mini-run no-such-program
mini-run sleep 1000 &
runner=$!
wait_for 10 eval "grep -q sleep /proc/$runner/comm"
kill -INT $runner
kill -TERM $runner
wait $runner
check 'signals reach the program' test $? -eq 143

nginx_conf "$tmp/nginx" 2 80
transfer generate 300000 > "$tmp/www/page"
sum=$(sha256sum < "$tmp/www/page")

nginx_on() {
	start "$@" nginx -p "$tmp/nginx" -e "$tmp/nginx/log" -c "$tmp/nginx/conf"
	wait_for 20 on b nc -z 10.9.0.1 80 ||
		wait_for 20 on a nc -z 127.0.0.1 80 || cat "$tmp/nginx/log"
}

same() { [[ $("$@" 2> "$tmp/err" | sha256sum) == "$sum" ]] || { cat "$tmp/err"; return 1; }; }

nginx_on a mini-run
check 'nginx on mini, curl of Linux' same on b curl -sS http://10.9.0.1/page
check 'nginx and curl on mini, by the loopback' same \
	on a mini-run curl -sS http://127.0.0.1/page
check 'keep-alive' says '^300000 300000 300000 $' on b curl -sS -o /dev/null \
	-o /dev/null -o /dev/null -w '%{size_download} ' \
	http://10.9.0.1/page http://10.9.0.1/page http://10.9.0.1/page
check 'nginx has a row with its PID' eval \
	'mini -n a ss -tl | grep ":80 " | grep -q nginx'
check 'static: busybox wget' same on a mini-run busybox wget -q -O - http://127.0.0.1/page
if command -v hey > /dev/null; then
	check 'Go: hey' says '\[200\]' on a mini-run \
		hey -n 50 -c 5 http://127.0.0.1/page
else
	skip 'Go: hey' 'there is no hey'
fi
no_hosts

two_hosts inet mini
nginx_on a env
check 'curl on mini, nginx of Linux' same on b mini-run curl -sS http://10.9.0.1/page
check 'threads' says '^8 8$' on b mini-run python3 -c '
import threading, urllib.request
got = []
def get():
    got.append(len(urllib.request.urlopen("http://10.9.0.1/page").read()))
threads = [threading.Thread(target=get) for _ in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
print(len(got), got.count(300000))'
check 'forks' says '^0 0 0 $' on b mini-run sh -c '
	for i in 1 2 3; do
		(curl -sS -o /dev/null http://10.9.0.1/page; printf "%s " $?)
	done; echo'
check 'refused is told' ends_with 7 on b mini-run curl -sS http://10.9.0.1:81/

# A name server that knows one name, and curl that asks it over UDP
cat > "$tmp/dns.py" <<- 'END'
	import socket
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.bind(("10.9.0.1", 53))
	print("ready", flush=True)
	while True:
	    q, peer = s.recvfrom(512)
	    end = q.index(b"\0", 12) + 5
	    is_a = q[end - 4:end - 2] == b"\0\1"
	    answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\x09\0\1" if is_a else b""
	    s.sendto(q[:2] + b"\x81\x80\0\1" + (b"\0\1" if is_a else b"\0\0") +
	             b"\0\0\0\0" + q[12:end] + answer, peer)
END
start a python3 "$tmp/dns.py" > "$tmp/dns"
wait_for 20 grep -q ready "$tmp/dns"
echo 'nameserver 10.9.0.1' > "$tmp/resolv.conf"
mount --bind "$tmp/resolv.conf" "$(readlink -f /etc/resolv.conf)" 2> /dev/null ||
	cp "$tmp/resolv.conf" /etc/resolv.conf
check 'a name is asked for over mini' same \
	on b mini-run curl -sS http://web.example/page
check 'the question went by mini' eval '[[ $(counter b UdpOutDatagrams) -gt 0 ]]'
umount "$(readlink -f /etc/resolv.conf)" 2> /dev/null
no_hosts

#
# Without the module
#
if [[ -e $file ]] && wait_for 20 rmmod mini; then
	check_refused 'mini says that the module is not loaded' 'not loaded' mini dev
	check_refused 'so does mini-run' 'not loaded' mini-run true
	check 'loaded again' insmod "$file"
fi
finish
