"""A document as Markdown (CommonMark with pipe tables): readable as it stands, valid wherever it is rendered."""

import re
from collections.abc import Iterator
from html import escape

from medpol.rendering.publication.html import reference_id
from medpol.rendering.publication.model import (
    Block,
    Cell,
    Citation,
    Computed,
    Document,
    Figure,
    Group,
    Heading,
    Item,
    ListBlock,
    Paragraph,
    Pointer,
    Run,
    TableBlock,
    Terms,
    Text,
)
from medpol.rendering.publication.theme import Theme

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~])")
_AT_START = re.compile(r"^(\s*)([#+-]|\d+[.)])(?=\s|$)")


def to_markdown(document: Document, theme: Theme) -> str:
    """The whole document, every block followed by a blank line."""
    identity = document.identity
    parts = [f"# {_escaped(f'{identity.number} {identity.title}')}"]
    parts += [_terms(identity.rows), *(f"*{inline(note.text)}*" for note in identity.notes)]
    links = (f"- [{_escaped(section.title)}](#{section.anchor})" for section in document.sections)
    parts.append(f"**{theme.word('contents')}**\n\n" + "\n".join(links))
    for section in document.sections:
        parts.append(f"{_anchor(section.anchor)}\n\n## {_escaped(section.title)}")
        parts += [text for block in section.blocks for text in _block(block, theme)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _block(block: Block, theme: Theme) -> Iterator[str]:
    match block:
        case Heading(text=text, level=level, anchor=anchor):
            yield _anchor(anchor)
            yield f"{'#' * level} {inline(text)}"
        case Paragraph(text=text, role=role):
            line = _line(text)
            yield f"> {line}" if role == "quote" else line
        case ListBlock():
            yield "\n".join(_items(block.items, 0, numbered=block.numbered))
        case Terms():
            yield _terms(block)
        case TableBlock():
            yield from _table(block, theme)
        case Figure(anchor=anchor, number=number, caption=caption, alt=alt, table=table):
            yield _anchor(anchor)
            yield f"**{theme.word('figure')} {number}.** {inline(caption)} *{_escaped(alt)}*"
            yield from _table(table, theme)
        case Group(anchor=anchor, blocks=blocks):
            yield _anchor(anchor)
            for member in blocks:
                yield from _block(member, theme)


def _terms(block: Terms) -> str:
    return "\n".join(f"- **{_escaped(name)}:** {inline(text)}" for name, text in block.rows)


def _items(items: tuple[Item, ...], indent: int, *, numbered: bool = False) -> Iterator[str]:
    for at, item in enumerate(items, 1):
        mark = f"{item.number or at}." if numbered else "-"
        anchor = _anchor(item.anchor)
        yield f"{' ' * indent}{mark} {anchor}{_line(item.text)}"
        yield from _items(item.under, indent + len(mark) + 1)


def _table(block: TableBlock, theme: Theme) -> Iterator[str]:
    number = f"**{theme.word('table')} {block.number}.** " if block.number else ""
    yield f"{_anchor(block.anchor)}\n\n{number}{inline(block.caption)}"
    rows = [[_cell(cell) for cell in row] for row in block.rows]
    lines = [[inline(head) for head in block.header], ["---"] * len(block.header), *rows]
    yield "\n".join(f"| {' | '.join(line)} |" for line in lines)
    if block.notes:
        yield "\n".join(f"- {_line(note)}" for note in block.notes)


def _cell(cell: Cell) -> str:
    text = "<br>".join(inline(line) for line in cell.lines)
    return f"{'' if cell.covered else _anchor(cell.anchor)}{f'**{text}**' if cell.heads and text else text}"


def _anchor(anchor: str) -> str:
    return f'<a id="{escape(anchor)}"></a>' if anchor else ""


def _line(text: Text) -> str:
    """Inline text that stands at the start of a line: what would begin a list or a heading there is escaped."""
    return _AT_START.sub(r"\1\\\2", inline(text)) if text else ""


def inline(text: Text) -> str:
    """Inline text on one line."""
    return "".join(map(_inline, text)).replace("\n", " ")


def _inline(part: Run | Citation | Computed | Pointer) -> str:
    match part:
        case Citation(keys=keys, numbers=numbers):
            links = (f"[{number}](#{reference_id(key)})" for key, number in zip(keys, numbers, strict=True))
            return f" \\[{', '.join(links)}\\]"
        case Computed(text=text, cell=anchor):
            return f"[{_escaped(text)}](#{anchor})" if anchor else _escaped(text)
        case Pointer(text=text, anchor=anchor):
            return f"[{_escaped(text)}](#{anchor})" if text else ""
    if part.code:
        return f"`` {part.text} ``" if "`" in part.text else f"`{part.text}`"
    body = _escaped(part.text)
    mark = "***" if part.strong and part.emphasis else "**" if part.strong else "*" if part.emphasis else ""
    if mark and body.strip():
        lead, tail = body[: len(body) - len(body.lstrip())], body[len(body.rstrip()) :]
        body = f"{lead}{mark}{body.strip()}{mark}{tail}"
    return f"[{body}](<{part.link}>)" if part.link else body


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text).replace("&", "&amp;")
