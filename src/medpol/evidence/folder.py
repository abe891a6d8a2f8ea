"""A policy's `evidence/` folder → `Evidence`, or every problem in it at once."""

from pathlib import Path

from medpol.evidence.appraisal_file import read_appraisal, read_guidelines
from medpol.evidence.base import Evidence
from medpol.evidence.references import known_keys, read_references
from medpol.evidence.results_file import read_results
from medpol.evidence.studies_file import read_studies
from medpol.problems import Place, PolicyRejected, Problem

FILES = ("studies.yaml", "results.csv", "appraisal.yaml", "guidelines.yaml", "references.yaml")


def load_evidence(folder: Path | str) -> Evidence:
    """Read the five files of a policy's evidence folder.

    Raises PolicyRejected with every error (and warning) found; warnings alone are kept in `Evidence.warnings`.
    """
    folder = Path(folder)
    problems: list[Problem] = []
    if not folder.is_dir():
        raise PolicyRejected([Problem(Place(str(folder)), "EV001", "no such folder", f"it holds {', '.join(FILES)}")])
    references = read_references(folder / "references.yaml", problems)
    cited = known_keys(references)
    studies = read_studies(folder / "studies.yaml", cited, problems)
    results = read_results(folder / "results.csv", studies, cited, problems)
    appraisal = read_appraisal(folder / "appraisal.yaml", studies, problems)
    guidelines, positions = read_guidelines(folder / "guidelines.yaml", cited, problems)
    if any(problem.level == "error" for problem in problems):
        raise PolicyRejected(problems)
    return Evidence(
        policy=folder.resolve().parent.name,
        populations=studies.populations,
        outcomes=studies.outcomes,
        timepoints=studies.timepoints,
        selection=studies.selection,
        not_found=studies.not_found,
        studies=studies.studies,
        results=tuple(results),
        references=references,
        guidelines=guidelines,
        payer_positions=positions,
        appraisal=appraisal,
        flow=studies.flow,
        warnings=tuple(sorted(problems)),
    )
