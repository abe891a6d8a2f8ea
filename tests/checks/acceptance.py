"""What the rules find in the seed document, held against the hand audit of it.

    .venv/bin/python -m checks.acceptance > ../docs/rules-on-the-seed.md      (in tests/)

A finding reports a claim if its rule is of the claim's kind (`KINDS`) and its place, or a place it points to, lies on a
line that carries the claim (seed/audit.yaml). A consistent claim is raised by any finding of its subject's families on
those of its pieces, unless that finding reports another claim.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from checks.packages import read_subject
from medpol.checks import RULES, Report, check_subject, page_of
from medpol.problems import Place

HERE = Path(__file__).parent
LIBRARY = HERE / "seed"
NUMBER = "07.01.89"
POLICY = LIBRARY / "policies" / NUMBER
TODAY = date(2025, 12, 1)
"""In the life of the document: reviewed in July 2025, its next review not yet due."""

KINDS = {
    "N-arms": r"NU107",
    "fu69": r"NU208",
    "T1-2y-ZCQ-PF": r"NU101",
    "T1-2y-ZCQ-PS": r"NU101",
    "2y-denominator": r"NU111",
    "PS-change": r"NU105",
    "PS-baseN": r"NU106",
    "SS-N-grows": r"NU104",
    "AE13": r"NU101",
    "comorb": r"NU207|NU203",
    "motion-387": r"NU101",
    "dup-ref": r"RE101",
    "cite13": r"RE108",
    "uncited": r"RE110",
    "zhang": r"RE115|RE110",
    "motion2y": r"RE116",
    "ref6": r"RE104",
    "ref-style": r"RE103",
    "ref15": r"RE105",
    "mist-year": r"RE107",
    "brown-missing": r"EP104",
    "T3-blind2": r"EP106",
    "T3-itt": r"EP107",
    "T3-cross": r"EP107",
    "T3-power": r"EP108",
    "scope": r"ST\d+ narrow-objective",
    "guideline-conflict": r"EP109",
    "sr-low": r"EP109",
    "fn-star": r"ST\d+ .*(mark|note)",
    "fn-star2": r"ST\d+ .*(mark|note)",
    "split-table": r"(ST|LA)\d+ .*table",
    "split-table2": r"(ST|LA)\d+ .*table",
    "split-par": r"(ST|LA)\d+ .*(paragraph|split|conversion|full-stop)",
    "merge2y": r"(ST|LA|NU)\d+ .*(merge|conversion|run-together|cell)",
    "mergeN": r"(ST|LA|NU)\d+ .*(merge|conversion|run-together|cell)",
    "latex": r"LA\d+ conversion",
    "brackets": r"LA\d+ conversion",
    "igmd": r"LA\d+ abbreviation-misspelt",
    "names": r"LA\d+ name",
    "tech-names": r"LA\d+ (abbreviation-two|terms|name)",
    "nrs-name": r"LA\d+ name",
    "mcid-names": r"LA\d+ terms",
    "abbr-odi": r"LA\d+ abbreviation-before",
    "abbr-pico": r"LA\d+ abbreviation-undefined",
    "abbr-misc": r"LA\d+ abbreviation-(undefined|before)",
    "abbr-cmm": r"LA\d+ abbreviation-defined-again",
    "abbr-mild": r"LA\d+ abbreviation-defined-in-summary",
    "score-score": r"LA\d+ repeated",
    "sculpter": r"LA\d+ misspelling",
    "capI": r"LA\d+ capital",
    "clinical": r"LA\d+ adjective",
    "t2and3": r"LA\d+ (agreement|no-full-stop)",
    "primary-comma": r"LA\d+ missing-comma",
    "data-was": r"LA\d+ agreement",
    "code-punct": r"(LA|CO)\d+ punctuation",
    "hist-first": r"ST\d+ .*(history|adoption|original)",
    "hist-2015": r"ST\d+ .*(history|review)",
    "hist-2022": r"ST\d+ .*(history|review)",
    "hist-moved": r"ST\d+ .*(history|original|content|moved|taken)",
    "related": r"ST\d+ .*(empty|section)",
    "ongoing": r"ST\d+ .*(empty|section|trial|table)",
    "dup-par": r"(ST|LA)\d+ .*(duplicate|repeated|paragraph|twice)",
}  # fmt: skip
"""The rules (code and name) that say what a claim of the audit says."""

SUBJECTS = (
    ("T1", ("NU101", "NU102", "NU103", "NU108", "NU113", "NU2")),  # GRIM and p of a pair of cells, not the course of n
    ("N- fu CI esi wd base sr-odi sr-ten sr-range chou summary-dup", ("NU",)),
    ("dup-ref cite uncited zhang ref pmid nct dates-ref mist chou", ("RE",)),
    ("T2 T3 brown scope conclusion cerv guideline sr-low", ("EP",)),
    ("fn split dates-head hist related ongoing dup-par", ("ST",)),
)
"""Families (or codes) by how a claim's name begins: what a consistent claim may not be raised by."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim of the audit; `carriers` are the lines of each file, `spans` the columns of a piece on its first line."""

    name: str
    verdict: str
    carriers: Mapping[str, frozenset[int]]
    spans: tuple[tuple[str, int, int, int], ...]

    def carries(self, place: Place) -> bool:
        return place.line in self.carriers.get(relative(place), ())

    def holds(self, place: Place) -> bool:
        """On a piece itself; in a file of data, on its line."""
        for file, line, begin, end in self.spans:
            if (
                relative(place) == file
                and place.line == line
                and (not file.endswith(".md") or begin <= place.column < end)
            ):
                return True
        return False


def relative(place: Place) -> str:
    return place.file.rsplit(f"{NUMBER}/", 1)[-1]


def claims() -> tuple[Claim, ...]:
    audit = yaml.safe_load((LIBRARY / "audit.yaml").read_text(encoding="utf-8"))["claims"]
    return tuple(_claim(name, entry) for name, entry in audit.items())


def _claim(name: str, entry: Mapping[str, object]) -> Claim:
    carriers: dict[str, set[int]] = {}
    spans = []
    for file, pieces in entry["where"].items():
        text = (POLICY / file).read_text(encoding="utf-8")
        for piece in pieces:
            at = text.index(piece)
            line = text.count("\n", 0, at) + 1
            column = at - (text.rfind("\n", 0, at) + 1) + 1
            carriers.setdefault(file, set()).update(range(line, line + piece.count("\n") + 1))
            spans.append((file, line, column, column + len(piece.split("\n")[0])))
    return Claim(name, entry["verdict"], {file: frozenset(lines) for file, lines in carriers.items()}, tuple(spans))


def reports() -> list[Report]:
    return sorted(set(check_subject(read_subject(LIBRARY, NUMBER, TODAY))))


NAMES = {rule.CODE: f"{rule.CODE} {page_of(rule).name}" for rule in RULES}


def reported_by(claim: Claim, found: list[Report]) -> list[Report]:
    """The findings that say what the claim says."""
    kind = KINDS.get(claim.name)
    if kind is None:
        return []
    return [
        report
        for report in found
        if re.match(rf"(?:{kind})", NAMES[report.code])
        and any(claim.carries(place) for place in (report.finding.place, *report.finding.related))
    ]


def raised_by(claim: Claim, found: list[Report], explained: set[Report]) -> list[Report]:
    """The findings that cast doubt on a consistent claim."""
    families = tuple(f for begins, f in SUBJECTS if claim.name.startswith(tuple(begins.split())) for f in f)
    return [
        r for r in found if r.code.startswith(families or "?") and claim.holds(r.finding.place) and r not in explained
    ]


def explained(found: list[Report]) -> set[Report]:
    """The findings that report a defect, a question or another remark of the audit."""
    return {report for claim in claims() if claim.verdict != "consistent" for report in reported_by(claim, found)}


# the page


def page() -> Iterator[str]:
    found, known = reports(), claims()
    told = explained(found)
    defects = [claim for claim in known if claim.verdict == "defect"]
    questions = [claim for claim in known if claim.verdict == "question"]
    seen = [claim for claim in defects if reported_by(claim, found)]
    asked = [claim for claim in questions if reported_by(claim, found)]
    raised = [claim for claim in known if claim.verdict == "consistent" and raised_by(claim, found, told)]
    consistent = sum(claim.verdict == "consistent" for claim in known)
    yield from (
        "# The rules on the seed document",
        "",
        "Generated by `python -m checks.acceptance` (in `tests/`); do not edit. The document of July 2025 was audited",
        "by hand, a hundred claims; `tests/checks/seed` is that document as a package, defects and all. A rule reports",
        "a defect when it is of that kind and points at a line that carries it.",
        "",
        f"- {len(seen)} of {len(defects)} defects are reported.",
        f"- {len(raised)} of {consistent} consistent claims are raised.",
        f"- {len(asked)} of {len(questions)} questions for an editor are asked.",
        f"- {len([r for r in found if r not in told])} findings beyond the audit are listed at the end.",
        "",
    )
    for title, members in (("Defects", defects), ("Questions", questions)):
        yield from ("", f"## {title}", "", "| claim | rule | place | finding |", "|---|---|---|---|")
        for claim in members:
            rows = reported_by(claim, found)
            yield from ([_row(claim.name, rows[0], len(rows))] if rows else [f"| {claim.name} | not found | | |"])
    yield from ("", "## Beyond the audit", "", "| rule | level | place | finding |", "|---|---|---|---|")
    for report in found:
        if report not in told:
            where, what = _where(report.finding.place), _cell(report.finding.message)
            yield f"| {report.code} | {report.level} | {where} | {what} |"


def _row(name: str, report: Report, count: int) -> str:
    more = f" (and {count - 1} more)" if count > 1 else ""
    return f"| {name} | {report.code} | {_where(report.finding.place)} | {_cell(report.finding.message)}{more} |"


def _where(place: Place) -> str:
    return f"{relative(place)}:{place.line}"


def _cell(text: str) -> str:
    short = text if len(text) < 160 else text[:157] + "…"
    return short.replace("|", "\\|").replace("*", "\\*").replace("\n", " ")


if __name__ == "__main__":
    print("\n".join(page()))
