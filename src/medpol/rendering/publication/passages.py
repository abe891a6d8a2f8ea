"""Passages of a narrative → blocks: Markdown marks, `[@citations]` and `{{ expressions }}` become inline text."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from medpol.model.narrative import Block as Written
from medpol.model.narrative import Passage, Table
from medpol.problems import Place, Problem
from medpol.rendering.publication.expressions import Expressions, Value
from medpol.rendering.publication.model import (
    Block,
    Cell,
    Citation,
    Computed,
    Heading,
    Inline,
    Item,
    ListBlock,
    Paragraph,
    Pointer,
    Run,
    TableBlock,
    Text,
    anchor_of,
    plain,
)

_MARKED = re.compile(r"\{\{(?P<asked>.*?)\}\}|\[(?P<cited>@[^\]\[]+)\]|(?P<control>\{%.*?%\})", re.DOTALL)
_HELD = re.compile("\ue000(\\d+)\ue001")  # private-use characters hold the place of what Markdown must not read
_ALONE = re.compile(r"\s*\{\{(?P<asked>[^{}]*)\}\}\s*")
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_inline"])


class Reader:
    """Turns the passages of one version's narrative into blocks; collects problems."""

    def __init__(self, expressions: Expressions, known: Collection[str], problems: list[Problem]) -> None:
        self._expressions = expressions
        self._known = known
        self._problems = problems
        self._level = 2
        self._used: Counter[str] = Counter()

    def blocks(self, section: str, written: Sequence[Written]) -> tuple[Block, ...]:
        """The blocks of a section; consecutive items become one list, an expression alone in its paragraph a block."""
        found: list[Block] = []
        position, self._level = 0, 2
        while position < len(written):
            block = written[position]
            if isinstance(block, Passage) and block.kind == "item":
                run_ = _run_of_items(written, position)
                found.append(self._list(run_))
                position += len(run_)
                continue
            found.extend(self._table(section, block) if isinstance(block, Table) else self._passage(section, block))
            position += 1
        return tuple(found)

    def _passage(self, section: str, passage: Passage) -> Iterator[Block]:
        alone = _ALONE.fullmatch(passage.text) if passage.kind == "paragraph" else None
        if alone:
            value = self._expressions.value(alone["asked"].strip(), passage.at(alone.start("asked") - 2))
            yield from _as_blocks(value)
            return
        text = self.text(passage)
        if passage.kind == "heading":
            self._level = min(max(passage.depth + 1, 3), self._level + 1, 6)  # no level is skipped
            yield Heading(text=text, level=self._level, anchor=self._fresh(f"{section}-{anchor_of(plain(text))}"))
        else:
            yield Paragraph(text=text, role="quote" if passage.kind == "quote" else "")

    def _list(self, passages: Sequence[Passage]) -> ListBlock:
        return ListBlock(items=self._items(list(passages), 1), numbered=passages[0].numbered)

    def _items(self, passages: list[Passage], depth: int) -> tuple[Item, ...]:
        items: list[Item] = []
        position = 0
        while position < len(passages):
            end = position + 1
            while end < len(passages) and passages[end].depth > depth:
                end += 1
            head = passages[position]
            under = self._items(passages[position + 1 : end], depth + 1)
            items.append(Item(text=self.text(head), under=under, number=head.number))
            position = end
        return tuple(items)

    def _table(self, section: str, table: Table) -> Iterator[Block]:
        caption = self.text(table.caption) if table.caption else (Run(text=section.replace("-", " ").capitalize()),)
        rows = tuple(
            tuple(Cell(lines=(self.text(cell),), heads=at == 0) for at, cell in enumerate(row)) for row in table.rows
        )
        yield TableBlock(
            anchor=self._fresh(f"table-{section}-{anchor_of(plain(_without_number(caption)))[:40]}"),
            caption=_without_number(caption),
            header=tuple(self.text(head) for head in table.header),
            rows=tuple((*row, *(Cell(),) * (len(table.header) - len(row))) for row in rows),
            notes=tuple(self.text(note) for note in table.notes),
        )

    def _fresh(self, anchor: str) -> str:
        """The id, with a number behind it where it was used before."""
        self._used[anchor] += 1
        return anchor if self._used[anchor] == 1 else f"{anchor}-{self._used[anchor]}"

    def text(self, passage: Passage) -> Text:
        """A passage's inline text."""
        held: list[Inline] = []

        def hold(match: re.Match[str]) -> str:
            held.append(self._held(match, passage))
            return f"\ue000{len(held) - 1}\ue001"

        source = _MARKED.sub(hold, passage.text.replace("\ue000", "\ufffd"))
        tokens = _MARKDOWN.parseInline(source)[0].children or []
        return tuple(_inlines(tokens, held))

    def _held(self, match: re.Match[str], passage: Passage) -> Inline:
        place = passage.at(match.start())
        if match["control"]:
            self._problem(place, "MP922", f"{match['control']} is not used here", "only {{ expressions }} are")
        elif match["cited"]:
            return self._citation(match["cited"], place)
        else:
            value = self._expressions.value(match["asked"].strip(), place)
            if isinstance(value, Run | Computed | Pointer | Citation):
                return value
            if value is not None:
                said = f"{{{{ {match['asked'].strip()} }}}} is a table or figure"
                self._problem(place, "MP922", said, "give it a paragraph of its own")
        return Run(text="")

    def _citation(self, text: str, place: Place) -> Inline:
        keys = [key.strip().removeprefix("@") for key in text.split(";")]
        for key in keys:
            if key not in self._known:
                remedy = "a key of evidence/references.yaml that was in print by the version's literature date"
                self._problem(place, "MP921", f"there is no reference '{key}'", remedy)
        return Citation(keys=tuple(key for key in keys if key in self._known))

    def _problem(self, place: Place, code: str, message: str, remedy: str) -> None:
        self._problems.append(Problem(place, code, message, remedy))


def _as_blocks(value: Value | None) -> Iterator[Block]:
    match value:
        case None:
            return
        case tuple():
            yield from value
        case Run() | Computed() | Pointer() | Citation():
            yield Paragraph(text=(value,))
        case block:
            yield block


def _run_of_items(written: Sequence[Written], start: int) -> list[Passage]:
    """The items of one list: up to the next block of another kind, or a top-level item of another kind of list."""
    items: list[Passage] = []
    for block in written[start:]:
        if not isinstance(block, Passage) or block.kind != "item":
            break
        if items and block.depth == 1 and block.numbered != items[0].numbered:
            break
        items.append(block)
    return items


def _without_number(caption: Text) -> Text:
    """A caption without the `Table 3.` typed before it: tables are numbered when all are known."""
    first = caption[0]
    if not isinstance(first, Run):
        return caption
    bare = re.sub(r"^Table(\s+[\w.-]*\d[\w-]*)?\s*[.:]?\s*", "", first.text)
    return (Run(text=bare, strong=first.strong, emphasis=first.emphasis), *caption[1:]) if bare else caption[1:]


def _inlines(tokens: Sequence[Token], held: Sequence[Inline]) -> Iterator[Inline]:
    strong = emphasis = 0
    link = ""
    for token in tokens:
        match token.type:
            case "strong_open" | "strong_close":
                strong += token.nesting
            case "em_open" | "em_close":
                emphasis += token.nesting
            case "link_open":
                link = str(token.attrGet("href") or "")
            case "link_close":
                link = ""
            case "softbreak" | "hardbreak":
                yield Run(text=" ")
            case "text" | "code_inline":
                for at, part in enumerate(_HELD.split(token.content)):
                    if at % 2:
                        yield _marked(held[int(part)], bool(strong), bool(emphasis))
                    elif part:
                        code = token.type == "code_inline"
                        yield Run(text=part, strong=bool(strong), emphasis=bool(emphasis), code=code, link=link)


def _marked(inline: Inline, strong: bool, emphasis: bool) -> Inline:
    if isinstance(inline, Run) and (strong or emphasis):
        return Run(text=inline.text, strong=strong, emphasis=emphasis, link=inline.link)
    return inline
