"""What a determination says beside its state: receipts, grants, flags, citations, assumptions, the plan's own notes."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libraries import ALWAYS, CODE, NO, PERSON, YES, library, one_policy, policy, request, statement, version
from medpol.engine import ENGINE, Determiner, DuckDB, SQLite, adjudicate, lines_of
from medpol.model.codes import CodeList, CodePattern
from medpol.model.criteria import All, AnyOf, Compare, Criterion, Is, Not, OneOf
from medpol.model.determination import Determination, Receipt
from medpol.model.policy import Grant, GrantRow, LabelFlag, Policy, Position, Source, State, Technology
from medpol.model.request import FactValue
from medpol.model.rules import Assumption, Layer, Library
from medpol.model.units import Quantity
from strategies import FACTS, criteria, facts_for

A, B = Is(fact="claudication"), Is(fact="consent")


def answer(content: Library, as_of: date | None = None, known_on: date | None = None,
           **facts: FactValue | None) -> Determination:  # fmt: skip
    return Determiner(content, known_on).determine(request(**facts), as_of)  # type: ignore[arg-type]


# receipts


def receipt(content: Library, **more: object) -> Receipt:
    found = answer(content, **more).receipt  # type: ignore[arg-type]
    assert found is not None
    return found


TWO = library(one_policy(statement(YES, A), number="P"), one_policy(statement(YES), number="Q", authority="contract"))


def test_a_receipt_names_the_engine_and_the_dates() -> None:
    day = date(2024, 1, 1)
    assert receipt(TWO) == Receipt(request="request", library=receipt(TWO).library, engine=ENGINE)
    assert (receipt(TWO, as_of=day).as_of, receipt(TWO, known_on=day).known_on) == (day, day)


def test_a_receipt_s_digest_is_of_the_versions_and_rules_asked() -> None:
    before = receipt(TWO).library
    other_version = library(policy(version("P", statement(YES, A), digest="changed")))
    other_rules = replace(TWO, rules=replace(TWO.rules, digest="changed"))
    assert len({before, receipt(other_version).library, receipt(other_rules).library}) == 3
    elsewhere = replace(TWO, policies={**TWO.policies, "Z": policy(version("Z", statement(NO), codes=["99999"]))})
    assert receipt(elsewhere).library == before  # a policy that was not asked changes nothing
    assert receipt(TWO, claudication=False).library == before  # nor do facts


@settings(max_examples=50, deadline=None)
@given(criteria(), facts_for())
def test_the_same_is_determined_alike_each_time(criterion: Criterion, facts: dict[str, FactValue]) -> None:
    content = library(one_policy(statement(YES, criterion), default=NO))
    kept = Determiner(content)
    first = kept.determine(request(**facts))
    kept.determine(request())
    assert kept.determine(request(**facts)) == first == Determiner(content).determine(request(**facts))


# dates


def test_as_of_chooses_the_version_and_leaves_the_service_date() -> None:
    content = library(
        policy(
            version("P", statement(NO), effective=date(2020, 1, 1)),
            version("P", statement(YES, Compare(fact="age", low=65)), default=NO, effective=date(2024, 1, 1)),
        )
    )
    now, then = answer(content, age=70.0), answer(content, as_of=date(2023, 12, 31), age=70.0)
    assert (now.state, now.version) == (State.APPROVE, "2024-01-01")
    assert (then.state, then.version) == (State.NOT_COVERED, "2020-01-01")


def test_what_is_final_and_what_waits_for_a_signature() -> None:
    expected = {YES: (State.APPROVE, True, False), NO: (State.NOT_COVERED, False, True),
                PERSON: (State.PEND_REVIEW, False, False)}  # fmt: skip
    for position, wanted in expected.items():
        found = answer(library(one_policy(statement(position))))
        assert (found.state, found.final, found.needs_signature) == wanted
        assert (found.position, found.reason) == (position, position.value)


@pytest.mark.parametrize("position", list(Position))
def test_every_position_has_its_state_in_every_mode(position: Position) -> None:
    content = library(one_policy(statement(position)))
    found = answer(content)
    assert found.state is position.state
    for engine in (DuckDB(threads=1), SQLite()):
        adjudicate(engine, content, lines_of(engine, [request()], FACTS), describe=repr)
        row = engine.fetch("SELECT state, position, policy, statement, reason FROM answers")
        assert row == [(found.state.value, position.value, "P", position.value, position.value)]


# lines of business


@pytest.mark.parametrize(
    ("line", "reason"), [(None, "line_of_business_missing"), ("other", "line_of_business_unknown")]
)
def test_without_a_known_line_of_business_nothing_is_decided(line: str | None, reason: str) -> None:
    content = library(one_policy(statement(NO)))
    found = Determiner(content).determine(request(line=line))
    assert (found.state, found.reason, [m.fact for m in found.missing]) == (
        State.PEND_INFORMATION, reason, ["line_of_business"],
    )  # fmt: skip
    for engine in (DuckDB(threads=1), SQLite()):
        adjudicate(engine, content, lines_of(engine, [request(line=line)], FACTS), describe=repr)
        assert engine.fetch("SELECT state, reason, missing FROM answers") == [
            ("pend_information", reason, "line_of_business")
        ]


def test_where_nothing_governs_the_line_s_own_note_is_given() -> None:
    content = library(one_policy(statement(YES, A), number="P"))
    lines = {"commercial": replace(content.rules.lines_of_business["commercial"], note="ask elsewhere")}
    noted = replace(content, rules=replace(content.rules, lines_of_business=lines))
    silent = answer(noted, claudication=False)
    assert (silent.state, silent.note, silent.policy, silent.layer) == (State.NO_POLICY, "ask elsewhere", "", "")
    assert answer(noted, claudication=True).note == ""


# grants


def granting(*rows: GrantRow, lesser: bool = False, name: str = "duration") -> Library:
    grants = (Grant(name=name, rows=rows),)
    return library(one_policy(statement(YES, grants=grants, lesser_of_requested=lesser)))


SIX = Quantity(6, "mo")
TABLE = (GrantRow(when=A, value=Quantity(3, "d")), GrantRow(when=None, value=Quantity(1, "d")))


def test_a_grant_in_words() -> None:
    assert answer(granting(GrantRow(when=None, value=SIX))).grants == {"duration": "6 months"}
    assert answer(granting(GrantRow(when=None, value=Quantity(12)), name="visits")).grants == {"visits": 12}
    assert answer(granting(GrantRow(when=None, value=Quantity(1.5, "a")))).grants == {"duration": "1.5 years"}


@pytest.mark.parametrize(("known", "value"), [(True, "3 days"), (False, "1 day"), (None, None)])
def test_a_table_of_grants(known: bool | None, value: str | None) -> None:
    """Which row applies may be unknown; then no value is named."""
    assert answer(granting(*TABLE), claudication=known).grants == {"duration": value}


@pytest.mark.parametrize(
    ("requested", "granted"),
    [
        (None, "6 months"),
        (Quantity(3, "mo"), "3 months"),
        (Quantity(6, "mo"), "6 months"),
        (Quantity(1, "a"), "6 months"),
        (Quantity(0.25, "a"), "3 months"),
        (Quantity(4), "4 months"),  # without a unit: in the grant's own
    ],
)
def test_the_lesser_of_what_was_requested(requested: Quantity | None, granted: str) -> None:
    content = granting(GrantRow(when=None, value=SIX), lesser=True)
    asked = request(requested={"duration": requested} if requested else {})
    assert Determiner(content).determine(asked).grants == {"duration": granted}


def test_what_is_requested_changes_nothing_where_the_policy_does_not_say_so() -> None:
    asked = request(requested={"duration": Quantity(3, "mo")})
    assert Determiner(granting(GrantRow(when=None, value=SIX))).determine(asked).grants == {"duration": "6 months"}


def test_two_approvals_that_may_hold_and_grant_different_things_name_none() -> None:
    def grants(months: float, visits: float) -> tuple[Grant, ...]:
        return (
            Grant(name="duration", rows=(GrantRow(when=None, value=Quantity(months, "mo")),)),
            Grant(name="visits", rows=(GrantRow(when=None, value=Quantity(visits)),)),
        )

    content = library(
        one_policy(statement(YES, A, "short", grants=grants(3, 12)), statement(YES, name="long", grants=grants(6, 12)))
    )
    assert answer(content, claudication=True).grants == {"duration": "3 months", "visits": 12}
    assert answer(content, claudication=False).grants == {"duration": "6 months", "visits": 12}
    unknown = answer(content)
    assert (unknown.state, unknown.grants) == (State.APPROVE, {"duration": None, "visits": 12})


def test_only_an_approval_grants() -> None:
    grants = (Grant(name="duration", rows=(GrantRow(when=None, value=SIX),)),)
    content = library(one_policy(statement(YES, A, grants=grants), default=NO))
    assert answer(content, claudication=True).grants == {"duration": "6 months"}
    assert answer(content).grants == {}
    assert answer(content, claudication=False).grants == {}


# flags and citations


def labelled(*statements: Position) -> Library:
    label = (
        LabelFlag(id="warned", kind="contraindication", when=B, says="not so", source="label"),
        LabelFlag(id="outside", kind="outside_intended_use", when=Not(of=B), says="outside", source="nowhere"),
    )
    each = one_policy(*(statement(position) for position in statements))
    return library(
        replace(
            each,
            technology=Technology(name="device", label=label),
            sources={
                "label": Source(key="label", title="The label", section="4.3"),
                "seed": Source(key="seed", title="S"),
            },
        )
    )


@pytest.mark.parametrize("position", [YES, NO, PERSON])
def test_a_flag_is_shown_with_its_source_and_never_decides(position: Position) -> None:
    content = labelled(position)
    flagged, outside, unknown = (answer(content, consent=value) for value in (True, False, None))
    assert [(f.policy, f.id, f.source) for f in flagged.flags] == [("P", "warned", "The label")]
    assert [(f.id, f.source) for f in outside.flags] == [("outside", "nowhere")]
    assert unknown.flags == ()
    assert {flagged.state, outside.state, unknown.state} == {position.state}


def test_flags_of_a_policy_that_does_not_govern_are_not_shown() -> None:
    content = labelled(YES)
    assert Determiner(content).determine(request(code="99999", consent=True)).flags == ()


def cited(*statements: tuple[Position, Criterion | None, str]) -> Library:
    each = one_policy(
        *(replace(statement(p, when, f"s{i}"), source=source) for i, (p, when, source) in enumerate(statements))
    )
    keys = ("one", "two", "leaf")
    return library(replace(each, sources={key: Source(key=key, title=key.upper(), section="§") for key in keys}))


def test_citations_are_of_the_statement_that_decides_and_of_its_criteria() -> None:
    leaf = replace(A, source="leaf")
    content = cited((YES, All(of=(leaf, B)), "one"), (NO, None, "two"))
    approved = answer(content, claudication=True, consent=True)
    assert [(c.statement, c.title) for c in approved.citations] == [("s0", "ONE"), ("s0", "LEAF")]
    denied = answer(content, claudication=False)
    assert [(c.statement, c.title) for c in denied.citations] == [("s1", "TWO")]
    assert [c.title for c in answer(content).citations] == ["ONE", "LEAF", "TWO"]  # open: all that may hold


# assumptions

ASSUMED = (
    Assumption(fact="consent", value=True, because="it is on file"),
    Assumption(fact="bmi", value=30.0, because="usual"),
    Assumption(fact="state", value="IA", because="home"),
    Assumption(fact="evaluation_date", value=date(2025, 8, 1), because="always then"),
    Assumption(fact="comorbidity", value=frozenset({"OSA", "DIABETES"}), because="common"),
    Assumption(fact="ceap", value=2, because="mild"),
    Assumption(fact="drug_class", value=frozenset[str](), because="none was tried"),
)


def test_an_assumption_fills_in_and_is_named_only_where_it_was_read() -> None:
    content = library(one_policy(statement(YES, All(of=(A, B))), default=NO), assume=ASSUMED)
    filled = answer(content, claudication=True)
    assert (filled.state, dict(filled.assumed)) == (State.APPROVE, {"consent": "it is on file"})
    sent = answer(content, claudication=True, consent=False)
    assert (sent.state, dict(sent.assumed)) == (State.NOT_COVERED, {})
    unread = library(one_policy(statement(YES, A), default=NO), assume=ASSUMED)
    assert dict(answer(unread, claudication=True).assumed) == {}


def listed(fact: str, code: str) -> OneOf:
    return OneOf(fact=fact, codes=CodeList(patterns=(CodePattern(code, code),)))


@pytest.mark.parametrize(
    ("criterion", "sent"),
    [
        (B, {"consent": False}),
        (Compare(fact="bmi", low=30, high=30), {"bmi": 31.0}),
        (listed("state", "IA"), {"state": "SD"}),
        (Compare(fact="evaluation_date", low=20301, high=20301), {"evaluation_date": date(2025, 7, 1)}),
        (listed("comorbidity", "OSA"), {"comorbidity": frozenset({"HYPERTENSION"})}),
        (listed("comorbidity", "OSA"), {"comorbidity": frozenset[str]()}),
        (Compare(fact="ceap", low=2, high=2), {"ceap": 1}),
        (Not(of=listed("drug_class", "62322")), {"drug_class": frozenset({"62322"})}),
    ],
)
@pytest.mark.parametrize("engine", [DuckDB, SQLite])
def test_an_assumption_of_every_type_in_a_batch(
    criterion: Criterion, sent: dict[str, FactValue], engine: type[DuckDB | SQLite]
) -> None:
    """Line by line: filled in where the line lacks the fact, whatever another line has."""
    content = library(one_policy(statement(YES, criterion), default=NO), assume=ASSUMED)
    asked = [request(), request(**sent)]  # type: ignore[arg-type]
    assert [Determiner(content).determine(each).state for each in asked] == [State.APPROVE, State.NOT_COVERED]
    for batch, expected in (
        (asked, ["approve", "not_covered"]),
        (asked[:1], ["approve"]),
        (asked[1:], ["not_covered"]),
    ):
        connected = engine()
        adjudicate(connected, content, lines_of(connected, batch, FACTS), describe=repr)
        assert [row[0] for row in connected.fetch("SELECT state FROM answers ORDER BY line")] == expected


# one request, several dates and lines: the batch agrees

DAYS = st.sampled_from([date(2019, 12, 31), date(2020, 1, 1), date(2023, 12, 31), date(2024, 1, 1), date(2025, 6, 1)])


def many_versions() -> Policy:
    return policy(
        version("P", statement(NO), effective=date(2020, 1, 1)),
        version("P", statement(YES, AnyOf(of=(A, B))), effective=date(2024, 1, 1), published=date(2024, 2, 1),
                ends=date(2025, 6, 1), codes=[CODE, "623*"]),
    )  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(DAYS, st.sampled_from([CODE, "62399", "99999"]), st.sampled_from([True, False, None])),
                min_size=1, max_size=6), st.none() | DAYS, st.none() | DAYS)  # fmt: skip
def test_a_batch_chooses_versions_as_one_request_does(
    asked: list[tuple[date, str, bool | None]], as_of: date | None, known_on: date | None
) -> None:
    content = library(many_versions())
    requests = [request(day=day, code=code, claudication=value) for day, code, value in asked]
    determiner = Determiner(content, known_on)
    singly = [(d.state.value, d.version, d.statement) for d in (determiner.determine(r, as_of) for r in requests)]
    for engine in (DuckDB(threads=1), SQLite()):
        adjudicate(engine, content, lines_of(engine, requests, FACTS), describe=repr, as_of=as_of, known_on=known_on)
        assert engine.fetch("SELECT state, version, statement FROM answers ORDER BY line") == singly


COLUMNS = ("state", "position", "layer", "policy", "version", "statement", "reason")
SHAPES = (("contract", "medical_policy"), ("medical_policy", "medical_policy"), ("contract", "contract", "ncd"),
          ("contract", "medical_policy", "ncd"))  # fmt: skip


@st.composite
def layered(draw: st.DrawFn) -> Library:
    """Two or three policies in one layer or several; the last layer adopted."""
    positions = st.sampled_from([YES, NO, PERSON, Position.NON_COVERED])
    policies = []
    for number, authority in zip("ABC", draw(st.sampled_from(SHAPES)), strict=False):
        whens = draw(st.lists(st.none() | criteria(max_leaves=4), min_size=1, max_size=2))
        made = [statement(draw(positions), when, f"s{i}") for i, when in enumerate(whens)]
        default = draw(st.none() | positions)
        policies.append(one_policy(*made, default=default, number=number, authority=authority))
    return library(*policies, precedence=["contract", "medical_policy", Layer(authority="ncd", adopted=True)])


@settings(max_examples=40, deadline=None)
@given(layered(), st.lists(facts_for(), min_size=1, max_size=4))
def test_a_batch_joins_layers_as_one_request_does(content: Library, lines: list[dict[str, FactValue]]) -> None:
    asked = [request(**facts) for facts in lines]  # type: ignore[arg-type]
    found = [Determiner(content).determine(each) for each in asked]
    singly = [tuple(str(getattr(each, name) or "") for name in COLUMNS) for each in found]
    for engine in (DuckDB(threads=1), SQLite()):
        adjudicate(engine, content, lines_of(engine, asked, FACTS), describe=repr)
        rows = engine.fetch(f"SELECT missing, {', '.join(COLUMNS)} FROM answers ORDER BY line")
        assert [tuple(str(value or "") for value in row[1:]) for row in rows] == singly
        for row, each in zip(rows, found, strict=True):
            assert {m.fact for m in each.missing} <= set(filter(None, row[0].split("; ")))


def test_a_version_in_force_from_always() -> None:
    assert answer(library(one_policy(statement(YES)))).version == ALWAYS.isoformat()
