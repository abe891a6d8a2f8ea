"""A redline as one HTML file: what was added and removed is marked by shape, by words for a screen reader, and by
colour; a summary stands first, and every change leads to the next.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from medpol.rendering.changes import Line as Difference
from medpol.rendering.publication import Theme
from medpol.rendering.publication.html import environment
from medpol.rendering.redline.model import Mark, MarkedLine, MarkedSection, MarkedUnit, Redline

_TOGETHER = ("item", "term")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownUnit:
    """A unit and the number of its change, 0 where there is none; `first` begins the change."""

    unit: MarkedUnit
    change: int = 0
    first: bool = False

    @property
    def moved(self) -> int:
        return self.unit.moved if isinstance(self.unit, MarkedLine) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Neighbours that are laid out together: the items of one list, the terms of one table of terms, or one unit."""

    kind: str
    box: str
    units: tuple[ShownUnit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSection:
    section: MarkedSection
    runs: tuple[Run, ...]
    changes: tuple[int, ...]


def to_html(redline: Redline, theme: Theme, differences: Sequence[Difference] = ()) -> str:
    """The page. `differences` say in English what decides otherwise (rendering/changes)."""
    templates = environment(theme)
    style = "\n".join(
        templates.get_template(name).render(colours=theme.colours, fonts=theme.fonts)
        for name in ("style.css", "redline/redline.css")
    )
    return templates.get_template("redline/redline.html.j2").render(
        **context(redline, theme, differences),
        style=Markup(style),  # noqa: S704 - a style sheet of the theme, which the plan wrote
    )


def context(redline: Redline, theme: Theme, differences: Sequence[Difference]) -> dict[str, object]:
    """What the redline's templates ask for."""
    sections = tuple(_sections(redline.sections))
    return {
        "before": redline.before,
        "after": redline.after,
        "theme": theme,
        "sections": sections,
        "count": count_changes(redline),
        "differences": differences,
    }


def count_changes(redline: Redline) -> int:
    """Changes as the reader steps through them: neighbours that all were added, or all removed, are one."""
    return max((change for section in _sections(redline.sections) for change in section.changes), default=0)


def _sections(sections: Iterable[MarkedSection]) -> Iterator[ShownSection]:
    number = 0
    for section in sections:
        shown = list(_numbered(section.units, number))
        numbers = dict.fromkeys(unit.change for unit in shown if unit.change)
        number = max(numbers, default=number)
        yield ShownSection(section=section, runs=tuple(_runs(shown)), changes=tuple(numbers))


def _numbered(units: Iterable[MarkedUnit], number: int) -> Iterator[ShownUnit]:
    before = Mark.SAME
    for unit in units:
        if not unit.changed:
            yield ShownUnit(unit=unit)
        else:
            first = unit.mark is Mark.SAME or unit.mark is not before
            number += first
            yield ShownUnit(unit=unit, change=number, first=first)
        before = unit.mark


def _runs(units: Iterable[ShownUnit]) -> Iterator[Run]:
    for (kind, box), members in groupby(units, key=_layout):
        if kind in _TOGETHER:
            yield Run(kind=kind, box=box, units=tuple(members))
        else:
            yield from (Run(kind=kind, box=box, units=(member,)) for member in members)


def _layout(shown: ShownUnit) -> tuple[str, str]:
    unit = shown.unit
    return (unit.line.style, unit.line.box) if isinstance(unit, MarkedLine) else ("table", "")
