#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# 500 connections at the same time, to one server, by epoll: mini to Linux,
# Linux to mini, mini to mini, and on mini's own loopback.
. "$(dirname "$0")/lib.sh"

count=500

listening() {
	case $1 in
	mini) mini -n b ss -Htl | grep -q 5001 ;;
	inet) on b ss -Hltn | grep -q ':5001 ' ;;
	esac
}

many_from() {
	local server status

	start b many "$2" serve 0.0.0.0 5001 "$count"
	server=$!
	wait_for 20 listening "$2" || note 'the server does not listen'
	on "$3" many "$1" connect "$4" 5001 "$count"
	status=$?
	wait $server && [[ $status -eq 0 ]]
}

for pair in 'mini inet' 'inet mini' 'mini mini'; do
	read -r from to <<< "$pair"
	two_hosts "$from" "$to"
	check "$count connections, $from to $to" many_from "$from" "$to" a 10.9.0.2
	no_hosts
done
host b
check "$count connections on mini's loopback" many_from mini mini b 127.0.0.1
finish
