"""Tables beside the claims that give facts, as a claims map declares them.

tables:
  enrolment:                             # the row in force on the service date
    path: enrolment.parquet              # beside the map; Parquet, CSV or CSV.gz
    key: {member: member_id}             # what of the line equals which column: member, claim, claim_line, provider
    from: start_date
    until: end_date                      # the last day; empty: still in force
    facts: {line_of_business: plan_type}
  clinical:                              # the latest row on or before the service date
    path: facts.csv
    key: {member: member_id}
    date: observed_on
    latest_within: 12 months
    name: what                           # long form: rows name the fact, `facts` says how
    value: result
    facts: {a1c: "4548-4", bmi: BMI}
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from medpol.loading.nodes import Keys, Node, Sheet
from medpol.loading.values import quantity
from medpol.model.codes import NOWHERE
from medpol.model.facts import DataDictionary, FactType
from medpol.model.units import TIME_UNITS, Quantity
from medpol.problems import Place

Known: TypeAlias = Callable[[str, Node], bool]

KEYS = ("member", "claim", "claim_line", "provider")
"""What of a claim line may find its row in a table."""

_NEVER = ("service_date", "procedure", "claim_history_on_file", "also_billed")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactTable:
    """A table of facts. It has either `since` (and `until`): a row is in force on the days between; or `date`: the
    latest row counts, back to `within` before the service date. `facts` gives the column of a fact; with `name` and
    `value` the text that stands in `name` on the rows of the fact. Each with its place in the map."""

    name: str
    path: Path
    key: tuple[tuple[str, str], ...]
    facts: Mapping[str, str]
    since: str = ""
    until: str = ""
    date: str = ""
    within: Quantity | None = None
    label: str = ""
    value: str = ""
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the table that is read."""
        named = (self.since, self.until, self.date, self.label, self.value)
        facts = () if self.label else self.facts.values()
        return tuple(dict.fromkeys(name for name in (*dict(self.key).values(), *named, *facts) if name))


def read_tables(keys: Keys | None, folder: Path, dictionary: DataDictionary, known: Known) -> tuple[FactTable, ...]:
    """The tables of a map; `known` reports a name that is no fact."""
    found: list[FactTable] = []
    givers: dict[str, str] = {}
    for name in () if keys is None else keys:
        inner = keys.mapping(name) if keys is not None else None
        if keys is None or inner is None:
            continue
        if not _NAME.fullmatch(name):
            keys.sheet.report("MP806", keys.key(name), "a table is called by small letters, digits and _")
            continue
        table = _table(inner, dictionary, known, name=name, folder=folder, place=keys.sheet.place(keys.key(name)))
        for fact in table.facts:
            if fact in givers:
                keys.sheet.report("MP807", table.place, f"'{fact}' is given by the tables {givers[fact]} and {name}")
            givers.setdefault(fact, name)
        found.append(table)
    return tuple(found)


def _table(keys: Keys, dictionary: DataDictionary, known: Known, *, name: str, folder: Path, place: Place) -> FactTable:
    path = keys.text("path", required=True)
    table = FactTable(
        name=name,
        path=folder / path,
        key=_key(keys),
        facts=_facts(keys, dictionary, known),
        since=keys.text("from"),
        until=keys.text("until"),
        date=keys.text("date"),
        within=_length(keys),
        label=keys.text("name"),
        value=keys.text("value"),
        place=place,
    )
    keys.close()
    _report_shape(table, keys.sheet)
    return table


def _key(keys: Keys) -> tuple[tuple[str, str], ...]:
    inner = keys.mapping("key")
    if inner is None:
        keys.sheet.report("MP831", keys.node, "the table has no key: {member: COLUMN}")
        return ()
    for name in inner:
        if name not in KEYS:
            keys.sheet.report("MP831", inner.key(name), f"the key is one of {', '.join(KEYS)}")
    return tuple((name, inner.text(name)) for name in inner)


def _facts(keys: Keys, dictionary: DataDictionary, known: Known) -> dict[str, str]:
    inner = keys.mapping("facts")
    if inner is None:
        keys.sheet.report("MP831", keys.node, "the table gives no facts: {FACT: COLUMN}")
        return {}
    found: dict[str, str] = {}
    for name in inner:
        text, fact = inner.text(name), dictionary.get(name)
        if not known(name, inner.key(name)):
            continue
        if fact is None or name in _NEVER or fact.type is FactType.SET:
            message = f"'{name}' cannot come from a table" + (
                ": it is a set" if fact and fact.type is FactType.SET else ""
            )
            keys.sheet.report("MP831", inner.key(name), message)
        else:
            found[name] = text
    return found


def _length(keys: Keys) -> Quantity | None:
    text = keys.text("latest_within")
    length = quantity(text) if text else None
    if text and (length is None or length.unit not in TIME_UNITS or length.value <= 0 or length.value % 1):
        keys.sheet.report("MP831", keys.found["latest_within"][1], "write a length of time, such as 12 months")
        return None
    return length


def _report_shape(table: FactTable, sheet: Sheet) -> None:
    if bool(table.since) == bool(table.date):
        sheet.report("MP831", table.place, "a table has either from (and until), or date")
    if (table.until and table.date) or (table.within and table.since):
        sheet.report("MP831", table.place, "until goes with from, latest_within goes with date")
    if bool(table.label) != bool(table.value):
        sheet.report("MP831", table.place, "name and value go together: the column of the fact's name and of its value")
