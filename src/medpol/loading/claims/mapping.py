"""The map of a claims file: which of its columns gives which fact, and how its values are to be read.

columns:
  code: {column: proc_code, pad: 5}                # digits shorter than 5 get their leading zeros back
  service_date: {year: form_year, day: 07-01}      # a year only: this day of it
  birth_date: {column: dob, format: "%m/%d/%Y"}
  diagnosis: {columns: [dx1, dx2], only_if: {icd_10_or_higher: 1}}
  modifier: [mod1, mod2]
values: {line_of_business: {MEDICARE: medicare_advantage}, place_of_service: {"-1": ""}}
constants: {state: NH}
ignore: [plan]
history_since: 2016-01-01
note: free words
quality: …   # quality_rules.py
tables: …    # fact_tables.py
"""

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from medpol.loading.claims.fact_tables import FactTable, read_tables
from medpol.loading.claims.quality_rules import QualityRules, read_quality, with_death_date
from medpol.loading.nodes import File, Keys, Node, Sheet, items_of, read, similar, text_of
from medpol.loading.values import Misfit, fact_value
from medpol.model.codes import NOWHERE
from medpol.model.facts import DataDictionary, FactType
from medpol.model.request import FactValue
from medpol.problems import Place, PolicyRejected, Problem

OWN = ("code", "claim", "claim_line", "member", "provider", "level", "billed")
"""What a claim line has beside facts."""

_WIDEST = 64  # digits a code may be padded to: the longest code accepted
_LEAP = 2016


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRule:
    """Where a fact is found: one column, or for a set several, and how to read them.

    `only_if` gives columns with the text they must hold, else the fact is not known. `year_day` (month, day)
    makes a date of a column that holds a year. `format` is a strptime format. `pad` is the length to which
    numbers are filled with zeros from the left.
    """

    columns: tuple[str, ...]
    only_if: tuple[tuple[str, str], ...] = ()
    year_day: tuple[int, int] | None = None
    format: str = ""
    pad: int = 0
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def reads(self) -> tuple[str, ...]:
        """Every column of the file it looks at."""
        return (*self.columns, *(name for name, _ in self.only_if))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsMap:
    """`values` gives for a fact what its texts stand for ('' for not known); columns it does not name are
    recognised by their usual names, but never those of the facts in `ignore`."""

    file: str = ""
    columns: Mapping[str, ColumnRule] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, FactValue] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()
    note: str = ""
    history_since: date | None = None
    quality: QualityRules = field(default_factory=QualityRules)
    tables: tuple[FactTable, ...] = ()
    digest: str = field(default="", compare=False)

    @property
    def given_by_tables(self) -> frozenset[str]:
        """The facts that come from tables beside the claims, and so from no column of theirs."""
        return frozenset(fact for table in self.tables for fact in table.facts)


def read_claims_map(path: Path | str, dictionary: DataDictionary) -> ClaimsMap:
    """The map in a file. Raises PolicyRejected with every problem in it."""
    problems: list[Problem] = []
    file = read(Path(path), problems)
    found = None if file is None else _claims_map(file, dictionary)
    if problems or found is None:
        raise PolicyRejected(problems)
    return found


def _claims_map(file: File, dictionary: DataDictionary) -> ClaimsMap:
    keys, sheet = Keys(file.root, file.sheet), file.sheet
    dictionary = with_death_date(dictionary)
    targets = [*OWN, *(fact.name for fact in dictionary if fact.name != "procedure")]
    columns = _columns(keys.mapping("columns"), targets, dictionary)
    values = _values(keys.mapping("values"), targets, dictionary)
    constants = _constants(keys.mapping("constants"), dictionary)
    for name in constants:
        if name in columns:
            sheet.report("MP807", columns[name].place, f"'{name}' is given by a column and as a constant")
    tables = read_tables(
        keys.mapping("tables"),
        Path(sheet.file).parent,
        dictionary,
        lambda name, where: _known(name, where, targets, sheet),
    )
    for table in tables:
        for name in table.facts:
            if name in columns or name in constants:
                sheet.report("MP807", table.place, f"'{name}' is given by a table, and by a column or as a constant")
    ignored = keys.texts("ignore")
    for name in ignored:
        _known(name, keys.found["ignore"][1], targets, sheet)
    result = ClaimsMap(
        file=sheet.file,
        columns=columns,
        values=values,
        constants=constants,
        ignore=frozenset(ignored),
        note=keys.text("note"),
        history_since=keys.day("history_since"),
        quality=read_quality(keys.mapping("quality")),
        tables=tables,
        digest=file.digest,
    )
    keys.close()
    return result


def _known(name: str, where: Node, targets: Iterable[str], sheet: Sheet) -> bool:
    """Whether it is a fact or another thing a claim line has; `procedure` is written `code`."""
    if name in targets:
        return True
    hint = " (write 'code')" if name == "procedure" else similar(name, targets)
    sheet.report("MP805", where, f"'{name}' is no fact of the data dictionary{hint}")
    return False


def _columns(keys: Keys | None, targets: list[str], dictionary: DataDictionary) -> dict[str, ColumnRule]:
    found: dict[str, ColumnRule] = {}
    for name in () if keys is None else keys:
        node = keys.get(name) if keys is not None else None
        if keys is None or node is None or not _known(name, keys.key(name), targets, keys.sheet):
            continue
        rule = _rule(name, node, keys.sheet, dictionary)
        if rule is not None:
            found[name] = rule
    return found


def _rule(name: str, node: Node, sheet: Sheet, dictionary: DataDictionary) -> ColumnRule | None:
    fact = dictionary.get(name)
    place = sheet.place(node)
    if isinstance(node, yaml.ScalarNode):
        rule = ColumnRule(columns=(text_of(node, sheet) or "",), place=place)
    elif isinstance(node, yaml.SequenceNode):
        rule = ColumnRule(columns=tuple(text_of(item, sheet) or "" for item in items_of(node, sheet)), place=place)
    else:
        rule = _rule_in_full(Keys(node, sheet), place)
    if not rule.columns or "" in rule.columns:
        sheet.report("MP806", node, f"'{name}' names no column")
        return None
    if len(rule.columns) > 1 and (fact is None or fact.type is not FactType.SET):
        sheet.report("MP806", node, f"'{name}' is one value; it takes one column")
        return None
    if (rule.format or rule.year_day) and (fact is None or fact.type is not FactType.DATE):
        sheet.report("MP806", node, f"'{name}' is no date; format, year and day do not go with it")
        return None
    return rule


def _rule_in_full(keys: Keys, place: Place) -> ColumnRule:
    columns = (*((one,) if (one := keys.text("column")) else ()), *keys.texts("columns"))
    year, format_, pad = keys.text("year"), keys.text("format"), keys.text("pad")
    conditions = keys.mapping("only_if")
    only_if = tuple((name, conditions.text(name)) for name in conditions) if conditions is not None else ()
    day = _month_and_day(keys.text("day"))
    if bool(year) != bool(day) or (year and (columns or format_)):
        keys.sheet.report("MP806", keys.node, "a date from a year needs year: COLUMN and day: MM-DD, and nothing else")
    if pad and not (pad.isascii() and pad.isdigit() and 1 <= len(pad) <= 2 and 1 <= int(pad) <= _WIDEST):
        keys.sheet.report("MP806", keys.node, f"pad is a number of characters, 1 to {_WIDEST}")
        pad = ""
    keys.close()
    return ColumnRule(
        columns=(year,) if year else columns,
        only_if=only_if,
        year_day=day if year else None,
        format=format_,
        pad=int(pad or 0),
        place=place,
    )


def _month_and_day(text: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"([0-9]{2})-([0-9]{2})", text)
    if not match:
        return None
    month, day = int(match[1]), int(match[2])
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(_LEAP, month)[1]) or (month, day) == (2, 29):
        return None
    return month, day


def _values(keys: Keys | None, targets: list[str], dictionary: DataDictionary) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name in () if keys is None else keys:
        if keys is None or not _known(name, keys.key(name), targets, keys.sheet):
            continue
        table = keys.mapping(name)
        keys.taken.add(name)
        if table is None:
            continue
        found[name] = {}
        for text in table:
            meaning = table.text(text)
            found[name][text.strip()] = meaning
            _check_value(name, meaning, table.key(text), keys.sheet, dictionary)
    return found


def _check_value(name: str, text: str, where: Node, sheet: Sheet, dictionary: DataDictionary) -> FactValue | None:
    """The value of a fact written in the map; None where it has none, or after a report."""
    fact = dictionary.get(name)
    if fact is None or not text:
        return None
    value = fact_value(fact, text)
    if isinstance(value, Misfit):
        sheet.report("MP806", where, value.message)
        return None
    return value


def _constants(keys: Keys | None, dictionary: DataDictionary) -> dict[str, FactValue]:
    found: dict[str, FactValue] = {}
    facts = [fact.name for fact in dictionary if fact.name != "procedure"]
    for name in () if keys is None else keys:
        if keys is None or not _known(name, keys.key(name), facts, keys.sheet):
            continue
        value = _check_value(name, keys.text(name, required=True), keys.key(name), keys.sheet, dictionary)
        if value is not None:
            found[name] = value
    return found
