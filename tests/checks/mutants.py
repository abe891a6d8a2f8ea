"""The kinds of mutants of the seed package. See `mutations.py` for what is made of them.

A kind yields one mutant for each of its sites; `draw` takes some of them. A new kind is a function and a
line of `KINDS`.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from checks import control_sites as control
from checks import fault_sites as fault
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
    Sites,
    in_texts,
    matches,
    misprint,
    one_of,
    replaced,
    result_choice,
    result_numbers,
)
from checks.mutations import Mutant, read_package


@dataclass(frozen=True, slots=True)
class Kind:
    """`sites` gives every place for it, each with an edit drawn by the generator; no families: a control."""

    name: str
    families: tuple[str, ...]
    sites: Sites
    traces: tuple[str, ...] = ()  # patterns of where else it shows


def draw(rng: random.Random, each: int, families: Sequence[str]) -> list[Mutant]:
    """Up to `each` mutants of every kind that one of the families answers for, and of every control."""
    files = read_package()
    chosen = []
    for kind in KINDS:
        if kind.families and not set(kind.families) & set(families):
            continue
        found = [_mutant(kind, files, edits) for edits in kind.sites(files, rng)]
        chosen += rng.sample(found, min(each, len(found)))
    return chosen


def _mutant(kind: Kind, files: Files, edits: Sequence[Edit]) -> Mutant:
    changed: dict[str, str] = {}
    lines: dict[str, set[int]] = {}
    for name, at, length, new in sorted(edits, key=lambda edit: edit[1], reverse=True):
        text = changed.get(name, files.get(name, ""))
        changed[name] = text[:at] + new + text[at + length :]
        lines.setdefault(name, set()).add(text.count("\n", 0, at) + 1)
    name, at, length, new = edits[0]
    old = files.get(name, "")[at : at + length]
    if length and not new:  # what stood around a lost line
        lines[name] |= {line + step for line in lines[name] for step in (-1, 1) if line + step > 0}
    return Mutant(
        kind=kind.name,
        what=f"{name}:{files.get(name, '').count(chr(10), 0, at) + 1} '{old[:60]}' → '{new[:60]}'",
        files=changed,
        families=kind.families,
        lines={file: frozenset(found) for file, found in lines.items()},
        traces=(*_traces(files, name, at, old), *kind.traces),
    )


def _traces(files: Files, name: str, at: int, old: str) -> list[str]:
    """The old value; of a row of results.csv its numbers (of two digits and more)."""
    if name == RESULTS:
        begin, end = files[name].rfind("\n", 0, at) + 1, files[name].index("\n", at)
        return [re.escape(number) for number in re.findall(r"(?<=,)-?(\d+\.\d+|\d{2,})(?=,)", files[name][begin:end])]
    return [re.escape(old)] if old and "\n" not in old and len(old) < 40 else []


KINDS = (
    Kind("a percentage of results.csv", ("NU",), result_numbers("percent")),
    Kind("an n of results.csv", ("NU",), result_numbers("n")),
    Kind("a mean or deviation of results.csv", ("NU",), result_numbers("mean", "sd")),
    Kind("a change or interval of results.csv", ("NU",), result_numbers("change", "ci_low", "ci_high")),
    Kind("a p of results.csv", ("NU",), result_choice("p", ("<.001", "=.001", "<.01", ">.05", "=.04", "NS"))),
    Kind("the rule of a rate", ("NU",), fault.result_rule),
    Kind("the arm compared with", ("NU",), result_choice("versus", ("mild", "esi", "mild-cmm", "cmm"))),
    Kind("the timepoint of a row", ("NU",), result_choice("timepoint", ("baseline", "6 mo", "1 y", "2 y"))),
    Kind("the outcome of a row", ("NU",), result_choice("outcome", ("NRS", "ODI", "ZCQ-SS", "ZCQ-PF", "ZCQ-PS"))),
    Kind("the reference of a row", ("NU", "RE"), fault.result_reference),
    Kind("a row of results.csv lost", ("NU",), fault.result_row_lost),
    Kind(
        "patients of a study",
        ("NU",),
        matches(STUDIES, r"(?:randomized|treated|withdrew_before|sites): (\d+)", misprint),
    ),
    Kind("a figure in the prose", ("NU",), fault.text_figures),
    Kind("a number in Table 1", ("NU",), fault.table_numbers),
    Kind("a mark in Table 1", ("NU",), fault.table_marks),
    Kind(
        "a p of the legend",
        ("NU",),
        matches(LUMBAR, r"\n(?:\\\*)+ p([<=]\.001)", one_of("<.001", "=.001", "<.01", "<.05", "=.03")),
    ),
    Kind("the PMID of an entry", ("RE",), matches(LIST, r"PMID:? (\d+)", misprint)),
    Kind(
        "year, volume or pages of an entry",
        ("RE",),
        matches(LIST, r"(?:\* ?\.? ?|[A-Z][a-z]{2} (?:\d\d )?|; ?\d+\(\d+\): ?)(\d{2,4})(?=[;(, -])", misprint),
    ),
    Kind("a letter of an entry", ("RE",), matches(LIST, r"(?m)^\d+\. ([A-Z][a-z]+) ", fault.other_letter)),
    Kind(
        "a field of references.yaml", ("RE",), matches(REFERENCES, r"(?:year|volume|issue|pmid|month): (\d+)", misprint)
    ),
    Kind("a letter of references.yaml", ("RE",), matches(REFERENCES, r"title: \"?\w+ ([a-z]{4,})", fault.other_letter)),
    Kind("an entry printed twice", ("RE",), fault.list_lines_twice),
    Kind("an entry of the list lost", ("RE",), fault.list_lines_lost),
    Kind("an entry in another style", ("RE",), fault.list_style),
    Kind(
        "the year of a citation",
        ("RE",),
        matches(LUMBAR, r"(?:[A-Z]\w+ \(|et al \(|, |during |out in )((?:19|20)\d\d)(?=[,.) ])", misprint),
    ),
    Kind(
        "the year of a citation (background)", ("RE",), matches("text/background.md", r"\(((?:19|20)\d\d)\)", misprint)
    ),
    Kind("the year of a guideline", ("RE",), matches(GUIDELINES, r"year: (\d+)", misprint)),
    Kind("a trial number in the text", ("RE",), matches(LUMBAR, r"(?<=NCT)(\d{8})", misprint)),
    Kind("a trial number of studies.yaml", ("RE",), matches(STUDIES, r"registry: NCT(\d{8})", misprint)),
    Kind(
        "publications of a study",
        ("NU", "RE"),
        matches(STUDIES, r"references: \[([\w-]+)", one_of("weinstein-2007", "chou-2009-surgery")),
    ),
    Kind(
        "the date of the literature search",
        ("RE",),
        matches(
            VERSION, r"literature_through: (2025-07)", one_of("2025-04", "2025-01", "2024-12", "2024-07", "2023-07")
        ),
    ),
    Kind("a key of a printed limitation table", ("EP",), fault.limitation_keys),
    Kind("a row of a limitation table lost", ("EP",), fault.limitation_rows),
    Kind("a key of appraisal.yaml", ("EP",), fault.appraisal_keys),
    Kind(
        "a domain of appraisal.yaml lost", ("EP",), fault.appraisal_domains_lost, (r"MiDAS ENCORE \(2016", r"MOTION \|")
    ),
    Kind("who was blinded", ("EP",), matches(STUDIES, r"blinded_patients: (no)", one_of("yes"))),
    Kind(
        "a position",
        ("EP",),
        matches(VERSION, r"position: (\w+)", one_of("medically_necessary", "not_medically_necessary")),
    ),
    Kind(
        "the conclusion of a position",
        ("EP",),
        replaced(
            VERSION,
            ("conclusion: lumbar-insufficient", "conclusion: no-evidence"),
            ("conclusion: no-evidence", "conclusion: lumbar-insufficient"),
            ("    conclusion: lumbar-insufficient\n", ""),
            ("    conclusion: no-evidence\n", ""),
        ),
    ),
    Kind(
        "what a conclusion says or rests on",
        ("EP",),
        replaced(
            APPRAISAL,
            ("evidence_is: insufficient", "evidence_is: sufficient\n    improves: yes"),
            ("    evidence: [midas-encore, motion, brown-2012, kreiner-2014]\n", ""),
            ("population: thoracic-cervical", "population: lumbar"),
            ("population: lumbar", "population: thoracic-cervical"),
        ),
    ),
    Kind(
        "the wording of a conclusion",
        ("EP",),
        in_texts(
            ("evidence is insufficient", "evidence is sufficient"),
            ("**investigational**", "**medically necessary**"),
            ("It was nonblinded", "It was double-blind"),
            ("The trial was unblinded", "The trial was double-blind"),
        ),
    ),
    # faults that other families answer for
    Kind("a code", ("CO", "ST"), matches("text/codes.md", r"\| (\d{4}[T\d]|G\d{4}) \|", fault.code_misprint)),
    Kind("an abbreviation misprinted", ("LA",), fault.abbreviation_misprint),
    Kind("a word twice", ("LA",), fault.word_twice),
    Kind("a date of the history", ("ST",), matches("text/history.md", r"\| \w+ (20\d\d) \|", misprint)),
    # controls
    Kind("control: a percentage, everywhere", (), control.consistent_percent),
    Kind("control: a mean, everywhere", (), control.consistent_mean),
    Kind("control: a number, everywhere", (), control.changed_everywhere),
    Kind("control: a word for another", (), control.reworded),
    Kind("control: sentences swapped", (), control.sentences_swapped),
    Kind("control: a sentence more", (), control.sentence_added),
    Kind("control: lines wrapped", (), control.wrapped),
    Kind("control: a table spaced", (), control.table_spaced),
    Kind("control: rows swapped", (), control.rows_swapped),
    Kind("control: YAML reformatted", (), control.yaml_reformatted),
    Kind("control: a reference more", (), control.reference_added),
    Kind("control: a study more", (), control.study_added),
)
