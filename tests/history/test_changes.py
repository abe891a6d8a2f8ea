"""What differs between two versions, as data."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from libraries import NO, PERSON, YES, library, one_policy, policy, service, statement, version
from medpol.history import library_changes, version_changes
from medpol.model.changes import Aspect, StatementChange
from medpol.model.codes import CodeList
from medpol.model.criteria import All, Compare, Is
from medpol.model.policy import Grant, GrantRow, NamedList, Status
from medpol.model.units import Quantity
from strategies import criteria

CONSENT, OLD_ENOUGH = Is(fact="consent"), Compare(fact="age", low=65)


def aspects(change: StatementChange) -> set[Aspect]:
    return set(change.aspects)


def test_a_version_and_itself_do_not_differ() -> None:
    one = version("P", statement(YES, CONSENT), default=NO)
    assert version_changes(one, replace(one, effective=date(2030, 1, 1))).none


def test_codes_added_removed_and_given_another_role() -> None:
    before = version("P", default=NO, codes=(service("62330", "lumbar"), service("0274T"), service("22869")))
    after = version("P", default=NO, codes=(service("62330", "spine"), service("22869"), service("C97*")))
    changes = version_changes(before, after)
    assert [str(code.pattern) for code in changes.codes_added] == ["C97*"]
    assert [str(code.pattern) for code in changes.codes_removed] == ["0274T"]
    assert [(old.role, new.role) for old, new in changes.codes_changed] == [("lumbar", "spine")]


def test_a_label_of_a_code_is_no_change() -> None:
    before, after = (version("P", default=NO, codes=(replace(service("62330"), label=label),)) for label in "ab")
    assert version_changes(before, after).none


def test_statements_by_id() -> None:
    before = version("P", statement(YES, CONSENT, "stays"), statement(YES, name="goes"), default=NO)
    after = version("P", statement(YES, CONSENT, "stays"), statement(YES, OLD_ENOUGH, "comes"), default=PERSON)
    changes = {change.id: change for change in version_changes(before, after).statements}
    assert set(changes) == {"goes", "comes", "default"}
    assert (changes["goes"].after, changes["comes"].before) == (None, None)
    assert aspects(changes["default"]) == {Aspect.POSITION}


def test_each_aspect_of_a_statement() -> None:
    grant = Grant(name="duration", rows=(GrantRow(when=None, value=Quantity(6, "mo")),))
    one = statement(YES, CONSENT, "s")
    for other, expected in (
        (statement(NO, CONSENT, "s"), Aspect.POSITION),
        (statement(YES, OLD_ENOUGH, "s"), Aspect.CRITERION),
        (statement(YES, CONSENT, "s", services=("lumbar",)), Aspect.SERVICES),
        (replace(one, population="adults"), Aspect.POPULATION),
        (statement(YES, CONSENT, "s", grants=(grant,)), Aspect.GRANTS),
        (replace(one, wording="said otherwise"), Aspect.WORDING),
        (replace(one, when=replace(CONSENT, label="signed")), Aspect.WORDING),
        (replace(one, when=All(of=(CONSENT,))), Aspect.CRITERION),
    ):
        (change,) = version_changes(version("P", one), version("P", other)).statements
        assert change.aspects == (expected,)
        assert change.decides_otherwise is (expected is not Aspect.WORDING)


def test_statements_that_changed_places() -> None:
    a, b, c = (statement(YES, Is(fact=name), name) for name in ("consent", "claudication", "exceptional"))
    changes = version_changes(version("P", a, b, c), version("P", b, a, c)).statements
    assert {change.id: aspects(change) for change in changes} == {
        "consent": {Aspect.ORDER},
        "claudication": {Aspect.ORDER},
    }


def test_a_named_list_with_other_codes() -> None:
    old, new = (
        NamedList(name="spine", codes=CodeList(name="spine", patterns=tuple(service(c).pattern for c in codes)))
        for codes in (("M48", "M51"), ("M48", "M54"))
    )
    (change,) = version_changes(
        replace(version("P"), code_lists=(old,)), replace(version("P"), code_lists=(new,))
    ).lists
    assert ([*map(str, change.added)], [*map(str, change.removed)]) == (["M54"], ["M51"])


@given(st.lists(criteria(max_leaves=4), max_size=3), st.lists(criteria(max_leaves=4), max_size=3))
def test_back_again_mirrors_there(one: list, other: list) -> None:  # type: ignore[type-arg]
    before, after = (version("P", *(statement(YES, t, f"s{i}") for i, t in enumerate(trees))) for trees in (one, other))
    there, back = version_changes(before, after), version_changes(after, before)
    assert {(c.id, c.aspects, c.before is None) for c in there.statements} == {
        (c.id, c.aspects, c.after is None) for c in back.statements
    }


def test_libraries() -> None:
    kept, gone, come = (one_policy(default=NO, number=number) for number in ("K", "G", "C"))
    was, is_ = one_policy(default=NO, number="X"), one_policy(default=PERSON, number="X")
    changes = library_changes(library(kept, gone, was), library(kept, come, is_))
    assert not changes.rules
    found = {(c.before or c.after).number: (c.before is None, c.after is None) for c in changes.policies if c}  # type: ignore[union-attr]
    assert found == {"G": (False, True), "C": (True, False), "X": (False, False)}


def test_drafts_do_not_count_between_libraries() -> None:
    one = version("P", default=NO)
    draft = version("P", default=PERSON, effective=date(2031, 1, 1), status=Status.DRAFT)
    assert library_changes(library(policy(one)), library(policy(one, draft))).policies == ()


def test_rules() -> None:
    one = one_policy(default=NO)
    assert library_changes(library(one), library(one, precedence=("contract", "medical_policy"))).rules
