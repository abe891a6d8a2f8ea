"""Markdown → sections, passages and tables, each with the place it was typed at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medpol.loading import read_narrative, read_section
from medpol.model.narrative import Passage, Table, section_rank
from medpol.problems import PolicyRejected

SOURCE = """\
# Evidence on the lumbar spine

The trial {{ n('MiDAS ENCORE') }} is
the largest.[@staats-2016]

1. first
   goes on
2. second
   - nested

Table 1. Responders

| outcome | 6 mo | 1 y |
|---|---:|---|
| ODI \\| points | 62.2** | 58.0 |
| NRS | 55.9 |

\\* p = .001
a. a key

Afterwards.
"""


def blocks():
    return read_section("evidence-lumbar", SOURCE, "e.md").blocks


def text_at(place):
    return SOURCE.splitlines()[place.line - 1][place.column - 1 :]


def test_the_first_heading_names_the_section():
    section = read_section("evidence-lumbar", SOURCE, "e.md")
    assert section.heading == "Evidence on the lumbar spine"
    assert [type(b).__name__ for b in section.blocks] == ["Passage"] * 4 + ["Table", "Passage"]


def test_a_place_inside_a_passage_is_the_place_in_the_file():
    paragraph = blocks()[0]
    assert isinstance(paragraph, Passage)
    assert text_at(paragraph.at(paragraph.text.index("largest"))).startswith("largest")
    item = blocks()[1]
    assert isinstance(item, Passage)
    assert text_at(item.at(item.text.index("goes"))) == "goes on"


def test_list_items_know_their_number_and_depth():
    items = [b for b in blocks() if isinstance(b, Passage) and b.kind == "item"]
    assert [(i.number, i.numbered, i.depth) for i in items] == [(1, True, 1), (2, True, 1), (None, False, 2)]


def test_a_table_has_caption_notes_and_placed_cells():
    table = next(b for b in blocks() if isinstance(b, Table))
    assert table.caption is not None
    assert table.caption.text == "Table 1. Responders"
    assert [note.text for note in table.notes] == ["\\* p = .001\na. a key"]
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["ODI \\| points", "62.2**", "58.0"],
        ["NRS", "55.9"],
    ]
    for cell in table.cells:
        assert text_at(cell.place).startswith(cell.text)


def test_sections_come_in_reading_order_with_populations_together():
    keys = ["history", "section-summary-b", "evidence-b", "objective", "section-summary-a", "evidence-a", "description"]
    assert sorted(keys, key=section_rank) == [
        *("description", "objective", "evidence-a", "section-summary-a", "evidence-b", "section-summary-b", "history"),
    ]


def test_names_that_are_no_section_and_files_that_are_no_text_are_problems(tmp_path):
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "backgroud.md").write_text("x")
    (tmp_path / "text" / "background.md").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(PolicyRejected) as rejected:
        read_narrative(tmp_path)
    assert [p.code for p in rejected.value.problems] == ["MP416", "MP417"]


def test_a_policy_without_text_has_an_empty_narrative(tmp_path):
    assert read_narrative(tmp_path).sections == ()


@given(st.text(alphabet="ab |*_-#1.>\n\\`[]@{}é", max_size=200))
def test_any_text_can_be_read_and_places_lie_in_it(source):
    lines = source.splitlines()
    for passage in read_section("background", source, "b.md").passages:
        for begin, place in passage.starts:
            assert 1 <= place.line <= len(lines) + 1
            assert passage.at(begin) == place


def test_what_no_section_can_hold_is_reported_not_lost(tmp_path):
    (tmp_path / "text").mkdir()
    source = "Traction.\n\n<!-- to do -->\n\n<div>lost</div>\n\n---\n\n```\ncode\n```\n\n    indented\n"
    (tmp_path / "text" / "background.md").write_text(source)
    with pytest.raises(PolicyRejected) as rejected:
        read_narrative(tmp_path)
    assert [(p.code, p.place.line) for p in rejected.value.problems] == [("MP418", n) for n in (5, 7, 9, 13)]
