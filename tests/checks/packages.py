"""Packages for the rules: the faultless small one, with an example's files laid over it."""

import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import yaml

from medpol.checks import Subject, subject_of
from medpol.loading import load_library

BASE = Path(__file__).parent / "base"
TODAY = date(2026, 6, 1)
NUMBER = "T-1"


def lay_over(folder: Path, files: Mapping[str, str], number: str = NUMBER) -> Path:
    """Write files over a policy: YAML key by key at the top level, anything else whole. `../x` is the library's."""
    policy = folder / "policies" / number
    newest = sorted(policy.glob("????-??-??.yaml"))[-1]
    for name, content in files.items():
        path = newest if name == "version.yaml" else (policy / name).resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".yaml" and path.exists():
            merged = yaml.load(path.read_text(), yaml.BaseLoader) | yaml.load(content, yaml.BaseLoader)
            content = yaml.dump(merged, sort_keys=False, allow_unicode=True, width=10_000)  # noqa: PLW2901
        path.write_text(content)
        if name == "version.yaml":
            effective = yaml.load(content, yaml.BaseLoader)["effective"]
            path.rename(path.with_name(f"{effective}.yaml"))
    return policy


def base_with(folder: Path, files: Mapping[str, str]) -> Subject:
    """The small package with these files over it, as a rule sees it."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    lay_over(folder, files)
    return read_subject(folder)


def read_subject(folder: Path, number: str = NUMBER, today: date = TODAY) -> Subject:
    """A policy of a library folder; fails where its evidence or text cannot be read."""
    library = load_library(folder)
    problems = []
    subject = subject_of(library, library.policies[number], today, problems)
    assert not problems, problems
    return subject
