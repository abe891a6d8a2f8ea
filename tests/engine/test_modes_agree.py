"""One meaning, whatever the mode: the closures, DuckDB (in columns and in SQL) and SQLite give the same answer and keep
the same leaves open."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medpol.engine import Determiner, DuckDB, Engine, SQLite, adjudicate, lines_of
from medpol.engine.resolve import prepare_chain, resolve
from medpol.engine.tables import WORD
from medpol.model.codes import NOWHERE, parse_pattern
from medpol.model.criteria import AnyOf, AtLeast, Compare, Criterion, Leaf, Not
from medpol.model.policy import Policy, Position, ServiceCode, Statement, Status, Version
from medpol.model.request import Request
from medpol.model.rules import Layer, Library, LineOfBusiness, PlanRules
from strategies import FACTS, criteria, facts_for, histories, history_starts

CODES = ("62330", "E0601", "97110")


def a_library(
    criteria_by_code: dict[str, list[tuple[Criterion, Position]]], *, default: bool, shared: str = ""
) -> Library:
    """A policy for each code; or two that share the statements alternately, in one `layer` or in two `layers`."""
    policies = {}
    for code, statements in criteria_by_code.items():
        shares = [statements[::2], statements[1::2]] if shared and len(statements) > 1 else [statements]
        for number, share in enumerate(shares):
            policy = a_policy(f"P{number}-{code}", code, share, default=default and number == 0)
            if shared == "layers" and number == 1:
                policy = replace(policy, authority="contract")
            policies[policy.number] = policy
    line = LineOfBusiness(
        name="commercial", precedence=(Layer(authority="contract"), Layer(authority="medical_policy"))
    )
    rules = PlanRules(plan="Test", lines_of_business={"commercial": line})
    return Library(folder="", rules=rules, facts=FACTS, policies=policies)


def a_policy(number: str, code: str, statements: list[tuple[Criterion, Position]], *, default: bool) -> Policy:
    pattern = parse_pattern(code)
    assert pattern is not None
    version = Version(
        policy=number,
        effective=date(2000, 1, 1),
        status=Status.APPROVED,
        published=date(2000, 1, 1),
        codes=(ServiceCode(system="cpt", pattern=pattern),),
        statements=tuple(
            Statement(id=f"s{i}", position=position, when=when) for i, (when, position) in enumerate(statements)
        ),
        default=Statement(id="default", position=Position.INVESTIGATIONAL) if default else None,
    )
    return Policy(number=number, authority="medical_policy", title=number, versions=(version,))


@st.composite
def requests(draw: st.DrawFn) -> Request:
    facts = draw(facts_for())
    day = facts.get("service_date", date(2025, 6, 1))
    assert isinstance(day, date)
    code = draw(st.sampled_from(CODES))
    history = draw(histories())
    return Request(
        id="r",
        system="cpt",
        code=code,
        service_date=day,
        line_of_business="commercial",
        facts={**facts, "service_date": day, "procedure": code},
        history=history,
        history_since=draw(history_starts()),
        claim=draw(st.sampled_from(["", "C1"])),
        level=draw(st.sampled_from(["", "L4", "L5"])),
    )


statements = st.lists(st.tuples(criteria(), st.sampled_from(list(Position))), min_size=1, max_size=4)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.fixed_dictionaries(dict.fromkeys(CODES, statements)),
    st.lists(requests(), min_size=12, max_size=20),
    st.booleans(),
    st.sampled_from(["", "layer", "layers"]),
)
def test_all_modes_agree(
    by_code: dict[str, list[tuple[Criterion, Position]]], asked: list[Request], default: bool, shared: str
) -> None:
    library = a_library(by_code, default=default, shared=shared)
    assert_agree(library, asked, (DuckDB(threads=1), SQLite()))
    assert_agree(library, asked, (DuckDB(threads=1),), in_columns=False)


@pytest.mark.parametrize(
    ("width", "engine"),
    # SQLite takes 2,000 columns a table, which ends at about 250 groups; it is here to check, not to run claims
    [*((width, DuckDB) for width in (1, 61, 62, 63, 130, 400)), *((width, SQLite) for width in (1, 61, 62, 130))],
)
def test_trees_wider_than_a_machine_word(width: int, engine: type[DuckDB | SQLite]) -> None:
    """`width` groups of two leaves each."""
    members = tuple(
        AnyOf(of=(Compare(fact="bmi", low=10 + i / 10), Not(of=Compare(fact="age", low=i % 90)))) for i in range(width)
    )
    tree = AtLeast(n=(width + 1) // 2, of=members)
    library = a_library({"62330": [(tree, Position.MEDICALLY_NECESSARY)]}, default=True)
    asked = [a_request(bmi=bmi, age=age) for bmi in (None, 11.0, 25.0, 60.0) for age in (None, 20.0, 70.0)]
    assert_agree(library, asked, (engine(),))
    assert_agree(library, asked, (engine(),), in_columns=False)


def a_request(**facts: float | None) -> Request:
    known = {name: value for name, value in facts.items() if value is not None}
    day = date(2025, 6, 1)
    return Request(
        id="r", system="cpt", code="62330", service_date=day, line_of_business="commercial",
        facts={**known, "service_date": day},
    )  # fmt: skip


def assert_agree(
    library: Library, asked: list[Request], engines: tuple[Engine, ...], *, in_columns: bool = True
) -> None:
    determiner = Determiner(library)
    singles = []
    for request in asked:
        determination = determiner.determine(request)
        chain = determiner.selector.chain(request.code, request.service_date, "commercial")
        outcome = resolve(prepare_chain(chain), request, FACTS)
        answer = (determination.state.value, determination.policy, determination.statement, determination.reason)
        singles.append((*answer, frozenset(bare(leaf) for leaf in outcome.open_leaves)))
    for engine in engines:
        lines = lines_of(engine, asked, FACTS)
        batch = adjudicate(engine, library, lines, describe=repr, in_columns=in_columns)
        rows = engine.fetch("SELECT line, state, policy, statement, reason FROM answers ORDER BY line")
        assert [row[0] for row in rows] == list(range(len(asked)))
        open_leaves: dict[int, frozenset[Leaf]] = {}
        for layout in batch.layouts:
            words = ", ".join(f"x.r{w}" for w in range(layout.words))
            speaking = """SELECT answer, answer AS outcome FROM said WHERE answer IN (SELECT outcome FROM outcomes)
                           UNION ALL SELECT answer, outcome FROM heard WHERE is_open = 1"""
            query = f"""SELECT d.line, x.program, {words} FROM decided d JOIN ({speaking}) h ON h.answer = d.answer
                        JOIN results_{layout.number} x ON x.pattern = h.outcome"""
            for line, program, *bits in engine.fetch(query):
                slots = batch.programs[program].slots
                found = {slot.leaf for i, slot in enumerate(slots) if bits[i // WORD] >> i % WORD & 1}
                open_leaves[line] = open_leaves.get(line, frozenset()) | found
        pending = ("information_needed", "review_needed")
        batched = [
            (*row[1:], open_leaves.get(row[0], frozenset()) if row[4] in pending else frozenset()) for row in rows
        ]
        assert batched == singles, (type(engine).__name__, in_columns)


def bare(leaf: Leaf) -> Leaf:
    return replace(leaf, label="", source="", place=NOWHERE)
