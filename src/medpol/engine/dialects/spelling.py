"""The plan's own SQL in another spelling: types, a few functions, reserved words, and bit operators as functions.

The plan keeps to what DuckDB and SQLite both take. Most warehouses take nearly all of it; this changes the rest,
token by token, without understanding queries.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Piece: TypeAlias = "str | list[Piece]"
"""A token, or what stands between two parentheses."""

_TOKEN = re.compile(
    r"""'(?:[^']|'')*'  |  "[^"]*"  |  [A-Za-z_]\w*(?:\.(?:\w+|\*))?  |  \d+(?:\.\d+)?(?:[eE][-+]?\d+)?
        |  \|\|  |  //  |  <>  |  [<>]=  |  \S""",
    re.VERBOSE,
)
_WORD = re.compile(r"[A-Za-z_]\w*(?:\.\w+)?")
_CLAUSES = frozenset(
    (
        *("SELECT", "DISTINCT", "FROM", "WHERE", "GROUP", "ORDER", "BY", "ON", "USING", "JOIN", "LEFT", "UNION", "ALL"),
        *("AND", "OR", "NOT", "IN", "IS", "NULL", "EXISTS", "CASE", "WHEN", "THEN", "ELSE", "END", "AS", "WITH"),
        *("VALUES", "MATERIALIZED", "WITHIN", "OVER", "PARTITION"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """`words` replace words (types; columns whose name is reserved), `functions` calls by their arguments, `bits` are
    the functions for `&`, `|` and `~` where a dialect has no such operators."""

    words: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, Callable[..., str]] = field(default_factory=dict)
    bits: Mapping[str, str] = field(default_factory=dict)


def respell(sql: str, spelling: Spelling) -> str:
    """The same statement in this spelling."""
    return _Writer(spelling).text(_parse(_TOKEN.findall(sql)))


def _parse(tokens: Sequence[str]) -> list[Piece]:
    stack: list[list[Piece]] = [[]]
    for piece in tokens:
        if piece == "(":
            stack.append([])
        elif piece == ")":
            inner = stack.pop()
            stack[-1].append(inner)
        else:
            stack[-1].append(piece)
    (whole,) = stack
    return whole


class _Writer:
    def __init__(self, spelling: Spelling) -> None:
        self.spelling = spelling

    def text(self, pieces: Sequence[Piece]) -> str:
        operands = list(self._operands(pieces))
        if self.spelling.bits:
            operands = self._without_operators(operands)
        return re.sub(r" (?=[,;])", "", " ".join(operands))

    def _operands(self, pieces: Sequence[Piece]) -> Iterator[str]:
        """Tokens, with a call, a parenthesis or a whole CASE as one."""
        i = 0
        while i < len(pieces):
            piece = pieces[i]
            follows = pieces[i + 1] if i + 1 < len(pieces) else None
            if isinstance(piece, list):
                yield f"({self.text(piece)})"
            elif isinstance(follows, list) and _WORD.fullmatch(piece) and piece.upper() not in _CLAUSES:
                yield self._call(piece, follows)
                i += 1
            elif piece == "CASE":
                end = _end_of_case(pieces, i)
                yield f"CASE {self.text(pieces[i + 1 : end])} END"
                i = end
            else:
                yield self._word(piece)
            i += 1

    def _word(self, token: str) -> str:
        if not _WORD.fullmatch(token):
            return token
        table, dot, name = token.rpartition(".")
        return f"{table}{dot}{self.spelling.words.get(name, name)}"

    def _call(self, name: str, inside: list[Piece]) -> str:
        function = self.spelling.functions.get(name.upper())
        if function is None:
            return f"{name}({self.text(inside)})"
        return function(*(self.text(argument) for argument in _arguments(inside)))

    def _without_operators(self, tokens: list[str]) -> list[str]:
        for sign in "~-":
            tokens = list(self._prefixed(tokens, sign))
        for operator in "&|":
            tokens = self._infix(tokens, operator)
        return tokens

    def _prefixed(self, tokens: Sequence[str], sign: str) -> Iterator[str]:
        """A sign before an operand, not between two, joined to it."""
        rest = iter(range(len(tokens)))
        for i in rest:
            begins = i == 0 or not _is_operand(tokens[i - 1])
            if tokens[i] == sign and begins:
                next(rest)
                yield f"{self.spelling.bits['~']}({tokens[i + 1]})" if sign == "~" else f"-{tokens[i + 1]}"
            else:
                yield tokens[i]

    def _infix(self, tokens: Sequence[str], operator: str) -> list[str]:
        found: list[str] = []
        rest = iter(tokens)
        for token in rest:
            if token == operator:
                found[-1] = f"{self.spelling.bits[operator]}({found[-1]}, {next(rest)})"
            else:
                found.append(token)
        return found


def _is_operand(token: str) -> bool:
    return token.upper() not in _CLAUSES and bool(re.match(r"[\w'\"(]", token))


def _end_of_case(pieces: Sequence[Piece], start: int) -> int:
    depth = 0
    for i in range(start, len(pieces)):
        depth += (pieces[i] == "CASE") - (pieces[i] == "END")
        if depth == 0:
            return i
    raise ValueError("CASE without END")


def _arguments(inside: list[Piece]) -> Iterator[list[Piece]]:
    argument: list[Piece] = []
    for piece in inside:
        if piece == ",":
            yield argument
            argument = []
        else:
            argument.append(piece)
    yield argument
