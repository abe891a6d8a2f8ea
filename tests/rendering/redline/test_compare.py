"""Laws of a redline: what it takes in and out is the later and the earlier text; equal texts have no change."""

from hypothesis import given, settings

from medpol.rendering.publication import Citation, Document, Group, Paragraph, Run, TableBlock
from medpol.rendering.publication.model import cell, run
from medpol.rendering.redline import Mark, MarkedGrid, MarkedLine, Redline, accepted, compare, plain_units, rejected
from publications import document, documents, paragraph


def lines(redline: Redline) -> list[MarkedLine]:
    return [unit for section in redline.sections[1:] for unit in section.units[1:] if isinstance(unit, MarkedLine)]


def shown(line: MarkedLine) -> str:
    signs = {Mark.SAME: "{}", Mark.ADDED: "+{}+", Mark.REMOVED: "-{}-"}
    return "".join(signs[span.mark].format(span.piece.text) for span in line.spans)


@settings(max_examples=150, deadline=None)
@given(documents(), documents())
def test_taking_in_gives_the_later_and_out_the_earlier(before: Document, after: Document) -> None:
    redline = compare(before, after)
    assert accepted(redline) == plain_units(after)
    assert rejected(redline) == plain_units(before)


@settings(max_examples=80, deadline=None)
@given(documents())
def test_a_document_and_itself_have_no_change(before: Document) -> None:
    assert not compare(before, before).changed


def test_only_the_word_that_changed_is_marked() -> None:
    before = document(paragraph("Pain for at least 3 months, measured by the ODI, is required."))
    after = document(paragraph("Pain for at least 6 months, measured by the ODI, is required."))
    assert [shown(line) for line in lines(compare(before, after))] == [
        "Pain for at least -3-+6+ months, measured by the ODI, is required."
    ]


def test_a_stray_word_between_two_long_changes_is_part_of_the_change() -> None:
    before = document(paragraph("It is covered when one two three of four five six seven. And the end of it all."))
    after = document(paragraph("It is covered when aa bb cc of dd ee ff gg. And the end of it all."))
    (line,) = lines(compare(before, after))
    assert shown(line) == (
        "It is covered when -one two three of four five six seven-+aa bb cc of dd ee ff gg+. And the end of it all."
    )


def test_an_inserted_paragraph_leaves_its_neighbours_alone() -> None:
    before = document(paragraph("The first stays as it is."), paragraph("The second too stays."))
    after = document(
        paragraph("The first stays as it is."),
        paragraph("Something else entirely."),
        paragraph("The second too stays."),
    )
    assert [line.mark.value for line in lines(compare(before, after))] == ["same", "added", "same"]


def test_a_paragraph_that_stands_elsewhere_is_a_move() -> None:
    one, two, three = (paragraph(f"{word} has five words here.") for word in ("This", "That", "Other"))
    moved = [
        (line.mark.value, line.moved) for line in lines(compare(document(one, two, three), document(two, three, one)))
    ]
    assert moved == [("removed", 1), ("same", 0), ("same", 0), ("added", 1)]


def test_a_row_is_found_by_its_name_and_compared_cell_by_cell() -> None:
    def table(*rows: tuple[str, ...]) -> TableBlock:
        cells = tuple(tuple(cell(text) for text in row) for row in rows)
        return TableBlock(anchor="t", caption=run("T"), header=(run("Code"), run("From")), rows=cells)

    before = document(table(("62330", "2020"), ("0274T", "2011"), ("0275T", "2011")))
    after = document(table(("62330", "2026"), ("0275T", "2011"), ("62331", "2026")))
    (grid,) = [unit for unit in compare(before, after).sections[1].units if isinstance(unit, MarkedGrid)]
    assert [row.mark.value for row in grid.rows] == ["same", "same", "removed", "same", "added"]
    assert [[span.mark.value for span in cell] for cell in grid.rows[1].cells] == [["same"], ["removed", "added"]]


def test_a_citation_that_only_got_another_number_is_no_change() -> None:
    def cited(number: int) -> Document:
        return document(Paragraph(text=(Run(text="Shown"), Citation(keys=("staats-2016",), numbers=(number,)))))

    assert not compare(cited(3), cited(4)).changed


def test_lines_of_two_statements_are_never_read_as_one() -> None:
    def statement(name: str) -> Group:
        return Group(anchor=f"statement-{name}", role="statement", blocks=(paragraph("Covered for adults."),))

    marks = [line.mark.value for line in lines(compare(document(statement("a")), document(statement("b"))))]
    assert sorted(marks) == ["added", "removed"]
