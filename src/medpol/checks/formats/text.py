"""For a person at a terminal: place, code, level, message, the source line with a caret, and a summary by code."""

from collections import Counter
from collections.abc import Iterator

from medpol.checks.formats.items import Item, items_of
from medpol.checks.pages import PAGES
from medpol.checks.run import Checked
from medpol.checks.silence import line_at

WIDEST = 110  # characters of a source line that are shown


def as_text(checked: Checked) -> str:
    items = list(items_of(checked))
    lines = [line for item in items for line in _item(item)]
    return "\n".join([*lines, *_summary(items), _total(items, checked)])


def _item(item: Item) -> Iterator[str]:
    yield f"{item.place}: {item.code} {item.level}: {item.message}{' [--fix]' if item.fixable else ''}"
    source = line_at(item.place)
    if source:
        column = max(item.place.column, 1)
        start = 0 if column <= WIDEST - 10 else column - WIDEST // 2
        shown = source[start : start + WIDEST].replace("\t", " ")
        gutter = " " * len(str(item.place.line))
        yield f"{gutter} |"
        yield f"{item.place.line} | {'…' if start else ''}{shown}{'…' if start + WIDEST < len(source) else ''}"
        yield f"{gutter} | {' ' * (column - 1 - start + bool(start))}^"
    for place in item.related:
        yield f"    see {place}"
    if item.remedy:
        yield f"    remedy: {item.remedy}"
    yield ""


def _summary(items: list[Item]) -> Iterator[str]:
    """One line a code, the most frequent first."""
    counts = Counter((item.code, item.level) for item in items if item.rule)
    for (code, level), count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        name = PAGES[code].title
        yield f"{count:>5}  {code}  {level:<8}  {name}"
    if counts:
        yield ""


def _total(items: list[Item], checked: Checked) -> str:
    counts = Counter(item.level for item in items if item.rule)
    parts = [_count(counts[level], level) for level in ("error", "warning", "question") if counts[level]]
    unread = len(checked.problems)
    if unread:
        parts.insert(0, f"{_count(unread, 'problem')} in reading")
    fixable = sum(item.fixable for item in items)
    ends = [f"{fixable} can be fixed with --fix"] if fixable else []
    if checked.silenced:
        ends.append(f"{len(checked.silenced)} silenced by checks.yaml")
    found = ", ".join(parts) or "nothing found"
    looked = _count(checked.policies, "policy") if checked.policies else ""
    return "; ".join([f"{looked}: {found}" if looked else found, *ends])


def _count(n: int, word: str) -> str:
    many = word.removesuffix("y") + "ies" if word.endswith("y") else f"{word}s"
    return f"{n} {word if n == 1 else many}"
