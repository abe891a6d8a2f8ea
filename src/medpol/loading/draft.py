"""A version that is not in the library yet, read as one of a policy's own would be."""

from pathlib import Path

from medpol.loading.nodes import Keys, read
from medpol.loading.policies import Surroundings, read_policy
from medpol.loading.versions import named_list, read_version
from medpol.model.policy import NamedList, Version
from medpol.model.rules import Library
from medpol.problems import PolicyRejected, Problem


def load_draft(path: Path, library: Library, number: str) -> Version:
    """The version in a file, as a draft of policy `number`. Raises PolicyRejected with every problem in it.

    It may use what the policy's versions may: the sources of policy.yaml, the facts and code lists of the library.
    """
    problems: list[Problem] = []
    draft, about = read(path, problems), read(Path(library.folder) / "policies" / number / "policy.yaml", problems)
    if draft is None or about is None:
        raise PolicyRejected(problems)
    lists = _lists(Path(library.folder), problems)
    around = Surroundings(library.facts, lists, library.rules.lines_of_business, [*library.policies])
    _, scope = read_policy(about, around)
    scope.sheet = draft.sheet
    version = read_version(Keys(draft.root, draft.sheet), number, scope, around)
    if problems or version is None:
        raise PolicyRejected(problems)
    return version


def _lists(folder: Path, problems: list[Problem]) -> dict[str, NamedList]:
    files = ((path.stem, read(path, problems)) for path in sorted((folder / "code_lists").glob("*.yaml")))
    return {name: named_list(name, Keys(file.root, file.sheet)) for name, file in files if file is not None}
