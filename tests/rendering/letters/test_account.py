"""What would turn an answer, held to the meaning of the criteria; and what was not met, with every value seen."""

from hypothesis import given, settings
from hypothesis import strategies as st

from medpol.engine import prepare
from medpol.model.criteria import LEAVES, All, AnyOf, AtLeast, Criterion, Is, Not, Unless
from medpol.model.determination import Finding
from medpol.model.request import FactValue, HistoryLine, Request
from medpol.model.truth import Truth, at_least
from medpol.rendering.letters.account import Account, _flips
from medpol.rendering.member_summary import Speaker, load_words
from medpol.rendering.member_summary.dictionary import Plain
from medpol.rendering.publication import Item, plain
from strategies import FACTS, SERVICE, criteria, facts_for, histories


def found(criterion: Criterion, facts: dict[str, FactValue], history: tuple[HistoryLine, ...] | None = ()) -> Finding:
    request = Request(
        id="x", system="cpt", code="62330", service_date=SERVICE, line_of_business=None, facts=facts, history=history
    )
    return prepare(criterion)(request)


def turned(finding: Finding, leaves: dict[int, Truth]) -> Truth:
    """The truth of a criterion after some of its leaves were turned: the definition, written again."""
    criterion = finding.criterion
    if isinstance(criterion, LEAVES):
        return leaves.get(id(finding), finding.truth)
    truths = [turned(member, leaves) for member in finding.because]
    match criterion:
        case All():
            return min(truths)
        case AnyOf() | Unless():
            return max(truths)
        case AtLeast(n=n):
            return at_least(n, truths)
        case Not():
            return ~truths[0]
        case _:
            return finding.truth


@settings(deadline=None)
@given(criteria(FACTS), facts_for(), histories())
def test_turning_the_points_turns_the_answer(
    criterion: Criterion, facts: dict[str, FactValue], history: tuple[HistoryLine, ...] | None
) -> None:
    finding = found(criterion, facts, history)
    for negated in (False, True):
        way = _flips(finding, negated=negated)
        if way is not None:
            leaves = {id(w.finding): Truth.NO if w.negated else Truth.YES for w in way}
            assert turned(finding, leaves) is (Truth.NO if negated else Truth.YES)


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=2, max_size=6), st.integers(1, 6))
def test_at_least_n_asks_for_exactly_those_that_lack(answers: list[bool], n: int) -> None:
    wanted = min(n, len(answers))
    names = ["claudication", "consent"] * 3
    members = tuple(Is(fact=names[at % 2]) if yes else Not(of=Is(fact=names[at % 2])) for at, yes in enumerate(answers))
    finding = found(AtLeast(n=wanted, of=members), {"claudication": True, "consent": True})
    way = _flips(finding, negated=False)
    assert way is not None
    assert len(way) == max(0, wanted - sum(answers))


def account(facts: dict[str, FactValue]) -> Account:
    speaker = Speaker(FACTS, Plain(facts={}, policies={}, labels={}), load_words())
    return Account(speaker, facts, {})


def lines(items: tuple[Item, ...]) -> list[str]:
    return [line for item in items for line in (plain(item.text), *lines(item.under))]


@settings(deadline=None)
@given(criteria(FACTS), facts_for(), histories())
def test_what_does_not_hold_is_told_and_what_holds_is_not(
    criterion: Criterion, facts: dict[str, FactValue], history: tuple[HistoryLine, ...] | None
) -> None:
    finding = found(criterion, facts, history)
    told = account(facts).unmet(finding)
    assert bool(told) is (finding.truth is not Truth.YES)
    assert all(lines(told))


def test_ways_out_keep_their_points_together() -> None:
    """Either A and B, or C: the letter must not read as A or B or C."""
    both = All(of=(Is(fact="claudication"), Is(fact="consent")))
    facts: dict[str, FactValue] = {"claudication": False, "consent": False, "exceptional": False}
    told = account(facts).unmet(found(AnyOf(of=(both, Is(fact="exceptional"))), facts))
    assert lines(told)[0] == "At least one of these must be true:"
    assert lines(told)[1] == "A set of points that you need all of. You did not meet:"
    assert [len(item.under) for item in told[0].under] == [2, 0]


def test_what_is_not_known_is_not_called_not_met() -> None:
    told = lines(account({}).unmet(found(Is(fact="consent"), {})))
    assert told == ["This is true: consent. We do not know this."]
