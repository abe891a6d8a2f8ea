"""Reading the pages of a site."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

EMPTY = ("meta", "img", "br", "link", "input")


@dataclass
class Tag:
    name: str
    attributes: dict[str, str]


@dataclass
class Html(HTMLParser):
    """Every tag of a page; a tag left open or closed twice fails."""

    path: Path
    tags: list[Tag] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.path.read_text(encoding="utf-8"))
        assert self.open == [], f"{self.path}: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(Tag(tag, {name: value or "" for name, value in attrs}))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.path

    def all(self, name: str) -> list[dict[str, str]]:
        return [tag.attributes for tag in self.tags if tag.name == name]

    @property
    def ids(self) -> list[str]:
        return [tag.attributes["id"] for tag in self.tags if "id" in tag.attributes]

    @property
    def links(self) -> list[str]:
        return [tag.attributes[name] for tag in self.tags for name in ("href", "src") if name in tag.attributes]
