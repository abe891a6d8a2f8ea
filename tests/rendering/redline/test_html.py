"""The page: marks that need no colour, a summary, links from change to change; nothing unescaped."""

import re
from html.parser import HTMLParser

import pytest

from medpol.library import PolicyLibrary
from medpol.library.redlines import redlined
from medpol.rendering.publication import Theme, load_theme
from medpol.rendering.publication.theme import contrast
from medpol.rendering.redline import compare
from medpol.rendering.redline.html import to_html
from publications import document, paragraph


@pytest.fixture(scope="module")
def theme() -> Theme:
    return load_theme()


@pytest.fixture(scope="module")
def page(theme: Theme) -> str:
    found = redlined(PolicyLibrary(), "240.4", theme)
    return to_html(found.redline, theme, found.differences)


class _Ids(HTMLParser):
    def __init__(self, source: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.open: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [str(given["id"])] if "id" in given else []
        self.targets += [str(given["href"])[1:]] if str(given.get("href", "")).startswith("#") else []
        if tag not in ("meta", "img", "br", "link", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_link_and_every_tag_ends_somewhere(page: str) -> None:
    found = _Ids(page)
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    assert set(found.targets) <= set(found.ids)


def test_each_change_leads_to_the_next_and_the_last_to_the_summary(page: str) -> None:
    count = int(re.search(r"<h2>(\d+) changes</h2>", page)[1])  # type: ignore[index]
    assert count > 10
    assert [int(n) for n in re.findall(r'id="change-(\d+)"', page)] == list(range(1, count + 1))
    steps = re.findall(r'<a class="next" href="#([a-z0-9-]+)"', page)
    assert steps == [*(f"change-{n}" for n in range(2, count + 1)), "summary"]


def test_marks_are_said_not_only_coloured(page: str) -> None:
    assert page.count("<ins>") == page.count("[added: ") + 1  # the legend shows one
    assert page.count("<del>") == page.count("[removed: ") + 1
    for ink, ground in (("added", "added-ground"), ("removed", "removed-ground"), ("moved", "moved-ground")):
        colours = [re.search(rf"--{name}: (#\w+)", page)[1] for name in (ink, ground)]  # type: ignore[index]
        assert contrast(*colours) >= 4.5
    assert re.search(r"ins \{[^}]*underline", page)
    assert re.search(r"del \{[^}]*line-through", page)


def test_the_summary_says_in_english_what_decides_otherwise(page: str) -> None:
    assert "statement initial: medically necessary, for device" in page
    assert page.index("What decides otherwise") < page.index("<main")


def test_equal_versions_say_so(theme: Theme) -> None:
    same = document(paragraph("Nothing changes."))
    assert "No change: both versions say the same" in to_html(compare(same, same), theme)


def test_unsafe_text_is_escaped(theme: Theme) -> None:
    before, after = (
        document(paragraph("<script>alert(1)</script> old")),
        document(paragraph("<script>alert(1)</script> new")),
    )
    source = to_html(compare(before, after), theme)
    assert "<script" not in source
    assert "&lt;" in source
