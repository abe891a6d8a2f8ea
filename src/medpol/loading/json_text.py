"""JSON text → values, or every problem. A key that stands twice is refused: nobody can tell which value was meant."""

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from medpol.loading.catalogue import CATALOGUE
from medpol.problems import Place, PolicyRejected, Problem

_KEY = re.compile(rb'"\s*:')


def parse_json(data: bytes, name: str) -> object:
    """The value of a JSON text. Raises PolicyRejected where it is none (MP601) or repeats a key (MP614)."""
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        place = Place(name, error.lineno, error.colno)
        raise PolicyRejected([Problem(place, "MP601", "this is not JSON", CATALOGUE["MP601"].remedy)]) from None
    if len(_KEY.findall(data)) > _keys(parsed):  # a key lost, or a text that looks like one
        problems = [
            Problem(Place(name, path=path), "MP614", f"the key '{key}' stands twice", CATALOGUE["MP614"].remedy)
            for path, key in _repeated(json.loads(data, object_pairs_hook=_Pairs), "$")
        ]
        if problems:
            raise PolicyRejected(problems)
    return parsed


class _Pairs(tuple[tuple[str, Any], ...]):
    """An object's keys and values as typed."""

    __slots__ = ()


def _keys(value: object) -> int:
    match value:
        case dict():
            return len(value) + sum(map(_keys, value.values()))
        case list():
            return sum(map(_keys, value))
        case _:
            return 0


def _repeated(value: object, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case _Pairs():
            seen = set()
            for key, under in value:
                if key in seen:
                    yield path, key
                seen.add(key)
                yield from _repeated(under, f"{path}.{key}")
        case list():
            for index, item in enumerate(value):
                yield from _repeated(item, f"{path}[{index}]")
        case _:
            return
