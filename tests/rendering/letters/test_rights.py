"""Appeal rights are data: complete, sourced, refused where they say nothing, and never guessed."""

from pathlib import Path

import pytest

from medpol.problems import PolicyRejected
from medpol.rendering.letters import load_rights
from medpol.rendering.letters.rights import check_rights
from medpol.rendering.member_summary.dictionary import own_folder


def codes(line: str, state: str, folder: Path | None = None) -> list[str]:
    with pytest.raises(PolicyRejected) as rejected:
        load_rights(line, state, folder)
    return [problem.code for problem in rejected.value.problems]


def test_every_file_loads_and_names_what_it_covers() -> None:
    good = check_rights()
    assert {
        ("fep", ""),
        ("medicare_advantage", ""),
        ("commercial", "IA"),
        ("individual", "CA"),
        ("medicaid", "NC"),
    } <= {*good}
    assert ("commercial", "") not in good


@pytest.mark.parametrize(("line", "state"), check_rights())
def test_every_step_has_a_source_that_is_there(line: str, state: str) -> None:
    rights = load_rights(line, state)
    assert rights.levels
    assert {level.source for level in rights.levels} <= {law.key for law in rights.laws}
    assert all(law.at.startswith("http") for law in rights.laws)
    assert rights.fast


@pytest.mark.parametrize(
    ("line", "state"), [("commercial", "TX"), ("medicaid", "IA"), ("medicare", "IA"), ("", "IA"), ("commercial", "")]
)
def test_a_combination_nobody_wrote_is_a_problem(line: str, state: str) -> None:
    assert codes(line, state) == ["MP936"]


def test_a_state_s_step_takes_the_place_of_the_general_one() -> None:
    outside = [level for level in load_rights("commercial", "CA").levels if level.id == "external"]
    assert [level.ask_within for level in outside] == ["6 months"]
    assert load_rights("commercial", "IA").levels[1].ask_within == "4 months"


def test_what_was_not_confirmed_is_left_blank() -> None:
    assert load_rights("medicaid", "NC").levels[0].fast_within == ""


def test_a_plan_s_folder_speaks_first(tmp_path: Path) -> None:
    (tmp_path / "contacts.yaml").write_text('phone: "555-0100"\n', encoding="utf-8")
    assert load_rights("fep", "IA", tmp_path).contacts.phone == "555-0100"
    assert load_rights("fep", "IA").contacts.phone == ""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: A\nfast: b\nsources: {}\n", "it names no level"),
        ("title: A\nfast: b\nlevls: {}\nsources: {}\n", "unknown key 'levls'"),
        (
            "title: A\nfast: b\nsources: {x: {law: y, read: excerpt}}\n"
            "levels: {one: {name: a, who: b, source: z, ask_within: soon}}\n",
            "'ask_within' is 'soon'",
        ),
        (
            "title: A\nfast: b\nsources: {x: {law: y, read: excerpt}}\nlevels: {one: {name: a, who: b, source: z}}\n",
            "source 'z' is not written here",
        ),
    ],
)
def test_a_bad_file_is_refused_with_its_places(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "fep.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PolicyRejected) as rejected:
        load_rights("fep", "IA", tmp_path)
    assert {problem.code for problem in rejected.value.problems} == {"MP935"}
    assert any(message in problem.message and problem.place.line for problem in rejected.value.problems)


def test_no_such_folder(tmp_path: Path) -> None:
    assert codes("fep", "IA", tmp_path / "none") == ["MP935"]


def test_the_rights_read_at_grade_eight_or_below() -> None:
    from medpol.rendering.readability import reading

    for line, state in check_rights():
        rights = load_rights(line, state)
        texts = [text for level in rights.levels for text in (level.who, level.how)]
        grade = reading([*texts, rights.fast, *rights.more]).flesch_kincaid
        assert grade is not None
        assert grade <= 8, (line, state, grade)


def test_the_fixed_sentences_read_at_grade_eight_or_below() -> None:
    """All of words.yaml; places are filled with a short word."""
    import re

    from medpol.rendering.member_summary import load_words
    from medpol.rendering.readability import reading

    texts = [re.sub(r"\{\w+\}", "this", text) for key, text in load_words().texts.items() if key != "months"]
    grade = reading(texts).flesch_kincaid
    assert grade is not None
    assert grade <= 8
    letters = [t for key, t in load_words().texts.items() if len(t.split()) > 12]
    hard = {t: g for t in letters if (g := reading([re.sub(r"\{\w+\}", "this", t)]).flesch_kincaid) and g > 9}
    assert hard == {}


def test_the_package_s_data_is_there() -> None:
    assert {p.name for p in own_folder().iterdir()} >= {"rights", "templates", "words.yaml", "plain.yaml"}
