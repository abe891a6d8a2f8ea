"""A share of all participants is the share of one arm.

"Data were available for 69% of participants" reads as 69% of all who were randomized. Where only one arm was followed,
it is 69% of that arm's treated patients and far less of the trial.

Source: CONSORT 2010 item 13b, Schulz et al. 2010, BMJ 340:c332 (losses for each group).

Bad:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,percent,reference
        ash,traction,ODI,2 y,completers,40,70,cedar-2024
    text/evidence-adults.md
        # Traction

        ASH followed 80% of participants to 2 years.

Good:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,percent,reference
        ash,traction,ODI,2 y,completers,40,70,cedar-2024
    text/evidence-adults.md
        # Traction

        ASH followed 80% of the traction group to 2 years.
"""

import re
from collections.abc import Iterator
from decimal import Decimal

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import is_about_results, sentences, studies_named
from medpol.checks.subject import Subject
from medpol.evidence import Evidence, Result, Study

CODE = "NU208"
LEVEL: Level = "warning"
_SHARE = re.compile(
    r"(?i)(\d+(?:\.\d+)?)\s*%\s+of\s+(?:all\s+|the\s+|study\s+|trial\s+)*(?:participants|patients|individuals|subjects)\b"
)


def check(subject: Subject) -> Iterator[Finding]:
    for section in subject.narrative.sections:
        if subject.evidence is None or not is_about_results(section):
            continue
        studies: list[Study] = []
        for passage in section.passages:
            for sentence in sentences(passage):
                studies = studies_named(sentence.text, subject.evidence) or studies
                found = _SHARE.search(sentence.text)
                if found and re.search(r"(?i)\bfollow|available|at hand|completed|remained", sentence.text):
                    for message, row in _only_one_arm(Decimal(found[1]), studies, subject.evidence):
                        yield Finding(sentence.at(found.start()), message, related=(row.place,))


def _only_one_arm(share: Decimal, studies: list[Study], evidence: Evidence) -> Iterator[tuple[str, Result]]:
    for study in studies:
        rows = [r for r in evidence.results if r.study == study.key and r.n is not None and r.rule == "completers"]
        whole = study.randomized
        if not rows or not whole or any(_rounds(_followed(rows, r.timepoint), whole, share) for r in rows):
            continue
        for row in rows:
            base = study.arm(row.arm).treated or study.arm(row.arm).randomized
            if base and row.n and _rounds(row.n, base, share):
                all_of = Decimal(100 * _followed(rows, row.timepoint)) / whole
                yield f"{share}% is {row.n} of the {base} of '{row.arm}'; of all {whole} it is {all_of:.0f}%", row
                break


def _followed(rows: list[Result], time: str) -> int:
    """Patients seen at a time: of each arm, the largest n of its outcomes."""
    arms = {row.arm for row in rows if row.timepoint == time}
    return sum(max(row.n or 0 for row in rows if row.arm == arm and row.timepoint == time) for arm in arms)


def _rounds(part: int, whole: int, share: Decimal) -> bool:
    step = Decimal(1).scaleb(int(share.as_tuple().exponent)) / 2
    return abs(Decimal(100 * part) / whole - share) <= step
