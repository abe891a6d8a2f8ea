"""What a narrative may call and name in its `{{ expressions }}` (docs/publishing.md describes each)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from medpol.rendering.publication import parts
from medpol.rendering.publication.exhibits import Exhibits
from medpol.rendering.publication.expressions import Facts
from medpol.rendering.publication.material import Material, literature_date
from medpol.rendering.publication.model import Block, Figure, Pointer, TableBlock, flat
from medpol.rendering.publication.numbers import Numbers


def functions(material: Material, exhibits: Exhibits | None) -> dict[str, Callable[..., object]]:
    """The functions of a narrative, by name; without evidence only those about the package."""
    blocks: dict[str, Callable[..., tuple[Block, ...]]] = {
        "codes": lambda: tuple(parts.codes(material.version)),
        "history": lambda: parts.history(material.policy, material.version, material.theme),
    }
    if exhibits is None:
        return {**blocks, "see": partial(_see, {**blocks})}
    numbers = Numbers(exhibits.evidence)
    shown: dict[str, Callable[..., Any]] = {
        **blocks,
        "limitations": exhibits.limitations,
        "forest": exhibits.forest,
        "figure": exhibits.figure,
        "guidelines": exhibits.guidelines,
        "payers": exhibits.payers,
    }
    tables = {kind: partial(exhibits.table, kind) for kind in ("studies", "results", "responders")}
    return {
        "responders": numbers.responders,
        "difference": numbers.difference,
        "result": numbers.result,
        "randomized": numbers.randomized,
        "count": numbers.count,
        "followed": numbers.followed,
        "trials": numbers.trials,
        "patients": numbers.patients,
        "pooled": numbers.pooled,
        "response": numbers.response,
        "trial_size": numbers.trial_size,
        "certainty": numbers.certainty,
        "conclusion": numbers.conclusion,
        "table": exhibits.table,
        "pico": exhibits.pico,
        "selection": exhibits.selection,
        "conclusions": exhibits.conclusions,
        **shown,
        "see": partial(_see, {**shown, **tables}),
    }


def _see(exhibits: Mapping[str, Callable[..., Any]], kind: str, *names: str) -> Pointer:
    """A mention of a table or figure, by the words that make it: `Table 3`."""
    if kind not in exhibits:
        raise KeyError(f"nothing to see by '{kind}'; there are {', '.join(exhibits)}")
    made = exhibits[kind](*names)
    blocks = made if isinstance(made, tuple) else (made,)
    numbered_ = next((b for b in flat(blocks) if isinstance(b, TableBlock | Figure)), None)
    if numbered_ is None:
        raise ValueError(f"there is no table or figure of {kind}")
    return Pointer(anchor=numbered_.anchor)


def facts(material: Material) -> dict[str, Facts]:
    policy, version = material.policy, material.version
    theme = material.theme
    named = {
        "policy": {"number": policy.number, "title": policy.title, "original_effective": policy.original_effective},
        "version": {
            "effective": version.effective.isoformat(),
            "reviewed": version.reviewed,
            "literature_through": literature_date(version).isoformat(),
        },
    }
    theme = material.theme
    return {
        name: Facts({key: parts.day_text(value, theme) for key, value in values.items() if value})
        for name, values in named.items()
    }
