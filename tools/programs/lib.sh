# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the cases are written with.  A case runs on two hosts, a and b, joined
# by a veth pair; the stack of each is chosen when it is started.
#
#	server COMMAND...	in the background on a; what it says is kept
#	client COMMAND...	on b
#	on_a COMMAND...		on a
#	at a|b COMMAND...	either
#	up a 80			wait until a program there owns that TCP port
#	up a 53 udp		the same for UDP
#
# What a case prints is its result, and must be the same on every stack.

A=10.9.0.1
B=10.9.0.2

declare -A stacks launchers

say() { printf '%s\n' "$*" >&2; }

at() {
	local where=$1

	shift
	# shellcheck disable=SC2086
	on "$where" ${launchers[$where]} "$@"
}

client() { at b "$@"; }
on_a() { at a "$@"; }

# For a command of which only what it says matters
anyway() { "$@" || :; }

# serve a|b COMMAND...
serve() {
	at "$@" < /dev/null >> "$tmp/server.log" 2>&1 &
}

server() { serve a "$@"; }

listens() {
	local where=$1 port=$2 kind=${3:-tcp} flag=t

	[[ $kind == tcp ]] || flag=u
	case ${stacks[$where]} in
	mini) mini -n "$where" ss "-Hl$flag" ;;
	inet) on "$where" ss "-Hln$flag" ;;
	esac | grep -q "[:.*]$port "
}

up() {
	wait_for 100 listens "$@" && return
	say "nobody owns port $2 on $1"
	exit 1
}

# data BYTES: always the same
data() { (set +o pipefail; seq 10000000 99999999 | head -c "$1"); }

sum() { sha256sum | cut -c 1-16; }

# user NAME: programs that are unpacked only were not given their users
user() {
	[[ -e /run/mini-vm ]] || { say "this is for guests"; exit 1; }
	grep -q "^$1:" /etc/group || echo "$1:x:960:" >> /etc/group
	grep -q "^$1:" /etc/passwd ||
		echo "$1:x:960:960::/:/usr/sbin/nologin" >> /etc/passwd
}

# $tmp/key.pem and cert.pem, for both hosts and for www.example
certificate() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-days 30 -subj /CN=www.example \
		-addext "subjectAltName=DNS:www.example,IP:$A,IP:$B" \
		-keyout "$tmp/key.pem" -out "$tmp/cert.pem" 2> /dev/null
	chmod 644 "$tmp/key.pem"
}

# site BYTES...: $tmp/www with a page of each size, named after it
site() {
	local bytes

	mkdir -p "$tmp/www"
	for bytes; do
		data "$bytes" > "$tmp/www/$bytes"
	done
	chmod -R a+rX "$tmp/www"
}

# nginx_up HOST PORT [tls]: serves $tmp/www
nginx_up() {
	local where=$1 port=$2 listen="$2" dir=$tmp/nginx.$1.$2

	[[ ${3:-} != tls ]] ||
		listen="$port ssl http2; ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate $tmp/cert.pem; ssl_certificate_key $tmp/key.pem"
	nginx_conf "$dir" 2 "$listen" "client_max_body_size 20m;
		client_body_temp_path $dir/body;
		dav_methods PUT;
		location /who { return 200 \"$where $port\\n\"; }"
	serve "$where" nginx -p "$dir" -e "$dir/log" -c "$dir/conf"
	up "$where" "$port"
}

# resolver HOST: programs on both ask this address for names
resolver() {
	local name

	for name in a b; do
		mkdir -p /etc/netns/$name
		echo "nameserver $1" > /etc/netns/$name/resolv.conf
		echo '127.0.0.1 localhost' > /etc/netns/$name/hosts
	done
}

# glibc's AI_ADDRCONFIG asks Linux for addresses, and counts all of IPv4 but
# 127.0.0.1 (mini-run(1), LIMITS).
ipv4_for_glibc() {
	local side

	for side in a b; do
		[[ ${stacks[$side]} != mini ]] ||
			on $side ip addr add 127.0.0.2/8 dev lo
	done
}

# sshd_up: on port 22 of a, for root with a key
sshd_up() {
	mkdir -p "$tmp/ssh" /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f "$tmp/ssh/host"
	ssh-keygen -q -t ed25519 -N '' -f "$tmp/ssh/id"
	cat > "$tmp/ssh/conf" <<- END
		Port 22
		HostKey $tmp/ssh/host
		AuthorizedKeysFile $tmp/ssh/id.pub
		PidFile none
		StrictModes no
		PermitRootLogin yes
		UsePAM no
		Subsystem sftp internal-sftp
	END
	ssh_options=(-q -i "$tmp/ssh/id" -o StrictHostKeyChecking=no
		-o UserKnownHostsFile=/dev/null -o BatchMode=yes)
	server /usr/sbin/sshd -D -e -f "$tmp/ssh/conf"
	up a 22
}

ssh_to() { client ssh "${ssh_options[@]}" "root@$A" "$@"; }
