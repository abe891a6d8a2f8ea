"""From a package, a version, its evidence and its narrative to the complete document. Knows no file format.

A section is its written text, then every part the package gives for it that the text has not placed itself. So the
codes, the criteria, the tables behind the numbers are always there, wherever the author wants them.
"""

from medpol.evidence.references import citation
from medpol.model.narrative import section_rank
from medpol.model.policy import Status
from medpol.problems import PolicyRejected, Problem
from medpol.rendering.publication import parts
from medpol.rendering.publication.exhibits import Exhibits
from medpol.rendering.publication.expressions import Expressions
from medpol.rendering.publication.functions import facts, functions
from medpol.rendering.publication.material import Material, cut
from medpol.rendering.publication.model import (
    Block,
    Document,
    Figure,
    Group,
    Identity,
    Paragraph,
    Section,
    TableBlock,
    Terms,
    flat,
    run,
)
from medpol.rendering.publication.numbering import numbered
from medpol.rendering.publication.passages import Reader
from medpol.rendering.publication.sections import given

_POPULATION_SECTIONS = ("evidence", "section-summary")


def assemble(material: Material) -> Document:
    """The document of one version. Raises PolicyRejected with every fault of the narrative at once."""
    problems: list[Problem] = []
    evidence = cut(material.evidence, material.version) if material.evidence else None
    exhibits = Exhibits(evidence, material.theme.texts) if evidence else None
    written = _written(material, exhibits, problems)
    if problems:
        raise PolicyRejected(problems)
    placed = {anchor for blocks in written.values() for anchor in _placed(blocks)}
    sections = []
    for key in _keys(material, exhibits):
        text = written.get(key, ())
        blocks = (*text, *(b for b in given(key, material, exhibits, bool(text)) if not placed & _placed((b,))))
        if blocks:
            sections.append(Section(key=key, title=_title(key, material, exhibits), anchor=key, blocks=blocks))
    document = Document(identity=_identity(material), sections=tuple(sections))
    theme = material.theme
    return numbered(document, evidence.references if evidence else (), theme.citations, theme.word, citation)


def _written(material: Material, exhibits: Exhibits | None, problems: list[Problem]) -> dict[str, tuple[Block, ...]]:
    references = exhibits.evidence.references if exhibits else ()
    expressions = Expressions(functions(material, exhibits), facts(material), problems)
    reader = Reader(expressions, {reference.key for reference in references}, problems)
    return {section.key: reader.blocks(section.key, section.blocks) for section in material.narrative.sections}


def _placed(blocks: tuple[Block, ...]) -> set[str]:
    """The tables, figures and groups among some blocks."""
    return {b.anchor for b in flat(blocks) if isinstance(b, TableBlock | Figure | Group)}


def _keys(material: Material, exhibits: Exhibits | None) -> list[str]:
    """Every section there may be, in the theme's order; `evidence` and `section-summary` once per population."""
    theme = material.theme
    populations = [p.key for p in exhibits.evidence.populations] if exhibits else []
    keys: list[str] = []
    for key in theme.sections:
        if key == "evidence":
            keys += [f"{stem}-{p}" for p in populations for stem in _POPULATION_SECTIONS]
        keys.append(key)
    others = [s.key for s in material.narrative.sections if s.key not in keys]
    for key in sorted(others, key=section_rank):
        at = next((n for n, known in enumerate(keys) if section_rank(known) > section_rank(key)), len(keys))
        keys.insert(at, key)
    return [key for key in keys if key not in theme.left_out and _population(key)[0] not in theme.left_out]


def _population(key: str) -> tuple[str, str]:
    """`section-summary-lumbar` → (`section-summary`, `lumbar`); any other key with no population."""
    stem = next((stem for stem in _POPULATION_SECTIONS if key.startswith(f"{stem}-")), "")
    return (stem, key.removeprefix(f"{stem}-")) if stem else (key, "")


def _title(key: str, material: Material, exhibits: Exhibits | None) -> str:
    own = material.narrative.section(key)
    if own and own.heading:
        return own.heading
    stem, population = _population(key)
    labels = {p.key: p.intervention for p in exhibits.evidence.populations} if exhibits else {}
    name = material.theme.sections.get(stem, key.replace("-", " ").capitalize())
    if not population:
        return name.replace("{population}", "").strip(" :")
    return name.replace("{population}", labels.get(population, population))


def _identity(material: Material) -> Identity:
    policy, version, theme = material.policy, material.version, material.theme
    plan = theme.plan or material.plan
    rows = tuple((n, run(v)) for n, v in parts.identity_rows(policy, version, theme, plan) if v)
    notes = []
    if version.status is not Status.APPROVED:
        notes.append(theme.word(version.status.value))
    if not material.narrative.sections:
        notes.append(theme.word("no_text" if version is policy.versions[-1] else "without_text"))
    end = policy.end_of(version)
    return Identity(
        number=policy.number,
        title=policy.title,
        plan=plan,
        version=version.id,
        effective=version.effective.isoformat(),
        ends=end.isoformat() if end else "",
        status=version.status.value,
        language=theme.language,
        digest=version.digest,
        rows=Terms(rows=rows),
        notes=tuple(Paragraph(text=run(note), role="note") for note in notes),
    )
