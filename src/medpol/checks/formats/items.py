"""Reports and problems as one kind of line."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from medpol.checks.run import Checked
from medpol.problems import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the output; `rule` is false for what could not be read."""

    place: Place
    code: str
    level: str
    message: str
    rule: bool
    remedy: str = ""
    fixable: bool = False
    related: tuple[Place, ...] = ()
    policy: str = ""


def items_of(checked: Checked) -> Iterator[Item]:
    """What could not be read first, then the findings."""
    for problem in checked.problems:
        yield Item(
            place=near(problem.place), code=problem.code, level=problem.level, message=problem.message, rule=False,
            remedy=problem.remedy,
        )  # fmt: skip
    for report in checked.reports:
        finding = report.finding
        yield Item(
            place=near(finding.place), code=report.code, level=report.level, message=finding.message, rule=True,
            fixable=bool(finding.fix), related=tuple(map(near, finding.related)), policy=report.policy,
        )  # fmt: skip


def near(place: Place) -> Place:
    """The place with its file as seen from the working folder, where it lies below it."""
    file = Path(place.file)
    if not file.is_absolute() or not file.is_relative_to(Path.cwd()):
        return place
    return Place(file.relative_to(Path.cwd()).as_posix(), place.line, place.column, place.path)
