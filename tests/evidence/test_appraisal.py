"""Appraisal: the policy's keyed tables, RoB 2 and ROBINS-I overall rules, GRADE steps, conclusions."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.small_folder import APPRAISAL, read
from medpol.evidence import Certainty, Rating, least_overall, limitation_table, load_evidence
from medpol.evidence.appraisal import CERTAINTY, DESIGN_AND_CONDUCT, RELEVANCE, TOOLS
from medpol.problems import Place, PolicyRejected

DEMO = Path(__file__).resolve().parents[2] / "src/medpol/data/demonstration/policies/07.01.89/evidence"
HERE = Place("test")


def test_the_key_tables_have_the_letters_and_sizes_of_the_policy() -> None:
    assert {d: (letter, len(keys)) for d, (letter, keys) in RELEVANCE.items()} == {
        "population": ("a", 4),
        "intervention": ("b", 4),
        "comparator": ("c", 4),
        "outcomes": ("d", 6),
        "follow_up": ("e", 2),
    }
    assert {d: (letter, len(keys)) for d, (letter, keys) in DESIGN_AND_CONDUCT.items()} == {
        "allocation": ("a", 4),
        "blinding": ("b", 3),
        "selective_reporting": ("c", 3),
        "data_completeness": ("d", 6),
        "power": ("e", 3),
        "statistical": ("f", 4),
    }


# Tables 2 and 3 of the commissioning document: the keys each study was given, column by column.
PRINTED = {
    "relevance": {
        "MiDAS ENCORE": [[4], [], [3], [], [1, 2]],
        "MOTION": [[], [], [2, 3], [], [1]],
    },
    "design_and_conduct": {
        "MiDAS ENCORE": [[3], [1], [], [1], [1, 2, 3], [3, 4]],
        "MOTION": [[], [1], [], [], [], []],
    },
}


@pytest.mark.parametrize("table", PRINTED)
def test_the_limitations_are_those_printed(table: str) -> None:
    evidence = load_evidence(DEMO)
    names = {study.key: study.name for study in evidence.studies}
    _, *rows = limitation_table(evidence.appraisal, table, names)
    found = {row[0]: [[int(word[0]) for word in cell.split() if word[:1].isdigit() and word.endswith(".")]
                      for cell in row[1:]] for row in rows}  # fmt: skip
    assert found == PRINTED[table]


@pytest.mark.parametrize("tool", TOOLS)
def test_overall_is_never_better_than_the_worst_domain(tool: str) -> None:
    domains, order = TOOLS[tool]

    @given(st.lists(st.sampled_from([*order, "no_information"]), min_size=len(domains), max_size=len(domains)))
    def law(levels: list[str]) -> None:
        overall = least_overall(tool, dict(zip(domains, levels, strict=True)))
        known = [level for level in levels if level != "no_information"]
        if known:
            assert order.index(overall) == max(map(order.index, known))
        else:
            assert overall == "no_information"

    law()


@pytest.mark.parametrize(
    ("start", "steps", "level"),
    [
        ("high", [], "high"),
        ("high", [("risk_of_bias", -2), ("indirectness", -1)], "very low"),
        ("high", [("risk_of_bias", -2), ("indirectness", -2)], "very low"),
        ("low", [("large_effect", 1)], "moderate"),
        ("low", [("large_effect", 2), ("dose_response", 1)], "high"),
        ("high", [("imprecision", -1)], "moderate"),
    ],
)
def test_grade_steps_from_its_start_and_stops_at_the_ends(start: str, steps: list, level: str) -> None:
    ratings = tuple(
        Rating(domain=d, levels=n, reason="because", evidence=(), place=HERE) for d, n in steps
    )  # fmt: skip
    assert Certainty(start=start, ratings=ratings).level == level
    assert level in CERTAINTY


BAD = {
    "EV006 a key the column does not have": ("key: 1,", "key: 7,"),
    "EV006 an unknown study": ("evidence: [ash, elm]", "evidence: [ash, oak]"),
    "EV030 better overall than a domain": ("overall: some_concerns", "overall: low"),
    "EV004 a level the tool has not": ("level: low, reason: central", "level: fine, reason: central"),
    "EV002 a domain not judged": ("      selection: {level: low, reason: registered}\n", ""),
    "EV004 a step the wrong way": ("levels: -1", "levels: 1"),
    "EV031 insufficient but improves": ("evidence_is: insufficient", "evidence_is: insufficient\n    improves: yes"),
    "EV002 sufficient but says not what": ("evidence_is: insufficient", "evidence_is: sufficient"),
    "EV002 no control rate": ("      control_pct: 25\n", ""),
    "EV004 power above one": ("power: 0.9", "power: 9"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_contradiction_is_told_with_its_line(case: str, tmp_path: Path) -> None:
    before, after = BAD[case]
    assert before in APPRAISAL
    with pytest.raises(PolicyRejected) as rejected:
        read(tmp_path, appraisal=APPRAISAL.replace(before, after))
    found = [p for p in rejected.value.problems if p.code == case.split(maxsplit=1)[0]]
    assert found
    assert all(p.place.file.endswith("appraisal.yaml") and p.place.line > 0 for p in found)


def test_every_conclusion_of_the_demonstration_names_its_evidence() -> None:
    evidence = load_evidence(DEMO)
    keys = {study.key for study in evidence.studies}
    for conclusion in evidence.appraisal.conclusions:
        assert conclusion.reasons
        assert set(conclusion.evidence) <= keys
        if conclusion.certainty is not None:
            assert all(rating.reason and rating.evidence for rating in conclusion.certainty.ratings)
    assert evidence.appraisal.conclusion("no-evidence").evidence == ()
