"""A document as a tagged PDF (PDF/UA-1, ISO 14289-1), set by typst: same document, same bytes.

The texts travel as JSON, so nothing a policy says can act as markup. Fonts are typst's own and those of the theme's
folder; those of the machine are not looked at.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import matplotlib as mpl

from medpol.problems import Place, PolicyRejected, Problem
from medpol.rendering.publication.html import reference_id
from medpol.rendering.publication.model import (
    Block,
    Citation,
    Document,
    Figure,
    Group,
    Item,
    ListBlock,
    TableBlock,
    plain,
)
from medpol.rendering.publication.theme import Theme

PAPER = "us-letter"
_LINE = 115  # characters across the page in the size of tables
_WHOLE = 16  # lines of a statement that is not broken across pages
_WORDS = ("page", "of", "table", "figure", "contents")


def to_pdf(document: Document, theme: Theme) -> bytes:
    """The document as PDF. PolicyRejected where typst is not installed or cannot set the theme's template."""
    files: dict[str, bytes] = {}
    data = _data(document, theme, files)
    return typeset(theme, "document.typ", data, files, document.identity.effective)


def typeset(theme: Theme, template: str, data: Mapping[str, Any], files: Mapping[str, bytes], day: str) -> bytes:
    """A typst template of the theme, which finds `data` in data.json and `files` beside it, as PDF of that day.

    Raises PolicyRejected: MP924 where typst is not installed, MP925 where it refuses the template or breaks PDF/UA-1.
    """
    try:
        import typst
    except ImportError:
        raise PolicyRejected([missing("typst", "pdf")]) from None
    source = theme.file(template)
    with TemporaryDirectory() as name:
        root = Path(name)
        for file, content in {**files, "data.json": json.dumps(data).encode(), template: source.read_bytes()}.items():
            (root / file).write_bytes(content)
        try:
            return bytes(
                typst.compile(
                    str(root / template),
                    root=str(root),
                    format="pdf",
                    font_paths=[*map(str, theme.folders), str(Path(mpl.get_data_path()) / "fonts" / "ttf")],
                    ignore_system_fonts=True,
                    pdf_standards=["ua-1"],
                    timestamp=_moment(day),
                )
            )
        except typst.TypstError as error:
            problem = Problem(Place(str(source)), "MP925", f"typst cannot set it: {error.message}", _hints(error.hints))
            raise PolicyRejected([problem]) from None


def _hints(hints: list[str]) -> str:
    return "; ".join(hints) or "correct the template"


def missing(package: str, kind: str) -> Problem:
    """That a format's library is not there."""
    return Problem(
        Place(f"--to {kind}"), "MP924", f"{kind} needs {package}", "install medpol[documents], or publish html or md"
    )


def _moment(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)


def _data(document: Document, theme: Theme, files: dict[str, bytes]) -> dict[str, Any]:
    identity = document.identity
    logo = ""
    if theme.logo:
        logo = f"logo{theme.logo.suffix.lower()}"
        files[logo] = theme.logo.read_bytes()
    return {
        "identity": as_data(identity, files),
        "sections": [as_data(section, files) for section in document.sections],
        "colours": dict(theme.colours),
        "words": {word: theme.word(word) for word in _WORDS},
        "font": theme.fonts["document"],
        "paper": PAPER,
        "logo": logo,
        "logo_text": theme.logo_text,
        "description": f"{theme.word('number')} {identity.number}, {theme.word('effective')} {identity.effective}",
        "keywords": [identity.number, identity.version],
        "footer": f" · {identity.number} · {theme.word('effective')} {identity.effective}",
    }


def as_data(thing: Any, files: dict[str, bytes]) -> Any:
    """Dataclasses as mappings with their `kind`, and what a template needs: pictures (into `files`), widths, ids."""
    if isinstance(thing, tuple):
        return [as_data(member, files) for member in thing]
    if not is_dataclass(thing):
        return thing
    data = {f.name: as_data(getattr(thing, f.name), files) for f in fields(thing) if f.name != "drawing"}
    data["kind"] = type(thing).__name__
    match thing:
        case Citation(keys=keys):
            data["keys"] = [reference_id(key) for key in keys]
        case TableBlock():
            data["widths"] = widths(thing)
        case Group(role="statement"):
            data["whole"] = sum(1 for _ in _lines(thing)) <= _WHOLE
        case Figure(anchor=anchor, drawing=drawing) if drawing is not None:
            data["file"] = f"{anchor}.svg"
            data["points"] = round(72 * drawing.figure.get_figwidth())
            files[data["file"]] = drawing.as_bytes("svg")
    return data


def _lines(group: Group) -> Iterator[Block | Item]:
    """The lines of a statement, roughly: its blocks and the items of its lists."""
    for block in group.blocks:
        yield block
        if isinstance(block, ListBlock):
            open_ = list(block.items)
            while open_:
                item = open_.pop()
                yield item
                open_.extend(item.under)


def widths(table: TableBlock) -> list[int]:
    """A share for every column: room for its longest word, then for its longest text, short columns first."""
    texts = [
        [plain(head), *(plain(line) for row in table.rows for line in row[at].lines)]
        for at, head in enumerate(table.header)
    ]
    shares = [max((_room(word) for text in column for word in text.split()), default=4) + 2 for column in texts]
    needs = [max(max(map(_room, column)) + 2 - share, 0) for column, share in zip(texts, shares, strict=True)]
    left = max(_LINE - sum(shares), 0)
    waiting = sorted((need, at) for at, need in enumerate(needs) if need)
    while waiting:
        need, at = waiting.pop(0)
        given = min(need, left // (len(waiting) + 1))
        shares[at] += given
        left -= given
    return shares


def _room(word: str) -> int:
    """Characters of ordinary width that a word needs; capitals are wider."""
    return len(word) + sum(c.isupper() for c in word) // 2
