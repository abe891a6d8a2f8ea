"""An analyst's own CSV file as the columns of one measure, or every problem in it with its cell."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import special

from medpol.evidence.effects import MEASURES, Effects, Variant, effects_of
from medpol.evidence.effects.faults import Fault, faults_of
from medpol.evidence.effects.reported import count_from_percent
from medpol.problems import Place, PolicyRejected, Problem

Array = NDArray[np.float64]

NOT_REPORTED = {"", "na", "n/a", "nan", "nr", ".", "-", "null"}
LARGEST = 1e60  # no measurement is larger, and its fourth power is still a number
INSTEAD = {
    "n1i": (("ai", "bi"),),
    "n2i": (("ci", "di"),),
    "ai": (("pct1i", "n1i"),),
    "ci": (("pct2i", "n2i"),),
    "xi": (("pcti", "ni"),),
    "vi": (("sei",), ("ci_low", "ci_high")),
}
"""Columns from which a needed one is worked out: bi and di are non-events, pct… printed percentages."""
KNOWN = sorted(
    {"study", *INSTEAD}
    | {name for ways in INSTEAD.values() for way in ways for name in way}
    | {name for measure in MEASURES.values() for name in measure.columns}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetaTable:
    """A table as read: cells as text, by column name; `lines` are the file's line numbers."""

    file: str
    columns: Mapping[str, tuple[str, ...]]
    positions: Mapping[str, int]
    lines: tuple[int, ...]

    def place(self, row: int, column: str) -> Place:
        return Place(
            file=self.file,
            line=self.lines[row],
            column=self.positions.get(column, 0),
            path=f"row {row + 1}, column {column}",
        )

    def whole(self, column: str = "") -> Place:
        return Place(file=self.file, path=f"column {column}" if column else "")

    def text(self, name: str) -> tuple[str, ...]:
        """A moderator or grouping column, or EV114."""
        if name not in self.columns:
            remedy = f"the columns are {', '.join(self.columns)}"
            raise PolicyRejected([Problem(self.whole(name), "EV114", f"there is no column {name}", remedy)])
        return self.columns[name]

    def labels(self, name: str) -> list[str]:
        """A grouping column, as text; EV114 for each empty cell."""
        self._check_filled(name, range(len(self.lines)))
        return list(self.text(name))

    def moderator(self, name: str, rows: Iterable[int] | None = None) -> list[float] | list[str]:
        """Numbers where every cell is one, else text; EV114 for each empty cell (of `rows`)."""
        cells = self.text(name)
        self._check_filled(name, range(len(cells)) if rows is None else rows)
        try:
            return [float(cell) if cell.lower() not in NOT_REPORTED else 0.0 for cell in cells]
        except ValueError:
            return list(cells)

    def _check_filled(self, name: str, rows: Iterable[int]) -> None:
        cells = self.text(name)
        empty = [row for row in rows if cells[row].lower() in NOT_REPORTED]
        if empty:
            raise PolicyRejected(
                Problem(self.place(row, name), "EV114", f"{name} is empty", "fill it in, or leave the row out")
                for row in empty
            )


def read_columns(text: str) -> dict[str, str]:
    """`--columns "ai=Events, n1i=Total"` as {file's title: metafor's name}; either side may come first."""
    renamed, problems = {}, []
    for pair in filter(None, (part.strip() for part in text.split(","))):
        left, _, right = (side.strip() for side in pair.partition("="))
        if left in KNOWN and right:
            renamed[right] = left
        elif right in KNOWN and left:
            renamed[left] = right
        else:
            message = f"{pair!r} names no column that meta knows"
            problems.append(
                Problem(Place("--columns"), "EV103", message, f"write name=title; names: {', '.join(KNOWN)}")
            )
    if problems:
        raise PolicyRejected(problems)
    return renamed


def read_meta_table(path: Path, *, columns: Mapping[str, str] | None = None) -> MetaTable:
    """Read a CSV file (comma, semicolon or tab; UTF-8) with a header; `columns` renames titles."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise _unreadable(path, f"is not UTF-8 text (byte {error.start})") from None
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, lines = [], []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append([cell.strip() for cell in cells])
                lines.append(reader.line_num)
    except csv.Error as error:
        raise _unreadable(path, f"is not CSV: {error}", reader.line_num) from None
    if len(rows) < 2:
        raise _unreadable(path, "has no rows under its header")
    titles = [(columns or {}).get(title, title) for title in rows[0]]
    problems = _title_problems(path, titles, rows[0], columns or {})
    problems += _width_problems(path, len(titles), rows[1:], lines[1:])
    if problems:
        raise PolicyRejected(problems)
    return MetaTable(
        file=str(path),
        columns={title: tuple(row[i] for row in rows[1:]) for i, title in enumerate(titles)},
        positions={title: i + 1 for i, title in enumerate(titles)},
        lines=tuple(lines[1:]),
    )


def _unreadable(path: Path, message: str, line: int = 0) -> PolicyRejected:
    return PolicyRejected([Problem(Place(str(path), line), "EV101", message, "give a CSV file with a header")])


def _title_problems(path: Path, titles: list[str], original: list[str], renamed: Mapping[str, str]) -> list[Problem]:
    head = Place(str(path), 1)
    twice = [
        Problem(head, "EV101", f"the column {title!r} is there {titles.count(title)} times", "keep one")
        for title in sorted({t for t in titles if titles.count(t) > 1})
    ]
    return twice + [
        Problem(head, "EV102", f"there is no column {title!r} (from --columns)", f"titles: {', '.join(original)}")
        for title in renamed
        if title not in original
    ]


def _width_problems(path: Path, width: int, rows: list[list[str]], lines: list[int]) -> list[Problem]:
    return [
        Problem(
            Place(str(path), line, path=f"row {i + 1}"),
            "EV101",
            f"{len(row)} cells under {width} titles",
            "quote cells that hold the separator",
        )
        for i, (row, line) in enumerate(zip(rows, lines, strict=True))
        if len(row) != width
    ]


def effects_of_table(table: MetaTable, measure: str, *, variant: Variant | None = None) -> Effects:
    """The effects of a table; PolicyRejected with every missing column or every bad cell at once."""
    if measure not in MEASURES:
        remedy = f"use one of {', '.join(MEASURES)}"
        raise PolicyRejected([Problem(table.whole(), "EV103", f"there is no measure {measure!r}", remedy)])
    needed = MEASURES[measure].columns
    chosen = {name: _way(table, name) for name in needed}
    missing = [name for name, way in chosen.items() if way is None]
    if missing:
        raise PolicyRejected(_missing(table, name, measure) for name in missing)
    problems: list[Problem] = []
    numbers = {
        name: _numbers(table, name, problems)
        for name in sorted({name for way in chosen.values() for name in way or ()} | _interval(table, measure))
    }
    arrays = {name: _worked_out(table, name, way or (), numbers, problems) for name, way in chosen.items()}
    faults = [*faults_of(measure, arrays), *_interval_faults(numbers)]
    told = {(p.place.line, p.place.column) for p in problems}
    for fault in faults:
        column = fault.column if fault.column in table.columns else (chosen.get(fault.column) or ("",))[0]
        place = table.place(fault.row, column)
        if (place.line, place.column) not in told:
            problems.append(Problem(place, fault.code, fault.message, fault.remedy))
    if problems:
        raise PolicyRejected(problems)
    study = table.columns.get("study") or tuple(f"Row {i + 1}" for i in range(len(table.lines)))
    return effects_of(measure, arrays, study=study, variant=variant)


def _way(table: MetaTable, name: str) -> tuple[str, ...] | None:
    """The columns the table offers for a needed one: itself, or what stands in for it."""
    if name in table.columns:
        return (name,)
    for way in INSTEAD.get(name, ()):
        if all(part in table.columns or (part != name and _way_once(table, part)) for part in way):
            return way
    return None


def _way_once(table: MetaTable, name: str) -> bool:
    return any(all(part in table.columns for part in way) for way in INSTEAD.get(name, ()))


def _missing(table: MetaTable, name: str, measure: str) -> Problem:
    others = [" and ".join(way) for way in INSTEAD.get(name, ())]
    remedy = f"add {name}{''.join(f', or {way}' for way in others)}, or name the title with --columns {name}=…"
    return Problem(table.whole(name), "EV102", f"{measure} needs the column {name}", remedy)


def _interval(table: MetaTable, measure: str) -> set[str]:
    both = {"ci_low", "ci_high"}
    return both if measure == "GEN" and both <= set(table.columns) else set()


def _numbers(table: MetaTable, name: str, problems: list[Problem]) -> Array:
    if name not in table.columns:
        return np.full(len(table.lines), np.nan)
    out = []
    for row, cell in enumerate(table.columns[name]):
        value = np.nan
        if cell.lower() not in NOT_REPORTED:
            try:
                value = float(cell)
            except ValueError:
                value = np.inf
            if not abs(value) < LARGEST:
                remedy = "write a plain number such as 12.5, or leave the cell empty"
                problems.append(Problem(table.place(row, name), "EV104", f"{cell!r} is not a number", remedy))
                value = np.nan
        out.append(value)
    return np.array(out)


def _worked_out(
    table: MetaTable, name: str, way: tuple[str, ...], numbers: Mapping[str, Array], problems: list[Problem]
) -> Array:
    parts = [numbers[part] for part in way]
    if way == (name,):
        return parts[0]
    if way in {("ai", "bi"), ("ci", "di")}:
        out: Array = parts[0] + parts[1]
        return out
    if way == ("sei",):
        return np.where(parts[0] > 0, parts[0] ** 2, np.where(np.isnan(parts[0]), np.nan, -1.0))
    if way == ("ci_low", "ci_high"):
        width = parts[1] - parts[0]
        return np.where(width > 0, (width / (2 * float(special.ndtri(0.975)))) ** 2, np.nan)
    return _from_percent(table, way[0], parts[0], parts[1], problems)


def _from_percent(table: MetaTable, name: str, percent: Array, n: Array, problems: list[Problem]) -> Array:
    out = np.full(len(percent), np.nan)
    for row, (value, size) in enumerate(zip(percent, n, strict=True)):
        if not (np.isfinite(value) and np.isfinite(size)) or size < 1 or size != round(size):
            continue
        decimals = len(table.columns[name][row].partition(".")[2])
        try:
            out[row] = count_from_percent(float(value), int(size), decimals=decimals)
        except PolicyRejected as rejected:
            problems += [Problem(table.place(row, name), p.code, p.message, p.remedy) for p in rejected.problems]
    return out


def _interval_faults(numbers: Mapping[str, Array]) -> list[Fault]:
    if "ci_low" not in numbers:
        return []
    low, high, estimate = numbers["ci_low"], numbers["ci_high"], numbers["yi"]
    faults = []
    for row in range(len(low)):
        if low[row] >= high[row]:
            message = f"the interval runs from {low[row]:g} to {high[row]:g}"
            faults.append(Fault(row, "ci_low", "EV112", message, "give the lower end in ci_low"))
        elif estimate[row] < low[row] or estimate[row] > high[row]:
            message = f"yi is {estimate[row]:g}, outside its interval {low[row]:g} to {high[row]:g}"
            faults.append(Fault(row, "yi", "EV112", message, "ratios need their logarithms in all three"))
    return faults
