"""A silence in checks.yaml silences nothing.

`checks.yaml` in a policy's folder silences a rule with a reason, for the whole policy or for the lines that hold a
snippet. When the text is put right the silence stays behind, and would hide the next fault of the same kind.

Bad:

    checks.yaml
        ignore:
          ST101: the printed date is the committee's
          LA101:
            - {at: gone from the text, because: the payer spells it so}

Good:

    version.yaml
        reviewed: 2026-03
    checks.yaml
        ignore:
          ST101: the printed date is the committee's
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from medpol.checks.finding import Finding, Level, Report
from medpol.loading.nodes import Keys, Node, Sheet, read, text_of
from medpol.problems import Place, Problem

CODE = "CH101"
LEVEL: Level = "warning"
FILE = "checks.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A rule not to report here, why, and (unless it is about the whole policy) text of the lines meant."""

    code: str
    because: str
    at: str = ""
    place: Place

    def covers(self, report: Report) -> bool:
        return report.code == self.code and (not self.at or self.at in line_at(report.finding.place))


def read_silences(folder: Path, codes: Collection[str], problems: list[Problem]) -> tuple[Silence, ...]:
    """The silences of a policy's folder; what cannot be read of them goes to `problems`."""
    path = folder / FILE
    file = read(path, problems) if path.exists() else None
    if file is None:
        return ()
    keys = Keys(file.root, file.sheet)
    ignored = keys.mapping("ignore")
    keys.close()
    found: list[Silence] = []
    for code, (key, node) in ignored.found.items() if ignored else ():
        if code not in codes:
            file.sheet.report("MP114", key, f"there is no rule '{code}'; medpol rule lists them")
        elif isinstance(node, yaml.SequenceNode):
            found += [silence for item in node.value for silence in _at(code, item, file.sheet)]
        else:
            found.append(Silence(code=code, because=text_of(node, file.sheet) or "", place=file.sheet.place(key)))
    return tuple(found)


def _at(code: str, item: Node, sheet: Sheet) -> Iterator[Silence]:
    keys = Keys(item, sheet)
    at, because = keys.text("at", required=True), keys.text("because", required=True)
    keys.close()
    if at and because:
        yield Silence(code=code, because=because, at=at, place=sheet.place(item))


def silenced(
    reports: Iterable[Report], silences: Iterable[Silence], ran: Collection[str]
) -> tuple[list[Report], list[Report]]:
    """The reports that remain, with those about silences that silence nothing; and the reports silenced.

    A silence of a rule that did not run (`ran`: the codes of those that did) is not judged.
    """
    kept: list[Report] = []
    quiet: list[Report] = []
    used: set[Silence] = set()
    chosen = tuple(silences)
    for report in reports:
        covering = [silence for silence in chosen if silence.covers(report)]
        used.update(covering)
        (quiet if covering else kept).append(report)
    for silence in chosen:
        if silence not in used and silence.code in ran:
            where = f" at '{silence.at}'" if silence.at else ""
            message = f"{silence.code} finds nothing{where} any more; remove this silence"
            kept.append(Report(Finding(silence.place, message), CODE, LEVEL))
    return kept, quiet


@cache
def _lines(file: str, changed: int) -> tuple[str, ...]:  # noqa: ARG001 - a changed file is another key
    try:
        return tuple(Path(file).read_text(encoding="utf-8-sig").split("\n"))
    except (OSError, UnicodeDecodeError):
        return ()


def line_at(place: Place) -> str:
    """The source line of a place, without its line break; '' for a file as a whole or one that cannot be read."""
    path = Path(place.file)
    if not place.line or not path.is_file():
        return ""
    lines = _lines(place.file, path.stat().st_mtime_ns)
    return lines[place.line - 1].rstrip("\r") if place.line <= len(lines) else ""
