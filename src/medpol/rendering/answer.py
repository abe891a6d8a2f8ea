"""A determination as JSON: the one shape in which every face gives an answer."""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256

import orjson

from medpol.model.criteria import LEAVES, Criterion
from medpol.model.determination import Determination, Finding, StatementFinding
from medpol.model.facts import DataDictionary
from medpol.model.truth import Truth
from medpol.rendering.english import criterion_text

TRUTH_WORDS = {Truth.NO: "no", Truth.UNKNOWN: "unknown", Truth.YES: "yes"}


class AnswerWriter:
    """Writes determinations as JSON. Keeps the English of each criterion, which is the same in every answer."""

    def __init__(self, facts: DataDictionary) -> None:
        self._facts = facts
        self._english: dict[int, tuple[Criterion, str]] = {}

    def as_json(self, d: Determination) -> dict[str, object]:
        """The answer; its receipt carries the SHA-256 of everything else in it (keys sorted, no white space)."""
        answer = self._body(d)
        if d.receipt is not None:
            answer["receipt"] = {
                "request": d.receipt.request,
                "library": d.receipt.library,
                "engine": d.receipt.engine,
                "as_of": d.receipt.as_of.isoformat() if d.receipt.as_of else None,
                "known_on": d.receipt.known_on.isoformat() if d.receipt.known_on else None,
                "answer": sha256(canonical(answer)).hexdigest(),
            }
        return answer

    def _body(self, d: Determination) -> dict[str, object]:
        return {
            "request": d.request,
            "state": d.state.value,
            "position": d.position.value if d.position else None,
            "wording": d.wording or None,
            "layer": d.layer or None,
            "policy": d.policy or None,
            "version": d.version or None,
            "statement": d.statement or None,
            "reason": d.reason,
            "final": d.final,
            "needs_signature": d.needs_signature,
            "note": d.note or None,
            "delegate": d.delegate or None,
            "missing": [
                {
                    "fact": m.fact,
                    "question": m.question,
                    "type": m.type,
                    "unit": m.unit or None,
                    "source": m.source,
                    "found_in": dict(m.found_in),
                }
                for m in d.missing
            ],
            "shortest": list(d.shortest),
            "review": list(d.review),
            "findings": {"statements": [self._statement(s) for s in d.statements]},
            "grants": dict(d.grants),
            "flags": [
                {"policy": f.policy, "id": f.id, "kind": f.kind, "says": f.says, "source": f.source} for f in d.flags
            ],
            "conflicts": [{"layer": c.layer, "policies": list(c.policies)} for c in d.conflicts],
            "citations": [
                {
                    "policy": c.policy,
                    "version": c.version,
                    "statement": c.statement,
                    "title": c.title,
                    "section": c.section or None,
                    "address": c.address or None,
                    "date": c.date or None,
                    "confidence": c.confidence or None,
                }
                for c in d.citations
            ],
            "assumed": dict(d.assumed),
        }

    def _statement(self, s: StatementFinding) -> dict[str, object]:
        return {
            "layer": s.layer,
            "policy": s.policy,
            "version": s.version or None,
            "statement": s.statement,
            "position": s.position.value if s.position else None,
            "truth": TRUTH_WORDS[s.truth],
            "finding": self._finding(s.finding) if s.finding else None,
        }

    def _finding(self, finding: Finding) -> dict[str, object]:
        result: dict[str, object] = {"truth": TRUTH_WORDS[finding.truth], "criterion": self._text(finding.criterion)}
        if isinstance(finding.criterion, LEAVES):
            result["seen"] = seen(finding.seen)
        else:
            result["because"] = [self._finding(member) for member in finding.because]
        return result

    def _text(self, criterion: Criterion) -> str:
        """The English of a leaf or, for a group, of the group as a whole; kept by identity."""
        kept = self._english.get(id(criterion))
        if kept is None or kept[0] is not criterion:
            kept = self._english[id(criterion)] = (criterion, criterion_text(criterion, self._facts))
        return kept[1]


def seen(value: object) -> object:
    """A seen value as JSON."""
    match value:
        case frozenset():
            return sorted(value)
        case date():
            return value.isoformat()
        case _:
            return value


def canonical(answer: Mapping[str, object]) -> bytes:
    """The bytes a digest is made of: keys sorted, no white space, UTF-8."""
    return orjson.dumps(answer, option=orjson.OPT_SORT_KEYS)
