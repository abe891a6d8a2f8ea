"""Letters of every kind as they are read, and what must never be written."""

import io
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medpol.library import PolicyLibrary
from medpol.library.letters import LetterJob, write_case
from medpol.problems import PolicyRejected
from medpol.rendering.letters import FORMATS, Kind
from medpol.rendering.publication import anchors, load_theme

HERE = Path(__file__).parent
DEMO = HERE.parents[2] / "src" / "medpol" / "data" / "requests"
OWN = HERE / "requests"
MARK = "DRAFT – not a decision"
NAMES = (
    *("adverse-commercial", "adverse-medicare-advantage", "adverse-cpap", "information", "approval-with-a-grant"),
    *("approval-of-less", "appeal-upheld", "appeal-overturned", "draft"),
)


def text_of(library: PolicyLibrary, job: LetterJob) -> str:
    return write_case(library, job, load_theme(), "md").content.decode()


def refused(library: PolicyLibrary, job: LetterJob) -> list[str]:
    with pytest.raises(PolicyRejected) as rejected:
        write_case(library, job, load_theme(), "md")
    assert all(problem.remedy for problem in rejected.value.problems)
    return [problem.code for problem in rejected.value.problems]


# ── as they are read ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", NAMES)
def test_golden(name: str, library: PolicyLibrary, jobs: dict[str, LetterJob]) -> None:
    """UPDATE_GOLDEN=1 records it again; read the diff before keeping it."""
    path = HERE / "golden" / f"{name}.md"
    text = _without_hashes(text_of(library, jobs[name]))
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def _without_hashes(text: str) -> str:
    """The receipt changes with every change of the library; that it is there is tested by itself."""
    import re

    return re.sub(r"\b[0-9a-f]{64}\b", "HASH", text)


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_cites_policy_version_and_receipt(
    name: str, library: PolicyLibrary, jobs: dict[str, LetterJob]
) -> None:
    text = text_of(library, jobs[name])
    answer = library.answer(jobs[name].source.read_bytes())
    receipt: Any = answer["receipt"]
    assert f"policy {answer['policy']}" in text
    assert f"called “{answer['statement']}”" in text
    assert receipt["answer"] in text
    assert receipt["request"] in text
    assert "The plan is invented" in text


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_reads_at_grade_eight_or_below(
    name: str, library: PolicyLibrary, jobs: dict[str, LetterJob]
) -> None:
    grade = write_case(library, jobs[name], load_theme(), "md").grade
    assert grade.plain.flesch_kincaid is not None
    assert grade.whole.flesch_kincaid is not None
    assert grade.plain.flesch_kincaid <= 8
    assert grade.whole.flesch_kincaid <= 8


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_unique_and_bytes_are_the_same_twice(
    name: str, library: PolicyLibrary, jobs: dict[str, LetterJob]
) -> None:
    found = list(anchors(write_case(library, jobs[name], load_theme(), "md").document))
    assert len(found) == len(set(found))
    one, two = (write_case(library, jobs[name], load_theme(), "html").content for _ in range(2))
    assert one == two


def test_a_letter_tells_no_more_of_the_member_than_the_number(
    library: PolicyLibrary, jobs: dict[str, LetterJob]
) -> None:
    text = text_of(library, jobs["adverse-commercial"])
    assert "synthetic-1" in text
    assert "1958" not in text  # the birth date is in the request


# ── formats ─────────────────────────────────────────────────────────────────────────────────────────────────


def _plain(content: bytes, to: str) -> list[str]:
    """The text, page by page where there are pages; the DOCX with its header as its last page."""
    if to == "pdf":
        from pypdf import PdfReader

        return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
    if to == "docx":
        import docx

        word = docx.Document(io.BytesIO(content))
        header = word.sections[0].header
        assert 'id="DraftMark"' in header._element.xml or MARK not in header._element.xml
        return ["\n".join(p.text for p in word.paragraphs), "\n".join(p.text for p in header.paragraphs)]
    return [content.decode()]


@pytest.mark.parametrize("to", FORMATS)
def test_every_format_says_the_same(to: str, library: PolicyLibrary, jobs: dict[str, LetterJob]) -> None:
    pages = _plain(write_case(library, jobs["adverse-commercial"], load_theme(), to).content, to)
    text = " ".join(" ".join(pages).split())
    for said in ("We did not approve your request", "180 days", "Rosa Example, MD, FACP", "29 CFR 2560.503-1"):
        assert said in text
    assert "DRAFT" not in text


@pytest.mark.parametrize("to", FORMATS)
def test_a_draft_is_marked_in_every_format(to: str, library: PolicyLibrary, jobs: dict[str, LetterJob]) -> None:
    pages = _plain(write_case(library, jobs["draft"], load_theme(), to).content, to)
    if to == "docx":
        assert MARK in pages[-1]  # the header, on every page
        assert "No one has signed" in pages[0]
    else:
        assert all(MARK in " ".join(page.split()) for page in pages)
        assert "No one has signed" in " ".join(" ".join(pages).split())


# ── what is never written ───────────────────────────────────────────────────────────────────────────────────


def test_an_unsigned_denial_is_refused(library: PolicyLibrary) -> None:
    assert refused(library, LetterJob(kind=Kind.ADVERSE, source=DEMO / "1-commercial.json")) == ["MP938"]
    assert refused(library, LetterJob(kind=Kind.APPEAL, source=DEMO / "1-commercial.json")) == ["MP938"]


def test_an_unsigned_approval_of_less_than_asked_is_refused(library: PolicyLibrary) -> None:
    assert refused(library, LetterJob(kind=Kind.APPROVAL, source=OWN / "acupuncture-20-visits.json")) == ["MP938"]


@pytest.mark.parametrize(
    "other",
    [
        {"role": "nurse reviewer"},
        {"licence": "RN"},
        {"decision": "approve"},
        {"answer": "0" * 64},
    ],
)
def test_who_may_not_sign(other: dict[str, str], library: PolicyLibrary, sign: Any) -> None:
    job = LetterJob(kind=Kind.ADVERSE, source=DEMO / "1-commercial.json", signature=sign(**other))
    assert refused(library, job) == ["MP933"]


def test_every_reason_against_a_signer_comes_at_once(library: PolicyLibrary, sign: Any) -> None:
    signature = sign(role="clerk", licence="none", decision="approve")
    job = LetterJob(kind=Kind.ADVERSE, source=DEMO / "1-commercial.json", signature=signature)
    assert refused(library, job) == ["MP933"] * 3


def test_a_signature_for_this_answer_is_taken(library: PolicyLibrary, sign: Any) -> None:
    source = DEMO / "1-commercial.json"
    receipt: Any = library.answer(source.read_bytes())["receipt"]
    job = LetterJob(kind=Kind.ADVERSE, source=source, signature=sign(answer=receipt["answer"]))
    assert "Rosa Example" in text_of(library, job)


@pytest.mark.parametrize("key", ["name", "role", "licence_number", "date", "rationale", "decision"])
def test_a_signature_lacks_nothing(key: str, library: PolicyLibrary, sign: Any) -> None:
    job = LetterJob(kind=Kind.ADVERSE, source=DEMO / "1-commercial.json", signature=sign(**{key: None}))
    assert refused(library, job) == ["MP932"]


def test_medicare_advantage_asks_for_the_same_specialty(library: PolicyLibrary, sign: Any) -> None:
    source = OWN / "outside-a-study.json"
    job = LetterJob(kind=Kind.ADVERSE, source=source, signature=sign(same_or_similar_specialty="no"))
    assert refused(library, job) == ["MP933"]


@pytest.mark.parametrize("other", [{}, {"name": "rosa  EXAMPLE", "licence_number": "X"}, {"name": "Rosa E. Example"}])
def test_the_first_signer_does_not_decide_the_appeal(other: dict[str, str], library: PolicyLibrary, sign: Any) -> None:
    job = LetterJob(
        kind=Kind.APPEAL,
        source=DEMO / "1-commercial.json",
        signature=sign(decision="upheld", date="2026-03-20", **other),
        first_signature=sign(),
    )
    assert refused(library, job) == ["MP934"]


def test_an_appeal_names_who_decided_first(library: PolicyLibrary, jobs: dict[str, LetterJob]) -> None:
    assert refused(library, replace(jobs["appeal-upheld"], first_signature=None)) == ["MP934"]


def test_an_appeal_is_not_signed_before_the_decision(library: PolicyLibrary, sign: Any) -> None:
    job = LetterJob(
        kind=Kind.APPEAL,
        source=DEMO / "1-commercial.json",
        signature=sign(name="Omar Sample", licence_number="2", decision="upheld", date="2026-01-01"),
        first_signature=sign(),
    )
    assert refused(library, job) == ["MP933"]


@pytest.mark.parametrize(
    ("kind", "source"),
    [
        (Kind.ADVERSE, "2-medicare-advantage.json"),  # a missing fact never denies
        (Kind.ADVERSE, "3-medicare-advantage-in-a-study.json"),
        (Kind.ADVERSE, "4-federal-employee.json"),
        (Kind.APPROVAL, "2-medicare-advantage.json"),
        (Kind.INFORMATION, "1-commercial.json"),
    ],
)
def test_an_answer_that_does_not_fit(kind: Kind, source: str, library: PolicyLibrary, sign: Any) -> None:
    signature = sign() if kind is Kind.ADVERSE else None
    assert refused(library, LetterJob(kind=kind, source=DEMO / source, signature=signature)) == ["MP937"]


def test_an_approval_cannot_be_upheld_as_a_denial(
    library: PolicyLibrary, jobs: dict[str, LetterJob], sign: Any
) -> None:
    upheld = sign(name="Omar Sample", licence_number="2", decision="upheld", date="2026-03-20")
    assert refused(library, replace(jobs["appeal-overturned"], signature=upheld)) == ["MP937"]


def test_a_person_may_approve_what_the_policy_does_not(library: PolicyLibrary, sign: Any) -> None:
    job = LetterJob(kind=Kind.APPROVAL, source=DEMO / "1-commercial.json", signature=sign(decision="approve"))
    text = text_of(library, job)
    assert "We approved this care" in text
    assert "Rosa Example" in text


# ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_answer_with_its_request_gives_the_same_letter(
    library: PolicyLibrary, jobs: dict[str, LetterJob], tmp_path: Path
) -> None:
    job = jobs["adverse-commercial"]
    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps(library.answer(job.source.read_bytes())), encoding="utf-8")
    again = replace(job, source=answer, request=job.source)
    assert text_of(library, again) == text_of(library, job)
    assert refused(library, replace(again, request=None)) == ["MP939"]


def test_an_answer_that_is_no_longer_given_is_refused(
    library: PolicyLibrary, jobs: dict[str, LetterJob], tmp_path: Path
) -> None:
    job = jobs["adverse-commercial"]
    changed = {**library.answer(job.source.read_bytes()), "reason": "another"}
    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps(changed), encoding="utf-8")
    assert refused(library, replace(job, source=answer, request=job.source)) == ["MP939"]


# ── where a person decides ──────────────────────────────────────────────────────────────────────────────────


def test_a_person_s_no_to_an_open_case_does_not_quote_the_policy_as_saying_no(
    library: PolicyLibrary, sign: Any, tmp_path: Path
) -> None:
    case = next(c for c in library.cases() if c.name == "a diagnosis only CMS's list can settle")
    request = tmp_path / "request.json"
    request.write_text(json.dumps({"id": "open", **case.request}, default=str), encoding="utf-8")
    text = text_of(library, LetterJob(kind=Kind.ADVERSE, source=request, signature=sign()))
    assert "The policy leaves this case to a person" in text
    assert "says no to care when" not in text
    assert "the care is needed for your health" not in text


def test_an_approval_against_the_policy_says_so(library: PolicyLibrary, sign: Any) -> None:
    job = LetterJob(kind=Kind.APPROVAL, source=DEMO / "1-commercial.json", signature=sign(decision="approve"))
    text = text_of(library, job)
    assert "The policy taken alone points the other way" in text
    assert "studies do not show yet" not in text
