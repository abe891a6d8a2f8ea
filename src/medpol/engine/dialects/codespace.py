"""All codes there can be, as the few sets of codes that no list of a library tells apart.

Those are each code that a pattern names, and between two such neighbours everything that lies there, a gap. Places
number them in order: even for codes, odd for gaps.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from medpol.engine.dialects.base import Rows
from medpol.model.codes import CodePattern

LEAST = "!"  # sorts before every character of a code, as the `~` at the end of a range sorts after
ENDS = (("low_code", "VARCHAR"), ("end_code", "VARCHAR"))


class Gap(str):
    """The codes between two neighbours. As a text it is the least of them; `relation` has the codes that there are."""

    __slots__ = ("relation",)
    relation: str


class CodeSpace:
    """The codes of these patterns, and the gaps that a range covers."""

    def __init__(self, patterns: Iterable[CodePattern]) -> None:
        wanted = set(patterns)
        self._codes = sorted({end for pattern in wanted for end in (pattern.low, pattern.high)})
        self._covered = set(_covered(self._codes, sorted((p.low, p.high) for p in wanted if p.low != p.high)))
        self._places = {code: 2 * i for i, code in enumerate(self._codes)}

    def members(self, relation: str) -> Iterator[str]:
        """In order: codes, and gaps whose codes `relation` has."""
        for i, code in enumerate(self._codes):
            yield code
            if i in self._covered:
                gap = Gap(code + LEAST)
                gap.relation = relation
                yield gap

    def parted(self, rows: Rows, coded: int) -> tuple[Rows, Rows]:
        """The rows of single codes, and those that hold for a range: with the columns ENDS, the first code and the
        first after it, in place of column `coded`."""
        places: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for row in rows.rows:
            places[(*row[:coded], *row[coded + 1 :])].append(self._place(row[coded]))
        other_columns = (*rows.columns[:coded], *rows.columns[coded + 1 :])
        single, ranges = Rows(rows.columns), Rows((*other_columns, *ENDS))
        for others, found in places.items():
            for run in _runs(sorted(set(found))):
                if any(place % 2 for place in run):
                    ranges.rows.append((*others, self._least(run[0]), self._least(run[-1] + 1)))
                else:
                    single.rows += [(*others[:coded], self._least(place), *others[coded:]) for place in run]
        return single, ranges

    def _place(self, code: str) -> int:
        return self._places[code.removesuffix(LEAST)] + 1 if isinstance(code, Gap) else self._places[code]

    def _least(self, place: int) -> str:
        return self._codes[place // 2] + (LEAST if place % 2 else "")


def _covered(codes: Sequence[str], ranges: Sequence[tuple[str, str]]) -> Iterator[int]:
    """The indices of codes after which a gap lies inside some range; both sorted."""
    reach, k = "", 0
    for i, (code, following) in enumerate(pairwise(codes)):
        while k < len(ranges) and ranges[k][0] <= code:
            reach, k = max(reach, ranges[k][1]), k + 1
        if reach >= following:
            yield i


def _runs(places: Sequence[int]) -> Iterator[list[int]]:
    """Places that follow one another, together."""
    run: list[int] = []
    for place in places:
        if run and place != run[-1] + 1:
            yield run
            run = []
        run.append(place)
    if run:
        yield run
