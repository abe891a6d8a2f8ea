"""Two texts of one line, word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import groupby

from medpol.rendering.redline.model import Mark, Span, Spans
from medpol.rendering.redline.units import Piece, Pieces

_TOKEN = re.compile(r"\s+|\w+(?:[.,'’/–-]\w+)*%?|.", re.DOTALL)
_STRAY = 2
"""Words that stay the same between two longer changes and are marked with them: a phrase reads better than shreds."""

Op = tuple[bool, int, int, int, int]


def marked(pieces: Pieces, mark: Mark) -> Spans:
    """A text that is the same, added or removed as a whole."""
    return tuple(Span(piece=piece, mark=mark) for piece in pieces)


def compared(before: Pieces, after: Pieces) -> Spans:
    """Both texts as one. What is the same has the look, the links and the citation numbers of the later text."""
    old, new = list(_tokens(before)), list(_tokens(after))
    matcher = SequenceMatcher(None, [_said(t) for t in old], [_said(t) for t in new], autojunk=False)
    ops: list[Op] = [(tag == "equal", a, b, c, d) for tag, a, b, c, d in matcher.get_opcodes()]
    spans: list[Span] = []
    for same, a, b, c, d in _joined(ops, old, new):
        if same:
            spans += [Span(piece=piece) for piece in new[c:d]]
        else:
            spans += [Span(piece=piece, mark=Mark.REMOVED) for piece in old[a:b]]
            spans += [Span(piece=piece, mark=Mark.ADDED) for piece in new[c:d]]
    return tuple(_merged(spans))


def _tokens(pieces: Pieces) -> Iterator[Piece]:
    for piece in pieces:
        if piece.key:
            yield piece
        else:
            yield from (replace(piece, text=token) for token in _TOKEN.findall(piece.text))


def _said(token: Piece) -> tuple[str, str]:
    """What a token is compared by: a citation by what it cites, a word by its letters."""
    return (token.key, "") if token.key else ("", token.text)


def _joined(ops: Sequence[Op], old: Sequence[Piece], new: Sequence[Piece]) -> Sequence[Op]:
    """The operations with blanks, then stray words, taken into the changes around them."""

    def length(op: Op) -> int:
        return max(_count(old[op[1] : op[2]]), _count(new[op[3] : op[4]]))

    joined = _one(ops, [length(op) == 0 for op in ops])
    lengths = list(map(length, joined))
    around = [min(lengths[at - 1], lengths[at + 1]) for at in range(1, len(joined) - 1)]
    return _one(joined, [n <= _STRAY and 2 * n < near for n, near in zip(lengths, [0, *around, 0], strict=False)])


def _count(tokens: Sequence[Piece]) -> int:
    """How many of the tokens are words."""
    return sum(token.text[:1].isalnum() for token in tokens)


def _one(ops: Sequence[Op], taken_in: Sequence[bool]) -> list[Op]:
    """The operations with some that stand between two changes made changes too, and neighbours of one kind made one."""
    inner = (0 < at < len(ops) - 1 and taken for at, taken in enumerate(taken_in))
    kept: list[Op] = [(op[0] and not taken, *op[1:]) for op, taken in zip(ops, inner, strict=True)]
    groups = (list(group) for _, group in groupby(kept, key=lambda op: op[0]))
    return [(run[0][0], run[0][1], run[-1][2], run[0][3], run[-1][4]) for run in groups]


def _merged(spans: Sequence[Span]) -> Iterator[Span]:
    """Neighbours of one mark and one look as one span."""
    for (mark, look), group in groupby(spans, key=lambda span: (span.mark, _look(span.piece))):
        run = [span.piece for span in group]
        text = "".join(piece.text for piece in run)
        yield Span(piece=replace(run[0], text=text), mark=mark) if not look.key else Span(piece=run[0], mark=mark)


def _look(piece: Piece) -> Piece:
    return piece if piece.key else replace(piece, text="")
