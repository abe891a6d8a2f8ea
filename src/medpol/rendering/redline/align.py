"""Which member of one sequence is which of another: the pairs in order whose likeness adds up to most.

Needleman and Wunsch, "A general method applicable to the search for similarities in the amino acid sequence of two
proteins", J Mol Biol 1970;48:443-453, with no cost for a gap.
"""

from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import TypeVar

T = TypeVar("T")
Pair = tuple[T | None, T | None]
Likeness = Callable[[T, T], float]

_LARGEST = 250_000
"""Pairs that are compared with one another; beyond, only equal members are paired (some seconds otherwise)."""


def aligned(old: Sequence[T], new: Sequence[T], key: Callable[[T], object], like: Likeness[T]) -> Iterator[Pair[T]]:
    """Every member once: paired, or alone with None. Removed members stand before the added ones of the same gap.

    `key` gives equal members the same; `like` is 0 for two that are never a pair.
    """
    before, after = [key(one) for one in old], [key(one) for one in new]
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    yield from zip(old[:head], new[:head], strict=True)
    yield from _between(old[head : len(old) - tail], new[head : len(new) - tail], key, like)
    yield from zip(old[len(old) - tail :], new[len(new) - tail :], strict=True)


def _common(before: Sequence[object], after: Sequence[object]) -> int:
    length = min(len(before), len(after))
    return next((at for at in range(length) if before[at] != after[at]), length)


def _between(old: Sequence[T], new: Sequence[T], key: Callable[[T], object], like: Likeness[T]) -> Iterator[Pair[T]]:
    pairs = _equal(old, new, key) if len(old) * len(new) > _LARGEST else _best(old, new, like)
    a = c = 0
    for at, to in [*pairs, (len(old), len(new))]:
        yield from ((one, None) for one in old[a:at])
        yield from ((None, one) for one in new[c:to])
        if at < len(old):
            yield old[at], new[to]
        a, c = at + 1, to + 1


def _equal(old: Sequence[T], new: Sequence[T], key: Callable[[T], object]) -> list[tuple[int, int]]:
    matcher = SequenceMatcher(None, [key(one) for one in old], [key(one) for one in new], autojunk=False)
    return [(a + at, c + at) for a, c, size in matcher.get_matching_blocks() for at in range(size)]


def _best(old: Sequence[T], new: Sequence[T], like: Likeness[T]) -> list[tuple[int, int]]:
    scores = [[like(one, other) for other in new] for one in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        row, under, score = best[i], best[i + 1], scores[i]
        for j in range(len(new) - 1, -1, -1):
            paired = under[j + 1] + score[j] if score[j] else 0.0
            row[j] = max(paired, under[j], row[j + 1])
    return list(_path(scores, best))


def _path(scores: list[list[float]], best: list[list[float]]) -> Iterator[tuple[int, int]]:
    i = j = 0
    while i < len(scores) and j < len(scores[i]):
        if scores[i][j] and best[i][j] == best[i + 1][j + 1] + scores[i][j]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
