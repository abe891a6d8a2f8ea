"""No scores on the scale have a standard deviation beside a mean.

A scale bounds how far scores can spread: with a mean of 8 on a scale from 0 to 10 the standard deviation of many
patients cannot pass 4. And scores in whole points have standard deviations in steps. A deviation beyond either is a
standard error, a slip or another scale.

Source: GRIMMER, Anaya 2016 (PeerJ Preprints 4:e2400v1) and Allard 2018; Bhatia and Davis 2000, Am Math Monthly 107:353.

Bad:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,baseline,observed,50,,,45.2,60.1,,,,,,ash-2021,high,,

Good:

    evidence/results.csv
        study,arm,outcome,timepoint,rule,n,events,percent,mean,sd,change,ci_low,ci_high,p,versus,reference,confidence,as_printed,note
        ash,traction,ODI,baseline,observed,50,,,45.2,10.1,,,,,,ash-2021,high,,
"""

from collections.abc import Iterator

from medpol.checks.finding import Finding, Level
from medpol.checks.numbers.granularity import WHOLE_POINTS, deviation_possible, largest_deviation, possible_sums
from medpol.checks.subject import Subject
from medpol.evidence import INSTRUMENTS

CODE = "NU103"
LEVEL: Level = "warning"


def check(subject: Subject) -> Iterator[Finding]:
    for result in subject.evidence.results if subject.evidence else ():
        mean, sd, n = result.mean, result.sd, result.n or 0
        if subject.evidence is None or mean is None or sd is None or n < 2:
            continue
        scale = INSTRUMENTS.get(subject.evidence.outcome(result.outcome).instrument or "")
        if scale is None:
            continue
        most = largest_deviation(mean, n, scale.low, scale.high)
        if float(sd) > most * 1.005 + 0.005:  # the mean is rounded
            scores = f"{n} scores from {scale.low:g} to {scale.high:g} with a mean of {mean}"
            message = f"a standard deviation of {sd}: {scores} have {most:.1f} at most"
            yield Finding(result.place, message)
        elif scale.key in WHOLE_POINTS and possible_sums(mean, n) and not deviation_possible(mean, sd, n):
            yield Finding(
                result.place, f"no whole scores of {n} patients have a mean of {mean} and a deviation of {sd}"
            )
