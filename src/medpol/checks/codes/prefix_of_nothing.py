"""A prefix or a range of diagnoses takes in no code.

No edition has a code that begins so, or that lies between the ends: a digit is wrong, and the codes that were meant
are not in the list.

Bad:

    version.yaml
        code_lists:
          pain: {system: icd-10-cm, codes: [M54.7*]}
        statements:
          - {id: pain, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: {diagnosis: {list: pain}}}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}

Good:

    version.yaml
        code_lists:
          pain: {system: icd-10-cm, codes: [M54.5*]}
        statements:
          - {id: pain, position: medically_necessary, population: adults, conclusion: insufficient, source: published, when: {diagnosis: {list: pain}}}
          - {id: otherwise, position: investigational, population: adults, conclusion: insufficient, source: published}
"""  # noqa: E501

from bisect import bisect_left
from collections.abc import Iterator

from medpol.checks.codes.listed import listed
from medpol.checks.finding import Finding, Level
from medpol.checks.subject import Subject

CODE = "CO107"
LEVEL: Level = "error"


def check(subject: Subject) -> Iterator[Finding]:
    """Against the codes of all editions that are here."""
    dated = subject.code_systems.dated["icd-10-cm"]
    for version in subject.policy.versions:
        for entry in listed(subject, version):
            if entry.single or entry.system != "icd-10-cm":
                continue
            codes = subject.once(("codes in order", entry.system), lambda: sorted(dated.periods))
            at = bisect_left(codes, entry.pattern.low)
            if (at == len(codes) or codes[at] > entry.pattern.high) and version.effective >= dated.covered_from:
                yield Finding(entry.place, f"no code of any edition lies in '{entry.pattern}' of {entry.where}")
