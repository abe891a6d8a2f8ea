"""The search, in a browser, from a file: codes, dates, facets, words. Skipped where no Chromium is installed."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from medpol.library import PolicyLibrary
from medpol.library.site import build_site

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


def shown(site: Path, asked: str) -> str:
    """The home page as it stands after its script has run."""
    told = subprocess.run(
        [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=4000", "--dump-dom",
         f"{(site / 'index.html').as_uri()}#{asked}"],
        check=True, capture_output=True, timeout=120, text=True,
    )  # fmt: skip
    return told.stdout


def found(page: str) -> dict[str, str]:
    """The policies that are shown, in order, each with its part of the page."""
    items = re.findall(r'<li data-number="([^"]+)"( hidden="")?>(.*?)(?=<li data-number|</ol>)', page, re.DOTALL)
    return {number: part for number, hidden, part in items if not hidden}


def count(page: str) -> str:
    return re.search(r'id="count">([^<]*)<', page)[1]  # type: ignore[index]


@needs_chromium
@pytest.mark.parametrize(
    ("asked", "policies"),
    [
        ("q=62330", {"07.01.89", "150.13", "COC-1"}),
        ("q=0274T&when=on&on=2014-10-01", {"07.01.89", "COC-1"}),
        ("q=70552", {"220.2"}),
        ("q=70551-70553", {"220.2"}),
        ("q=zzz+nothing", set()),
    ],
)
def test_a_code_finds_its_policies(site: Path, asked: str, policies: set[str]) -> None:
    page = shown(site, asked)
    assert set(found(page)) == policies
    assert count(page).startswith(str(len(policies)) if policies else "No policy")


@needs_chromium
def test_a_code_leads_to_the_statements_that_govern_it_and_to_its_page(site: Path) -> None:
    page = shown(site, "q=e0601")
    part = found(page)["240.4"]
    assert 'href="policies/240.4/2008-03-13/index.html#statement-initial"' in part
    assert 'href="codes/E0601.html"' in page
    assert "#statement-supplies" not in part


@needs_chromium
def test_the_date_chooses_the_version(site: Path) -> None:
    part = found(shown(site, "q=E0601&when=on&on=2006-01-01"))["240.4"]
    assert "policies/240.4/2005-04-04/index.html#statement-device" in part
    assert "2008-03-13/index.html#" not in part
    assert "240.4" not in found(shown(site, "q=E0601&when=on&on=1980-01-01"))


@needs_chromium
def test_a_diagnosis_is_found_in_the_criterion_that_asks_for_it(site: Path) -> None:
    part = found(shown(site, "q=M48.061"))["150.13"]
    assert "M48.06*" in part
    assert "in the criterion of" in part


@needs_chromium
@pytest.mark.parametrize(
    ("asked", "policies"),
    [
        ("evidence=true", {"07.01.89"}),
        ("authority=benefit", {"100-02.15.240", "1833g"}),
        ("topic=acupuncture", {"30.3", "30.3.3"}),
    ],
)
def test_facets(site: Path, asked: str, policies: set[str]) -> None:
    assert set(found(shown(site, asked))) == policies


@needs_chromium
def test_words_are_found_in_titles_and_texts_whatever_their_case(site: Path) -> None:
    page = shown(site, "q=neurogenic+CLAUDICATION")
    assert "07.01.89" in found(page)
    assert "<mark>" in found(page)["07.01.89"]
    assert set(found(shown(site, "q=bariatric"))) >= {"100.1"}


@needs_chromium
def test_what_is_found_is_shown_as_text(small_library: Path, tmp_path: Path) -> None:
    build_site(PolicyLibrary(small_library), tmp_path / "site")
    page = shown(tmp_path / "site", "q=62330")
    assert "P-1" in found(page)
    assert "<img src=" not in page
    assert "onerror" not in re.sub(r"&lt;img.*?&gt;", "", page)


def test_without_script_every_policy_is_listed(site: Path) -> None:
    page = (site / "index.html").read_text()
    assert len(found(page)) == 56
    assert '<form class="search" role="search" id="search" hidden>' in page
    assert 'aria-live="polite"' in page
    assert all(f"<label{rest}" for rest in re.findall(r"<label([^>]*)>", page))
