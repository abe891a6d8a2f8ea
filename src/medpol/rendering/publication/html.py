"""A document as one HTML file: no script, no other file, readable on a telephone and on paper."""

from base64 import b64encode

from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from medpol.rendering.publication.model import Document, Figure, anchor_of
from medpol.rendering.publication.theme import Theme

_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


def to_html(document: Document, theme: Theme) -> str:
    """The whole document; the theme's templates lay it out."""
    templates = environment(theme)
    style = templates.get_template("style.css").render(colours=theme.colours, fonts=theme.fonts)
    return templates.get_template("document.html.j2").render(
        identity=document.identity,
        sections=document.sections,
        theme=theme,
        style=Markup(style),  # noqa: S704 - a style sheet of the theme, which the plan wrote
        logo=data_address(theme.logo.read_bytes(), _TYPES[theme.logo.suffix.lower()]) if theme.logo else "",
    )


def environment(theme: Theme) -> ImmutableSandboxedEnvironment:
    """The theme's templates, escaped, with what every page needs: `kind`, `word`, `ref`, `picture`.

    Other pages of a plan (letters, a site) render from it with templates of their own folder in the theme.
    """
    templates = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in theme.folders]),
        autoescape=lambda name: name is None or not name.endswith(".css"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    templates.globals.update(kind=lambda part: type(part).__name__, word=theme.word, ref=reference_id, picture=_picture)
    return templates


def reference_id(key: str) -> str:
    """The permanent id of a reference in the list."""
    return f"ref-{anchor_of(key)}"


def data_address(content: bytes, media_type: str) -> str:
    """A file inside an address."""
    return f"data:{media_type};base64,{b64encode(content).decode()}"


def _picture(figure: Figure) -> str:
    return data_address(figure.drawing.as_bytes("svg"), "image/svg+xml") if figure.drawing else ""
