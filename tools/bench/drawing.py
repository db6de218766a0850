# SPDX-License-Identifier: GPL-2.0
"""Draws what the bench and the profiler found, as SVG."""

from html import escape

FONT = 'font-family="DejaVu Sans, Verdana, sans-serif"'


def text(x, y, words, size=12, anchor='start', colour='#222'):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" '
            f'text-anchor="{anchor}">{escape(words)}</text>')


def box(x, y, wide, high, colour, more=''):
    return (f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(wide, 0.1):.1f}" '
            f'height="{high:.1f}" fill="{colour}"{more}/>')


def line(x, top, bottom, colour, dash=''):
    dash = f' stroke-dasharray="{dash}"' if dash else ''
    return (f'<line x1="{x:.1f}" y1="{top:.1f}" x2="{x:.1f}" y2="{bottom:.1f}" '
            f'stroke="{colour}"{dash}/>')


def picture(wide, high, parts):
    return '\n'.join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" '
        f'width="{wide}" height="{high}" {FONT}>',
        '<!-- SPDX-License-Identifier: GPL-2.0 -->',
        box(0, 0, wide, high, '#fff'), *parts, '</svg>']) + '\n'


def ratios(title, bars):
    """A bar for each (name, ratio, asked, less is better); Linux is the line at 1."""
    left, wide, step, top = 330, 820, 22, 62
    known = [v for b in bars for v in b[1:3] if v is not None]
    most = max(known + [1.2]) * 1.05
    bottom = top + step * len(bars)

    def at(value):
        return left + value / most * (wide - left - 60)

    parts = [text(10, 22, 'AF_MINI over AF_INET', 16), text(10, 42, title, 11, colour='#666')]
    for i, (name, ratio, asked, less) in enumerate(bars):
        y = top + i * step
        parts.append(text(left - 8, y + 14, name, 11, 'end'))
        if ratio is None:
            parts.append(text(left + 4, y + 14, 'failed', 11, colour='#a00'))
            continue
        better = ratio <= 1 if less else ratio >= 1
        parts.append(box(left, y + 3, at(ratio) - left, step - 7,
                         '#3a7d44' if better else '#c0573e'))
        if asked is not None:
            parts.append(line(at(asked), y + 1, y + step - 2, '#000'))
        parts.append(text(max(at(ratio), at(asked or 0)) + 5, y + 14,
                          f'{ratio:.2f}' + (' (less is better)' if less else ''), 11))
    parts.append(line(at(1), top - 6, bottom + 4, '#555', '4 3'))
    parts.append(text(at(1), bottom + 18, 'Linux', 11, 'middle', '#555'))
    parts.append(text(10, bottom + 18, 'strokes: what is asked', 11, colour='#555'))
    return picture(wide, bottom + 28, parts)


def colour(name):
    """Ours are green, what copies is blue, the rest of the kernel is warm."""
    shade = sum(name.encode()) % 40
    if name.startswith('mini_'):
        return f'rgb({90 + shade},{170 + shade},{100 + shade})'
    if 'copy' in name:
        return f'rgb({110 + shade},{150 + shade},210)'
    return f'rgb({215 + shade},{130 + 2 * shade},{60 + shade})'


def flames(title, stacks):
    """A flame graph of a count for each stack, root first; the widest on the left."""
    wide, step, least = 1200, 17, 0.4
    total = sum(stacks.values()) or 1
    root = {}
    deepest = 0
    for stack, count in stacks.items():
        node = root
        deepest = max(deepest, len(stack))
        for name in stack:
            entry = node.setdefault(name, [0, {}])
            entry[0] += count
            node = entry[1]
    high = (deepest + 3) * step + 20
    parts = [text(10, 20, title, 15)]

    def draw(node, x, depth):
        for name, (count, below) in sorted(node.items(), key=lambda e: -e[1][0]):
            size = count / total * (wide - 20)
            if size < least:
                continue
            y = high - (depth + 2) * step
            parts.append(f'<g><title>{escape(name)}: {count / total:.2%}</title>' +
                         box(x, y, size - 0.3, step - 1, colour(name), ' rx="1"'))
            letters = int(size / 6.3)
            if letters > 3:
                shown = name if len(name) <= letters else name[:letters - 1] + '…'
                parts.append(text(x + 3, y + 12, shown, 10))
            parts.append('</g>')
            draw(below, x, depth + 1)
            x += size

    draw(root, 10, 0)
    return picture(wide, high, parts)
