"""Workflow commands that GitHub shows beside the changed lines.

Source: GitHub Docs, "Workflow commands for GitHub Actions", setting an error, warning or notice message; the escapes
are those of its toolkit (`%`, line breaks, and in properties `:` and `,`).
"""

from medpol.checks.formats.items import items_of
from medpol.checks.run import Checked

_COMMANDS = {"error": "error", "warning": "warning", "question": "notice"}


def as_github(checked: Checked) -> str:
    lines = []
    for item in items_of(checked):
        place = [f"file={_property(item.place.file)}"]
        if item.place.line:
            place += [f"line={item.place.line}", f"col={item.place.column}"]
        message = f"{item.message}; {item.remedy}" if item.remedy else item.message
        lines.append(f"::{_COMMANDS[item.level]} {','.join(place)},title={item.code}::{_text(message)}")
    return "\n".join(lines)


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
