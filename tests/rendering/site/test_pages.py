"""Every page: links that hold, landmarks, data beside it; the whole: permanent addresses, the same bytes again."""

import filecmp
import hashlib
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer.testing import CliRunner

from medpol.interfaces.cli.app import app
from medpol.library import PolicyLibrary
from medpol.library.site import build_site

from .conftest import HOSTILE
from .walk import Html

RUN = CliRunner()


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, Html]:
    return {path: Html(path) for path in sorted(site.rglob("*.html"))}


@pytest.fixture(scope="session")
def home(site: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((site / "index.json").read_text())
    return found


def test_every_link_leads_to_a_page_and_an_id_that_are_there(site: Path, pages: dict[Path, Html]) -> None:
    ids = {path: set(page.ids) for path, page in pages.items()}
    broken = []
    for path, page in pages.items():
        for link in page.links:
            if link.startswith(("https://", "http://", "data:")):
                continue
            where, _, anchor = link.partition("#")
            target = (path.parent / unquote(where)).resolve() if where else path
            if not target.is_file() or (anchor and unquote(anchor) not in ids[target]):
                broken.append((str(path.relative_to(site)), link))
    assert broken == []
    assert sum(len(page.links) for page in pages.values()) > 5_000


def test_nothing_is_loaded_from_elsewhere_and_every_link_is_relative(pages: dict[Path, Html]) -> None:
    for path, page in pages.items():
        loaded = [*(s["src"] for s in page.all("script")), *(image["src"] for image in page.all("img"))]
        loaded += [link["href"] for link in page.all("link")]
        assert all(not re.match(r"[a-z]+:|/", address) or address.startswith("data:") for address in loaded), path
        assert not [link for link in page.links if link.startswith(("/", "file:"))], path


def test_every_page_has_landmarks_a_title_and_ids_that_stand_once(pages: dict[Path, Html]) -> None:
    for path, page in pages.items():
        assert page.all("html")[0]["lang"] == "en"
        assert len(page.all("main")) == len(page.all("h1")) == len(page.all("title")) == 1, path
        assert page.all("a")[0]["href"] == "#main"
        assert all(nav.get("aria-label") for nav in page.all("nav")), path
        assert len(page.ids) == len(set(page.ids)), (path, [i for i in page.ids if page.ids.count(i) > 1][:3])
        assert all(image.get("alt") for image in page.all("img")), path


def test_every_page_is_listed_and_stands_beside_its_data(site: Path, home: dict[str, object]) -> None:
    listed = home["pages"]
    assert isinstance(listed, list)
    assert {unquote(p["address"]) for p in listed} == {p.relative_to(site).as_posix() for p in site.rglob("*.html")}
    for page in listed:
        data = json.loads((site / unquote(page["json"])).read_text())
        assert data["kind"] == page["kind"]
        assert data["address"] == page["address"]
    assert sorted(home["files"]) == sorted(p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file())  # type: ignore[call-overload]


def test_each_version_and_each_statement_has_its_permanent_address(site: Path) -> None:
    for policy in PolicyLibrary().content.policies.values():
        for version in policy.versions:
            page = Html(site / "policies" / policy.number / version.effective.isoformat() / "index.html")
            for statement in version.statements:
                assert f"statement-{statement.id}".lower() in page.ids
    assert (site / "policies/07.01.89/2025-07-01/index.html").is_file()


def test_a_code_page_says_what_is_asked_by_line_of_business_and_date(site: Path) -> None:
    """E0601 under 240.4: its scope is adults with sleep apnea, so for others no policy decides."""
    data = json.loads((site / "codes/E0601.json").read_text())
    lines = {name: line for line in data["lines_of_business"] for name in line["names"]}
    newest = lines["medicare"]["periods"][0]
    assert (newest["from"], newest["until"], newest["settles"]) == ("2008-03-13", None, False)
    assert {asked["number"] for asked in newest["asked"]} == {"240.4"}
    assert [asked["id"] for asked in newest["asked"]] == [
        "attested", "unaccepted-test", "initial", "continued", "approved-study", "other"
    ]  # fmt: skip
    assert lines["fep"]["periods"] == []
    assert lines["fep"]["note"]


def test_what_decides_an_example_request_stands_on_its_codes_page(site: Path) -> None:
    """For every example of the library: the statement that decides is asked there on that date, or none is."""
    library = PolicyLibrary()
    checked = 0
    for case in library.cases():
        request = library.case_request(case)
        answer = library.determine(request)
        page = site / "codes" / f"{request.code}.json"
        if not page.is_file() or request.line_of_business is None:
            continue
        lines = json.loads(page.read_text())["lines_of_business"]
        (line,) = [line for line in lines if request.line_of_business in line["names"]]
        day = request.service_date.isoformat()
        periods = [p for p in line["periods"] if p["from"] <= day and (p["until"] is None or day < p["until"])]
        if answer.statement:
            asked = [(one["number"], one["id"]) for period in periods for one in period["asked"]]
            assert (answer.policy, answer.statement) in asked, case.name
            checked += 1
        elif answer.state.value == "no_policy":
            assert not any(period["settles"] for period in periods), case.name
    assert checked > 100


def test_a_short_range_gives_a_page_to_each_of_its_codes(site: Path) -> None:
    assert all((site / f"codes/{code}.html").is_file() for code in (70551, 70552, 70553))
    listed = json.loads((site / "codes/70552.json").read_text())["listed"]
    assert {entry["as"] for entry in listed} == {"70551-70553"}


def test_the_second_run_gives_the_same_bytes(site: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    build_site(PolicyLibrary(), again)
    files = [p.relative_to(site) for p in site.rglob("*") if p.is_file()]
    same, other, lost = filecmp.cmpfiles(site, again, files, shallow=False)
    assert (other, lost) == ([], [])
    assert len(same) == len(files) == sum(p.is_file() for p in again.rglob("*"))


# ── unsafe text ─────────────────────────────────────────────────────────────────────────────────────────────


def test_unsafe_text_stays_text(small_library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    build_site(PolicyLibrary(small_library), folder)
    for path in folder.rglob("*.html"):
        page = Html(path)
        assert "<script>" not in path.read_text()
        assert not [tag for tag in page.tags if any(name.startswith("on") for name in tag.attributes)]
        assert {script["src"].rpartition("/")[2] for script in page.all("script")} <= {"index.js", "search.js"}
    assert "&lt;img" in (folder / "index.html").read_text()
    assert json.loads((folder / "policies/P-1/index.json").read_text())["title"] == HOSTILE
    assert "innerHTML" not in (folder / "assets/search.js").read_text()


# ── the folder ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_site_is_replaced_whole_and_nothing_is_left_beside(small_library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    build_site(PolicyLibrary(), folder)
    told = RUN.invoke(app, ["site", str(folder), "--library", str(small_library)])
    assert told.exit_code == 0, told.output
    assert "2 policies, 3 versions, 4 codes" in told.output
    assert not (folder / "policies" / "07.01.89").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("name", ["letter.txt", "policies/note.md"])
def test_a_folder_with_anything_else_is_left_as_it_is(small_library: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "site"
    build_site(PolicyLibrary(small_library), folder)
    (folder / name).write_text("mine")
    before = _digest(folder)
    told = RUN.invoke(app, ["site", str(folder), "--library", str(small_library)])
    assert told.exit_code == 2
    assert "MP926" in told.output
    assert name in told.output
    assert _digest(folder) == before


def test_a_folder_that_only_looks_like_a_site_is_refused(small_library: Path, tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text('{"schema": "other/1", "files": ["index.json"]}')
    assert "MP926" in RUN.invoke(app, ["site", str(tmp_path), "--library", str(small_library)]).output


def test_json_says_what_was_written(small_library: Path, tmp_path: Path) -> None:
    told = RUN.invoke(app, ["site", str(tmp_path / "s"), "--library", str(small_library), "--json"])
    report = json.loads(told.output)
    assert report["pages"] * 2 + 3 == report["files"]
    assert report["size"] == sum(p.stat().st_size for p in (tmp_path / "s").rglob("*") if p.is_file())


def _digest(folder: Path) -> str:
    parts = sorted((p.relative_to(folder).as_posix(), p.read_bytes()) for p in folder.rglob("*") if p.is_file())
    return hashlib.sha256(repr(parts).encode()).hexdigest()
