"""The small words of tables: results, times, names and signs, as a cell shows them."""

import re
from dataclasses import replace

from medpol.evidence import Result, Study
from medpol.rendering.publication.model import Cell, Text, run


def legend(domain: str, letter: str, labels: dict[int, str]) -> Text:
    """The keys of one column of a limitation table."""
    return run(f"{letter}. {column(domain)} key: {'; '.join(f'{key}, {label}' for key, label in labels.items())}.")


def blinded(study: Study) -> str:
    """Who of a study knew the treatment."""
    if study.blinded_patients is None and study.blinded_assessors is None:
        return "not stated"
    words = {True: "yes", False: "no", None: "not stated"}
    return f"patients {words[study.blinded_patients]}, assessors {words[study.blinded_assessors]}"


def percent(row: Result) -> str:
    """`58.0% (83/143)`; without a count where no whole number of patients gives the percentage."""
    if row.percent is None:
        return f"{row.events} events" if row.events is not None else ""
    if row.n is None:
        return f"{row.percent}%"
    return f"{row.percent}% of {row.n}" if row.count is None else f"{row.percent}% ({row.count}/{row.n})"


def mean(row: Result) -> str:
    """`53.0 (12.9)`: mean and standard deviation."""
    if row.mean is None:
        return ""
    return f"{row.mean} ({row.sd})" if row.sd is not None else f"{row.mean}"


def change(row: Result) -> str:
    """`change -3.6 (-4.2 to -3.1)`: mean change and its interval."""
    if row.change is None:
        return ""
    interval = f" ({row.ci_low} to {row.ci_high})" if row.ci_low is not None else ""
    return f"change {row.change}{interval}"


def spanned(rows: list[tuple[Cell, ...]]) -> tuple[tuple[Cell, ...], ...]:
    """Rows whose first cells are equal, joined under the first of them."""
    out: list[tuple[Cell, ...]] = []
    for at, row in enumerate(rows):
        if at and rows[at - 1][0] == row[0]:
            out.append((replace(row[0], covered=True), *row[1:]))
        else:
            same = next((n for n in range(at, len(rows)) if rows[n][0] != row[0]), len(rows)) - at
            out.append((replace(row[0], spans=same), *row[1:]))
    return tuple(out)


def capital(text: str) -> str:
    """With a capital at the start."""
    return f"{text[:1].upper()}{text[1:]}"


def minus(text: str) -> str:
    """With true minus signs before numbers."""
    return re.sub(r"(^|[\s(\[])-(?=\d)", r"\1−", text)


def short(text: str) -> str:
    """A number of a picture's table with one decimal, a small one with three digits; any other text as it is."""
    if not re.fullmatch(r"-?\d+(\.\d+)?(e-\d+)?", text) or "." not in text:
        return text
    value = float(text)
    return minus(f"{value:.1f}" if abs(value) >= 1 else f"{value:.3g}")


def time(name: str) -> str:
    """`6 mo` → `6 months`, `1 y` → `1 year`."""
    words = {"wk": "weeks", "mo": "months", "y": "years", "d": "days"}
    number, _, unit = name.partition(" ")
    word = words.get(unit, unit)
    return f"{number} {word[:-1] if number == '1' and word in words.values() else word}".strip().capitalize()


def column(name: str) -> str:
    """A column of a limitation table by its name."""
    return {"follow_up": "Follow-up"}.get(name, name.replace("_", " ").capitalize())


def spaced(name: str) -> str:
    """A key as words."""
    return name.replace("_", " ")
