"""Letters and member summaries: an answer or a request, the policy's evidence, the rights, put together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from medpol.evidence import Evidence, load_evidence
from medpol.library.policies import PolicyLibrary, same_answer
from medpol.loading import parse_json
from medpol.model.determination import Determination
from medpol.model.policy import Policy, Statement, Version
from medpol.model.request import Request
from medpol.problems import Place, PolicyRejected, Problem
from medpol.rendering.letters import (
    NOT_GRADED,
    Case,
    Decision,
    Kind,
    Outcome,
    Requested,
    Rights,
    Signature,
    check_signature,
    compose,
    load_rights,
    read_signature,
    write_letter,
)
from medpol.rendering.letters.case import First
from medpol.rendering.letters.english import shortfalls
from medpol.rendering.letters.letter import UNSIGNED
from medpol.rendering.letters.rights import NO_RIGHTS, contacts_only
from medpol.rendering.member_summary import Graded, Subject, graded, load_plain, load_words, member_summary
from medpol.rendering.member_summary.grading import with_grade
from medpol.rendering.member_summary.summary import NOT_GRADED as SUMMARY_NOT_GRADED
from medpol.rendering.publication import Document, Theme, cut

CHANGED = "MP939"
_SIGNED: Mapping[Kind, tuple[Outcome, ...]] = {
    Kind.APPROVAL: (Outcome.APPROVE,),
    Kind.ADVERSE: (Outcome.NOT_COVERED,),
    Kind.INFORMATION: (),
    Kind.APPEAL: (Outcome.UPHELD, Outcome.OVERTURNED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterJob:
    """What a letter is made from. `source` is a request or an answer; an answer needs its `request` beside it.

    `first` and `first_signature` are the decision under appeal; `texts` a folder with words.yaml and plain.yaml.
    """

    kind: Kind
    source: Path
    request: Path | None = None
    signature: Path | None = None
    first: Path | None = None
    first_signature: Path | None = None
    rights: Path | None = None
    texts: Path | None = None
    day: date | None = None
    due: date | None = None
    draft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter or summary in one format, with its grade. `blanks` counts what the plan still has to fill in."""

    document: Document
    content: bytes
    grade: Graded
    blanks: int = 0
    decision: Decision | None = None


def write_case(library: PolicyLibrary, job: LetterJob, theme: Theme, to: str) -> Written:
    """The letter. Raises PolicyRejected with every reason for which it must not be written; nothing is written then."""
    case = read_case(library, job)
    decision, document = compose(case)
    grade = graded(document, NOT_GRADED)
    document = with_grade(document, case.words, grade)
    content = write_letter(document, theme, to, case.words)
    return Written(document=document, content=content, grade=grade, blanks=_blanks(document, case), decision=decision)


def read_case(library: PolicyLibrary, job: LetterJob) -> Case:
    """Everything a letter needs, read and checked."""
    request, raw, determination, digest = _answered(library, job.source, job.request)
    words, plain = load_words(job.texts), load_plain(*filter(None, (library.folder, job.texts)))
    rights = _rights(job, determination, request)
    signature = _signature(library, job, digest, rights.same_specialty)
    if signature is None and job.kind in (Kind.ADVERSE, Kind.APPEAL) and not job.draft:
        message = "a decision against a member needs a named, qualified person's signature; nothing was written"
        remedy = "give --signature FILE, or --draft for an unsigned draft"
        raise PolicyRejected([Problem(Place(f"--kind {job.kind}"), UNSIGNED, message, remedy)])
    policy, version, statement = _decided(library, determination)
    return Case(
        kind=job.kind,
        requested=_requested(request, raw, version),
        determination=determination,
        answer=digest,
        day=job.day or (signature.day if signature else datetime.now().astimezone().date()),
        facts=library.content.facts,
        plain=plain,
        words=words,
        rules=library.content.rules,
        policy=policy,
        version=version,
        statement=statement,
        evidence=evidence_of(library, policy, version) if policy and version else None,
        rights=rights,
        signature=signature,
        first=_first(library, job),
        due=job.due,
        draft=job.draft,
    )


def _rights(job: LetterJob, determination: Determination, request: Request) -> Rights:
    """The steps of an appeal; a letter that turns nothing down goes without where no file speaks of them."""
    line, state = request.line_of_business or "", str(request.facts.get("state", ""))
    try:
        return load_rights(line, state, job.rights)
    except PolicyRejected as rejected:
        against = job.kind in (Kind.ADVERSE, Kind.APPEAL) or shortfalls(determination.grants, request.requested)
        if against or any(problem.code != NO_RIGHTS for problem in rejected.problems):
            raise
        return contacts_only(line, state, job.rights)


def _answered(
    library: PolicyLibrary, source: Path, beside: Path | None
) -> tuple[Request, Mapping[str, Any], Determination, str]:
    """A request decided, or an answer made again from its request and found the same."""
    raw = parse_json(_bytes(source), str(source))
    given = raw if isinstance(raw, dict) and "receipt" in raw and "state" in raw else None
    path = source if given is None else beside
    if path is None:
        message = "an answer does not hold its request, which a letter needs"
        raise PolicyRejected([Problem(Place(str(source)), CHANGED, message, "give --request REQUEST.json too")])
    data = _bytes(path)
    request = library.read_request(data, str(path))
    receipt = (given or {}).get("receipt") or {}
    determination = library.determine(request, as_of=_day(receipt.get("as_of")), known_on=_day(receipt.get("known_on")))
    answer = library.writer.as_json(determination)
    if given is not None and not same_answer(given, answer):
        message = "the library and this request do not give this answer any more"
        remedy = "see what changed with medpol explain, then decide again"
        raise PolicyRejected([Problem(Place(str(source)), CHANGED, message, remedy)])
    made: Any = answer.get("receipt")
    about = parse_json(data, str(path))
    return request, about if isinstance(about, dict) else {}, determination, made["answer"] if made else ""


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)) if text else None
    except ValueError:
        return None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        problem = Problem(Place(str(path)), "MP905", f"cannot be read: {error.strerror}", "give another file")
        raise PolicyRejected([problem]) from None


def _signature(library: PolicyLibrary, job: LetterJob, digest: str, same_specialty: bool) -> Signature | None:
    if job.signature is None:
        return None
    signature = read_signature(job.signature)
    first = read_signature(job.first_signature) if job.first_signature else None
    if job.kind is Kind.APPEAL and first is None:
        message = "an appeal is decided by another person than the first decision; that one is not given"
        remedy = "give --first-signature FILE"
        raise PolicyRejected([Problem(Place("--kind appeal"), "MP934", message, remedy)])
    check_signature(
        signature,
        library.content.rules,
        allowed=_SIGNED[job.kind],
        answer=digest,
        first=first if job.kind is Kind.APPEAL else None,
        needs_attestation=same_specialty and job.kind in (Kind.ADVERSE, Kind.APPEAL),
    )
    return signature


def _first(library: PolicyLibrary, job: LetterJob) -> First | None:
    if job.kind is not Kind.APPEAL:
        return None
    signature = read_signature(job.first_signature) if job.first_signature else None
    if job.first is None:
        return First(signature=signature)
    request, _, determination, _ = _answered(library, job.first, None)
    return First(signature=signature, determination=determination, facts=request.facts)


def _decided(
    library: PolicyLibrary, determination: Determination
) -> tuple[Policy | None, Version | None, Statement | None]:
    policy = library.content.policies.get(determination.policy)
    if policy is None:
        return None, None, None
    version = next((v for v in policy.versions if v.effective.isoformat() == determination.version), None)
    statements = (*version.statements, *((version.default,) if version.default else ())) if version else ()
    return policy, version, next((s for s in statements if s.id == determination.statement), None)


def _requested(request: Request, raw: Mapping[str, Any], version: Version | None) -> Requested:
    member = raw.get("member")
    diagnoses = raw.get("diagnoses")
    label = next((c.label for c in (version.codes if version else ()) if c.pattern.matches(request.code)), "")
    return Requested(
        id=request.id,
        member=str(member.get("id", "")) if isinstance(member, dict) else "",
        code=request.code,
        system=request.system,
        label=label,
        service_date=request.service_date,
        diagnoses=tuple(map(str, diagnoses)) if isinstance(diagnoses, list) else (),
        line=request.line_of_business or "",
        state=str(request.facts.get("state", "")),
        facts=request.facts,
        asked=request.requested,
    )


def evidence_of(library: PolicyLibrary, policy: Policy, version: Version) -> Evidence | None:
    """The evidence of a policy, cut to what a version could know; None where the package has none."""
    folder = library.folder / "policies" / policy.number / "evidence"
    return cut(load_evidence(folder), version) if folder.is_dir() else None


def _blanks(document: Document, case: Case) -> int:
    """How often the letter says that the plan has to fill something in."""
    from medpol.rendering.publication import plain, texts

    start = case.words.get("blank").partition("{")[0]
    rows = (text for _, text in document.identity.rows.rows)
    return sum(plain(text).count(start) for text in (*rows, *texts(document)))


# ── member summaries ────────────────────────────────────────────────────────────────────────────────────────


def subject_of(library: PolicyLibrary, policy: Policy, version: Version, texts: Path | None = None) -> Subject:
    """What a member summary is made from."""
    return Subject(
        policy=policy,
        version=version,
        facts=library.content.facts,
        plain=load_plain(*filter(None, (library.folder, texts))),
        words=load_words(texts),
        plan=library.content.rules.plan,
        notice=library.content.rules.notice,
        evidence=evidence_of(library, policy, version),
    )


def write_summary(
    library: PolicyLibrary, number: str, theme: Theme, to: str, *, on: date | None = None, texts: Path | None = None
) -> Written:
    """The member summary of the version in force on a date (default: the latest one). Raises PolicyRejected."""
    policy = library.policy(number)
    version = policy.version_on(on) if on else policy.versions[-1]
    if version is None:
        begins = ", ".join(v.effective.isoformat() for v in policy.versions)
        message = f"no version of {policy.number} is in force on {on}"
        raise PolicyRejected([Problem(Place(str(library.folder)), "MP902", message, f"its versions begin {begins}")])
    subject = subject_of(library, policy, version, texts)
    document = member_summary(subject)
    grade = graded(document, SUMMARY_NOT_GRADED)
    document = with_grade(document, subject.words, grade)
    return Written(document=document, content=write_letter(document, theme, to, subject.words), grade=grade)
