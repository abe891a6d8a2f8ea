"""The sections that the package gives: what stands in each beside, or instead of, a written text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from medpol.evidence import Evidence
from medpol.evidence.appraisal import TABLES
from medpol.rendering.publication import parts
from medpol.rendering.publication.exhibits import DESIGNS, PLURALS, Exhibits
from medpol.rendering.publication.material import Material
from medpol.rendering.publication.model import Block, Group, Heading, Item, ListBlock, Paragraph, run


def given(key: str, material: Material, exhibits: Exhibits | None, has_text: bool) -> tuple[Block, ...]:
    """What the package gives for a section; where there is no text, also a stand-in for it."""
    part = _Part(material, exhibits, has_text)
    if exhibits is not None and key.startswith("evidence-"):
        return tuple(_evidence(key.removeprefix("evidence-"), exhibits, has_text))
    if exhibits is not None and key.startswith("section-summary-"):
        return exhibits.conclusions(key.removeprefix("section-summary-"))
    maker = _MAKERS.get(key)
    return tuple(maker(part)) if maker else part.own(key)


@dataclass(frozen=True, slots=True)
class _Part:
    """What a maker of a section may look at."""

    material: Material
    exhibits: Exhibits | None
    has_text: bool

    @property
    def evidence(self) -> Evidence | None:
        return self.exhibits.evidence if self.exhibits else None

    @property
    def newest(self) -> bool:
        """Whether this is the latest version: undated notes of the evidence belong to it alone."""
        return self.material.version is self.material.policy.versions[-1]

    def intro(self, key: str) -> tuple[Block, ...]:
        return tuple(Paragraph(text=run(text)) for text in self.material.theme.texts.get(key, ()))

    def own(self, key: str) -> tuple[Block, ...]:
        """The theme's text for a section that has none."""
        return () if self.has_text else self.intro(key)


def _disclaimer(part: _Part) -> Iterator[Block]:
    yield from part.own("disclaimer")
    if part.material.policy.notice:
        yield Paragraph(text=run(part.material.policy.notice), role="note")


def _related(part: _Part) -> Iterator[Block]:
    yield from parts.related(part.material.policy, part.material.titles)


def _description(part: _Part) -> Iterator[Block]:
    found = part.material.policy.technology
    if found and not part.has_text:
        yield parts.technology(found)


def _summary(part: _Part) -> Iterator[Block]:
    if part.has_text or part.evidence is None:
        return
    for population in part.evidence.populations:
        studies = part.evidence.for_population(population.key).studies
        counted = {d: sum(s.design == d for s in studies) for d in DESIGNS}
        found = ", ".join(_counted(n, DESIGNS[d]) for d, n in counted.items() if n) or "no study"
        said = [
            c.statement for c in part.evidence.appraisal.conclusions if c.population == population.key and not c.draft
        ]
        text = f"For {population.label}, {population.intervention}: the evidence includes {found}. {' '.join(said)}"
        yield Paragraph(text=run(text.strip()))


def _counted(number: int, name: str) -> str:
    return f"{number} {name if number == 1 else PLURALS.get(name, f'{name}s')}"


def _policy(part: _Part) -> Iterator[Block]:
    names = parts.Names(
        sources=part.material.policy.sources,
        populations={p.key: p.label for p in part.evidence.populations} if part.evidence else {},
        conclusions={c.key: c.statement for c in part.evidence.appraisal.conclusions} if part.evidence else {},
    )
    yield from parts.statements(part.material.version, part.material.facts, part.material.theme, names)


def _guidelines(part: _Part) -> Iterator[Block]:
    if part.material.version.notes:
        yield Paragraph(text=run(part.material.version.notes), role="note")


def _regulatory(part: _Part) -> Iterator[Block]:
    policy = part.material.policy
    if policy.technology:
        yield from parts.label(policy.technology, part.material.facts, policy.sources)


def _rationale(part: _Part) -> Iterator[Block]:
    if part.exhibits is not None and part.evidence is not None and part.evidence.selection:
        selection = part.exhibits.selection()
        yield replace(selection, blocks=(Heading(text=run("How studies were chosen")), *selection.blocks))


def _supplemental(part: _Part) -> Iterator[Block]:
    if part.evidence is not None and part.evidence.not_found and part.newest:
        items = tuple(Item(text=run(text)) for text in part.evidence.not_found)
        blocks = (Heading(text=run("Looked for and not found")), ListBlock(items=items))
        yield Group(anchor="not-found", role="part", blocks=blocks)


def _guidance(part: _Part) -> Iterator[Block]:
    if (
        part.exhibits is None
        or part.evidence is None
        or not (part.evidence.guidelines or part.evidence.payer_positions)
    ):
        return
    yield from part.own("guidelines-intro")
    yield from part.exhibits.guidelines()
    if part.newest and "payer-positions" not in part.material.theme.left_out:
        yield from part.exhibits.payers()


def _references(part: _Part) -> Iterator[Block]:
    if part.evidence is not None and part.evidence.references:
        yield from part.intro("references-intro")
        yield Group(anchor="reference-list", role="part", blocks=())  # filled when citations are numbered
    yield from parts.sources(part.material.policy.sources.values())


def _codes(part: _Part) -> Iterator[Block]:
    found = tuple(parts.codes(part.material.version))
    if found:
        yield from part.own("codes-intro")
        yield from found


def _history(part: _Part) -> Iterator[Block]:
    yield from parts.history(part.material.policy, part.material.version, part.material.theme)


_MAKERS: dict[str, Callable[[_Part], Iterator[Block]]] = {
    "disclaimer": _disclaimer,
    "related": _related,
    "description": _description,
    "summary-of-evidence": _summary,
    "policy": _policy,
    "guidelines": _guidelines,
    "regulatory-status": _regulatory,
    "rationale": _rationale,
    "supplemental": _supplemental,
    "practice-guidelines": _guidance,
    "references": _references,
    "codes": _codes,
    "history": _history,
}


def _evidence(population: str, exhibits: Exhibits, has_text: bool) -> Iterator[Block]:
    """Question, studies, results, figures and limitations of one population."""
    part = exhibits.evidence.for_population(population)
    yield exhibits.pico(population)
    if not part.studies:
        if not has_text:
            yield Paragraph(text=run("No study was in print by the literature date of this version."))
        return
    yield exhibits.studies(population)
    reported = {result.study for result in part.results}
    for study in part.studies:
        if study.key in reported:
            yield exhibits.results(study.key)
    for table in TABLES:
        if any(x.table == table for x in part.appraisal.limitations):
            yield exhibits.limitations(table, population)
    if part.appraisal.bias:
        yield exhibits.figure("traffic-light", population=population)
