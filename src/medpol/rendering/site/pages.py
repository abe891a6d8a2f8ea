"""Pages from their data: HTML by the theme's templates, JSON beside it, the style, the script and its index."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from medpol.rendering.publication import Theme
from medpol.rendering.publication.html import environment
from medpol.rendering.site.addresses import CODES, HOME, address, json_path, root_of

_STYLES = ("style.css", "redline/redline.css", "site/site.css")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page: `data` is what stands in its JSON, `also` what only its template needs."""

    path: str
    template: str
    title: str
    data: Mapping[str, Any]
    also: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return str(self.data["kind"])

    @property
    def listed(self) -> dict[str, str]:
        """The page in the list of all."""
        at, data = address(self.path), address(json_path(self.path))
        return {"kind": self.kind, "title": self.title, "address": at, "json": data}


class Writer:
    """Makes files of pages, by the templates of one theme."""

    def __init__(self, theme: Theme, plan: str, notice: str) -> None:
        self._templates = environment(theme)
        self._theme = theme
        self._shared = {"theme": theme, "plan": theme.plan or plan, "notice": notice, "home": HOME, "codes": CODES}

    def html(self, page: Page) -> bytes:
        """The page for a reader."""
        template = self._templates.get_template(f"site/{page.template}")
        file = address(json_path(page.path).rpartition("/")[2])
        return template.render(
            **self._shared, **page.also, page=page, data=page.data, root=root_of(page.path), json=file
        ).encode()

    def assets(self, index: Mapping[str, Any]) -> dict[str, bytes]:
        """The files that pages share."""
        look = {"colours": self._theme.colours, "fonts": self._theme.fonts}
        style = "\n".join(self._templates.get_template(name).render(look) for name in _STYLES)
        return {
            "assets/style.css": style.encode(),
            "assets/search.js": self._theme.file("site/search.js").read_bytes(),
            "assets/index.js": b"window.medpolIndex = " + orjson.dumps(index) + b";\n",
        }


def as_json(data: Mapping[str, Any]) -> bytes:
    """A page as data."""
    return orjson.dumps(data, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
