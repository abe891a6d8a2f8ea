"""The pictures of a replay's report as SVG text: how answers move, a bar in a table's row, columns by month.

They read without colour: every state has its own pattern, every shape its number beside it or in the table under it.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import accumulate

from medpol.model.impact import Group, Transition
from medpol.model.policy import State
from medpol.rendering.impact import STATES, move_text

INK, MUTED = "#1f2a33", "#5d6972"
FILLS: Mapping[State, tuple[str, str]] = {
    State.APPROVE: ("#2f6f73", "#2f6f73"),
    State.NOT_COVERED: ("url(#hatch)", "#8a3b24"),
    State.PEND_INFORMATION: ("#c9d1d6", "#8d99a1"),
    State.PEND_REVIEW: ("url(#dots)", "#5d6972"),
    State.NO_POLICY: ("#ffffff", "#5d6972"),
    State.ERROR: ("#000000", "#000000"),
}
"""Fill and outline of each state."""

PATTERNS = """<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs>
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect width="6" height="6" fill="#f3dcd3"/><rect width="2.4" height="6" fill="#8a3b24"/></pattern>
<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">
<rect width="6" height="6" fill="#fff"/><circle cx="3" cy="3" r="1.4" fill="#5d6972"/></pattern></defs></svg>"""
"""Stands once in a page, before every picture."""

_WIDTH, _NODE, _LEFT, _RIGHT = 720, 12, 210, 510
_TALL, _GAP, _THIN = 240, 26, 1.5


def legend(states: Sequence[State]) -> str:
    """What each pattern stands for."""
    keys = (
        f'<span class="key"><svg width="14" height="14" aria-hidden="true">{_box(1, 1, 12, 12, state)}</svg> '
        f"{STATES[state]}</span>"
        for state in states
    )
    return f'<p class="legend">becomes {" ".join(keys)}</p>'


def _box(x: float, y: float, width: float, height: float, state: State) -> str:
    fill, line = FILLS[state]
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'fill="{fill}" stroke="{line}" stroke-width="1"/>'
    )


def bar(parts: Sequence[tuple[State, float]], most: float, width: int = 180) -> str:
    """A bar in parts; `most` is the value of a full one. Its numbers stand in the same row of its table."""
    total = sum(value for _, value in parts)
    scale = (width - 2) / most if most > 0 else 0
    edges = [0.0, *accumulate(value for _, value in parts)]
    boxes = "".join(
        _box(1 + start * scale, 2, max(value * scale, _THIN), 12, state)
        for (state, value), start in zip(parts, edges, strict=False)
        if value > 0
    )
    alt = f"{total / most:.0%} of the longest bar" if most > 0 else "nothing"
    return f'<svg class="bar" width="{width}" height="16" role="img" aria-label="{alt}">{boxes}</svg>'


def flow(moves: Sequence[Transition]) -> str:
    """States before on the left, after on the right, and a band for every move between them; unchanged lines are not
    in it."""
    total = sum(move.tally.lines for move in moves)
    if not total:
        return ""
    before, after = (_nodes(moves, side) for side in (0, 1))
    height = max(_end(before), _end(after)) + 30
    bands = "".join(_bands(moves, before, after, total))
    nodes = "".join(_labels(before, _LEFT - _NODE, "end", -8)) + "".join(_labels(after, _RIGHT, "start", _NODE + 8))
    said = "; ".join(f"{move.tally.lines:,} from {move_text(move)}" for move in moves)
    return (
        f'<svg class="flow" viewBox="0 0 {_WIDTH} {height:.0f}" role="img" aria-labelledby="flow-title flow-text">'
        f'<title id="flow-title">How answers move</title><desc id="flow-text">{escape(said)}.</desc>'
        f'<text x="{_LEFT}" y="14" text-anchor="end" class="side">before</text>'
        f'<text x="{_RIGHT}" y="14" class="side">after</text>{bands}{nodes}</svg>'
    )


_Nodes = dict[State, tuple[float, float, int]]


def _nodes(moves: Sequence[Transition], side: int) -> _Nodes:
    """Each state's top, height and lines, in the order of the states."""
    lines: dict[State, int] = {}
    for move in moves:
        state = move.after if side else move.before
        lines[state] = lines.get(state, 0) + move.tally.lines
    total, top, found = sum(lines.values()), 28.0, {}
    for state in (state for state in State if state in lines):
        height = max(_TALL * lines[state] / total, _THIN)
        found[state] = (top, height, lines[state])
        top += height + _GAP
    return found


def _end(nodes: _Nodes) -> float:
    return max(top + height for top, height, _ in nodes.values())


def _bands(moves: Sequence[Transition], before: _Nodes, after: _Nodes, total: int) -> Iterator[str]:
    left, right = ({state: top for state, (top, _, _) in nodes.items()} for nodes in (before, after))
    order = [*State]
    for move in sorted(moves, key=lambda m: (order.index(m.before), order.index(m.after))):
        height = _TALL * move.tally.lines / total
        y1, y2 = left[move.before], right[move.after]
        left[move.before], right[move.after] = y1 + height, y2 + height
        middle, drawn = (_LEFT + _RIGHT) / 2, max(height, _THIN)
        fill, line = FILLS[move.after]
        yield (
            f'<path d="M{_LEFT},{y1:.1f} C{middle},{y1:.1f} {middle},{y2:.1f} {_RIGHT},{y2:.1f} '
            f"V{y2 + drawn:.1f} C{middle},{y2 + drawn:.1f} {middle},{y1 + drawn:.1f} {_LEFT},{y1 + drawn:.1f} Z"
            f'" fill="{fill}" fill-opacity=".55" stroke="{line}" stroke-width=".6"/>'
        )


def _labels(nodes: _Nodes, x: float, anchor: str, offset: float) -> Iterator[str]:
    for state, (top, height, lines) in nodes.items():
        middle = top + height / 2
        yield f'<rect x="{x}" y="{top:.1f}" width="{_NODE}" height="{height:.1f}" fill="{INK}"/>'
        yield (
            f'<text x="{x + offset}" y="{middle - 2:.1f}" text-anchor="{anchor}" class="node">{STATES[state]}</text>'
            f'<text x="{x + offset}" y="{middle + 13:.1f}" text-anchor="{anchor}" class="value">{lines:,}</text>'
        )


def columns(groups: Sequence[Group], title: str) -> str:
    """A column for each month (or year) in order, in parts by the state that lines come to."""
    most = max((group.changed.lines for group in groups), default=0)
    if not most:
        return ""
    low, high, left = 150, 16, 48
    step = (_WIDTH - left - 4) / len(groups)
    wide, scale = min(step * 0.7, 36), (low - high) / most
    parts = [
        f'<line x1="{left}" x2="{_WIDTH}" y1="{low}" y2="{low}" stroke="{MUTED}"/>',
        f'<text x="{left - 8}" y="{high + 5}" text-anchor="end" class="value">{most:,}</text>',
        f'<text x="{left - 8}" y="{low + 4}" text-anchor="end" class="value">0</text>',
    ]
    every = -(-len(groups) // 12)
    for i, group in enumerate(groups):
        x, y = left + i * step + (step - wide) / 2, float(low)
        for state, lines in group.becomes:
            y -= lines * scale
            parts.append(_box(x, y, wide, lines * scale, state))
        if i % every == 0:
            parts.append(
                f'<text x="{x + wide / 2:.1f}" y="{low + 18}" text-anchor="middle" class="tick">{group.name}</text>'
            )
    peak = max(groups, key=lambda group: group.changed.lines)
    said = f"{title}: from {groups[0].name} to {groups[-1].name}, most in {peak.name} with {most:,} lines."
    return (
        f'<svg class="columns" viewBox="0 0 {_WIDTH} {low + 28}" role="img" aria-label="{escape(said, quote=True)}">'
        f"{''.join(parts)}</svg>"
    )
