"""A letter or a summary in a format: the publication's writers, with pages of a letter's own and a draft's mark.

A draft carries its mark on every page: across it in HTML, PDF and DOCX, above and below the text in Markdown.
"""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace

from markupsafe import Markup

from medpol.rendering.member_summary import Words
from medpol.rendering.member_summary.dictionary import own_folder
from medpol.rendering.publication import Document, Theme
from medpol.rendering.publication.docx import to_docx
from medpol.rendering.publication.html import data_address, environment
from medpol.rendering.publication.markdown import to_markdown
from medpol.rendering.publication.pdf import PAPER, as_data, typeset

FORMATS = ("html", "pdf", "docx", "md")
_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


def write_letter(document: Document, theme: Theme, to: str, words: Words) -> bytes:
    """The document in one of FORMATS. PolicyRejected where the format's library is not installed."""
    own = replace(
        theme,
        folders=(*theme.folders, own_folder() / "templates"),
        words={**theme.words, "effective": words.say("date"), "number": words.say("request")},
    )
    mark = words.say("draft_mark") if document.identity.status == "draft" else ""
    return _WRITERS[to](document, own, mark)


def _html(document: Document, theme: Theme, mark: str) -> bytes:
    templates = environment(theme)
    style = "".join(
        templates.get_template(name).render(colours=theme.colours, fonts=theme.fonts)
        for name in ("style.css", "letter.css")
    )
    page = templates.get_template("letter.html.j2").render(
        identity=document.identity,
        sections=document.sections,
        theme=theme,
        mark=mark,
        style=Markup(style),  # noqa: S704 - style sheets of the theme and the package
        logo=data_address(theme.logo.read_bytes(), _TYPES[theme.logo.suffix.lower()]) if theme.logo else "",
    )
    return page.encode()


def _pdf(document: Document, theme: Theme, mark: str) -> bytes:
    identity = document.identity
    files = {"document.typ": theme.file("document.typ").read_bytes()}
    logo = ""
    if theme.logo:
        logo = f"logo{theme.logo.suffix.lower()}"
        files[logo] = theme.logo.read_bytes()
    data = {
        "identity": as_data(identity, files),
        "sections": [as_data(section, files) for section in document.sections],
        "colours": dict(theme.colours),
        "words": {word: theme.word(word) for word in ("page", "of", "table", "figure", "contents")},
        "font": theme.fonts["document"],
        "paper": PAPER,
        "logo": logo,
        "logo_text": theme.logo_text,
        "description": f"{identity.number} {identity.title}",
        "keywords": [identity.version],
        "footer": f" · {identity.number.rstrip(':')} · {identity.effective}",
        "mark": mark,
    }
    return typeset(theme, "letter.typ", data, files, identity.effective)


def _md(document: Document, theme: Theme, mark: str) -> bytes:
    """Without the list of contents, which a letter does not need."""
    text = re.sub(
        rf"\*\*{re.escape(theme.word('contents'))}\*\*\n\n(?:- .*\n)+\n?", "", to_markdown(document, theme), count=1
    )
    return (f"**{mark}**\n\n{text}\n**{mark}**\n" if mark else text).encode()


def _docx(document: Document, theme: Theme, mark: str) -> bytes:
    content = to_docx(document, theme)
    return _marked(content, mark) if mark else content


def _marked(content: bytes, mark: str) -> bytes:
    """The Word file with the mark across every page: a text shape in the header (ISO/IEC 29500-4, 19.1, VML)."""
    shape = (_SHAPE + _LINE).replace("MARK", str(Markup.escape(mark)))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            data = old.read(info)
            if re.fullmatch(r"word/header\d*\.xml", info.filename):
                data = data.decode().replace("</w:hdr>", f"{shape}</w:hdr>").encode()
            new.writestr(info, data)
    return out.getvalue()


_SHAPE = """<w:p><w:r><w:pict xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e">
<v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/></v:shapetype>
<v:shape id="DraftMark" o:spid="_x0000_s2049" type="#_x0000_t136" alt="MARK" style="position:absolute;margin-left:0;
margin-top:0;width:480pt;height:64pt;rotation:315;z-index:-251658752;mso-position-horizontal:center;
mso-position-horizontal-relative:margin;mso-position-vertical:center;mso-position-vertical-relative:margin"
fillcolor="#d9d6cd" stroked="f"><v:fill opacity=".5"/><v:textpath style="font-family:&quot;Arial&quot;;font-size:1pt"
string="MARK"/></v:shape></w:pict></w:r></w:p>"""
_LINE = '<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:rPr><w:b/></w:rPr><w:t>MARK</w:t></w:r></w:p>'

_WRITERS: Mapping[str, Callable[[Document, Theme, str], bytes]] = {
    "html": _html,
    "pdf": _pdf,
    "docx": _docx,
    "md": _md,
}
