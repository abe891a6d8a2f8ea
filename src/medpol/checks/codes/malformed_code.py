"""A code does not have the form of its system.

A CPT code has five characters, a HCPCS code a letter and four digits, an ICD-10-CM code begins with a letter. A code
of another form matches no claim, so what it stands for is silently not governed.

Bad:

    version.yaml
        codes:
          - {system: cpt, code: "9701", role: traction}

Good:

    version.yaml
        codes:
          - {system: cpt, code: "97012", role: traction}
"""

import re
from collections.abc import Iterator
from datetime import date

from medpol.checks.codes.listed import listed
from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject
from medpol.model.code_systems import SHAPES, Kind
from medpol.model.policy import Version

CODE = "CO101"
LEVEL: Level = "error"
ICD_10 = date(2015, 10, 1)  # 45 CFR 162.1002(b) and (c): ICD-9-CM until the day before
_ICD_9 = re.compile(r"\d{3,5}|V\d{2,4}|E\d{3,4}")


def check(subject: Subject) -> Iterator[Finding]:
    """Single codes, and both ends of ranges; a prefix is a part of a code and not judged."""
    for version in subject.policy.versions:
        for entry in listed(subject, version):
            if entry.is_prefix:
                continue
            for code in dict.fromkeys((entry.pattern.low, entry.pattern.high.removesuffix("~"))):
                standing = subject.code_systems.standing(entry.system, code, version.effective)
                if standing.kind is Kind.MALFORMED and not _of_icd_9(entry.system, code, version):
                    fits = [name for name, shape in SHAPES.items() if re.fullmatch(shape, code) and len(code) > 3]
                    hint = f"; it has the form of {' or '.join(fits)}" if fits else ""
                    yield Finding(entry.place, f"'{code}' in {entry.where} is no {entry.system} code{hint}")


def _of_icd_9(system: str, code: str, version: Version) -> bool:
    """A diagnosis as it was coded when the version took effect."""
    return system == "icd-10-cm" and version.effective < ICD_10 and bool(_ICD_9.fullmatch(code))
