# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For tests in bash: hosts that are network namespaces, joined by veth pairs,
# each with AF_MINI or Linux as the stack of its devices; and TAP.
#
#	host a				a namespace
#	wire a eth0 b eth0		a cable between two
#	stack a mini eth0 10.9.0.1/24	whose the device is, and its address
#	check 'what is claimed' command...
#	finish				the plan, and the exit status
#
# Nothing here sleeps for luck: wait_for asks until it is so.

set -uo pipefail

top=${MINI_TOP:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
bin=$top/build/selftests
PATH=$top/build/tools:$bin:$PATH
tmp=$(mktemp -d "${TMPDIR:-/tmp}/selftest.XXXXXX")
tests=0
failures=0
hosts=()

# A kernel with KASAN and lockdep is ten times slower: sizes are cut there.
# MINI_TEST_SCALE is a percentage for machines of any other kind.
scale=${MINI_TEST_SCALE:-100}
if [[ -z ${MINI_TEST_SCALE:-} && -e /sys/kernel/debug/kmemleak ]]; then
	scale=4
fi

scaled() { echo $(($1 * scale / 100)); }

cleanup() {
	local name

	for name in "${hosts[@]}"; do
		end_programs "$name"
		ip netns del "$name" 2> /dev/null
	done
	rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

note() { printf '# %s\n' "$*"; }

pass() { printf 'ok %d %s\n' $((++tests)) "$*"; }

fail() {
	printf 'not ok %d %s\n' $((++tests)) "$*"
	: $((++failures))
}

skip() { printf 'ok %d %s # SKIP %s\n' $((++tests)) "$1" "$2"; }

# Is it so?  What the command says is shown if not.
check() {
	local what=$1 status

	shift
	"$@" > "$tmp/said" 2>&1
	status=$?
	if [[ $status -eq 0 ]]; then
		pass "$what"
		return 0
	fi
	fail "$what"
	note "$* (status $status)"
	sed 's/^/#   /' "$tmp/said" | head -40
	return 1
}

# The command fails, and says something in which this is found.
check_refused() {
	local what=$1 text=$2 status

	shift 2
	"$@" > "$tmp/said" 2>&1
	status=$?
	if [[ $status -ne 0 ]] && grep -qi -- "$text" "$tmp/said"; then
		pass "$what"
		return 0
	fi
	fail "$what"
	note "$* (status $status), expected: $text"
	sed 's/^/#   /' "$tmp/said" | head -40
	return 1
}

finish() {
	printf '1..%d\n' "$tests"
	[[ $failures -eq 0 ]]
	exit
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
	local end=$((SECONDS + $1))

	shift
	until "$@" > /dev/null 2>&1; do
		[[ $SECONDS -le $end ]] || return 1
		sleep 0.05
	done
}

host() {
	ip netns add "$1" || exit 1
	hosts+=("$1")
	ip -n "$1" link set lo up
}

on() { ip netns exec "$@"; }

# In the background: its process is $!; standard input would be /dev/null.
start() { ip netns exec "$@" <&0 & }

# End whatever runs on a host; with it go its sockets.
end_programs() {
	local pids

	while pids=$(ip netns pids "$1") && [[ -n $pids ]]; do
		# shellcheck disable=SC2086
		kill -9 $pids
		sleep 0.02
	done
} 2> /dev/null

wire() {
	ip link add "$2" netns "$1" type veth peer name "$4" netns "$3" || exit 1
	ip -n "$1" link set "$2" up
	ip -n "$3" link set "$4" up
}

stack() {
	case $2 in
	mini)
		mini -n "$1" attach "$3" && mini -n "$1" addr add "$4" dev "$3" ;;
	inet)
		ip -n "$1" addr add "$4" dev "$3" ;;
	esac || { note "no address $4 for $2 on $1"; exit 1; }
}

# Two hosts, a 10.9.0.1 and b 10.9.0.2, each with the stack named.
two_hosts() {
	host a
	host b
	wire a eth0 b eth0
	stack a "$1" eth0 10.9.0.1/24
	stack b "$2" eth0 10.9.0.2/24
}

# carries FROM TO: what is in $tmp/data, from a's stack FROM to b's stack TO
carries() {
	local status

	start b transfer "$2" receive 0.0.0.0 5001 > >(sha256sum > "$tmp/sum")
	on a transfer "$1" send 10.9.0.2 5001 < "$tmp/data"
	status=$?
	wait_for 10 test -s "$tmp/sum" &&
		[[ $status -eq 0 && $(< "$tmp/sum") == "$(sha256sum < "$tmp/data")" ]]
	status=$?
	rm -f "$tmp/sum"
	return $status
}

no_hosts() {
	local name

	for name in "${hosts[@]}"; do
		end_programs "$name"
		ip netns del "$name"
	done
	hosts=()
}

# nginx_conf DIR WORKERS LISTEN [MORE]: DIR/conf, for a server of $tmp/www in
# the foreground; MORE goes into its `server` block.
nginx_conf() {
	mkdir -p "$1" "$tmp/www"
	cat > "$1/conf" <<- END
		worker_processes $2;
		pid $1/pid;
		error_log $1/log;
		daemon off;
		user root;
		events { worker_connections 512; }
		http {
			access_log off;
			sendfile on;
			tcp_nopush on;
			server {
				listen $3;
				root $tmp/www;
				keepalive_requests 1000000;
				${4:-}
			}
		}
	END
}

# A counter of a host's stack
counter() { mini -n "$1" -j stat "$2" | sed -n "s|.*\"$2\":\([0-9]*\).*|\1|p"; }
