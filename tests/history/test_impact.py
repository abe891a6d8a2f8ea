"""Replay: whose answer changes, and that nothing else does."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from history.replays import claims_file, line, of, random_lines, replayed, rows
from libraries import NO, PERSON, YES, library, one_policy, policy, service, statement, version
from medpol.engine import DuckDB, adjudicate
from medpol.history import between_libraries, from_its_date, on_all_dates, version_changes
from medpol.history.impact import Replayed
from medpol.loading import open_claims
from medpol.model.codes import CodeList
from medpol.model.criteria import All, Claims, Compare, Is, OneOf, Within
from medpol.model.facts import BUILT_IN, DataDictionary, Fact, FactType
from medpol.model.impact import CHANGED, Basis, Impact, Kind
from medpol.model.policy import Policy, Position, State, Version
from medpol.model.rules import Library
from medpol.problems import PolicyRejected
from strategies import FACTS, criteria

OLD, NEW = date(2020, 1, 1), date(2024, 1, 1)
CONSENT, CLAUDICATION = Is(fact="consent"), Is(fact="claudication")


def two(before: Version, after: Version, *others: Policy) -> Library:
    return library(policy(before, after), *others)


def moves(impact: Impact) -> dict[tuple[str, str], int]:
    return {(move.before.value, move.after.value): move.tally.lines for move in impact.moves}


# laws


@st.composite
def versions(draw: st.DrawFn, effective: date) -> Version:
    several = draw(st.lists(st.tuples(criteria(max_leaves=5), st.sampled_from(list(Position))), max_size=3))
    made = [statement(position, tree, f"s{i}") for i, (tree, position) in enumerate(several)]
    codes = draw(st.lists(st.sampled_from(("62330", "E0601", "6232*")), min_size=1, max_size=2, unique=True))
    return version("P", *made, default=draw(st.sampled_from((NO, PERSON))), effective=effective, codes=codes)


OTHER = one_policy(statement(YES, Is(fact="exceptional")), number="Q", default=NO, authority="contract")


@pytest.fixture(scope="module")
def many_lines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return claims_file(tmp_path_factory.mktemp("claims"), random_lines(90))


quickly = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@quickly
@given(one=versions(OLD))
def test_a_version_against_itself_changes_nothing(many_lines: Path, one: Version) -> None:
    impact = replayed(two(one, replace(one, effective=NEW)), "P", one, one, many_lines).impact
    assert [kind for kind, _ in impact.kinds] in ([], [Kind.SAME])
    assert impact.moves == ()


@quickly
@given(one=versions(OLD), other=versions(NEW))
def test_back_again_mirrors_there(many_lines: Path, one: Version, other: Version) -> None:
    there = replayed(two(one, other), "P", one, other, many_lines).impact
    back = replayed(two(one, other), "P", other, one, many_lines).impact
    assert moves(there) == {(after, before): lines for (before, after), lines in moves(back).items()}
    assert there.kinds == back.kinds
    assert {a.fact: (a.newly, a.no_longer) for a in there.asked} == {a.fact: (a.no_longer, a.newly) for a in back.asked}


@quickly
@given(one=versions(OLD), other=versions(NEW))
def test_lines_add_up_and_each_is_answered_as_if_all_were_decided(
    many_lines: Path, one: Version, other: Version
) -> None:
    plan = library(policy(one, other), OTHER, precedence=("contract", "medical_policy"))
    scenario = on_all_dates(plan, "P", version_changes(one, other))
    found = of(scenario, many_lines)
    impact = found.impact
    assert impact.total == 90
    assert sum(tally.lines for _, tally in impact.kinds) == impact.considered.lines
    assert sum(t.tally.lines for t in impact.transitions) == impact.considered.lines
    assert len(rows(found, "line")) == impact.kind(*CHANGED)
    assert changed_by_deciding_all(scenario.before, scenario.after, many_lines) == dict_of_states(found)


def dict_of_states(found: Replayed) -> dict[int, tuple[str, str]]:
    listed = rows(found, "line", "before_state", "after_state", "kind")
    return {number: (before, after) for number, before, after, kind in listed if kind == "state"}


def changed_by_deciding_all(before: Library, after: Library, claims: Path) -> dict[int, tuple[str, str]]:
    """The lines in another state when every line of the file is decided by both libraries."""
    states = []
    for plan in (before, after):
        engine = DuckDB(threads=1)
        uses = frozenset({*BUILT_IN, *FACTS.declared, "history"})
        table = open_claims(engine.connection, claims, FACTS, None, uses, lines_of_business=("commercial",))
        adjudicate(engine, plan, table.lines, describe=str, with_criteria=False)
        states.append(dict(engine.fetch("SELECT line, state::VARCHAR FROM answers")))
    return {number: (old, states[1][number]) for number, old in states[0].items() if old != states[1][number]}


# what is told


def test_pending_is_told_from_denied(tmp_path: Path) -> None:
    before, after = version("P", statement(YES, CONSENT), default=NO), version("P", default=NO, effective=NEW)
    claims = claims_file(tmp_path, [line(consent=True), line(consent=None), line(consent=None), line(consent=False)])
    impact = replayed(two(before, after), "P", before, after, claims).impact
    assert moves(impact) == {("approve", "not_covered"): 1, ("pend_information", "not_covered"): 2}
    assert (impact.changed.lines, impact.kind(Kind.STATE), impact.kind(Kind.DECIDED_BY)) == (3, 3, 0)
    assert [(a.fact, a.before, a.after, a.newly, a.no_longer) for a in impact.asked] == [("consent", 2, 0, 0, 2)]


def test_an_earlier_claim_of_another_ungoverned_code_counts(tmp_path: Path) -> None:
    """The history is that of the whole file though only governed lines are decided."""
    injected = Claims(codes=code_list("62322"), within=Within.LENGTH, length=12, unit="mo", low=1)
    before, after = version("P", default=NO), version("P", statement(YES, injected), default=NO, effective=NEW)
    lines = [line(code="62322", service_date=date(2025, 3, 1)), line(), line(member="M2")]
    impact = replayed(two(before, after), "P", before, after, claims_file(tmp_path, lines)).impact
    assert impact.considered.lines == 2
    assert moves(impact)["not_covered", "approve"] == 1


def code_list(code: str) -> CodeList:
    return CodeList(patterns=(service(code).pattern,))


def test_also_billed_sees_the_other_lines_of_the_claim(tmp_path: Path) -> None:
    together = OneOf(fact="also_billed", codes=code_list("77003"))
    before, after = version("P", default=NO), version("P", statement(YES, together), default=NO, effective=NEW)
    lines = [line(claim="A"), line(claim="A", code="77003"), line(claim="B")]
    impact = replayed(two(before, after), "P", before, after, claims_file(tmp_path, lines)).impact
    assert moves(impact) == {("not_covered", "approve"): 1}


def test_amounts_are_exact(tmp_path: Path) -> None:
    before, after = version("P", default=NO), version("P", default=PERSON, effective=NEW)
    claims = claims_file(tmp_path, [line(billed=0.1), line(billed=0.2), *[line(billed=1_000_000.01)] * 1000])
    impact = replayed(two(before, after), "P", before, after, claims).impact
    assert impact.changed.billed == impact.moves[0].tally.billed == Decimal("1000000010.30")
    assert impact.billed_unknown == 0


def test_what_the_file_does_not_have_is_none(tmp_path: Path) -> None:
    before, after = version("P", default=NO), version("P", default=PERSON, effective=NEW)
    bare = {"code": "62330", "service_date": date(2025, 9, 1), "line_of_business": "commercial"}
    impact = replayed(two(before, after), "P", before, after, claims_file(tmp_path, [bare])).impact
    tally = impact.changed
    assert (tally.lines, tally.members, tally.providers, tally.billed) == (1, None, None, None)
    assert (impact.providers, impact.billed_unknown) == (None, None)


def test_members_and_providers_are_counted_once(tmp_path: Path) -> None:
    before, after = version("P", default=NO), version("P", default=PERSON, effective=NEW)
    lines = [
        line(provider="N1"),
        line(provider="N1"),
        line(member="M2", provider="N2"),
        line(member=None, provider="N1"),
    ]
    impact = replayed(two(before, after), "P", before, after, claims_file(tmp_path, lines)).impact
    assert (impact.changed.members, impact.changed.providers) == (2, 2)
    assert [(p.name, p.lines) for p in impact.providers or ()] == [("N1", 3), ("N2", 1)]


def test_the_first_difference_names_the_kind(tmp_path: Path) -> None:
    lines = [line(consent=True), line(consent=None)]
    claims = claims_file(tmp_path, lines)
    before = version("P", statement(YES, CONSENT, "a"), default=NO)
    for changed, kinds in (
        (version("P", statement(Position.COVERED_WITH_EVIDENCE_DEVELOPMENT, CONSENT, "a"), default=NO),
         {Kind.POSITION: 1, Kind.CITED: 1}),
        (version("P", statement(YES, CONSENT, "b"), default=NO), {Kind.DECIDED_BY: 2}),
        (version("P", statement(YES, CLAUDICATION, "a"), default=NO), {Kind.STATE: 1, Kind.MISSING: 1}),
        (version("P", statement(YES, CONSENT, "a"), default=NO), {Kind.CITED: 2}),
    ):  # fmt: skip
        after = replace(changed, effective=NEW)
        impact = replayed(two(before, after), "P", before, after, claims).impact
        assert {kind: tally.lines for kind, tally in impact.kinds} == kinds


def test_the_order_of_missing_facts_is_no_difference(tmp_path: Path) -> None:
    before = version("P", statement(YES, All(of=(CONSENT, CLAUDICATION)), "a"), default=NO)
    after = version("P", statement(YES, All(of=(CLAUDICATION, CONSENT)), "a"), default=NO, effective=NEW)
    claims = claims_file(tmp_path, [line(consent=None, claudication=None)])
    impact = replayed(two(before, after), "P", before, after, claims).impact
    assert [kind for kind, _ in impact.kinds] == [Kind.CITED]


def test_answers_cite_the_versions_themselves(tmp_path: Path) -> None:
    before, after = version("P", default=NO, effective=OLD), version("P", default=PERSON, effective=NEW)
    found = replayed(two(before, after), "P", before, after, claims_file(tmp_path, [line(service_date=OLD)]))
    assert rows(found, "before_version", "after_version") == [("2020-01-01", "2024-01-01")]


def test_groups_tell_what_lines_become(tmp_path: Path) -> None:
    before, after = version("P", default=NO, codes=("62330", "6232*")), version("P", default=PERSON, effective=NEW)
    lines = [line(), line(code="62322"), line(code="62322", service_date=date(2025, 10, 1)), line(code="99213")]
    impact = replayed(two(before, after), "P", before, after, claims_file(tmp_path, lines)).impact
    assert [(g.name, g.lines, g.changed.lines, g.becomes) for g in impact.by_code] == [
        ("62322", 2, 2, ((State.NO_POLICY, 2),)),
        ("62330", 1, 1, ((State.PEND_REVIEW, 1),)),
    ]
    assert [(g.name, g.changed.lines) for g in impact.by_month] == [("2025-09", 2), ("2025-10", 1)]
    assert (impact.total, impact.considered.lines) == (4, 3)


# which dates


def test_as_published_changes_nothing_before_the_later_version(tmp_path: Path) -> None:
    before, between = version("P", default=NO, effective=OLD), version("P", default=NO, effective=date(2022, 1, 1))
    after = version("P", default=PERSON, effective=NEW)
    plan = library(policy(before, between, after))
    claims = claims_file(tmp_path, [line(service_date=date(2023, 12, 31)), line(service_date=NEW)])
    found = of(from_its_date(plan, "P", version_changes(before, after)), claims, Basis.AS_PUBLISHED)
    assert rows(found, "line", "before_version", "after_version") == [(2, "2020-01-01", "2024-01-01")]
    everywhere = replayed(plan, "P", before, after, claims)
    assert [number for (number,) in rows(everywhere, "line")] == [1, 2]


# whole libraries


def test_libraries_by_policies_added_removed_and_changed(tmp_path: Path) -> None:
    stays, gone = one_policy(default=NO, number="S"), policy(version("G", default=NO, codes=("62322",)))
    comes = policy(version("C", default=NO, codes=("E0601",)))
    changed = policy(version("S2", default=PERSON, codes=("80061",)))
    was = policy(version("S2", default=NO, codes=("80061",)))
    scenario = between_libraries(library(stays, gone, was), library(stays, comes, changed))
    lines = [line(), line(code="62322"), line(code="E0601"), line(code="80061"), line(code="99213")]
    impact = of(scenario, claims_file(tmp_path, lines), Basis.LIBRARIES).impact
    assert impact.considered.lines == 3
    assert moves(impact) == {
        ("not_covered", "no_policy"): 1, ("no_policy", "not_covered"): 1, ("not_covered", "pend_review"): 1,
    }  # fmt: skip
    assert {group.name for group in impact.by_policy} == {"G", "C", "S2"}


def test_other_lines_of_business_concern_every_line(tmp_path: Path) -> None:
    plan = one_policy(default=NO)
    before, after = library(plan), library(plan, lines={"fep": ("medical_policy",)})
    claims = claims_file(tmp_path, [line(), line(code="99213")])
    impact = of(between_libraries(before, after), claims, Basis.LIBRARIES).impact
    assert moves(impact) == {("not_covered", "pend_information"): 1, ("no_policy", "pend_information"): 1}


def test_a_fact_of_another_kind_is_refused() -> None:
    bmi = Fact(name="bmi", type=FactType.BOOLEAN)
    other = DataDictionary({**FACTS.declared, "bmi": bmi})
    with pytest.raises(PolicyRejected) as caught:
        between_libraries(library(one_policy(default=NO)), library(one_policy(default=NO), facts=other))
    assert [problem.code for problem in caught.value.problems] == ["MP963"]


def test_only_facts_of_versions_that_speak_about_the_codes_are_read() -> None:
    before = version("P", statement(YES, CONSENT), default=NO)
    far = policy(version("F", statement(YES, Compare(fact="bmi", low=30)), codes=("99213",)))
    near = policy(version("N", statement(YES, Compare(fact="odi", low=30)), codes=("623*",)))
    scenario = on_all_dates(two(before, before, far, near), "P", version_changes(before, before))
    assert scenario.reads() == {"consent", "odi"}


def test_whether_claims_are_on_file_is_known_without_a_count() -> None:
    before = version("P", statement(YES, Is(fact="claim_history_on_file")), default=NO)
    scenario = on_all_dates(two(before, before), "P", version_changes(before, before))
    assert "history" in scenario.reads()


def test_the_lines_of_the_laws_do_change(many_lines: Path) -> None:
    """The laws above mean something only if lines move."""
    before, after = version("P", statement(YES, CONSENT), default=NO), version("P", default=PERSON, effective=NEW)
    impact = replayed(two(before, after), "P", before, after, many_lines).impact
    assert len(moves(impact)) >= 3
