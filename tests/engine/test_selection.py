"""Which statements are asked: versions by date, layers by line of business, adopted layers, conflicts."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libraries import CODE, NO, PERSON, YES, library, one_policy, policy, service, statement, version
from medpol.engine.selection import Chain, Selector
from medpol.model.criteria import All, Is, OneOf
from medpol.model.policy import Policy, State, Status
from medpol.model.rules import Layer, Library

SERVICE = date(2025, 9, 1)
PAIN = Is(fact="claudication")


def day(text: str) -> date:
    return date.fromisoformat(text)


def chain(content: Library, on: date = SERVICE, *, code: str = CODE, line: str = "commercial",
          known_on: date | None = None) -> Chain:  # fmt: skip
    return Selector(content, known_on).chain(code, on, line)


def asked(found: Chain) -> list[tuple[str, str]]:
    """(policy or state, statement) of each step."""
    return [
        (step.policy.number if step.policy else step.state.value, step.statement.id if step.statement else "")
        for step in found.steps
    ]


def versions_asked(content: Library, on: date, known_on: date | None = None) -> list[str]:
    return [step.version.effective.isoformat() for step in chain(content, on, known_on=known_on).steps if step.version]


# dates

DATED = policy(
    version("P", statement(YES), effective=day("2020-01-01")),
    version("P", statement(YES), effective=day("2022-01-01"), published=day("2022-03-01")),
    version("P", statement(YES), effective=day("2023-01-01"), status=Status.DRAFT),
    version("P", statement(YES), effective=day("2024-01-01"), ends=day("2025-01-01")),
    version("P", statement(YES), effective=day("2026-01-01"), status=Status.RETIRED),
)


@pytest.mark.parametrize(
    ("on", "effective"),
    [
        ("2019-12-31", []),
        ("2020-01-01", ["2020-01-01"]),
        ("2021-12-31", ["2020-01-01"]),
        ("2022-01-01", ["2022-01-01"]),
        ("2023-06-01", ["2022-01-01"]),  # the draft of 2023 decides nothing
        ("2024-12-31", ["2024-01-01"]),
        ("2025-01-01", []),  # ended, and none after it
        ("2026-06-01", []),  # the retired one decides nothing
    ],
)
def test_the_version_in_force(on: str, effective: list[str]) -> None:
    assert versions_asked(library(DATED), day(on)) == effective


@pytest.mark.parametrize(
    ("on", "known_on", "effective"),
    [
        ("2022-01-15", "2022-02-28", ["2020-01-01"]),  # published later, with effect from earlier on
        ("2022-01-15", "2022-03-01", ["2022-01-01"]),
        ("2024-06-01", "2023-12-31", ["2022-01-01"]),
        ("2024-06-01", "2019-12-31", []),
        ("2025-06-01", "2023-12-31", ["2022-01-01"]),  # what ended it was not known yet
    ],
)
def test_what_was_known_on_a_day(on: str, known_on: str, effective: list[str]) -> None:
    assert versions_asked(library(DATED), day(on), day(known_on)) == effective


STATUSES = st.sampled_from([Status.APPROVED, Status.APPROVED, Status.DRAFT, Status.RETIRED])


@st.composite
def histories_of_a_policy(draw: st.DrawFn) -> Policy:
    starts = draw(st.lists(st.integers(0, 60), min_size=1, max_size=5, unique=True).map(sorted))
    made = []
    for start in starts:
        effective = day("2020-01-01") + timedelta(days=start)
        ends = draw(st.none() | st.integers(1, 40).map(lambda n, e=effective: e + timedelta(days=n)))
        lag = timedelta(days=draw(st.integers(-20, 20)))
        until = draw(st.none() | st.integers(0, 90).map(lambda n: day("2020-01-01") + timedelta(days=n)))
        made.append(
            version("P", statement(YES), effective=effective, published=effective + lag, ends=ends,
                    status=draw(STATUSES), codes=[service(CODE, until=until)])
        )  # fmt: skip
    return policy(*made)


@given(histories_of_a_policy(), st.integers(-5, 120), st.none() | st.integers(-5, 120))
def test_a_day_has_the_version_a_slow_search_finds(each: Policy, on: int, known: int | None) -> None:
    """Also against the kept chains: one selector is asked for every day."""
    today = day("2020-01-01") + timedelta(days=on)
    known_on = None if known is None else day("2020-01-01") + timedelta(days=known)
    begun = [
        v for v in each.versions
        if v.status is Status.APPROVED and v.effective <= today and (known_on is None or v.published <= known_on)
    ]  # fmt: skip
    latest = begun[-1] if begun else None
    expected = []
    if latest and (latest.ends is None or today < latest.ends):
        until = latest.codes[0].until
        expected = [latest.effective.isoformat()] if until is None or today < until else []
    selector = Selector(library(each), known_on)
    for n in range(-5, 121, 7):
        selector.chain(CODE, day("2020-01-01") + timedelta(days=n), "commercial")
    found = selector.chain(CODE, today, "commercial")
    assert [step.version.effective.isoformat() for step in found.steps if step.version] == expected


@given(histories_of_a_policy())
def test_an_end_is_the_first_day_without_the_version(each: Policy) -> None:
    for v in each.versions:
        end = each.end_of(v)
        if v.status is Status.APPROVED and each.version_on(v.effective) is v and end is not None:
            assert each.version_on(end - timedelta(days=1)) is v
            assert each.version_on(end) is not v


def test_a_code_may_begin_and_end_within_a_version() -> None:
    codes = [service("0275T", until=day("2024-01-01")), service(CODE, from_=day("2024-01-01"))]
    content = library(policy(version("P", statement(YES), codes=codes)))
    for on, old, new in (("2023-12-31", True, False), ("2024-01-01", False, True)):
        governed = [asked(chain(content, day(on), code=code)) == [("P", YES.value)] for code in ("0275T", CODE)]
        assert governed == [old, new]


def test_nothing_governs_another_code_or_line() -> None:
    content = library(one_policy(statement(YES)), lines={"commercial": ["medical_policy"], "fep": ["fep_manual"]})
    assert asked(chain(content, code="99999")) == [("no_policy", "")]
    assert asked(chain(content, line="fep")) == [("no_policy", "")]
    assert asked(chain(content)) == [("P", YES.value)]
    with pytest.raises(KeyError):
        chain(content, line="unheard of")


@pytest.mark.parametrize(("pattern", "code", "governed"), [("623*", "62330", True), ("62322-62330", "62331", False)])
def test_codes_by_prefix_and_range(pattern: str, code: str, governed: bool) -> None:
    content = library(policy(version("P", statement(YES), codes=[pattern])))
    assert Selector(content).governs(code) is governed
    assert (asked(chain(content, code=code))[0][0] == "P") is governed


# statements


def test_the_statements_in_order_up_to_the_first_that_always_holds() -> None:
    each = one_policy(statement(YES, PAIN, "a"), statement(NO, name="b"), statement(PERSON, PAIN, "c"), default=YES)
    assert asked(chain(library(each))) == [("P", "a"), ("P", "b")]


def test_a_statement_speaks_of_its_services_by_role_or_by_code() -> None:
    v = version(
        "P", statement(YES, name="lumbar", services=["low"]), statement(NO, name="by code", services=["0274t"]),
        codes=[service(CODE, "low"), service("0274T", "high"), service("0275T", "low")], default=PERSON,
    )  # fmt: skip
    content = library(policy(v))
    answers = {code: asked(chain(content, code=code))[0][1] for code in (CODE, "0274T", "0275T")}
    assert answers == {CODE: "lumbar", "0274T": "by code", "0275T": "lumbar"}


def test_scope_and_applicability_are_asked_with_every_statement() -> None:
    v = version("P", statement(YES, PAIN), default=NO, scope=Is(fact="consent"),
                applies_to={"line_of_business": ("commercial",), "state": ("IA", "SD")})  # fmt: skip
    first, default, last = chain(library(policy(v))).steps
    assert isinstance(first.criterion, All)
    assert isinstance(default.criterion, All)
    state, scope, when = first.criterion.of
    assert isinstance(state, OneOf)
    assert [state.codes.matches(s) for s in ("IA", "SD", "NE")] == [True, True, False]
    assert (scope, when) == (Is(fact="consent"), PAIN)
    assert default.criterion.of == (state, scope)
    assert last.state is State.NO_POLICY


# layers


def test_layers_in_the_order_of_the_plan() -> None:
    policies = [
        one_policy(statement(NO, PAIN, "s"), number=f"{authority}-1", authority=authority)
        for authority in ("medical_policy", "contract", "state_mandate", "ncd")
    ]
    order = ["contract", "state_mandate", "medical_policy"]
    found = chain(library(*policies, precedence=order))
    assert asked(found) == [*((f"{authority}-1", "s") for authority in order), ("no_policy", "")]
    turned = chain(library(*policies, precedence=reversed(order)))
    assert asked(turned)[0] == ("medical_policy-1", "s")


def test_a_policy_with_a_default_ends_the_list() -> None:
    first = one_policy(statement(YES, PAIN, "s"), default=NO, number="A", authority="contract")
    second = one_policy(statement(YES), number="B")
    content = library(first, second, precedence=["contract", "medical_policy"])
    assert asked(chain(content)) == [("A", "s"), ("A", "default")]


def adopting(own: Policy | None, **lines: list[str | Layer]) -> Library:
    ncd = one_policy(statement(YES, PAIN, "s"), default=NO, number="N", authority="ncd")
    order: list[str | Layer] = ["medical_policy", Layer(authority="ncd", adopted=True)]
    return library(*([own] if own else []), ncd, lines={"commercial": order, **lines})


def test_an_adopted_layer_speaks_where_the_plan_has_no_policy() -> None:
    assert asked(chain(adopting(None))) == [("N", "s"), ("N", "default")]


def test_an_adopted_layer_is_silent_where_the_plan_has_one() -> None:
    """Even where none of the plan's statements holds: the answer is then that nothing governs."""
    own = one_policy(statement(YES, PAIN, "s"), number="P")
    assert asked(chain(adopting(own))) == [("P", "s"), ("no_policy", "")]


def test_the_plan_s_policy_must_serve_the_line_and_be_in_force() -> None:
    other = policy(version("P", statement(NO), applies_to={"line_of_business": ("medicaid",)}))
    assert asked(chain(adopting(other))) == [("N", "s"), ("N", "default")]
    later = policy(version("P", statement(NO), effective=day("2025-09-02")))
    assert asked(chain(adopting(later))) == [("N", "s"), ("N", "default")]
    assert asked(chain(adopting(later), day("2025-09-02"))) == [("P", NO.value)]
    draft = policy(version("P", statement(NO), status=Status.DRAFT))
    assert asked(chain(adopting(draft))) == [("N", "s"), ("N", "default")]


def test_an_adopted_policy_need_not_name_the_line() -> None:
    ncd = policy(version("N", statement(YES), applies_to={"line_of_business": ("medicare",)}), authority="ncd")
    order = [Layer(authority="ncd", adopted=True)]
    content = library(ncd, lines={"commercial": order, "medicare": ["ncd"], "fep": ["ncd"]})
    assert asked(chain(content)) == [("N", YES.value)]
    assert asked(chain(content, line="medicare")) == [("N", YES.value)]
    assert asked(chain(content, line="fep")) == [("no_policy", "")]
