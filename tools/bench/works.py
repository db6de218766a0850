# SPDX-License-Identifier: GPL-2.0
"""What tools/bench/bench and tools/bench/profile share: the list of works, and
the guest in which they are done."""

import collections
import os
import re
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
HERE = os.path.join(TOP, 'tools/bench')
BUILD = os.path.join(TOP, 'build')
CABLE = os.path.join(TOP, 'tools/vm/cable')

KERNELS = ('6.1', '6.12')
MEMORY = 2560
# Without it Linux's table of connections is that of a small machine.
APPEND = 'thash_entries=131072'
# The network of what needs none of tools/bench/guest's
NO_NETWORK = 'none'

Line = collections.namedtuple('Line', 'name families unit asked network command what')
Event = collections.namedtuple('Event', 'kind work family words')


def lines():
    """Those of tools/bench/works."""
    with open(os.path.join(HERE, 'works'), encoding='utf-8') as text:
        for line in text:
            if line.strip() and not line.startswith('#'):
                words = Line(*(w.strip() for w in line.split('|')))
                yield words._replace(families=words.families.split())


def job(line, families=None):
    """As tools/bench/guest wants it."""
    return '|'.join((line.name, ' '.join(families or line.families), line.network,
                     line.command))


def guest(args, jobs, seconds, *, repeat=1, ms=100, options=()):
    """The command that does jobs in a guest, in so many seconds at most."""
    wall = getattr(args, 'wall', False)
    cable = []
    if args.virtio:
        options = (*options, '--pairs', '2', '--env', 'BENCH_VIRTIO=1')
        # Taps have the offloads of a machine's cards, and a clock of their own.
        if wall and subprocess.run([CABLE, 'true'], check=False).returncode == 0:
            cable = [CABLE, '--pairs', '2']
            options += ('--pairs-by', 'tap')
    return [*cable, os.path.join(TOP, 'tools/vm/vm'), '--kernel', args.kernel,
            '--mem', str(MEMORY), '--append', APPEND, '--timeout', str(seconds),
            *(['--smp', '2'] if wall else ['--icount', '--env', 'BENCH_GIVE_UP=7200']),
            '--packages', os.path.join(HERE, 'packages'), *options, '--',
            os.path.join(HERE, 'guest'), str(repeat), str(ms), *jobs]


def event(line):
    """What a line of tools/bench/guest tells; None if it is something else."""
    match = re.match(r'@(begin|run|failed|end) (\S+) ?(\S*) ?(.*)', line.rstrip())
    return match and Event(*match.groups())
