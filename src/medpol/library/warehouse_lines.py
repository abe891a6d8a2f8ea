"""The relation a warehouse brings, and the lines that the plan makes of it there.

`medpol_claims` has the columns of `contract`; NULL is not known. `make_lines` puts codes into normal form, takes a
value that cannot be for one that is not known, and adds what lines say about one another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from sys import float_info

from medpol.engine import Rows, Script, facts_read, lists_asked, sides
from medpol.model.calendar import MONTH, YEAR
from medpol.model.codes import normal
from medpol.model.facts import Fact, FactType
from medpol.model.lines import Lines
from medpol.model.rules import Library

RELATION = "medpol_claims"
WIDTHS = {"diagnosis": 12, "modifier": 4}
"""Columns for the codes of a set where no other number is given: what an 837 professional claim holds."""
WIDTH = 6
MOST_OTHERS = 12  # listed codes of one claim that are kept; of a claim with more the other codes are not known
_AGES = {"age": YEAR, "age_months": MONTH, "age_days": 0}
_COMPUTED = {*_AGES, "service_date", "procedure", "primary_diagnosis", "also_billed", "claim_history_on_file"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of `medpol_claims`, with its type in the plan's SQL, and the fact it gives, if any."""

    name: str
    type: str
    meaning: str
    fact: str = ""


_OWN = (
    Column(name="line", type="BIGINT", meaning="a number of its own for every row; orders the lines of a day"),
    Column(name="code", type="VARCHAR", meaning="the procedure code"),
    Column(name="service_date", type="DATE", meaning="the date of service"),
    Column(name="line_of_business", type="VARCHAR", meaning="a name of library.yaml"),
    Column(name="member", type="VARCHAR", meaning="who; a line without it has no claims history"),
    Column(name="claim", type="VARCHAR", meaning="which claim; without it the other codes of the claim are not known"),
    Column(name="level", type="VARCHAR", meaning="the level of the spine, where a policy counts by level"),
)


def contract(library: Library, widths: Mapping[str, int]) -> tuple[Column, ...]:
    """The columns of `medpol_claims`: those every line has, then one for each fact read, for a set `widths` of them."""
    uses = set(facts_read(library))
    if "history" in uses:
        uses |= {"modifier", "diagnosis", "birth_date", "units"}
    if not uses.isdisjoint(_AGES):
        uses.add("birth_date")
    if "primary_diagnosis" in uses:
        uses.add("diagnosis")
    uses -= {*_COMPUTED, "line_of_business"}
    return (*_OWN, *(column for fact in library.facts if fact.name in uses for column in _columns(fact, widths)))


def _columns(fact: Fact, widths: Mapping[str, int]) -> Iterator[Column]:
    asked = fact.question or fact.name
    match fact.type:
        case FactType.SET:
            for i in range(1, widths.get(fact.name, WIDTHS.get(fact.name, WIDTH)) + 1):
                yield Column(name=f"{fact.name}_{i}", type="VARCHAR", meaning=f"{asked} ({i})", fact=fact.name)
        case FactType.BOOLEAN:
            yield Column(name=fact.name, type="BIGINT", meaning=f"{asked} 1 yes, 0 no", fact=fact.name)
        case FactType.ORDINAL:
            meaning = f"{asked} One of {', '.join(fact.levels)}"
            yield Column(name=fact.name, type="VARCHAR", meaning=meaning, fact=fact.name)
        case FactType.CODE | FactType.DATE as kind:
            column_type = "DATE" if kind is FactType.DATE else "VARCHAR"
            yield Column(name=fact.name, type=column_type, meaning=asked, fact=fact.name)
        case _:
            unit = f" In {fact.unit}" if fact.unit not in ("", "1") else ""
            yield Column(name=fact.name, type="DOUBLE", meaning=asked + unit, fact=fact.name)


def make_lines(script: Script, library: Library, columns: Sequence[Column], since: date | None) -> Lines:
    """Write the statements that make the lines of `medpol_claims`. Without `since` the history counts as complete
    from the first service date."""
    uses, widths = facts_read(library), {column.fact: 0 for column in columns}
    for column in columns:
        widths[column.fact] += 1
    read = {fact.name: fact for fact in library.facts if fact.name in widths}
    sets = {name: widths[name] for name, fact in read.items() if fact.type in (FactType.SET, FactType.CODE)}
    _make_base(script, library, read, sets, uses)
    joined = "base b"
    if "also_billed" in uses:
        _make_others(script, library)
        sets["also_billed"] = MOST_OTHERS
        others = {f"s_also_billed_{i}": f"NULLIF(o.c{i}, b.code)" for i in range(MOST_OTHERS)}
        joined = f"{joined} LEFT JOIN others o ON o.claim = b.claim"
    else:
        others = {}
    counted = "COALESCE(o.n, 0)" if others else "0"
    if "history" in uses:
        first = script.date(since.isoformat()) if since else "MIN(c.service_date)"
        script.execute(f"CREATE TEMP TABLE span AS SELECT {first} AS since FROM {RELATION} c")
        joined = f"{joined} CROSS JOIN span h"
    added = {**others, "others": counted, "history_since": "h.since" if "history" in uses else "CAST(NULL AS DATE)"}
    script.execute(f"CREATE TEMP VIEW lines AS SELECT b.*, {_listed(added)} FROM {joined}")
    codes = {name: tuple(f"l.s_{name}_{i}" for i in range(width)) for name, width in sets.items()}
    if "history" in uses:
        _make_history(script, codes)
    return _lines(read, codes, uses)


def _lines(read: Mapping[str, Fact], codes: Mapping[str, tuple[str, ...]], uses: frozenset[str]) -> Lines:
    history = "history" in uses
    by_column = ("procedure", "line_of_business")
    own = {name: (f"l.{'code' if name == 'procedure' else name}",) for name in by_column if name in uses}
    first = {"primary_diagnosis": codes["diagnosis"][:1]} if "primary_diagnosis" in uses else {}
    known = {"modifier": "", "also_billed": f"l.claim IS NOT NULL AND l.others <= {MOST_OTHERS}"}
    plain = [name for name, fact in read.items() if name not in codes and fact.type is not FactType.DATE]
    numbers = {name: f"l.n_{name}" for name in (*plain, *sorted(uses & _AGES.keys()))}
    on_file = {"claim_history_on_file": "CASE WHEN l.member IS NOT NULL THEN 1 END"} if history else {}
    dates = [name for name, fact in read.items() if fact.type is FactType.DATE]
    return Lines(
        table="lines",
        numbers={**numbers, **on_file},
        dates={"service_date": "l.service_date", **{name: f"l.d_{name}" for name in dates}},
        codes={**codes, **own, **first},
        known_sets={name: condition for name, condition in known.items() if name in codes},
        history="history" if history else "",
        history_diagnoses="history_diagnoses" if history else "",
        history_known="l.member IS NOT NULL" if history else "",
        history_since="l.history_since" if history else "",
        level="l.level",
    )


def _make_base(
    script: Script, library: Library, read: Mapping[str, Fact], sets: Mapping[str, int], uses: frozenset[str]
) -> None:
    """`base`: the relation with its values made sound."""
    columns = {
        "line": "c.line",
        "code": _normal("c.code"),
        "service_date": "c.service_date",
        "line_of_business": _line_of_business(library),
        "member": "c.member",
        "claim": "c.claim",
        "level": "COALESCE(c.level, '')",
    }
    for name, fact in read.items():
        if fact.type is FactType.SET:
            columns |= {f"s_{name}_{i}": _normal(f"c.{name}_{i + 1}") for i in range(sets[name])}
        elif fact.type is FactType.CODE:
            columns[f"s_{name}_0"] = _normal(f"c.{name}")
        elif fact.type is FactType.DATE:
            columns[f"d_{name}"] = f"c.{name}"
        else:
            columns[f"n_{name}"] = _number(fact)
    columns |= {f"n_{name}": _age(script, name) for name in uses & _AGES.keys()}
    script.execute(f"CREATE TEMP VIEW base AS SELECT {_listed(columns)} FROM {RELATION} c")


def _number(fact: Fact) -> str:
    """The column as a number; NULL where it holds none that the fact can have."""
    column = f"c.{fact.name}"
    if fact.type is FactType.BOOLEAN:
        return f"CASE WHEN {column} IN (0, 1) THEN {column} END"
    if fact.type is FactType.ORDINAL:
        levels = " ".join(
            f"WHEN '{level.replace(chr(39), chr(39) * 2)}' THEN {i}" for i, level in enumerate(fact.levels)
        )
        return f"CASE {column} {levels} END"
    low = 0 if fact.low is None and (fact.type is FactType.DURATION or fact.name == "units") else fact.low
    ends = (-float_info.max if low is None else low, float_info.max if fact.high is None else fact.high)
    return f"CASE WHEN {column} >= {float(ends[0])!r} AND {column} <= {float(ends[1])!r} THEN {column} END"


def _age(script: Script, name: str) -> str:
    """`model.calendar.completed` at the service date; NULL before birth."""
    born, served = "c.birth_date", "c.service_date"
    if _AGES[name]:
        age = script.whole_division(f"{script.month_code(served)} - {script.month_code(born)}", _AGES[name])
    else:
        age = f"{script.day_code(served)} - {script.day_code(born)}"
    return f"CASE WHEN {born} <= {served} THEN {age} END"


def _normal(text: str) -> str:
    """`model.codes.normal`; nothing is NULL."""
    return f"NULLIF(UPPER(REPLACE(REPLACE({text}, '.', ''), ' ', '')), '')"


def _line_of_business(library: Library) -> str:
    """A name of the plan's however it is written; else what is there."""
    names = library.rules.lines_of_business
    cases = " ".join(f"WHEN '{normal(name)}' THEN '{name}'" for name in names)
    return f"CASE {_normal('c.line_of_business')} {cases} ELSE LOWER(c.line_of_business) END"


def _make_others(script: Script, library: Library) -> None:
    """`others`: for each claim those of its codes that some list asks for, in order, and how many there are."""
    lists = lists_asked(library, "also_billed")
    present = (code for (code,) in script.fetch("SELECT DISTINCT code FROM base"))
    listed: list[tuple[str, ...]] = [(code,) for code in present if any(codes.matches(code) for codes in lists)]
    script.load("listed", Rows((("code", "VARCHAR"),), listed))
    script.execute(
        """CREATE TEMP TABLE claim_codes AS
           SELECT claim, code, ROW_NUMBER() OVER (PARTITION BY claim ORDER BY code) AS nth
           FROM (SELECT DISTINCT b.claim, b.code FROM base b JOIN listed k ON k.code = b.code
                 WHERE b.claim IS NOT NULL) d"""
    )
    codes = {f"c{i}": f"MAX(CASE WHEN nth = {i + 1} THEN code END)" for i in range(MOST_OTHERS)}
    script.execute(
        f"CREATE TEMP TABLE others AS SELECT claim, COUNT(*) AS n, {_listed(codes)} FROM claim_codes GROUP BY claim"
    )


def _make_history(script: Script, codes: Mapping[str, Sequence[str]]) -> None:
    """`history` and `history_diagnoses`, as `model.lines.Lines` has them."""
    left, right = sides(codes["modifier"])
    columns = {
        "row": "l.line", "line": "l.line", "member": "l.member", "claim": "l.claim", "code": "l.code",
        "date": "l.service_date", "units": "COALESCE(l.n_units, 1)", "left_side": left, "right_side": right,
        "level": "l.level",
    }  # fmt: skip
    script.execute(f"CREATE TEMP VIEW history AS SELECT {_listed(columns)} FROM lines l WHERE l.member IS NOT NULL")
    parts = (f"SELECT l.line AS row, {c} AS code FROM lines l WHERE {c} IS NOT NULL" for c in codes["diagnosis"])
    script.execute(f"CREATE TEMP VIEW history_diagnoses AS {' UNION ALL '.join(parts)}")


def _listed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
