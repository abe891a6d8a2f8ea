"""A text counts other trials, or other patients in them, than the evidence has.

"3 RCTs with a total of 478 individuals" is a sum over the studies; it goes wrong when a trial is added or a size put
right in one place only.

Source: arithmetic over studies.yaml.

Bad:

    text/evidence-adults.md
        # Traction

        There is 1 RCT with a total of 110 individuals.

Good:

    text/evidence-adults.md
        # Traction

        There is 1 RCT with a total of 100 individuals.
"""

import re
from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.prose import COUNT, count_of, is_about_results, passages_on_results, population_of, sentences
from medpol.checks.subject import Subject

CODE = "NU201"
LEVEL: Level = "warning"

_TOTAL = re.compile(
    rf"(?i)\b(?P<trials>{COUNT})\s+(?:\w+\s)?(?:RCTs?|randomi[sz]ed(?:,? controlled)? trials?)\s+"
    r"(?:with|of|including|in|on|that (?:included|enrolled))\s+(?P<total>a total of\s+)?(?P<people>\d[\d,]*)\s+"
    r"(?:patients|individuals|participants|people)"
)


def check(subject: Subject) -> Iterator[Finding]:
    for section in subject.narrative.sections:
        if subject.evidence is None or not is_about_results(section):
            continue
        population = population_of(section)
        trials = [s for s in subject.evidence.studies if s.design == "rct" and population in ("", s.population)]
        whole = sum(trial.randomized or 0 for trial in trials)
        if not trials or any(trial.randomized is None for trial in trials):
            continue
        for passage, _ in passages_on_results(section):
            for sentence in sentences(passage):
                for found in _TOTAL.finditer(sentence.text):
                    told, people = count_of(found["trials"]), int(found["people"].replace(",", ""))
                    if told == 1 and not found["total"]:
                        continue  # one trial among several
                    if (told, people) != (len(trials), whole):
                        message = f"{told} trials with {people} patients; the evidence has {len(trials)} with {whole}"
                        place = sentence.at(found.start())
                        yield Finding(place, message, related=tuple(trial.place for trial in trials))
