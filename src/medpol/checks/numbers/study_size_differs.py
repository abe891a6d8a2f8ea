"""A study has another size in the text than in the evidence.

"(N=302)" is the first thing a reader takes from a trial; a summary that gives another one than the body makes both
doubtful.

Source: the rule of a package that nothing is said twice.

Bad:

    text/summary-of-evidence.md
        The evidence is one trial, ASH (N=110).

Good:

    text/summary-of-evidence.md
        The evidence is one trial, ASH (N=100).
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.numbers.recorded import recorded
from medpol.checks.prose import figures, is_about_results, passages_on_results, population_of, sentences, studies_named
from medpol.checks.subject import Subject
from medpol.evidence import Study

CODE = "NU209"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    for section in subject.narrative.sections:
        if subject.evidence is None or not is_about_results(section):
            continue
        for passage, _ in passages_on_results(section):
            for sentence in sentences(passage):
                typed = [figure for figure in figures(sentence.text) if figure.kind == "size"]
                if not typed:
                    continue
                named = studies_named(sentence.text, subject.evidence)
                sizes = _sizes(subject, population_of(section), named if len(named) == len(typed) == 1 else [])
                for figure in typed if sizes else ():
                    if figure.value not in sizes:
                        known = ", ".join(map(str, sorted(sizes)))
                        places = tuple(study.place for study in named)
                        message = f"{figure.text}, but the evidence has {known}"
                        yield Finding(sentence.at(figure.start), message, related=places)


def _sizes(subject: Subject, population: str, named: list[Study]) -> frozenset[int]:
    own = {n for study in named for n in (study.randomized, study.enrolled) if n is not None}
    return frozenset(own) if own else recorded(subject, population).sizes
