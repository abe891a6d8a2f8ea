"""A letter for every example request of the bundled library: each state has its letter, at grade 8 or below."""

import json
import re
from pathlib import Path

from medpol.library import PolicyLibrary
from medpol.library.letters import LetterJob, read_case
from medpol.model.policy import State
from medpol.rendering.letters import NOT_GRADED, Decision, Kind, compose
from medpol.rendering.member_summary import graded
from medpol.rendering.publication import Document, plain, texts

KINDS = {
    State.APPROVE: Kind.APPROVAL,
    State.NOT_COVERED: Kind.ADVERSE,
    State.PEND_INFORMATION: Kind.INFORMATION,
    State.PEND_REVIEW: Kind.ADVERSE,
}
_LEFTOVER = re.compile(r"[{}|]|\bNone\b|\(\)")


def letters(library: PolicyLibrary, tmp_path: Path) -> list[tuple[str, Decision, Document]]:
    """As drafts, because the signature is tested by itself."""
    found = []
    path = tmp_path / "request.json"
    for case in library.cases():
        state = library.determine(library.case_request(case)).state
        if state in KINDS:
            path.write_text(json.dumps({"id": "case", **case.request}, default=str), encoding="utf-8")
            job = LetterJob(kind=KINDS[state], source=path, draft=True)
            found.append((f"{case.policy}: {case.name}", *compose(read_case(library, job))))
    return found


def test_every_case_gets_a_readable_letter(library: PolicyLibrary, tmp_path: Path) -> None:
    found = letters(library, tmp_path)
    assert {decision for _, decision, _ in found} == {Decision.APPROVED, Decision.DENIED, Decision.OPEN}
    assert len(found) > 250
    for name, _, document in found:
        grade = graded(document, NOT_GRADED).plain.flesch_kincaid
        assert grade is not None, name
        assert grade <= 8, (name, grade)
        own = [s for s in document.sections if s.key not in ("rule", "record", "read")]
        said = "\n".join(plain(text) for text in texts(Document(identity=document.identity, sections=tuple(own))))
        assert not _LEFTOVER.search(said), (name, said)
        if document.section("rights"):
            assert document.section("change"), name
