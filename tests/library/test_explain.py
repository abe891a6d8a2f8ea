"""A past answer is derived again: the same, or what has changed since."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medpol.library import Adjudication, Explained, PolicyLibrary, adjudicate_claims, explain_answer, explain_line
from medpol.problems import PolicyRejected

INTERFACES = Path(__file__).parents[1] / "interfaces"
REQUEST = (INTERFACES / "requests" / "approved.json").read_bytes()
DENIED = (INTERFACES / "requests" / "denied.json").read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A library that a test may change."""
    return Path(shutil.copytree(INTERFACES / "small", tmp_path / "library"))


def given(folder: Path, **dates: Any) -> dict[str, Any]:
    library = PolicyLibrary(folder)
    return json.loads(json.dumps(library.answer(REQUEST, **dates)))  # type: ignore[no-any-return]


def explained(folder: Path, answer: dict[str, Any], request: bytes = REQUEST) -> Explained:
    return explain_answer(PolicyLibrary(folder), json.dumps(answer).encode(), request)


def test_the_same(folder: Path) -> None:
    answer = given(folder)
    found = explained(folder, answer)
    assert (found.same, found.differences, found.answer) == (True, (), answer)
    assert found.text.startswith("APPROVED")
    # white space and the order of keys are not the answer
    turned = json.dumps(dict(reversed(answer.items())), indent=3).encode()
    assert explain_answer(PolicyLibrary(folder), turned, REQUEST).same


def test_by_the_dates_of_its_receipt(folder: Path) -> None:
    from datetime import date

    old = given(folder, as_of=date(2023, 12, 31))
    known = given(folder, known_on=date(2024, 1, 31))
    assert (old["state"], known["state"]) == ("not_covered", "not_covered")
    assert explained(folder, old).same
    assert explained(folder, known).same


def edited(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


CRITERIA = "policies/P-1/2024-01-01.yaml"
LIBRARY_CHANGED = "the versions or the plan's rules have changed"
Change = Callable[[Path], None]


@pytest.mark.parametrize(
    ("change", "differences"),
    [
        (lambda f: edited(f, CRITERIA, "age >= 65", "age >= 80"),
         [LIBRARY_CHANGED, "state was approve and is not_covered"]),
        (lambda f: edited(f, CRITERIA, "duration: 6 months", "duration: 3 months"),
         [LIBRARY_CHANGED, "grants was {'duration': '6 months'} and is {'duration': '3 months'}"]),
        (lambda f: edited(f, CRITERIA, "published: 2024-02-01", "published: 2024-02-02"), [LIBRARY_CHANGED]),
        (lambda f: edited(f, "library.yaml", "because: eligibility is checked before", "because: it is known"),
         [LIBRARY_CHANGED, "assumed was {'eligible': 'eligibility is checked before'} and is"]),
    ],
)  # fmt: skip
def test_the_library_has_changed(folder: Path, change: Change, differences: list[str]) -> None:
    answer = given(folder)
    change(folder)
    found = explained(folder, answer)
    assert not found.same
    assert found.differences[0] == differences[0]
    assert all(any(said.startswith(wanted) for said in found.differences) for wanted in differences)


OPEN = (INTERFACES / "requests" / "open.json").read_bytes()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (CRITERIA, "wording: not proven", "wording: unproven"),
        ("policies/P-1/policy.yaml", "It cannot treat a disc.", "It does not treat a disc."),
        ("policies/P-1/policy.yaml", "The plan's own reasons", "The reasons of the plan"),
        ("policies/P-1/policy.yaml", "M51.2*", "M51.3*"),
        ("facts.yaml", "How long has there been pain?", "Since when is there pain?"),
        ("facts.yaml", "source: document", "source: attestation"),
        ("library.yaml", "eligible: {value: yes", "eligible: {value: no"),
    ],
)
def test_whatever_changes_an_answer_changes_its_receipt(folder: Path, file: str, old: str, new: str) -> None:
    """Versions, the policy's own file, the facts they use and the plan's rules."""
    before = PolicyLibrary(folder).answer(OPEN)
    edited(folder, file, old, new)
    after = PolicyLibrary(folder).answer(OPEN)
    said = [{key: value for key, value in answer.items() if key != "receipt"} for answer in (before, after)]
    digests = [answer["receipt"]["library"] for answer in (before, after)]  # type: ignore[index]
    assert digests[0] != digests[1]
    assert said[0] != said[1] or "wording" in old


def test_a_policy_that_was_not_asked_may_change(folder: Path) -> None:
    answer = given(folder)
    edited(folder, "policies/N-1/2022-06-01.yaml", "modifier: [Q0]", "modifier: [Q1]")
    assert explained(folder, answer).same


def test_the_request_is_another(folder: Path) -> None:
    found = explained(folder, given(folder), DENIED)
    assert not found.same
    assert found.differences[0] == "the request is another"
    assert "state was approve and is not_covered" in found.differences


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ({"state": "not_covered"}, "state was not_covered and is approve"),
        ({"added": 1}, "added was 1 and is None"),
        ({"grants": {}}, "grants was {} and is {'duration': '6 months'}"),
    ],
)
def test_an_answer_that_was_altered(folder: Path, tampering: dict[str, Any], said: str) -> None:
    found = explained(folder, {**given(folder), **tampering})
    assert (found.same, found.differences) == (False, (said,))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("engine", "medpol 0.0.1", "the engine was medpol 0.0.1 and is "),
        ("answer", "00", "the receipt's digest of the answer is another"),
        ("library", "00", LIBRARY_CHANGED),
    ],
)
def test_a_receipt_that_was_altered(folder: Path, key: str, value: str, said: str) -> None:
    answer = given(folder)
    answer["receipt"][key] = value
    found = explained(folder, answer)
    assert not found.same
    assert len(found.differences) == 1
    assert found.differences[0].startswith(said)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"receipt": []}', b'{"receipt": {"known_on": 5}}'])
def test_what_is_no_answer_is_rejected(folder: Path, data: bytes) -> None:
    with pytest.raises(PolicyRejected) as rejected:
        explain_answer(PolicyLibrary(folder), data, REQUEST, "a file")
    assert {problem.place.file for problem in rejected.value.problems} == {"a file"}


# a line of an adjudicated file

CLAIMS = """\
claim,line,member,birth_date,line_of_business,service_date,code,modifier_1,diagnosis_1,units,billed
C1,1,M1,1950-03-02,commercial,2025-09-01,62330,,M48.061,1,100
C2,1,M2,1980-01-01,commercial,2025-09-01,62330,,M48.061,1,100
C3,1,M3,1950-03-02,medicare,2025-09-01,62330,Q0,M48.061,1,100
C4,1,M4,1950-03-02,commercial,2025-09-01,99999,,M48.061,1,100
"""


@pytest.fixture
def out(folder: Path, tmp_path: Path) -> Path:
    claims = tmp_path / "claims.csv"
    claims.write_text(CLAIMS, encoding="utf-8")
    path = tmp_path / "answers.parquet"
    adjudicate_claims(PolicyLibrary(folder), Adjudication(claims=claims, out=path, threads=1))
    return path


def numbers(out: Path) -> list[int]:
    import duckdb

    return [row[0] for row in duckdb.execute("SELECT line FROM read_parquet(?) ORDER BY line", [str(out)]).fetchall()]


def test_every_line_is_explained_as_it_was_answered(out: Path) -> None:
    found = [explain_line(out, number) for number in numbers(out)]
    assert [each.same for each in found] == [True] * 4
    assert [each.answer["state"] for each in found] == ["pend_information", "pend_review", "approve", "no_policy"]
    assert "INFORMATION NEEDED" in found[0].text


def test_a_line_by_a_library_that_has_changed(out: Path, folder: Path) -> None:
    edited(folder, CRITERIA, "age >= 65", "age >= 40")
    second = explain_line(out, numbers(out)[1])
    assert not second.same
    assert any(said.startswith("state was 'pend_review' and is 'pend_information'") for said in second.differences)
    assert explain_line(out, numbers(out)[2]).same
    assert explain_line(out, numbers(out)[1], INTERFACES / "small").same  # by the library as it was


def test_a_line_that_is_not_there(out: Path) -> None:
    with pytest.raises(PolicyRejected) as rejected:
        explain_line(out, 99)
    assert [problem.code for problem in rejected.value.problems] == ["MP907"]


def test_a_file_that_is_not_ours(tmp_path: Path) -> None:
    import duckdb

    other = tmp_path / "other.parquet"
    duckdb.execute(f"COPY (SELECT 1 AS line) TO '{other}' (FORMAT parquet)")
    for path in (other, tmp_path / "nowhere.parquet", Path(__file__)):
        with pytest.raises(PolicyRejected) as rejected:
            explain_line(path, 1)
        assert [problem.code for problem in rejected.value.problems] == ["MP904"]


def test_the_claims_file_is_gone(out: Path) -> None:
    (out.parent / "claims.csv").unlink()
    with pytest.raises(PolicyRejected):
        explain_line(out, numbers(out)[0])
