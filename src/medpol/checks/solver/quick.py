"""The search where the variables are independent of each other: values are struck out until every goal is met.

Complete for such variables; a search that branches too often gives up (`TooHard`).
"""

from collections.abc import Iterable
from typing import TypeAlias

from medpol.checks.solver.space import Part, Space
from medpol.engine.lower import Gate
from medpol.model.criteria import AtLeast, Not

BRANCHES = 400
Goal: TypeAlias = tuple["Gate | Part", bool]
Choice: TypeAlias = tuple[int, tuple[Goal, ...]]
Values: TypeAlias = list[int]


class TooHard(Exception):
    """The search took too many branches."""


def search(space: Space, goals: Iterable[Goal]) -> Values | None:
    """For each variable the values left when every goal is met; None where no patient meets them."""
    left = list(space.possible)
    choices: list[Choice] = [(1, tuple((part, True) for part in some.parts)) for some in space.always]
    return _Search(space).settle(left, list(goals), choices)


class _Search:
    def __init__(self, space: Space) -> None:
        self.space = space
        self.budget = BRANCHES

    def settle(self, left: Values, goals: list[Goal], choices: list[Choice]) -> Values | None:
        """Meet the goals, then the choices one after the other. `left` and the lists are used up."""
        if not self._narrow(goals, left, choices):
            return None
        if not choices:
            return left
        self.budget -= 1
        if self.budget < 0:
            raise TooHard
        at = min(range(len(choices)), key=lambda index: len(choices[index][1]))
        enough, (first, *others) = choices.pop(at)
        found = self.settle(list(left), [first], [*choices, (enough - 1, tuple(others))])
        if found is None and len(others) >= enough:
            return self.settle(left, [], [*choices, (enough, tuple(others))])
        return found

    def _narrow(self, goals: list[Goal], left: Values, choices: list[Choice]) -> bool:
        """Strike out what the goals exclude; False where a variable has no value left. Choices that are none any more
        become goals."""
        open_choices: list[Choice] = []
        while goals or choices:
            if not goals:
                enough, members = choices.pop()
                if enough > len(members):
                    return False
                if enough == len(members):
                    goals.extend(members)
                elif enough > 0:
                    open_choices.append((enough, members))
                continue
            gate, wanted = goals.pop()
            match gate:
                case Part(variable=variable, mask=mask):
                    left[variable] &= mask if wanted else ~mask
                    if not left[variable]:
                        return False
                case Not(of=inner):
                    goals.append((inner, not wanted))  # type: ignore[arg-type]
                case AtLeast(n=n, of=of):
                    enough = n if wanted else len(of) - n + 1
                    choices.append((enough, tuple((member, wanted) for member in of)))  # type: ignore[misc]
                case leaf:
                    said = self.space.said(leaf)
                    if isinstance(said, Part):
                        goals.append((said, wanted))
                    else:
                        enough = 1 if wanted else len(said.parts)
                        choices.append((enough, tuple((part, wanted) for part in said.parts)))
        choices.extend(open_choices)
        return True
