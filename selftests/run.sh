#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# mini-run: every way that a program has to a socket, each first without it
# (which shows that the test can tell) and then with it.  2 is AF_INET, 18
# AF_MINI.
. "$(dirname "$0")/lib.sh"

runner=$top/build/tools/mini-run
calls=$bin/run_calls
chmod 755 "$tmp"

# prints EXPECTED COMMAND...
prints() {
	local expected=$1 said

	shift
	said=$("$@" 2>&1)
	[[ $said == "$expected" ]] || { echo "\"$said\", not \"$expected\""; return 1; }
}

# way WITHOUT WITH WORDS...: what run_calls shall say on Linux, and on AF_MINI
way() {
	without+=("$1")
	with+=("$2")
	shift 2
	words+=("$*")
}

# try PROGRAM: all ways since the last time, in one run on either
try() {
	local on_linux on_mini preloaded alone expected i

	mapfile -t on_linux < <("$1" each "${words[@]}" 2>&1)
	mapfile -t on_mini < <(mini-run "$1" each "${words[@]}" 2>&1)
	# A static program loads nothing.
	[[ $1 == "$bin/run_static" ]] || {
		mapfile -t preloaded < <(mini-run -p "$1" each "${words[@]}" 2>&1)
		mapfile -t alone < <(mini-run -n "$1" each "${words[@]}" 2>&1)
	}
	for i in "${!words[@]}"; do
		check "Linux, ${1##*_}: ${words[i]}" \
			prints "${without[i]}" echo "${on_linux[i]:-}"
		check "mini-run, ${1##*_}: ${words[i]}" \
			prints "${with[i]}" echo "${on_mini[i]:-}"
		[[ $1 != "$bin/run_static" ]] || continue
		check "mini-run -p, ${1##*_}: ${words[i]}" \
			prints "${with[i]}" echo "${preloaded[i]:-}"
		# Without a filter nobody sees calls that are not the C library's.
		case ${words[i]} in
		reuseport\ i386 | reuseport\ socketcall) continue ;;
		instruction | vfork | clone | i386*) expected=${without[i]} ;;
		*) expected=${with[i]} ;;
		esac
		check "mini-run -n, ${1##*_}: ${words[i]}" \
			prints "$expected" echo "${alone[i]:-}"
	done
}
ways() { without=() with=() words=(); }

nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

# The supervisors that run: mini-run's children by fork, that never exec
supervisors() {
	local exe n=0

	for exe in /proc/[0-9]*/exe; do
		[[ $(readlink "$exe" 2> /dev/null) != "$runner" ]] || : $((++n))
	done
	echo $n
}
none_left() { [[ $(supervisors) -eq 0 ]]; }

#
# Which sockets
#
ways
way 2 18 open 2 1 0
way 2 18 open 2 1 6
way 2 18 open 2 2 0
way 2 18 open 2 2 17
way '2 nonblock' '18 nonblock' open 2 $((1 | 04000)) 0
way '2 cloexec' '18 cloexec' open 2 $((2 | 02000000)) 0
way '2 nonblock cloexec' '18 nonblock cloexec' open 2 $((1 | 02004000)) 0
way EINVAL EINVAL open 2 $((1 | 0400)) 0
way EPROTONOSUPPORT EPROTONOSUPPORT open 2 1 17
way 1 1 open 1 1 0
way 16 16 open 16 3 0
way 17 17 open 17 3 0
way '1 1 EOPNOTSUPP' '1 1 EOPNOTSUPP' pair
way EPERM EPERM user 65534 3 1
way '2 moved here' "$(mini-run "$calls" open 2 3 1) moved here" namespace user 3
try "$calls"
inet6=$("$calls" open 10 1 0)
runs() { mini-run ${how:+"$how"} "$@"; }
for how in '' --preload --no-filter; do
	check "$how: MPTCP is refused" prints EPROTONOSUPPORT runs "$calls" open 2 1 262
	for type in 1 2 3; do
		check "$how: AF_INET6, type $type, is refused" prints EAFNOSUPPORT \
			runs "$calls" open 10 $type $((type == 3 ? 58 : 0))
	done
	check "$how: AF_INET6 is Linux's if so wished" prints "$inet6" \
		runs --linux-inet6 "$calls" open 10 1 0
	check "$how: and AF_INET is not" prints 18 runs -6 "$calls" open 2 1 0
	check "$how: --domain inet" prints 18 runs --domain inet "$calls" open 2 1 0
	check "$how: without the variable" prints "$([[ $how == --no-filter ]] && echo 2 || echo 18)" \
		runs env -u MINI_RUN_FAMILY "$calls" open 2 1 0
done
check_refused '--no-filter and --verbose' 'need the filter' mini-run -nv true
check_refused '--no-filter and --no-io-uring' 'need the filter' mini-run -n --no-io-uring true
check_refused '--no-filter: a static program' 'is statically linked' \
	mini-run -n "$bin/run_static" open 2 1 0
check 'no supervisor is left of these' wait_for 10 none_left
check '--no-filter: no supervisor' prints 0 mini-run -n bash -c \
	"$(declare -f supervisors); runner=$runner; supervisors"
check '--no-filter in mini-run' prints EAFNOSUPPORT \
	mini-run -6 mini-run -n "$calls" open 10 1 0
check 'mini-run in --no-filter' prints 18 mini-run -n mini-run "$bin/run_static" open 2 1 0
check 'and by its own options' prints "$inet6" \
	mini-run -n mini-run -6 "$calls" open 10 1 0
check 'and SO_REUSEPORT' prints "$("$calls" reuseport)" \
	mini-run -n mini-run "$bin/run_static" reuseport
check_refused '--no-filter: another effective user' 'another effective' \
	setpriv --ruid 65534 "$runner" -n "$calls" open 2 1 0
check_refused '--domain with a wrong word' 'not a domain' mini-run -d ipx true
check_refused '--domain with an empty word' 'not a domain' mini-run -d inet, true
check_refused 'inet6 is asked of both' 'either' mini-run -6 -d inet6 true

# SO_REUSEPORT: what Linux's sockets say, though some kernels ask mini-run
reuseport=$("$calls" reuseport)
check 'Linux: SO_REUSEPORT' test "${reuseport:0:8}" = '0/1 0/0 '
ways
for how in '' thread $("$calls" i386 2 > /dev/null 2>&1 && echo i386 socketcall); do
	# shellcheck disable=SC2086
	way "$reuseport" "$reuseport" reuseport $how
done
try "$calls"
check 'nobody sets it, too' prints "$reuseport" nobody "$runner" "$calls" reuseport
check 'in another namespace, too' prints "$reuseport" \
	mini-run unshare -Ur "$calls" reuseport
take_one_port='
import socket
for kind in socket.SOCK_STREAM, socket.SOCK_DGRAM:
	first, second = (socket.socket(socket.AF_INET, kind) for _ in "12")
	for s in first, second:
		s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
	first.bind(("127.0.0.1", 0))
	second.bind(first.getsockname())
	assert first.getsockopt(socket.SOL_SOCKET, socket.SO_DOMAIN) == 18
'
for how in --linux-inet6 --preload --no-filter; do
	check "$how: two take one port" mini-run $how python3 -c "$take_one_port"
done

# Raw sockets and pings: AF_MINI's if it has them
for what in '3 1' '3 255' '2 1'; do
	# shellcheck disable=SC2086
	case $("$calls" open 18 $what) in
	18) expected=18 ;;
	*) expected=$("$calls" open 2 $what) ;;
	esac
	for how in -p -n ''; do
		# shellcheck disable=SC2086
		check "type and protocol $what $how: $expected" prints "$expected" \
			mini-run $how "$calls" open 2 ${what% *} ${what#* }
	done
done

#
# Ways to ask
#
ways
way 2 18 open 2 1 0
way 2 18 instruction
way 2 18 vfork
way 2 18 spawn
way 2 18 clone
way '2 SYS' '18 SYS' filter
way '2 owner 65534' '18 owner 65534' user 65534
way 'EMFILE 64 2' 'EMFILE 64 18' limit
way 2 18 hidden
way '2 moved here' '18 moved here' namespace
way '2 moved here' '18 moved here' namespace user
mkdir "$tmp/empty"
way 2 18 chroot "$tmp/empty"
if "$calls" i386 2 > "$tmp/answer" 2>&1; then
	way '2 2 EFAULT' '18 18 EFAULT' i386 2
	way '1 1 EFAULT' '1 1 EFAULT' i386 1
	way "$inet6 $inet6 EFAULT" 'EAFNOSUPPORT EAFNOSUPPORT EFAULT' i386 10
else
	skip 'i386' 'this kernel runs no 32-bit programs'
fi
try "$calls"
try "$bin/run_static"
check 'a supervisor of its own is told that there is one' \
	prints EBUSY mini-run "$calls" listener

# io_uring: kernels from 7.0 on can be told, others only as a whole
case $("$calls" uring 2) in
2)
	case $(uname -r) in
	[1-6].*) check 'io_uring is let through' prints 2 mini-run "$calls" uring 2 ;;
	*)
		check 'io_uring: AF_INET is refused' prints EACCES mini-run "$calls" uring 2
		check 'io_uring: AF_UNIX is not' prints 1 mini-run "$calls" uring 1 ;;
	esac
	check '--no-io-uring' prints 'setup ENOSYS' mini-run --no-io-uring "$calls" uring 2 ;;
*)
	skip 'io_uring' 'this kernel has none' ;;
esac

#
# Many at a time, and signals
#
threads=100
each=$(scaled 100)
n=$((threads * each))
all="$n succeeded 0 failed $n descriptors"
check "Linux: $n calls in $threads threads" prints "$all" run_many threads $threads "$each"
check "mini-run: $n calls in $threads threads" prints "$all" \
	mini-run run_many threads $threads "$each"
for how in restart interrupt; do
	check "signals, $how: none lost, none left over" \
		eval "[[ \$(mini-run run_many signals $how $(scaled 2000) 2> $tmp/err) == '0 failed 0 too many' ]]"
	cat "$tmp/err"
done
ulimit -n 32
check 'with 32 descriptors' prints 'EMFILE 64 18' mini-run sh -c \
	"ulimit -n 64 2> /dev/null; $calls limit"
ulimit -n 1024

#
# Lives
#
check 'no supervisor is left' wait_for 10 none_left
mkfifo "$tmp/go"
check 'the parent of a daemon ends' mini-run "$calls" daemon "$tmp/go" "$tmp/daemon"
check 'its supervisor stays' test "$(supervisors)" -eq 1
exec 8> "$tmp/go"
exec 8>&-
check 'the daemon still gets AF_MINI' wait_for 20 grep -qx 18 "$tmp/daemon"
check 'the supervisor ends with the daemon' wait_for 10 none_left

check 'in itself' prints 18 mini-run mini-run "$calls" open 2 1 0
check 'in itself, in itself' prints 18 mini-run mini-run mini-run "$calls" open 2 1 0
check 'the inner one leaves nothing' wait_for 10 none_left
check 'no descriptor more than without' test \
	"$(mini-run sh -c 'ls /proc/self/fd | wc -l')" -eq \
	"$(sh -c 'ls /proc/self/fd | wc -l')"
# Not every kernel has /proc/PID/task/PID/children; each tells who the parent is.
check 'no child more than without' prints '' mini-run \
	sh -c 'cat /proc/[0-9]*/stat 2> /dev/null | while read -r _ name _ parent _; do
		[ "$parent" != $$ ] || case $name in "(cat)" | "(sh)") ;; *) echo "$name" ;; esac
	done'
check 'a pipe ends with its program' prints '' mini-run \
	sh -c "sleep 1000 > /dev/null 2>&1 & echo \$! > $tmp/pid"
kill "$(cat "$tmp/pid")"

mini-run -v "$calls" open 2 1 6 > /dev/null 2> "$tmp/err"
check '-v tells' wait_for 10 grep -q 'run_calls\[.*AF_INET, SOCK_STREAM, 6) = .*AF_MINI' "$tmp/err"
mini-run -v "$calls" open 10 2 0 > "$tmp/answer" 2> "$tmp/err"
check '-v tells of refusals, too' grep -q \
	'AF_INET6, SOCK_DGRAM, 0) = -1 Address family' "$tmp/err"
check 'and refuses' grep -qx EAFNOSUPPORT "$tmp/answer"

#
# Privileges
#
check 'anybody may' prints 18 nobody "$runner" "$calls" open 2 1 0
check 'who hides from /proc, too' prints 18 nobody "$runner" "$calls" hidden
check 'a namespace of nobody'"'"'s own' prints '18 moved here' \
	nobody "$runner" unshare -Ur "$calls" namespace
cp "$bin/run_static" "$tmp/suid"
chmod 4755 "$tmp/suid"
check 'root: set-user-ID programs have effect' prints '18 owner 0' \
	mini-run setpriv --reuid 65534 --clear-groups "$tmp/suid" user 0
cp "$calls" "$tmp/suid_dynamic"
chmod 4755 "$tmp/suid_dynamic"
check_refused '--no-filter: set-user-ID is refused' 'would not load our library' \
	nobody "$runner" -n "$tmp/suid_dynamic" open 2 1 0
check '--no-filter: and not where it has no effect' prints 18 \
	"$runner" -n "$tmp/suid_dynamic" open 2 1 0
check '--no-filter: nor with --unprivileged' prints 18 \
	nobody "$runner" -n --unprivileged "$tmp/suid_dynamic" open 2 1 0
check '--no-filter: nor without new privileges' prints 18 \
	nobody setpriv --no-new-privs "$runner" -n "$tmp/suid_dynamic" open 2 1 0
check_refused 'nobody: set-user-ID is refused' 'is set-user-ID' \
	nobody "$runner" "$tmp/suid" open 2 1 0
check_refused 'found by PATH, too' "$tmp/suid is set-user-ID" \
	nobody env PATH="$tmp:$PATH" "$runner" suid open 2 1 0
check 'with status 126' eval "nobody $runner $tmp/suid 2> /dev/null; [[ \$? -eq 126 ]]"
check 'unless --unprivileged' prints 18 nobody "$runner" --unprivileged \
	"$tmp/suid" open 2 1 0
chown :1 "$tmp/suid"
chmod 2755 "$tmp/suid"
check_refused 'nobody: set-group-ID is refused' 'is set-group-ID' \
	nobody "$runner" "$tmp/suid" open 2 1 0
chmod 755 "$tmp/suid"
check 'nobody: neither any more' prints 18 nobody "$runner" "$tmp/suid" open 2 1 0
# The attribute's form: version 2, effective; permitted: CAP_NET_RAW
if python3 -c "import os; os.setxattr('$tmp/suid', 'security.capability',
	bytes.fromhex('01000002' '00200000' '00000000' '00000000' '00000000'))" 2> /dev/null; then
	check_refused 'nobody: file capabilities are refused' 'file capabilities' \
		nobody "$runner" "$tmp/suid" open 2 1 0
else
	skip 'file capabilities' 'this file system has none'
fi

#
# A shell, on a terminal
#
cat > "$tmp/shell.py" <<- 'END'
	import os, pty, re, signal, sys, time
	runner, calls = sys.argv[1:]
	def give_up(*_):
	    sys.exit("gave up, having read: " + said)
	said = ""
	signal.signal(signal.SIGALRM, give_up)
	signal.alarm(100)
	pid, fd = pty.fork()
	if pid == 0:
	    # A test may have been started with it ignored.
	    signal.signal(signal.SIGINT, signal.SIG_DFL)
	    os.environ.update(SHELL="/bin/bash", PS1="%% ", TERM="dumb", HISTFILE="")
	    os.execv(runner, ["mini-run", "--shell"])
	def expect(what):
	    global said
	    said = ""
	    while not re.search(what, said):
	        said += os.read(fd, 4096).decode(errors="replace")
	def type(what):
	    os.write(fd, what.encode())
	expect("sockets of this shell")
	type("PS1='%'% ; bind 'set enable-bracketed-paste off' 2> /dev/null\n")
	type(calls + " open 2 1 0; echo x$((1 + 1))y\n")
	expect(r"18\r?\n.*x2y")
	type("echo z$((1 + 2)); sleep 1000; echo stopped$?\n")
	expect("z3")
	# Until then, the child of the shell is deaf to the terminal's signals.
	def until_foreground(name):
	    while open("/proc/%d/comm" % os.tcgetpgrp(fd)).read().strip() != name:
	        time.sleep(0.01)
	until_foreground("sleep")
	type("\x1a")
	expect("Stopped")
	type("jobs; fg; echo ended$?\n")
	expect(r"Stopped.*sleep 1000")
	until_foreground("sleep")
	type("\x03")
	expect(r"\^C[^%]*%")
	type("exit 5\n")
	end, status = os.waitpid(pid, 0)
	sys.exit(0 if os.waitstatus_to_exitcode(status) == 5 else "status %d" % status)
END
check '--shell: a terminal, job control, exit status' \
	python3 "$tmp/shell.py" "$runner" "$calls"
check_refused '--shell takes no program' Usage mini-run --shell true
check 'nothing is left of all that' wait_for 10 none_left
finish
