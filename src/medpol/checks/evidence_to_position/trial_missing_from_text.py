"""A trial of the evidence is in no limitation table or in no paragraph.

The text counts three trials and describes two. What the third one found, and how far it can be trusted, the reader has
to guess.

Source: PRISMA 2020 items 17 and 18 (Page et al. 2021, BMJ 372:n71): each included study and its risk of bias.

Bad:

    text/evidence-adults.md
        # Traction

        Patients were assigned to traction or usual care.

Good:

    text/evidence-adults.md
        # Traction

        ASH assigned patients to traction or usual care.
"""

from collections.abc import Iterator

from medpol.checks.evidence_to_position.printed_keys import PrintedRow, printed_rows
from medpol.checks.finding import Finding, Level
from medpol.checks.prose import names_study, plain, surnames
from medpol.checks.subject import Subject
from medpol.evidence import Study
from medpol.model.narrative import Section

CODE = "EP104"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    evidence = subject.evidence
    for section in subject.narrative.sections:
        population = section.key.removeprefix("evidence-")
        if evidence is None or population == section.key or any("{{" in p.text for p in section.passages):
            continue
        rows = [row for row in printed_rows(subject) if row.section.key == section.key]
        for study in evidence.studies:
            if study.design != "rct" or study.population != population:
                continue
            missing = []
            if not _described(subject, section, study):
                missing.append("described in no paragraph")
            for table in dict.fromkeys(row.table for row in rows):
                if all(row.study is None or row.study.key != study.key for row in rows if row.table == table):
                    missing.append(f"without a row in the table of {table.replace('_', ' ')} limitations")
            if missing:
                where = next((row.where for row in rows if _lacks(missing, row)), (section.place,))
                message = f"{study.name} (rct) is {' and '.join(missing)}"
                yield Finding(where[0], message, related=(*where[1:], study.place))


def _lacks(missing: list[str], row: PrintedRow) -> bool:
    return any(row.table.replace("_", " ") in text for text in missing)


def _described(subject: Subject, section: Section, study: Study) -> bool:
    names = surnames(subject, study)
    for passage in section.passages:
        text = plain(passage.text)
        if names_study(text, study) or any(name in text.split() for name in names):
            return True
    return False
