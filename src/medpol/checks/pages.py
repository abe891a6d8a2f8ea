"""The page of every rule, and of the check of the silences."""

from collections.abc import Mapping
from types import MappingProxyType

from medpol.checks import silence
from medpol.checks.catalogue import FAMILIES, RULES
from medpol.checks.page import Page, Paged, page_of

TITLES: Mapping[str, str] = {prefix: title for prefix, (title, _) in FAMILIES.items()} | {"CH": "the checks themselves"}
_PAGED: tuple[Paged, ...] = (*RULES, silence)
PAGES: Mapping[str, Page] = MappingProxyType({rule.CODE: page_of(rule) for rule in _PAGED})
