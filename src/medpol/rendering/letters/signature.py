"""Who signed: a named, licensed person with a reason in words. An adverse letter does not exist without one.

What a signature must hold: the reviewer's name, credentials and specialty, because the appeal must go to another person
and, where judgement is medical, to one with training in the field (29 CFR 2560.503-1(h)(3)(ii), (iii) and (v)).
Who may sign is the plan's rule (library.yaml, `signers`).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from medpol.evidence.files import Section, read_yaml
from medpol.model.rules import PlanRules
from medpol.problems import Place, PolicyRejected, Problem

UNREADABLE, NOT_ALLOWED, SAME_PERSON = "MP932", "MP933", "MP934"


class Outcome(StrEnum):
    """What the signer decided."""

    APPROVE = "approve"
    NOT_COVERED = "not_covered"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One person's signed decision. `of` is the digest of the answer signed; '' where the file does not say."""

    name: str
    role: str
    credentials: str
    licence: str
    licence_number: str
    licence_state: str
    specialty: str
    day: date
    decision: Outcome
    rationale: str
    same_specialty: bool
    of: str = ""
    place: Place


def read_signature(path: Path) -> Signature:
    """A signature from YAML or JSON. Raises PolicyRejected with every problem (MP932)."""
    problems: list[Problem] = []
    top = read_yaml(path, problems)
    needed = {key: top.text(key, required=True) for key in _NEEDED}
    decision = top.choice("decision", tuple(Outcome))
    day = top.day("date")
    attested = top.flag("same_or_similar_specialty")
    of = top.text("answer")
    top.finish()
    if day is None and not any("'date'" in p.message for p in problems):
        top.problem("EV002", "'date' is missing", "add `date: YYYY-MM-DD`")
    if problems or day is None:
        remedy = "see docs/letters.md for the signature file"
        raise PolicyRejected(Problem(p.place, UNREADABLE, p.message, p.remedy or remedy) for p in problems)
    return Signature(
        name=needed["name"],
        role=needed["role"],
        credentials=needed["credentials"],
        licence=needed["licence"],
        licence_number=needed["licence_number"],
        licence_state=needed["licence_state"],
        specialty=needed["specialty"],
        day=day,
        decision=Outcome(decision),
        rationale=needed["rationale"],
        same_specialty=bool(attested),
        of=of,
        place=_whole(path, top),
    )


_NEEDED = (
    *("name", "role", "credentials", "licence", "licence_number", "licence_state", "specialty", "rationale"),
)  # fmt: skip


def _whole(path: Path, top: Section) -> Place:
    return Place(str(path), top.place.line, top.place.column)


def check_signature(
    signature: Signature,
    rules: PlanRules,
    *,
    allowed: tuple[Outcome, ...],
    answer: str = "",
    first: Signature | None = None,
    needs_attestation: bool = False,
) -> None:
    """Raise PolicyRejected (MP933, MP934) with every reason for which this person may not sign this letter.

    `allowed` are the decisions the letter can carry, `answer` the digest of the answer it is about, `first` who signed
    the decision under appeal.
    """
    problems = list(_refusals(signature, rules, allowed, answer, needs_attestation))
    if first is not None:
        problems += _conflicts(signature, first)
    if problems:
        raise PolicyRejected(problems)


def _refusals(
    signature: Signature, rules: PlanRules, allowed: tuple[Outcome, ...], answer: str, needs_attestation: bool
) -> list[Problem]:
    said: list[tuple[str, str]] = []
    if rules.signer_roles and signature.role.casefold() not in {role.casefold() for role in rules.signer_roles}:
        said.append((f"role '{signature.role}' may not sign", f"roles are {', '.join(rules.signer_roles)}"))
    if rules.signer_licences and signature.licence.upper() not in {x.upper() for x in rules.signer_licences}:
        said.append((f"licence '{signature.licence}' may not sign", f"licences are {', '.join(rules.signer_licences)}"))
    if signature.decision not in allowed:
        wanted = ", ".join(allowed)
        said.append((f"decision '{signature.decision}' is not this letter's", f"this letter takes {wanted}"))
    if signature.of and answer and signature.of != answer:
        said.append(("it was given for another answer", "sign the answer whose digest the receipt shows"))
    if needs_attestation and not signature.same_specialty:
        remedy = "let a person of the same or a similar specialty sign and say so: `same_or_similar_specialty: yes`"
        said.append(("it does not attest the same or a similar specialty", remedy))
    return [Problem(signature.place, NOT_ALLOWED, message, remedy) for message, remedy in said]


def _conflicts(signature: Signature, first: Signature) -> list[Problem]:
    same_name = _folded(signature.name) == _folded(first.name)
    same_licence = (signature.licence_state.upper(), _folded(signature.licence_number)) == (
        first.licence_state.upper(),
        _folded(first.licence_number),
    )
    problems = []
    if same_name or same_licence:
        message = f"{signature.name} signed the first decision too"
        problems.append(Problem(signature.place, SAME_PERSON, message, "let another person decide the appeal"))
    if signature.day < first.day:
        message = "the appeal is signed before the first decision"
        problems.append(Problem(signature.place, NOT_ALLOWED, message, "correct the dates"))
    return problems


def _folded(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())
