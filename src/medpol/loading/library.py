"""A library folder: library.yaml, facts.yaml, code_lists/, policies/, and what they say of each other."""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import orjson

from medpol.loading.facts import read_facts
from medpol.loading.nodes import File, Keys, Plain, Sheet, day_of, read
from medpol.loading.policies import Surroundings, read_policy
from medpol.loading.rules import read_rules
from medpol.loading.scope import Scope
from medpol.loading.versions import named_list, read_version
from medpol.model.policy import NamedList, Policy, Status, Version
from medpol.model.rules import Library, PlanRules
from medpol.problems import PolicyRejected, Problem

_VERSION = re.compile(r"\d{4}-\d{2}-\d{2}\.yaml")
_BESIDES = ("policy.yaml", "cases.yaml", "checks.yaml")


def load_library(folder: Path) -> Library:
    """Everything a library folder says, or PolicyRejected with every problem of every file."""
    with _no_collection():
        return _load(folder)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Loading makes millions of objects and no cycles: looking for garbage among them took a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _load(folder: Path) -> Library:
    problems: list[Problem] = []
    facts_file = read(folder / "facts.yaml", problems)
    rules_file = read(folder / "library.yaml", problems)
    facts = read_facts(facts_file)
    rules = read_rules(rules_file, facts) if rules_file else None
    lists = _code_lists(folder, problems)
    lines = rules.lines_of_business if rules else None
    folders = _folders(folder, problems)
    numbers = [path.name for path in folders]
    around = Surroundings(facts, {name: listed for name, (listed, _) in lists.items()}, lines, numbers)
    contents = _Contents(facts_file, {name: content for name, (_, content) in lists.items()})
    policies: dict[str, Policy] = {}
    for path in folders:
        policy = _policy(path, around, contents, problems)
        if policy is not None:
            policies[policy.number] = policy
    if rules_file is not None and rules is not None:
        _check_adopted(rules_file, rules, policies)
    if problems or rules is None or rules_file is None or facts_file is None:
        raise PolicyRejected(problems)
    digest = _digest({"library": rules_file.content})  # the facts a version uses are in its own digest
    return Library(folder=str(folder), rules=replace(rules, digest=digest), facts=facts, policies=policies)


class _Contents:
    """What the shared files say, for the digests of the versions that use it."""

    def __init__(self, facts: File | None, lists: dict[str, Plain]) -> None:
        content = facts.content if facts else None
        declared = content.get("facts") if isinstance(content, dict) else None
        self.facts: dict[str, Plain] = declared if isinstance(declared, dict) else {}
        self.lists = lists

    def used(self, scope: Scope) -> dict[str, Plain]:
        return {
            "facts": {name: self.facts[name] for name in scope.used_facts if name in self.facts},
            "lists": {name: self.lists[name] for name in scope.used_lists if name in self.lists},
        }


def _digest(content: Plain) -> str:
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _folders(folder: Path, problems: list[Problem]) -> list[Path]:
    try:
        return sorted(path for path in (folder / "policies").iterdir() if path.is_dir() and path.name[0] != ".")
    except OSError as error:
        Sheet(str(folder / "policies"), problems).report("MP101", None, error.strerror or "cannot be read")
        return []


def _code_lists(folder: Path, problems: list[Problem]) -> dict[str, tuple[NamedList, Plain]]:
    lists = {}
    for path in sorted((folder / "code_lists").glob("*.yaml")):
        file = read(path, problems)
        if file is None:
            continue
        keys = Keys(file.root, file.sheet)
        lists[path.stem] = (named_list(path.stem, keys), file.content)
        keys.close()
    return lists


def _policy(folder: Path, around: Surroundings, contents: _Contents, problems: list[Problem]) -> Policy | None:
    file = read(folder / "policy.yaml", problems)
    if file is None:
        return None
    policy, scope = read_policy(file, around)
    if policy.number and policy.number != folder.name:
        file.sheet.report("MP401", file.root, f"the number is '{policy.number}', the folder '{folder.name}'")
    paths = sorted(folder.glob("*.yaml"))
    for path in paths:
        if path.name not in _BESIDES and not _VERSION.fullmatch(path.name):
            Sheet(str(path), problems).report("MP118", None, f"'{path.name}' is no file of a policy")
    versions: list[Version] = []
    all_content: dict[str, Plain] = {"policy": file.content}
    for path in (path for path in paths if _VERSION.fullmatch(path.name)):
        version_file = read(path, problems)
        if version_file is None:
            continue
        all_content[path.name] = version_file.content
        inner = replace(scope, sheet=version_file.sheet, used_facts={*scope.used_facts}, used_lists={*scope.used_lists})
        version = read_version(Keys(version_file.root, version_file.sheet), policy.number, inner, around)
        if version is None:
            continue
        if version.effective != day_of(path.stem):
            version_file.sheet.report("MP402", version_file.root, f"the version takes effect on {version.effective}")
        used = {"policy": file.content, "version": version_file.content, **contents.used(inner)}
        versions.append(replace(version, digest=_digest(used)))
    if not any(_VERSION.fullmatch(path.name) for path in paths):
        file.sheet.report("MP410", file.root, f"policy {policy.number} has no version")
    _check_overlaps(versions, problems)
    return replace(policy, versions=tuple(versions), digest=_digest(all_content)) if policy.number else None


def _check_overlaps(versions: list[Version], problems: list[Problem]) -> None:
    """An approved version that says when it ends does not reach into the next."""
    approved = sorted((v for v in versions if v.status is Status.APPROVED), key=lambda v: v.effective)
    for earlier, later in pairwise(approved):
        if earlier.ends is not None and earlier.ends > later.effective:
            message = f"it ends on {earlier.ends}, but the next version takes effect on {later.effective}"
            Sheet(earlier.place.file, problems).report("MP403", earlier.place, message)


def _check_adopted(file: File, rules: PlanRules, policies: dict[str, Policy]) -> None:
    present = {policy.authority for policy in policies.values()}
    for line in rules.lines_of_business.values():
        for layer in line.precedence:
            if layer.adopted and layer.authority not in present:
                message = f"'{line.name}' adopts {layer.authority}, but no policy of it is here"
                file.sheet.report("MP503", file.root, message)
