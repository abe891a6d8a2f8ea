"""Cases run singly and as a batch on each engine, and what is said of one that fails."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from medpol.library import CaseResult, PolicyLibrary, run_cases
from medpol.loading import Case

SMALL = Path(__file__).parents[1] / "interfaces" / "small"


@cache
def small() -> PolicyLibrary:
    return PolicyLibrary(SMALL)


def with_expectations(**expect: Any) -> CaseResult:
    """The case that is approved, expecting something else."""
    case = next(case for case in small().cases() if case.name == "meets the criteria")
    return run_cases(small(), [replace(case, expect={**case.expect, **expect})])[0]


def test_the_bundled_library_decides_its_cases_in_every_mode() -> None:
    library = PolicyLibrary()
    results = run_cases(library, library.cases())
    assert {f"{r.case.policy}: {r.case.name}": r.failures for r in results if r.failures} == {}
    assert {result.case.policy for result in results} == set(library.content.policies)


def test_a_case_that_comes_out_as_expected() -> None:
    assert with_expectations(layer="medical_policy", missing=[], flags=[], citations=1, conflicts=0).failures == ()


@pytest.mark.parametrize(
    ("expect", "failure"),
    [
        ({"state": "not_covered"}, "state is 'approve', expected 'not_covered'"),
        ({"missing": ["bmi"]}, "missing is [], expected ['bmi']"),
        ({"flags": ["disc"]}, "flags is [], expected ['disc']"),
        ({"citations": 3}, "citations is 1, expected 3"),
    ],
)
def test_what_is_said_of_one_that_does_not(expect: dict[str, Any], failure: str) -> None:
    assert with_expectations(**expect).failures == (failure,)


def test_no_cases() -> None:
    assert run_cases(small(), []) == []


def test_cases_of_several_lines_and_dates_in_one_batch() -> None:
    """Each is asked by its own line and date though all are decided together."""
    case: Case = small().cases()[0]
    lines = {"commercial": "approve", "medicare": "not_covered", "fep": "no_policy"}
    cases = [
        replace(
            case,
            name=line,
            request={**case.request, "member": {**dict(case.request["member"]), "line_of_business": line}},  # type: ignore[arg-type]
            expect={"state": state},
        )
        for line, state in lines.items()
    ]
    assert [result.failures for result in run_cases(small(), cases)] == [(), (), ()]
