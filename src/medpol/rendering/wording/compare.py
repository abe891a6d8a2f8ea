"""Match what the wording names with what the logic names; what is left over on either side is a mismatch."""

from dataclasses import dataclass, field

from medpol.model.codes import NOWHERE
from medpol.model.facts import DataDictionary
from medpol.model.policy import Statement, Version
from medpol.problems import Place
from medpol.rendering.wording.logic import meant_by, named_beside
from medpol.rendering.wording.mentions import Kind, Mention, same
from medpol.rendering.wording.text import mentions_of

_SCALES = {Kind.AGE: Kind.TIME, Kind.YEAR: Kind.DATE, Kind.COUNT: Kind.AMOUNT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A number, code or date that is in the wording (`in_wording`) or in the logic, and not in the other.

    `offset` counts characters from the beginning of the wording, -1 for what is only in the logic; `place` is where
    the leaf, or the statement, was written.
    """

    kind: Kind
    text: str
    in_wording: bool
    offset: int = -1
    place: Place = field(default=NOWHERE, compare=False)


def compare_wording(
    wording: str, statement: Statement, facts: DataDictionary, version: Version | None = None, *, whole: bool = False
) -> tuple[Mismatch, ...]:
    """What the wording and the statement do not share; nothing where a statement has no criterion.

    `version` is the statement's own: what its other statements, codes and dates say may be named as well (a wording
    often says the whole rule, of which the statement is a part). `whole` says that the wording is the full text, so
    that everything in the logic has to be in it; else only what stands in the place of something else is reported,
    and the rest of a list of codes of which the wording names some.
    """
    if not wording or statement.when is None:
        return ()
    worded, meant, at = mentions_of(wording), meant_by(statement, facts), statement.place
    alone = [w for w in worded if not any(same(w, m) for m in meant)]
    if alone:
        beside = named_beside(statement, version, facts)
        alone = [w for w in alone if not any(same(w, m) for m in beside)]
    left = [m for m in meant if not any(same(w, m) for w in worded)]
    if not whole:
        scales = {_scale(w) for w in alone if w.kind is not Kind.CODE}
        named = {m.group for m in meant if m.group and m not in left}
        left = [m for m in left if (m.group in named if m.kind is Kind.CODE else _scale(m) in scales)]
    only_worded = [Mismatch(kind=w.kind, text=w.text, in_wording=True, offset=w.offset, place=at) for w in alone]
    only_meant = [Mismatch(kind=m.kind, text=m.text, in_wording=False, place=_place(m, statement)) for m in left]
    return (*only_worded, *dict.fromkeys(only_meant))


def _place(mention: Mention, statement: Statement) -> Place:
    return mention.place if mention.place.file else statement.place


def _scale(mention: Mention) -> Kind:
    return _SCALES.get(mention.kind, mention.kind)
