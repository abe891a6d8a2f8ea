"""The tables and figures of a policy's evidence, each with a permanent id, for the narrative or for its section."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from medpol.evidence import INSTRUMENTS, Conclusion, Evidence, Result, Study
from medpol.evidence.appraisal import TABLES
from medpol.evidence.report import comparison_row
from medpol.evidence.responders import MEANING, responder_analysis
from medpol.rendering.publication.cells import (
    blinded,
    capital,
    change,
    column,
    mean,
    minus,
    percent,
    short,
    spanned,
    time,
)
from medpol.rendering.publication.model import (
    Block,
    Cell,
    Citation,
    Figure,
    Group,
    Item,
    ListBlock,
    Paragraph,
    TableBlock,
    Terms,
    Text,
    anchor_of,
    cell,
    run,
)
from medpol.rendering.publication.numbers import conclusion_anchor, result_anchor, studies_anchor, study_anchor

PLURALS = {"case series": "case series", "meta-analysis": "meta-analyses", "cohort": "cohorts"}
DESIGNS = {
    "rct": "randomized trial",
    "nonrandomized_comparative": "non-randomized comparison",
    "cohort": "cohort",
    "case_series": "case series",
    "systematic_review": "systematic review",
    "meta_analysis": "meta-analysis",
}
ABBREVIATIONS = {
    "CI": "confidence interval",
    "NR": "not reported",
    "NRS": "Numeric Rating Scale",
    "ODI": "Oswestry Disability Index",
    "RMDQ": "Roland-Morris Disability Questionnaire",
    "SD": "standard deviation",
    "VAS": "Visual Analogue Scale",
    "ZCQ": "Zurich Claudication Questionnaire",
}
_FIGURES = {
    "forest": "each study's estimate with its confidence interval",
    "traffic-light": "the judgement of every domain for every study",
    "bias-summary": "how many studies have each judgement, by domain",
    "prisma": "records from search to inclusion",
}


@dataclass(frozen=True, slots=True)
class Exhibits:
    """Tables and figures over one evidence folder, cut to what was in print. `texts` are the theme's."""

    evidence: Evidence
    texts: Mapping[str, tuple[str, ...]]

    # ── questions ───────────────────────────────────────────────────────────────────────────────────────

    def pico(self, population: str) -> Group:
        """Population, intervention, comparators and outcomes of one question."""
        found = self.evidence.population(population)
        rows = (
            ("Population", run(found.label)),
            ("Intervention", run(found.intervention)),
            ("Comparators", run("; ".join(found.comparators))),
            ("Outcomes", run("; ".join(found.outcomes))),
        )
        return Group(anchor=f"pico-{anchor_of(population)}", role="part", blocks=(Terms(rows=rows),))

    def selection(self) -> Group:
        """The rules by which studies were chosen."""
        items = tuple(Item(text=run(rule), number=at) for at, rule in enumerate(self.evidence.selection, 1))
        intro = tuple(Paragraph(text=run(text)) for text in self.texts.get("selection-intro", ()))
        return Group(anchor="selection", role="part", blocks=(*intro, ListBlock(items=items, numbered=True)))

    # ── tables ──────────────────────────────────────────────────────────────────────────────────────────

    def table(self, kind: str, *names: str) -> TableBlock:
        """`studies` (population), `results` (study), `responders` (study, outcome, timepoint), `limitations`."""
        kinds: dict[str, Callable[..., TableBlock]] = {
            "studies": self.studies,
            "results": self.results,
            "responders": self.responders,
            "limitations": self.limitations,
        }
        if kind not in kinds:
            raise ValueError(f"no table '{kind}'; there are {', '.join(kinds)}")
        return kinds[kind](*names)

    def studies(self, population: str) -> TableBlock:
        """One row per study of a population: design, size, what was compared, registry, references."""
        part = self.evidence.for_population(population)
        header = ("Study", "Design", "Patients", "Groups compared", "Blinded", "Registry")
        return TableBlock(
            anchor=studies_anchor(population),
            caption=run(f"Studies of {part.population(population).label}"),
            header=tuple(map(run, header)),
            rows=tuple(self._study_row(study) for study in part.studies),
            notes=(run("Blinded: whether patients, and those who assessed outcomes, knew the treatment."),),
        )

    def _study_row(self, study: Study) -> tuple[Cell, ...]:
        arms = tuple(
            run(arm.label + (f" ({arm.randomized})" if arm.randomized is not None else "")) for arm in study.arms
        )
        size = study.randomized if study.randomized is not None else study.enrolled
        name: Text = (*run(study.name), *self._cites(study.references))
        return (
            Cell(lines=(name,), heads=True, anchor=study_anchor(study.key)),
            cell(DESIGNS[study.design]),
            cell(f"{size:,}" if size is not None else "not stated", numeric=True),
            Cell(lines=arms),
            cell(blinded(study)),
            cell(study.registry or ""),
        )

    def results(self, study: str) -> TableBlock:
        """Every reported result of a study: a row per outcome and group, a column per timepoint."""
        found = self.evidence.study(study)
        rows = [result for result in self.evidence.results if result.study == found.key]
        if not rows:
            raise ValueError(f"{found.name} has no results")
        times = sorted({row.timepoint for row in rows}, key=lambda time: self.evidence.timepoints[time])
        keys = dict.fromkeys((row.outcome, row.arm) for row in rows)
        order = {outcome.key: at for at, outcome in enumerate(self.evidence.outcomes)}
        lines = []
        for outcome, arm in sorted(keys, key=lambda key: order[key[0]]):
            cells = {row.timepoint: row for row in rows if (row.outcome, row.arm) == (outcome, arm)}
            lines.append(
                (
                    cell(capital(self.evidence.outcome(outcome).label), heads=True),
                    cell(found.arm(arm).label if any(a.key == arm for a in found.arms) else arm),
                    *(self._result(cells.get(time)) for time in times),
                )
            )
        references = tuple(dict.fromkeys(row.reference for row in rows if row.reference))
        return TableBlock(
            anchor=f"table-results-{anchor_of(found.key)}",
            caption=(*run(f"{found.name}: results as reported"), *self._cites(references)),
            header=tuple(map(run, ("Outcome", "Group", *map(time, times)))),
            rows=spanned(lines),
            notes=tuple(dict.fromkeys(self._notes(rows))),
        )

    def _result(self, row: Result | None) -> Cell:
        if row is None:
            return cell("NR", numeric=True)
        lines = [part for part in (percent(row), mean(row), change(row)) if part]
        if row.n is not None and row.percent is None:
            lines.append(f"n = {row.n}")
        if row.p:
            lines.append(f"p {row.p[0]} {row.p[1:]}" if row.p[0] in "<=>≤≥" else f"p {row.p}")
        shown = tuple(run(minus(line)) for line in lines) or (run("NR"),)
        return Cell(lines=shown, numeric=True, anchor=result_anchor(row))

    def _notes(self, rows: list[Result]) -> Iterator[Text]:
        said = []
        if any(row.percent is not None and self.evidence.outcome(row.outcome).response is not None for row in rows):
            said.append("percentages are responders among the patients counted")
        if any(row.sd is not None for row in rows):
            said.append("means stand with their SD")
        if any(row.ci_low is not None for row in rows):
            said.append("changes stand with their 95% CI")
        if said:
            yield run(f"{capital('; '.join(said))}.")
        for key in dict.fromkeys(row.outcome for row in rows):
            outcome = self.evidence.outcome(key)
            scale = INSTRUMENTS[outcome.instrument] if outcome.instrument else None
            if scale is not None:
                text = f"{outcome.label}: {scale.low:g} to {scale.high:g}, {scale.better} is better"
                text += f"; a response is an improvement of {outcome.response} or more" if outcome.response else ""
                yield run(f"{capital(text)}.")
        for row in rows:
            if row.note and row.as_printed:
                label = self.evidence.outcome(row.outcome).label
                yield run(f"As printed: {label}, {row.timepoint}: {row.note}.")
        used = [name for name in ABBREVIATIONS if self._uses(rows, name)]
        yield run("; ".join(f"{name}: {ABBREVIATIONS[name]}" for name in used) + ".")

    def _uses(self, rows: list[Result], name: str) -> bool:
        return name in ("CI", "NR", "SD") or any(
            name in self.evidence.outcome(row.outcome).label or name in row.note for row in rows
        )

    def responders(self, study: str, outcome: str, timepoint: str) -> TableBlock:
        """Responder rates under every rule about the patients who left, side by side."""
        analysis = responder_analysis(self.evidence, study, outcome, timepoint)
        name = self.evidence.study(study).name
        header = ["Rule", *(arm.label for arm in analysis.arms)]
        header += ["Difference (95% CI), points", "p"] if len(analysis.arms) == 2 else []
        rows = tuple(
            tuple(cell(minus(text), heads=at == 0, numeric=at > 0) for at, text in enumerate(comparison_row(found)))
            for found in analysis.comparisons
        )
        notes = tuple(run(f"{c.assumption}: {MEANING[c.assumption]}.") for c in analysis.comparisons)
        return TableBlock(
            anchor=f"table-responders-{anchor_of(analysis.study, outcome, timepoint)}",
            caption=run(f"{name}: {self.evidence.outcome(outcome).label} at {timepoint}, by rule on withdrawals"),
            header=tuple(map(run, header)),
            rows=rows,
            notes=notes,
        )

    def limitations(self, table: str, population: str = "") -> TableBlock:
        """A keyed limitation table (`relevance`, `design_and_conduct`) with the legend of its keys."""
        if table not in TABLES:
            raise ValueError(f"no limitation table '{table}'; there are {', '.join(TABLES)}")
        keys = {s.key for s in self.evidence.studies if population in ("", s.population)}
        found = [x for x in self.evidence.appraisal.limitations if x.table == table and x.study in keys]
        if not found:
            raise ValueError(f"no limitation of {table.replace('_', ' ')} is recorded")
        population = population or self._only_population(x.study for x in found)
        domains = TABLES[table]
        rows = []
        for study in dict.fromkeys(item.study for item in found):
            mine = [item for item in found if item.study == study]
            cells = [
                Cell(lines=tuple(run(f"{x.key}. {x.note or x.label}") for x in mine if x.domain == domain))
                for domain in domains
            ]
            rows.append((cell(self.evidence.study(study).name, heads=True), *cells))
        legends = tuple(
            run(
                f"{letter}. {column(domain)} key: "
                + "; ".join(f"{key}, {label}" for key, label in labels.items())
                + "."
            )
            for domain, (letter, labels) in domains.items()
        )
        return TableBlock(
            anchor=anchor_of("table limitations", table, population),
            caption=run(f"Limitations of {'relevance' if table == 'relevance' else 'design and conduct'}"),
            header=(run("Study"), *(run(f"{column(d)} ({letter})") for d, (letter, _) in domains.items())),
            rows=tuple(rows),
            notes=(*(run(text) for text in self.texts.get("limitations-note", ())), *legends),
        )

    # ── figures ─────────────────────────────────────────────────────────────────────────────────────────

    def forest(self, outcome: str = "", timepoint: str = "", population: str = "") -> Figure:
        """The forest plot of responder differences."""
        return self.figure("forest", outcome, timepoint, population)

    def figure(self, kind: str, outcome: str = "", timepoint: str = "", population: str = "") -> Figure:
        """A picture of the evidence: forest, traffic-light, bias-summary, prisma and those that pool."""
        from medpol.evidence.plots import policy_picture  # draws: slow to import, so only where a figure is wanted

        population = population or self._only_population(s.key for s in self.evidence.studies)
        part = self.evidence.for_population(population) if population else self.evidence
        picture = policy_picture(part, kind, outcome=outcome, timepoint=timepoint)
        anchor = anchor_of("figure", kind, outcome, timepoint, population)
        kept = [at for at in range(len(picture.header)) if any(row[at] for row in picture.rows)]
        rows = tuple(tuple(cell(short(row[at]), heads=at == 0) for at in kept) for row in picture.rows)
        twin = TableBlock(
            anchor=f"{anchor}-table",
            caption=run(f"{picture.title}, as a table"),
            header=tuple(run(capital(picture.header[at])) for at in kept),
            rows=rows,
            numbered=False,
        )
        alt = f"{picture.title}: {_FIGURES.get(kind, kind.replace('-', ' '))}. The table below has every value."
        return Figure(anchor=anchor, caption=run(picture.title), alt=alt, table=twin, drawing=picture)

    # ── conclusions and guidance ────────────────────────────────────────────────────────────────────────

    def conclusions(self, population: str) -> tuple[Group, ...]:
        """What the evidence allows to say about a population, with the certainty and the reasons."""
        found = (c for c in self.evidence.appraisal.conclusions if c.population == population)
        return tuple(self._conclusion(conclusion) for conclusion in found)

    def _conclusion(self, found: Conclusion) -> Group:
        outcome = next((o.label for o in self.evidence.outcomes if o.key == found.outcome), found.outcome)
        head = run(f"{outcome[:1].upper()}{outcome[1:]}: ", strong=True)
        draft = run(" Draft, not yet signed by a reviewer.", emphasis=True) if found.draft else ()
        blocks: list[Block] = [Paragraph(text=(*head, *run(found.statement), *draft))]
        items = [Item(text=run(capital(reason))) for reason in found.reasons]
        if found.certainty is not None:
            ratings = tuple(
                Item(text=run(f"{r.levels:+d} {r.domain.replace('_', ' ')}: {r.reason}".replace("-", "−", 1)))
                for r in found.certainty.ratings
            )
            text = f"Certainty (GRADE): {found.certainty.level}, starting {found.certainty.start}"
            items.insert(0, Item(text=run(text), under=ratings))
        blocks += [ListBlock(items=tuple(items))] if items else []
        return Group(anchor=conclusion_anchor(found.key), role="conclusion", blocks=tuple(blocks))

    def guidelines(self) -> tuple[Block, ...]:
        """What societies and payers recommend, each with the grade and its scheme."""
        found = self.evidence.guidelines
        if not found:
            return ()
        rows: list[tuple[Cell, ...]] = []
        for guideline in found:
            first: Text = (*run(f"{guideline.issuer}, {guideline.year}"), *self._cites((guideline.reference or "",)))
            for statement in guideline.statements:
                rows.append(
                    (Cell(lines=(first,), heads=True), cell(statement.text), cell(capital(statement.grade or "none")))
                )
        schemes = tuple(
            run(f"{g.issuer}: {g.grading}{f'; {g.note}' if g.note else ''}.") for g in found if g.grading or g.note
        )
        return (
            TableBlock(
                anchor="table-guidelines",
                caption=run("Recommendations and their grades, in our words"),
                header=tuple(map(run, ("Issued by", "Recommendation", "Grade"))),
                rows=spanned(rows),
                notes=schemes,
            ),
        )

    def payers(self) -> tuple[Block, ...]:
        """Where other payers stand."""
        if not self.evidence.payer_positions:
            return ()
        rows = tuple(
            (cell(p.payer, heads=True), cell(p.number), cell(p.position), cell(p.date))
            for p in self.evidence.payer_positions
        )
        return (
            TableBlock(
                anchor="table-payers",
                caption=run("Positions of other payers, as far as they could be read"),
                header=tuple(map(run, ("Payer", "Policy", "Position", "Date"))),
                rows=rows,
            ),
        )

    def _only_population(self, studies: Iterable[str]) -> str:
        """The population of some studies where they share one."""
        wanted = set(studies)
        found = {study.population for study in self.evidence.studies if study.key in wanted}
        return found.pop() if len(found) == 1 else ""

    def _cites(self, keys: tuple[str, ...]) -> tuple[Citation, ...]:
        known = {reference.key for reference in self.evidence.references}
        kept = tuple(key for key in keys if key in known)
        return (Citation(keys=kept),) if kept else ()
