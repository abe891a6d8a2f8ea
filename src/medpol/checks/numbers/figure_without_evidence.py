"""A figure in the text is in no row of the evidence.

A number that is typed by hand drifts: the row is corrected and the sentence is not. Every percentage, mean, count of
patients, time and p of a section that reports results should be one of the evidence, best written as an expression
(`{{ responders('ASH', 'ODI', '1 y') }}`), which cannot drift. Figures like "over 80%" or "above 30" are not compared.

Source: statcheck for p, Nuijten et al. 2016, Behav Res Methods 48:1205; for the others, one number has one source.

Bad:

    text/evidence-adults.md
        # Traction

        At 1 year 61.0% of the traction group and 24.0% of the usual care group had improved (p<.001).

Good:

    text/evidence-adults.md
        # Traction

        At 1 year 60.0% of the traction group and 24.0% of the usual care group had improved (p<.001).
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.numbers.unrecorded import is_untried, unrecorded
from medpol.checks.subject import Subject

CODE = "NU202"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    for sentence, missing, recorded in unrecorded(subject):
        if not is_untried(missing, recorded):
            for figure in missing:
                yield Finding(sentence.at(figure.start), f"'{figure.text}' is in no row of the evidence")
