"""Random publications over a few words, and small ones by hand."""

from hypothesis import strategies as st

from medpol.rendering.publication import (
    Block,
    Citation,
    Document,
    Group,
    Heading,
    Identity,
    Item,
    ListBlock,
    Paragraph,
    Run,
    Section,
    TableBlock,
    Terms,
    Text,
)
from medpol.rendering.publication.model import cell, run

WORDS = st.sampled_from(
    ["covered", "not", "spine,", "62330", "≥ 50%", "the", "<b>", "a\tb", "", "naïve.", "x y", "7.5"]
)
SENTENCES = st.lists(WORDS, max_size=12).map(" ".join)
RUNS = st.builds(Run, text=SENTENCES, strong=st.booleans(), link=st.sampled_from(["", "#x", "https://example.org"]))
CITATIONS = st.builds(Citation, keys=st.sampled_from([("a",), ("b", "a")]))
TEXTS: st.SearchStrategy[Text] = st.lists(RUNS | CITATIONS, max_size=3).map(tuple)
NAMES = st.sampled_from(["", "one", "two", "three"])
ITEMS = st.builds(Item, text=TEXTS, under=st.just(()) | st.tuples(st.builds(Item, text=TEXTS)), anchor=NAMES)


@st.composite
def tables(draw: st.DrawFn) -> TableBlock:
    columns = draw(st.integers(1, 3))
    row = st.tuples(*[st.builds(cell, SENTENCES)] * columns)
    return TableBlock(
        anchor=draw(NAMES.filter(bool)), caption=draw(TEXTS), header=draw(st.tuples(*[TEXTS] * columns)),
        rows=tuple(draw(st.lists(row, max_size=4))), notes=draw(st.just(()) | st.tuples(TEXTS)),
    )  # fmt: skip


LEAVES: st.SearchStrategy[Block] = (
    st.builds(Heading, text=TEXTS, level=st.integers(3, 6), anchor=NAMES)
    | st.builds(Paragraph, text=TEXTS, role=st.sampled_from(["", "note", "quote"]))
    | st.builds(ListBlock, items=st.lists(ITEMS, min_size=1, max_size=3).map(tuple))
    | st.builds(Terms, rows=st.lists(st.tuples(NAMES, TEXTS), max_size=3).map(tuple))
    | tables()
)
BLOCKS = LEAVES | st.builds(
    Group, anchor=NAMES.filter(bool), role=st.sampled_from(["statement", "part"]), blocks=st.lists(LEAVES).map(tuple)
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    keys = draw(st.lists(st.sampled_from(["policy", "codes", "history", "background"]), unique=True, max_size=4))
    sections = tuple(
        Section(key=key, title=draw(SENTENCES), anchor=key, blocks=tuple(draw(st.lists(BLOCKS, max_size=4))))
        for key in keys
    )
    identity = Identity(
        number="1",
        title=draw(SENTENCES),
        plan="Plan",
        version="1@2020-01-01",
        effective="2020-01-01",
        rows=Terms(rows=()),
    )
    return Document(identity=identity, sections=sections)


def document(*blocks: Block) -> Document:
    identity = Identity(
        number="1", title="T", plan="P", version="1@2020-01-01", effective="2020-01-01", rows=Terms(rows=())
    )
    return Document(
        identity=identity, sections=(Section(key="policy", title="Policy", anchor="policy", blocks=blocks),)
    )


def paragraph(text: str) -> Paragraph:
    return Paragraph(text=run(text))
