"""Bad input is refused with every problem, its place, its code and its remedy, exactly as recorded.

Each story of bad_input/*.txt is what was written (`=== file`), followed by what was answered. A file is laid over a
small valid library; two sections of one name begin a new story. `MEDPOL_RECORD=1 pytest` records the answers anew.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from medpol.loading import CATALOGUE, load_cases, load_library, parse_criterion, read_narrative, read_request
from medpol.loading.catalogue import page
from medpol.loading.nodes import LARGEST
from medpol.loading.writer import write_facts
from medpol.problems import PolicyRejected
from strategies import FACTS

HERE = Path(__file__).parent
STORIES = sorted((HERE / "bad_input").glob("*.txt"))
ANSWER = b"--- problems\n"

VALID = {
    "library.yaml": "plan: A plan\nlines_of_business:\n  commercial: {precedence: [medical_policy]}\n",
    "facts.yaml": write_facts(FACTS),
    "policies/1.1/policy.yaml": "number: 1.1\nauthority: medical_policy\ntitle: A policy\n",
    "policies/1.1/2025-01-01.yaml": (
        "effective: 2025-01-01\nstatus: approved\ncodes: [{system: cpt, code: 62330}]\n"
        "default: {id: all, position: investigational}\n"
    ),
}


def stories(path: Path) -> Iterator[dict[str, bytes]]:
    """The files of each story."""
    story: dict[str, bytes] = {}
    for section in re.split(rb"^=== ", path.read_bytes(), flags=re.M)[1:]:
        name, _, text = section.partition(b"\n")
        text = text.partition(ANSWER)[0]
        if name.decode() in story:
            yield story
            story = {}
        story[name.decode()] = text
    yield story


def answer(story: dict[str, bytes], folder: Path) -> str:
    """The problems of a story, one a line, with places relative to the library."""
    for name, text in {**{name: text.encode() for name, text in VALID.items()}, **story}.items():
        if name.endswith(" (absent)"):
            (folder / name.removesuffix(" (absent)")).unlink()
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text)
    with pytest.raises(PolicyRejected) as caught:
        run(story, folder)
    return str(caught.value).replace(f"{folder}/", "")


def run(story: dict[str, bytes], folder: Path) -> None:
    if "criterion" in story:
        parse_criterion(story["criterion"].decode(), FACTS)
    elif "request.json" in story:
        read_request(story["request.json"], load_library(folder))
    elif any(name.endswith(".md") for name in story):
        read_narrative(folder / "policies" / "1.1")
    elif any(name.endswith("cases.yaml") for name in story):
        load_cases(folder)
    else:
        load_library(folder)


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path, tmp_path: Path) -> None:
    found = b""
    for number, story in enumerate(stories(path)):
        sections = b"".join(b"=== " + name.encode() + b"\n" + text for name, text in story.items())
        found += sections + ANSWER + answer(story, tmp_path / str(number)).encode() + b"\n\n"
    if os.environ.get("MEDPOL_RECORD"):
        path.write_bytes(found)
    assert found.decode(errors="replace") == path.read_bytes().decode(errors="replace")


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(PolicyRejected) as caught:
        call()
    return caught.value.problems[0].code


def test_sizes_and_depths() -> None:
    assert code_of(lambda: parse_criterion("# " + "x" * LARGEST, FACTS)) == "MP106"
    assert code_of(lambda: parse_criterion("[" * 200_000, FACTS)) == "MP107"
    assert code_of(lambda: parse_criterion("- " * 200_000 + "x", FACTS)) == "MP107"
    assert code_of(lambda: parse_criterion("{not: " * 100 + "consent" + "}" * 100, FACTS)) == "MP107"
    assert code_of(lambda: parse_criterion("".join(" " * n + "not:\n" for n in range(100)), FACTS)) == "MP107"


def test_every_code_has_its_story() -> None:
    told = set(re.findall(r"\bMP\d{3}\b", "".join(path.read_text(errors="replace") for path in STORIES)))
    elsewhere = ("MP8", "MP9")  # claims files in test_claims.py, questions to a library in tests/library and the CLI's
    assert told | {"MP106", "MP107"} == {code for code in CATALOGUE if not code.startswith(elsewhere)}


def test_the_page_is_the_catalogue() -> None:
    assert (HERE.parents[1] / "docs" / "problems.md").read_text() == page()
