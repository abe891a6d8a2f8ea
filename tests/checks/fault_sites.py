"""Where each kind of fault can be put into the seed package, and how: a site is a list of edits."""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from checks.acceptance import LIBRARY, NUMBER, TODAY
from checks.packages import read_subject
from medpol.checks import RULES, check_subject
from medpol.checks.prose import figures, is_about_results, passages_on_results, sentences

Files = Mapping[str, str]
Edit = tuple[str, int, int, str]
"""File, offset, length, new text."""

RESULTS, STUDIES, APPRAISAL = "evidence/results.csv", "evidence/studies.yaml", "evidence/appraisal.yaml"
REFERENCES, GUIDELINES, VERSION = "evidence/references.yaml", "evidence/guidelines.yaml", "2025-07-01.yaml"
LUMBAR, LIST, SUMMARY = "text/evidence-lumbar.md", "text/references.md", "text/summary-of-evidence.md"


Sites = Callable[[Files, random.Random], Iterator[Sequence[Edit]]]

# numbers


def misprint(text: str, rng: random.Random) -> str:
    """A number as it gets misprinted: another digit, two swapped, one up or down at the last place; never the same."""
    digits = [at for at, letter in enumerate(text) if letter.isdigit()]
    while True:
        way, at = rng.choice(("digit", "swap", "step")), rng.choice(digits)
        new = list(text)
        if way == "digit":
            new[at] = rng.choice("123456789")
        elif way == "swap" and at + 1 in digits:
            new[at], new[at + 1] = new[at + 1], new[at]
        elif way == "step":
            new[digits[-1]] = str((int(new[digits[-1]]) + rng.choice((1, 9))) % 10)
        result = "".join(new)
        if float(result) != float(text) and not (result[0] == "0" and text[0] != "0"):
            return result


def cells(files: Files, *columns: str) -> Iterator[tuple[int, str, list[str]]]:
    """Offset and text of the filled cells of these columns of results.csv, with their row."""
    lines = files[RESULTS].splitlines(keepends=True)
    header = lines[0].strip().split(",")
    begin = len(lines[0])
    for line in lines[1:]:
        cells = line.rstrip("\n").split(",")
        at = begin
        for name, cell in zip(header, cells, strict=True):
            if name in columns and cell:
                yield at, cell, cells
            at += len(cell) + 1
        begin += len(line)


def result_numbers(*columns: str) -> Sites:
    def sites(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
        for at, cell, _ in cells(files, *columns):
            yield [(RESULTS, at, len(cell), misprint(cell, rng))]

    return sites


def result_choice(column: str, options: Sequence[str]) -> Sites:
    def sites(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
        for at, cell, _ in cells(files, column):
            yield [(RESULTS, at, len(cell), rng.choice([option for option in options if option != cell]))]

    return sites


def result_reference(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    keys = re.findall(r"(?m)^  ([\w-]+):$", files[REFERENCES])
    yield from result_choice("reference", keys)(files, rng)


def result_rule(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """Of rows with a percentage, where the rule is what it is of."""
    for at, cell, row in cells(files, "rule"):
        if row[7] and cell != "unstated":
            yield [(RESULTS, at, len(cell), rng.choice([r for r in ("failures", "completers") if r != cell]))]


def result_row_lost(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    begin = 0
    for at, line in enumerate(files[RESULTS].splitlines(keepends=True)):
        if at and re.search(r"\d", line.split(",", 5)[5]):
            yield [(RESULTS, begin, len(line), "")]
        begin += len(line)


def matches(name: str, pattern: str, new: Callable[[str, random.Random], str]) -> Sites:
    """Every match of a pattern's first group in a file, rewritten by `new`."""

    def sites(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
        for found in re.finditer(pattern, files[name]):
            yield [(name, found.start(1), len(found[1]), new(found[1], rng))]

    return sites


def one_of(*options: str) -> Callable[[str, random.Random], str]:
    return lambda old, rng: rng.choice([option for option in options if option != old])


def text_figures(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """Every figure of the prose on results, but for those of sentences that are reported as they are."""
    subject = read_subject(LIBRARY, NUMBER, TODAY)
    reported = {
        (report.finding.place.file, report.finding.place.line, report.finding.place.column)
        for report in check_subject(subject, [rule for rule in RULES if rule.CODE.startswith("NU")])
    }
    for section in subject.narrative.sections:
        name = f"text/{section.key}.md"
        starts = [0, *(found.end() for found in re.finditer("\n", files.get(name, "")))]
        for passage, _ in passages_on_results(section) if is_about_results(section) else ():
            for sentence in sentences(passage):
                first, last = sentence.at(0), sentence.at(len(sentence.text))
                if any(file == first.file and first.line == line and first.column <= column < last.column
                       for file, line, column in reported):  # fmt: skip
                    continue
                for figure in figures(sentence.text):
                    if figure.bound or figure.kind == "year":
                        continue
                    number = re.search(r"\.?\d[\d.]*", figure.text)
                    place = sentence.at(figure.start + number.start())
                    at = starts[place.line - 1] + place.column - 1
                    yield [(name, at, len(number[0]), misprint(number[0], rng))]


def results_table(files: Files) -> tuple[int, int]:
    """Where the rows of Table 1 stand."""
    text = files[LUMBAR]
    return text.index("| Pain (NRS)"), text.index("\\* MiDAS ENCORE: Evidence")


def table_numbers(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    begin, end = results_table(files)
    for found in re.finditer(
        r"\d{2}\.\d(?=\d\.\d)|(?<=\d\.\d)\d\.\d(?= \()|(?<![\d.])\d+(?:\.\d+)?(?![\d.])", files[LUMBAR][begin:end]
    ):
        yield [(LUMBAR, begin + found.start(), len(found[0]), misprint(found[0], rng))]


def table_marks(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    begin, end = results_table(files)
    for found in re.finditer(r"(?<=\d)(\*{0,2})(?= \|)", files[LUMBAR][begin:end]):
        yield [
            (LUMBAR, begin + found.start(), len(found[0]), rng.choice([m for m in ("", "*", "**") if m != found[0]]))
        ]


def limitation_keys(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """The keys that Tables 2 and 3 print."""
    for line in re.finditer(r"(?m)^\| (?:MiDAS ENCORE \(|Deer et al).*$", files[LUMBAR]):
        for found in re.finditer(r"(?<=\| )\d(?=[.,-])|(?<=\. )\d(?=\. [A-Z])|(?<=, )\d(?=\. [A-Z])", line[0]):
            yield [(LUMBAR, line.start() + found.start(), 1, rng.choice([k for k in "123456" if k != found[0]]))]


def limitation_rows(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    for line in re.finditer(r"(?m)^\| (?:MiDAS ENCORE \(|Deer et al).*\n", files[LUMBAR]):
        yield [(LUMBAR, line.start(), len(line[0]), "")]


def appraisal_keys(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    for found in re.finditer(r"\{key: (\d)", files[APPRAISAL]):
        yield [(APPRAISAL, found.start(1), 1, rng.choice([k for k in "12" if k != found[1]]))]


def appraisal_domains_lost(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    for found in re.finditer(
        r"(?m)^    \w+:(?: \[.*\]\n|\n(?: {6}- .*\n)+)", files[APPRAISAL].split("conclusions:")[0]
    ):
        yield [(APPRAISAL, found.start(), len(found[0]), "")]


# references


def other_letter(old: str, rng: random.Random) -> str:
    at = rng.randrange(len(old))
    return (
        old[:at]
        + rng.choice([letter for letter in "abcdefghiklmnoprstuvw" if letter != old[at].lower()])
        + old[at + 1 :]
    )


_LISTED = r"(?m)^\d+\. .*?"


def list_lines_twice(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """An entry printed a second time, with the next number, at the end."""
    text = files[LIST]
    for line in re.finditer(r"(?m)^\d+(\. .*)$", text):
        yield [(LIST, len(text), 0, f"19{line[1]}\n")]


def list_lines_lost(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """All but the last: a list that ends sooner is no fault of its own."""
    for line in list(re.finditer(r"(?m)^\d+\. .*\n", files[LIST]))[:-1]:
        yield [(LIST, line.start(), len(line[0]), "")]


def list_style(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """One entry in another style, of those that are in style."""
    for line in re.finditer(r"(?m)^(\d+)\. .*$", files[LIST]):
        ways = (r"PMID( )\d", r"( et al)\. ", r"\*(\.) [A-Z]", r"(PMID \d+)$", r"\d;( )\d")
        news = (": ", " et al", "", None, "")
        for way, new in zip(ways, news, strict=True):
            if (found := re.search(way, line[0])) and int(line[1]) < 17:
                old = found[1]
                edit = f"{old}." if new is None else new
                if way.startswith("( et"):
                    yield [(LIST, line.start() + found.start(1), len(old) + 1, edit)]
                else:
                    yield [(LIST, line.start() + found.start(1), len(old), edit)]


# conclusions and positions


def replaced(name: str, *pairs: tuple[str, str]) -> Sites:
    """Each of the pairs at every place where its first text stands."""

    def sites(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
        for old, new in pairs:
            for found in re.finditer(re.escape(old), files[name]):
                yield [(name, found.start(), len(old), new)]

    return sites


def in_texts(*pairs: tuple[str, str]) -> Sites:
    """The same in every file of the text."""

    def sites(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
        for name in files:
            if name.startswith("text/"):
                yield from replaced(name, *pairs)(files, rng)

    return sites


def code_misprint(old: str, rng: random.Random) -> str:
    """A code with another digit in its middle."""
    return old[0] + misprint(old[1:4], rng) + old[4]


# language


def _words_of_prose(files: Files, pattern: str) -> Iterator[tuple[str, int, str]]:
    """Matches of a pattern in running text: file, offset, text."""
    for name in files:
        if name.startswith(("text/evidence", "text/section", "text/summary", "text/background", "text/rationale")):
            for line in re.finditer(r"(?m)^[A-Z].{60,}$", files[name]):
                for found in re.finditer(pattern, line[0]):
                    yield name, line.start() + found.start(), found[0]


def abbreviation_misprint(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    """Two neighbouring letters of an abbreviation swapped."""
    for name, at, word in _words_of_prose(files, r"\b(?:ODI|CMM|MILD|RCT|MCID|IG-MLD|ESI)\b"):
        spot = rng.choice([i for i in range(len(word) - 1) if word[i] != word[i + 1] and word[i : i + 2].isalpha()])
        yield [(name, at, len(word), word[:spot] + word[spot + 1] + word[spot] + word[spot + 2 :])]


def word_twice(files: Files, rng: random.Random) -> Iterator[Sequence[Edit]]:
    for name, at, word in _words_of_prose(files, r"(?<= )(?:the|of|and|with|in|pain|group|patients)(?= )"):
        yield [(name, at, len(word), f"{word} {word}")]
