"""A policy's `text/` folder → Narrative: Markdown with a place for every passage and table cell."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from medpol.loading.catalogue import CATALOGUE
from medpol.model.narrative import SECTIONS, Block, Kind, Narrative, Passage, Section, Table, section_rank
from medpol.problems import Place, PolicyRejected, Problem

_CELL = re.compile(r"(?:\\\||[^|])*")
_CAPTION = re.compile(r"Table\b")
_NOTES = re.compile(r"(?:Notes?|Keys?|Abbreviations):|[a-z]\.\s|\^[a-z]\b|[¹²³⁴-⁹ᵃ-ᶻ†‡]|\\\*|[A-Z][\w-]{1,9}: [^.;]+;")
_NOT_TEXT = {
    "html_block": "HTML",
    "fence": "a block of code",
    "code_block": "a block of code (indented)",
    "hr": "a rule",
}


def read_narrative(folder: Path, effective: date | None = None, populations: Sequence[str] = ()) -> Narrative:
    """The text of a policy folder: `text/*.md`, or `text/YYYY-MM-DD/*.md` for the version of that date.

    Without `effective`, the text of the newest version. `populations` are the evidence's, in their order. A policy
    without text has an empty Narrative. Raises PolicyRejected for files that are no UTF-8 and for names that are no
    section.
    """
    text = folder / "text" / effective.isoformat() if effective else folder / "text"
    problems: list[Problem] = []
    sections = [_section(path, problems) for path in sorted(text.glob("*.md"))]
    if problems:
        raise PolicyRejected(problems)
    ordered = sorted(sections, key=lambda section: section_rank(section.key, populations))
    return Narrative(sections=tuple(ordered), effective=effective)


def read_section(key: str, source: str, file: str, problems: list[Problem] | None = None) -> Section:
    """One section from its Markdown; `file` is what places name. What no section can hold goes to `problems`."""
    lines = source.splitlines()
    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    for token in tokens:
        if problems is not None and token.type in _NOT_TEXT and not token.content.lstrip().startswith("<!--"):
            place = Place(file, (token.map or [0])[0] + 1, 1)
            problems.append(Problem(place, "MP418", f"{_NOT_TEXT[token.type]} is no text", CATALOGUE["MP418"].remedy))
    blocks = [*_with_notes(list(_blocks(tokens, lines, file)))]
    heading = ""
    if blocks and isinstance(first := blocks[0], Passage) and first.kind == "heading" and first.depth == 1:
        heading = first.text
        blocks = blocks[1:]
    return Section(key=key, heading=heading, blocks=tuple(blocks), place=Place(file, 1, 1))


def _section(path: Path, problems: list[Problem]) -> Section:
    def report(code: str, message: str) -> None:
        problems.append(Problem(Place(str(path)), code, message, CATALOGUE[code].remedy))

    if section_rank(path.stem)[0] == len(SECTIONS):
        report("MP416", f"'{path.stem}' is no section of a policy")
    try:
        source = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError) as error:
        report("MP417", f"cannot be read as text: {error}")
        source = ""
    return read_section(path.stem, source, str(path), problems)


def _blocks(tokens: Sequence[Token], lines: list[str], file: str) -> Iterator[Block]:
    """Headings, paragraphs, list items and tables in reading order."""
    lists: list[bool] = []  # open lists, whether numbered
    numbers: list[int | None] = []  # of the open items
    quotes = 0
    for position, token in enumerate(tokens):
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                lists.append(token.type == "ordered_list_open")
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                numbers.append(int(token.info) if token.info.isdigit() else None)
            case "list_item_close":
                numbers.pop()
            case "blockquote_open":
                quotes += 1
            case "blockquote_close":
                quotes -= 1
            case "heading_open":
                yield _passage(tokens[position + 1], lines, file, "heading", depth=int(token.tag[1]))
            case "paragraph_open":
                kind: Kind = "item" if lists else "quote" if quotes else "paragraph"
                number = numbers[-1] if lists and lists[-1] else None
                inline = tokens[position + 1]
                yield _passage(inline, lines, file, kind, len(lists), numbered=bool(lists and lists[-1]), number=number)
                if lists and lists[-1]:
                    numbers[-1] = None  # a second paragraph of the item has no number
            case "table_open":
                yield _table(token, lines, file)


def _passage(
    inline: Token,
    lines: list[str],
    file: str,
    kind: Kind,
    depth: int = 0,
    *,
    numbered: bool = False,
    number: int | None = None,
) -> Passage:
    first = (inline.map or [0, 0])[0]
    starts = []
    offset = 0
    for row, line in enumerate(inline.content.split("\n"), first):
        column = lines[row].find(line) if row < len(lines) else 0
        starts.append((offset, Place(file, row + 1, max(column, 0) + 1)))
        offset += len(line) + 1
    return Passage(kind=kind, text=inline.content, depth=depth, numbered=numbered, number=number, starts=tuple(starts))


def _table(token: Token, lines: list[str], file: str) -> Table:
    begin, end = token.map or [0, 0]
    header, _, *rows = [tuple(_cells(lines[row], row, file)) for row in range(begin, end)]
    return Table(header=header, rows=tuple(rows), place=Place(file, begin + 1, 1))


def _cells(line: str, row: int, file: str) -> Iterator[Passage]:
    """The cells between the bars of one line of a table."""
    inner = line.strip().removeprefix("|")
    base = line.index(inner) if inner else 0
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    position = 0
    while position <= len(inner):
        raw = _CELL.match(inner, position)
        text = raw.group() if raw else ""
        lead = len(text) - len(text.lstrip())
        start = Place(file, row + 1, base + position + lead + 1)
        yield Passage(kind="paragraph", text=text.strip(), starts=((0, start),))
        position += len(text) + 1


def _with_notes(blocks: list[Block]) -> Iterator[Block]:
    """Tables with the caption that stands above them and the notes that stand below them."""
    position = 0
    while position < len(blocks):
        block = blocks[position]
        following = blocks[position + 1] if position + 1 < len(blocks) else None
        if isinstance(following, Table) and _is_caption(block):
            caption = block
            block, position = following, position + 1
        else:
            caption = None
        position += 1
        if isinstance(block, Table):
            end = _end_of_notes(blocks, position)
            notes = blocks[position:end]
            position = end
            yield Table(
                header=block.header,
                rows=block.rows,
                caption=caption if isinstance(caption, Passage) else None,
                notes=tuple(note for note in notes if isinstance(note, Passage)),
                place=block.place,
            )
        else:
            yield block


def _end_of_notes(blocks: list[Block], begin: int) -> int:
    """Behind the last note below a table; a plain paragraph between two notes is part of them."""
    end = begin
    for position in range(begin, len(blocks)):
        block = blocks[position]
        if not isinstance(block, Passage) or block.kind != "paragraph" or _is_caption(block):
            break
        if _is_note(block):
            end = position + 1
    return end


def _is_caption(block: Block) -> bool:
    return isinstance(block, Passage) and block.kind in ("paragraph", "heading") and bool(_CAPTION.match(block.text))


def _is_note(block: Block) -> bool:
    return isinstance(block, Passage) and block.kind == "paragraph" and bool(_NOTES.match(block.text))
