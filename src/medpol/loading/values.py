"""Values of facts from JSON or from text, by the type the data dictionary declares.

Nothing here repeats a value in its message: it may be about a person.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from medpol.loading.nodes import day_of, number_of, yes_or_no
from medpol.model.codes import normal
from medpol.model.facts import Fact, FactType
from medpol.model.request import FactValue
from medpol.model.units import Quantity, convert, named

_QUANTITY = re.compile(r"([-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d{1,3})?)\s*(.*)")
_CODE = re.compile(r"[A-Z0-9_\-/+&'():]{1,64}")


class Misfit(NamedTuple):
    """Why a value cannot be taken: a code of the catalogue and what was expected."""

    code: str
    message: str


def fact_value(fact: Fact, raw: object) -> FactValue | Misfit:
    """The value in the form of `model.request.FactValue`."""
    return _READERS[fact.type](fact, raw)


def quantity(raw: object) -> Quantity | None:
    """A number with its unit ('' where none is given): 3.5, "3.5 mm" or {"value": 3.5, "unit": "mm"}."""
    if isinstance(raw, Mapping):
        inner, unit = raw.get("value"), raw.get("unit", "")
        if not set(raw) <= {"value", "unit"} or not isinstance(unit, str):
            return None
        amount = quantity(inner) if isinstance(inner, (int, float, str)) else None
        return Quantity(amount.value, named(unit.strip())) if amount is not None and not amount.unit else None
    if isinstance(raw, str):
        match = _QUANTITY.fullmatch(raw.strip())
        number = number_of(match[1]) if match else None
        return Quantity(number, named(match[2].strip())) if match and number is not None else None
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        return None
    try:
        value = float(raw)
    except OverflowError:
        return None
    return Quantity(value, "") if math.isfinite(value) else None


def day(raw: object) -> date | None:
    """A date from ISO text; None where it is none."""
    if isinstance(raw, str):
        return day_of(raw)
    return raw if type(raw) is date else None


def code(raw: object) -> str | None:
    """A code in normal form; a whole number stands for its digits."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw) if 0 <= raw < 10**18 else ""
    if not isinstance(raw, str):
        return None
    text = normal(raw.strip())
    return text if _CODE.fullmatch(text) else None


def expected_range(fact: Fact) -> str:
    """` between 10 and 100 kg/m2`, as far as the fact has ends."""
    ends = [
        f"at least {fact.low:g}" if fact.low is not None else "",
        f"at most {fact.high:g}" if fact.high is not None else "",
    ]
    text = " and ".join(filter(None, ends))
    return f" {text}" + (f" {fact.unit}" if fact.unit not in ("", "1") else "") if text else ""


def _number(fact: Fact, raw: object) -> FactValue | Misfit:
    amount = quantity(raw)
    unit = f" in {fact.unit}" if fact.unit not in ("", "1") else ""
    if amount is None:
        return Misfit("MP602", f"'{fact.name}' is a {fact.type}: a number{unit}, alone or with its unit")
    value = convert(amount.value, amount.unit, fact.unit) if amount.unit else amount.value
    if value is None:
        return Misfit("MP607", f"'{fact.name}' is{unit or ' a bare number'}; the unit sent does not convert to that")
    if (fact.low is not None and value < fact.low) or (fact.high is not None and value > fact.high):
        return Misfit("MP606", f"'{fact.name}' is{expected_range(fact)}")
    if fact.type is FactType.DURATION and value < 0:
        return Misfit("MP606", f"'{fact.name}' is a duration; it is not negative")
    return value


def _date(fact: Fact, raw: object) -> FactValue | Misfit:
    return day(raw) or Misfit("MP608", f"'{fact.name}' is a date")


def _boolean(fact: Fact, raw: object) -> FactValue | Misfit:
    value = yes_or_no(raw) if isinstance(raw, str) else raw
    return value if isinstance(value, bool) else Misfit("MP602", f"'{fact.name}' is true or false")


def _undeclared(fact: Fact, value: str) -> bool:
    return bool(fact.values) and value not in map(normal, fact.values)


def _code(fact: Fact, raw: object) -> FactValue | Misfit:
    value = code(raw)
    if value is None:
        return Misfit("MP612", f"'{fact.name}' is a code")
    if _undeclared(fact, value):
        return Misfit("MP613", f"'{fact.name}' is one of {', '.join(fact.values)}")
    return value


def _ordinal(fact: Fact, raw: object) -> FactValue | Misfit:
    text = raw.strip() if isinstance(raw, str) else str(raw) if type(raw) is int else None
    if text not in fact.levels:
        return Misfit("MP613", f"'{fact.name}' is one of the levels {', '.join(fact.levels)}")
    return fact.levels.index(text)


def _set(fact: Fact, raw: object) -> FactValue | Misfit:
    values = [code(item) for item in (raw if isinstance(raw, (list, tuple, set, frozenset)) else [raw])]
    found = frozenset(value for value in values if value is not None)
    if None in values:
        return Misfit("MP612", f"'{fact.name}' is a list of codes")
    if any(_undeclared(fact, value) for value in found):
        return Misfit("MP613", f"'{fact.name}' holds values of {', '.join(fact.values)}")
    return found


_READERS: Mapping[FactType, Callable[[Fact, object], FactValue | Misfit]] = {
    FactType.NUMBER: _number,
    FactType.DURATION: _number,
    FactType.DATE: _date,
    FactType.BOOLEAN: _boolean,
    FactType.CODE: _code,
    FactType.ORDINAL: _ordinal,
    FactType.SET: _set,
}
