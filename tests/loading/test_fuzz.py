"""Whatever comes in, only PolicyRejected comes out."""

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from medpol.loading import load_cases, load_library, parse_criterion, read_request, request_from
from medpol.model.facts import BUILT_IN
from medpol.model.rules import Library, PlanRules
from medpol.problems import PolicyRejected
from strategies import FACTS

LIBRARY = Library(folder="", rules=PlanRules(plan=""), facts=FACTS, policies={})


def survives(call: Callable[[], object]) -> bool:
    """Whether the input is taken, or refused with problems; anything else is raised."""
    try:
        call()
    except PolicyRejected as rejected:
        return len(rejected.problems) > 0
    return True


def words(text: str, *more: str) -> st.SearchStrategy[str]:
    return st.sampled_from([*text.split(), *more])


# requests

KEYS = words(
    """id member birth_date age sex line_of_business plan state service system code modifiers date place_of_service
    units level claim also_billed provider_specialty requested diagnoses facts history history_since value unit""",
    *FACTS.declared,
)
TYPICAL = words("62330 2025-09-01 1950-02-29 F M48.06 yes C2 1e400", "6 months", "9" * 40, "\ud800")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | TYPICAL
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=6)
)
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "id": JSON,
        "member": st.dictionaries(KEYS, JSON, max_size=4),
        "service": st.dictionaries(KEYS, JSON, max_size=4) | st.just({"code": "62330", "date": "2025-09-01"}),
        "diagnoses": JSON,
        "facts": st.dictionaries(st.sampled_from(list(FACTS.declared)), JSON, max_size=6),
        "history": st.lists(st.dictionaries(KEYS, JSON, max_size=4), max_size=2),
        "history_since": JSON,
    },
)


@settings(max_examples=300)
@given(st.binary(max_size=200) | JSON.map(json.dumps).map(str.encode))
def test_any_bytes_as_a_request(data: bytes) -> None:
    assert survives(lambda: read_request(data, LIBRARY))


@settings(max_examples=500)
@given(REQUESTS)
def test_any_request(request: dict[str, object]) -> None:
    """Also what JSON cannot hold: whole numbers of any size, broken text."""
    assert survives(lambda: request_from(request, LIBRARY))


# files

TOKENS = words(
    """all any at_least of not that unless label source compare by when then otherwise claims codes same within before
    count diagnosis list cannot_determine what judgement lifetime is 2 ≥ != { } [ ] ' " # | > &a *a !x""",
    *(*FACTS.declared, *BUILT_IN, ">= 1", "12 months", "[M48.0*]", "{list: x}", "in [IA]", "includes [osa]", "30 <="),
    *("< 35 %", ": ", "- ", ", ", "\n", "\n  ", "\n    - ", "---\n", "\t"),
)
TEXTS = st.lists(TOKENS, max_size=12).map(" ".join) | st.lists(TOKENS, max_size=30).map("".join) | st.text(max_size=60)
NAMES = words(
    "library.yaml facts.yaml policies/1/policy.yaml policies/1/2025-01-01.yaml policies/1/cases.yaml code_lists/x.yaml"
)
FILE_KEYS = words(
    """plan notice lines_of_business commercial precedence authority adopted assume bmi value because signers roles
    licences facts type unit range levels values question source found_in number title kind related sources seed
    technology name regulatory label id when says history date action effective status published ends reviewed
    applies_to scope codes system code role from until code_lists not_loaded statements position services grants
    lesser_of_requested default base cases request expect state edition"""
)
FILE_WORDS = words(
    """approved draft 2025-01-01 2024-01-01 medical_policy ncd own number duration d 1..2 cpt icd-10-cm 62330 M48.0*
    contract investigational consent 1 1.1 yes approve 6"""
)
FILE_TREES = st.recursive(
    FILE_WORDS | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FILE_KEYS, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=500)
@given(TEXTS)
def test_any_criterion(text: str) -> None:
    assert survives(lambda: parse_criterion(text, FACTS))


@settings(max_examples=250, deadline=None)
@given(st.dictionaries(NAMES, st.binary(max_size=80) | FILE_TREES.map(json.dumps).map(str.encode), max_size=6))
def test_any_library(files: dict[str, bytes]) -> None:
    """JSON is YAML, so random trees of the format's own keys reach every reader."""
    with TemporaryDirectory() as name:
        for path, data in files.items():
            (Path(name) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(name) / path).write_bytes(data)
        assert survives(lambda: load_library(Path(name)))
        assert survives(lambda: load_cases(Path(name)))
