"""Edits of the seed package that are no faults: rewording, reordering, reformatting, additions that are right."""

import random
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from checks.fault_sites import (
    APPRAISAL,
    GUIDELINES,
    LIST,
    LUMBAR,
    REFERENCES,
    RESULTS,
    STUDIES,
    VERSION,
    Edit,
    Files,
    cells,
    results_table,
)


def consistent_percent(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """A responder more or less: another possible percentage, in the row and in the table."""
    begin, end = results_table(files)
    for at, cell, row in cells(files, "percent"):
        n = int(row[5] or 0)
        table = list(re.finditer(rf"(?<![\d.]){re.escape(cell)}(?!\d?%)", files[LUMBAR][begin:end]))
        if n and row[17] != "yes" and len(table) == 1:
            new = f"{100 * (round(float(cell) * n / 100) + rng.choice((-1, 1))) / n:.1f}"
            yield [(RESULTS, at, len(cell), new), (LUMBAR, begin + table[0].start(), len(cell), new)]


def consistent_mean(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """Another mean at baseline, in the row and in the table."""
    begin, end = results_table(files)
    for at, cell, row in cells(files, "mean"):
        pair = re.escape(f"{cell} ({row[9]})")
        table = list(re.finditer(rf"(?<![\d.]){pair}", files[LUMBAR][begin:end]))
        if row[9] and len(table) == 1:
            new = f"{float(cell) + rng.choice((-0.2, -0.1, 0.1, 0.2)):.1f}"
            yield [(RESULTS, at, len(cell), new), (LUMBAR, begin + table[0].start(), len(cell), new)]


WORDS = (
    ("mostly", "usually"), ("besides", "along with"), ("took in", "included"), ("came out", "appeared"),
    ("harm", "injury"), ("better", "more favorable"), ("rare", "infrequent"), ("sets out to", "aims to"),
    ("therapy", "treatment"),
    ("often have a part in it", "often contribute"), ("forbids", "rules out"), ("makes", "renders"), ("seen", "viewed"),
    ("meant to mirror", "meant to reflect"), ("alike", "as well"), ("chosen", "picked"), ("widely", "greatly"),
)  # fmt: skip


def reworded(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """A word for another of the same meaning, in running text (no references, codes, history, tables, keys)."""
    for name in files:
        if name.startswith("text/") and name not in (LIST, "text/codes.md", "text/history.md"):
            for line in re.finditer(r"(?m)^(?![|^#\\]).+$", files[name]):
                for old, new in WORDS:
                    for found in re.finditer(rf"\b{old}\b", line[0]):
                        yield [(name, line.start() + found.start(), len(old), new)]


def _paragraphs(files: Files) -> Iterator[tuple[str, int, str]]:
    """Paragraphs of running text: file, offset, text."""
    for name in files:
        if name.startswith("text/") and name not in (LIST, "text/codes.md", "text/history.md", "text/contact.md"):
            for found in re.finditer(r"(?m)^(?:[A-Z“]).{80,}[.]$", files[name]):
                if not re.match(r"[A-Z][\w-]+: |Table ", found[0]):
                    yield name, found.start(), found[0]


def sentences_swapped(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """Two neighbours that neither explain an abbreviation nor refer to the one before."""
    for name, at, text in _paragraphs(files):
        parts = re.split(r"(?<=[a-z)]\.) (?=[A-Z])", text)
        for first, second in pairwise(parts):
            begin = text.index(first)
            linked = re.match(
                r"(?:It|Its|They|Their|Yet|All|That|These|Those|This|In most|"
                r"The trial|The other|So|For example|Others?|Other designs|Some)\b",
                second,
            )
            if (
                not re.search(r"\([A-Z]{2,}\)|\([A-Z]{2,}[;,]", first + second)
                and not linked
                and re.search(r"[.]$", second)
            ):
                yield [(name, at + begin, len(first) + 1 + len(second), f"{second} {first}")]


def sentence_added(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """A true sentence at the end of a paragraph, without a figure or with one that the evidence has."""
    plain = ("More is known from practice than from trials.", "Opinions on this point differ among surgeons.",
             "The subject is still under debate.", "No further data were found on this point.")  # fmt: skip
    told = ("MiDAS ENCORE randomized 302 patients.", "In MOTION, 138 patients took part.",
            "In MiDAS ENCORE, 58.0% responded at 1 year after the procedure.",
            "MiDAS ENCORE took place in 26 centers.")  # fmt: skip
    for name, at, text in _paragraphs(files):
        yield [(name, at + len(text), 0, " " + rng.choice(plain))]
        if name == LUMBAR and "MiDAS" in text:
            yield [(name, at + len(text), 0, " " + rng.choice(told))]


def wrapped(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """A paragraph broken into lines at blanks."""
    for name, at, text in _paragraphs(files):
        blanks = [found.start() for found in re.finditer(r"(?<=[a-z]) (?=[a-z])", text)]
        taken = sorted(rng.sample(blanks, min(4, len(blanks))))
        yield [(name, at + blank, 1, "\n") for blank in taken]


def table_spaced(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    for name in (LUMBAR, "text/codes.md", "text/history.md"):
        for line in re.finditer(r"(?m)^\| .*$", files[name]):
            bars = [found.start() for found in re.finditer(r" \|", line[0])]
            yield [(name, line.start() + rng.choice(bars), 1, "   ")]


def rows_swapped(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """Two rows of results.csv that stand together."""
    lines = files[RESULTS].splitlines(keepends=True)
    begin = len(lines[0])
    for one, two in pairwise(lines[1:]):
        yield [(RESULTS, begin, len(one) + len(two), two + one)]
        begin += len(one)


def yaml_reformatted(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """A comment in capitals, a comment more, a quoted title, a blank line."""
    for name in (STUDIES, APPRAISAL, REFERENCES, GUIDELINES, VERSION, "policy.yaml"):
        text = files[name]
        for found in re.finditer(r"(?m)^# .*$", text):
            yield [(name, found.start(), len(found[0]), found[0].upper())]
        for found in list(re.finditer(r"(?m)^\w+:\n", text))[:3]:
            yield [(name, found.end(), 0, "  # in this order\n")]
        for found in list(re.finditer(r"(?m)^    (?:title|journal|label): ([A-Za-z][^\"':#{}]*)$", text))[:4]:
            yield [(name, found.start(1), len(found[1]), f'"{found[1]}"')]


def reference_added(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """A new publication in the list, in references.yaml and in the text."""
    for at, (name, offset, text) in enumerate(_paragraphs(files)):
        if not is_results_file(name):
            continue
        year, month = rng.choice((2019, 2020, 2021, 2024)), rng.choice(("Jan", "Mar", "Oct"))
        number = {"Jan": 1, "Mar": 3, "Oct": 10}[month]
        where = f"*Pain Pract*. {month} {year}; 21(4): 311-319. PMID 399{at:05}"
        entry = f"19. Newman AB. Walking after spinal procedures, part {at}. {where}\n"
        record = (
            f'  newman-{year}:\n    authors: [Newman AB]\n    title: "Walking after spinal procedures, part {at}"\n'
            f"    journal: Pain Pract\n    year: {year}\n    month: {number}\n    volume: 21\n    issue: 4\n"
            f"    pages: 311-319\n    pmid: 399{at:05}\n    printed_as: [19]\n"
        )
        told = f" Newman ({year}) describes how patients walk afterwards."
        yield [
            (name, offset + len(text), 0, told),
            (LIST, len(files[LIST]), 0, entry),
            (REFERENCES, len(files[REFERENCES]), 0, record),
        ]


def is_results_file(name: str) -> bool:
    return name.startswith(("text/evidence", "text/section-summary", "text/background", "text/practice"))


def study_added(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """A cohort with one result, a sentence on it and an entry of the list."""
    at = files[LUMBAR].index("### Systematic Review")
    for number in range(12):
        n = rng.randrange(40, 120)
        events = rng.randrange(10, n - 5)
        percent = f"{100 * events / n:.1f}"
        where = f"*Pain Pract*. Jan 2024; 24(1): 11-19. PMID 3990{number:04}"
        entry = f"19. Olson CD. A cohort after decompression, report {number}. {where}\n"
        record = (
            f'  olson-2024:\n    authors: [Olson CD]\n    title: "A cohort after decompression, report {number}"\n'
            f"    journal: Pain Pract\n    year: 2024\n    month: 1\n    volume: 24\n    issue: 1\n    pages: 11-19\n"
            f"    pmid: 3990{number:04}\n    printed_as: [19]\n"
        )
        study = (
            f"  olson-2024:\n    name: Olson 2024\n    design: cohort\n    population: lumbar\n    enrolled: {n}\n"
            "    references: [olson-2024]\n    arms:\n"
            "      mild: {label: image-guided minimally invasive lumbar decompression}\n"
        )
        row = f"olson-2024,mild,ODI,1 y,observed,{n},{events},{percent},,,,,,,,olson-2024,high,,\n"
        told = f"### Cohort Studies\n\nOlson (2024) followed {n} patients for 1 year; {percent}% had improved.\n\n"
        yield [
            (LUMBAR, at, 0, told),
            (LIST, len(files[LIST]), 0, entry),
            (REFERENCES, len(files[REFERENCES]), 0, record),
            (STUDIES, len(files[STUDIES]), 0, study),
            (RESULTS, len(files[RESULTS]), 0, row),
        ]


def changed_everywhere(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """A number of one meaning, changed wherever it stands."""
    for old, low, high in (
        ("16.1", 120, 190),
        ("2.0 points", 15, 29),
        ("38.7", 300, 600),
        ("302", 280, 320),
        ("1.3%", 10, 30),
    ):
        for _ in range(3):
            number = re.match(r"[\d.]+", old)[0]
            new = f"{rng.randrange(low, high) / 10:.1f}" if "." in number else number
            edits = []
            for name in (STUDIES, RESULTS, *(file for file in files if file.startswith("text/") and file != LIST)):
                pattern = {
                    "2.0 points": r"(?<=motion,cmm,ODI,1 y,unstated,,,,,,-)2\.0|\b2\.0(?= points)",
                    "1.3%": r"(?<=adverse-events,1 y,unstated,,,)1\.3|\b1\.3(?=%)",
                }.get(old, rf"(?<![\d.]){re.escape(number)}(?![\d.]*\d)")
                edits += [(name, f.start(), len(f[0]), new) for f in re.finditer(pattern, files[name])]
            if new != number:
                yield edits
