"""What goes into one publication, and the evidence cut to what a version could know."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from medpol.evidence import Evidence
from medpol.model.facts import DataDictionary
from medpol.model.narrative import Narrative
from medpol.model.policy import Policy, Version
from medpol.rendering.publication.theme import Theme


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All that goes into one publication. `titles` names the related policies; `plan` is the library's plan."""

    policy: Policy
    version: Version
    facts: DataDictionary
    theme: Theme
    evidence: Evidence | None = None
    narrative: Narrative = field(default_factory=Narrative)
    titles: Mapping[str, str] = field(default_factory=dict)
    plan: str = ""


def cut(evidence: Evidence, version: Version) -> Evidence:
    """The evidence in print, and concluded, by the version's literature date (else its effective date)."""
    day = literature_date(version)
    found = evidence.as_of(day)
    conclusions = tuple(c for c in found.appraisal.conclusions if c.decided is None or c.decided <= day)
    return replace(found, appraisal=replace(found.appraisal, conclusions=conclusions))


def literature_date(version: Version) -> date:
    """Up to when the literature was searched; the effective date where the version does not say."""
    text = version.literature_through
    full = {4: "-12-31", 7: "-28"}  # a year, a month: nothing later than its safe end is taken in
    try:
        return date.fromisoformat(text + full.get(len(text), ""))
    except ValueError:
        return version.effective
