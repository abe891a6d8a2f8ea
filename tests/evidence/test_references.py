"""References: four import formats, duplicates, identifiers, citations."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.small_folder import REFERENCES, read
from medpol.evidence import citation, clean_doi, find_duplicates, load_evidence, read_reference_file
from medpol.problems import PolicyRejected

DEMO = Path(__file__).resolve().parents[2] / "src/medpol/data/demonstration/policies/07.01.89/evidence"

# One real publication (reference 17 of the commissioning document) as four programs export it.
SAME = {
    "trial.ris": """\
TY  - JOUR
AU  - Deer, Timothy R.
AU  - Chafin, Tim B.
TI  - The MOTION study: Two-year results
T2  - Pain Pract
PY  - 2024/01//
VL  - 24
IS  - 1
SP  - 109
EP  - 119
DO  - https://doi.org/10.1111/papr.13293
ER  -\x20
""",
    "trial.nbib": """\
PMID- 37661347
TI  - The MOTION study: Two-year
      results.
AU  - Deer TR
AU  - Chafin TB
TA  - Pain Pract
DP  - 2024 Jan
VI  - 24
IP  - 1
PG  - 109-119
LID - 10.1111/papr.13293 [doi]
""",
    "trial.xml": """\
<?xml version="1.0"?>
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>37661347</PMID><Article>
<Journal><JournalIssue><Volume>24</Volume><Issue>1</Issue>
<PubDate><Year>2024</Year><Month>Jan</Month></PubDate></JournalIssue><Title>Pain practice</Title></Journal>
<ArticleTitle>The <i>MOTION</i> study: Two-year results.</ArticleTitle>
<Pagination><MedlinePgn>109-119</MedlinePgn></Pagination>
<AuthorList><Author><LastName>Deer</LastName><Initials>TR</Initials></Author>
<Author><LastName>Chafin</LastName><Initials>TB</Initials></Author></AuthorList></Article>
<MedlineJournalInfo><MedlineTA>Pain Pract</MedlineTA></MedlineJournalInfo></MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="doi">10.1111/papr.13293</ArticleId></ArticleIdList></PubmedData>
</PubmedArticle></PubmedArticleSet>
""",
    "trial.bib": """\
@article{deer2024, title = {The {MOTION} study: Two-year results}, author = {Deer, Timothy R. and Chafin, Tim B.},
  journal = {Pain Pract}, year = {2024}, month = jan, volume = {24}, number = {1}, pages = {109--119},
  doi = {10.1111/papr.13293}}
""",
}


@pytest.mark.parametrize("name", SAME)
def test_four_formats_say_the_same(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(SAME[name], encoding="utf-8")
    (found,) = read_reference_file(path)
    assert found.title == "The MOTION study: Two-year results"
    assert found.authors == ("Deer TR", "Chafin TB")
    assert (found.journal, found.year, found.month) == ("Pain Pract", 2024, 1)
    assert (found.volume, found.issue, found.pages) == ("24", "1", "109-119")
    assert found.doi == "10.1111/papr.13293"
    assert found.pmid in ("", "37661347")


def test_the_four_imports_are_one_publication(tmp_path: Path) -> None:
    found = []
    for name, text in SAME.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        found += read_reference_file(tmp_path / name)
    pairs = list(find_duplicates(found))
    assert len(pairs) == 6
    assert {pair.by for pair in pairs} == {"DOI", "PMID"}


BAD = {
    "empty.ris": ("", "no reference found"),
    "medline.ris": (SAME["trial.nbib"], "MEDLINE, not RIS"),
    "broken.xml": ("<PubmedArticleSet>", "not XML"),
    "broken.bib": ("@article{a, title = {x}", "broken BibTeX entry"),
    "untitled.nbib": ("PMID- 1\nAU  - Deer TR\n", "no title"),
    "list.doc": ("x", "unknown format"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_a_problem_with_its_file(name: str, tmp_path: Path) -> None:
    text, message = BAD[name]
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyRejected, match=message) as rejected:
        read_reference_file(path)
    assert {p.place.file for p in rejected.value.problems} == {str(path)}


def test_a_group_author_keeps_its_name(tmp_path: Path) -> None:
    names = {
        "group.ris": "TY  - JOUR\nAU  - MiDAS Encore Investigators\nTI  - A trial\nER  - \n",
        "group.bib": "@article{a, author={{MiDAS Encore Investigators}}, title={A trial}}",
    }
    for name, text in names.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert read_reference_file(tmp_path / name)[0].authors == ("MiDAS Encore Investigators",)


def test_an_entity_in_xml_reads_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("do not read me", encoding="utf-8")
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    text = SAME["trial.xml"].replace('<?xml version="1.0"?>', f'<?xml version="1.0"?>{entity}').replace("<i>", "&e;<i>")
    path = tmp_path / "evil.xml"
    path.write_text(text, encoding="utf-8")
    (found,) = read_reference_file(path)
    assert "do not read me" not in found.title


TITLE = "Image guided decompression of the lumbar spine in older adults: a randomized trial"


@pytest.mark.parametrize(
    ("second", "same"),
    [
        (f'title: "{TITLE.upper()}.", year: 2020', True),
        (f'title: "{TITLE}", year: 2021', True),
        (f'title: "{TITLE}", year: 2015', False),
        ('title: "Fusion of the lumbar spine in older adults: a cohort", year: 2020', False),
        ('title: "Quite another", year: 2020, pmid: "30000001"', True),
        (f'title: "{TITLE}", year: 2020, pmid: "30000002"', False),
    ],
)
def test_duplicates_by_pmid_doi_and_likeness(second: str, same: bool, tmp_path: Path) -> None:
    text = f'{REFERENCES}  one: {{title: "{TITLE}", year: 2020, pmid: "30000009"}}\n  two: {{{second}}}\n'
    if not same:
        read(tmp_path, references=text)
        return
    with pytest.raises(PolicyRejected) as rejected:
        read(tmp_path, references=text)
    assert [p.code for p in rejected.value.problems] == ["EV021"]


@given(st.from_regex(r"10\.\d{4,9}/[a-z0-9./]*[a-z0-9]", fullmatch=True))
def test_a_doi_is_the_same_however_it_is_written(doi: str) -> None:
    forms = (doi, doi.upper(), f"https://doi.org/{doi}", f"doi: {doi}", f"http://dx.doi.org/{doi}.", f" {doi} ")
    assert {clean_doi(form) for form in forms} == {doi}


def test_a_citation_is_one_line_with_its_identifiers() -> None:
    references = {r.key: r for r in load_evidence(DEMO).references}
    assert citation(references["benyamin-2016"]) == (
        "Benyamin RM, Staats PS, MiDAS Encore Investigators. MILD® Is an Effective Treatment for Lumbar Spinal "
        "Stenosis with Neurogenic Claudication: MiDAS ENCORE Randomized Controlled Trial. "
        "Pain Physician. 2016;19(4):229-42. PMID 27228511."
    )
    assert citation(references["deer-2024"]).startswith("Deer TR, Chafin TB, Costandi SJ, et al. The MOTION study")
    assert citation(references["deer-2024"]).endswith("PMID 37661347. doi:10.1111/papr.13293.")
    assert citation(references["deer-2022"]).count("et al") == 1
