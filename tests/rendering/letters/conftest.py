"""Signature files and jobs for letters on the demonstration requests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from medpol.library import PolicyLibrary
from medpol.library.letters import LetterJob
from medpol.rendering.letters import Kind

HERE = Path(__file__).parent
OWN = HERE / "requests"
DEMO = HERE.parents[2] / "src" / "medpol" / "data" / "requests"

FIRST = {
    "name": "Rosa Example",
    "role": "medical director",
    "credentials": "MD, FACP",
    "licence": "MD",
    "licence_number": "IA-00000",
    "licence_state": "IA",
    "specialty": "physical medicine",
    "date": "2026-02-06",
    "decision": "not_covered",
    "rationale": "I read the request and the records. I agree with the policy.",
    "same_or_similar_specialty": "yes",
}
SECOND = {
    **FIRST,
    "name": "Omar Sample",
    "licence_number": "IA-00001",
    "date": "2026-03-20",
    "decision": "upheld",
    "rationale": "I read the file anew. Nothing in it changes what the studies show.",
}

Sign = Callable[..., Path]


@pytest.fixture(scope="session")
def library() -> PolicyLibrary:
    return PolicyLibrary()


@pytest.fixture
def sign(tmp_path: Path) -> Sign:
    """Writes a signature file; keywords replace its lines, None removes one."""

    def write(base: dict[str, str] = FIRST, **other: Any) -> Path:
        path = tmp_path / f"signature-{len(list(tmp_path.iterdir()))}.yaml"
        lines = {key: value for key, value in {**base, **other}.items() if value is not None}
        path.write_text(yaml.safe_dump(lines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def jobs(sign: Sign) -> dict[str, LetterJob]:
    """One job for each letter, by its name."""
    first = sign()
    return {
        "adverse-commercial": LetterJob(kind=Kind.ADVERSE, source=DEMO / "1-commercial.json", signature=first),
        "adverse-medicare-advantage": LetterJob(
            kind=Kind.ADVERSE, source=OWN / "outside-a-study.json", signature=first
        ),
        "adverse-cpap": LetterJob(kind=Kind.ADVERSE, source=OWN / "cpap-ahi-3.json", signature=first),
        "information": LetterJob(
            kind=Kind.INFORMATION,
            source=DEMO / "7-cpap-half-documented.json",
            day=_day("2026-03-03"),
            due=_day("2026-03-17"),
        ),
        "approval-with-a-grant": LetterJob(kind=Kind.APPROVAL, source=OWN / "acupuncture.json", day=_day("2025-08-20")),
        "approval-of-less": LetterJob(
            kind=Kind.APPROVAL, source=OWN / "acupuncture-20-visits.json", signature=sign(decision="approve")
        ),
        "appeal-upheld": LetterJob(
            kind=Kind.APPEAL,
            source=DEMO / "1-commercial.json",
            signature=sign(SECOND),
            first=DEMO / "1-commercial.json",
            first_signature=first,
        ),
        "appeal-overturned": LetterJob(
            kind=Kind.APPEAL,
            source=DEMO / "3-medicare-advantage-in-a-study.json",
            signature=sign(SECOND, decision="overturned", rationale="The new papers show an approved study."),
            first=OWN / "outside-a-study.json",
            first_signature=first,
        ),
        "draft": LetterJob(kind=Kind.ADVERSE, source=DEMO / "1-commercial.json", draft=True, day=_day("2026-02-06")),
    }


def _day(text: str) -> Any:
    from datetime import date

    return date.fromisoformat(text)
