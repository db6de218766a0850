# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For tools/bench/guest: programs that users know, unmodified.  What they load
# is copied into the tmpfs; on AF_MINI they run under mini-run --no-filter.

# bring PROGRAM...: with the libraries of each
bring() {
	local name file

	cp -u "$top/build/tools/libmini-run.so" "$tmp/bin/"
	for name; do
		[[ ! -e $tmp/bin/$name ]] || continue
		file=$(command -v "$name") ||
			{ echo "there is no $name" >&2; return 1; }
		cp -L "$file" "$tmp/bin/"
		ldd "$file" | awk '$3 ~ "^/" { print $3 }' |
			while read -r file; do
				[[ -e $tmp/lib/${file##*/} ]] || cp -L "$file" "$tmp/lib/"
			done
	done
}

# at NAMESPACE PROGRAM ARGS...: no longer than is given to each
at() {
	local host=$1 name=$2

	shift 2
	timeout -k 5 $give_up ip netns exec "$host" "${launch[@]}" \
		env LD_LIBRARY_PATH="$tmp/lib" "$tmp/bin/$name" "$@"
}

# serve PORT t|u PROGRAM ARGS..., serve PATH x PROGRAM ARGS...: until it owns the
# port, or the file; end it with unserve
serve() {
	local port=$1 flag=$2

	shift 2
	at "$far" "$@" < /dev/null > "$tmp/served" 2>&1 &
	server=$!
	wait_for $give_up owned "$port" "$flag" ||
		{ tail -n 1 "$tmp/served" >&2; return 1; }
	: > "$tmp/begun"
}

owned() {
	case $far in
	m*) mini -n "$far" ss "-Hl$2" ;;
	*) ip netns exec "$far" ss "-Hln$2" ;;
	esac | grep -q "[ :.*]$1 "
}

unserve() {
	local status=$?

	end_programs "$far"
	wait "$server" 2> /dev/null
	return $status
}

# iperf [OPTIONS]: Mbit/s received
iperf() {
	bring iperf3 mini-run || return
	serve 5201 t iperf3 -4 -s -1 &&
		at "$near" iperf3 -4 -c 10.9.0.2 -f m "$@" > "$tmp/said" &&
		grep receiver "$tmp/said" | tail -n 1 |
		sed -n 's|.* \([0-9.]*\) Mbits/sec.*|\1|p'
	unserve
}

# pingpong [--tcp]: sockperf's exchanges of 64 bytes
pingpong() {
	local kind=u

	[[ $# -eq 0 ]] || kind=t
	bring sockperf mini-run || return
	serve 7000 $kind sockperf sr "$@" -i 10.9.0.2 -p 7000 &&
		at "$near" sockperf pp "$@" -i 10.9.0.2 -p 7000 -t 1 -m 64 > "$tmp/said" &&
		sed -n 's|.*Valid Duration.*RunTime=\([0-9.]*\) sec.*ReceivedMessages=\([0-9]*\).*|\1 \2|p' \
			"$tmp/said" | awk '{ print $2 / $1; found = 1 } END { exit !found }'
	unserve
}

# http [close]: wrk's requests for a page of 1 KB from nginx
http() {
	local header=()

	[[ $# -eq 0 ]] || header=(-H "Connection: $1")
	bring nginx wrk mini-run || return
	nginx_conf "$tmp/nginx" 1 80
	[[ -e $tmp/www/1k ]] || head -c 1024 /dev/zero > "$tmp/www/1k"
	serve 80 t nginx -p "$tmp/nginx" -e "$tmp/nginx/log" -c "$tmp/nginx/conf" &&
		at "$near" wrk -t 1 -c 16 -d "$seconds" --timeout 20 "${header[@]}" http://10.9.0.2/1k > "$tmp/said" &&
		if grep -E 'Non-2xx|Socket errors' "$tmp/said" >&2; then
			false
		else
			sed -n 's|Requests/sec: *\([0-9.]*\).*|\1|p' "$tmp/said"
		fi
	unserve
}

# redis TEST COUNT [OPTIONS]: of redis-benchmark, 20 clients
redis() {
	local test=$1 count=$2 of=(--bind 10.9.0.2 --port 6379) to=(-h 10.9.0.2)
	local where=(6379 t)

	shift 2
	if [[ $family == unix ]]; then
		where=("$tmp/redis" x)
		of=(--port 0 --unixsocket "$tmp/redis")
		to=(-s "$tmp/redis")
	fi
	bring redis-server redis-benchmark mini-run || return
	serve "${where[@]}" redis-server "${of[@]}" --protected-mode no --save '' --dir "$tmp" &&
		at "$near" redis-benchmark "${to[@]}" -c 20 -n $((count * seconds)) -t "$test" --csv "$@" \
			> "$tmp/said" &&
		sed -n 's|^"[A-Z]*","\([0-9.]*\)".*|\1|p' "$tmp/said"
	unserve
}
