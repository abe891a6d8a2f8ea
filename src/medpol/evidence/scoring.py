"""From answers to a score, for the instruments whose scoring rule is published (`Instrument.rule_source`).

Our convention where the rules are silent: at least half of the items must be answered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from medpol.evidence.instruments import Instrument


@dataclass(frozen=True, slots=True)
class Score:
    """A scale score and how many of its items were answered."""

    value: float
    answered: int
    items: int


def score(instrument: Instrument, answers: Sequence[int | None]) -> Score:
    """Score one patient's answers, in the printed order of the items; None is unanswered.

    percent (ODI): sum over the points possible in the answered sections × 100. mean (ZCQ): mean of the answered
    items. sum (RMDQ): statements agreed with; an unmarked statement counts as not agreed. rand (SF-36 PF):
    1, 2, 3 become 0, 50, 100, then the mean.
    Raises ValueError when the instrument has no published rule, the number of answers is wrong, an answer is
    not allowed, or fewer than half the items are answered.
    """
    if instrument.items is None or instrument.rule is None:
        raise ValueError(f"{instrument.name} has no published item scoring here; give the score itself")
    if len(answers) != instrument.items:
        raise ValueError(f"{instrument.name} has {instrument.items} items, not {len(answers)}")
    for at, answer in enumerate(answers, start=1):
        if answer is not None and answer not in instrument.item_values:
            allowed = ", ".join(map(str, instrument.item_values))
            raise ValueError(f"item {at} is {answer}; {instrument.name} allows {allowed}")
    given = [a for a in answers if a is not None]
    if 2 * len(given) < instrument.items and instrument.rule != "sum":
        raise ValueError(f"only {len(given)} of {instrument.items} items are answered; at least half are needed")
    return Score(_value(instrument, given), len(given), instrument.items)


def _value(instrument: Instrument, given: Sequence[int]) -> float:
    match instrument.rule:
        case "percent":
            return 100 * sum(given) / (len(given) * max(instrument.item_values))
        case "sum":
            return float(sum(given))
        case "rand":
            return sum(50 * (answer - 1) for answer in given) / len(given)
    return sum(given) / len(given)
