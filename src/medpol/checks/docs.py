"""The catalogue as a page of docs/: `python -m medpol.checks.docs` prints docs/rules.md."""

import sys
from collections.abc import Mapping

from medpol.checks.page import Page
from medpol.checks.pages import PAGES, TITLES


def catalogue_page() -> str:
    """docs/rules.md: a table of every family, then a rule's page each."""
    pages = {prefix: [page for page in PAGES.values() if page.code.startswith(prefix)] for prefix in TITLES}
    lines = [
        "# Rules",
        "",
        f"`medpol check` has {len(PAGES)} rules. Codes never change their meaning. An error is wrong, a warning should",
        "be put right, a question is for an editor to judge and fails only with `--strict`. `medpol rule CODE` prints",
        "one. `checks.yaml` in a policy's folder silences a rule, with a reason, for the policy or some lines of it:",
        "",
        "    ignore:",
        "      LA104: the payer's own spelling",
        "      ST123: [{at: text of the line, because: stands in both sections on purpose}]",
        "",
    ]
    for prefix, family in pages.items():
        lines += [f"## {prefix}: {TITLES[prefix]}", "", "| code | level | what |", "|---|---|---|"]
        lines += [f"| [{p.code}](#{p.code.lower()}-{p.name}) | {p.level} | {_cell(p.title)} |" for p in family]
        lines.append("")
    for family in pages.values():
        lines += [line for page in family for line in page_lines(page)]
    return "\n".join(lines)


def page_lines(page: Page) -> list[str]:
    """One rule in Markdown."""
    return [
        f"### {page.code} {page.name}",
        "",
        f"**{page.title}** ({page.level})",
        "",
        page.why,
        "",
        *_example("Bad", page.bad),
        *_example("Good", page.good),
    ]


def _example(heading: str, files: Mapping[str, str]) -> list[str]:
    lines = [f"{heading}:", ""]
    for name, content in files.items():
        lines += [f"`{name}`", "", "````text", content.rstrip("\n"), "````", ""]
    return lines


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(catalogue_page())
