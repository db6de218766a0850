# SPDX-License-Identifier: GPL-2.0
"""What tools/bench/forward and tools/bench/fib share: tables of routes, and in
the guest a router with one of them, on either stack."""

import os
import random
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
HERE = os.path.join(TOP, 'tools/bench')
TABLES = os.path.join(TOP, 'build/bench/forward')
MINI = os.path.join(TOP, 'build/tools/mini')
LOAD = os.path.join(TOP, 'build/tools/bench-load')
GATEWAYS = 200
STACKS = ('mini', 'inet')


def prefixes(count):
    """COUNT prefixes: ten of 16 bits, or a table as the Internet's."""
    if count <= 10:
        return [(20 + i << 24, 16) for i in range(count)]
    rnd = random.Random(5)
    seen = set()
    while len(seen) < count:
        q = rnd.random()
        plen = 24 if q < .6 else 23 if q < .7 else 22 if q < .82 else \
            rnd.randint(16, 21)
        addr = rnd.randint(1, 223) << 24 | rnd.getrandbits(24)
        # 10/8 is the router's own.
        if addr >> 24 not in (10, 127) and addr >> 16 not in (0xa9fe, 0xc0a8):
            seen.add((addr >> 32 - plen << 32 - plen, plen))
    return sorted(seen)


def dotted(addr):
    return '.'.join(str(addr >> shift & 255) for shift in (24, 16, 8, 0))


def write_tables(count):
    """As `mini route -batch` wants them; where packets go."""
    os.makedirs(TABLES, exist_ok=True)
    table = prefixes(count)
    rnd = random.Random(6)
    path = os.path.join(TABLES, str(count))
    with open(f'{path}.mini', 'w', encoding='ascii') as file:
        for addr, plen in table:
            file.write(f'add {dotted(addr)}/{plen} '
                       f'via 10.0.0.{2 + rnd.randrange(GATEWAYS)}\n')
    with open(f'{path}.dsts', 'w', encoding='ascii') as file:
        for addr, plen in rnd.choices(table, k=4096):
            file.write(dotted(addr | rnd.getrandbits(32 - plen)) + '\n')


def in_guest(opts, script, *words):
    """The lines that tools/bench/SCRIPT prints where instructions are counted."""
    cmd = [os.path.join(TOP, 'tools/vm/vm'), '--kernel', opts.kernel,
           '--icount', '--mem', '3072', '--timeout', str(opts.timeout),
           '--', os.path.join(HERE, script), *map(str, words)]
    with subprocess.Popen(cmd, stdout=subprocess.PIPE, text=True) as guest:
        yield from guest.stdout
    if guest.returncode:
        raise SystemExit(f'{script}: the guest ended with {guest.returncode}')


def run(*words, **more):
    return subprocess.run(words, check=True, **more)


class Router:
    """In the guest: a namespace with devices r0, a veth, and r1, a dummy."""

    def __init__(self, stack, netns):
        self.stack = stack
        self.tool = ['ip'] if stack == 'inet' else [MINI]
        self.netns = netns
        self.peer = f'c-{netns}'

    def inside(self, *words, **more):
        return run('ip', 'netns', 'exec', self.netns, *words, **more)

    def build(self):
        run('ip', 'netns', 'add', self.netns)
        run('ip', 'link', 'add', self.peer, 'type', 'veth', 'peer', 'name',
            'r0', 'netns', self.netns)
        run('ip', '-n', self.netns, 'link', 'add', 'r1', 'type', 'dummy')
        run('ip', '-n', self.netns, 'link', 'set', 'r1', 'arp', 'on')
        run('sysctl', '-qw', f'net.ipv6.conf.{self.peer}.disable_ipv6=1')
        self.inside('sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1')
        run('ip', 'link', 'set', self.peer, 'up')
        for dev in ('r0', 'r1'):
            run('ip', '-n', self.netns, 'link', 'set', dev, 'up')
            if self.stack == 'mini':
                self.inside(MINI, 'attach', dev)
        self.inside(*self.tool, 'addr', 'add', '192.168.1.1/24', 'dev', 'r0')
        self.inside(*self.tool, 'addr', 'add', '10.0.0.1/24', 'dev', 'r1')
        net = 'ipv4' if self.stack == 'inet' else 'mini'
        self.inside('sysctl', '-qw', f'net.{net}.ip_forward=1')
        last = 'nud permanent' if self.stack == 'inet' else ''
        self.inside('sh', '-e', '-c', '\n'.join(
            f'{self.tool[0]} neigh add 10.0.0.{i} '
            f'lladdr 02:00:00:00:00:{i:02x} dev r1 {last}'
            for i in range(2, 2 + GATEWAYS)))

    def load(self, table):
        """The routes, many a message; the nanoseconds that it took."""
        done = self.inside(LOAD, self.stack, f'{table}.mini',
                           capture_output=True)
        return int(done.stdout)

    def clear(self):
        self.inside('ip', 'link', 'del', 'r1')
        self.inside('ip', 'link', 'del', 'r0')
        run('ip', 'netns', 'del', self.netns)
