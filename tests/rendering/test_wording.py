"""The payer's wording beside the logic: what differs is told, what is only said otherwise is not."""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from medpol.loading import load_library, parse_criterion
from medpol.model.calendar import day_code
from medpol.model.codes import CodeList, parse_pattern
from medpol.model.criteria import All, AtLeast, Claims, Compare, Criterion, Is, OneOf, Window, Within
from medpol.model.policy import Position, Statement, Version
from medpol.rendering.wording import Kind, Mismatch, compare_wording
from medpol.rendering.wording.text import mentions_of
from strategies import FACTS

LIBRARY = load_library(Path(str(files("medpol"))) / "data" / "demonstration")


def a_statement(when: Criterion, position: Position = Position.MEDICALLY_NECESSARY) -> Statement:
    return Statement(id="s", position=position, when=when)


def told(
    wording: str, when: str, *, whole: bool = True, position: Position = Position.MEDICALLY_NECESSARY
) -> list[str]:
    """`wording: …` and `logic: …` for every mismatch."""
    found = compare_wording(wording, a_statement(parse_criterion(when, FACTS), position), FACTS, whole=whole)
    return [f"{'wording' if m.in_wording else 'logic'}: {m.text}" for m in found]


# ── what is told, and what is not ───────────────────────────────────────────────────────────────────────────

SAME = [
    ("a body mass index of 40 or more", "bmi >= 40"),
    ("BMI ≥ 40 kg/m²", "bmi >= 40"),
    ("BMI between 30 and 34.9 kg/m2", "30 <= bmi <= 34.9"),
    ("at least 6 weeks of conservative therapy", "therapy >= 6"),
    ("six weeks or more of therapy", "therapy >= 6"),
    ("six (6) weeks or longer", "therapy >= 6"),
    ("a minimum of 42 days of therapy", "therapy >= 6"),
    ("pain for half a year, that is no less than 6 months", "pain_duration >= 6"),
    ("18 years of age or older", "age >= 18"),
    ("members aged 18 and over", "age >= 18"),
    ("over 60 years of age", "age >= 61"),
    ("under 18 years old", "age < 18"),
    ("for ages 50 to 77", "50 <= age <= 77"),
    ("not under 18 years of age", "not: age < 18"),
    ("two of the following: …", "{at_least: 2, of: [claudication, consent, exceptional]}"),
    ("no more than 6 injections in 12 months", "claims: {codes: same, within: 12 months, count: '<= 5'}"),
    ("evaluated within 12 months before surgery", "evaluation_date within 12 months before surgery_date"),
    ("from January 1, 2024", "service_date >= 2024-01-01"),
    ("CPT 62322 through 62323", "procedure in [62322-62323]"),
    ("ICD-10 M48.061 or M51.26", "diagnosis: [M48.061, M51.26]"),
    ("with neurogenic claudication", "claudication"),
    ("type 2 diabetes, SF-36, L4-L5 or L5-S1, ICD-10-CM, with claudication", "claudication"),
]  # fmt: skip


@pytest.mark.parametrize(("wording", "when"), SAME, ids=[wording for wording, _ in SAME])
def test_the_same_said_otherwise_is_no_mismatch(wording: str, when: str) -> None:
    assert told(wording, when) == []


DIFFERENT = [
    ("BMI of 35 or more", "bmi >= 40", ["wording: of 35 or more", "logic: BMI is at least 40 kg/m2"]),
    ("BMI over 40", "bmi >= 40", ["wording: over 40", "logic: BMI is at least 40 kg/m2"]),
    ("BMI of 40 or less", "bmi >= 40", ["wording: of 40 or less", "logic: BMI is at least 40 kg/m2"]),
    ("at least 6 months of therapy", "therapy >= 6",
     ["wording: at least 6 months", "logic: therapy is at least 6 weeks"]),
    ("aged 16 or older", "age >= 18", ["wording: aged 16 or older", "logic: age is at least 18 years"]),
    ("at least 6 weeks", "all: [therapy >= 6, age >= 18]", ["logic: age is at least 18 years"]),
    ("at least 6 weeks, 18 years of age or older", "therapy >= 6", ["wording: 18 years of age or older"]),
    ("M48.061", "diagnosis: [M48.061, M51.26]", ["logic: M51.26"]),
    ("since 2024-01-02", "service_date >= 2024-01-01", ["wording: since 2024-01-02", "logic: 2024-01-01"]),
    ("three of the following", "{at_least: 2, of: [claudication, consent, exceptional]}",
     ["logic: at least 2 of the following"]),
]  # fmt: skip


@pytest.mark.parametrize(("wording", "when", "expected"), DIFFERENT, ids=[row[0] for row in DIFFERENT])
def test_what_differs_is_told(wording: str, when: str, expected: list[str]) -> None:
    assert [m.replace("wording: of ", "wording: ") for m in told(wording, when)] == [
        m.replace("wording: of ", "wording: ") for m in expected
    ]


def test_a_mismatch_knows_where_it_is() -> None:
    criterion = parse_criterion("all:\n  - bmi >= 40\n  - age >= 18\n", FACTS, name="v.yaml")
    statement = a_statement(criterion)
    found = compare_wording("adults with a BMI of 35 or more", statement, FACTS, whole=True)
    assert [(m.kind, m.in_wording, m.offset, str(m.place)) for m in found] == [
        (Kind.AMOUNT, True, 21, ""),
        (Kind.AMOUNT, False, -1, "v.yaml:2:5"),
        (Kind.AGE, False, -1, "v.yaml:3:5"),
    ]


def test_a_short_wording_need_not_say_everything_but_may_not_say_otherwise() -> None:
    assert told("for BMI of 40 or more", "all: [bmi >= 40, therapy >= 6]", whole=False) == []
    assert told("weight-loss surgery", "all: [bmi >= 40, therapy >= 6]", whole=False) == []
    assert told("for BMI of 35 or more", "all: [bmi >= 40, therapy >= 6]", whole=False) == [
        "wording: 35 or more", "logic: BMI is at least 40 kg/m2"]  # fmt: skip


def test_a_denial_may_be_worded_as_the_rule_it_enforces() -> None:
    outside = "any: [age < 50, age > 77]"
    assert told("from 50 to 77 years", outside, position=Position.NON_COVERED) == []
    assert told("from 50 to 77 years", outside) != []
    assert told("from 50 to 75 years", outside, position=Position.NON_COVERED) != []


# ── the bundled library ─────────────────────────────────────────────────────────────────────────────────────


def worded() -> Iterator[tuple[Version, Statement]]:
    for policy in LIBRARY.policies.values():
        for version in policy.versions:
            default = [version.default] if version.default else []
            yield from ((version, s) for s in (*version.statements, *default) if s.wording and s.when)


def test_no_false_alarm_on_the_bundled_library() -> None:
    found = {(v.id, s.id): compare_wording(s.wording, s, LIBRARY.facts, v) for v, s in worded()}
    assert len(found) > 200
    assert sum(len(mentions_of(s.wording)) for _, s in worded()) > 100
    assert {key: mismatches for key, mismatches in found.items() if mismatches} == {}


def test_a_changed_number_in_the_bundled_wordings_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Recall on short wordings, where another statement of the version may by chance say the changed number."""
    chance, caught, changed = random.Random(11), 0, 0
    for version, statement in worded():
        for found in re.finditer(r"(?<![\w-])\d+(?![\w-])", statement.wording):
            new = str(int(found[0]) + chance.choice((-3, -2, 2, 3, 5, 7)))
            mutant = statement.wording[: found.start()] + new + statement.wording[found.end() :]
            mismatches = compare_wording(mutant, statement, LIBRARY.facts, version)
            caught += any(m.in_wording and new in m.text for m in mismatches)
            changed += 1
    with capsys.disabled():
        print(f"\n  bundled wordings: {caught} of {changed} changed numbers told")
    assert changed >= 60
    assert caught >= 0.95 * changed


# ── precision and recall on wordings made from logic ────────────────────────────────────────────────────────


class Part(NamedTuple):
    """One sentence with the leaf it says; `turn` makes the leaf another one by one change."""

    kind: str
    sentence: str
    leaf: Criterion
    changed: Criterion


Maker = Callable[[random.Random], Part]
NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905


def spelled(n: int, chance: random.Random) -> str:
    return chance.choice([str(n), NUMBERS[n], f"{NUMBERS[n]} ({n})"]) if n < len(NUMBERS) else str(n)


def other(n: int, chance: random.Random) -> int:
    return n + chance.choice([d for d in (-4, -2, -1, 1, 2, 3, 10) if n + d > 1])


def an_amount(chance: random.Random) -> Part:
    fact, words, units = chance.choice([
        ("bmi", ("BMI", "body mass index", "body-mass index (BMI)"), (" kg/m2", " kg/m²", "")),
        ("odi", ("ODI", "Oswestry Disability Index"), ("%", " percent")),
    ])  # fmt: skip
    n = chance.randint(20, 60)
    subject, unit = chance.choice(words), chance.choice(units)
    low, is_open, form = chance.choice([
        (True, False, "{s} of {n}{u} or more"), (True, False, "{s} of at least {n}{u}"), (True, False, "{s} ≥ {n}{u}"),
        (True, False, "{s} >= {n}{u}"), (True, False, "{s} {n}{u} or greater"), (True, False, "{s}: minimum of {n}{u}"),
        (True, True, "{s} greater than {n}{u}"), (True, True, "{s} > {n}{u}"), (True, True, "{s} exceeding {n}{u}"),
        (False, True, "{s} below {n}{u}"), (False, True, "{s} less than {n}{u}"), (False, True, "{s} < {n}{u}"),
        (False, False, "{s} of no more than {n}{u}"), (False, False, "{s} of {n}{u} or less"),
        (False, False, "{s} ≤ {n}{u}"),
        (False, False, "{s} not exceeding {n}{u}"),
    ])  # fmt: skip
    leaf = bounded(fact, n, low, is_open)
    changed = chance.choice([bounded(fact, other(n, chance), low, is_open), bounded(fact, n, low, not is_open),
                             bounded(fact, n, not low, is_open)])  # fmt: skip
    return Part("amount", form.format(s=subject, n=n, u=unit), leaf, changed)


def bounded(fact: str, n: float, low: bool, is_open: bool) -> Compare:
    return Compare(fact=fact, low=n, low_open=is_open) if low else Compare(fact=fact, high=n, high_open=is_open)


def an_age(chance: random.Random) -> Part:
    n = chance.randint(12, 80)
    low, is_open, form = chance.choice([
        (True, False, "{n} years of age or older"), (True, False, "aged {n} or older"),
        (True, False, "age ≥ {n} years"),
        (True, False, "at least {n} years old"), (True, False, "members {n} years and older"),
        (True, False, "ages {n} and up"), (True, False, "{n} years or older"),
        (False, True, "under {n} years of age"), (False, True, "younger than {n} years"),
        (False, True, "age < {n} years"),
        (False, False, "{n} years of age or younger"), (False, False, "no older than {n} years"),
    ])  # fmt: skip
    changed = chance.choice(
        [bounded("age", other(n, chance), low, is_open), bounded("age", n, not low, not is_open and low)]
    )
    return Part("age", form.format(n=n), bounded("age", n, low, is_open), changed)


def a_duration(chance: random.Random) -> Part:
    n = chance.randint(2, 12)
    fact, unit, factor, finer = chance.choice(
        [("therapy", "weeks", 7, "days"), ("pain_duration", "years", 12, "months")]
    )
    form = chance.choice([
        "at least {n} {u} of treatment", "a minimum of {n} {u} of treatment", "treatment for {n} {u} or more",
        "no less than {n} {u} of treatment", "treatment for {n} {u} or longer", "≥ {n} {u} of treatment",
    ])  # fmt: skip
    said, word = (spelled(n, chance), unit) if chance.random() < 0.6 else (str(n * factor), finer)
    scale = 1 if fact == "therapy" else 12
    leaf = Compare(fact=fact, low=n * scale)
    wrong = Compare(fact=fact, low=other(n, chance) * scale)
    other_unit = Compare(fact="pain_duration" if fact == "therapy" else "therapy", low=n)
    return Part("duration", form.format(n=said, u=word), leaf, chance.choice([wrong, wrong, other_unit]))


def a_window(chance: random.Random) -> Part:
    n, (unit, word) = chance.randint(2, 11), chance.choice([("mo", "months"), ("wk", "weeks"), ("d", "days")])
    form = chance.choice(["evaluated within {n} {u} before surgery", "evaluated in the past {n} {u}",
                          "an evaluation no more than {n} {u} before surgery",
                          "evaluated within the last {n} {u}"])  # fmt: skip
    leaf = Window(event="evaluation_date", anchor="surgery_date", unit=unit, low=0, high=n)
    new_unit = {"mo": "a", "wk": "mo", "d": "wk"}[unit]
    changed = [(unit, 0, other(n, chance)), (new_unit, 0, n), (unit, n, None)]
    unit, low, high = chance.choice(changed)
    return Part("window", form.format(n=spelled(n, chance), u=word), leaf,
                Window(event="evaluation_date", anchor="surgery_date", unit=unit, low=low, high=high))  # fmt: skip


def a_count(chance: random.Random) -> Part:
    members = (Is(fact="claudication"), Is(fact="consent"), Is(fact="exceptional"), *[Is(fact="claudication")] * 5)
    n = chance.randint(2, 6)
    form = chance.choice(["at least {n} of the following", "any {n} of the following", "{n} or more of the following",
                          "a minimum of {n} of these findings"])  # fmt: skip
    changed = chance.choice([k for k in range(2, 8) if k not in (n, n - 1, n + 1)])
    return Part("count", form.format(n=spelled(n, chance)), AtLeast(n=n, of=members), AtLeast(n=changed, of=members))


def a_limit(chance: random.Random) -> Part:
    n, length = chance.randint(3, 12), chance.choice([6, 12, 18, 24])
    form = chance.choice(["no more than {n} sessions in {m}", "up to {n} treatments per {m}",
                          "a maximum of {n} visits within {m}",
                          "limited to {n} injections every {m}"])  # fmt: skip
    period = chance.choice([f"{length} months", {12: "one year", 24: "2 years"}.get(length, f"{length} months")])
    leaf = Claims(codes=None, within=Within.LENGTH, length=length, unit="mo", high=n - 1)
    wrong = [Claims(codes=None, within=Within.LENGTH, length=length, unit="mo", high=n + chance.choice((2, 3, 5))),
             Claims(codes=None, within=Within.LENGTH, length=length + 3, unit="mo", high=n - 1),
             Claims(codes=None, within=Within.LENGTH, length=length, unit="wk", high=n - 1)]  # fmt: skip
    return Part("limit", form.format(n=spelled(n, chance), m=period), leaf, chance.choice(wrong))


def a_code(chance: random.Random) -> Part:
    icd = chance.random() < 0.5
    digits = chance.randint(100, 898)
    codes = [f"M{digits // 10}.{digits % 10}{k}" for k in (1, 4, 6)] if icd else [f"62{digits + k}" for k in range(3)]
    form = chance.choice(["ICD-10-CM {a}, {b} or {c}", "diagnosis {a}, {b}, or {c}"] if icd else
                         ["CPT {a}, {b} or {c}", "CPT codes {a}, {b}, and {c}",
                          "procedure code {a}, {b}, {c}"])  # fmt: skip
    fact = "diagnosis" if icd else "procedure"
    wrong = chance.choice(
        [codes[:2], [*codes, "M99.9" if icd else "62999"], [codes[0], codes[1], "M98.1" if icd else "62998"]]
    )
    return Part("code", form.format(a=codes[0], b=codes[1], c=codes[2]), listed(fact, codes), listed(fact, wrong))


def a_code_range(chance: random.Random) -> Part:
    first = chance.randint(62000, 62900)
    form = chance.choice(["CPT {a}-{b}", "CPT codes {a} through {b}", "procedures {a} to {b}", "CPT {a}–{b}"])
    leaf, wrong = listed("procedure", [f"{first}-{first + 5}"]), listed("procedure", [f"{first + 50}-{first + 55}"])
    return Part("code range", form.format(a=first, b=first + 5), leaf, wrong)


def listed(fact: str, codes: list[str]) -> OneOf:
    patterns = [parse_pattern(code) for code in codes]
    return OneOf(fact=fact, codes=CodeList(patterns=tuple(p for p in patterns if p)))


def a_date(chance: random.Random) -> Part:
    day = date(chance.randint(2015, 2026), chance.randint(1, 12), chance.randint(1, 28))
    shown = chance.choice(
        [day.isoformat(), f"{day:%B} {day.day}, {day.year}", f"{day.day} {day:%B} {day.year}", f"{day:%m/%d/%Y}"]
    )
    low, is_open, form = chance.choice([(True, False, "on or after {d}"), (True, False, "from {d}"),
                                        (False, True, "before {d}"),
                                        (True, True, "after {d}"), (False, False, "on or before {d}")])  # fmt: skip
    code = day_code(day)
    wrong = chance.choice([bounded("service_date", code + chance.choice((-30, -1, 2, 365)), low, is_open),
                           bounded("service_date", code, not low, is_open)])  # fmt: skip
    return Part("date", f"services {form.format(d=shown)}", bounded("service_date", code, low, is_open), wrong)


MAKERS: tuple[Maker, ...] = (an_amount, an_age, a_duration, a_window, a_count, a_limit, a_code, a_code_range, a_date)


def mismatches(parts: list[Part], leaves: list[Criterion], joint: str) -> tuple[Mismatch, ...]:
    wording = joint.join(part.sentence for part in parts)
    return compare_wording(wording, a_statement(All(of=tuple(leaves))), FACTS, whole=True)


def test_precision_and_recall_on_wordings_made_from_logic(capsys: pytest.CaptureFixture[str]) -> None:
    """One of three sentences has its leaf changed. Told wrongly: what is not in that sentence."""
    chance, rounds = random.Random(2024), 150
    hits: Counter[str] = Counter()
    misses: Counter[str] = Counter()
    alarms: list[str] = []
    for maker in MAKERS:
        for _ in range(rounds):
            beside = chance.sample([m for m in MAKERS if {m, maker} != {a_code, a_code_range}], 2)
            parts = [maker(chance), *(make(chance) for make in beside if make is not maker)]
            joint = chance.choice(["; ", " and\n", ". "])
            if quiet := mismatches(parts, [part.leaf for part in parts], joint):
                alarms.append(f"{joint.join(p.sentence for p in parts)!r}: {[m.text for m in quiet]}")
            seen = mismatches(parts, [parts[0].changed, *(part.leaf for part in parts[1:])], joint)
            (hits if set(seen) - set(quiet) else misses)[parts[0].kind] += 1
            end = len(parts[0].sentence)
            alarms += [f"{m.text!r} beside {parts[0].sentence!r}" for m in seen if m.in_wording and m.offset > end]
    right, wrong, missed = hits.total(), len(alarms), misses.total()
    precision, recall = right / (right + wrong), right / (right + missed)
    with capsys.disabled():
        print(f"\n  made wordings: precision {precision:.3f}, recall {recall:.3f}", end=" ")
        print(f"({right} told, {missed} missed {dict(misses)}, {wrong} false)", *alarms[:12], sep="\n    ")
    assert precision >= 0.95
    assert recall >= 0.95
    assert min(hits[make(chance).kind] for make in MAKERS) >= 0.9 * rounds


# ── wordings and logic written by different hands ───────────────────────────────────────────────────────────

SHARED = Path(__file__).parents[3] / "shared" / "knowledge" / "policies.md"
STORIES = Path(__file__).parents[1] / "stories"
NOT_IN_THE_LOGIC = {  # read one by one: the table says what the story's criterion does not
    3: ["4"], 5: ["35–39.9"], 11: ["10"], 19: ["<45%"], 23: ["3 months"], 33: ["60-day"], 42: ["1 year", "30 days"],
}  # fmt: skip


def test_the_table_of_published_criteria_against_the_stories() -> None:
    """One table of criteria in a researcher's words, the stories' criteria written from it later."""
    if not SHARED.exists():
        pytest.skip("the research notes are not beside this repository")
    rows = {int(m[1]): m[2] for m in re.finditer(r"^\|(\d+)\|([^|]+)\|", SHARED.read_text("utf-8"), re.MULTILINE)}
    facts = load_library(STORIES / "library").facts
    found: dict[int, list[str]] = {}
    for path in sorted((STORIES / "criteria").glob("*.yaml")):
        for story in yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)["stories"]:
            number, statement = int(story["number"]), a_statement(parse_criterion(story["criterion"], facts))
            only = [m.text for m in compare_wording(rows[number], statement, facts) if m.in_wording]
            found |= {number: only} if only else {}
    assert found == NOT_IN_THE_LOGIC


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert all(0 <= mention.offset <= len(text) for mention in mentions_of(text))
