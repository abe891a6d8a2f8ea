"""Derive a past answer again, and say whether it is the same, byte for byte."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from medpol.engine import DuckDB, request_of
from medpol.library.claims import open_table, read_metadata
from medpol.library.policies import PolicyLibrary, same_answer
from medpol.loading import parse_json
from medpol.problems import Place, PolicyRejected, Problem


@dataclass(frozen=True, slots=True)
class Explained:
    """The answer derived today, in words and as JSON, and how it differs from the one given."""

    same: bool
    differences: tuple[str, ...]
    answer: dict[str, object]
    text: str


def explain_answer(library: PolicyLibrary, answer: bytes, request: bytes, name: str = "answer") -> Explained:
    """Derive the answer to a request again from its receipt's dates. PolicyRejected where a file cannot be read."""
    given = parse_json(answer, name)
    receipt = given.get("receipt") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(receipt, dict):
        problem = Problem(Place(name), "MP906", "this is no answer of medpol decide --json", "give that file")
        raise PolicyRejected([problem])
    asked = library.read_request(request)
    as_of, known_on = (_day(receipt.get(key), name) for key in ("as_of", "known_on"))
    determination = library.determine(asked, as_of=as_of, known_on=known_on)
    derived = library.writer.as_json(determination)
    same = same_answer(given, derived)
    differences = () if same else tuple(_differences(given, derived))
    return Explained(same, differences, derived, library.in_words(determination))


def _day(value: object, name: str) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        problem = Problem(
            Place(name, path="$.receipt"), "MP906", "its dates are not dates", "give the answer unchanged"
        )
        raise PolicyRejected([problem]) from None


def _differences(given: Mapping[str, Any], derived: Mapping[str, Any]) -> Iterator[str]:
    """What has changed: first what the answer was made from, then what it says."""
    old, new = given["receipt"], derived["receipt"]
    words = {"request": "the request is another", "library": "the versions or the plan's rules have changed"}
    yield from (text for key, text in words.items() if old.get(key) != new[key])
    if old.get("engine") != new["engine"]:
        yield f"the engine was {old.get('engine')} and is {new['engine']}"
    said = [key for key in dict.fromkeys([*derived, *given]) if key != "receipt"]
    changed = [key for key in said if given.get(key) != derived.get(key)]
    yield from (f"{key} was {_short(given.get(key))} and is {_short(derived.get(key))}" for key in changed)
    if not changed and old.get("answer") != new["answer"]:
        yield "the receipt's digest of the answer is another"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def explain_line(out: Path, number: int, library: Path | None = None) -> Explained:
    """Decide one line of an adjudicated file singly, and compare it with what the file says of it."""
    about = read_metadata(out)
    policies = PolicyLibrary(library or Path(about["library"]))
    engine = DuckDB()
    table = open_table(policies, engine.connection, Path(about["claims"]), Path(about["map"]) if about["map"] else None)
    found = engine.connection.execute("SELECT * FROM read_parquet(?) WHERE line = ?", [str(out), number])
    names = [column[0] for column in found.description or ()]
    row = found.fetchone()
    if row is None:
        problem = Problem(Place(str(out)), "MP907", f"it has no line {number}", "give the number in its column `line`")
        raise PolicyRejected([problem])
    given = dict(zip(names, row, strict=True))
    try:
        request = request_of(engine, table.lines, number, policies.content.facts)
    except KeyError:
        message = f"it has no line {number} any more; {out} was made from another file"
        raise PolicyRejected([Problem(Place(about["claims"]), "MP907", message, "restore the claims file")]) from None
    as_of, known_on = (_day(about[key], str(out)) for key in ("as_of", "known_on"))
    determination = policies.determine(request, as_of=as_of, known_on=known_on)
    derived = policies.writer.as_json(determination)
    differences = tuple(_line_differences(given, derived))
    return Explained(not differences, differences, derived, policies.in_words(determination))


def _line_differences(given: Mapping[str, Any], derived: Mapping[str, Any]) -> Iterator[str]:
    """Where a line of the output and the single answer part: every column both have, missing facts as a set."""
    for key in ("state", "position", "layer", "policy", "version", "statement", "reason"):
        if (given[key] or None) != (derived[key] or None):
            yield f"{key} was {given[key]!r} and is {derived[key]!r}"
    listed = set(filter(None, str(given["missing"] or "").split("; ")))
    asked = {item["fact"] for item in derived["missing"]}
    if not asked <= listed:
        yield f"missing was {sorted(listed)} and is {sorted(asked)}"
