"""SARIF, for code-scanning pages and editors.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) version 2.1.0, sections 3.13 (sarifLog), 3.14 (run),
3.19 (toolComponent), 3.27 (result), 3.30 (region), 3.49 (reportingDescriptor).
"""

from pathlib import Path
from urllib.parse import quote

import orjson

from medpol import __version__
from medpol.checks.formats.items import Item, items_of
from medpol.checks.page import Page
from medpol.checks.pages import PAGES
from medpol.checks.run import Checked
from medpol.loading import CATALOGUE
from medpol.problems import Place

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "question": "note"}


def as_sarif(checked: Checked) -> str:
    items = list(items_of(checked))
    codes = sorted({item.code for item in items})
    content = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "medpol", "version": __version__, "rules": [_rule(code) for code in codes]},
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(item, codes.index(item.code)) for item in items],
            }
        ],
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()


def _rule(code: str) -> dict[str, object]:
    if code not in PAGES:
        title = CATALOGUE[code].title if code in CATALOGUE else code
        return {"id": code, "shortDescription": {"text": title}, "defaultConfiguration": {"level": "error"}}
    page = PAGES[code]
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in page.name.split("-")),
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": " ".join(page.why.split())},
        "help": {"text": _help(page)},
        "defaultConfiguration": {"level": _LEVELS[page.level]},
        "properties": {"tags": [page.family]},
    }


def _help(page: Page) -> str:
    parts = [page.why]
    for heading, files in (("Bad", page.bad), ("Good", page.good)):
        parts += [f"{heading}:", *(f"{name}\n{content}" for name, content in files.items())]
    return "\n\n".join(parts)


def _result(item: Item, index: int) -> dict[str, object]:
    message = f"{item.message}; {item.remedy}" if item.remedy else item.message
    result: dict[str, object] = {
        "ruleId": item.code,
        "ruleIndex": index,
        "level": _LEVELS[item.level],
        "message": {"text": message},
        "locations": [_location(item.place)],
    }
    if item.related:
        result["relatedLocations"] = [_location(place) for place in item.related]
    return result


def _location(place: Place) -> dict[str, object]:
    file = Path(place.file)
    uri = file.as_uri() if file.is_absolute() else quote(file.as_posix())
    physical: dict[str, object] = {"artifactLocation": {"uri": uri}}
    if place.line:
        physical["region"] = {"startLine": place.line, "startColumn": max(place.column, 1)}
    return {"physicalLocation": physical}
