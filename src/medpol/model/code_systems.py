"""Code systems: what a code looks like, and on which days it could be billed.

Shapes (upper case, without dots, hyphens and blanks) and where they are said:

- CPT: five digits (category I); four digits and F (II), T (III), U (laboratory analyses), M (multianalyte assays),
  A (immunization administration). AMA, "CPT overview and code approval".
- HCPCS level II: a letter A to V and four digits. CMS, "Healthcare Common Procedure Coding System level II coding
  procedures". CDT codes are D and four digits (ADA).
- ICD-10-CM: a letter, a digit or A, then one to five letters or digits: every code of the editions bundled here.
- ICD-10-PCS: seven digits or letters but I and O. CMS, "ICD-10-PCS official guidelines", A1 and A2.
- NDC: eleven digits as in claims, ten as on the package. 45 CFR 162.1002; 21 CFR 207.33.
- Revenue codes: four digits; type of bill: four digits and letters with a leading 0; MS-DRG: three digits. NUBC
  data elements, as CMS repeats them in the Medicare Claims Processing Manual, chapter 25, section 75.
- Modifiers: two letters or digits. LOINC: digits, the last the check digit (LOINC users' guide). ClinicalTrials.gov:
  NCT and eight digits.
- Place of service: two digits. Provider taxonomy: ten digits and letters, the last X (NUCC). SNOMED CT identifiers:
  6 to 18 digits (release file specification, 6.2).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from medpol.model.codes import normal
from medpol.model.truth import Truth

SHAPES: Mapping[str, str] = MappingProxyType(
    {
        "cpt": r"[0-9]{5}|[0-9]{4}[AFMTU]",
        "hcpcs": r"[A-V][0-9]{4}",
        "cdt": r"D[0-9]{4}",
        "icd-10-cm": r"[A-Z][0-9A][0-9A-Z]{1,5}",
        "icd-10-pcs": r"[0-9A-HJ-NP-Z]{7}",
        "place-of-service": r"[0-9]{2}",
        "modifier": r"[0-9A-Z]{2}",
        "revenue": r"[0-9]{4}",
        "bill-type": r"0[0-9][0-9A-Z]{2}",
        "ms-drg": r"[0-9]{3}",
        "ndc": r"[0-9]{10,11}",
        "loinc": r"[0-9]{2,8}",
        "provider-taxonomy": r"[0-9]{3}[0-9A-Z]{6}X",
        "snomed-ct": r"[0-9]{6,18}",
        "clinicaltrials.gov": r"NCT[0-9]{8}",
    }
)
"""What a code of each system looks like in normal form, without hyphens: patterns that Python and DuckDB both read."""

_ALSO = {
    "icd10cm": "icd-10-cm",
    "icd10": "icd-10-cm",
    "icd10pcs": "icd-10-pcs",
    "hcpcsii": "hcpcs",
    "pos": "place-of-service",
    "placeofservice": "place-of-service",
    "rev": "revenue",
    "revenuecode": "revenue",
    "billtype": "bill-type",
    "typeofbill": "bill-type",
    "msdrg": "ms-drg",
    "drg": "ms-drg",
    "snomed": "snomed-ct",
    "nct": "clinicaltrials.gov",
    "clinicaltrials": "clinicaltrials.gov",
}


class Kind(StrEnum):
    """How a code stands on a day."""

    VALID = "valid"
    MALFORMED = "malformed"
    NOT_YET_VALID = "not yet valid"
    RETIRED = "retired"
    CATEGORY = "category, not billable"
    NOT_LISTED = "not listed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a code stands on a day: NO is malformed, retired, not yet valid, a category or in no edition; UNKNOWN is
    a system without a list here, or a day of which no edition is here. `day` is the first valid or first retired
    day where `kind` has one; `note` says why a standing is not known."""

    kind: Kind
    truth: Truth
    day: date | None = None
    note: str = ""

    def __str__(self) -> str:
        """`retired since 2020-10-01`, `not yet valid until 2022-04-01`, `malformed`, `unknown: …`."""
        if self.day is not None:
            return f"{self.kind} {'since' if self.kind is Kind.RETIRED else 'until'} {self.day}"
        return f"{self.kind}: {self.note}" if self.note else str(self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedCodes:
    """A code system by its editions. `periods` gives for a code its first and last valid day, each None where it is
    not known to have one; `covered_from` and `covered_until` (None: no later edition is known) the days of which an
    edition is here. Codes and days are compared as they are: codes in normal form."""

    periods: Mapping[str, tuple[date | None, date | None]]
    covered_from: date
    covered_until: date | None
    categories: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        beginnings = frozenset(code[:end] for code in self.periods for end in range(3, len(code)))
        object.__setattr__(self, "categories", beginnings)

    def standing(self, code: str, day: date) -> Standing:
        """A retired code stays retired on days after the last edition: none ever came back. One that was valid in
        the last edition may since have been retired, and one in no edition may be new: both are unknown then."""
        if day < self.covered_from:
            return _unknown(f"no edition of before {self.covered_from} is here")
        late = self.covered_until is not None and day > self.covered_until
        first, last = self.periods.get(code, (None, None))
        if last is not None and day > last:
            return Standing(kind=Kind.RETIRED, truth=Truth.NO, day=last + timedelta(days=1))
        if late:
            return _unknown(f"no edition of after {self.covered_until} is here")
        if code in self.categories and (code not in self.periods or (first is not None and day < first)):
            return Standing(kind=Kind.CATEGORY, truth=Truth.NO)
        if code not in self.periods:
            return Standing(kind=Kind.NOT_LISTED, truth=Truth.NO)
        if first is not None and day < first:
            return Standing(kind=Kind.NOT_YET_VALID, truth=Truth.NO, day=first)
        return Standing(kind=Kind.VALID, truth=Truth.YES)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSystems:
    """Shapes of many systems, and the editions of those whose lists are public. `names` are short names of codes,
    by system, where there are any."""

    dated: Mapping[str, DatedCodes] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def valid_on(self, system: str, code: str, day: date) -> Truth:
        """YES: billable on that day. NO: malformed, retired, not yet valid, a category, or in no edition. UNKNOWN: the
        system's list or the day's edition is not here."""
        return self.standing(system, code, day).truth

    def standing(self, system: str, code: str, day: date) -> Standing:
        """The same with the reason. Systems and codes may be written in any usual way: `ICD-10-CM`, `m48.061`."""
        known = system_named(system)
        if known not in SHAPES:
            return _unknown(f"no rules for the code system '{system}' are here")
        compact = normal(code).replace("-", "")
        if not re.fullmatch(SHAPES[known], compact):
            return Standing(kind=Kind.MALFORMED, truth=Truth.NO)
        if known not in self.dated:
            return _unknown(f"the list of {known} codes is not here")
        return self.dated[known].standing(compact, day)


@lru_cache(maxsize=256)
def system_named(system: str) -> str:
    """The name under which SHAPES has a system, however it is written; else the text in lower case."""
    lower = system.strip().lower().replace("_", "-").replace(" ", "-")
    return _ALSO.get(lower.replace("-", ""), lower)


def _unknown(note: str) -> Standing:
    return Standing(kind=Kind.UNKNOWN, truth=Truth.UNKNOWN, note=note)
