# SPDX-License-Identifier: GPL-2.0
"""Reads TAP and KTAP, and kernel logs: what a test said, what was wrong."""

import os
import re

RESULT = re.compile(r'^( *)(not ok|ok)\b *(\d+)?(?: - | +)?(.*)$')
PLAN = re.compile(r'^1\.\.(\d+)')
DIRECTIVE = re.compile(r'#\s*(skip|todo|xfail)\b', re.I)

# What a kernel says when something is wrong, a regular expression a line
with open(os.path.join(os.path.dirname(os.path.realpath(__file__)),
                       '../vm/complaints')) as patterns:
    COMPLAINT = re.compile('|'.join(patterns.read().split('\n')[:-1]))


class Outcome:
    """The results of one test program."""

    def __init__(self, name, output, seconds=0.0):
        self.name = name
        self.output = output
        self.seconds = seconds
        self.passed = 0
        self.skipped = 0
        self.failures = []      # what failed, a line each

    @property
    def failed(self):
        return len(self.failures)

    def summary(self):
        """For people: `12 passed, 1 skipped`."""
        words = []
        if self.passed or not (self.failures or self.skipped):
            words.append(f'{self.passed} passed')
        if self.failures:
            words.append(f'{self.failed} FAILED')
        if self.skipped:
            words.append(f'{self.skipped} skipped')
        return ', '.join(words)


def count(outcome, depth=0):
    """Count the results indented by `depth` levels of four blanks."""
    seen = 0
    for line in outcome.output:
        match = RESULT.match(line)
        if not match or len(match[1]) != 4 * depth:
            continue
        seen += 1
        directive = DIRECTIVE.search(match[4])
        if directive and directive[1].lower() != 'todo' and \
                not (match[2] == 'not ok' and directive[1].lower() == 'skip'):
            outcome.skipped += 1
        elif match[2] == 'ok':
            outcome.passed += 1
        elif directive:
            outcome.skipped += 1
        else:
            outcome.failures.append(match[4] or f'test {match[3]}')
    return seen


def program(name, output, status, seconds):
    """The outcome of a program that printed TAP and ended with a status."""
    outcome = Outcome(name, output, seconds)
    seen = count(outcome)
    plans = [int(m[1]) for m in map(PLAN.match, output) if m]

    if status in (124, 137):
        outcome.failures.append('out of time')
    elif status == 4 and not outcome.failures:
        outcome.skipped = outcome.skipped or 1
    elif status not in (0, 4) and not outcome.failures:
        outcome.failures.append(f'ended with status {status}')
    elif plans and seen < plans[0]:
        outcome.failures.append(f'planned {plans[0]} results, gave {seen}')
    elif seen == 0 and not outcome.failures:
        outcome.failures.append('gave no result')
    return outcome


def complaints(log):
    """Where a kernel log complains: [(test or '', lines)]."""
    found = []
    test = ''
    left = 0
    for line in log:
        mark = re.search(r'mini-test: (begin|end) (\S+)', line)
        if mark:
            test = mark[2] if mark[1] == 'begin' else f'{mark[2]} (after its end)'
        if COMPLAINT.search(line) and not left:
            found.append((test, []))
            left = 60
        if left:
            found[-1][1].append(line)
            left -= 1
    return found
