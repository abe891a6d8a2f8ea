"""The report of a replay: self-contained, accessible, and with the figures it was given."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from libraries import NO, YES, service, statement, version
from medpol.history import version_changes
from medpol.model.criteria import All, Compare, Is
from medpol.model.impact import Asked, Basis, Group, Impact, Kind, Provider, Tally, Transition
from medpol.model.policy import State
from medpol.rendering.changes import Line, changes_lines
from medpol.rendering.impact import caveats, headline, share, summary
from medpol.rendering.impact_page import impact_page
from strategies import FACTS

BEFORE = version("P", statement(YES, Is(fact="consent"), "s"), default=NO, codes=(service("62330", "lumbar"),))
AFTER = version(
    "P",
    statement(YES, All(of=(Is(fact="consent"), Compare(fact="bmi", high=40))), "s"),
    default=NO,
    effective=date(2024, 1, 1),
    codes=(service("62330", "lumbar"), service("0274T")),
)
CHANGES = version_changes(BEFORE, AFTER)


def tally(lines: int, billed: str | None = "1.00") -> Tally:
    amount = None if billed is None else Decimal(billed)
    return Tally(lines=lines, members=lines, providers=lines, billed=amount)


def group(name: str, lines: int, changed: int) -> Group:
    return Group(name=name, lines=lines, changed=tally(changed), becomes=((State.PEND_INFORMATION, changed),))


def an_impact() -> Impact:
    return Impact(
        basis=Basis.ALL_DATES,
        policy="P",
        title="Knees <b> & co",
        before="2000-01-01",
        after="2024-01-01",
        total=1000,
        rejected=1,
        considered=tally(200, "900.50"),
        changed=tally(50, "300.25"),
        kinds=((Kind.STATE, tally(50)), (Kind.MISSING, tally(20)), (Kind.CITED, tally(130))),
        transitions=(
            Transition(before=State.APPROVE, after=State.APPROVE, tally=tally(150)),
            Transition(before=State.APPROVE, after=State.PEND_INFORMATION, tally=tally(48, "300.25")),
            Transition(before=State.NOT_COVERED, after=State.APPROVE, tally=tally(2, None)),
        ),
        by_code=tuple(group(f"6233{i:02}", 20, 5) for i in range(20)),
        by_line_of_business=(group("commercial", 200, 50),),
        by_month=(group("2024-11", 100, 20), group("2025-02", 100, 30)),
        by_policy=(group("P", 200, 50),),
        asked=(Asked(fact="bmi", before=0, after=48, newly=48, no_longer=0),),
        providers=(Provider(name="<script>N1", lines=40, billed=None),),
        billed_unknown=2,
        since="2024-11-03",
        until="2025-02-07",
        notes=("A note.",),
    )


def page(seen: Impact) -> str:
    return impact_page(seen, CHANGES, FACTS, "claims.parquet")


def nothing(seen: Impact) -> Impact:
    none = Tally(lines=0, members=None, providers=None, billed=None)
    empty = {"transitions": (), "by_code": (), "by_line_of_business": (), "by_month": (), "by_policy": (), "kinds": ()}
    return replace(seen, considered=none, changed=none, asked=(), providers=None, billed_unknown=None, **empty)  # type: ignore[arg-type]


class Elements(HTMLParser):
    """Every element with its attributes; closing tags must match."""

    void = ("meta", "br", "rect", "path", "line", "circle")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def of(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag in tags]


@pytest.mark.parametrize("seen", [an_impact(), nothing(an_impact())])
def test_the_page_needs_nothing_beside_itself(seen: Impact) -> None:
    text = page(seen)
    elements = Elements(text)
    assert elements.open == []
    assert not elements.of("script", "link", "img", "iframe", "object")
    assert not re.search(r"https?://|url\((?!#)|@import", text)
    assert elements.of("html")[0]["lang"] == "en"


def test_every_picture_has_words_and_every_table_its_headings() -> None:
    elements = Elements(page(an_impact()))
    assert len(elements.of("svg")) > 8
    for picture in elements.of("svg"):
        named = picture.get("aria-label") or picture.get("aria-labelledby")
        assert picture.get("aria-hidden") == "true" or (picture.get("role") == "img" and named)
    assert all(cell.get("scope") in ("col", "row") for cell in elements.of("th"))
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_what_comes_from_files_is_escaped() -> None:
    text = page(an_impact())
    assert "Knees &lt;b&gt; &amp; co" in text
    assert "&lt;script&gt;N1" in text


def test_long_tables_end_in_a_row_for_the_rest() -> None:
    text = page(an_impact())
    assert "5 others" in text
    assert text.count("6233") >= 15


def test_months_without_lines_keep_their_place() -> None:
    assert [month for month in ("2024-12", "2025-01") if month not in page(an_impact())] == []


def test_the_headline_tells_pending_from_denied() -> None:
    assert headline(an_impact()) == (
        "With P as of 2024-01-01 instead of 2000-01-01 on every service date, 50 of 200 claim lines (25.0%) would be "
        "decided otherwise: 48 from approved to waiting for information; 2 from not covered to approved."
    )
    assert "no claim line would be touched" in headline(nothing(an_impact()))


def test_what_did_not_change_is_told_too() -> None:
    told = " ".join(summary(an_impact()))
    assert "20 claim lines (20 with other facts asked for)" in told
    assert "The same answer: 130 claim lines" in told
    assert "Not under review: 799 claim lines" in told


def test_caveats_name_what_the_file_does_not_have() -> None:
    seen = an_impact()
    bare = replace(seen, considered=replace(seen.considered, members=None, providers=None, billed=None))
    assert sum("does not give" in caveat for caveat in caveats(seen)) == 0
    assert sum("does not give" in caveat for caveat in caveats(bare)) == 3


def test_shares_are_zero_or_all_only_where_they_are() -> None:
    assert [share(*pair) for pair in ((0, 7), (1, 9999), (9998, 9999), (7, 7), (1, 3))] == [
        "0%", "0.1%", "99.9%", "100%", "33.3%",
    ]  # fmt: skip


def marked(lines: Sequence[Line]) -> list[str]:
    return [f"{line.mark or ' '}{'  ' * line.depth}{line.text}" for line in lines]


def test_the_differences_in_english() -> None:
    assert marked(changes_lines(CHANGES, FACTS)) == [
        "+codes: 0274T",
        " statement s: medically necessary",
        "   criterion",
        "−    consent: yes (document on file)",
        "+    all of the following:",
        "+      consent: yes (document on file)",
        "+      BMI is at most 40 kg/m2",
    ]
    assert marked(changes_lines(version_changes(BEFORE, BEFORE), FACTS)) == [" both decide and say the same"]
