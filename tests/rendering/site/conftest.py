"""The site of the bundled library, and of a small one whose every text is hostile, each built once."""

import shutil
from pathlib import Path

import pytest

from medpol.library import PolicyLibrary
from medpol.library.site import build_site

HOSTILE = """<img src=x onerror="alert(1)"></script><script>alert('&')</script>"""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundled") / "site"
    build_site(PolicyLibrary(), folder)
    return folder


@pytest.fixture(scope="session")
def small_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small library of the interfaces' tests, with markup and script wherever a text may stand."""
    folder = tmp_path_factory.mktemp("hostile") / "library"
    shutil.copytree(Path(__file__).parents[2] / "interfaces" / "small", folder)
    policy = folder / "policies" / "P-1"
    quoted = "'" + HOSTILE.replace("'", "''") + "'"
    _replace(policy / "policy.yaml", ("Decompression of the spine", quoted), ("[spine]", f"[{quoted}]"),
             ("The plan's own reasons", quoted), ("Small Plan", quoted))  # fmt: skip
    _replace(
        policy / "2024-01-01.yaml", ("lumbar decompression", quoted), ("not proven", quoted), ("long pain", quoted)
    )
    _replace(folder / "library.yaml", ("Small Plan", quoted), ("A library for tests.", quoted))
    return folder


def _replace(path: Path, *words: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in words:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
