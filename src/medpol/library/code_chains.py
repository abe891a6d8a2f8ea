"""Every code that the library governs, and what is asked about it for each line of business over time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, pairwise

from medpol.engine import ALWAYS, Chain, Selector
from medpol.model.codes import CodePattern
from medpol.model.policy import Policy, ServiceCode, State, Version
from medpol.model.rules import Library
from medpol.rendering.site import Asked, Period, Said

_LONGEST = 100
"""Codes of a range of numbers that get a page each; a longer range, and a prefix, gets one page."""

Governed = tuple[Policy, Version, ServiceCode]


def codes_said(library: Library) -> Iterator[Said]:
    """One entry per code, in order. Only approved versions speak; all that list the code are named."""
    selector = Selector(library)
    everything = [(p, v, code) for p in library.policies.values() for v in p.versions for code in v.codes]
    exact: dict[CodePattern, list[Governed]] = {}
    for governed in everything:
        exact.setdefault(governed[2].pattern, []).append(governed)
    wide = [pattern for pattern in exact if pattern.low != pattern.high]
    patterns = {single for _, _, code in everything for single in _singles(code.pattern)}
    for pattern in sorted(patterns, key=lambda p: (p.low, p.high)):
        yield Said(
            pattern=pattern,
            governed=tuple(_listing(pattern, exact, wide)),
            lines={name: tuple(_periods(selector, pattern.low, name)) for name in library.rules.lines_of_business},
            notes={name: line.note for name, line in library.rules.lines_of_business.items()},
        )


def _singles(pattern: CodePattern) -> Iterator[CodePattern]:
    """The codes of a short range of numbers; any other pattern itself."""
    high = pattern.high.removesuffix("~")
    numbers = pattern.low.isdigit() and high.isdigit() and len(pattern.low) == len(high)
    if not numbers or int(high) - int(pattern.low) >= _LONGEST:
        yield pattern
        return
    for number in range(int(pattern.low), int(high) + 1):
        text = str(number).zfill(len(high))
        yield CodePattern(text, text)


def _listing(
    pattern: CodePattern, exact: Mapping[CodePattern, Sequence[Governed]], wide: Iterable[CodePattern]
) -> Iterator[Governed]:
    """The entries that are the code's own, then those of ranges and prefixes it lies in."""
    yield from exact.get(pattern, ())
    for other in wide:
        if other != pattern and _within(pattern, other):
            yield from exact[other]


def _within(inner: CodePattern, outer: CodePattern) -> bool:
    return outer.low <= inner.low and inner.high <= outer.high


def _periods(selector: Selector, code: str, line_name: str) -> Iterator[Period]:
    """The chain of statements from date to date; dates on which it does not change are left out."""
    days = sorted({day for span in selector.spans(code, line_name) for day in (span.begins, span.ends)})
    stretches = [(begins, ends, selector.chain(code, begins, line_name)) for begins, ends in pairwise(days)]
    for _, group in groupby(stretches, key=lambda stretch: [id(step) for step in stretch[2].steps]):
        run = list(group)
        chain = run[0][2]
        if chain.layers:
            yield _period(run[0][0], run[-1][1], chain)


def _period(begins: date, ends: date, chain: Chain) -> Period:
    steps = chain.steps
    return Period(
        begins=begins,
        ends=None if ends == ALWAYS[1] else ends,
        asked=tuple(
            Asked(policy=step.policy, version=step.version, statement=step.statement)
            for step in steps
            if step.policy and step.version and step.statement
        ),
        settles=steps[-1].state is not State.NO_POLICY,
    )
