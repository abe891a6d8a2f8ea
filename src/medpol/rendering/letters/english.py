"""Small words of letters: a fact's name, a grant's value, a blank for the plan."""

from collections.abc import Mapping

from medpol.model.units import Quantity, convert, named
from medpol.rendering.member_summary import Speaker, Words
from medpol.rendering.words import phrase, quantity


def fact_name(name: str, speaker: Speaker) -> str:
    """A fact's plain name without marks, else its name in words."""
    return speaker.plain.fact(name).name.partition(" ({")[0] or phrase(name, speaker.facts)


def blank(what: str, words: Words) -> str:
    """A marked blank: nothing is guessed."""
    return words.say("blank", what=what)


def or_blank(text: str, what: str, words: Words) -> str:
    """The text, or a marked blank."""
    return text or blank(what, words)


def amount(value: object) -> Quantity | None:
    """A grant (`12 weeks`, `12`) as a quantity; None where it is not known."""
    number, _, unit = str(value).partition(" ")
    try:
        return Quantity(float(number), named(unit))
    except ValueError:
        return None


def _said(value: float, unit: str, name: str) -> str:
    return quantity(value, unit) if unit else f"{quantity(value, unit)} {name.replace('_', ' ')}"


def shortfalls(grants: Mapping[str, object], asked: Mapping[str, Quantity]) -> dict[str, tuple[str, str]]:
    """What was granted less of than asked: name → (asked, granted), in words."""
    found: dict[str, tuple[str, str]] = {}
    for name, wanted in asked.items():
        given = amount(grants.get(name))
        if given is not None:
            value = convert(wanted.value, wanted.unit or given.unit, given.unit)
            if value is not None and value > given.value:
                found[name] = (_said(value, given.unit, name), _said(given.value, given.unit, name))
    return found
