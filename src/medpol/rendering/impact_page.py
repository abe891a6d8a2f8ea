"""The report of a replay: one HTML page that needs nothing beside itself."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from html import escape
from itertools import groupby

from medpol import __version__
from medpol.model.changes import LibraryChanges, VersionChanges
from medpol.model.facts import DataDictionary
from medpol.model.impact import Basis, Group, Impact, Tally
from medpol.model.policy import ServiceCode, State
from medpol.rendering.changes import Line, changes_lines
from medpol.rendering.impact import KINDS, STATES, amount, caveats, count, headline, move_text, share, summary
from medpol.rendering.impact_charts import PATTERNS, bar, columns, flow, legend
from medpol.rendering.impact_style import STYLE
from medpol.rendering.words import phrase

_MOST = 15
"""Rows of a table; the others are counted in a last row."""
_TEXT = 300
"""Lines of differences in the text; `--json` has all of them."""
_MONTHS = 36
"""Months that are shown one by one; more are shown by year."""


def impact_page(seen: Impact, changes: VersionChanges | LibraryChanges, facts: DataDictionary, claims: str) -> str:
    """The whole page. `claims` names the claims file."""
    sections = (
        _moves(seen),
        _where(seen, changes),
        _billed(seen),
        _providers(seen),
        _asked(seen, facts),
        _otherwise(seen),
        _section("What differs in the text", _text(changes_lines(changes, facts))),
        _section("What the figures do not say", _bulleted(caveats(seen))),
    )
    about = f"{seen.policy}, {seen.title}" if seen.policy else "Policy library"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Impact: {_e(about)}, {_e(seen.before)} to {_e(seen.after)}</title>
<style>{STYLE}</style>
</head>
<body>
{PATTERNS}
<main>
<header>
<p class="over">{_e(about)} · {_e(seen.before)} → {_e(seen.after)} · {_basis(seen)} · recommendations</p>
<h1>{_e(headline(seen))}</h1>
{"".join(f"<p>{_e(sentence)}</p>" for sentence in summary(seen))}
{_figures(seen)}
</header>
{"".join(sections)}
<footer>{_e(claims)}: {seen.total:,} lines{_dates(seen)}. medpol {__version__}.</footer>
</main>
</body>
</html>
"""


def _e(text: str) -> str:
    return escape(text, quote=True)


def _section(title: str, body: str) -> str:
    return f"<section><h2>{_e(title)}</h2>{body}</section>\n" if body else ""


def _basis(seen: Impact) -> str:
    return {
        Basis.ALL_DATES: "each text on all service dates",
        Basis.AS_PUBLISHED: "the later text from its own date on",
        Basis.LIBRARIES: "two libraries, each as it is",
    }[seen.basis]


def _dates(seen: Impact) -> str:
    return f"; those under review from {seen.since} to {seen.until}" if seen.since else ""


def _figures(seen: Impact) -> str:
    changed, all_ = seen.changed, seen.considered
    shown = [
        ("claim lines decided otherwise", changed.lines, all_.lines),
        ("members concerned", changed.members, all_.members),
        ("providers concerned", changed.providers, all_.providers),
    ]
    figures = [
        (name, f"{part:,}", f"of {whole:,}, {share(part, whole)}")
        for name, part, whole in shown
        if part is not None and whole is not None
    ]
    if changed.billed is not None:
        figures.append(("billed on them", amount(changed.billed), f"of {amount(all_.billed)}"))
    parts = (f"<div><dt>{name}</dt><dd>{part} <small>{whole}</small></dd></div>" for name, part, whole in figures)
    return f'<dl class="figures">{"".join(parts)}</dl>'


# tables


def _table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Sequence[int], bars: bool
) -> str:
    """Cells are HTML; the first of each row names it. `numbers` are the columns set to the right."""
    right = dict.fromkeys(numbers, ' class="n"')
    top = "".join(f'<th scope="col"{right.get(i, "")}>{name}</th>' for i, name in enumerate(head))
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f"<td{right.get(i, '')}>{cell}</td>" for i, cell in enumerate(row[1:], 1))
        + "</tr>"
        for row in rows
    )
    named = f"<caption>{_e(caption)}</caption>" if caption else ""
    kind = ' class="bars"' if bars else ""
    return f"<table{kind}>{named}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _moves(seen: Impact) -> str:
    if not seen.considered.lines:
        return ""
    picture = flow(seen.moves)
    figure = (
        f"<figure>{picture}<figcaption>Lines decided otherwise; "
        "a band is as thick as its share of them.</figcaption></figure>"
        if picture
        else ""
    )
    return _section("How answers move", figure + _matrix(seen))


def _matrix(seen: Impact) -> str:
    """All lines under review: a row for each state before, a column for each after."""
    cells = {(t.before, t.after): t.tally.lines for t in seen.transitions}
    before, after = ([s for s in State if any(pair[side] is s for pair in cells)] for side in (0, 1))
    head = "".join(f'<th scope="col" class="n">{STATES[s]}</th>' for s in after)
    rows = "".join(
        f'<tr><th scope="row">{STATES[old]}</th>{"".join(_cell(cells, old, new) for new in after)}'
        f'<td class="n">{sum(n for (b, _), n in cells.items() if b is old):,}</td></tr>'
        for old in before
    )
    totals = "".join(f'<td class="n">{sum(n for (_, a), n in cells.items() if a is new):,}</td>' for new in after)
    return (
        "<table><caption>Every line under review, by its state before (rows) and after (columns). "
        "Shaded: the state stays.</caption>"
        f'<thead><tr><th scope="col">before ↓ after →</th>{head}<th scope="col" class="n">all</th></tr></thead>'
        f'<tbody>{rows}<tr><th scope="row">all</th>{totals}<td class="n">{seen.considered.lines:,}</td></tr></tbody>'
        "</table>"
    )


def _cell(cells: dict[tuple[State, State], int], old: State, new: State) -> str:
    lines = cells.get((old, new), 0)
    kept = " kept" if old is new else ""
    return f'<td class="n{kept}">{lines:,}</td>' if lines else f'<td class="n none{kept}">–</td>'


def _where(seen: Impact, changes: VersionChanges | LibraryChanges) -> str:
    if not seen.changed.lines:
        return ""
    labels = _code_labels(changes)
    codes = [(group, f"{_e(group.name)}{_label(labels, group.name)}") for group in seen.by_code]
    places = [(group, _e(group.name.replace("_", " "))) for group in seen.by_line_of_business]
    policies = [(group, _e(group.name)) for group in seen.by_policy]
    becomes = [s for s in State if any(s is state for g in seen.by_line_of_business for state, _ in g.becomes)]
    body = legend(becomes)
    body += "" if seen.policy else _grouped("By policy", "policy", policies, seen)
    body += _grouped("By code", "code", codes, seen)
    body += _grouped("By line of business", "line of business", places, seen)
    return _section("Where", body + _months(seen))


def _code_labels(changes: VersionChanges | LibraryChanges) -> list[ServiceCode]:
    if isinstance(changes, LibraryChanges):
        return []
    return [code for version in (changes.after, changes.before) for code in version.codes if code.label]


def _label(labels: Sequence[ServiceCode], name: str) -> str:
    found = next((code.label for code in labels if code.pattern.matches(name)), "")
    return f' <span class="small">{_e(found)}</span>' if found else ""


def _grouped(caption: str, what: str, groups: Sequence[tuple[Group, str]], seen: Impact) -> str:
    changed = [(group, name) for group, name in groups if group.changed.lines]
    most = max(group.changed.lines for group, _ in changed)
    rows = [
        (
            name,
            f"{group.lines:,}",
            f"{group.changed.lines:,}",
            share(group.changed.lines, group.lines),
            *_counted(group.changed, seen.changed),
            bar(group.becomes, most),
        )
        for group, name in changed[:_MOST]
    ]
    rest = changed[_MOST:]
    if rest:
        lines, moved = sum(g.lines for g, _ in rest), sum(g.changed.lines for g, _ in rest)
        empty = ("",) * (len(rows[0]) - 5)
        rows.append((f"{len(rest)} others", f"{lines:,}", f"{moved:,}", share(moved, lines), *empty, ""))
    head = (what, "lines", "decided otherwise", "share", *_counted_heads(seen.changed), "")
    return _table(caption, head, rows, numbers=range(1, len(head) - 1), bars=True)


def _counted(tally: Tally, whole: Tally) -> tuple[str, ...]:
    """Members and amount, where the file has them."""
    cells = ((count(tally.members), whole.members), (amount(tally.billed), whole.billed))
    return tuple(cell for cell, known in cells if known is not None)


def _counted_heads(whole: Tally) -> tuple[str, ...]:
    return tuple(name for name, known in (("members", whole.members), ("billed", whole.billed)) if known is not None)


def _months(seen: Impact) -> str:
    groups = _filled(seen.by_month)
    step = "month"
    if len(groups) > _MONTHS:
        groups, step = [_year(year, [*each]) for year, each in groupby(groups, key=lambda g: g.name[:4])], "year"
    caption = f"By {step} of service: lines decided otherwise"
    rows = ((g.name, f"{g.lines:,}", f"{g.changed.lines:,}", share(g.changed.lines, g.lines)) for g in groups)
    table = _table("", (step, "lines", "decided otherwise", "share"), rows, numbers=(1, 2, 3), bars=False)
    return (
        f"<figure><figcaption>{caption}</figcaption>{columns(groups, caption)}"
        f"<details><summary>The figures by {step}</summary>{table}</details></figure>"
    )


def _filled(groups: Sequence[Group]) -> list[Group]:
    """With the months between the first and the last in which there is no line."""
    if not groups:
        return []
    by_name = {group.name: group for group in groups}
    first, last = (int(name[:4]) * 12 + int(name[5:]) - 1 for name in (groups[0].name, groups[-1].name))
    names = (f"{month // 12:04}-{month % 12 + 1:02}" for month in range(first, last + 1))
    nothing = Tally(lines=0, members=None, providers=None, billed=None)
    return [by_name.get(name) or Group(name=name, lines=0, changed=nothing, becomes=()) for name in names]


def _year(name: str, months: Sequence[Group]) -> Group:
    becomes = {state: sum(dict(month.becomes).get(state, 0) for month in months) for state in State}
    lines = sum(month.changed.lines for month in months)
    return Group(
        name=name,
        lines=sum(month.lines for month in months),
        changed=Tally(lines=lines, members=None, providers=None, billed=None),
        becomes=tuple((state, n) for state, n in becomes.items() if n),
    )


def _billed(seen: Impact) -> str:
    if seen.changed.billed is None or not seen.moves:
        return ""
    amounts = [(move, move.tally.billed or Decimal(0)) for move in seen.moves]
    most = max(value for _, value in amounts)
    rows = (
        (
            move_text(move),
            f"{move.tally.lines:,}",
            amount(move.tally.billed),
            bar(((move.after, float(value)),), float(most)),
        )
        for move, value in sorted(amounts, key=lambda pair: -pair[1])
    )
    head = ("from … to", "lines", "billed", "")
    note = "<p>What was billed is not what would be paid or saved.</p>"
    return _section("Billed amounts by what changes", note + _table("", head, rows, numbers=(1, 2), bars=True))


def _providers(seen: Impact) -> str:
    if not seen.providers:
        return ""
    top = sum(provider.lines for provider in seen.providers)
    told = (
        f"<p>The {len(seen.providers)} most affected of {seen.changed.providers:,} providers have "
        f"{share(top, seen.changed.lines)} of the lines decided otherwise.</p>"
    )
    most = seen.providers[0].lines
    rows = (
        (_e(p.name), f"{p.lines:,}", share(p.lines, seen.changed.lines), amount(p.billed),
         bar(((State.PEND_INFORMATION, p.lines),), most))
        for p in seen.providers
    )  # fmt: skip
    head = ("provider", "decided otherwise", "share", "billed", "")
    return _section("Providers", told + _table("", head, rows, numbers=(1, 2, 3), bars=True))


def _asked(seen: Impact, facts: DataDictionary) -> str:
    """What waits for an answer after, and did not before."""
    shown = [asked for asked in seen.asked if asked.newly or asked.no_longer]
    if not shown:
        return ""
    most = max(1, *(asked.newly for asked in shown))
    rows = (
        (
            f"{_e(phrase(asked.fact, facts))}{_question(asked.fact, facts)}",
            f"{asked.before:,}", f"{asked.after:,}", f"{asked.newly:,}", f"{asked.no_longer:,}",
            bar(((State.PEND_INFORMATION, asked.newly),), most, 120),
        )
        for asked in shown[:_MOST]
    )  # fmt: skip
    head = ("fact", "lines before", "after", "newly", "no longer", "newly asked")
    note = "<p>Lines on which a fact is missing that could change the answer.</p>"
    return _section("What would be asked for", note + _table("", head, rows, numbers=(1, 2, 3, 4), bars=True))


def _question(name: str, facts: DataDictionary) -> str:
    fact = facts.get(name)
    return f'<br><span class="small">{_e(fact.question)}</span>' if fact and fact.question else ""


def _otherwise(seen: Impact) -> str:
    if not seen.considered.lines:
        return ""
    rows = (
        (
            KINDS[kind], f"{tally.lines:,}", share(tally.lines, seen.considered.lines), count(tally.members),
            amount(tally.billed),
        )
        for kind, tally in seen.kinds
    )  # fmt: skip
    head = ("the first difference", "lines", "share", "members", "billed")
    note = "<p>Every line under review once, by the first thing in which its two answers differ.</p>"
    return _section("What changes and what stays", note + _table("", head, rows, numbers=(1, 2, 3, 4), bars=False))


# lists


def _text(lines: Sequence[Line]) -> str:
    tags = {"+": ("ins", "added"), "−": ("del", "removed")}

    def item(line: Line) -> str:
        text, mark = _e(line.text), line.mark
        if mark:
            tag, said = tags[mark]
            text = f"<{tag}>{text}</{tag}>"
            mark_shown = f'<span class="mark" role="img" aria-label="{said}">{mark}</span>'
        else:
            mark_shown = '<span class="mark"></span>'
        return f'<li style="--depth:{line.depth}">{mark_shown}{text}</li>'

    more = f"<p>{len(lines) - _TEXT:,} more lines: medpol impact --json has them.</p>" if len(lines) > _TEXT else ""
    return f'<ul class="text">{"".join(map(item, lines[:_TEXT]))}</ul>{more}'


def _bulleted(sentences: Iterator[str]) -> str:
    return f'<ul class="plain">{"".join(f"<li>{_e(sentence)}</li>" for sentence in sentences)}</ul>'
