"""The rules of data quality, and what a claims map says of them.

quality:
  reject: [service-after-death]     # these lines become rejects (MP821); all others are decided as they are
  skip: [duplicate-line]            # these are not looked for
  maximum_units: 999                # more than this in one line is impossible
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from medpol.loading.nodes import Keys, similar
from medpol.model.facts import DataDictionary, Fact, FactType

DEATH_DATE = Fact(name="death_date", type=FactType.DATE)
"""No fact that a criterion could ask for; a claims file or a table may give it."""

CHECKED = ("diagnosis", "modifier", "birth_date", "units", "place_of_service")
"""The facts that rules look at, beside what every line has, though no criterion may read them."""

RULES: Mapping[str, str] = MappingProxyType(
    {
        "diagnosis-malformed": "a diagnosis has not the form of an ICD-10-CM code",
        "diagnosis-retired": "a diagnosis was retired from ICD-10-CM before the service date",
        "diagnosis-not-yet-valid": "a diagnosis became an ICD-10-CM code after the service date",
        "diagnosis-category": "a diagnosis is a category of ICD-10-CM on the service date, not a billable code",
        "diagnosis-unlisted": "a diagnosis is in no edition of ICD-10-CM",
        "procedure-malformed": "the code has neither the form of a CPT nor of a HCPCS code",
        "place-of-service-unlisted": "the place of service is not in CMS's list on the service date",
        "service-before-birth": "the service date lies before the birth date",
        "service-after-death": "the service date lies after the date of death",
        "service-in-the-future": "the service date lies after the day of the run (--as-of)",
        "units-zero": "the units are zero",
        "units-negative": "the units are negative",
        "units-above-maximum": "the units are more than the map's maximum_units",
        "line-of-business-unknown": "the line of business is empty or not one of library.yaml",
        "duplicate-line": "an earlier line of the input says the same, whatever its claim and line numbers",
        "facts-disagree": "rows of a table of facts give different values for the service date",
    }
)
"""Every rule with what is the case where it finds something; their order is that of the bits of a line's findings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRules:
    reject: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    maximum_units: float | None = None


def with_death_date(dictionary: DataDictionary) -> DataDictionary:
    """The dictionary with DEATH_DATE, unless the library declares its own."""
    if "death_date" in dictionary:
        return dictionary
    return DataDictionary({**dictionary.declared, "death_date": DEATH_DATE})


def bit(rule: str) -> int:
    return 1 << list(RULES).index(rule)


def read_quality(keys: Keys | None) -> QualityRules:
    """The section `quality` of a map."""
    if keys is None:
        return QualityRules()
    chosen = {}
    for name in ("reject", "skip"):
        chosen[name] = frozenset(keys.texts(name))
        for rule in sorted(chosen[name] - RULES.keys()):
            message = f"'{rule}' is no rule{similar(rule, RULES)}"
            keys.sheet.report("MP822", keys.found[name][1], message)
    for rule in sorted(chosen["reject"] & chosen["skip"]):
        keys.sheet.report("MP822", keys.found["skip"][1], f"'{rule}' is to be rejected and skipped")
    text = keys.text("maximum_units")
    if text and not (text.isascii() and text.isdigit() and int(text)):
        keys.sheet.report("MP822", keys.found["maximum_units"][1], "maximum_units is a whole number above 0")
        text = ""
    keys.close()
    return QualityRules(**chosen, maximum_units=float(text) if text else None)
