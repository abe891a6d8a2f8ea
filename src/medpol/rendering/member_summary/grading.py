"""The grade of a document: what is counted, and with which words.

Counted: paragraphs and items of lists in the sections named. Not counted: headings, tables, names with values
(addresses, dates, numbers), quotations, text set as code, and links (addresses, citations).
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

from medpol.rendering.member_summary.dictionary import Words
from medpol.rendering.publication import Document, Item, ListBlock, Paragraph, Run, Terms, Text, flat
from medpol.rendering.readability import Reading, reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """`plain` leaves out the medical names that stand in brackets after their plain words; `whole` keeps them."""

    plain: Reading
    whole: Reading

    def __str__(self) -> str:
        grade = self.whole.flesch_kincaid
        with_names = f"; grade {grade:.1f} with the medical names in brackets" if grade is not None else ""
        return f"{self.plain}{with_names}"


def graded(document: Document, left_out: Container[str] = ()) -> Graded:
    """The grade of a document without the sections `left_out`, by key."""
    texts = [t for section in document.sections if section.key not in left_out for t in _texts(section.blocks)]
    return Graded(
        plain=reading(_words(text, medical=False) for text in texts),
        whole=reading(_words(text, medical=True) for text in texts),
    )


def _texts(blocks: tuple[object, ...]) -> Iterator[Text]:
    for block in flat(blocks):  # type: ignore[arg-type]
        match block:
            case Paragraph(text=text, role=role) if role != "quote":
                yield text
            case ListBlock(items=items):
                yield from _items(items)


def _items(items: tuple[Item, ...]) -> Iterator[Text]:
    for item in items:
        yield item.text
        yield from _items(item.under)


def _words(text: Text, *, medical: bool) -> str:
    runs = (part for part in text if isinstance(part, Run) and not part.code and not part.link)
    return "".join(run.text for run in runs if medical or not run.emphasis)


def with_grade(document: Document, words: Words, grade: Graded) -> Document:
    """The document with its grade as the last line of its last section."""
    row = Terms(rows=((words.say("record_reading"), (Run(text=str(grade)),)),))
    *most, last = document.sections
    return replace(document, sections=(*most, replace(last, blocks=(*last.blocks, row))))
