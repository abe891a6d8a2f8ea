"""Run example requests in every mode: singly, and as a batch on each SQL engine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from medpol.engine import DuckDB, Engine, SQLite, adjudicate, lines_of
from medpol.library.policies import PolicyLibrary
from medpol.loading import Case

# what a batch says of a line, in the words of the JSON answer
_BATCH = ("state", "position", "layer", "policy", "version", "statement", "reason")


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case: what did not come out as expected, a line each; none is a pass."""

    case: Case
    failures: tuple[str, ...]


def run_cases(
    library: PolicyLibrary, cases: Sequence[Case], engines: Sequence[Engine] | None = None
) -> list[CaseResult]:
    """Decide each case singly and all of them as one batch on each engine (default: DuckDB and SQLite).

    A case fails where the single answer is not what it expects, or a batch differs from the single answer.
    """
    answers = []
    requests = []
    for case in cases:
        request = library.case_request(case)
        requests.append(request)
        answers.append(library.writer.as_json(library.determine(request)))
    failures = [list(_unexpected(case.expect, answer)) for case, answer in zip(cases, answers, strict=True)]
    if requests:
        for engine in engines or (DuckDB(), SQLite()):
            lines = lines_of(engine, requests, library.content.facts)
            adjudicate(engine, library.content, lines, describe=library.leaf_in_words)
            for line, row in _batch_answers(engine):
                failures[line] += _differences(type(engine).__name__, answers[line], row)
    return [CaseResult(case, tuple(found)) for case, found in zip(cases, failures, strict=True)]


def _unexpected(expect: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[str]:
    for key, wanted in expect.items():
        got = _comparable(key, answer)
        want = sorted(wanted) if isinstance(wanted, list | tuple) else wanted
        if got != want:
            yield f"{key} is {got!r}, expected {want!r}"


def _comparable(key: str, answer: Mapping[str, Any]) -> object:
    """A key of the answer as `expect` writes it: missing facts and flags by name, lists in any order."""
    value = answer.get(key)
    match key:
        case "missing":
            return sorted(item["fact"] for item in answer["missing"])
        case "flags":
            return sorted(item["id"] for item in answer["flags"])
        case "conflicts" | "citations":
            return len(answer[key])
        case _:
            return sorted(value) if isinstance(value, list) else value


def _batch_answers(engine: Engine) -> Iterator[tuple[int, dict[str, object]]]:
    names = ("line", *_BATCH, "missing")
    for row in engine.fetch(f"SELECT {', '.join(names)} FROM answers"):
        yield row[0], dict(zip(names[1:], row[1:], strict=True))


def _differences(engine: str, answer: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[str]:
    for name in _BATCH:
        single, batch = answer[name] or "", row[name] or ""
        if single != batch:
            yield f"{engine}: {name} is {batch!r}, but {single!r} for the single request"
    asked = {item["fact"] for item in answer["missing"]}
    listed = set(filter(None, str(row["missing"]).split("; ")))
    if not asked <= listed:
        yield f"{engine}: missing {sorted(listed)}, but {sorted(asked)} for the single request"
