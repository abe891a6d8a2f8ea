"""The last pass over a document: numbers of tables, figures and citations, the list of references, links that hold."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from medpol.evidence import Reference
from medpol.rendering.publication.model import (
    Block,
    Citation,
    Computed,
    Document,
    Figure,
    Group,
    Inline,
    Item,
    ListBlock,
    Pointer,
    Run,
    Section,
    TableBlock,
    Text,
    anchor_of,
    anchors,
    flat,
    rewritten,
    run,
    texts,
)
from medpol.rendering.publication.parts import address


def numbered(
    document: Document,
    references: Sequence[Reference],
    order: str,
    word: Callable[[str], str],
    cited_as: Callable[[Reference], str],
) -> Document:
    """The document with numbers everywhere; a link to what a theme left out becomes plain text."""
    exhibits = _exhibit_numbers(document)
    numbers = citation_numbers(document, references, order)
    listed = {r.key: r for r in references}
    ranked = sorted(numbers, key=numbers.__getitem__)
    entries = tuple(_entry(listed[key], numbers[key], cited_as) for key in ranked)
    document = _with_list(document, entries)
    known = {*anchors(document)}

    def label(pointer: Pointer) -> Pointer:
        kind, number = exhibits.get(pointer.anchor, ("", 0))
        return replace(pointer, text=f"{word(kind)} {number}" if kind else "")

    def rewrite(text: Text) -> Text:
        return tuple(_settled(text, numbers, known, label))

    def number(block: TableBlock | Figure) -> int:
        return exhibits[block.anchor][1] if block.anchor in exhibits else 0

    sections = tuple(
        replace(s, blocks=tuple(rewritten(block, rewrite, number) for block in s.blocks)) for s in document.sections
    )
    return replace(document, sections=sections)


def citation_numbers(document: Document, references: Sequence[Reference], order: str) -> dict[str, int]:
    """Numbers by order of first citation, uncited ones after them; or the numbers the source's own list prints."""
    if order == "printed":
        last = 10_000
        keys = sorted(references, key=lambda r: min(r.printed_as, default=last))
        return {reference.key: at for at, reference in enumerate(keys, 1)}
    cited: dict[str, None] = {}
    for text in texts(document):
        for inline in text:
            if isinstance(inline, Citation):
                cited.update(dict.fromkeys(inline.keys))
            elif isinstance(inline, Computed):
                cited.update(dict.fromkeys(inline.cites))
    everything = dict.fromkeys([*cited, *(reference.key for reference in references)])
    return {key: at for at, key in enumerate(everything, 1)}


def _exhibit_numbers(document: Document) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    count: Counter[str] = Counter()
    for section in document.sections:
        for block in flat(section.blocks):
            if (isinstance(block, TableBlock) and block.numbered) or isinstance(block, Figure):
                kind = "figure" if isinstance(block, Figure) else "table"
                count[kind] += 1
                found[block.anchor] = (kind, count[kind])
    return found


def _entry(reference: Reference, number: int, cited_as: Callable[[Reference], str]) -> Item:
    bare = replace(reference, url="", pmid="", doi="")
    links: list[Text] = []
    if reference.pmid:
        links.append(run(f"PMID {reference.pmid}", link=f"https://pubmed.ncbi.nlm.nih.gov/{reference.pmid}/"))
    if reference.doi:
        links.append(run(f"doi:{reference.doi}", link=f"https://doi.org/{reference.doi}"))
    if not links and reference.url:
        links.append(address(reference.url)[1:])
    after = tuple(part for link in links for part in (Run(text=" "), *link, Run(text=".")))
    text = (*run(cited_as(bare)), *after)
    return Item(text=text, number=number, anchor=f"ref-{anchor_of(reference.key)}")


def _with_list(document: Document, entries: tuple[Item, ...]) -> Document:
    def filled(block: Block) -> Block:
        if isinstance(block, Group) and block.anchor == "reference-list":
            return replace(block, blocks=(ListBlock(items=entries, numbered=True),))
        return block

    def section(found: Section) -> Section:
        if found.key != "references":
            return found
        return replace(found, blocks=tuple(filled(block) for block in found.blocks))

    return replace(document, sections=tuple(map(section, document.sections)))


def _settled(text: Text, numbers: dict[str, int], known: set[str], label: Callable[[Pointer], Pointer]) -> list[Inline]:
    """Inlines with numbers. Where the next thing cited is the same, only the last citation is kept."""
    out: list[Run | Citation | Computed | Pointer] = []
    following: tuple[str, ...] = ()
    for inline in reversed(text):
        match inline:
            case Citation(keys=keys):
                following = keys
                shown = tuple(sorted(numbers[key] for key in keys))
                out += [Citation(keys=_by_number(keys, numbers), numbers=shown)] if shown else []
            case Computed(cites=cites):
                if cites and cites != following:
                    ordered = _by_number(cites, numbers)
                    out.append(Citation(keys=ordered, numbers=tuple(numbers[key] for key in ordered)))
                following = cites or following
                out.append(inline if inline.cell in known else replace(inline, cell=""))
            case Pointer(anchor=anchor):
                out.append(label(inline) if anchor in known else Run(text=""))
            case Run(link=link) if link.startswith("#") and link[1:] not in known:
                out.append(replace(inline, link=""))
            case _:
                out.append(inline)
    return _close_up(out[::-1])


def _close_up(inlines: list[Inline]) -> list[Inline]:
    """No blank before the number of a citation."""
    for at, inline in enumerate(inlines[:-1]):
        if isinstance(inline, Run) and isinstance(inlines[at + 1], Citation):
            inlines[at] = replace(inline, text=inline.text.rstrip())
    return inlines


def _by_number(keys: tuple[str, ...], numbers: dict[str, int]) -> tuple[str, ...]:
    return tuple(sorted(keys, key=numbers.__getitem__))
