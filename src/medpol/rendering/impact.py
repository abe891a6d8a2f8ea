"""The findings of a replay in plain sentences."""

from collections.abc import Iterator
from decimal import Decimal

from medpol.model.impact import CHANGED, Basis, Impact, Kind, Tally, Transition
from medpol.model.policy import State

STATES = {
    State.APPROVE: "approved",
    State.NOT_COVERED: "not covered",
    State.PEND_INFORMATION: "waiting for information",
    State.PEND_REVIEW: "waiting for a reviewer",
    State.NO_POLICY: "governed by no policy",
    State.ERROR: "in error",
}
KINDS = {
    Kind.STATE: "decided otherwise",
    Kind.POSITION: "the same state by another position",
    Kind.DECIDED_BY: "the same state by another policy or statement",
    Kind.MISSING: "the same state, other facts asked for",
    Kind.CITED: "the same answer, citing the other version",
    Kind.SAME: "the same answer",
}
_DIFFER = {
    Kind.POSITION: "by another position",
    Kind.DECIDED_BY: "by another policy or statement",
    Kind.MISSING: "with other facts asked for",
}
_MOST = 3


def amount(value: Decimal | None) -> str:
    """`1,234.50`; nothing where there is no amount."""
    return "" if value is None else f"{value:,}"


def count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def share(part: int, whole: int) -> str:
    """A percentage with one decimal; `0%` and `100%` only where they are exact."""
    if not whole or part == 0:
        return "0%"
    if part == whole:
        return "100%"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f}%"


def headline(seen: Impact) -> str:
    """What a replay found, in one or two sentences."""
    if not seen.considered.lines:
        return f"{_supposed(seen)}, no claim line would be touched: none has a code that the change is about."
    changed, lines = seen.changed.lines, seen.considered.lines
    if not changed:
        return f"{_supposed(seen)}, none of the {_lines(lines)} under review would be decided otherwise."
    first = f"{_supposed(seen)}, {changed:,} of {_lines(lines)} ({share(changed, lines)}) would be decided otherwise"
    return f"{first}: {_moves(seen)}."


def _supposed(seen: Impact) -> str:
    match seen.basis:
        case Basis.ALL_DATES:
            return f"With {seen.policy} as of {seen.after} instead of {seen.before} on every service date"
        case Basis.AS_PUBLISHED:
            return f"With {seen.policy} as of {seen.after} from its own date on, instead of {seen.before} going on"
        case Basis.LIBRARIES:
            return f"With the library {seen.after} instead of {seen.before}"


def _moves(seen: Impact) -> str:
    told = [f"{move.tally.lines:,} from {move_text(move)}" for move in seen.moves[:_MOST]]
    rest = sum(move.tally.lines for move in seen.moves[_MOST:])
    return "; ".join([*told, *([f"{rest:,} otherwise"] if rest else [])])


def move_text(move: Transition) -> str:
    """`approved to waiting for information`."""
    return f"{STATES[move.before]} to {STATES[move.after]}"


def summary(seen: Impact) -> Iterator[str]:
    """The sentences under the headline: who and how much, and what stayed."""
    if seen.changed.lines:
        yield f"Concerned: {_concerned(seen.changed)}."
    other = seen.kind(*CHANGED) - seen.changed.lines
    if other:
        told = [f"{tally.lines:,} {_DIFFER[kind]}" for kind, tally in seen.kinds if kind in _DIFFER]
        yield f"In the same state, but decided in another way: {_lines(other)} ({', '.join(told)})."
    if seen.considered.lines:
        yield f"The same answer: {_lines(seen.kind(Kind.SAME, Kind.CITED))} under review."
    beyond = seen.total - seen.rejected - seen.considered.lines
    yield f"Not under review: {_lines(beyond)} with codes that the change is not about; there nothing can change."


def _concerned(tally: Tally) -> str:
    parts = [_lines(tally.lines)]
    if tally.members is not None:
        parts.append(f"of {_many(tally.members, 'member')}")
    if tally.providers is not None:
        parts.append(f"from {_many(tally.providers, 'provider')}")
    return " ".join(parts) + (f", billed at {amount(tally.billed)}" if tally.billed is not None else "")


def caveats(seen: Impact) -> Iterator[str]:
    """What the figures do not say."""
    yield (
        "Every answer is a recommendation: one that is not in the member's favour counts only when a qualified person "
        "has signed it. Waiting for information or for a reviewer is no denial."
    )
    if seen.basis is Basis.ALL_DATES:
        yield (
            "Dates were set aside on purpose: each text is taken as the policy's only one, on all service dates. The "
            "dates of single codes and every other policy stay as they are."
        )
    if seen.basis is Basis.AS_PUBLISHED:
        yield "Of the policy's versions after the earlier of the two only the later of the two counts."
    yield (
        "Past claims were billed under the policy of their time. How providers would code, document or choose under "
        "another text is not in them."
    )
    if seen.kind(Kind.MISSING) or any(asked.after for asked in seen.asked):
        yield "A claims file seldom has clinical facts; where one is missing the answer waits and nothing is guessed."
    for known, what in (
        (seen.considered.members, "the member: members are not counted, and earlier claims are not known"),
        (seen.considered.providers, "the provider: providers are not counted"),
        (seen.considered.billed, "the billed amount"),
    ):
        if known is None:
            yield f"The file does not give {what}."
    if seen.billed_unknown:
        yield f"Without a known amount, adding nothing to the sums: {_lines(seen.billed_unknown)} under review."
    if seen.rejected:
        yield f"Left out, as it cannot be read as claims: {_lines(seen.rejected)} of the file (docs/claims.md)."
    yield from seen.notes


def _lines(n: int) -> str:
    return _many(n, "claim line")


def _many(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"
