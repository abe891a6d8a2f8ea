"""Single faults put into the seed package, and edits that are no faults: do the rules tell them apart?

    ../.venv/bin/python -m checks.mutations            # in tests/: every kind, precision and recall
    ../.venv/bin/python -m checks.mutations --missed   # and what was missed
    ../.venv/bin/python -m checks.mutations NU RE 77   # of some families, another draw

How they are drawn. Each kind of `mutants.KINDS` lists every site of the package where it can be done (every number of
results.csv, every figure of the sections that report results …); up to `EACH` of them are taken by a seeded random
draw, and the new value is drawn too (a digit changed, two digits swapped, one up or down). Nothing is taken out
afterwards. A number in a sentence that the unchanged package is already reported for is no site: it is faulty already.

A mutant is caught if a rule of the kind's families says something that it does not say of the unchanged package
(digits and places aside), at the changed entry or at an entry that still has what was changed (for a row of
results.csv: a number of that row); or if the changed file can no longer be loaded. A control is silent if no rule says
anything new.
"""

import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from checks.acceptance import LIBRARY, NUMBER, POLICY, TODAY, relative
from medpol.checks import RULES, Report, check_subject, subject_of
from medpol.loading import load_library
from medpol.problems import Place, PolicyRejected, Problem

EACH = 24
"""Mutants of a kind at most, so that no kind outweighs the others."""
SEED = 20250701


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """The package with some files changed. `lines` are the changed ones; a control has no families."""

    kind: str
    what: str
    files: Mapping[str, str]  # name → new content
    families: tuple[str, ...] = ()
    lines: Mapping[str, frozenset[int]] = field(default_factory=dict)
    traces: tuple[str, ...] = ()  # what was taken away: a finding may stand where it still is (patterns)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant: the reports that caught it (or broke the silence), or the problems on loading."""

    mutant: Mutant
    reports: tuple[Report, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def fired(self) -> bool:
        return bool(self.reports or self.problems)


def read_package() -> dict[str, str]:
    """The files of the policy by name."""
    paths = sorted(path for path in POLICY.rglob("*") if path.is_file())
    return {str(path.relative_to(POLICY)): path.read_text(encoding="utf-8") for path in paths}


class Bench:
    """A copy of the package in which mutants are tried one after another."""

    def __init__(self, families: Sequence[str]) -> None:
        self.folder = Path(tempfile.mkdtemp()) / "seed"
        shutil.copytree(LIBRARY, self.folder)
        self.policy = self.folder / "policies" / NUMBER
        self.files = read_package()
        self.rules = [rule for rule in RULES if rule.CODE.startswith(tuple(families))]
        reports, problems = self._reports(self.rules)
        assert not problems, problems
        self.before = Counter(map(_key, reports))
        self.slowest = 0.0

    def try_out(self, mutant: Mutant) -> Outcome:
        """Put a mutant in, run the rules of its families (of a control: all), take it out."""
        rules = [r for r in self.rules if not mutant.families or r.CODE.startswith(mutant.families)]
        for name, text in mutant.files.items():
            (self.policy / name).write_text(text, encoding="utf-8")
        try:
            reports, problems = self._reports(rules)
        finally:
            for name in mutant.files:
                if name in self.files:
                    (self.policy / name).write_text(self.files[name], encoding="utf-8")
                else:
                    (self.policy / name).unlink()
        new = self._new(reports)
        if mutant.families:
            new = [report for report in new if self._here(mutant, (report.finding.place, *report.finding.related))]
            problems = [problem for problem in problems if relative(problem.place) in mutant.files]
        return Outcome(mutant, tuple(new), tuple(problems))

    def _reports(self, rules: Iterable[object]) -> tuple[list[Report], list[Problem]]:
        problems: list[Problem] = []
        try:
            library = load_library(self.folder)
        except PolicyRejected as rejected:
            return [], list(rejected.problems)
        subject = subject_of(library, library.policies[NUMBER], TODAY, problems)
        begin = perf_counter()
        reports = sorted(set(check_subject(subject, rules)))
        self.slowest = max(getattr(self, "slowest", 0.0), perf_counter() - begin)
        return reports, [problem for problem in problems if problem.level == "error"]

    def _new(self, reports: Sequence[Report]) -> list[Report]:
        """Those whose rule says so, digits aside, more often than of the unchanged package."""
        now = Counter(map(_key, reports))
        return [report for report in reports if now[_key(report)] > self.before[_key(report)]]

    def _here(self, mutant: Mutant, places: Iterable[Place]) -> bool:
        return any(place.line in self._accepted(mutant, relative(place)) for place in places)

    def _accepted(self, mutant: Mutant, name: str) -> set[int]:
        text = mutant.files.get(name, self.files.get(name, ""))
        own = set(mutant.lines.get(name, ()))
        for trace in mutant.traces:
            token = re.compile(rf"(?<![\w.]){trace}(?![\w]|\.\d)")
            own |= {at for at, line in enumerate(text.splitlines(), 1) if token.search(line)}
        return {line for at in own for line in entry_lines(name, text, at)}


def entry_lines(name: str, text: str, line: int) -> range:
    """The lines of the entry that a line belongs to: a row, a paragraph or table, a key of YAML with what is in it."""
    lines = text.splitlines()
    line = min(line, len(lines))
    if name.endswith(".csv"):
        return range(line, line + 1)
    if name.endswith(".md"):
        begin = end = line
        while begin > 1 and lines[begin - 2].strip() and "|" in lines[begin - 1] and "|" in lines[begin - 2]:
            begin -= 1
        while end < len(lines) and "|" in lines[end - 1] and "|" in lines[end]:
            end += 1
        return range(begin, end + 1)
    begin = line
    while begin > 1 and not re.match(r"(?: {2}- | {2}[\w-]|\w)", lines[begin - 1]):
        begin -= 1
    end = line
    while end < len(lines) and not re.match(r"(?: {2}- | {2}[\w-]|\w)", lines[end]):
        end += 1
    return range(begin, end + 1)


def _key(report: Report) -> tuple[str, str, str]:
    return report.code, relative(report.finding.place), re.sub(r"\d+(?:\.\d+)?", "#", report.finding.message)


# the result


@dataclass(frozen=True, slots=True)
class Score:
    """Faults caught and controls disturbed."""

    outcomes: tuple[Outcome, ...]

    def part(self, *, faults: bool) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if bool(outcome.mutant.families) == faults]

    @property
    def recall(self) -> float:
        """Share of the faults that are caught."""
        faults = self.part(faults=True)
        return sum(outcome.fired for outcome in faults) / len(faults)

    @property
    def precision(self) -> float:
        """Share of what fires that is a fault."""
        fired = [outcome for outcome in self.outcomes if outcome.fired]
        return sum(bool(outcome.mutant.families) for outcome in fired) / len(fired)

    @property
    def silence(self) -> float:
        """Share of the controls of which nothing is said."""
        controls = self.part(faults=False)
        return sum(not outcome.fired for outcome in controls) / len(controls)


def run(mutants: Iterable[Mutant], families: Sequence[str]) -> tuple[Score, float]:
    """Try them all; the score and the longest time that the rules took."""
    bench = Bench(families)
    outcomes = tuple(bench.try_out(mutant) for mutant in mutants)
    shutil.rmtree(bench.folder.parent)
    return Score(outcomes), bench.slowest


def table(score: Score) -> Iterator[str]:
    """Recall and silence by kind."""
    kinds = dict.fromkeys(outcome.mutant.kind for outcome in score.outcomes)
    yield f"{'kind':34} {'tried':>6} {'by rule':>8} {'loading':>8} {'silent':>7}"
    for kind in kinds:
        own = [outcome for outcome in score.outcomes if outcome.mutant.kind == kind]
        ruled = sum(bool(outcome.reports) for outcome in own)
        loaded = sum(bool(outcome.problems) and not outcome.reports for outcome in own)
        yield f"{kind:34} {len(own):6} {ruled:8} {loaded:8} {len(own) - ruled - loaded:7}"


def main(arguments: Sequence[str]) -> None:
    from checks.mutants import KINDS, draw

    asked = [word for word in arguments if word.isalpha()]
    families = asked or sorted({family for kind in KINDS for family in kind.families})
    seed = next((int(word) for word in arguments if word.isdigit()), SEED)
    begin = perf_counter()
    score, slowest = run(draw(random.Random(seed), EACH, families), families)
    print("\n".join(table(score)))
    faults, controls = score.part(faults=True), score.part(faults=False)
    print(f"\n{len(faults)} faults, recall {score.recall:.1%}; {len(controls)} controls, silent {score.silence:.1%}; "
          f"precision {score.precision:.1%}")  # fmt: skip
    print(f"rules at most {slowest:.2f} s a package; {perf_counter() - begin:.0f} s in all")
    if "--missed" in arguments:
        for outcome in score.outcomes:
            if outcome.fired != bool(outcome.mutant.families):
                said = [
                    (r.code, relative(r.finding.place), r.finding.place.line, r.finding.message)
                    for r in outcome.reports
                ]
                print(outcome.mutant.kind, "|", outcome.mutant.what, "|", said, [str(p) for p in outcome.problems])


if __name__ == "__main__":
    main(sys.argv[1:])
