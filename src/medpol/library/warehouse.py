"""The batch as SQL text for a payer's own warehouse: parameter tables, the statements that decide, the answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from medpol.engine import COLUMNS, DIALECTS, Script, adjudicate, code_patterns, respell
from medpol.library.policies import PolicyLibrary
from medpol.library.warehouse_lines import RELATION, Column, contract, make_lines
from medpol.problems import Place, PolicyRejected, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehouseJob:
    """`dialect` is a name of DIALECTS, `out` a folder. `widths` are the columns that a set has, by fact."""

    dialect: str
    out: Path
    as_of: date | None = None
    known_on: date | None = None
    with_criteria: bool = True
    widths: Mapping[str, int] = field(default_factory=dict)
    history_since: date | None = None


@dataclass(frozen=True, slots=True)
class WarehousePlan:
    """The plan as statements, and the columns of `medpol_claims` that it reads."""

    script: Script
    columns: tuple[Column, ...]

    @property
    def answers(self) -> str:
        """The query for the answers."""
        return f"SELECT line, {', '.join(COLUMNS)} FROM {self.script.name('answers')} ORDER BY line"


def write_warehouse(library: PolicyLibrary, job: WarehouseJob) -> tuple[Path, ...]:
    """Write the folder; its files in the order in which they are run. Raises PolicyRejected."""
    plan = plan_for_warehouse(library, job)
    files = {
        "README.md": _readme(plan),
        "00_claims.sql": _template(plan),
        "01_tables.sql": _statements(plan.script.tables),
        "02_decide.sql": _statements(plan.script.steps),
        "03_answers.sql": _statements([plan.answers]),
    }
    try:
        job.out.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (job.out / name).write_text(text, encoding="utf-8")
    except OSError as error:
        problem = Problem(Place(str(job.out)), "MP903", f"cannot be written: {error.strerror}", "give another --out")
        raise PolicyRejected([problem]) from None
    return tuple(job.out / name for name in files)


def plan_for_warehouse(library: PolicyLibrary, job: WarehouseJob) -> WarehousePlan:
    """What `write_warehouse` writes. Raises PolicyRejected for a dialect that is not known."""
    dialect = DIALECTS.get(job.dialect)
    if dialect is None:
        problem = Problem(Place("--sql"), "MP951", f"'{job.dialect}' is none", f"give one of {', '.join(DIALECTS)}")
        raise PolicyRejected([problem])
    columns = contract(library.content, job.widths)
    script = Script(dialect, code_patterns(library.content))
    adjudicate(
        script,
        library.content,
        make_lines(script, library.content, columns, job.history_since),
        describe=library.leaf_in_words,
        known_on=job.known_on,
        as_of=job.as_of,
        with_criteria=job.with_criteria,
    )
    return WarehousePlan(script, columns)


def _statements(statements: Sequence[str]) -> str:
    return "".join(f"{statement};\n" for statement in statements)


def _template(plan: WarehousePlan) -> str:
    """A view to fill in: every column as not known."""
    empty = ",\n".join(f"    CAST(NULL AS {column.type}) AS {column.name}" for column in plan.columns)
    view = respell(f"CREATE VIEW {RELATION} AS SELECT {empty}", plan.script.dialect.spelling)
    lines = view.replace(", CAST(", ",\n    CAST(").replace(" AS SELECT ", " AS SELECT\n    ", 1)
    return f"-- Put your own column for each NULL that you have, and name your table.\n{lines}\n-- FROM your_lines\n;\n"


def _readme(plan: WarehousePlan) -> str:
    dialect = plan.script.dialect
    words = dialect.spelling.words
    columns = "\n".join(f"| `{c.name}` | {words.get(c.type, c.type)} | {c.meaning} |" for c in plan.columns)
    return _README.format(title=dialect.title, relation=RELATION, columns=columns, run=dialect.run)


_README = """# Decide claims in {title}

Written by `medpol adjudicate --sql`. Nothing in this folder comes from claims.

1. Make the relation `{relation}` with the columns below (`00_claims.sql` is a view to fill in).
2. Run `01_tables.sql`: the policies as tables. Once, and again when a policy changes.
3. Run `02_decide.sql`, then `03_answers.sql`, in one session: one row for every line.

{run}

## What `{relation}` has

NULL is *not known*: it is asked for where it could change the answer, and never denies. Codes may have dots and lower
case. A number outside its range, a text that is no level, an age below 0 count as not known. Every `line` is a number
of its own. A line without a code or a service date is answered `no_policy`: leave such rows out, and count them.

| column | type | meaning |
|---|---|---|
{columns}

## What comes out

One row for every row of `{relation}`: `line`, `state` (approve, not_covered, pend_information, pend_review or
no_policy), `position`, `layer`, `policy`, `version`, `statement`, `reason`, `missing` (facts to ask for, `; ` between)
and `criteria` (each criterion that was asked and how it came out). `not_covered` is a recommendation until a person
signs it.

More in docs/warehouse.md of medpol.
"""
