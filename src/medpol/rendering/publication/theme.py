"""How a plan's publications look and speak: section names and order, the plan's texts, logo, colours and fonts.

A theme is a folder with `theme.yaml`; what it does not say, the neutral theme says. Files of the neutral theme's
name (`document.html.j2`, `blocks.html.j2`, `style.css`, `document.typ`) in it replace the neutral ones.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from medpol.evidence.files import Section as Yaml
from medpol.evidence.files import read_yaml
from medpol.model.narrative import SECTIONS
from medpol.problems import Place, PolicyRejected, Problem

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LOGOS = (".svg", ".png")
LEAST_CONTRAST = 4.5  # WCAG 2.2, success criterion 1.4.3, level AA, for text of ordinary size


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """`sections` maps a section's key to its name, in the order of the document; `texts` gives sections a text of the
    plan's own; `words` are the labels of the document's language. `folders` are searched for templates, first first.
    """

    plan: str
    language: str
    logo: Path | None
    logo_text: str
    colours: Mapping[str, str]
    fonts: Mapping[str, str]
    sections: Mapping[str, str]
    left_out: frozenset[str]
    texts: Mapping[str, tuple[str, ...]]
    words: Mapping[str, str]
    citations: str  # first: by order of citation; printed: by the numbers of the source's own list
    folders: tuple[Path, ...]

    def word(self, key: str) -> str:
        """A label; the key with spaces where the theme has none."""
        return self.words.get(key, key.replace("_", " ").replace("-", " "))

    def file(self, name: str) -> Path:
        """A template or style sheet: the theme's own, else the neutral one."""
        return next(folder / name for folder in self.folders if (folder / name).is_file())


def neutral() -> Path:
    """The folder of the theme that comes with the package."""
    return Path(str(files("medpol"))) / "data" / "themes" / "neutral"


def load_theme(folder: Path | None = None, plan: str = "") -> Theme:
    """The theme of a folder over the neutral one; `plan` is the plan's name where the theme gives none.

    Raises PolicyRejected with every problem: unknown keys, colours that cannot be read on the paper, absent files.
    """
    problems: list[Problem] = []
    base = _read(neutral(), problems)
    own = _read(folder, problems) if folder else {}
    if problems:
        raise PolicyRejected(problems)
    folders = (folder, neutral()) if folder else (neutral(),)
    names = {**base["sections"], **own.get("sections", {})}
    order = own.get("order") or base["order"]
    theme = Theme(
        plan=own.get("plan") or plan or base["plan"],
        language=own.get("language") or base["language"],
        logo=own.get("logo") or base["logo"],
        logo_text=own.get("logo_text") or base["logo_text"],
        colours={**base["colours"], **own.get("colours", {})},
        fonts={**base["fonts"], **own.get("fonts", {})},
        sections={key: names[key] for key in dict.fromkeys((*order, *names)) if key in names},
        left_out=frozenset(own.get("leave_out", ())) | frozenset(base["leave_out"]),
        texts={**base["texts"], **own.get("texts", {})},
        words={**base["words"], **own.get("words", {})},
        citations=own.get("citations") or base["citations"],
        folders=folders,
    )
    faults = _contrast_faults(theme, folder or neutral())
    if faults:
        raise PolicyRejected(faults)
    return theme


def _read(folder: Path, problems: list[Problem]) -> dict[str, Any]:
    if not folder.is_dir():
        problems.append(Problem(Place(str(folder)), "MP923", "there is no such theme folder", "name a folder"))
        return {}
    found: list[Problem] = []
    top = read_yaml(folder / "theme.yaml", found)
    values = {
        "plan": top.text("plan"),
        "language": top.text("language"),
        "logo": _logo(folder, top.text("logo"), top, found),
        "logo_text": top.text("logo_text"),
        "citations": (citations := top.text("citations")),
        "order": (order := top.texts("order")),
        "leave_out": (left_out := top.texts("leave_out")),
        "colours": (colours := _pairs(top, "colours")),
        "fonts": _pairs(top, "fonts"),
        "sections": (sections := _pairs(top, "sections")),
        "words": _pairs(top, "words"),
        "texts": _texts(top),
    }
    top.finish()
    for key in (*sections, *order, *left_out):
        if key not in (*SECTIONS, "payer-positions"):
            top.problem("", f"'{key}' is no section", f"sections are {', '.join(SECTIONS)}", top.place_of("sections"))
    for name, colour in colours.items():
        if not _COLOUR.fullmatch(colour):
            top.problem("", f"colour '{name}' is '{colour}'", "write #rrggbb", top.place_of("colours"))
    if citations not in ("", "first", "printed"):
        top.problem("", f"citations are '{citations}'", "write first or printed", top.place_of("citations"))
    problems.extend(Problem(p.place, "MP923", p.message, p.remedy or "see docs/publishing.md") for p in found)
    return values


def _logo(folder: Path, name: str, top: Yaml, problems: list[Problem]) -> Path | None:
    path = folder / name
    if name and (not path.is_file() or path.suffix.lower() not in _LOGOS):
        problems.append(Problem(top.place_of("logo"), "", f"no logo '{name}'", "an .svg or .png in the theme's folder"))
    return path if name else None


def _pairs(top: Yaml, key: str) -> dict[str, str]:
    return {name: part.text(name) for part in top.section(key) for name in part.keys()}  # noqa: SIM118


def _texts(top: Yaml) -> dict[str, tuple[str, ...]]:
    return {name: part.texts(name) for part in top.section("texts") for name in part.keys()}  # noqa: SIM118


def contrast(one: str, two: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, definition of contrast ratio)."""
    light, dark = sorted((_luminance(one), _luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


TEXT_COLOURS = ("ink", "soft", "accent")


def _contrast_faults(theme: Theme, folder: Path) -> list[Problem]:
    return [
        Problem(
            Place(str(folder / "theme.yaml")),
            "MP923",
            f"colour '{name}' has a contrast of {ratio:.1f} on '{ground}'; text needs {LEAST_CONTRAST}",
            "take a darker one",
        )
        for name in TEXT_COLOURS
        for ground in ("paper", "tint")
        if (ratio := contrast(theme.colours[name], theme.colours[ground])) < LEAST_CONTRAST
    ]
