"""For a program: every finding and problem with its place, in the one shape of problems, and counts."""

from collections import Counter

import orjson

from medpol.checks.formats.items import Item, items_of
from medpol.checks.pages import PAGES
from medpol.checks.run import Checked


def as_json(checked: Checked) -> str:
    items = list(items_of(checked))
    content = {
        "policies": checked.policies,
        "counts": dict(sorted(Counter(item.code for item in items).items())),
        "silenced": len(checked.silenced),
        "findings": [_finding(item) for item in items if item.rule],
        "problems": [_shape(item) for item in items if not item.rule],
    }
    return orjson.dumps(content, option=orjson.OPT_INDENT_2).decode()


def _shape(item: Item) -> dict[str, object]:
    return {
        "file": item.place.file,
        "line": item.place.line or None,
        "column": item.place.column or None,
        "path": item.place.path or None,
        "code": item.code,
        "level": item.level,
        "message": item.message,
        "remedy": item.remedy or None,
    }


def _finding(item: Item) -> dict[str, object]:
    return {
        **_shape(item),
        "rule": PAGES[item.code].name,
        "policy": item.policy,
        "fixable": item.fixable,
        "related": [str(place) for place in item.related],
    }
